"""Resources: the tables and other files of a package, with their fields and keys.

Code outside `packpress.package` uses the properties of these classes, not the raw descriptor; `described`
returns the part of the descriptor to publish.
"""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

COMPRESSED = frozenset({".gz", ".zip", ".bz2", ".xz"})
# Formats that other tools read as tables, but that are not delimited text.
OTHER_FORMATS = frozenset(
    """
    json jsonl ndjson geojson topojson xlsx xls xlsm xlsb ods parquet pq arrow feather sql sqlite db dbf sav
    html htm xml yaml yml rdf ttl hdf h5 nc rds rda
    """.split()  # noqa: SIM905
)
DELIMITED = frozenset({"csv", "tsv"})
# Synonyms for delimited text: file extensions, format names and media types.
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
    """The paths or URLs of a resource's files; empty when its data are in the descriptor.

    >>> list_paths({"path": "boats.csv"}), list_paths({"data": []})
    (('boats.csv',), ())
    """
    path = raw.get("path") or ()
    return (path,) if isinstance(path, str) else tuple(path)


def format_of(raw: Mapping[str, Any]) -> str:
    """The format of a resource's files: the declared one, or the extension of the first file.

    A media type for tab-separated values counts as a declared format. For a file in a zip, its inner name
    counts.

    >>> format_of({"path": "boats.csv.gz"}), format_of({"path": "boats.txt", "format": "tsv"})
    ('csv', 'tsv')
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
    """Whether a resource has a schema and a format that packpress reads; others are carried as files.

    Rows in the descriptor are read whatever the format.

    >>> is_table({"path": "boats.csv", "schema": {}}), is_table({"path": "boats.xlsx", "schema": {}})
    (True, False)
    """
    has_rows = isinstance(raw.get("data"), list) and not list_paths(raw)
    return "schema" in raw and (has_rows or format_of(raw) not in OTHER_FORMATS)


def keep_no_quote(dialect: Mapping[str, Any]) -> dict[str, Any]:
    """The dialect with an empty quote character where null declares that there is none.

    Everywhere else, null means that nothing is declared.
    """
    return {
        name: keep_no_quote(value)
        if name in DELIMITED and isinstance(value, Mapping)
        else ""
        if name == "quoteChar" and value is None
        else value
        for name, value in dialect.items()
    }


# Properties of a resource that describe its source files, from the standard and from other tools.
OF_SOURCE_FILE = frozenset(
    """
    data dialect compression innerpath bytes hash rowCount url
    stats hashing scheme layout control extrapaths
    """.split()  # noqa: SIM905
)

# Constraints that a missing cell violates, and properties that quote a cell.
BROKEN_CONSTRAINTS = frozenset({"required", "minLength"})
EXAMPLES = ("example", "examples")


def change(raw: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A part of a descriptor with some properties replaced; None removes a property.

    >>> change({"name": "boats", "title": "Boats"}, {"title": None, "format": "csv"})
    {'name': 'boats', 'format': 'csv'}
    """
    return {name: value for name, value in {**raw, **changes}.items() if value is not None}


@dataclass(frozen=True)
class LabelledValue:
    """A category or a missing value, which a descriptor gives either alone or as an object with a label."""

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


def list_open_questions(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """The questions that a part of a descriptor leaves open.

    >>> list_open_questions({"name": "built", "openQuestions": [{"question": "four digits; a year?"}]})
    ('four digits; a year?',)
    """
    listed = raw.get("openQuestions")
    items = listed if isinstance(listed, list) else []
    return tuple(str(item["question"]) for item in items if isinstance(item, Mapping) and "question" in item)


@dataclass(frozen=True)
class Declared:
    """A part of a descriptor; subclasses add a property for everything that it can declare."""

    raw: Mapping[str, Any]

    @property
    def declared(self) -> Set[str]:
        """The names of the properties that the descriptor gives it."""
        return self.raw.keys()

    def described(self, **changes: Any) -> dict[str, Any]:
        """This part of the descriptor with some properties replaced; None removes a property."""
        return change(self.raw, changes)

    @property
    def open_questions(self) -> tuple[str, ...]:
        """What is still doubtful about it, as the descriptor says. Our extension."""
        return list_open_questions(self.raw)


@dataclass(frozen=True)
class Field(Declared):
    """One column: its type, its constraints and its description.

    >>> from packpress import read_package
    >>> port = read_package("fleet").by_name["voyages"].field("port")
    >>> port.type, port.enum, port.is_required
    ('string', ('Lerwick', 'Scalloway', 'Stornoway'), False)
    """

    def emptied(self) -> dict[str, Any]:
        """The field as declared for an edition in which all its cells are missing."""
        kept = {k: v for k, v in self.constraints.items() if k not in BROKEN_CONSTRAINTS}
        return self.described(constraints=kept or None, **dict.fromkeys(EXAMPLES))

    @property
    def name(self) -> str:
        """The name of the column, the same in every format."""
        return str(self.raw["name"])

    @property
    def type(self) -> str:
        """The Table Schema type; `string` when none is declared, as version 1 of the standard specifies."""
        return str(self.raw.get("type", "string"))

    @property
    def format(self) -> str:
        """The format of the type, without the prefix `fmt:` of old versions of the standard."""
        return str(self.raw.get("format") or "default").removeprefix("fmt:")

    @property
    def title(self) -> str:
        """The title; the name when no title is declared."""
        return str(self.raw.get("title", self.name))

    @property
    def description(self) -> str:
        """What the column holds, or the empty string."""
        return str(self.raw.get("description", ""))

    @property
    def constraints(self) -> Mapping[str, Any]:
        """The constraints as declared."""
        return self.raw.get("constraints") or {}

    @property
    def is_required(self) -> bool:
        """Whether a cell must not be missing."""
        return bool(self.constraints.get("required"))

    @property
    def is_unique(self) -> bool:
        """Whether all values must be different."""
        return bool(self.constraints.get("unique"))

    @property
    def enum(self) -> tuple[Any, ...]:
        """The allowed values in declared order; empty when any value is allowed."""
        return tuple(self.constraints.get("enum") or ())

    @property
    def categories(self) -> tuple[Any, ...]:
        """The values of the categories in declared order, without labels; empty when there are none."""
        return tuple(item.value for item in self.declared_categories)

    @property
    def declared_categories(self) -> tuple[LabelledValue, ...]:
        """The categories as declared."""
        return _read_labelled(self.raw.get("categories") or ())

    @property
    def choices(self) -> tuple[Any, ...]:
        """The allowed values, whether declared as `enum` or as categories; `enum` takes precedence."""
        return self.enum or self.categories

    @property
    def is_ordered(self) -> bool:
        """Whether the categories are ordered; the order is the declared one."""
        return bool(self.categories) and self.raw.get("categoriesOrdered") is True

    @property
    def ordered_choices(self) -> tuple[Any, ...]:
        """The allowed values, in the order of the categories if these are ordered."""
        return (
            tuple(one for one in self.categories if one in self.choices) if self.is_ordered else self.choices
        )

    @property
    def unit(self) -> str:
        """The unit of the numbers, such as kg; or the empty string. Our extension."""
        return str(self.raw.get("unit") or "")

    @property
    def enum_descriptions(self) -> Mapping[str, str]:
        """What each allowed value means, by value."""
        return self.raw.get("enumDescriptions") or {}

    @property
    def labels(self) -> Mapping[Any, str]:
        """The labels of those categories that have one, by value."""
        return {item.value: item.label for item in self.declared_categories if item.label is not None}

    @property
    def verbatim(self) -> str:
        """`quote` or `document` for text copied from a source, and the empty string for other fields."""
        return str(self.raw.get("verbatim", ""))

    @property
    def empty_counts_as(self) -> Any:
        """What a missing cell compares as in unique keys; None when it differs from every other."""
        return self.raw.get("emptyCountsAs")

    @property
    def formerly(self) -> str:
        """The name that the field had in earlier releases, or the empty string."""
        return str(self.raw.get("formerly", ""))

    @property
    def row_of(self) -> str:
        """The field that names the table of the row whose key is in this field, or the empty string."""
        return str(self.raw.get("rowOf", ""))

    @property
    def is_printed(self) -> bool:
        """Whether cells are copied as printed: text from a source, or bibliographic facts."""
        return bool(self.verbatim or self.raw.get("printed"))

    @property
    def missing_values(self) -> tuple[LabelledValue, ...]:
        """The missing values that the field declares itself; empty when those of the table apply."""
        return _read_labelled(self.raw.get("missingValues") or ())

    @property
    def has_own_missing_values(self) -> bool:
        """Whether the field declares its own missing values."""
        return self.raw.get("missingValues") is not None

    @property
    def example(self) -> Any:
        """An example of a value; None when there is none."""
        return self.raw.get("example")

    @property
    def examples(self) -> tuple[Any, ...]:
        """Further examples of values."""
        listed = self.raw.get("examples")
        return tuple(listed) if isinstance(listed, list) else ()

    @property
    def group_char(self) -> str:
        """The separator between groups of digits, or the empty string."""
        return str(self.raw.get("groupChar") or "")

    @property
    def decimal_char(self) -> str:
        """The decimal separator; a full stop when none is declared."""
        return str(self.raw.get("decimalChar", "."))

    @property
    def bare_number(self) -> bool:
        """Whether cells contain numbers alone, without currency signs or units."""
        return self.raw.get("bareNumber") is not False

    @property
    def true_values(self) -> tuple[str, ...] | None:
        """Texts that mean true; None when the standard's defaults apply."""
        return self._texts("trueValues")

    @property
    def false_values(self) -> tuple[str, ...] | None:
        """Texts that mean false; None when the standard's defaults apply."""
        return self._texts("falseValues")

    def _texts(self, name: str) -> tuple[str, ...] | None:
        return tuple(self.raw[name]) if name in self.raw else None

    @property
    def item_type(self) -> str:
        """The type of the items of a list."""
        return str(self.raw.get("itemType", "string"))

    @property
    def delimiter(self) -> str:
        """The separator between the items of a list."""
        return str(self.raw.get("delimiter") or ",")


# Downloads a file and returns its path. Without such a function, nothing may be downloaded.
Fetch = Callable[[str], Path]


def parse_hash(declared: str) -> tuple[str, str]:
    """The algorithm and digest of a declared hash; MD5 when it names no algorithm.

    >>> parse_hash("sha256:ABC"), parse_hash("abc")
    (('sha256', 'abc'), ('md5', 'abc'))
    """
    algorithm, _, digest = declared.rpartition(":")
    return algorithm or "md5", digest.lower()


@dataclass(frozen=True)
class ForeignKey:
    """Fields of a table whose values are keys of another table, or of the same one.

    >>> from packpress import read_package
    >>> (key,) = read_package("fleet").by_name["voyages"].foreign_keys
    >>> key.fields, key.resource, key.reference_fields
    (('boat_id',), 'boats', ('boat_id',))
    """

    fields: tuple[str, ...]
    resource: str
    reference_fields: tuple[str, ...]
    package: str = ""  # path or URL of another package, which a reference may point into
    hash: str = ""  # of that package, by which it is recognised
    is_weak: bool = False  # whether rows may refer to what is not there
    # Whether the key that it points to is itself a list, equal only to a whole list.
    is_of_lists: bool = False


@dataclass(frozen=True)
class ListedResource(Declared):
    """Anything that a package lists under `resources`: a table, or other files that are carried unchanged."""

    def emptied(self, empty: Mapping[str, Set[str]]) -> dict[str, Any]:  # noqa: ARG002
        """The resource as declared for an edition in which some cells are missing; files do not change."""
        return self.described()

    @property
    def name(self) -> str:
        """The name of the resource; the empty string when it has none. Tables always have one."""
        return str(self.raw.get("name", ""))

    @property
    def title(self) -> str:
        """The title; the name when no title is declared."""
        return str(self.raw.get("title", self.name))

    @property
    def description(self) -> str:
        """What the resource is, and for a table what one row is; or the empty string."""
        return str(self.raw.get("description", ""))

    @property
    def licenses(self) -> tuple[Mapping[str, Any], ...]:
        """The licences of the resource itself, each with some of `name`, `path` and `title`."""
        return tuple(self.raw.get("licenses") or ())

    @property
    def profile(self) -> str:
        """The profile that the resource names, or the empty string."""
        return str(self.raw.get("profile") or "")

    @property
    def verbatim(self) -> str:
        """`quote` or `document` for files copied from a source, and the empty string for others."""
        return str(self.raw.get("verbatim", ""))

    @property
    def format(self) -> str:
        """The format of the files: the declared one, or the extension of the first file."""
        return format_of(self.raw)

    @property
    def is_table(self) -> bool:
        """Whether the resource has a schema and a format that packpress reads."""
        return is_table(self.raw)

    @property
    def inner_path(self) -> str:
        """The path of the file inside a zip; the empty string when the zip has only one."""
        return str(self.raw.get("innerpath") or "")

    @property
    def byte_count(self) -> int | None:
        """The size of the files in bytes, as declared; None when it is not."""
        return self.raw.get("bytes")

    @property
    def hash(self) -> str:
        """The hash of the file, as declared; or the empty string."""
        declared = self.raw.get("hash")
        return declared if isinstance(declared, str) else ""

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of the files, relative to the descriptor."""
        return list_paths(self.raw)

    @property
    def is_inline(self) -> bool:
        """Whether the rows are in the descriptor itself."""
        return "data" in self.raw and not self.paths

    def compression_of(self, path: str) -> str:
        """The compression of a file, by extension or as declared, such as `gz`; empty when it has none."""
        suffix = PurePosixPath(path.lower()).suffix
        declared = str(self.raw.get("compression") or "").lower()
        kind = suffix[1:] if suffix in COMPRESSED else declared
        return {"gzip": "gz", "no": "", "none": ""}.get(kind, kind)


@dataclass(frozen=True)
class Resource(ListedResource):
    """One table: its files, its fields and its keys.

    >>> from packpress import read_package
    >>> voyages = read_package("fleet").by_name["voyages"]
    >>> voyages.paths, voyages.primary_key
    (('voyages.csv',), ('voyage_id',))
    >>> voyages.field("landed").type
    'date'
    """

    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    unique_keys: tuple[tuple[str, ...], ...]
    declared_keys: tuple[ForeignKey, ...]
    fetch: Fetch | None = None

    @cached_property
    def foreign_keys(self) -> tuple[ForeignKey, ...]:
        """The foreign keys that each row must keep to, within the package, with one value a cell."""
        return tuple(key for key in self.declared_keys if key not in self.loose_keys)

    @cached_property
    def loose_keys(self) -> tuple[ForeignKey, ...]:
        """The other foreign keys: weak ones, those into other packages, and those of items of lists."""
        return tuple(key for key in self.declared_keys if key.package or key.is_weak or self.is_of_items(key))

    def is_of_items(self, key: ForeignKey) -> bool:
        """Whether each item of a cell is a key, because its field holds lists and the key is no list."""
        return not key.is_of_lists and len(key.fields) == 1 and key.fields[0] in self.list_fields

    @cached_property
    def list_fields(self) -> frozenset[str]:
        """The names of the fields whose cells are lists."""
        return frozenset(field.name for field in self.fields if field.type in {"list", "array"})

    def replaced(self, **changes: Any) -> "Resource":
        """The table with some properties of its descriptor replaced; None removes a property."""
        return build_resource(self.described(**changes), self.fetch)

    def emptied(self, empty: Mapping[str, Set[str]]) -> dict[str, Any]:
        """The table as declared for an edition in which all cells of some fields are missing.

        `empty` has the names of these fields by table, for this table and the tables that it refers to. Keys
        that include such a field are dropped.
        """
        schema, own = self.raw["schema"], empty[self.name]
        unique_keys = zip(schema.get("uniqueKeys", ()), self.unique_keys, strict=True)
        foreign_keys = zip(schema.get("foreignKeys", ()), self.declared_keys, strict=True)
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
        # The standard does not allow an empty list of keys.
        return self.described(schema=change(schema, {name: items or None for name, items in kept.items()}))

    def published(self, path: str, **changes: Any) -> dict[str, Any]:
        """The table as declared when its file is published as canonical CSV: UTF-8 with commas.

        Properties of the source files are dropped; missing values declared by their dialect move to the
        schema.
        """
        raw = self.described(**dict.fromkeys(OF_SOURCE_FILE))
        if "nullSequence" in self.dialect:
            raw["schema"] = self._declare_missing()
        return raw | {"path": path, "format": "csv", "mediatype": "text/csv", "encoding": "utf-8"} | changes

    def _declare_missing(self) -> dict[str, Any]:
        """The schema with all missing values in it, including that of the dialect."""
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
        """Names, in messages, of the parts that hold rows: the files, or the data in the descriptor."""
        return (f"data of {self.name}",) if self.is_inline else self.paths

    @property
    def place(self) -> str:
        """Where the rows are, in messages: the first file, and how many more there are."""
        first, *more = self.parts or (self.name,)
        return f"{first} and {len(more)} more" if more else first

    @property
    def open_questions(self) -> tuple[str, ...]:
        """What is still doubtful about the table and its keys. Our extension."""
        return (*list_open_questions(self.raw), *list_open_questions(self.raw["schema"]))

    @property
    def encoding(self) -> str:
        """The character encoding of the files."""
        return "utf-8" if self.is_inline else str(self.raw.get("encoding") or "utf-8")

    @cached_property
    def dialect(self) -> Mapping[str, Any]:
        """The CSV dialect as declared; the standard's defaults apply to everything else.

        For rows in the descriptor, version 2 of the standard allows only `header`.
        """
        dialect = self.raw.get("dialect")
        declared = dict(dialect) if isinstance(dialect, Mapping) else {}
        # Some tools nest the properties of CSV one level deeper.
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
        """Texts that mean that a cell is missing, for fields that do not declare their own."""
        return self._list_missing(self.declared_missing_values)

    @property
    def declared_missing_values(self) -> tuple[LabelledValue, ...]:
        """The missing values of the table as declared; the empty string by default."""
        return _read_labelled(self.raw["schema"].get("missingValues", [""]))

    @property
    def data(self) -> Any:
        """The rows in the descriptor; KeyError when there are none."""
        return self.raw["data"]

    @property
    def fields_match(self) -> str:
        """How the columns of the files correspond to the fields; version 2.0 allows a list of one."""
        declared = self.raw["schema"].get("fieldsMatch", "exact")
        return str(declared[0] if isinstance(declared, list) else declared)

    def missing_values_of(self, field: Field) -> tuple[str, ...]:
        """The texts that mean that a cell of the field is missing."""
        return (
            self._list_missing(field.missing_values) if field.has_own_missing_values else self.missing_values
        )

    def missing_reasons(self, field: Field) -> dict[str, str]:
        """Why a value is missing, by the text in the files that says so, for those that have a label.

        >>> schema = {"fields": [{"name": "kg"}], "missingValues": [{"value": "-9", "label": "not weighed"}]}
        >>> catches = build_resource({"name": "catches", "path": "catches.csv", "schema": schema})
        >>> catches.missing_reasons(catches.field("kg"))
        {'-9': 'not weighed'}
        """
        declared = field.missing_values if field.has_own_missing_values else self.declared_missing_values
        return {str(item.value): str(item.label) for item in declared if item.label is not None}

    def missing_text(self, field: Field) -> str:
        """The text to write for a missing cell: the empty string if allowed, otherwise the first that is."""
        texts = self.missing_values_of(field)
        return "" if "" in texts or not texts else texts[0]

    def _list_missing(self, declared: Iterable[LabelledValue]) -> tuple[str, ...]:
        texts = [item.value for item in declared]
        null = self.dialect.get("nullSequence")
        return tuple(dict.fromkeys(texts if null is None else [*texts, null]))

    @property
    def minimum_rows(self) -> int:
        """The least number of rows that the table must have. Our extension."""
        return int(self.raw.get("minimumRows", 0))

    @property
    def publishing(self) -> Mapping[str, Any]:
        """Hints for publishing, which the profile lists. Our extension."""
        return self.raw.get("publishing") or {}

    @cached_property
    def field_names(self) -> tuple[str, ...]:
        """The names of the columns in declared order."""
        return tuple(field.name for field in self.fields)

    def field(self, name: str) -> Field:
        """The field of that name; KeyError when there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


def build_resource(raw: Mapping[str, Any], fetch: Fetch | None = None) -> Resource:
    """The table of a resource that is already parsed.

    Raises KeyError or TypeError when it does not have the structure of a table.

    >>> build_resource({"name": "boats", "schema": {"fields": [{"name": "boat_id"}]}}).field_names
    ('boat_id',)
    """
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
                str(key["reference"].get("hash") or ""),
                key.get("weak") is True,
            )
            for key in schema.get("foreignKeys", ())
        ),
        fetch,
    )


def _names(value: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
