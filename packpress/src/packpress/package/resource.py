"""Resources: what the descriptor declares about one table and its keys."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from packpress.package.field import Field
from packpress.package.formats import COMPRESSED, format_of, list_paths

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
class Resource:
    """One table: its files, its fields and its keys."""

    raw: Mapping[str, Any]
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    unique_keys: tuple[tuple[str, ...], ...]
    foreign_keys: tuple[ForeignKey, ...]
    fetch: Fetch | None = None

    @property
    def name(self) -> str:
        """Name of the table in every format."""
        return str(self.raw["name"])

    @property
    def title(self) -> str:
        """Name for people; the table's name when no title is declared."""
        return str(self.raw.get("title", self.name))

    @property
    def description(self) -> str:
        """What one row of the table is, or nothing."""
        return str(self.raw.get("description", ""))

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths of the files that hold the rows, relative to the descriptor."""
        return list_paths(self.raw)

    @property
    def is_inline(self) -> bool:
        """Whether the rows stand in the descriptor itself."""
        return "data" in self.raw and not self.paths

    @property
    def parts(self) -> tuple[str, ...]:
        """Whatever holds rows, as messages name it: the files, or the data in the descriptor."""
        return (f"data of {self.name}",) if self.is_inline else self.paths

    @property
    def place(self) -> str:
        """Where the rows stand: the file, or the first of several and how many more there are."""
        first, *more = self.parts or (self.name,)
        return f"{first} and {len(more)} more" if more else first

    def compression_of(self, path: str) -> str:
        """How a file is compressed: as its name says, or the descriptor; nothing when it is plain."""
        suffix = PurePosixPath(path.lower()).suffix
        declared = str(self.raw.get("compression") or "").lower()
        kind = suffix[1:] if suffix in COMPRESSED else declared
        return {"gzip": "gz", "no": "", "none": ""}.get(kind, kind)

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
        return self._list_missing(self.raw["schema"].get("missingValues", [""]))

    def missing_values_of(self, field: Field) -> tuple[str, ...]:
        """The texts that mean that a cell of the field is missing."""
        declared = field.raw.get("missingValues")
        return self.missing_values if declared is None else self._list_missing(declared)

    def missing_text(self, field: Field) -> str:
        """How a missing cell is written: as nothing, unless the descriptor says otherwise."""
        texts = self.missing_values_of(field)
        return "" if "" in texts or not texts else texts[0]

    def _list_missing(self, declared: Iterable[Any]) -> tuple[str, ...]:
        texts = [item["value"] if isinstance(item, Mapping) else item for item in declared]
        null = self.dialect.get("nullSequence")
        return tuple(dict.fromkeys(texts if null is None else [*texts, null]))

    @property
    def minimum_rows(self) -> int:
        """How many rows the table must have at least; an extension of ours."""
        return int(self.raw.get("minimumRows", 0))

    @property
    def publishing(self) -> Mapping[str, Any]:
        """Hints for publishing, an extension of ours; `PUBLISHING_KEYS` lists them."""
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
