"""Limits: how much one request may ask for. The profile gives them; these here are those of a single user."""

from dataclasses import dataclass

from datasette.app import Datasette

from packpress.web.pages import read_told


@dataclass(frozen=True)
class Limits:
    """The measures of one site, from the configuration of our plugin in Datasette's metadata."""

    # Each request is one line of JSON on standard output.
    access_log: bool = False
    # Length of an address with its arguments, and how many of these there may be.
    address_bytes: int = 32_768
    arguments: int = 200
    # Answers kept in memory; 0 keeps none, and then nobody is told to keep a copy either.
    cache_mb: int = 0
    # Every main page is made once before the first request is taken.
    is_ready: bool = False
    # Facets of one page, and its rows; files may have more.
    facets: int = 50
    page_rows: int = 2_000
    # Whether `_searchmode=raw` hands the words to the full-text index as they are.
    raw_search: bool = True
    # Until a page, or a file that has to be made, begins; 0 is as long as it takes.
    seconds: float = 0
    file_seconds: float = 0
    # Scheme and host at which people find the site. Without it only this machine is answered.
    origin: str = ""


def read_limits(datasette: Datasette) -> Limits:
    """The limits that this site was started with."""
    return Limits(**(read_told(datasette).get("limits") or {}))
