"""The site over a build, asked in this process: the same pages that a server would send."""

from collections.abc import Sequence
from dataclasses import dataclass

from datasette.utils import escape_sqlite

from packpress.problems import CannotRunError
from packpress.publish.site_file import ServedBuild, strip_header
from packpress.web.pages import load_pages
from packpress.web.profiles import Profile
from packpress.web.routes import name_database
from packpress.web.site import open_site

# No limit of time, so that the same pages come of slow machines; rows in one piece where a file holds them.
ROWS, MILLISECONDS = 1_000_000, 600_000
UNHURRIED = Profile(
    {
        "default_page_size": 50,
        "facet_time_limit_ms": MILLISECONDS,
        "max_csv_mb": 0,
        "max_returned_rows": ROWS,
        "sql_time_limit_ms": MILLISECONDS,
        "suggest_facets": False,
    },
    {"page_rows": ROWS},
)


@dataclass(frozen=True)
class Answer:
    """What the site answers: its kind and its content."""

    kind: str
    content: bytes

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode("utf-8")


class Site:
    """The site over one build, as it looks without a server; `fetch` asks for an address of it."""

    def __init__(self, build: ServedBuild) -> None:
        self.database = name_database(build.package.database_name)
        self.file = build.database.name
        self.homepage = build.package.homepage.rstrip("/")
        self.pages = load_pages(build.extension)
        # The statement of each question.
        self.queries = {query.name: strip_header(query.sql) for query in build.queries}
        self.datasette = open_site(build, UNHURRIED, is_static=True)
        self._tables: dict[str, list[str]] = {}

    async def fetch(self, address: str, status: int = 200) -> Answer:
        """The answer to an address; CannotRunError when it has another status."""
        answer = await self.datasette.client.get(address)
        if answer.status_code != status:
            raise CannotRunError(f"{address}: answers {answer.status_code}; mend the page that leads there")
        return Answer(answer.headers.get("content-type", ""), answer.content)

    async def list_tables(self) -> dict[str, list[str]]:
        """The key of each table and view, by its name."""
        if not self._tables:
            db = self.datasette.get_database()
            names = [*await db.table_names(), *await db.view_names()]
            self._tables = {name: list(await db.primary_keys(name)) for name in names}
        return self._tables

    async def has_row(self, table: str, keys: Sequence[str]) -> bool:
        """Whether the table has a row of that key, given as the values of its columns."""
        names = (await self.list_tables())[table] or ["rowid"]
        wheres = " and ".join(f"{escape_sqlite(name)} = ?" for name in names)
        sql = f"select 1 from {escape_sqlite(table)} where {wheres}"
        return len(keys) == len(names) and bool((await self.datasette.get_database().execute(sql, keys)).rows)
