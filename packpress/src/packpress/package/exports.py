"""What a table is for catalogues: a bibliography, mappings, or annotations, as its hints declare.

These hints name fields, so that the exports of `packpress.publish.catalogues` need to know no table by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from packpress.package.resource import Declared, ForeignKey, Resource


@dataclass(frozen=True)
class DependentTable(Declared):
    """A table with rows for each work of a bibliography: its authors, or corrections."""

    @property
    def resource(self) -> str:
        """The name of the table."""
        return str(self.raw["resource"])

    @property
    def named(self) -> dict[str, str]:
        """The fields of the table, by what they are for."""
        return {name: str(field) for name, field in self.raw.items() if name != "resource"}

    def field(self, name: str) -> str:
        """The field for something, or the empty string."""
        return self.named.get(name, "")


@dataclass(frozen=True)
class Bibliography(Declared):
    """A table of works to cite."""

    @property
    def fields(self) -> Mapping[str, str]:
        """The fields of the table, by the variables of CSL-JSON that they hold."""
        return dict(self.raw["fields"])

    @property
    def type_field(self) -> str:
        """The field with the type of a work, or the empty string."""
        return str((self.raw.get("type") or {}).get("field") or "")

    @property
    def types(self) -> Mapping[str, str]:
        """The types of CSL-JSON, by the values of the field with the type."""
        return dict((self.raw.get("type") or {}).get("values") or {})

    @property
    def authors(self) -> DependentTable | None:
        """The table of authors; None when there is none."""
        return DependentTable(self.raw["authors"]) if "authors" in self.raw else None

    @property
    def corrections(self) -> DependentTable | None:
        """The table of corrections; None when there is none."""
        return DependentTable(self.raw["corrections"]) if "corrections" in self.raw else None


@dataclass(frozen=True)
class NamedRow(Declared):
    """Fields that name a row of another table.

    They hold its key, and the name of its table or, without that, are a foreign key.
    """

    @property
    def row(self) -> str:
        """The field with the key; values of a composite key are joined by commas."""
        return str(self.raw["row"])

    @property
    def table(self) -> str:
        """The field with the name of the table; empty when the key is a foreign key."""
        return str(self.raw.get("table") or "")

    @property
    def field(self) -> str:
        """The field with the name of the field that is meant; empty when the whole row is."""
        return str(self.raw.get("field") or "")

    @property
    def named(self) -> dict[str, str]:
        """The fields that are declared, by what they are for."""
        return {name: str(self.raw[name]) for name in ("table", "row", "field") if name in self.raw}


@dataclass(frozen=True)
class MappingSet(Declared):
    """A table of mappings, from rows of the package to codes of others."""

    @property
    def subject(self) -> NamedRow | None:
        """The row that is mapped; None when a field has its identifier."""
        return NamedRow(self.raw["subject"]) if "subject" in self.raw else None

    @property
    def fields(self) -> Mapping[str, str]:
        """The fields of the table, by the slots of SSSOM that they hold."""
        return dict(self.raw["fields"])


@dataclass(frozen=True)
class AnnotatedDocument(NamedRow):
    """The document that an annotation is about: the row that describes it, and where its text is."""

    @property
    def of_document(self) -> dict[str, str]:
        """The fields of the table of documents, by what they are for."""
        names = ("path", "encoding", "url", "language", "rights")
        return {name: str(self.raw[name]) for name in names if name in self.raw}


@dataclass(frozen=True)
class Annotations(Declared):
    """A table of places in documents, each of which says something about a row."""

    @property
    def body(self) -> NamedRow | None:
        """The row that is anchored; None when it is that of the table itself."""
        return NamedRow(self.raw["body"]) if "body" in self.raw else None

    @property
    def target(self) -> AnnotatedDocument:
        """The document."""
        return AnnotatedDocument(self.raw["target"])

    @property
    def start(self) -> str:
        """The field with the offset of the first character, in code points from 0."""
        return str(self.raw["start"])

    @property
    def end(self) -> str:
        """The field with the offset behind the last character."""
        return str(self.raw["end"])


def read_bibliography(resource: Resource) -> Bibliography | None:
    """What the table declares as a bibliography; None when it is none."""
    return (
        Bibliography(resource.publishing["bibliography"]) if "bibliography" in resource.publishing else None
    )


def read_mapping_set(resource: Resource) -> MappingSet | None:
    """What the table declares as mappings; None when it has none."""
    return MappingSet(resource.publishing["mappings"]) if "mappings" in resource.publishing else None


def read_annotations(resource: Resource) -> Annotations | None:
    """What the table declares as annotations; None when it has none."""
    return Annotations(resource.publishing["annotations"]) if "annotations" in resource.publishing else None


def find_key(resource: Resource, field: str) -> ForeignKey | None:
    """The foreign key that is this one field; None when there is none."""
    return next((key for key in resource.foreign_keys if key.fields == (field,)), None)


def find_key_to(resource: Resource, target: Resource) -> ForeignKey | None:
    """The foreign key of a table to the primary key of another; None when there is none."""
    return next(
        (
            key
            for key in resource.foreign_keys
            if key.resource == target.name and key.reference_fields == target.primary_key
        ),
        None,
    )
