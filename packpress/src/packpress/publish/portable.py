"""Portable checks: SQL that finds rows violating constraints, in any database that holds the tables."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from packpress.package.descriptor import Package
from packpress.package.resource import Field, ForeignKey, Resource
from packpress.publish.sqlite import quote_identifier, quote_literal
from packpress.tables.types import BOUNDS, LENGTHS, custom_keys, type_of

HEADER = """\
-- Checks of {name} {version}, derived from its descriptor.
-- Load every table with all columns as text, and missing cells as null or as in the CSV. Each query returns
-- the invalid rows as table_name, field_name, check_name, row_key, value, or none if it passed.
-- Values are compared as text, except for numbers in keys and ranges; text that is not a plain decimal number
-- is skipped there. Spark SQL: set spark.sql.ansi.enabled and spark.sql.ansi.doubleQuotedIdentifiers.
"""
CHOICES = frozenset({"enum", "categories"})


@dataclass(frozen=True)
class Check:
    """One constraint of one table, and the query for the rows that violate it."""

    table: str
    field: str
    name: str
    query: str


def render_checks(package: Package, resources: Iterable[Resource]) -> str:
    """The text of `checks.sql`: every check, followed by the constraints that no portable query can check."""
    resources = list(resources)
    parts = [HEADER.format(name=package.name, version=package.version)]
    for check in list_checks(resources):
        parts.append(f"\n-- {check.table}.{check.field}: {check.name}\n{check.query};\n")
    left_out = [f"-- {line}\n" for line in list_left_out(resources)]
    if left_out:
        parts += ["\n-- Not covered, because engines have no common syntax for it:\n", *left_out]
    return "".join(parts)


def list_checks(resources: Iterable[Resource]) -> Iterator[Check]:
    """The checks of the tables: keys, required, unique, enumerations, ranges and lengths.

    >>> from packpress import read_package
    >>> [(check.table, check.name) for check in list_checks(read_package("fleet").resources)][:3]
    [('boats', 'required'), ('boats', 'required'), ('boats', 'primaryKey')]
    """
    resources = list(resources)
    by_name = {resource.name: resource for resource in resources}
    for resource in resources:
        for field in resource.fields:
            yield from _check_field(resource, field)
        yield from _check_keys(resource)
        for key in resource.foreign_keys:
            if key.resource in by_name and _links_comparable(resource, key, by_name[key.resource]):
                yield _check_foreign_key(resource, key, by_name[key.resource])


def list_left_out(resources: Iterable[Resource]) -> Iterator[str]:
    """The constraints that have no check, one line each."""
    resources = list(resources)
    by_name = {resource.name: resource for resource in resources}
    for resource in resources:
        for name, key in _list_keys(resource):
            if not all(_are_comparable(resource.field(part), resource.field(part)) for part in key):
                yield f"{resource.name}: {name} {', '.join(key)}".replace("\n", " ")
        for foreign in resource.foreign_keys:
            target = by_name.get(foreign.resource)
            if target and not _links_comparable(resource, foreign, target):
                yield f"{resource.name}: foreignKey {', '.join(foreign.fields)} to {target.name}".replace(
                    "\n", " "
                )
        for field in resource.fields:
            for name, bound in _constraints_of(field).items():
                if name in {"pattern", "jsonSchema"} or (
                    name in {*BOUNDS, *LENGTHS, *CHOICES} and not _is_covered(field, name)
                ):
                    yield f"{resource.name}.{field.name}: {name} {bound}".replace("\n", " ")


def _constraints_of(field: Field) -> dict[str, Any]:
    """The constraints of the cells, with the categories as an `enum` if there is none."""
    is_closed = field.categories and not field.enum
    return {**field.constraints} | ({"categories": list(field.categories)} if is_closed else {})


def _is_covered(field: Field, name: str) -> bool:
    if name in {*CHOICES, *LENGTHS}:
        return field.type == "string"
    return bool(type_of(field).text_order) and not {"format", "decimalChar", "groupChar"} & field.declared


def _check_field(resource: Resource, field: Field) -> Iterator[Check]:
    value = _value("t", field, resource)
    if field.is_required or field.name in resource.primary_key:
        yield _new_check(resource, field, "required", f"{value} is null")
    for name, bound in _constraints_of(field).items():
        if not _is_covered(field, name):
            continue
        if name in CHOICES:
            yield _new_check(resource, field, name, f"{value} not in ({', '.join(map(_text, bound))})")
        elif name in LENGTHS:
            yield _new_check(resource, field, name, f"length({value}) {LENGTHS[name].broken} {int(bound)}")
        elif name in BOUNDS:
            yield _new_check(resource, field, name, _out_of_range(value, field, BOUNDS[name].broken, bound))


def _out_of_range(value: str, field: Field, sign: str, bound: Any) -> str:
    if type_of(field).text_order == "text":
        return f"{value} {sign} {_text(bound)}"
    return _if_plain(value, f"cast({value} as double) {sign} {quote_literal(float(bound))}")


def _if_plain(value: str, then: str) -> str:
    """SQL that is null unless the value is a plain decimal number."""
    rest = value
    for digit in "0123456789":
        rest = f"replace({rest}, '{digit}', '')"
    # Without its digits, a plain number is a sign, a point, both or nothing; anything else would make an
    # engine fail.
    return (
        f"case\n    when {value} = {rest} then null"
        f"\n    when {rest} not in ('', '-', '+', '.', '-.', '+.') then null"
        f"\n    when substr({value}, 2) like '%-%' or substr({value}, 2) like '%+%' then null"
        f"\n    else {then}\n  end"
    )


def _comparable(value: str, field: Field) -> str:
    """A key cell as SQL that is equal for equal values; null when engines would disagree."""
    if type_of(field).text_order != "number":
        return value
    return _if_plain(value, f"cast({value} as {'double' if field.type == 'number' else 'decimal(38, 0)'})")


def _are_comparable(field: Field, other: Field) -> bool:
    """Whether engines agree on equality: for text, and for numbers of one type in their default formats."""
    kinds = {type_of(field), type_of(other)}
    if any(
        not kind.is_text_unique or (kind.key_kind != "text" and custom_keys(one))
        for kind, one in ((type_of(field), field), (type_of(other), other))
    ):
        return False
    return len(kinds) == 1 or not any(kind.text_order == "number" for kind in kinds)


def _list_keys(resource: Resource) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The keys that no two rows may share, as the constraint and its fields."""
    if resource.primary_key:
        yield "primaryKey", resource.primary_key
    for key in resource.unique_keys:
        yield "uniqueKeys", key
    for field in resource.fields:
        if field.is_unique and (field.name,) != resource.primary_key:
            yield "unique", (field.name,)


def _check_keys(resource: Resource) -> Iterator[Check]:
    for name, key in _list_keys(resource):
        if all(_are_comparable(resource.field(part), resource.field(part)) for part in key):
            yield _check_unique(resource, name, key)


def _check_unique(resource: Resource, name: str, key: tuple[str, ...]) -> Check:
    def parts(alias: str) -> list[str]:
        return [_key_part(alias, resource.field(part), resource) for part in key]

    columns = ", ".join(f"{part} as k{n}" for n, part in enumerate(parts("d")))
    names = ", ".join(f"k{n}" for n in range(len(key)))
    repeated = (
        f"(select {names} from (select {columns} from {quote_identifier(resource.name)} as d) as e\n"
        f"  group by {names} having count(*) > 1) as r"
    )
    met = " and ".join(f"r.k{n} = {part}" for n, part in enumerate(parts("t")))
    return Check(
        resource.name,
        key[-1],
        name,
        f"{_select(resource, resource.field(key[-1]), name)}\njoin {repeated}\n  on {met}",
    )


def _links_comparable(resource: Resource, key: ForeignKey, target: Resource) -> bool:
    pairs = zip(key.fields, key.reference_fields, strict=True)
    return all(_are_comparable(resource.field(name), target.field(other)) for name, other in pairs)


def _check_foreign_key(resource: Resource, key: ForeignKey, target: Resource) -> Check:
    parts = [_value_of_key("t", resource.field(name), resource) for name in key.fields]
    filled = " and ".join(f"{part} is not null" for part in parts)
    met = " and ".join(
        _meets(part, target.field(name), target)
        for part, name in zip(parts, key.reference_fields, strict=True)
    )
    field = resource.field(key.fields[-1])
    missing = f"not exists (select 1 from {quote_identifier(target.name)} as o where {met})"
    return _new_check(resource, field, f"foreignKey {target.name}", f"{filled}\n  and {missing}")


def _meets(part: str, field: Field, target: Resource) -> str:
    """SQL that is true when a row of the other table may match this part of a key."""
    value, other = _value("o", field, target), _value_of_key("o", field, target)
    # Values that the engines cannot read as numbers are assumed to match.
    return f"{other} = {part}" if other == value else f"coalesce({other} = {part}, {value} is not null)"


def _new_check(resource: Resource, field: Field, name: str, fault: str) -> Check:
    return Check(
        resource.name, field.name, name, f"{_select(resource, field, name.split()[0])}\nwhere {fault}"
    )


def _select(resource: Resource, field: Field, name: str) -> str:
    parts = [f"coalesce(t.{quote_identifier(part)}, '')" for part in resource.primary_key]
    row_key = " || ',' || ".join(parts) or "''"
    return (
        f"select {quote_literal(resource.name)} as table_name, {quote_literal(field.name)} as field_name, "
        f"{quote_literal(name)} as check_name,\n  {row_key} as row_key, "
        f"t.{quote_identifier(field.name)} as value\nfrom {quote_identifier(resource.name)} as t"
    )


def _value(alias: str, field: Field, resource: Resource) -> str:
    """The cell, with the texts of missing values as null."""
    value = f"{alias}.{quote_identifier(field.name)}"
    for text in resource.missing_values_of(field):
        value = f"nullif({value}, {quote_literal(text)})"
    return value


def _value_of_key(alias: str, field: Field, resource: Resource) -> str:
    return _comparable(_value(alias, field, resource), field)


def _key_part(alias: str, field: Field, resource: Resource) -> str:
    value, default = _value(alias, field, resource), field.empty_counts_as
    filled = value if default is None else f"coalesce({value}, {_text(default)})"
    return _comparable(filled, field)


def _text(value: Any) -> str:
    return quote_literal(str(value))
