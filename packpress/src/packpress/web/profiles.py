"""Profiles: the two ways in which a build is served, as data, and the limits of one request.

`settings` are Datasette's own, `limits` those of our plugin, the rest is for the server that listens. What
serves a site knows no profile by name.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Limits:
    """The measures of one site, from the configuration of our plugin in Datasette's metadata."""

    # Each request is one line of JSON on standard output.
    access_log: bool = False
    # The head of a request may have so many bytes; 0 is any number.
    head_bytes: int = 0
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
    # What a page may cost that somebody puts together: `tables/arguments.py` counts; 0 is any amount.
    page_cost: int = 0
    # Of one client so many requests are worked on at once, and so many wait; 0 at once is any number.
    client_requests: int = 0
    client_waiting: int = 0
    # Addresses of proxies that tell for whom they ask.
    proxies: frozenset[str] = frozenset()
    # Until a page, or a file that has to be made, begins; 0 is as long as it takes.
    seconds: float = 0
    file_seconds: float = 0
    # Scheme and host at which people find the site. Without it only this machine is answered.
    origin: str = ""


@dataclass(frozen=True)
class Profile:
    """How much strangers may ask for, and how long the server waits for them."""

    settings: dict[str, Any]
    limits: dict[str, Any] = field(default_factory=dict)
    # The head of a request may have so many bytes, and so many seconds to arrive or to be taken away.
    head_bytes: int = 65536
    timeout_seconds: int = 60
    # At once; beyond them the server says that it is busy.
    connections: int = 1000


SHARED = {"default_page_size": 50, "suggest_facets": False}
PROFILES = {
    # For whoever sits before this machine: their own SQL, long answers, no copy of a page is kept.
    "local": Profile(
        {**SHARED, "max_returned_rows": 2000, "sql_time_limit_ms": 3000, "facet_time_limit_ms": 1000},
    ),
    # For everybody: no SQL of their own, and what takes long is refused within a second.
    "public": Profile(
        {
            **SHARED,
            "default_allow_sql": False,
            "max_returned_rows": 500,
            "sql_time_limit_ms": 800,
            "facet_time_limit_ms": 300,
            "max_csv_mb": 20,
        },
        {
            "access_log": True,
            "address_bytes": 2048,
            "arguments": 40,
            "cache_mb": 64,
            "client_requests": 2,
            "client_waiting": 12,
            "facets": 10,
            "file_seconds": 10,
            "is_ready": True,
            "page_cost": 1_500,
            "page_rows": 200,
            "raw_search": False,
            "seconds": 0.9,
        },
        head_bytes=8192,
        timeout_seconds=5,
        connections=300,
    ),
}
