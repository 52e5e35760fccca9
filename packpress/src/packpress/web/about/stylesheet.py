"""The style sheet: that of every site, with those of an extension behind it, as one file."""

from functools import lru_cache
from pathlib import Path

from datasette.app import Datasette
from datasette.utils.asgi import Response

from packpress.web.pages import find_pages
from packpress.web.theme import THEME

SHEET = THEME / "static" / "site.css"


async def show_stylesheet(datasette: Datasette) -> Response:
    """All sheets in the order in which they are laid over one another."""
    return Response(join_sheets(find_pages(datasette).stylesheets), content_type="text/css; charset=utf-8")


@lru_cache(maxsize=8)
def join_sheets(sheets: tuple[Path, ...]) -> str:
    """The text of all sheets."""
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in (SHEET, *sheets))
