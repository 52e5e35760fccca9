"""Layout: the rows of a file that are its header or comments, and the columns that contain each field."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from packpress.package.resource import Resource
from packpress.problems import shorten_value
from packpress.similar import nearest_value

Cells = tuple[str, ...]

LONGEST_LIST = 500
# Line ends that every reader recognizes; if another one is declared, these are ordinary characters.
LINE_ENDS = frozenset({"\n", "\r\n", "\r"})


@dataclass(frozen=True)
class Layout:
    """What the dialect of a table says about the rows of its files.

    Rows are counted from 1, including comments and blank lines. If the dialect names no header rows, the
    header is the first row that is neither.

    >>> Layout({"headerRows": [1, 2], "commentRows": [3]}).counted
    3
    """

    dialect: Mapping[str, Any]
    missing: tuple[str, ...] = ()  # the texts that mark a cell as missing

    @property
    def escaped_nulls(self) -> tuple[str, ...]:
        """Texts of missing cells in which the escape character is literal, such as `\\N` of MySQL.

        >>> Layout({"escapeChar": "^"}, ("", "^N")).escaped_nulls
        ('^N',)
        """
        escape = str(self.dialect.get("escapeChar") or "")
        declared = dict.fromkeys((*self.missing, str(self.dialect.get("nullSequence") or "")))
        return tuple(text for text in declared if escape and escape in text)

    @property
    def has_header(self) -> bool:
        """Whether files begin with the names of their columns.

        >>> Layout({}).has_header, Layout({"header": False}).has_header
        (True, False)
        """
        return bool(self.dialect.get("header", True))

    @cached_property
    def header_rows(self) -> tuple[int, ...]:
        """The rows of the header; empty if it is the first row, or there is none.

        >>> Layout({"headerRows": [2]}).header_rows, Layout({}).header_rows
        ((2,), ())
        """
        rows = tuple(self.dialect.get("headerRows") or (1,)) if self.has_header else (1,)
        return () if rows == (1,) else rows

    @cached_property
    def comment_rows(self) -> frozenset[int]:
        """The rows to skip.

        >>> sorted(Layout({"commentRows": [2, 3]}).comment_rows)
        [2, 3]
        """
        return frozenset(self.dialect.get("commentRows") or ()) - set(self.header_rows)

    @property
    def comment(self) -> str:
        """The prefix of rows to skip; empty if there is none."""
        return str(self.dialect.get("commentChar") or "")

    @property
    def counted(self) -> int:
        """The number of rows at the beginning of a file that are identified by their number."""
        return max((*self.header_rows, *self.comment_rows), default=0)

    @property
    def ignores_case(self) -> bool:
        """Whether the case of column names is ignored, by a property of version 1 or of frictionless.

        >>> Layout({"caseSensitiveHeader": False}).ignores_case
        True
        """
        return False in (self.dialect.get("caseSensitiveHeader"), self.dialect.get("headerCase"))

    @property
    def is_plain(self) -> bool:
        """Whether a file is nothing but a header, if any, and records on lines of their own.

        >>> Layout({}).is_plain, Layout({"commentChar": "#"}).is_plain
        (True, False)
        """
        is_of_lines = self.dialect.get("lineTerminator", "\n") in LINE_ENDS
        return is_of_lines and not (self.header_rows or self.comment_rows or self.comment)

    def join_header(self, rows: list[Cells]) -> Cells:
        """The column names of a header of several rows; an empty cell continues the one to its left.

        >>> Layout({"headerRows": [1, 2]}).join_header([("boat", "", "port"), ("id", "name", "")])
        ('boat id', 'boat name', 'port')
        """
        width = max(map(len, rows), default=0)
        filled = [
            *(_fill(row, width) for row in rows[:-1]),
            *((*row, *("",) * width)[:width] for row in rows[-1:]),
        ]
        names = []
        for parts in zip(*filled, strict=True):
            # A name repeated in the next row spans both rows.
            different = [
                part for before, part in zip(("", *parts), parts, strict=False) if part not in ("", before)
            ]
            names.append(str(self.dialect.get("headerJoin", " ")).join(different))
        return tuple(names)


def _fill(row: Cells, width: int) -> list[str]:
    filled: list[str] = []
    for cell in (*row, *("",) * width)[:width]:
        filled.append(cell or (filled[-1] if filled else ""))
    return filled


def looks_like_header(cells: Cells, names: Cells) -> bool:
    """Whether the first row of a file is its header, perhaps misspelt.

    It does if one cell is the name of a field, or if most cells are names in another case or order, or
    misspelt.

    >>> names = ("boat_id", "name")
    >>> looks_like_header(("boat_id", "x"), names), looks_like_header(("ada", "Ada of Lerwick"), names)
    (True, False)
    """
    if not set(cells).isdisjoint(names):
        return True
    folded = {_fold_name(name) for name in names} - {""}
    same = sum(_fold_name(cell) in folded for cell in cells)
    pairs = zip(cells, names, strict=False) if len(names) > 1 else ()
    near = sum(bool(nearest_value(cell, [name])) for cell, name in pairs)
    return 2 * max(same, near) > len(cells)


def _fold_name(name: str) -> str:
    """A name without differences that people overlook: case, blanks, punctuation."""
    return "".join(filter(str.isalnum, name.casefold()))


def layout_of(resource: Resource) -> Layout:
    """The layout of the files of a table.

    >>> from packpress import read_package
    >>> layout_of(read_package("fleet").by_name["boats"]).has_header
    True
    """
    return Layout(resource.dialect, resource.missing_values)


def list_names(names: Sequence[str]) -> str:
    """The names as a message shows them, shortened if there are many.

    >>> list_names(["name", "", "port "])
    'name, a column without a name, "port "'
    """
    shown = (
        (name if name == name.strip() else f'"{name}"') if name.strip() else "a column without a name"
        for name in names[:LONGEST_LIST]
    )
    return shorten_value(", ".join(shown), LONGEST_LIST)


@dataclass(frozen=True)
class Match:
    """How the header of a file corresponds to the fields of its table.

    >>> from packpress import read_package
    >>> match = Match(read_package("fleet").by_name["boats"], ("boat_id", "nmae", "built"))
    >>> match.places, match.missing, match.extra, match.describe()
    ((0, None, 2), ['name'], ['nmae'], 'has "nmae" instead of "name"')
    """

    resource: Resource
    header: Cells

    def _fold(self, names: Cells) -> Cells:
        return tuple(map(str.lower, names)) if layout_of(self.resource).ignores_case else names

    @cached_property
    def places(self) -> tuple[int | None, ...]:
        """The column of each field; None for a field without one."""
        header = {name: place for place, name in reversed(list(enumerate(self._fold(self.header))))}
        return tuple(header.get(name) for name in self._fold(self.resource.field_names))

    @cached_property
    def missing(self) -> list[str]:
        """The fields without a column."""
        return [
            name for name, place in zip(self.resource.field_names, self.places, strict=True) if place is None
        ]

    @cached_property
    def extra(self) -> list[str]:
        """The columns that belong to no field."""
        known = set(self._fold(self.resource.field_names))
        return [
            name
            for name, folded in zip(self.header, self._fold(self.header), strict=True)
            if folded not in known
        ]

    @cached_property
    def _lacking(self) -> list[str]:
        """The fields without a column that need one."""
        resource = self.resource
        needed = set(resource.primary_key) | {field.name for field in resource.fields if field.is_required}
        is_open = resource.fields_match in {"superset", "partial"}
        return [name for name in self.missing if not is_open or name in needed]

    @cached_property
    def _surplus(self) -> list[str]:
        """The columns with a name that belong to no field but must."""
        is_open = self.resource.fields_match in {"subset", "partial"}
        return [] if is_open else [name for name in self.extra if name]

    @cached_property
    def _unnamed(self) -> list[str]:
        """The positions, counted from 1, of the columns that need a name."""
        is_open = self.resource.fields_match in {"subset", "partial"} or "" in self.resource.field_names
        return [] if is_open else [str(place) for place, name in enumerate(self.header, 1) if not name]

    @cached_property
    def _repeated(self) -> list[str]:
        """The names that several columns have; where columns without a name are allowed, they may be many."""
        return [name for name, count in Counter(self._fold(self.header)).items() if name and count > 1]

    @property
    def _is_right(self) -> bool:
        is_same = self._fold(self.header) == self._fold(self.resource.field_names)
        return bool(self.header) and self.resource.fields_match == "exact" and is_same

    def describe(self) -> str:
        """What is wrong with the header, or the empty string."""
        if not self.header:
            return "is empty"
        if self._is_right:
            return ""
        meant = self._meant
        faults = [f'has "{name}" instead of "{near}"' for name, near in meant.items()]
        lacking = [name for name in self._lacking if name not in meant.values()]
        faults += [f"lacks {list_names(lacking)}"] if lacking else []
        surplus = [name for name in self._surplus if name not in meant]
        faults += [f"has {list_names(surplus)}, which the descriptor does not declare"] if surplus else []
        plural = "s" if len(self._unnamed) > 1 else ""
        faults += [f"has no name for column{plural} {list_names(self._unnamed)}"] if self._unnamed else []
        faults += [f"repeats {list_names(self._repeated)}"] if faults and self._repeated else []
        return " and ".join(faults) or self._describe_names()

    @cached_property
    def _meant(self) -> dict[str, str]:
        """The columns whose names are probably misspelt, with the fields that are meant."""
        return {name: near for name in self._surplus if (near := self._find_meant(name))}

    @property
    def is_alike(self) -> bool:
        """Whether the first row is the header, perhaps misspelt, and not a row or a title."""
        return looks_like_header(self.header, self.resource.field_names) or bool(self._meant)

    def _find_meant(self, name: str) -> str:
        """The field that is probably meant by a column's name; empty if there is none."""
        stripped = name.strip()
        return stripped if stripped in self._lacking else nearest_value(name, self._lacking)

    def _describe_names(self) -> str:
        """What is wrong with a header that has the columns that it needs and no others."""
        resource, mode = self.resource, self.resource.fields_match
        if mode == "partial" and len(self.missing) == len(resource.fields):
            return "has none of the declared fields"
        if self._repeated:
            return f"repeats {list_names(self._repeated)}"
        if mode != "exact":
            return ""
        pairs = zip(self._fold(self.header), self._fold(resource.field_names), strict=False)
        found, wanted = next(pair for pair in pairs if pair[0] != pair[1])
        return f"is in another order, with {found} in place of {wanted}"

    def offer_mend(self) -> str:
        """What to do about a wrong header, so that its columns still have their own values.

        >>> from packpress import read_package
        >>> Match(read_package("fleet").by_name["boats"], ("boat_id", "built", "name")).offer_mend()
        'put the columns into the order boat_id,name,built, or set fieldsMatch to "equal"'
        """
        delimiter = str(self.resource.dialect.get("delimiter", ","))
        between = delimiter if delimiter.isprintable() and delimiter.strip() else ", "
        wanted = shorten_value(between.join(self.resource.field_names[:LONGEST_LIST]), LONGEST_LIST)
        surplus = len(self._surplus) + len(self._unnamed)
        if not self.header:
            return f"begin the file with {wanted}"
        again = len(self.header) - len(set(self.header) - {""}) - self.header.count("")
        if self._lacking and surplus + again == len(self._lacking):
            without = (
                "" if self.is_alike else ", or declare header of the dialect as false if this line is a row"
            )
            return f"write it as {wanted}{without}"
        if surplus and self._lacking:
            return f"the fields are {wanted}; change the columns or the fields until they agree"
        if surplus:
            named = "name and declare" if self._unnamed else "declare"
            open_mode = "subset" if self.resource.fields_match in {"exact", "equal"} else "partial"
            each, it = ("each", "them") if surplus > 1 else ("it", "it")
            return f'{named} {each} as a field, remove {it}, or set fieldsMatch to "{open_mode}"'
        if self._lacking:
            it, field = ("them", "fields") if len(self._lacking) > 1 else ("it", "field")
            return f"add {it} to the file, or remove the {field} from the schema"
        if self._repeated:
            return "give every column a name of its own, or remove one"
        if self.resource.fields_match == "partial":
            return f"write it with one or more of {wanted}"
        return f'put the columns into the order {wanted}, or set fieldsMatch to "equal"'


@dataclass(frozen=True)
class Form:
    """The delimiter and quote of a regular dialect as bytes; `quote` is None if no cell is quoted.

    >>> Form(ord(","), ord('"')).has_quotes(b'a,"b"')
    True
    """

    delimiter: int
    quote: int | None

    def has_quotes(self, data: bytes) -> bool:
        """Whether the data contain a quote."""
        return self.quote is not None and data.find(self.quote) >= 0


def form_of(dialect: Mapping[str, Any]) -> Form | None:
    """The form of a dialect; None if readers may interpret the dialect differently.

    >>> form_of({"delimiter": ";"}), form_of({"escapeChar": "/"})
    (Form(delimiter=59, quote=34), None)
    """
    delimiter, quote = dialect.get("delimiter", ","), quote_of(dialect)
    if dialect.get("escapeChar") or not dialect.get("doubleQuote", True) or dialect.get("skipInitialSpace"):
        return None
    for character in (delimiter, quote or '"'):
        if not isinstance(character, str) or len(character) != 1 or not character.isascii():
            return None
    if dialect.get("lineTerminator", "\n") not in LINE_ENDS:
        return None
    if delimiter == quote or {delimiter, quote} & {"\n", "\r", "\0"}:
        return None
    return Form(ord(delimiter), ord(quote) if quote else None)


def quote_of(dialect: Mapping[str, Any]) -> str:
    """The quote character; empty if no cell is quoted.

    >>> quote_of({}), quote_of({"quoteChar": "'"})
    ('"', "'")
    """
    return str(dialect.get("quoteChar", '"') or "")
