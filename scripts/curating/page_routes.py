"""Which page of the workbench answers what is asked."""

from scripts.curating import claim_pages, reading_pages, source_pages
from scripts.curating.workbench import Routes, send_file

ROUTES: Routes = {**claim_pages.ROUTES, **source_pages.ROUTES, ("GET", "static/*"): send_file}
# What a second reader has no part in.
OF_FIRST_READER: Routes = {**source_pages.OF_FIRST_READER, **reading_pages.ROUTES}


def list_routes(reader: str) -> Routes:
    """The pages of a reader; the first reader has no name."""
    return ROUTES if reader else {**ROUTES, **OF_FIRST_READER}
