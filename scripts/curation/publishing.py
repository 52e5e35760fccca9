"""What a curated package adds to its build: drafts left out, anchors computed, documents carried."""

from typing import Any

from packpress.package.descriptor import Package
from packpress.publish.build import Curation
from packpress.tables.rows import Tables

from scripts.curation.anchors import derive_anchors
from scripts.curation.drafts import drop_drafts

# The form that SPDX gives to terms that are on no list of licences.
NOT_LICENSED = "LicenseRef-rights-of-publisher"


def list_documents(_: Package, tables: Tables) -> list[dict[str, Any]]:
    """Each document as a resource of the descriptor, under its publisher's rights, not our licence."""
    return [
        {
            "name": f"document-{row['source_id']}",
            "title": row["title"] or row["short_name"],
            "path": row["path"],
            "format": "txt",
            "mediatype": "text/plain",
            "encoding": row["encoding"],
            "licenses": [{"name": NOT_LICENSED, "title": row["rights"]}],
            "verbatim": "document",
        }
        for row in tables["sources"].rows
    ]


# By the name of the rules that a descriptor asks for.
CURATIONS = {"curation": Curation(drop_drafts, {"anchors": derive_anchors}, list_documents)}
