"""The site over a build, asked in this process: the same pages that a server would send."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packpress.package.descriptor import Package
from packpress.package.views import read_views
from packpress.problems import CannotRunError
from packpress.publish.metadata import derive_metadata
from packpress.web.profiles import Profile
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
    """The site over one build, as it looks without a server; `fetch` asks for an address of it.

    `tables` are those whose rows have pages.
    """

    def __init__(self, package: Package, build: Path, tables: Sequence[str]) -> None:
        queries, views = (read_views(package.root / "sql" / name) for name in ("queries", "views"))
        metadata = derive_metadata(package, views, queries)
        self.database = package.database_name
        self.homepage = str(package.raw.get("homepage") or "").rstrip("/")
        described = metadata["databases"][self.database]
        # The statement of each question.
        self.queries = {name: str(query["sql"]) for name, query in described.get("queries", {}).items()}
        for table in described["tables"].values():
            # There will be nobody to ask for more of them.
            table["facet_size"] = "max"
        told = metadata | {"plugins": {"static": {"rows": [*tables]}}}
        self.datasette = open_site(package.root, build / f"{self.database}.db", UNHURRIED, told)

    async def fetch(self, address: str, status: int = 200) -> Answer:
        """The answer to an address; CannotRunError when it has another status."""
        answer = await self.datasette.client.get(address)
        if answer.status_code != status:
            raise CannotRunError(f"{address}: answers {answer.status_code}; mend the page that leads there")
        return Answer(answer.headers.get("content-type", ""), answer.content)

    async def list_tables(self) -> dict[str, list[str]]:
        """The key of each table and view, by its name."""
        db = self.datasette.get_database()
        names = [*await db.table_names(), *await db.view_names()]
        return {name: list(await db.primary_keys(name)) for name in names}
