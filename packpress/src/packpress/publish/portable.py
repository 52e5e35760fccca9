"""Portable checks: SQL that finds rows violating constraints, in any engine that holds the tables as text.

`checks.sql` is for engines that quote as standard SQL does, such as SQLite and DuckDB; `checks-spark.sql` is
the same for Apache Spark. What engines write differently is in `DIALECTS`, and nowhere else. No engine has to
read a number or a date: the queries take texts apart, so every engine finds what the validator finds.
"""

from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from packpress.checks.queries import PreparedCheck, open_tables, prepare_checks
from packpress.package.descriptor import Package
from packpress.package.resource import Field, ForeignKey, Resource
from packpress.sql import quote_identifier, quote_literal
from packpress.tables.constraints import cast_constraint, read_type
from packpress.tables.fast.keys import kind_of
from packpress.tables.patterns import translate_for_java
from packpress.tables.types import BOUNDS, LENGTHS, custom_keys, list_truths, type_of

HEADER = """\
-- Checks of {package}, derived from its descriptor, for {engines}.
-- Load every table with its columns as text, and missing cells as null or as in the CSV. Each query returns
-- the invalid rows as table_name, field_name, check_name, row_key, value, or none if it passed.
-- A statement ends with a semicolon before an empty line.
{note}"""
CHOICES = frozenset({"enum", "categories"})


# ---- what engines write differently


@dataclass(frozen=True)
class Dialect:
    """The SQL of some engines: how they quote, strip characters, call text and match patterns."""

    file: str
    engines: str
    quote_name: Callable[[str], str]
    quote_text: Callable[[str], str]
    # From `leading`, `trailing` or `both`, the characters and a value to the value without them there.
    strip: Callable[[str, str, str], str]
    text_type: str
    # What asks whether a value matches an expression; empty where not all engines have such.
    matches: str = ""
    # What users of these engines must know besides.
    note: str = ""

    def quote_texts(self, texts: Iterable[str]) -> str:
        """The texts as constants, with commas between."""
        return ", ".join(map(self.quote_text, texts))


FUNCTIONS = {"leading": "ltrim", "trailing": "rtrim", "both": "trim"}


def _quote_for_spark(text: str) -> str:
    """A literal in which everything that Spark or its shell may read as more than itself is an escape.

    >>> print(_quote_for_spark("it's ${x}; é"))
    'it\\u0027s \\u0024{x}\\u003B é'
    """
    return "'" + "".join(map(_escape_for_spark, text)) + "'"


def _escape_for_spark(character: str) -> str:
    if character.isprintable() and character not in "'\"\\$;`":
        return character
    code = ord(character)
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


STANDARD = Dialect(
    "checks.sql",
    "SQLite, DuckDB and other engines with standard quotes",
    quote_identifier,
    quote_literal,
    lambda side, characters, value: f"{FUNCTIONS[side]}({value}, '{characters}')",
    "varchar",
)
SPARK = Dialect(
    "checks-spark.sql",
    "Apache Spark",
    lambda name: "`" + name.replace("`", "``") + "`",
    _quote_for_spark,
    lambda side, characters, value: f"trim({side} '{characters}' from {value})",
    "string",
    "rlike",
    "-- Set spark.sql.variable.substitute to false if names of tables or columns hold ${...}.\n",
)
DIALECTS = (STANDARD, SPARK)


# ---- the files


@dataclass(frozen=True)
class Check:
    """One constraint of one table, and the query for the rows that violate it."""

    table: str
    field: str
    name: str
    query: str


def render_checks(package: Package, resources: Iterable[Resource]) -> dict[str, str]:
    """The texts of the files by name: every check, then the constraints that no query of theirs can check.

    >>> from packpress import read_package
    >>> package = read_package("fleet")
    >>> [*render_checks(package, package.resources)]
    ['checks.sql', 'checks-spark.sql']
    """
    resources, own = list(resources), _prepare_own(package)
    return {dialect.file: _render_file(package, resources, own, dialect) for dialect in DIALECTS}


def _render_file(
    package: Package, resources: list[Resource], own: list[PreparedCheck], dialect: Dialect
) -> str:
    queries = [_write_query(package, prepared, dialect) for prepared in own]
    about = _in_line(f"{package.name} {package.declared_version}".rstrip())
    parts = [HEADER.format(package=about, engines=dialect.engines, note=dialect.note)]
    for check in list_checks(resources, dialect):
        parts.append(f"\n{_comment(f'{check.table}.{check.field}: {check.name}')}{check.query};\n")
    if any(queries):
        parts.append("\n-- The package's own checks, for tables that pass those of their types above.\n")
        for check in filter(None, queries):
            parts.append(f"\n{_comment(f'{check.table}: {check.name}')}{check.query};\n")
    unasked = [
        f"{prepared.check.table}: {prepared.check.code} {prepared.check.title}"
        for prepared, query in zip(own, queries, strict=True)
        if not query
    ]
    left_out = list(map(_comment, [*list_left_out(resources, dialect), *unasked]))
    if left_out:
        parts += [
            "\n-- Not covered, because no query of these engines judges it as the validator does:\n",
            *left_out,
        ]
    return "".join(parts)


def _in_line(text: str) -> str:
    return " ".join(text.splitlines())


def _comment(text: str) -> str:
    return f"-- {_in_line(text)}\n"


def list_checks(resources: Iterable[Resource], dialect: Dialect = STANDARD) -> Iterator[Check]:
    """The checks of the tables: types, required, enumerations, ranges, lengths, patterns and keys.

    >>> from packpress import read_package
    >>> [check.name for check in list_checks([read_package("fleet").by_name["boats"]])]
    ['required', 'required', 'type', 'primaryKey']
    """
    resources = list(resources)
    by_name = {resource.name: resource for resource in resources}
    for resource in resources:
        table = _Table(resource, dialect)
        for field in resource.fields:
            yield from table.check_field(field)
        for name, key in _list_keys(resource):
            if all(_has_form(resource.field(part)) for part in key):
                yield table.check_unique(name, key)
        for foreign in resource.foreign_keys:
            target = by_name.get(foreign.resource)
            if target and _are_comparable(resource, foreign, target):
                yield table.check_foreign_key(foreign, _Table(target, dialect))


def _prepare_own(package: Package) -> list[PreparedCheck]:
    """The package's SQL checks, with the tables and columns that each of them reads."""
    if not package.checks:
        return []
    with closing(open_tables(package)) as db:
        return [one for one in prepare_checks(db, package) if isinstance(one, PreparedCheck)]


def _write_query(package: Package, prepared: PreparedCheck, dialect: Dialect) -> Check | None:
    """A check with tables that read their texts; None when not all engines of the dialect can run it."""
    check, tables = prepared.check, {name: package.by_name[name] for name in prepared.reads}
    key = tables[check.table].primary_key
    read = [tables[name].field(column) for name, columns in prepared.reads.items() for column in columns]
    if dialect is not STANDARD or not key or prepared.reads_row_numbers or not all(map(_has_form, read)):
        return None
    typed = ",\n".join(
        _Table(table, dialect).select_typed(prepared.reads[name]) for name, table in tables.items()
    )
    row_key = " || ',' || ".join(f"cast(q.{dialect.quote_name(name)} as {dialect.text_type})" for name in key)
    is_shown = check.field in prepared.columns
    value = f"cast(q.{dialect.quote_name(check.field)} as {dialect.text_type})" if is_shown else "null"
    words = {"table_name": check.table, "field_name": check.field, "check_name": check.code}
    columns = ", ".join(f"{dialect.quote_text(text)} as {name}" for name, text in words.items())
    found = f"{columns}, {row_key} as row_key, {value} as value\nfrom (\n{check.statement}\n) as q"
    query = f"with {typed}\nselect {found}"
    return Check(check.table, check.field, f"{check.code}: {check.title}", query)


def list_left_out(resources: Iterable[Resource], dialect: Dialect = STANDARD) -> Iterator[str]:
    """The constraints that have no check, one line each.

    >>> from packpress import read_package
    >>> list(list_left_out(read_package("fleet").resources))
    ['boats.boat_id: pattern [a-z]+']
    """
    resources = list(resources)
    by_name = {resource.name: resource for resource in resources}
    for resource in resources:
        for name, key in _list_keys(resource):
            if not all(_has_form(resource.field(part)) for part in key):
                yield f"{resource.name}: {name} {', '.join(key)}"
        for foreign in resource.foreign_keys:
            target = by_name.get(foreign.resource)
            if target and not _are_comparable(resource, foreign, target):
                yield f"{resource.name}: foreignKey {', '.join(foreign.fields)} to {target.name}"
        for loose in resource.loose_keys:
            kind = (
                f"in the package {loose.package}"
                if loose.package
                else "weak"
                if loose.is_weak
                else "of items"
            )
            yield f"{resource.name}: foreignKey {', '.join(loose.fields)} to {loose.resource}, {kind}"
        for field in resource.fields:
            for name, bound in _list_constraints(field):
                if not _is_covered(field, name, bound, dialect):
                    yield f"{resource.name}.{field.name}: {name} {bound}"


def _list_constraints(field: Field) -> Iterator[tuple[str, Any]]:
    """What a cell must keep to, keys aside: its type, constraints, and categories if there is no `enum`."""
    if field.type != "any" and (field.type, field.format) != ("string", "default"):
        yield "type", field.type if field.format == "default" else f"{field.type}, {field.format}"
    for name, bound in field.constraints.items():
        if name not in {"required", "unique"}:
            yield name, bound
    if field.categories and not field.enum:
        yield "categories", list(field.categories)


def _is_covered(field: Field, name: str, bound: Any, dialect: Dialect) -> bool:
    form = _find_form(field)
    if name == "type":
        return bool(form) and (form != "text" or field.format == "uuid")
    if name in CHOICES:
        return bool(form)
    if name in LENGTHS:
        return form == "text"
    if name == "pattern":
        return bool(dialect.matches and translate_for_java(bound))
    return name in BOUNDS and form in ORDERED


# ---- forms: how texts of a type are read without asking an engine to

NUMBERS = frozenset({"whole", "number", "year"})
ORDERED = NUMBERS | {"day", "month"}
DIGITS = "0123456789"
# Infinity is beyond every number whose exponent has this many digits.
MOST_EXPONENT, INFINITE = 18, 2 * 10**18
# Which two digits end a year that may be a leap year, or begin one of a whole century.
FOURTHS = tuple(f"{number:02d}" for number in range(0, 100, 4))


def _find_form(field: Field) -> str:
    """The form of the field's texts; empty when its cells are read in another way than its type's default."""
    form = type_of(field).text_form
    allowed = {"text": {"format"}, "truth": {"trueValues", "falseValues"}}.get(form, set())
    return "" if custom_keys(field) - {"categories"} - allowed else form


def _has_form(field: Field) -> bool:
    return bool(_find_form(field))


def _are_comparable(resource: Resource, key: ForeignKey, target: Resource) -> bool:
    """Whether both ends of a foreign key hold values of one kind, in forms that queries read."""
    ends = (
        (resource.field(name), target.field(other))
        for name, other in zip(key.fields, key.reference_fields, strict=True)
    )
    return all(_has_form(one) and _has_form(other) and kind_of(one) == kind_of(other) for one, other in ends)


def _write_number(value: Decimal) -> tuple[str, str, int]:
    """Sign, digits and point of a number: 0.00120 has the digits 12 and the point -2, for it is 0.12e-2."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return ("-" if sign else "", "1", INFINITE)
    written = "".join(map(str, digits)).lstrip("0")
    stripped = written.rstrip("0")
    return ("-" if sign and stripped else "", stripped, len(written) + exponent if stripped else 0)


def _write_key(value: Any) -> str | None:
    """The text that stands for a value in keys; None for what no cell can equal."""
    match value:
        case str():
            return value
        case int() | float() | Decimal():
            number = Decimal(str(int(value) if isinstance(value, bool) else value))
            if number.is_nan():
                return None
            sign, digits, point = _write_number(number)
            return f"{sign}{digits}e{point}" if digits else "0"
        case date():
            return value.isoformat()
        case (int(), int()):
            return f"{value[0]:04d}-{value[1]:02d}"
    return None


@dataclass(frozen=True)
class _Form:
    """Expressions that make of the cell `c<n>` a text `k<n>`: the same for equal values, null for no value.

    They come in layers, each of which may use the names of those before it. A number has its sign, digits
    and point besides, as `s<n>`, `d<n>` and `p<n>`.
    """

    field: Field
    n: int
    dialect: Dialect

    def list_layers(self) -> list[dict[str, str]]:
        """The layers for the form of the field, each from names to expressions."""
        layers: list[dict[str, str]] = getattr(self, f"_read_{_find_form(self.field)}")()
        return [{f"{name}{self.n}": expression for name, expression in layer.items()} for layer in layers]

    def _names(self, letters: str) -> list[str]:
        return [f"{letter}{self.n}" for letter in letters]

    def _are_digits(self, value: str) -> str:
        return f"{value} <> '' and {self.dialect.strip('both', DIGITS, value)} = ''"

    def _without_zeros(self, side: str, value: str) -> str:
        return self.dialect.strip(side, "0", value)

    def _read_text(self) -> list[dict[str, str]]:
        (c,) = self._names("c")
        if self.field.format != "uuid":
            return [{"k": c}]
        rest = self.dialect.strip("both", f"{DIGITS}abcdefABCDEF", f"replace({c}, '-', '')")
        signs = " and ".join(f"substr({c}, {place}, 1) = '-'" for place in (9, 14, 19, 24))
        lengths = f"length({c}) = 36 and length(replace({c}, '-', '')) = 32"
        return [{"k": f"case when {lengths} and {signs} and {rest} = '' then {c} end"}]

    def _read_truth(self) -> list[dict[str, str]]:
        (c,) = self._names("c")
        truths, untruths = list_truths(self.field)
        cases = [
            f"when {c} in ({self.dialect.quote_texts(texts)}) then '{_write_key(is_true)}'"
            for texts, is_true in ((untruths, False), (truths, True))
            if texts
        ]
        return [{"k": f"case {' '.join(cases)} end" if cases else f"nullif({c}, {c})"}]

    def _read_day(self) -> list[dict[str, str]]:
        c, y, m, t = self._names("cymt")
        fourths = self.dialect.quote_texts(FOURTHS)
        is_leap = (
            f"substr({y}, 3) in ({fourths}) and (substr({y}, 3) <> '00' or substr({y}, 1, 2) in ({fourths}))"
        )
        is_day = (
            f"{t} <= '28' or ({t} <= '30' and {m} <> '02') or ({t} = '29' and {is_leap})"
            f" or ({t} = '31' and {m} in ('01', '03', '05', '07', '08', '10', '12'))"
        )
        form = f"length({c}) = 10 and {c} = {y} || '-' || {m} || '-' || {t}"
        digits = self._are_digits(f"{y} || {m} || {t}")
        within = f"{y} <> '0000' and {m} between '01' and '12' and {t} >= '01' and ({is_day})"
        parts = {"y": f"substr({c}, 1, 4)", "m": f"substr({c}, 6, 2)", "t": f"substr({c}, 9, 2)"}
        return [parts, {"k": f"case when {form} and {digits} and {within} then {c} end"}]

    def _read_month(self) -> list[dict[str, str]]:
        c, y, m = self._names("cym")
        form = f"length({c}) = 7 and {c} = {y} || '-' || {m} and {m} between '01' and '12'"
        parts = {"y": f"substr({c}, 1, 4)", "m": f"substr({c}, 6, 2)"}
        return [parts, {"k": f"case when {form} and {self._are_digits(f'{y} || {m}')} then {c} end"}]

    def _read_year(self) -> list[dict[str, str]]:
        (c,) = self._names("c")
        return [{"s": "''"}, self._read_digits(c, f" and length({c}) = 4"), self._write_key()]

    def _read_whole(self) -> list[dict[str, str]]:
        c, b = self._names("cb")
        return [_part_sign(c), self._read_digits(b), self._write_key()]

    def _read_digits(self, body: str, more: str = "") -> dict[str, str]:
        leading = self._without_zeros("leading", body)
        digits = self._without_zeros("trailing", leading)
        return {"d": f"case when {self._are_digits(body)}{more} then {digits} end", "p": f"length({leading})"}

    def _read_number(self) -> list[dict[str, str]]:
        """The layers of a number: letters, sign, mantissa and exponent, their parts, and what these make."""
        c, w, b, m, x, g, i, a, h, z, e = self._names("cwbmxgiahze")
        lowered = c
        for capital in "AEFIN":  # of NaN, INF and exponents; an engine's own capitals are not those of ASCII
            lowered = f"replace({lowered}, '{capital}', '{capital.lower()}')"
        leading, power = self._without_zeros("leading", a), self._without_zeros("leading", g)
        is_number = (
            f"{self.dialect.strip('both', DIGITS, m)} in ('', '.') and {m} not in ('', '.')"
            f" and {self._are_digits(g)} and length({power}) <= {MOST_EXPONENT}"
        )
        digits = self._without_zeros("trailing", leading)
        return [
            {"w": lowered},
            _part_sign(w),
            {"m": _cut_before(b, "e"), "x": _cut_behind(b, "e", "'0'")},
            {
                "i": _cut_before(m, "."),
                "a": f"replace({m}, '.', '')",
                "g": f"case when substr({x}, 1, 1) in ('-', '+') then substr({x}, 2) else {x} end",
            },
            {
                "h": f"case when {is_number} then 1 else 0 end",
                "z": f"length({i}) - length({a}) + length({leading})",
            },
            {
                # No engine is asked to read what may be no number, not even where the result is not used.
                "e": f"cast('0' || case when {h} = 1 then {power} else '' end as bigint)"
                f" * case when substr({x}, 1, 1) = '-' then -1 else 1 end",
                "d": f"case when {h} = 1 then {digits} when {w} = 'nan' then 'nan'"
                f" when {w} in ('inf', '-inf') then '1' end",
            },
            {"p": f"case when {h} = 1 then {z} + {e} else {INFINITE} end"},
            self._write_key(),
        ]

    def _write_key(self) -> dict[str, str]:
        s, d, p = self._names("sdp")
        return {"k": f"case when {d} = '' then '0' else {s} || {d} || 'e' || {p} end"}


def _part_sign(value: str) -> dict[str, str]:
    first = f"substr({value}, 1, 1)"
    return {
        "s": f"case when {first} = '-' then '-' else '' end",
        "b": f"case when {first} in ('-', '+') then substr({value}, 2) else {value} end",
    }


def _cut_before(value: str, sign: str) -> str:
    place = f"instr({value}, '{sign}')"
    return f"case when {place} > 0 then substr({value}, 1, {place} - 1) else {value} end"


def _cut_behind(value: str, sign: str, otherwise: str) -> str:
    place = f"instr({value}, '{sign}')"
    return f"case when {place} > 0 then substr({value}, {place} + 1) else {otherwise} end"


def _out_of_range(name: str, value: Any, dialect: Dialect) -> str:
    """SQL for the cell of `k0` being beyond the bound of a constraint."""
    sign, key = BOUNDS[name].broken, _write_key(value) or ""
    if not isinstance(value, int | Decimal):
        return f"k0 {sign} {dialect.quote_text(key)}"
    beyond = _is_beyond(*_write_number(Decimal(value)), is_less=sign[0] == "<")
    same = f" or k0 = '{key}'" if sign.endswith("=") else ""
    return f"k0 is not null and (d0 = 'nan' or {beyond}{same})"


def _is_beyond(sign: str, digits: str, point: int, is_less: bool) -> str:
    """SQL for a number being less than the one of these parts, or greater."""
    ahead, behind = ("-", "") if is_less else ("", "-")
    if not digits:
        return f"(s0 = '{ahead}' and d0 <> '')"
    if sign == ahead:  # on that side of nought, and further from it
        return f"(s0 = '{ahead}' and d0 <> '' and (p0 > {point} or (p0 = {point} and d0 > '{digits}')))"
    return f"(s0 = '{ahead}' or d0 = '' or p0 < {point} or (p0 = {point} and d0 < '{digits}'))"


# ---- the queries


def _list_keys(resource: Resource) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The keys that no two rows may share, as the constraint and its fields."""
    if resource.primary_key:
        yield "primaryKey", resource.primary_key
    for key in resource.unique_keys:
        yield "uniqueKeys", key
    for field in resource.fields:
        if field.is_unique and (field.name,) != resource.primary_key:
            yield "unique", (field.name,)


@dataclass(frozen=True)
class _Table:
    """A table and the queries that check it, in one dialect."""

    resource: Resource
    dialect: Dialect

    def check_field(self, field: Field) -> Iterator[Check]:
        """The checks of the field's cells."""
        if field.is_required or field.name in self.resource.primary_key:
            yield self._check_cell(field, "required", "c0 is null")
        for name, bound in _list_constraints(field):
            if _is_covered(field, name, bound, self.dialect):
                fault = self._find_fault(field, name, bound)
                if fault:
                    yield self._check_cell(field, name, fault)

    def _check_cell(self, field: Field, name: str, fault: str) -> Check:
        has_form = name != "required"
        rows = self._select_rows((field,), has_form=has_form)
        return self._new_check(field, name, f"row_key, value\nfrom {rows} as t\nwhere {fault}")

    def _find_fault(self, field: Field, name: str, bound: Any) -> str:
        """SQL that is true of a cell that breaks the constraint; empty when the bound is no value."""
        if name == "type":
            return "c0 is not null and k0 is null"
        if name in CHOICES:
            return self._is_other(field, name, bound)
        if name in LENGTHS:
            return f"length(k0) {LENGTHS[name].broken} {int(bound)}"
        if name == "pattern":
            expression = self.dialect.quote_text(translate_for_java(bound) or "")
            return f"k0 is not null and not (c0 {self.dialect.matches} {expression})"
        value = cast_constraint(bound, field, read_type(field))
        return "" if value is None or value != value else _out_of_range(name, value, self.dialect)

    def _is_other(self, field: Field, name: str, values: Iterable[Any]) -> str:
        if kind_of(field) == "text":
            values = (value for value in values if isinstance(value, str))
        elif name == "enum":
            values = (cast_constraint(value, field, read_type(field)) for value in values)
        texts = [text for text in map(_write_key, values) if text is not None]
        return f"k0 not in ({self.dialect.quote_texts(texts)})" if texts else "k0 is not null"

    def check_unique(self, name: str, key: tuple[str, ...]) -> Check:
        """The check that no two rows share the key."""
        fields = tuple(self.resource.field(part) for part in key)
        filled = [self._with_default(field, n) for n, field in enumerate(fields)]
        columns = ", ".join(f"{part} as f{n}" for n, part in enumerate(filled))
        rows = f"(select row_key, value, {columns} from {self._select_rows(fields)} as n)"
        parts = ", ".join(f"f{n}" for n in range(len(fields)))
        repeated = f"(select {parts} from {rows} as e\n  group by {parts} having count(*) > 1)"
        met = " and ".join(f"r.f{n} = t.f{n}" for n in range(len(fields)))
        found = f"t.row_key, t.value\nfrom {rows} as t\njoin {repeated} as r\n  on {met}"
        return self._new_check(fields[-1], name, found)

    def _with_default(self, field: Field, n: int) -> str:
        """A part of a unique key; what a missing cell counts as never equals a value of another kind."""
        default = field.empty_counts_as
        if default is None:
            return f"k{n}"
        if isinstance(default, str) == (kind_of(field) != "number"):
            return f"coalesce(k{n}, {self.dialect.quote_text(_write_key(default) or str(default))})"
        return f"coalesce('=' || k{n}, {self.dialect.quote_text(f'?{default}')})"

    def check_foreign_key(self, key: ForeignKey, target: "_Table") -> Check:
        """The check that every key which is filled in stands in the target."""
        fields = tuple(self.resource.field(name) for name in key.fields)
        others = tuple(target.resource.field(name) for name in key.reference_fields)
        names = [f"k{n}" for n in range(len(fields))]
        filled = " and ".join(f"t.{name} is not null" for name in names)
        met = " and ".join(f"o.{name} = t.{name}" for name in names)
        existing = f"(select distinct {', '.join(names)} from {target._select_rows(others)} as n)"
        found = (
            f"t.row_key, t.value\nfrom {self._select_rows(fields)} as t"
            f"\nleft join {existing} as o\n  on {met}\nwhere {filled} and o.k0 is null"
        )
        return self._new_check(fields[-1], f"foreignKey {target.resource.name}", found)

    def select_typed(self, columns: Set[str]) -> str:
        """A table expression of the table's own name, with the columns read by their types."""
        typed = [
            f"{self._read_typed(field)} as {self.dialect.quote_name(field.name)}"
            for field in self.resource.fields
            if field.name in columns
        ]
        name = self.dialect.quote_name(self.resource.name)
        return f"{name} as (select {', '.join(typed) or '1 as one'} from main.{name} as t)"

    def _read_typed(self, field: Field) -> str:
        cell, form = self._cell(field), _find_form(field)
        if form == "truth":
            (layer,) = _Form(field, 0, self.dialect).list_layers()
            return f"cast({layer['k0'].replace('c0', cell)} as bigint)"
        kind = "double" if form == "number" else "bigint" if form in NUMBERS else ""
        return f"cast({cell} as {kind})" if kind else cell

    def _new_check(self, field: Field, name: str, found: str) -> Check:
        words = {"table_name": self.resource.name, "field_name": field.name, "check_name": name.split()[0]}
        columns = [f"{self.dialect.quote_text(text)} as {column}" for column, text in words.items()]
        return Check(self.resource.name, field.name, name, f"select {', '.join(columns)}, {found}")

    def _select_rows(self, fields: tuple[Field, ...], has_form: bool = True) -> str:
        """All rows: their key, the cell of the last field, and what the forms make of the fields' cells."""
        cells = ", ".join(f"{self._cell(field)} as c{n}" for n, field in enumerate(fields))
        parts = [f"coalesce({self._column(part)}, '')" for part in self.resource.primary_key]
        row_key = " || ',' || ".join(parts) or "''"
        rows = (
            f"(select {row_key} as row_key, {self._column(fields[-1].name)} as value, {cells}"
            f" from {self.dialect.quote_name(self.resource.name)} as t)"
        )
        forms = [_Form(field, n, self.dialect).list_layers() for n, field in enumerate(fields) if has_form]
        for layers in zip_longest(*forms, fillvalue={}):
            added = ", ".join(f"{sql} as {name}" for layer in layers for name, sql in layer.items())
            rows = f"(select *, {added}\n  from {rows} as t)"
        return rows

    def _cell(self, field: Field) -> str:
        """The cell, with the texts of missing values as null."""
        value = self._column(field.name)
        for text in self.resource.missing_values_of(field):
            value = f"nullif({value}, {self.dialect.quote_text(text)})"
        return value

    def _column(self, name: str) -> str:
        return f"cast(t.{self.dialect.quote_name(name)} as {self.dialect.text_type})"
