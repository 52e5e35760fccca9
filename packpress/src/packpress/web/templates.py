"""Templates and style sheets, and the variables that templates may use."""

from collections.abc import MutableMapping, Sequence
from functools import lru_cache, partial
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Response
from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    Template,
    TemplateNotFound,
    nodes,
)
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import AsyncLoopContext

from packpress.web.about import dictionary, downloads, home, linked_data, signposting, texts
from packpress.web.facts import read_facts
from packpress.web.pages import find_pages, is_static
from packpress.web.static import sql_page
from packpress.web.tables import column_titles, linked, listing, page_cost, selection
from packpress.web.theme import THEME

SHEET = THEME / "static" / "site.css"


async def show_stylesheet(datasette: Datasette) -> Response:
    """All style sheets, concatenated in order."""
    return Response(join_sheets(find_pages(datasette).stylesheets), content_type="text/css; charset=utf-8")


@lru_cache(maxsize=8)
def join_sheets(sheets: tuple[Path, ...]) -> str:
    """The text of all style sheets."""
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in (SHEET, *sheets))


class SettledLoader(ChoiceLoader):
    """Looks for each template once: none appears or changes while the site is served.

    Datasette looks for half a dozen templates that a page might have, in every folder, for every page.
    """

    def __init__(self, loaders: Sequence[BaseLoader]) -> None:
        super().__init__(loaders)
        self.missing: set[str] = set()

    def load(
        self, environment: Environment, name: str, globals: MutableMapping[str, Any] | None = None
    ) -> Template:
        """The template; TemplateNotFound when there is none."""
        if name in self.missing:
            raise TemplateNotFound(name)
        try:
            return super().load(environment, name, globals)
        except TemplateNotFound:
            self.missing.add(name)
            raise


# Attributes of loops that have to be awaited: whether an item is the last is known when the next was fetched.
AWAITED = frozenset(
    name
    for name, found in vars(AsyncLoopContext).items()
    if isinstance(found, property) and iscoroutinefunction(found.fget)
)


class TemplateCode(CodeGenerator):
    """Compiles templates so that only what may be a coroutine is awaited.

    In Datasette's templates everything is, also the attributes of rows, of which a page has hundreds.
    """

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 (a name of Jinja's)
        """Writes the code for an attribute."""
        if node.attr in AWAITED:
            super().visit_Getattr(node, frame)
            return
        self.write("environment.getattr(")
        self.visit(node.node, frame)
        self.write(f", {node.attr!r})")


def prepare_templates(env: Environment, datasette: Datasette) -> None:
    """Adds the variables below to the environment, and searches the extension's templates before ours.

    A template that is replaced remains available as `packpress:name.html`, so that its replacement can extend
    it.
    """
    pages = find_pages(datasette)
    loaders: list[Any] = [PrefixLoader({"packpress": FileSystemLoader(THEME / "templates")}, delimiter=":")]
    if pages.templates:
        loaders.append(FileSystemLoader(pages.templates))
    env.loader = SettledLoader([*loaders, env.loader] if env.loader else loaders)
    env.auto_reload = False
    env.code_generator_class = TemplateCode
    env.globals.update(
        ask_by_sql=partial(sql_page.ask_by_sql, datasette),
        break_name=listing.break_name,
        canonical_address=partial(linked_data.canonical_address, datasette),
        choose_columns=partial(listing.choose_columns, datasette),
        choose_shown=partial(listing.choose_shown, datasette),
        comparisons=selection.COMPARISONS,
        count_references=partial(listing.count_references, datasette),
        count_rows=listing.count_rows,
        describe_selection=partial(selection.describe_selection, datasette),
        drop_page=listing.drop_page,
        find_picture=partial(linked_data.find_picture, datasette),
        format_size=downloads.format_size,
        find_engine=partial(sql_page.find_engine, datasette),
        find_search=partial(home.find_search, datasette),
        find_section=partial(home.find_section, datasette),
        find_texts=partial(texts.list_paths, datasette),
        is_static=partial(is_static, datasette),
        keep_arguments=selection.keep_arguments,
        list_choices=partial(listing.list_choices, datasette),
        list_links=partial(signposting.list_links, datasette),
        list_navigation=partial(home.list_navigation, datasette),
        list_offers=partial(home.list_offers, datasette),
        list_options=partial(home.list_options, datasette),
        may_show_all=partial(page_cost.may_show_all, datasette),
        name_filter=listing.name_filter,
        name_order=selection.name_order,
        name_format=listing.name_format,
        offer_links=partial(linked.offer_links, datasette),
        order_facets=partial(listing.order_facets, datasette),
        read_dictionary=partial(dictionary.read_dictionary, datasette),
        read_facts=partial(read_facts, datasette),
        read_titles=partial(column_titles.read_titles, datasette),
        say_selection=selection.say_selection,
        show_empty=listing.show_empty,
        show_answer=partial(listing.show_answer, datasette),
        show_recorded=partial(listing.show_recorded, datasette),
        show_terms=partial(listing.show_terms, datasette),
        summarize=linked_data.summarize,
        list_heads=listing.list_heads,
        show_rows=partial(listing.show_rows, datasette),
        site_metadata=datasette.metadata,
        site_urls=datasette.urls,
        write_description=partial(linked_data.write_description, datasette),
        write_row_description=partial(linked_data.write_row_description, datasette),
        write_policy=sql_page.write_policy,
        write_statement=sql_page.write_statement,
    )
    # Variables of an extension may replace ours.
    env.globals.update(pages.names(datasette) if pages.names else {})
