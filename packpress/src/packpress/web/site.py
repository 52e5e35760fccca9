"""The site: Datasette over one database with the pages of `site/`, and nothing else."""

import re
from collections import OrderedDict
from pathlib import Path
from sys import getsizeof
from typing import Any
from urllib.parse import SplitResult, urlsplit

import yaml
from datasette.app import Datasette
from datasette.database import Database

from packpress.problems import CannotRunError
from packpress.web.profiles import Profile

SITE = Path("site")
# Answers of so many bytes are kept, and so many of them.
SHORT, MOST_KNOWN = 8_000, 500
WEB = re.compile(r"https?://")
# Scheme, host, port and, if need be, a path below which the site is.
SITE_ADDRESS = re.compile(
    r"https?://(?:[\w.-]+|\[[\da-f:]+\])(?::\d{1,5})?(?:/[\w.~-]+)*/?",
    re.ASCII,
)
# Keys of metadata that hold an address, beside those that end in `_url`.
ADDRESSES = frozenset({"homepage", "repository"})


class ImmutableDatabase(Database):  # type: ignore[misc]
    """A database that nobody changes, so what one statement answered once it answers again.

    It prints no statement which fails, for its parameters are what people searched for.
    """

    def __init__(self, datasette: Datasette, path: str) -> None:
        super().__init__(datasette, path, is_mutable=False)
        self.known: OrderedDict[Any, Any] = OrderedDict()

    async def execute(
        self, sql: str, params: Any = None, custom_time_limit: int | None = None, **options: Any
    ) -> Any:
        """What the statement answers; kept when it is short, without parameters, and not of a visitor's own.

        Only theirs are cut to a number of rows, and only in theirs may chance or the time of day play a part.
        """
        key = None if params or options.get("truncate") else (sql, *sorted(options.items()))
        if key in self.known:
            self.known.move_to_end(key)
            return self.known[key]
        if self.ds.sql_time_limit_ms > self.ds.setting("sql_time_limit_ms"):
            # While the site gets ready nobody waits.
            custom_time_limit = None
        options["log_sql_errors"] = False
        results = await super().execute(sql, params, custom_time_limit=custom_time_limit, **options)
        if key and sum(getsizeof(value) for row in results.rows for value in row) <= SHORT:
            self.known[key] = results
            if len(self.known) > MOST_KNOWN:
                self.known.popitem(last=False)
        return results


def open_site(
    root: Path, database: Path, profile: Profile, metadata: dict[str, Any], origin: str = ""
) -> Datasette:
    """The site over an immutable database; `origin` is where people find it, if that is elsewhere.

    The folder of the database, which is that of the build, is offered for download.
    """
    site, limits = root / SITE, {**profile.limits}
    settings = {**profile.settings}
    if origin:
        parts = split_origin(origin)
        limits["origin"] = f"{parts.scheme}://{parts.netloc}"
        settings["base_url"] = f"{parts.path.rstrip('/')}/"
    most = min(settings["max_returned_rows"], limits.get("page_rows", settings["max_returned_rows"]))
    metadata = cap_page_sizes(metadata, most)
    datasette = Datasette(
        [],
        immutables=[str(database)],
        metadata={**drop_traps(metadata), "plugins": {**metadata.get("plugins", {}), "site": limits}},
        template_dir=str(site / "templates"),
        plugins_dir=str(site / "plugins"),
        static_mounts=[("static", str(site / "static"))],
        settings=settings,
    )
    datasette.remove_database(database.stem)
    datasette.add_database(ImmutableDatabase(datasette, str(database)))
    return datasette


def cap_page_sizes(metadata: dict[str, Any], most: int) -> dict[str, Any]:
    """The metadata without tables that ask for more rows a page than are served: all would be errors."""

    def cap(table: Any) -> Any:
        size = table.get("size") if isinstance(table, dict) else None
        return {**table, "size": most} if isinstance(size, int) and size > most else table

    databases = {
        name: {**database, "tables": {key: cap(table) for key, table in database["tables"].items()}}
        if isinstance(database, dict) and isinstance(database.get("tables"), dict)
        else database
        for name, database in (metadata.get("databases") or {}).items()
    }
    return {**metadata, "databases": databases}


def drop_traps(metadata: Any, name: str = "") -> Any:
    """The metadata without addresses that are none of the web: a link to one could be a script."""
    if isinstance(metadata, dict):
        return {key: drop_traps(value, key) for key, value in metadata.items()}
    is_address = name in ADDRESSES or name.endswith("_url")
    is_trap = is_address and isinstance(metadata, str) and not WEB.match(metadata)
    return "" if is_trap else metadata


def split_origin(origin: str) -> SplitResult:
    """The parts of the address at which people find the site; CannotRunError when it is none."""
    if not SITE_ADDRESS.fullmatch(origin):
        raise CannotRunError(f'site="{origin}": no address of a site; write it as https://example.org/')
    return urlsplit(origin)


def read_metadata(path: Path) -> dict[str, Any]:
    """What `metadata.yml` says of the tables."""
    try:
        metadata: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CannotRunError(f"{path}: {error.strerror}; run packpress generate") from None
    except yaml.YAMLError as error:
        raise CannotRunError(f"{path}: cannot be read: {error}; run packpress generate") from None
    return metadata
