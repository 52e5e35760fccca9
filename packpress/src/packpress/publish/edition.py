"""Editions: how many of the sources' own words a build carries, and a descriptor that says so.

`full` carries them all, `quotes` leaves out the fields that hold a document's running text, `none`
leaves out every verbatim field. What is left out is an empty column, so that every edition has the
same tables.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from packpress.package.descriptor import Package, build_package
from packpress.package.formats import is_table
from packpress.package.resource import build_resource
from packpress.problems import CannotRunError
from packpress.publish.content import Columns, Content
from packpress.tables.fast.arrays import make_places, make_texts

# What `verbatim` a field or a file must be marked with to be left out.
LEFT_OUT: dict[str, frozenset[str]] = {
    "full": frozenset(),
    "quotes": frozenset({"document"}),
    "none": frozenset({"document", "quote"}),
}
# Constraints that an empty column breaks.
BROKEN_CONSTRAINTS = frozenset({"required", "minLength"})
EXAMPLES = frozenset({"example", "examples"})

Raw = dict[str, Any]


def make_edition(package: Package, contents: list[Content], edition: str) -> tuple[Package, list[Content]]:
    """The package and its tables without the words that the edition leaves out.

    CannotRunError when such words are part of a primary key.
    """
    left_out = LEFT_OUT[edition]
    empty = {
        resource.name: {field.name for field in resource.fields if field.verbatim in left_out}
        for resource in (*package.resources, *package.derived)
    }
    raw = dict(package.raw) | {"edition": edition}
    for name in {"resources", "derived"} & raw.keys():
        raw[name] = [
            _describe_resource(item, empty) for item in raw[name] if item.get("verbatim", "") not in left_out
        ]
    if any(empty.values()) and "validation" in raw:
        # The rules of a package compare its words with its documents, which are no longer all there.
        raw["validation"] = {key: value for key, value in raw["validation"].items() if key != "rules"}
    changed = build_package(package.path, raw)
    return changed, [_empty_fields(content, changed, empty[content.resource.name]) for content in contents]


def _describe_resource(raw: Mapping[str, Any], empty: Mapping[str, set[str]]) -> Raw:
    """The descriptor of a resource in which the fields left out may be empty and are part of no key."""
    if not is_table(raw):
        return dict(raw)
    resource = build_resource(raw)
    own = empty[resource.name]
    if own & set(resource.primary_key):
        words = f"{resource.name}: its key holds words of the source"
        raise CannotRunError(f"{words}, so it has no edition without them; use --source-text full")
    schema = dict(raw["schema"])
    schema["fields"] = [_describe_field(item) if item["name"] in own else item for item in schema["fields"]]
    unique_keys = zip(schema.get("uniqueKeys", ()), resource.unique_keys, strict=True)
    foreign_keys = zip(schema.get("foreignKeys", ()), resource.foreign_keys, strict=True)
    kept = {
        "uniqueKeys": [item for item, names in unique_keys if not own & set(names)],
        "foreignKeys": [
            item
            for item, key in foreign_keys
            if not own & set(key.fields) and not empty.get(key.resource, set()) & set(key.reference_fields)
        ],
    }
    # The standard wants at least one key where it lists keys.
    return {**raw, "schema": {k: v for k, v in {**schema, **kept}.items() if v or k not in kept}}


def _describe_field(raw: Mapping[str, Any]) -> Raw:
    field = {name: value for name, value in raw.items() if name not in EXAMPLES}
    if "constraints" in field:
        field["constraints"] = {k: v for k, v in field["constraints"].items() if k not in BROKEN_CONSTRAINTS}
    return {name: value for name, value in field.items() if name != "constraints" or value}


def _empty_fields(content: Content, package: Package, names: Iterable[str]) -> Content:
    resource = package.by_name[content.resource.name]
    if resource.raw == content.resource.raw:
        return content
    empty = {resource.field_names.index(name): resource.missing_text(resource.field(name)) for name in names}
    texts = {at: make_texts([text or None]) for at, text in empty.items()}

    def start() -> Iterator[Columns]:
        for columns in content.start():
            yield [
                texts[at].take(make_places(np.zeros(len(column), np.int64))) if at in texts else column
                for at, column in enumerate(columns)
            ]

    return Content(resource, start, len(content))
