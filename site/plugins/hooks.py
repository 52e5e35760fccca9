"""What Datasette asks of our site: addresses, cells, and names that templates may use."""

import sys
from collections.abc import Awaitable
from functools import partial
from pathlib import Path
from typing import Any

from datasette import hookimpl
from datasette.app import Datasette
from jinja2 import Environment
from markupsafe import Markup

# Datasette runs this file by its path and knows nothing of the folder beside it.
if (folder := str(Path(__file__).parent)) not in sys.path:
    sys.path.insert(0, folder)

from pages import cells, columns, downloads, facts, home, reader, stances  # noqa: E402


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Any]]:
    """The list of documents, the reader of each, and what can be taken away."""
    return [
        (r"^/sources$", reader.list_sources),
        (r"^/sources/(?P<source_id>[^/]+)$", reader.show_source),
        (r"^/downloads$", downloads.show_downloads),
    ]


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(row: Any, value: Any, column: str, datasette: Datasette) -> Awaitable[Markup | None]:
    """A stance as word and shape, a source's words in its voice, a key as a link."""
    return cells.show_cell(datasette, row, value, column)


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Names for every template, error pages included."""
    env.globals.update(
        break_name=columns.break_name,
        draw_glyph=stances.draw_glyph,
        frame_words=stances.frame_words,
        show_stance=stances.show_stance,
        count_documents=partial(home.count_documents, datasette),
        first_columns=columns.FIRST_COLUMNS,
        list_downloads=partial(downloads.list_downloads, datasette),
        list_options=partial(home.list_options, datasette),
        list_start_questions=partial(home.list_start_questions, datasette),
        read_facts=partial(facts.read_facts, datasette),
        site_metadata=datasette.metadata,
        site_urls=datasette.urls,
        source_words=cells.SOURCE_WORDS,
        source_path=partial(facts.source_path, datasette),
    )
