"""The site over a build, asked in this process: the same pages that a server would send."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasette.app import Datasette

from scripts.lib.descriptor import Package
from scripts.lib.metadata import derive_metadata
from scripts.lib.problems import CannotRunError
from scripts.lib.views import read_views

# No limit of time, so that the same pages come of slow machines; rows in one piece where a file holds them.
SETTINGS = {
    "default_page_size": 50,
    "max_returned_rows": 1_000_000,
    "sql_time_limit_ms": 600_000,
    "facet_time_limit_ms": 600_000,
    "suggest_facets": False,
    "max_csv_mb": 0,
}


@dataclass(frozen=True)
class Answer:
    """What the site answers: its status, its kind and its content."""

    status: int
    kind: str
    content: bytes

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode("utf-8")


class Site:
    """The site over one build; `fetch` asks for an address of it."""

    def __init__(self, package: Package, build: Path, folder: Path, plugins: Mapping[str, Any]) -> None:
        queries, views = (read_views(package.root / "sql" / name) for name in ("queries", "views"))
        self.database = package.database_name
        self.homepage = str(package.raw.get("homepage") or "").rstrip("/")
        metadata = derive_metadata(package, views, queries)
        described = metadata["databases"][self.database].get("queries", {})
        for table in metadata["databases"][self.database]["tables"].values():
            # There will be nobody to ask for more of them.
            table["facet_size"] = "max"
        # The statement of each question.
        self.queries = {name: str(query["sql"]) for name, query in described.items()}
        self.datasette = Datasette(
            [],
            immutables=[str(build / f"{package.database_name}.db")],
            metadata=metadata | {"plugins": dict(plugins)},
            template_dir=str(folder / "templates"),
            plugins_dir=str(folder / "plugins"),
            static_mounts=[("static", str(folder / "static")), ("files", str(build))],
            settings=SETTINGS,
        )

    async def fetch(self, address: str, status: int = 200) -> Answer:
        """The answer to an address; CannotRunError when it has another status."""
        answer = await self.datasette.client.get(address)
        if answer.status_code != status:
            raise CannotRunError(f"{address}: answers {answer.status_code}; mend the page that leads there")
        return Answer(answer.status_code, answer.headers.get("content-type", ""), answer.content)

    async def list_tables(self) -> dict[str, list[str]]:
        """The key of each table and view, by its name."""
        db = self.datasette.get_database()
        names = [*await db.table_names(), *await db.view_names()]
        return {name: list(await db.primary_keys(name)) for name in names}
