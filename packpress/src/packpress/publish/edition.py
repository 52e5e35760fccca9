"""Editions: how much of the sources' text is published, in tables and in documents."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from packpress.package.descriptor import LEFT_OUT, Package
from packpress.package.dictionary import View, read_views
from packpress.package.link_tables import with_link_tables
from packpress.package.paths import has_file
from packpress.package.resource import Field, ForeignKey, ListedResource, Resource
from packpress.problems import CannotRunError
from packpress.publish.catalogues.citation import CITATION, MADE_BY, list_uncited, render_citation
from packpress.publish.site_file import render_metadata
from packpress.tables.fast.columns import Column
from packpress.tables.rows import Tables, read_tables, read_text
from packpress.tables.values import Columns, Content


def derive_documents(
    package: Package, texts: Iterable[str], list_figures: Callable[[Package, Tables], Mapping[str, str]]
) -> dict[str, str]:
    """The text of every file that is derived from the package, by path.

    `texts` are paths of texts with figures; missing ones are skipped.
    """
    package = with_link_tables(package)
    views = read_views(package.root / "sql" / "views")
    queries = read_views(package.root / "sql" / "queries")
    documents = {
        "metadata.yml": render_metadata(package, views, queries),
        "docs/data-dictionary.md": render_dictionary(package, views),
    }
    if not list_uncited(package):
        documents[CITATION] = render_citation(package)
    paths = [path for path in texts if has_file(package.root, path)]
    figures = list_figures(package, read_tables(package)) if paths else {}
    for path in paths:
        documents[path] = fill_figures(read_text(package.root / path, path, "utf-8"), figures)
    return documents


def render_dictionary(package: Package, views: list[View]) -> str:
    """The data dictionary in Markdown: every table, column and allowed value with its meaning.

    >>> from packpress import read_package
    >>> print(render_dictionary(read_package("fleet"), []).splitlines()[0])
    # Data dictionary
    """
    parts = [f"# Data dictionary\n\n{package.titled_version}. {MADE_BY}\n"]
    parts += ["## Tables\n", *(_render_resource(resource) for resource in package.resources)]
    if package.derived:
        parts += ["## Derived tables\n", *(_render_resource(resource) for resource in package.derived)]
    if views:
        parts += ["## Views\n", *(f"### {view.name}\n\n{view.title}. {view.description}\n" for view in views)]
    return "\n".join(parts)


def _render_resource(resource: Resource) -> str:
    lines = [
        f"### {resource.name}",
        "",
        resource.description,
        "",
        f"Key: `{', '.join(resource.primary_key)}`.",
        "",
    ]
    lines += ["| column | type | meaning |", "| --- | --- | --- |"]
    lines += [
        f"| `{field.name}` | {_describe_type(field, resource)} | {_escape(field.description)} |"
        for field in resource.fields
    ]
    for field in resource.fields:
        if field.enum_descriptions:
            lines += ["", f"Values of `{field.name}`:", ""]
            lines += [f"- `{value}`: {meaning}" for value, meaning in field.enum_descriptions.items()]
    return "\n".join([*lines, ""])


def _describe_type(field: Field, resource: Resource) -> str:
    notes = [f"{field.type} in {field.unit}" if field.unit else field.type]
    if field.is_required:
        notes.append("required")
    if field.verbatim:
        notes.append("verbatim")
    notes += [_describe_key(key, resource) for key in resource.declared_keys if field.name in key.fields]
    return ", ".join(notes)


def _describe_key(key: ForeignKey, resource: Resource) -> str:
    what = "keys" if resource.is_of_items(key) else "key"
    where = f" in the package {key.package}" if key.package else ""
    return f"{what} of {key.resource}{where}{', where it is there' if key.is_weak else ''}"


def _escape(text: str) -> str:
    return text.replace("|", "\\|")


def fill_figures(text: str, figures: Mapping[str, str]) -> str:
    """The text with new figures between the comments `<!-- name -->` and `<!-- /name -->`.

    >>> print(fill_figures("<!-- boats -->\\nold\\n<!-- /boats -->", {"boats": "3 boats"}))
    <!-- boats -->
    <BLANKLINE>
    3 boats
    <BLANKLINE>
    <!-- /boats -->
    """
    for name, figure in figures.items():
        place = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = place.sub(lambda match, figure=figure: f"{match[1]}\n{figure}\n\n{match[2]}", text)  # type: ignore[misc]
    return text


def make_edition(package: Package, contents: list[Content], edition: str) -> tuple[Package, list[Content]]:
    """The package and its tables without the text that the edition leaves out.

    Raises CannotRunError when such text is part of a primary key.
    """
    left_out = LEFT_OUT[edition]
    empty = {
        resource.name: {field.name for field in resource.fields if field.verbatim in left_out}
        for resource in (*package.resources, *package.derived)
    }
    for resource in (*package.resources, *package.derived):
        if empty[resource.name] & set(resource.primary_key):
            words = f"{resource.name}: its key contains text from the source"
            raise CannotRunError(f"{words}, so it has no edition without it; use --source-text full")

    def select(resources: Iterable[ListedResource]) -> list[dict[str, Any]]:
        return [item.emptied(empty) for item in resources if item.verbatim not in left_out]

    listed, derived = select(package.listed), select(package.derived)
    changed = package.replaced(resources=listed, derived=derived or None, edition=edition)
    if any(empty.values()):
        # Rules compare quotes with the documents, parts of which are now missing.
        changed = changed.without_rules()
    return changed, [_empty_fields(content, changed, empty[content.resource.name]) for content in contents]


def _empty_fields(content: Content, package: Package, names: Iterable[str]) -> Content:
    resource = package.by_name[content.resource.name]
    if resource.described() == content.resource.described():
        return content
    texts = {resource.field_names.index(name): resource.missing_text(resource.field(name)) for name in names}

    def start() -> Iterator[Columns]:
        for columns in content.start():
            yield [
                Column.repeat(texts[at], len(column)) if at in texts else column
                for at, column in enumerate(columns)
            ]

    return Content(resource, start, len(content))
