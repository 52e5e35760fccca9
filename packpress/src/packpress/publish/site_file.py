"""What serving a build needs besides its database: `site.json`, and Datasette's metadata."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from packpress.package.descriptor import Package, build_package
from packpress.package.dictionary import OWN_TABLES, View, parse_view, read_views
from packpress.package.document import read_document
from packpress.package.licences import Licence, read_licences, read_terms
from packpress.package.paths import find_file
from packpress.package.profile import find_faults
from packpress.package.resource import Resource
from packpress.problems import CannotReadError, CannotRunError, shorten_value

MADE_BY = "# Derived from datapackage.json and sql/ by `packpress generate`; edit those, not this file.\n"
HEADER = re.compile(r"\A(?:--.*\n)+")
# The default of a query parameter, as the query itself spells it out.
DEFAULT_VALUE = re.compile(r"coalesce\(nullif\(:(\w+), ''\), '([^']*)'\)")


def render_metadata(package: Package, views: Iterable[View], queries: Iterable[View]) -> str:
    """The text of `metadata.yml`."""
    metadata = derive_metadata(package, views, queries)
    return MADE_BY + yaml.dump(metadata, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


def derive_metadata(package: Package, views: Iterable[View], queries: Iterable[View]) -> dict[str, Any]:
    """Metadata for Datasette, and for our pages; empty keys are left out.

    >>> from packpress import read_package
    >>> derive_metadata(read_package("fleet"), [], [])["title"]
    'A small fleet'
    """
    licence = next(iter(read_licences(package.licenses)), Licence({}))
    copied = next(iter(read_terms(package)), Licence({}))
    tables = {
        resource.name: _describe_resource(resource, package.describe_set_aside(resource.name))
        for resource in (*package.resources, *package.derived, *OWN_TABLES)
    }
    return _without_empty(
        {
            "title": package.title,
            "description": package.description,
            "license": licence.title,
            "license_url": licence.path,
            # Datasette shows it beside the licence, which does not cover everything.
            "about": copied.title,
            "about_url": copied.address,
            "source": "; ".join(source["title"] for source in package.sources if source.get("title")),
            "homepage": package.homepage,
            "repository": package.repository,
            "version": package.declared_version,
            "created": package.created[:10],
            "set_aside": package.describe_set_aside(),
            "databases": {
                package.database_name: _without_empty(
                    {
                        "title": package.title,
                        "description": package.description,
                        "set_aside": package.describe_set_aside(),
                        "tables": tables | {view.name: _describe_view(view) for view in views},
                        "queries": {query.name: _describe_query(query) for query in queries},
                    }
                )
            },
        }
    )


def _describe_resource(resource: Resource, set_aside: str = "") -> dict[str, Any]:
    hints = resource.publishing
    return _without_empty(
        {
            "title": resource.title,
            "description": resource.description,
            "columns": {field.name: field.description for field in resource.fields if field.description},
            "label_column": hints.get("label"),
            "facets": [
                *(hints.get("facets") or ()),
                # Counts across link tables, by the key at their far end; a kind of facet that our site adds.
                *({"linked": name} for name in hints.get("linkedFacets") or ()),
            ],
            # The two keys of a link table whose own key does not have them; for our site.
            "links": hints.get("links"),
            "facet_size": hints.get("facetSize"),
            "sort": hints.get("sort"),
            "size": hints.get("size"),
            "hidden": hints.get("hidden"),
            "set_aside": set_aside,
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
    """The statement of an SQL file, without the comments at its top.

    >>> strip_header("-- Catches by port\\nselect 1")
    'select 1'
    """
    return HEADER.sub("", sql)


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [], {}, False)}


class _Dumper(yaml.SafeDumper):
    """Writes multi-line text as a block, so that SQL stays readable."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _represent_text)


SITE_FILE = "site.json"
FORM = 1
# SQLite's limit on the size of a row, in bytes.
LONGEST_ROW = 10**9


@dataclass(frozen=True)
class ServedBuild:
    """A build to be served: its folder and the contents of its site file."""

    folder: Path
    package: Package
    views: tuple[View, ...] = ()
    queries: tuple[View, ...] = ()
    # Markdown texts, by their paths relative to the descriptor.
    texts: Mapping[str, str] | None = None
    extension: str = ""
    # Size of the longest row in bytes, so that limits on SQLite still allow reading it.
    longest_row: int = 0

    def placed(self, address: str) -> "ServedBuild":
        """The build with this public address, unless its descriptor names a homepage."""
        if not address or self.package.homepage:
            return self
        return replace(self, package=self.package.replaced(homepage=address))

    @property
    def database(self) -> Path:
        """The path of the database."""
        return self.folder / f"{self.package.database_name}.db"


def render_site_file(package: Package, extension: str, texts: Mapping[str, str], longest_row: int) -> str:
    """The text of `site.json`: the descriptor as published, with the SQL and the texts of the site.

    >>> from packpress import read_package
    >>> json.loads(render_site_file(read_package("fleet"), "", {}, 0))["descriptor"]["name"]
    'fleet'
    """
    sql = package.root / "sql"
    # Inline rows are in the database; but a table needs a path or data to be one.
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
    """The Markdown texts of a package, by path; missing ones are skipped.

    Raises CannotRunError when a text is not UTF-8.

    >>> _ = Path("fleet/method.md").write_text("# Method")
    >>> read_texts(Path("fleet"), ["method.md", "missing.md"])
    {'method.md': '# Method'}
    """
    texts = {}
    for path in paths:
        try:
            texts[path] = find_file(root, path).read_bytes().decode("utf-8")
        except (OSError, CannotReadError):
            continue  # validation reports it as a notice
        except UnicodeDecodeError as error:
            raise CannotRunError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    return texts


def read_build(folder: Path) -> ServedBuild:
    """The build in a folder; CannotRunError when there is none, or it cannot be served."""
    if not folder.is_dir():
        raise CannotRunError(f"{folder}: no such folder; name one that `packpress build` wrote")
    path = folder / SITE_FILE
    if not path.is_file():
        raise CannotRunError(f"{folder}: contains no {SITE_FILE}; name a folder that `packpress build` wrote")
    document = read_document(path)
    if not isinstance(document, dict) or document.get("form") != FORM:
        raise CannotRunError(f"{path}: from another version of packpress; rebuild the package")
    raw = document.get("descriptor")
    if not isinstance(raw, dict) or not isinstance(raw.get("resources"), list):
        raise CannotRunError(f"{path}: has no descriptor; rebuild the package")
    for fault in find_faults(raw):
        raise CannotRunError(f"{path}: {fault.message}; rebuild the package")
    package = build_package(folder / "datapackage.json", raw)
    for message in _find_misleading(package):
        raise CannotRunError(f"{path}: {message}; rebuild the package")
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
        raise CannotRunError(f"{build.database}: no such file; rebuild the package")
    return build


def _find_misleading(package: Package) -> Iterator[str]:
    """Hints that name fields which do not exist."""
    for resource in package.by_name.values():
        where, hints = f"publishing of {resource.name}", resource.publishing
        single = [hints[name] for name in ("label", "sort") if name in hints]
        for name in (*single, *(hints.get("facets") or ())):
            if name not in resource.field_names:
                yield f"{where} names {shorten_value(name)}, which is not a field"


def _read_files(path: Path, items: Any) -> tuple[View, ...]:
    if not isinstance(items, list):
        return ()
    try:
        return tuple(parse_view(str(item["name"]), str(item["sql"])) for item in items)
    except (TypeError, KeyError):
        raise CannotRunError(f"{path}: has a query without a name or a statement; rebuild it") from None
