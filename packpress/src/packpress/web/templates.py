"""Templates: where they lie, and which names they may use."""

from functools import partial
from typing import Any

from datasette.app import Datasette
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader

from packpress.web.about import dictionary, home, linked_data, serverless, sitemap, texts
from packpress.web.facts import read_facts
from packpress.web.pages import find_pages, is_static
from packpress.web.tables import columns, linked_facets, listing
from packpress.web.theme import THEME


def prepare_templates(env: Environment, datasette: Datasette) -> None:
    """Gives the environment the names below, and puts the extension's templates before ours.

    What such a template takes the place of remains as `packpress:name.html`, so that it can extend it.
    """
    pages = find_pages(datasette)
    loaders: list[Any] = [PrefixLoader({"packpress": FileSystemLoader(THEME / "templates")}, delimiter=":")]
    if pages.templates:
        loaders.append(FileSystemLoader(pages.templates))
    env.loader = ChoiceLoader([*loaders, env.loader] if env.loader else loaders)
    env.globals.update(
        ask_by_sql=partial(serverless.ask_by_sql, datasette),
        break_name=columns.break_name,
        canonical_address=partial(sitemap.canonical_address, datasette),
        choose_columns=partial(columns.choose_columns, datasette),
        count_rows=listing.count_rows,
        describe_dataset=partial(linked_data.describe_dataset, datasette),
        describe_query=listing.describe_query,
        describe_table=partial(linked_data.describe_table, datasette),
        drop_page=listing.drop_page,
        find_engine=partial(serverless.find_engine, datasette),
        find_search=partial(home.find_search, datasette),
        find_texts=partial(texts.list_paths, datasette),
        is_static=partial(is_static, datasette),
        list_navigation=partial(home.list_navigation, datasette),
        list_offers=partial(home.list_offers, datasette),
        list_options=partial(home.list_options, datasette),
        name_filter=listing.name_filter,
        name_format=listing.name_format,
        offer_links=partial(linked_facets.offer_links, datasette),
        order_facets=listing.order_facets,
        read_dictionary=partial(dictionary.read_dictionary, datasette),
        read_facts=partial(read_facts, datasette),
        site_metadata=datasette.metadata,
        site_urls=datasette.urls,
        write_policy=serverless.write_policy,
        write_statement=serverless.write_statement,
    )
    # Those of an extension may take the place of ours.
    env.globals.update(pages.names(datasette) if pages.names else {})
