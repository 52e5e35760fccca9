"""The extension `curation`: what this data set adds to packpress, registered in pyproject.toml."""

from typing import Any

from packpress.extension import Extension
from packpress.package.descriptor import Package
from packpress.tables.rows import Tables

from scripts.curation.anchors import derive_anchors
from scripts.curation.drafts import drop_drafts, find_drafts
from scripts.rules import RULE_SET
from scripts.rules.relations import arrange_relation

# The form of an SPDX reference to terms that are not on the SPDX licence list.
NOT_LICENSED = "LicenseRef-rights-of-publisher"


def list_documents(_: Package, tables: Tables) -> list[dict[str, Any]]:
    """Each document as a resource of the descriptor, under its publisher's rights rather than our licence."""
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


def list_figures(package: Package, tables: Tables) -> dict[str, str]:
    """The figures in the method page and the guide."""
    from scripts.curation import figures  # needed only by `generate`

    return figures.list_figures(package, tables)


def load_pages() -> Any:
    """The pages of the site."""
    from ketamine_site.pages import PAGES  # needed only by the site

    return PAGES


EXTENSION = Extension(
    rules=RULE_SET,
    derivations={"anchors": derive_anchors},
    select_rows=drop_drafts,
    find_drafts=find_drafts,
    arrange_row=arrange_relation,
    list_files=list_documents,
    list_figures=list_figures,
    texts=("docs/method.md", "docs/curation-guide.md"),
    pages=load_pages,
)
