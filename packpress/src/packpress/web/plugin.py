"""What Datasette asks of our site: addresses, cells, and names that templates may use.

Datasette loads this module in every process of an environment in which packpress is installed. So every hook
sleeps, and nothing is imported, unless the metadata that packpress itself wrote asks for a site of ours.
"""

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
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


# Whether each site is ours, which never changes; a page of many cells asks once for each.
_AWAKE: "WeakKeyDictionary[Datasette, bool]" = WeakKeyDictionary()


def _is_awake(datasette: "Datasette") -> bool:
    if datasette not in _AWAKE:
        _AWAKE[datasette] = datasette.plugin_config("packpress") is not None
    return _AWAKE[datasette]


@hookimpl  # type: ignore[untyped-decorator]
def register_routes(datasette: "Datasette") -> list[tuple[str, Any]]:
    """The addresses of the pages that are no table, row or query."""
    if not _is_awake(datasette):
        return []
    from packpress.web.routes import OVER_DATASETTE, list_routes, match_unknown_formats
    from packpress.web.security_headers import refuse_format

    ours = [(route.pattern, route.view) for route in list_routes(datasette)]
    return [*ours, *OVER_DATASETTE, (match_unknown_formats(datasette), refuse_format)]


@hookimpl  # type: ignore[untyped-decorator]
def startup(datasette: "Datasette") -> Callable[[], Awaitable[Any]] | None:
    """The facts are known before the first page asks for an address."""
    if not _is_awake(datasette):
        return None
    from packpress.web.facts import read_facts

    return partial(read_facts, datasette)


@hookimpl  # type: ignore[untyped-decorator]
def register_output_renderer(datasette: "Datasette") -> dict[str, Any] | None:
    """Parquet beside JSON on every page of rows."""
    if not _is_awake(datasette):
        return None
    from packpress.web.tables import parquet

    return {"extension": "parquet", "render": parquet.show_parquet, "can_render": parquet.can_offer}


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: "Datasette") -> "Callable[[App], App] | None":
    """Every request is looked at before a page is made, every answer on its way out."""
    if not _is_awake(datasette):
        return None
    from packpress.web.serving import middleware

    return partial(middleware.wrap, datasette)


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: Connection, database: str, datasette: "Datasette") -> None:
    """Connections to the data read it, within bounds; Datasette's own are left alone."""
    if _is_awake(datasette) and not database.startswith("_"):
        from packpress.web.serving.sqlite_limits import bound_connection, make_bounds

        bound_connection(conn, make_bounds(datasette))


@hookimpl(hookwrapper=True)  # type: ignore[untyped-decorator]
def handle_exception(datasette: "Datasette", request: "Request", exception: Exception) -> Iterator[None]:
    """What cannot be answered gets a plain page; the server's log tells only of faults of ours."""
    outcome: Any = yield
    if not _is_awake(datasette):
        return
    from packpress.web import error_pages

    # In the place of Datasette's own, which prints every unknown address as a traceback with all variables.
    outcome.force_result([error_pages.answer_error(datasette, request, exception)])


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def forbidden(
    datasette: "Datasette", request: "Request", message: str
) -> "Callable[[], Awaitable[Response]] | None":
    """What is not for everybody is said in words."""
    if not _is_awake(datasette):
        return None
    from packpress.web import error_pages

    return partial(error_pages.answer_forbidden, datasette, request, message)


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def filters_from_request(
    datasette: "Datasette", database: str, table: str, request: "Request"
) -> "Callable[[], Awaitable[FilterArguments]] | None":
    """Filters by what link tables tie the rows to."""
    if not _is_awake(datasette):
        return None
    from packpress.web.tables import linked

    # Not called yet: what comes first may refuse the address.
    return partial(linked.filter_rows, datasette, table, request)


# Before Datasette's own, which would answer in its own words.
@hookimpl(specname="filters_from_request", tryfirst=True)  # type: ignore[untyped-decorator]
def check_arguments(
    datasette: "Datasette", database: str, table: str, request: "Request"
) -> Callable[[], Awaitable[None]] | None:
    """Arguments that name nothing, or ask for too much, are refused in words."""
    if not _is_awake(datasette):
        return None
    from packpress.web.tables import arguments

    return partial(arguments.check_arguments, datasette, database, table, request)


class LinkedFacet(Facet):  # type: ignore[misc]
    """Counts of the rows by what link tables tie them to; none on a site that is not ours.

    Datasette asks for classes of facets before it says for which site, so this one is all that is loaded.
    """

    type = "linked"

    async def facet_results(self) -> tuple[list[dict[str, Any]], list[str]]:
        """The counts of each facet asked for, and the names of those that took too long."""
        if not _is_awake(self.ds):
            return [], []
        from packpress.web.tables.linked import count_links

        return await count_links(self)


@hookimpl  # type: ignore[untyped-decorator]
def register_facet_classes() -> list[type[Facet]]:
    """Facets over link tables."""
    return [LinkedFacet]


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def render_cell(
    row: Any, value: Any, column: str, table: str | None, datasette: "Datasette"
) -> "Awaitable[Markup | None] | None":
    """A source's words in its voice, a key as a link, and whatever the extension shows in its own way."""
    # Most cells of a wide table are empty, and a page has more than a thousand.
    if not value or not _is_awake(datasette):
        return None
    from packpress.web.pages import find_pages
    from packpress.web.tables import listing

    return (find_pages(datasette).show_cell or listing.show_cell)(datasette, row, value, column)


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: "Environment", datasette: "Datasette") -> None:
    """Names for every template, error pages included, and the templates of the extension before ours."""
    if not _is_awake(datasette):
        return
    from packpress.web.templates import prepare_templates

    prepare_templates(env, datasette)
