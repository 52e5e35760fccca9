"""The site: Datasette over the database of one build, with our pages and those of its extension."""

import re
import sqlite3
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import closing
from copy import copy
from pathlib import Path
from sys import getsizeof
from typing import Any
from urllib.parse import SplitResult, urlsplit

from datasette.app import Datasette
from datasette.database import Database
from datasette.url_builder import Urls

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
# Datasette's statement for the name of a table as SQLite spells it, which every permission check runs.
FIND_TABLE = "select name from sqlite_master where type in ('table', 'view') and name = ? collate nocase"
COLUMNS = """
select listed.name, info.name
from sqlite_schema as listed, pragma_table_info(listed.name) as info
where listed.type in ('table', 'view')
"""


class ImmutableDatasette(Datasette):  # type: ignore[misc]
    """Datasette over a database and metadata that never change, which it would read again for every page."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.permitted: OrderedDict[Any, Any] = OrderedDict()
        self.told: OrderedDict[Any, Any] = OrderedDict()
        self.merged: OrderedDict[Any, Any] = OrderedDict()
        self.allowed: OrderedDict[Any, Any] = OrderedDict()
        self.addresses: OrderedDict[Any, str] = OrderedDict()
        super().__init__(*arguments, **options)

    @property
    def urls(self) -> "SettledUrls":
        """What writes addresses."""
        return SettledUrls(self)

    async def permission_allowed(
        self, actor: Any, action: str, resource: Any = None, default: Any = False
    ) -> Any:
        """Whether a visitor may do something; the answers for visitors without an account are known."""
        key = (action, resource, default)
        if actor is not None or not isinstance(resource, (str, tuple, type(None))):
            return await super().permission_allowed(actor, action, resource, default)
        if key not in self.allowed:
            found = await super().permission_allowed(actor, action, resource, default)
            keep_recent(self.allowed, key, found)
        return self.allowed[key]

    async def refresh_schemas(self) -> None:
        """Reads the schema of the database, once."""
        if not self.internal_db_created:
            await super().refresh_schemas()

    def metadata(
        self,
        key: str | None = None,
        database: str | None = None,
        table: str | None = None,
        fallback: bool = True,
    ) -> Any:
        """The metadata of the site, a database or a table, which Datasette merges anew for each question."""
        asked = (key, database, table, fallback)
        if asked not in self.merged:
            keep_recent(self.merged, asked, super().metadata(key, database, table, fallback))
        # A copy, for whoever asks may change it.
        return copy(self.merged[asked])

    def _metadata_sources(self, *asked: str | None) -> list[Any]:
        """The metadata of plugins and ours: Datasette asks all plugins anew, some thirty times a page."""
        if asked not in self.told:
            keep_recent(self.told, asked, list(super()._metadata_sources(*asked)))
        return list(self.told[asked])

    def _table_permission_allows(self, database: str, table: str) -> list[Any]:
        """Who may see a table: Datasette copies all metadata to answer this, several times a page."""
        if (database, table) not in self.permitted:
            found = super()._table_permission_allows(database, table)
            keep_recent(self.permitted, (database, table), found)
        return list(self.permitted[database, table])


def keep_recent(known: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    """Adds an item, and drops the oldest when there are too many."""
    known[key] = value
    if len(known) > MOST_KNOWN:
        known.popitem(last=False)


class SettledUrls(Urls):  # type: ignore[misc]
    """Addresses; those of the database and its tables, on which all others are built, are written once."""

    def database(self, database: str, format: str | None = None) -> str:
        """The address of a database."""
        return self._keep(super().database, database, format=format)

    def table(self, database: str, table: str, format: str | None = None) -> str:
        """The address of a table."""
        return self._keep(super().table, database, table, format=format)

    def _keep(self, write: Callable[..., str], *names: str, format: str | None) -> str:
        key = (names, format)
        if key not in self.ds.addresses:
            keep_recent(self.ds.addresses, key, write(*names, format=format))
        return self.ds.addresses[key]  # type: ignore[no-any-return]


Reading = Callable[..., Awaitable[Any]]


def read_once(method: Reading) -> Reading:
    """A method of Datasette's that reads the schema, which answers each question only once.

    Datasette asks a dozen such questions for a page, and each takes a thread as long as a small statement.
    """

    async def ask(self: "ImmutableDatabase", *names: str) -> Any:
        key = (method.__name__, names)
        if key not in self.schema:
            keep_recent(self.schema, key, await method(self, *names))
        # A copy, for whoever asks may change it.
        return copy(self.schema[key])

    return ask


class ImmutableDatabase(Database):  # type: ignore[misc]
    """A database that never changes, so that its schema and results of statements can be cached.

    It does not print statements that fail, because their parameters are what visitors searched for.
    """

    def __init__(self, datasette: Datasette, path: str) -> None:
        super().__init__(datasette, path, is_mutable=False)
        self.known: OrderedDict[Any, Any] = OrderedDict()
        self.schema: OrderedDict[Any, Any] = OrderedDict()

    table_exists = read_once(Database.table_exists)
    table_names = read_once(Database.table_names)
    view_names = read_once(Database.view_names)
    hidden_table_names = read_once(Database.hidden_table_names)
    table_columns = read_once(Database.table_columns)
    table_column_details = read_once(Database.table_column_details)
    primary_keys = read_once(Database.primary_keys)
    foreign_keys_for_table = read_once(Database.foreign_keys_for_table)
    get_all_foreign_keys = read_once(Database.get_all_foreign_keys)
    label_column_for_table = read_once(Database.label_column_for_table)
    fts_table = read_once(Database.fts_table)
    get_table_definition = read_once(Database.get_table_definition)

    async def execute(
        self, sql: str, params: Any = None, custom_time_limit: int | None = None, **options: Any
    ) -> Any:
        """The result of a statement; cached when it is short, has no parameters, and is not a visitor's own.

        So is the one with a parameter that Datasette runs for every permission.

        Only visitors' statements are limited to a number of rows, and only they may depend on chance or the
        time of day.
        """
        is_kept = not options.get("truncate") and (not params or sql == FIND_TABLE)
        key = (sql, *(params or ()), *sorted(options.items())) if is_kept else None
        if key in self.known:
            self.known.move_to_end(key)
            return self.known[key]
        if self.ds.sql_time_limit_ms > self.ds.setting("sql_time_limit_ms"):
            # While the site starts, nobody is waiting.
            custom_time_limit = None
        options["log_sql_errors"] = False
        results = await super().execute(sql, params, custom_time_limit=custom_time_limit, **options)
        if key and sum(getsizeof(value) for row in results.rows for value in row) <= SHORT:
            keep_recent(self.known, key, results)
        return results


def open_site(build: ServedBuild, profile: Profile, origin: str = "", is_static: bool = False) -> Datasette:
    """The site over a build; `origin` is its public address, if it has one.

    Nothing is written to the folder of the build, whose files are offered for download. The pages of a static
    site are exported as files, so that no server will answer forms.
    """
    build = build.placed(origin)
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
    datasette = ImmutableDatasette(
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
