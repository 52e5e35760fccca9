"""Metadata: what Datasette is told about the tables, views and queries, as the text of `metadata.yml`.

Everything is derived from the descriptor and from the comments at the head of the SQL files.
"""

import re
from collections.abc import Iterable
from typing import Any

import yaml

from packpress.package.descriptor import Package
from packpress.package.dictionary import OWN_TABLES
from packpress.package.resource import Resource
from packpress.package.views import View

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
