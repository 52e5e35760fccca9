"""What serving a build needs beside its database: `site.json`, and the metadata of Datasette."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from packpress.package.descriptor import Package, build_package
from packpress.package.dictionary import OWN_TABLES, View, parse_view, read_views
from packpress.package.document import read_document
from packpress.package.paths import find_file
from packpress.package.profile import find_faults
from packpress.package.resource import Resource
from packpress.problems import CannotReadError, CannotRunError, shorten_value

MADE_BY = "# Derived from datapackage.json and sql/ by `packpress generate`; edit those, not this file.\n"
HEADER = re.compile(r"\A(?:--.*\n)+")
# What a query answers when a reader gives no value, as the query itself says it.
DEFAULT_VALUE = re.compile(r"coalesce\(nullif\(:(\w+), ''\), '([^']*)'\)")


def render_metadata(package: Package, views: Iterable[View], queries: Iterable[View]) -> str:
    """The text of `metadata.yml`."""
    metadata = derive_metadata(package, views, queries)
    return MADE_BY + yaml.dump(metadata, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


def derive_metadata(package: Package, views: Iterable[View], queries: Iterable[View]) -> dict[str, Any]:
    """What Datasette reads, and what our pages show beside it; empty keys are left out."""
    licence = next(iter(package.licenses), {})
    tables = {
        resource.name: _describe_resource(resource)
        for resource in (*package.resources, *package.derived, *OWN_TABLES)
    }
    return _without_empty(
        {
            "title": package.title,
            "description": package.description,
            "license": licence.get("title") or licence.get("name"),
            "license_url": licence.get("path"),
            "source": "; ".join(source["title"] for source in package.sources if source.get("title")),
            "homepage": package.homepage,
            "repository": package.repository,
            "version": package.version,
            "created": package.created[:10],
            "databases": {
                package.database_name: _without_empty(
                    {
                        "title": package.title,
                        "description": package.description,
                        "tables": tables | {view.name: _describe_view(view) for view in views},
                        "queries": {query.name: _describe_query(query) for query in queries},
                    }
                )
            },
        }
    )


def _describe_resource(resource: Resource) -> dict[str, Any]:
    hints = resource.publishing
    return _without_empty(
        {
            "title": resource.title,
            "description": resource.description,
            "columns": {field.name: field.description for field in resource.fields if field.description},
            "label_column": hints.get("label"),
            "facets": [
                *(hints.get("facets") or ()),
                # Counts over link tables, by the key at their other end; a kind of facet of our site.
                *({"linked": name} for name in hints.get("linkedFacets") or ()),
            ],
            "facet_size": hints.get("facetSize"),
            "sort": hints.get("sort"),
            "size": hints.get("size"),
            "hidden": hints.get("hidden"),
        }
    )


def _describe_view(view: View) -> dict[str, Any]:
    return _without_empty(
        {"title": view.title, "description": view.description, "columns": dict(view.columns)}
    )


def _describe_query(query: View) -> dict[str, Any]:
    return _without_empty(
        {
            "title": query.title,
            "description": query.description,
            "columns": dict(query.columns),
            "defaults": dict(DEFAULT_VALUE.findall(query.sql)),
            "hide_sql": True,
            "sql": strip_header(query.sql),
        }
    )


def strip_header(sql: str) -> str:
    """The statement of an SQL file, without the comments at its head."""
    return HEADER.sub("", sql)


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [], {}, False)}


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as a block, so that SQL can be read."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _represent_text)


SITE_FILE = "site.json"
FORM = 1
# No row of SQLite is longer.
LONGEST_ROW = 10**9


@dataclass(frozen=True)
class ServedBuild:
    """A build as it is served: its folder, and what its site file says."""

    folder: Path
    package: Package
    views: tuple[View, ...] = ()
    queries: tuple[View, ...] = ()
    # Markdown by the path that it has beside the descriptor.
    texts: Mapping[str, str] | None = None
    extension: str = ""
    # Bytes of the longest row, so that bounds on what SQLite makes leave room for what it holds.
    longest_row: int = 0

    @property
    def database(self) -> Path:
        """The file of the database."""
        return self.folder / f"{self.package.database_name}.db"


def render_site_file(package: Package, extension: str, texts: Mapping[str, str], longest_row: int) -> str:
    """The text of the site file of a package as it is published, with the SQL beside its descriptor."""
    sql = package.root / "sql"
    # Rows are not a description of them, but a table that has them nowhere would be none.
    resources = [
        resource.described(data=[]) if "data" in resource.declared else resource.described()
        for resource in package.listed
    ]
    document = {
        "form": FORM,
        "extension": extension,
        "longest_row": longest_row,
        "descriptor": package.described(resources=resources),
        "views": [_describe(view) for view in read_views(sql / "views")],
        "queries": [_describe(query) for query in read_views(sql / "queries")],
        "texts": dict(texts),
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _describe(view: View) -> dict[str, Any]:
    return {"name": view.name, "sql": view.sql}


def read_texts(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """The texts of a package by their paths, without those that are missing; CannotRunError for no UTF-8."""
    texts = {}
    for path in paths:
        try:
            texts[path] = find_file(root, path).read_bytes().decode("utf-8")
        except (OSError, CannotReadError):
            continue  # validation gives notice of it
        except UnicodeDecodeError as error:
            raise CannotRunError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    return texts


def read_build(folder: Path) -> ServedBuild:
    """The build in a folder; CannotRunError in one line when there is none, or none that can be served."""
    if not folder.is_dir():
        raise CannotRunError(f"{folder}: no such folder; name one that `packpress build` wrote")
    path = folder / SITE_FILE
    if not path.is_file():
        raise CannotRunError(f"{folder}: holds no {SITE_FILE}; name a folder that `packpress build` wrote")
    document = read_document(path)
    if not isinstance(document, dict) or document.get("form") != FORM:
        raise CannotRunError(f"{path}: of another version of packpress; build the package anew")
    raw = document.get("descriptor")
    if not isinstance(raw, dict) or not isinstance(raw.get("resources"), list):
        raise CannotRunError(f"{path}: holds no descriptor; build the package anew")
    for fault in find_faults(raw):
        raise CannotRunError(f"{path}: {fault.message}; build the package anew")
    package = build_package(folder / "datapackage.json", raw)
    for message in _find_misleading(package):
        raise CannotRunError(f"{path}: {message}; build the package anew")
    texts, longest = document.get("texts"), document.get("longest_row")
    build = ServedBuild(
        folder,
        package,
        _read_files(path, document.get("views")),
        _read_files(path, document.get("queries")),
        {str(name): str(text) for name, text in texts.items()} if isinstance(texts, dict) else {},
        str(document.get("extension") or ""),
        min(longest, LONGEST_ROW) if isinstance(longest, int) and longest > 0 else 0,
    )
    if not build.database.is_file():
        raise CannotRunError(f"{build.database}: no such file; build the package anew")
    return build


def _find_misleading(package: Package) -> Iterator[str]:
    """What the hints for showing a table name although it is no field."""
    for resource in package.by_name.values():
        where, hints = f"publishing of {resource.name}", resource.publishing
        single = [hints[name] for name in ("label", "sort") if name in hints]
        for name in (*single, *(hints.get("facets") or ())):
            if name not in resource.field_names:
                yield f"{where} names {shorten_value(name)}, which is no field"


def _read_files(path: Path, items: Any) -> tuple[View, ...]:
    if not isinstance(items, list):
        return ()
    try:
        return tuple(parse_view(str(item["name"]), str(item["sql"])) for item in items)
    except (TypeError, KeyError):
        raise CannotRunError(f"{path}: holds a question without a name or a statement; build anew") from None
