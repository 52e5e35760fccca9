"""Templates and style sheets, and the variables that templates may use."""

from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Response
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader

from packpress.web.about import dictionary, home, linked_data, texts
from packpress.web.facts import read_facts
from packpress.web.pages import find_pages, is_static
from packpress.web.static import sql_page
from packpress.web.tables import linked, listing, page_cost
from packpress.web.theme import THEME

SHEET = THEME / "static" / "site.css"


async def show_stylesheet(datasette: Datasette) -> Response:
    """All style sheets, concatenated in order."""
    return Response(join_sheets(find_pages(datasette).stylesheets), content_type="text/css; charset=utf-8")


@lru_cache(maxsize=8)
def join_sheets(sheets: tuple[Path, ...]) -> str:
    """The text of all style sheets."""
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in (SHEET, *sheets))


def prepare_templates(env: Environment, datasette: Datasette) -> None:
    """Adds the variables below to the environment, and searches the extension's templates before ours.

    A template that is replaced remains available as `packpress:name.html`, so that its replacement can extend
    it.
    """
    pages = find_pages(datasette)
    loaders: list[Any] = [PrefixLoader({"packpress": FileSystemLoader(THEME / "templates")}, delimiter=":")]
    if pages.templates:
        loaders.append(FileSystemLoader(pages.templates))
    env.loader = ChoiceLoader([*loaders, env.loader] if env.loader else loaders)
    env.globals.update(
        ask_by_sql=partial(sql_page.ask_by_sql, datasette),
        break_name=listing.break_name,
        canonical_address=partial(linked_data.canonical_address, datasette),
        choose_columns=partial(listing.choose_columns, datasette),
        count_rows=listing.count_rows,
        describe_dataset=partial(linked_data.describe_dataset, datasette),
        describe_query=listing.describe_query,
        describe_table=partial(linked_data.describe_table, datasette),
        drop_page=listing.drop_page,
        find_engine=partial(sql_page.find_engine, datasette),
        find_search=partial(home.find_search, datasette),
        find_texts=partial(texts.list_paths, datasette),
        is_static=partial(is_static, datasette),
        list_navigation=partial(home.list_navigation, datasette),
        list_offers=partial(home.list_offers, datasette),
        list_options=partial(home.list_options, datasette),
        may_show_all=partial(page_cost.may_show_all, datasette),
        name_classes=listing.name_classes,
        name_filter=listing.name_filter,
        name_format=listing.name_format,
        offer_links=partial(linked.offer_links, datasette),
        order_facets=listing.order_facets,
        read_dictionary=partial(dictionary.read_dictionary, datasette),
        read_facts=partial(read_facts, datasette),
        site_metadata=datasette.metadata,
        site_urls=datasette.urls,
        write_policy=sql_page.write_policy,
        write_statement=sql_page.write_statement,
    )
    # Variables of an extension may replace ours.
    env.globals.update(pages.names(datasette) if pages.names else {})
