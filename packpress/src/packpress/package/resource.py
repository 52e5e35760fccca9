"""Resources: the tables and other files of a package, with fields and keys, as the descriptor declares them.

Nobody else reads the descriptor itself: what is asked of it is a property here, and `described` renders it,
changed or as it is, for whatever is published.
"""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

COMPRESSED = frozenset({".gz", ".zip", ".bz2", ".xz"})
# What other tools take for tables, and what is no text of delimited cells.
OTHER_FORMATS = frozenset(
    """
    json jsonl ndjson geojson topojson xlsx xls xlsm xlsb ods parquet pq arrow feather sql sqlite db dbf sav
    html htm xml yaml yml rdf ttl hdf h5 nc rds rda
    """.split()  # noqa: SIM905
)
DELIMITED = frozenset({"csv", "tsv"})
# Other names that delimited text goes by: ends of file names, names of formats, media types.
SAME_FORMAT = {
    "tab": "tsv",
    "tab-separated-values": "tsv",
    "text/tab-separated-values": "tsv",
    "text/tsv": "tsv",
    "text/x-tsv": "tsv",
    "comma-separated-values": "csv",
    "text/csv": "csv",
}
TAB_MEDIATYPES = frozenset(name for name, format in SAME_FORMAT.items() if "/" in name and format == "tsv")


def list_paths(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """The paths or addresses of a resource's files; none when its data stand in the descriptor."""
    path = raw.get("path") or ()
    return (path,) if isinstance(path, str) else tuple(path)


def format_of(raw: Mapping[str, Any]) -> str:
    """The format of a resource's files: the declared one, or what the name of the first file ends in.

    A media type of tabs counts as a declared format. Where the files lie in a zip, the name in it counts.
    """
    declared = str(raw.get("format") or "").lower().removeprefix(".")
    if declared and f".{declared}" not in COMPRESSED:
        return SAME_FORMAT.get(declared, declared)
    mediatype = str(raw.get("mediatype") or "").partition(";")[0].strip().lower()
    if mediatype in TAB_MEDIATYPES:
        return "tsv"
    paths = list_paths(raw)
    if not paths:
        return "csv"
    suffixes = PurePosixPath(str(raw.get("innerpath") or paths[0]).lower()).suffixes
    found = next((suffix[1:] for suffix in reversed(suffixes) if suffix not in COMPRESSED), "csv")
    return SAME_FORMAT.get(found, found)


def is_table(raw: Mapping[str, Any]) -> bool:
    """Whether a resource has a schema and a format that is read here; any other is carried as files.

    Rows in the descriptor are read whatever their format is called.
    """
    has_rows = isinstance(raw.get("data"), list) and not list_paths(raw)
    return "schema" in raw and (has_rows or format_of(raw) not in OTHER_FORMATS)


def keep_no_quote(dialect: Mapping[str, Any]) -> dict[str, Any]:
    """The dialect with the empty text where no quote is declared by a null, which elsewhere says nothing."""
    return {
        name: keep_no_quote(value)
        if name in DELIMITED and isinstance(value, Mapping)
        else ""
        if name == "quoteChar" and value is None
        else value
        for name, value in dialect.items()
    }


# What a resource says of its source files, in the words of the standard and of tools.
OF_SOURCE_FILE = frozenset(
    """
    data dialect compression innerpath bytes hash rowCount url
    stats hashing scheme layout control extrapaths
    """.split()  # noqa: SIM905
)

# Constraints that a missing cell breaks, and properties that quote a cell.
BROKEN_CONSTRAINTS = frozenset({"required", "minLength"})
EXAMPLES = ("example", "examples")


def change(raw: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A part of a descriptor with other properties; one that becomes None is left out."""
    return {name: value for name, value in {**raw, **changes}.items() if value is not None}


@dataclass(frozen=True)
class LabelledValue:
    """A category or a missing value, which may stand in the descriptor alone or in an object with a label."""

    value: Any
    label: Any = None
    is_alone: bool = True


def _read_labelled(declared: Iterable[Any]) -> tuple[LabelledValue, ...]:
    return tuple(
        LabelledValue(item.get("value"), item.get("label"), is_alone=False)
        if isinstance(item, Mapping)
        else LabelledValue(item)
        for item in declared
    )


@dataclass(frozen=True)
class Declared:
    """A part of a descriptor, as it is written; what is asked of it is a property of a subclass."""

    raw: Mapping[str, Any]

    @property
    def declared(self) -> Set[str]:
        """Names of the properties that the descriptor gives it."""
        return self.raw.keys()

    def described(self, **changes: Any) -> dict[str, Any]:
        """It as a descriptor has it, with other properties; one that becomes None is left out."""
        return change(self.raw, changes)


@dataclass(frozen=True)
class Field(Declared):
    """One column: its type, its constraints, and how it is described to readers."""

    def emptied(self) -> dict[str, Any]:
        """The field as a descriptor has it when its cells are all missing."""
        kept = {k: v for k, v in self.constraints.items() if k not in BROKEN_CONSTRAINTS}
        return self.described(constraints=kept or None, **dict.fromkeys(EXAMPLES))

    @property
    def name(self) -> str:
        """Name of the column in every format."""
        return str(self.raw["name"])

    @property
    def type(self) -> str:
        """Table Schema type; `string` when none is declared in v1, as the standard says."""
        return str(self.raw.get("type", "string"))

    @property
    def format(self) -> str:
        """Format of the type; older versions of the standard put `fmt:` before it."""
        return str(self.raw.get("format") or "default").removeprefix("fmt:")

    @property
    def title(self) -> str:
        """Name for people; the column's name when no title is declared."""
        return str(self.raw.get("title", self.name))

    @property
    def description(self) -> str:
        """One sentence that says what the column holds, or nothing."""
        return str(self.raw.get("description", ""))

    @property
    def constraints(self) -> Mapping[str, Any]:
        """Constraints of Table Schema as declared."""
        return self.raw.get("constraints") or {}

    @property
    def is_required(self) -> bool:
        """Whether a cell may not be missing."""
        return bool(self.constraints.get("required"))

    @property
    def is_unique(self) -> bool:
        """Whether no two cells may hold the same value."""
        return bool(self.constraints.get("unique"))

    @property
    def enum(self) -> tuple[Any, ...]:
        """The allowed values in declared order; empty when any value is allowed."""
        return tuple(self.constraints.get("enum") or ())

    @property
    def categories(self) -> tuple[Any, ...]:
        """The values of the categories in declared order, labels left out; empty when there are none."""
        return tuple(item.value for item in self.declared_categories)

    @property
    def declared_categories(self) -> tuple[LabelledValue, ...]:
        """The categories as they stand in the descriptor."""
        return _read_labelled(self.raw.get("categories") or ())

    @property
    def choices(self) -> tuple[Any, ...]:
        """The values of a closed list, declared either way; those of `enum` are among the categories."""
        return self.enum or self.categories

    @property
    def is_ordered(self) -> bool:
        """Whether the categories have an order, which is the declared one."""
        return bool(self.categories) and self.raw.get("categoriesOrdered") is True

    @property
    def ordered_choices(self) -> tuple[Any, ...]:
        """The values of a closed list in the order of the categories, where these have one."""
        return (
            tuple(one for one in self.categories if one in self.choices) if self.is_ordered else self.choices
        )

    @property
    def enum_descriptions(self) -> Mapping[str, str]:
        """What each allowed value means."""
        return self.raw.get("enumDescriptions") or {}

    @property
    def labels(self) -> Mapping[Any, str]:
        """What the categories that have a label are called."""
        return {item.value: item.label for item in self.declared_categories if item.label is not None}

    @property
    def verbatim(self) -> str:
        """`quote` or `document` for a source's own words, and nothing for ours."""
        return str(self.raw.get("verbatim", ""))

    @property
    def empty_counts_as(self) -> Any:
        """What a missing cell is compared as in unique keys; None when it differs from every other."""
        return self.raw.get("emptyCountsAs")

    @property
    def is_printed(self) -> bool:
        """Whether the cell is copied as printed: a source's own words, or a bibliographic fact."""
        return bool(self.verbatim or self.raw.get("printed"))

    @property
    def missing_values(self) -> tuple[LabelledValue, ...]:
        """The field's own missing values; empty also where those of the table hold."""
        return _read_labelled(self.raw.get("missingValues") or ())

    @property
    def has_own_missing_values(self) -> bool:
        """Whether the field says by itself which texts mean that a cell is missing."""
        return self.raw.get("missingValues") is not None

    @property
    def example(self) -> Any:
        """A value as it could stand in a cell; None when there is none."""
        return self.raw.get("example")

    @property
    def examples(self) -> tuple[Any, ...]:
        """Further examples, which may also be values."""
        listed = self.raw.get("examples")
        return tuple(listed) if isinstance(listed, list) else ()

    @property
    def group_char(self) -> str:
        """What stands between groups of digits, or nothing."""
        return str(self.raw.get("groupChar") or "")

    @property
    def decimal_char(self) -> str:
        """What stands between whole digits and the others, as declared; a full stop where it is not."""
        return str(self.raw.get("decimalChar", "."))

    @property
    def bare_number(self) -> bool:
        """Whether a number stands in its cell alone."""
        return self.raw.get("bareNumber") is not False

    @property
    def true_values(self) -> tuple[str, ...] | None:
        """Texts that mean true; None where those of the standard do."""
        return self._texts("trueValues")

    @property
    def false_values(self) -> tuple[str, ...] | None:
        """Texts that mean false; None where those of the standard do."""
        return self._texts("falseValues")

    def _texts(self, name: str) -> tuple[str, ...] | None:
        return tuple(self.raw[name]) if name in self.raw else None

    @property
    def item_type(self) -> str:
        """Type of the items of a list."""
        return str(self.raw.get("itemType", "string"))

    @property
    def delimiter(self) -> str:
        """What stands between the items of a list."""
        return str(self.raw.get("delimiter") or ",")


# Brings a file from the web and says where it lies; nothing may be fetched where there is none.
Fetch = Callable[[str], Path]


@dataclass(frozen=True)
class ForeignKey:
    """The fields of a table that hold keys of another table, or of the same one."""

    fields: tuple[str, ...]
    resource: str
    reference_fields: tuple[str, ...]
    package: str = ""  # address of another package, which a reference may point into


@dataclass(frozen=True)
class ListedResource(Declared):
    """Whatever a package lists among its resources: a table, or other files that are carried as they are."""

    def emptied(self, empty: Mapping[str, Set[str]]) -> dict[str, Any]:  # noqa: ARG002
        """The resource as a descriptor has it when some cells are missing; other files stay as they are."""
        return self.described()

    @property
    def name(self) -> str:
        """Name of the resource; nothing where it has none, which a table always has."""
        return str(self.raw.get("name", ""))

    @property
    def title(self) -> str:
        """Name for people; the name of the resource when no title is declared."""
        return str(self.raw.get("title", self.name))

    @property
    def description(self) -> str:
        """What the resource is, of a table what one row is; or nothing."""
        return str(self.raw.get("description", ""))

    @property
    def licenses(self) -> tuple[Mapping[str, Any], ...]:
        """The licences of the resource itself, each with some of name, path and title."""
        return tuple(self.raw.get("licenses") or ())

    @property
    def profile(self) -> str:
        """The profile that the resource names, or nothing."""
        return str(self.raw.get("profile") or "")

    @property
    def verbatim(self) -> str:
        """`quote` or `document` for files that are a source's own words, and nothing for ours."""
        return str(self.raw.get("verbatim", ""))

    @property
    def format(self) -> str:
        """Format of the files: the declared one, or what the name of the first file ends in."""
        return format_of(self.raw)

    @property
    def is_table(self) -> bool:
        """Whether the resource has a schema and a format that is read here."""
        return is_table(self.raw)

    @property
    def inner_path(self) -> str:
        """Which file in a zip is meant; nothing where there is only one."""
        return str(self.raw.get("innerpath") or "")

    @property
    def byte_count(self) -> int | None:
        """How many bytes the files have, as declared; None where it is not."""
        return self.raw.get("bytes")

    @property
    def hash(self) -> str:
        """The hash of the file as declared, or nothing."""
        declared = self.raw.get("hash")
        return declared if isinstance(declared, str) else ""

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths of the files, relative to the descriptor."""
        return list_paths(self.raw)

    @property
    def is_inline(self) -> bool:
        """Whether the rows stand in the descriptor itself."""
        return "data" in self.raw and not self.paths

    def compression_of(self, path: str) -> str:
        """How a file is compressed: as its name says, or the descriptor; nothing when it is plain."""
        suffix = PurePosixPath(path.lower()).suffix
        declared = str(self.raw.get("compression") or "").lower()
        kind = suffix[1:] if suffix in COMPRESSED else declared
        return {"gzip": "gz", "no": "", "none": ""}.get(kind, kind)


@dataclass(frozen=True)
class Resource(ListedResource):
    """One table: its files, its fields and its keys."""

    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    unique_keys: tuple[tuple[str, ...], ...]
    foreign_keys: tuple[ForeignKey, ...]
    fetch: Fetch | None = None

    def replaced(self, **changes: Any) -> "Resource":
        """The table with other properties; one that becomes None is left out."""
        return build_resource(self.described(**changes), self.fetch)

    def emptied(self, empty: Mapping[str, Set[str]]) -> dict[str, Any]:
        """The table as a descriptor has it when the cells of some fields are missing.

        They are part of no key then. Their names stand by the name of their table, for this one and those
        that it points to.
        """
        schema, own = self.raw["schema"], empty[self.name]
        unique_keys = zip(schema.get("uniqueKeys", ()), self.unique_keys, strict=True)
        foreign_keys = zip(schema.get("foreignKeys", ()), self.foreign_keys, strict=True)
        kept = {
            "fields": [field.emptied() if field.name in own else field.described() for field in self.fields],
            "uniqueKeys": [item for item, names in unique_keys if not own & set(names)],
            "foreignKeys": [
                item
                for item, key in foreign_keys
                if not own & set(key.fields)
                and not empty.get(key.resource, frozenset()) & set(key.reference_fields)
            ],
        }
        # The standard wants at least one key where it lists keys.
        return self.described(schema=change(schema, {name: items or None for name, items in kept.items()}))

    def published(self, path: str, **changes: Any) -> dict[str, Any]:
        """The table as a descriptor has it whose one file is canonical CSV: UTF-8 with commas.

        What the descriptor says of the source files goes, but for missing values that their dialect declares.
        """
        raw = self.described(**dict.fromkeys(OF_SOURCE_FILE))
        if "nullSequence" in self.dialect:
            raw["schema"] = self._declare_missing()
        return raw | {"path": path, "format": "csv", "mediatype": "text/csv", "encoding": "utf-8"} | changes

    def _declare_missing(self) -> dict[str, Any]:
        """The schema with all missing values in it, also the one of the dialect."""
        fields = [
            field.described(missingValues=list(self.missing_values_of(field)))
            if field.has_own_missing_values
            else field.described()
            for field in self.fields
        ]
        schema: dict[str, Any] = self.described()["schema"]
        return schema | {"fields": fields, "missingValues": list(self.missing_values)}

    @property
    def parts(self) -> tuple[str, ...]:
        """Whatever holds rows, as messages name it: the files, or the data in the descriptor."""
        return (f"data of {self.name}",) if self.is_inline else self.paths

    @property
    def place(self) -> str:
        """Where the rows stand: the file, or the first of several and how many more there are."""
        first, *more = self.parts or (self.name,)
        return f"{first} and {len(more)} more" if more else first

    @property
    def encoding(self) -> str:
        """Character encoding of the files."""
        return "utf-8" if self.is_inline else str(self.raw.get("encoding") or "utf-8")

    @cached_property
    def dialect(self) -> Mapping[str, Any]:
        """CSV dialect as declared; the standard's defaults hold for what is absent.

        The second version of the standard says of rows in the descriptor by themselves how they are written.
        """
        dialect = self.raw.get("dialect")
        declared = dict(dialect) if isinstance(dialect, Mapping) else {}
        # Some tools write the properties of CSV one level below.
        for name in ("csv", "tsv"):
            if isinstance(declared.get(name), Mapping):
                declared |= declared.pop(name)
        if self.is_inline and not isinstance(self.raw["data"], str):
            return {name: value for name, value in declared.items() if name == "header"}
        if format_of(self.raw) == "tsv":
            declared.setdefault("delimiter", "\t")
        return declared

    @property
    def missing_values(self) -> tuple[str, ...]:
        """Strings that mean that a cell is missing, but for fields that declare their own."""
        return self._list_missing(self.declared_missing_values)

    @property
    def declared_missing_values(self) -> tuple[LabelledValue, ...]:
        """The missing values of the table as they stand in the descriptor; the empty text where none do."""
        return _read_labelled(self.raw["schema"].get("missingValues", [""]))

    @property
    def data(self) -> Any:
        """The rows where they stand in the descriptor; KeyError where they do not."""
        return self.raw["data"]

    @property
    def fields_match(self) -> str:
        """How the columns of the files meet the fields; the profile of version 2.0 writes it as a list."""
        declared = self.raw["schema"].get("fieldsMatch", "exact")
        return str(declared[0] if isinstance(declared, list) else declared)

    def missing_values_of(self, field: Field) -> tuple[str, ...]:
        """The texts that mean that a cell of the field is missing."""
        return (
            self._list_missing(field.missing_values) if field.has_own_missing_values else self.missing_values
        )

    def missing_text(self, field: Field) -> str:
        """How a missing cell is written: as nothing, unless the descriptor says otherwise."""
        texts = self.missing_values_of(field)
        return "" if "" in texts or not texts else texts[0]

    def _list_missing(self, declared: Iterable[LabelledValue]) -> tuple[str, ...]:
        texts = [item.value for item in declared]
        null = self.dialect.get("nullSequence")
        return tuple(dict.fromkeys(texts if null is None else [*texts, null]))

    @property
    def minimum_rows(self) -> int:
        """How many rows the table must have at least; an extension of ours."""
        return int(self.raw.get("minimumRows", 0))

    @property
    def publishing(self) -> Mapping[str, Any]:
        """Hints for publishing, an extension of ours; the profile lists them."""
        return self.raw.get("publishing") or {}

    @cached_property
    def field_names(self) -> tuple[str, ...]:
        """Names of the columns in declared order."""
        return tuple(field.name for field in self.fields)

    def field(self, name: str) -> Field:
        """The field of that name; KeyError when there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


def build_resource(raw: Mapping[str, Any], fetch: Fetch | None = None) -> Resource:
    """The resource of an already parsed descriptor; KeyError or TypeError when its shape is not one."""
    schema = raw["schema"]
    str(raw["name"])
    fields = tuple(Field(item) for item in schema["fields"])
    for field in fields:
        str(field.raw["name"])
    return Resource(
        raw,
        fields,
        _names(schema.get("primaryKey", ())),
        tuple(_names(key) for key in schema.get("uniqueKeys", ())),
        tuple(
            ForeignKey(
                _names(key["fields"]),
                key["reference"].get("resource") or raw["name"],
                _names(key["reference"]["fields"]),
                str(key["reference"].get("package") or key["reference"].get("datapackage") or ""),
            )
            for key in schema.get("foreignKeys", ())
        ),
        fetch,
    )


def _names(value: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
