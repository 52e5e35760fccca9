"""The Datasette plugin: routes, cells, and variables for templates.

Datasette loads this module in every process of an environment in which packpress is installed. Therefore
every hook does nothing, and imports nothing, unless the metadata was written by packpress.
"""

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from inspect import signature
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from datasette import hookimpl
from datasette.facets import Facet

if TYPE_CHECKING:
    from datasette.app import Datasette
    from datasette.filters import FilterArguments
    from datasette.utils.asgi import Request, Response
    from jinja2 import Environment
    from markupsafe import Markup

    from packpress.web.security_headers import App


# Whether each site is one of ours, which never changes and is asked for every cell.
_AWAKE: "WeakKeyDictionary[Datasette, bool]" = WeakKeyDictionary()
# What renders the cells of each.
_SHOW_CELL: "WeakKeyDictionary[Datasette, Callable[..., Markup | None]]" = WeakKeyDictionary()


def _is_awake(datasette: "Datasette") -> bool:
    if datasette not in _AWAKE:
        _AWAKE[datasette] = datasette.plugin_config("packpress") is not None
    return _AWAKE[datasette]


@hookimpl  # type: ignore[untyped-decorator]
def register_routes(datasette: "Datasette") -> list[tuple[str, Any]]:
    """Adds the routes of pages other than tables, rows and queries."""
    if not _is_awake(datasette):
        return []
    from packpress.web.routes import (
        OVER_DATASETTE,
        list_routes,
        match_lists,
        match_rows,
        match_unknown_formats,
    )
    from packpress.web.security_headers import refuse_format
    from packpress.web.tables.listing import show_list, show_row

    routes = [
        *((route.pattern, route.view) for route in list_routes(datasette)),
        *OVER_DATASETTE,
        (match_unknown_formats(datasette), refuse_format),
        (match_lists(datasette), show_list),
        (match_rows(datasette), show_row),
    ]
    for _, view in routes:
        # Datasette asks for the signature at every request; as an attribute, it need not be worked out.
        view.__signature__ = signature(view)  # type: ignore[attr-defined]
    return routes


@hookimpl  # type: ignore[untyped-decorator]
def startup(datasette: "Datasette") -> Callable[[], Awaitable[Any]] | None:
    """Reads facts before the first page is requested."""
    if not _is_awake(datasette):
        return None
    from packpress.web.pages import find_pages
    from packpress.web.tables.listing import read_cell_facts

    async def prepare() -> None:
        await read_cell_facts(datasette)
        if own := find_pages(datasette).prepare:
            await own(datasette)

    return prepare


@hookimpl  # type: ignore[untyped-decorator]
def register_output_renderer(datasette: "Datasette") -> dict[str, Any] | None:
    """Offers Parquet besides JSON wherever there are rows."""
    if not _is_awake(datasette):
        return None
    from packpress.web.tables import answer_files

    return {"extension": "parquet", "render": answer_files.show_parquet, "can_render": answer_files.can_offer}


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: "Datasette") -> "Callable[[App], App] | None":
    """Adds the middleware for requests and responses."""
    if not _is_awake(datasette):
        return None
    from packpress.web.serving import middleware

    return partial(middleware.wrap, datasette)


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: Connection, database: str, datasette: "Datasette") -> None:
    """Restricts connections to the data to reading within limits.

    Datasette's own connections are not changed.
    """
    if _is_awake(datasette) and not database.startswith("_"):
        from packpress.web.serving.sqlite_limits import bound_connection, make_bounds

        bound_connection(conn, make_bounds(datasette))


@hookimpl(hookwrapper=True)  # type: ignore[untyped-decorator]
def handle_exception(datasette: "Datasette", request: "Request", exception: Exception) -> Iterator[None]:
    """Answers errors with a plain page, and logs only faults of the site."""
    outcome: Any = yield
    if not _is_awake(datasette):
        return
    from packpress.web import error_pages

    # Replaces Datasette's handler, which prints a traceback with all variables for every unknown address.
    outcome.force_result([error_pages.answer_error(datasette, request, exception)])


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def forbidden(
    datasette: "Datasette", request: "Request", message: str
) -> "Callable[[], Awaitable[Response]] | None":
    """Says in plain words what is not allowed."""
    if not _is_awake(datasette):
        return None
    from packpress.web import error_pages

    return partial(error_pages.answer_forbidden, datasette, request, message)


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def filters_from_request(
    datasette: "Datasette", database: str, table: str, request: "Request"
) -> "Callable[[], Awaitable[FilterArguments]] | None":
    """Adds filters across link tables."""
    if not _is_awake(datasette):
        return None
    from packpress.web.tables import linked

    # Not called yet: an earlier hook may refuse the address.
    return partial(linked.filter_rows, datasette, table, request)


# Runs before Datasette's own check, which would answer in its words.
@hookimpl(specname="filters_from_request", tryfirst=True)  # type: ignore[untyped-decorator]
def check_arguments(
    datasette: "Datasette", database: str, table: str, request: "Request"
) -> Callable[[], Awaitable[None]] | None:
    """Refuses unknown arguments and requests for too much, with an explanation."""
    if not _is_awake(datasette):
        return None
    from packpress.web.tables import arguments

    return partial(arguments.check_arguments, datasette, database, table, request)


class LinkedFacet(Facet):  # type: ignore[misc]
    """Counts rows across link tables; without results on sites that are not ours.

    Datasette asks for facet classes before it says for which site, so only this class is loaded.
    """

    type = "linked"

    async def facet_results(self) -> tuple[list[dict[str, Any]], list[str]]:
        """The counts of each requested facet, and the names of those that took too long."""
        if not _is_awake(self.ds):
            return [], []
        from packpress.web.tables.linked import count_links

        return await count_links(self)


@hookimpl  # type: ignore[untyped-decorator]
def register_facet_classes() -> list[type[Facet]]:
    """Adds facets across link tables."""
    return [LinkedFacet]


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def render_cell(
    row: Any, value: Any, column: str, table: str | None, datasette: "Datasette"
) -> "Markup | None":
    """Renders text from sources, keys as links, and the cells that the extension renders itself."""
    # Most cells of a wide table are empty, and a page has more than a thousand.
    if not value:
        return None
    if show := _SHOW_CELL.get(datasette):
        return show(datasette, row, value, column)
    if not _is_awake(datasette):
        return None
    from packpress.web.pages import find_pages
    from packpress.web.tables import listing

    show = _SHOW_CELL[datasette] = find_pages(datasette).show_cell or listing.show_cell
    return show(datasette, row, value, column)


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: "Environment", datasette: "Datasette") -> None:
    """Adds variables to all templates, and searches the extension's templates first."""
    if not _is_awake(datasette):
        return
    from packpress.web.templates import prepare_templates

    prepare_templates(env, datasette)
