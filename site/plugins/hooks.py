"""What Datasette asks of our site: addresses, cells, and names that templates may use."""

import sys
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from datasette import hookimpl
from datasette.app import Datasette
from datasette.facets import Facet
from datasette.filters import FilterArguments
from datasette.utils.asgi import Request, Response
from jinja2 import Environment
from markupsafe import Markup

# Datasette runs this file by its path and knows nothing of the folder beside it.
if (folder := str(Path(__file__).parent)) not in sys.path:
    sys.path.insert(0, folder)

from pages import errors, facts, policy, stances
from pages.about import catalogue, dictionary, downloads, home, linked_data, serverless, sitemap, texts
from pages.claims import citation, cited, claims, suggestion
from pages.documents import reader
from pages.entities import entities, references
from pages.evidence import charts, disagreements, maps
from pages.serving import bounds, health, layers
from pages.tables import arguments, cells, columns, linked, linked_facets, listing, parquet, searches

policy.name_media_types()


@hookimpl  # type: ignore[untyped-decorator]
def startup(datasette: Datasette) -> Callable[[], Awaitable[facts.Facts]]:
    """The facts are known before the first page asks for an address."""
    return partial(facts.read_facts, datasette)


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Any]]:
    """The addresses of the pages that are no table, row or query."""
    return [
        (r"^/$", home.show_home),
        (r"^/sources$", reader.list_sources),
        (r"^/sources/(?P<source_id>[^/]+)$", reader.show_source),
        (r"^/disagreements$", disagreements.show_disagreements),
        (r"^/downloads$", downloads.show_downloads),
        (rf"^{downloads.MOUNT}/(?P<path>.+)$", downloads.show_file),
        (r"^/(?P<database>[^/.]+)\.db$", downloads.show_database),
        (r"^/charts$", charts.show_charts),
        (r"^/charts/(?P<name>[^/.]+)\.svg$", charts.download_chart),
        (r"^/map(?:/(?P<path>[^/.]+))?$", maps.show_map),
        (r"^/map(?:/(?P<path>[^/.]+))?\.svg$", maps.download_map),
        (r"^/cite/(?P<claim_id>[^/]+)\.(?P<form>txt|bib|json)$", citation.show_citation),
        (r"^/method(?:/(?P<name>[^/]+))?$", texts.show_method),
        (r"^/dictionary$", dictionary.show_dictionary),
        (r"^/-/datapackage\.json$", linked_data.show_descriptor),
        (r"^/-/LICENSE-DATA\.md$", linked_data.show_licence),
        (r"^/sitemap\.xml$", sitemap.show_sitemap),
        (r"^/robots\.txt$", sitemap.show_robots),
        (f"^{health.PATH}$", health.show_health),
        (policy.CLOSED, policy.refuse),
        # Before Datasette's own, which would first make a page; a row has no page to spare.
        (r"^/(?P<database>[^/.]+)(?:/(?P<table>[^/.]+))?\.parquet$", parquet.show_parquet),
        # Datasette's own page of a database, to which ours hands over, asks for the format too.
        (r"^/(?P<database>[^/.]+)(?P<format>)$", catalogue.show_catalogue),
    ]


@hookimpl  # type: ignore[untyped-decorator]
def register_output_renderer() -> dict[str, Any]:
    """Parquet beside JSON on every page of rows."""
    return {"extension": "parquet", "render": parquet.show_parquet, "can_render": parquet.can_offer}


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Datasette) -> Callable[[policy.App], policy.App]:
    """Every request is looked at before a page is made, every answer on its way out."""
    return partial(layers.wrap, datasette)


@hookimpl  # type: ignore[untyped-decorator]
def prepare_connection(conn: Connection, database: str) -> None:
    """Connections to the data read it, within bounds; Datasette's own are left alone."""
    if not database.startswith("_"):
        bounds.bound_connection(conn)


@hookimpl(hookwrapper=True)  # type: ignore[untyped-decorator]
def handle_exception(datasette: Datasette, request: Request, exception: Exception) -> Iterator[None]:
    """What cannot be answered gets a plain page; the server's log tells only of faults of ours."""
    outcome: Any = yield
    # In the place of Datasette's own, which prints every unknown address as a traceback with all variables.
    outcome.force_result([errors.answer_error(datasette, request, exception)])


@hookimpl  # type: ignore[untyped-decorator]
def forbidden(datasette: Datasette, request: Request, message: str) -> Callable[[], Awaitable[Response]]:
    """What is not for everybody is said in words."""
    return partial(errors.answer_forbidden, datasette, request, message)


@hookimpl  # type: ignore[untyped-decorator]
def filters_from_request(
    datasette: Datasette, database: str, table: str, request: Request
) -> Callable[[], Awaitable[FilterArguments]]:
    """Filters by what link tables tie the rows to."""
    # Not called yet: what comes first may refuse the address.
    return partial(linked.filter_rows, datasette, table, request)


@hookimpl(specname="filters_from_request")  # type: ignore[untyped-decorator]
def check_arguments(
    datasette: Datasette, database: str, table: str, request: Request
) -> Callable[[], Awaitable[None]]:
    """Arguments that name nothing, or ask for too much, are refused in words."""
    return partial(arguments.check_arguments, datasette, database, table, request)


@hookimpl  # type: ignore[untyped-decorator]
def register_facet_classes() -> list[type[Facet]]:
    """Facets over link tables."""
    return [linked_facets.LinkedFacet]


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(row: Any, value: Any, column: str, datasette: Datasette) -> Awaitable[Markup | None] | None:
    """A stance as word and shape, a source's words in its voice, a key as a link."""
    # Most cells of a wide table are empty, and a page has more than a thousand.
    return cells.show_cell(datasette, row, value, column) if value else None


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Names for every template, error pages included."""
    env.globals.update(
        ask_by_sql=partial(serverless.ask_by_sql, datasette),
        break_name=columns.break_name,
        citation_forms=citation.FORMS,
        draw_chip=maps.draw_chip,
        draw_glyph=stances.draw_glyph,
        frame_words=stances.frame_words,
        show_stance=stances.show_stance,
        stance_class=stances.stance_class,
        canonical_address=partial(sitemap.canonical_address, datasette),
        describe_dataset=partial(linked_data.describe_dataset, datasette),
        describe_table=partial(linked_data.describe_table, datasette),
        count_by_condition=partial(disagreements.count_by_condition, datasette),
        count_documents=partial(home.count_documents, datasette),
        count_rows=listing.count_rows,
        count_words=partial(searches.count_words, datasette),
        describe_query=listing.describe_query,
        draw_small_map=partial(home.draw_small_map, datasette),
        first_columns=columns.FIRST_COLUMNS,
        list_downloads=partial(downloads.list_downloads, datasette),
        list_offers=partial(home.list_offers, datasette),
        list_options=partial(home.list_options, datasette),
        list_start_questions=partial(home.list_start_questions, datasette),
        explain_beside=maps.explain_beside,
        find_engine=partial(serverless.find_engine, datasette),
        find_issue_form=suggestion.find_issue_form,
        group_lines=maps.group_lines,
        is_search_cut=searches.is_cut,
        is_static=partial(serverless.is_static, datasette),
        offer_links=partial(linked_facets.offer_links, datasette),
        name_format=listing.name_format,
        order_facets=listing.order_facets,
        read_hits=partial(searches.read_hits, datasette),
        name_field=cited.name_field,
        name_kind=maps.name_kind,
        read_card=partial(claims.read_card, datasette),
        read_entity=partial(entities.read_entity, datasette),
        read_dictionary=partial(dictionary.read_dictionary, datasette),
        read_facts=partial(facts.read_facts, datasette),
        read_reference=partial(references.read_reference, datasette),
        site_metadata=datasette.metadata,
        site_urls=datasette.urls,
        source_words=cells.SOURCE_WORDS,
        source_path=partial(facts.source_path, datasette),
        spell_number=cited.spell_number,
        write_policy=serverless.write_policy,
        write_statement=serverless.write_statement,
        write_suggestion=suggestion.write_suggestion,
    )
