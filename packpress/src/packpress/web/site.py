"""The site: Datasette over the database of one build, with our pages and those of its extension."""

import re
import sqlite3
from collections import Counter, OrderedDict
from contextlib import closing
from pathlib import Path
from sys import getsizeof
from typing import Any
from urllib.parse import SplitResult, urlsplit

from datasette.app import Datasette
from datasette.database import Database

from packpress.problems import CannotRunError, shorten_value
from packpress.publish.site_file import ServedBuild, derive_metadata
from packpress.web.pages import NAME, load_pages
from packpress.web.profiles import Profile
from packpress.web.routes import name_database
from packpress.web.security_headers import name_media_types
from packpress.web.tables.listing import OWN_NAMES
from packpress.web.theme import THEME

# Results of up to this many characters are cached, and up to this many of them.
SHORT, MOST_KNOWN = 8_000, 500
# Values of one facet on a static page.
STATIC_FACET_SIZE = 1_000
WEB = re.compile(r"https?://")
# Scheme, host, optional port, and optional path below which the site is.
SITE_ADDRESS = re.compile(
    r"https?://(?:[\w.-]+|\[[\da-f:]+\])(?::\d{1,5})?(?:/[\w.~-]+)*/?",
    re.ASCII,
)
# Keys of metadata that hold an address, besides those that end in `_url`.
ADDRESSES = frozenset({"homepage", "repository"})
COLUMNS = """
select listed.name, info.name
from sqlite_schema as listed, pragma_table_info(listed.name) as info
where listed.type in ('table', 'view')
"""


class ImmutableDatabase(Database):  # type: ignore[misc]
    """A database that never changes, so that results of statements can be cached.

    It does not print statements that fail, because their parameters are what visitors searched for.
    """

    def __init__(self, datasette: Datasette, path: str) -> None:
        super().__init__(datasette, path, is_mutable=False)
        self.known: OrderedDict[Any, Any] = OrderedDict()

    async def execute(
        self, sql: str, params: Any = None, custom_time_limit: int | None = None, **options: Any
    ) -> Any:
        """The result of a statement; cached when it is short, has no parameters, and is not a visitor's own.

        Only visitors' statements are limited to a number of rows, and only they may depend on chance or the
        time of day.
        """
        key = None if params or options.get("truncate") else (sql, *sorted(options.items()))
        if key in self.known:
            self.known.move_to_end(key)
            return self.known[key]
        if self.ds.sql_time_limit_ms > self.ds.setting("sql_time_limit_ms"):
            # While the site starts, nobody is waiting.
            custom_time_limit = None
        options["log_sql_errors"] = False
        results = await super().execute(sql, params, custom_time_limit=custom_time_limit, **options)
        if key and sum(getsizeof(value) for row in results.rows for value in row) <= SHORT:
            self.known[key] = results
            if len(self.known) > MOST_KNOWN:
                self.known.popitem(last=False)
        return results


def open_site(build: ServedBuild, profile: Profile, origin: str = "", is_static: bool = False) -> Datasette:
    """The site over a build; `origin` is its public address, if it has one.

    Nothing is written to the folder of the build, whose files are offered for download. The pages of a static
    site are exported as files, so that no server will answer forms.
    """
    limits, settings = {"head_bytes": profile.head_bytes, **profile.limits}, {**profile.settings}
    if origin:
        parts = split_origin(origin)
        limits["origin"] = f"{parts.scheme}://{parts.netloc}"
        settings["base_url"] = f"{parts.path.rstrip('/')}/"
    told = {
        "extension": build.extension,
        "is_static": is_static,
        "limits": limits,
        "longest_row": build.longest_row,
        "widest_table": count_columns(build.database),
    }
    most_rows = settings["max_returned_rows"]
    metadata = describe_build(build, min(most_rows, limits.get("page_rows", most_rows)), is_static)
    name_media_types()
    pages = load_pages(build.extension)
    datasette = Datasette(
        [],
        immutables=[str(build.database)],
        metadata={**metadata, "plugins": {NAME: told}},
        template_dir=str(THEME / "templates"),
        static_mounts=[
            ("static", str(THEME / "static")),
            *([("pages", str(pages.static))] if pages.static else []),
        ],
        settings=settings,
    )
    # Datasette may have changed the name, if it was one that Datasette reserves.
    for name in [name for name, known in datasette.databases.items() if known.path == str(build.database)]:
        datasette.remove_database(name)
    database = ImmutableDatabase(datasette, str(build.database))
    datasette.add_database(database, name_database(build.package.database_name))
    return datasette


def describe_build(build: ServedBuild, most_rows: int, is_static: bool) -> dict[str, Any]:
    """Datasette's metadata for the tables, with page sizes limited to `most_rows`."""
    metadata = drop_traps(derive_metadata(build.package, build.views, build.queries))
    metadata["databases"] = {name_database(name): told for name, told in metadata["databases"].items()}
    for described in metadata["databases"].values():
        for table in described.get("tables", {}).values():
            if isinstance(table.get("size"), int):
                table["size"] = min(table["size"], most_rows)
            if is_static:
                # Nobody will be there to request more values.
                table["facet_size"] = STATIC_FACET_SIZE
    return dict(metadata)


def count_columns(database: Path) -> int:
    """The number of columns of the widest table; CannotRunError when the file cannot be served."""
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as db:
            rows = db.execute(COLUMNS).fetchall()
    except sqlite3.Error as error:
        raise CannotRunError(f"{database}: cannot be read: {error}; rebuild the package") from None
    if missing := sorted(OWN_NAMES - {table for table, _ in rows}):
        raise CannotRunError(f"{database}: has no table {missing[0]}; rebuild the package")
    for name in (name for row in rows for name in row):
        # Datasette quotes names in brackets, inside of which a closing bracket cannot be escaped.
        if "]" in name:
            shown = shorten_value(name)
            raise CannotRunError(
                f'{database}: the name "{shown}" contains a ], which Datasette cannot query; rename it'
            )
    return max(Counter(table for table, _ in rows).values(), default=0)


def drop_traps(metadata: Any, name: str = "") -> Any:
    """The metadata without addresses that are not web addresses: a link to one could run a script."""
    if isinstance(metadata, dict):
        return {key: drop_traps(value, key) for key, value in metadata.items()}
    is_address = name in ADDRESSES or name.endswith("_url")
    is_trap = is_address and isinstance(metadata, str) and not WEB.match(metadata)
    return "" if is_trap else metadata


def split_origin(origin: str) -> SplitResult:
    """The parts of the public address of the site; CannotRunError when it is not a web address."""
    if not SITE_ADDRESS.fullmatch(origin):
        raise CannotRunError(f'site="{origin}": not a web address; write it as https://example.org/')
    return urlsplit(origin)
