"""Which page of the workbench answers what is asked."""

from scripts.curating import (
    claim_pages,
    entity_pages,
    passage_pages,
    reading_pages,
    relation_consensus,
    relation_pages,
    source_pages,
)
from scripts.curating.readings import RELATION_READING, SECOND_READERS
from scripts.curating.workbench import Routes, send_file

FILES: Routes = {("GET", "static/*"): send_file}
OF_CLAIMS: Routes = {**claim_pages.ROUTES, **entity_pages.ROUTES, **source_pages.ROUTES, **FILES}
# A second reader of relations has no text to read: the claims are agreed on.
OF_RELATIONS: Routes = {
    **relation_pages.ROUTES,
    ("GET", ""): relation_pages.show_relations,
    ("POST", "undo"): claim_pages.undo,
    **FILES,
}


def list_routes(reader: str) -> Routes:
    """The pages of a reader; the first reader, who has all of them, has no name."""
    if reader:
        return OF_RELATIONS if SECOND_READERS[reader] is RELATION_READING else OF_CLAIMS
    return {
        **relation_pages.ROUTES,
        **OF_CLAIMS,
        **source_pages.OF_FIRST_READER,
        **passage_pages.ROUTES,
        **reading_pages.ROUTES,
        **relation_consensus.ROUTES,
    }
