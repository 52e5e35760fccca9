"""Profiles: the two ways of serving a build, local and public, as data; and the limits on requests.

`settings` are Datasette's, `limits` those of our plugin, and the rest is for the server. The code that serves
a site does not refer to profiles by name.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Limits:
    """The limits of one site, read from the plugin's configuration in Datasette's metadata."""

    # Whether to log each request as a line of JSON on standard output.
    access_log: bool = False
    # The largest size of a request's headers, in bytes; 0 for any.
    head_bytes: int = 0
    # The longest address with its arguments, in bytes, and the largest number of arguments.
    address_bytes: int = 32_768
    arguments: int = 200
    # The size of the response cache in megabytes; 0 disables it, and then clients are told not to cache
    # either.
    cache_mb: int = 0
    # Whether every main page is rendered once before the first request is accepted.
    is_ready: bool = False
    # The largest number of facets on a page, and of its rows; files may have more.
    facets: int = 50
    page_rows: int = 2_000
    # Whether `_searchmode=raw` passes search terms to the full-text index unchanged.
    raw_search: bool = True
    # The largest cost of a page put together by a visitor, as `tables/page_cost.py` counts it; 0 for any.
    page_cost: int = 0
    # How many requests of one client are handled at the same time, and how many more may wait; 0 for any.
    client_requests: int = 0
    client_waiting: int = 0
    # Whether scripts of other sites may read the responses (CORS).
    is_shared: bool = False
    # Addresses of trusted proxies, whose X-Forwarded-For header is believed.
    proxies: frozenset[str] = frozenset()
    # Seconds until a page, or a file that has to be generated, must begin; 0 for any.
    seconds: float = 0
    file_seconds: float = 0
    # Scheme and host of the public address. Without it, only requests to this machine are answered.
    origin: str = ""


@dataclass(frozen=True)
class Profile:
    """How much visitors may ask for, and how long the server waits for them."""

    settings: dict[str, Any]
    limits: dict[str, Any] = field(default_factory=dict)
    # The largest size of a request's headers, in bytes, and the time limit for receiving or sending, in
    # seconds.
    head_bytes: int = 65536
    timeout_seconds: int = 60
    # Connections at the same time; beyond that, the server says that it is busy.
    connections: int = 1000


SHARED = {"default_page_size": 50, "suggest_facets": False}
PROFILES = {
    # For the user of this machine: SQL is allowed, long results too, and nothing is cached.
    "local": Profile(
        {**SHARED, "max_returned_rows": 2000, "sql_time_limit_ms": 3000, "facet_time_limit_ms": 1000},
    ),
    # For everybody: no SQL, and whatever takes long is refused within a second.
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
            "is_shared": True,
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
