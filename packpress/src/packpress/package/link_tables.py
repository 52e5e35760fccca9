"""Link tables: made of the list cells whose items are keys, so that SQL and the site can follow each item."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from packpress.package.descriptor import Package
from packpress.package.resource import ForeignKey, Resource


@dataclass(frozen=True)
class LinkTableSource:
    """A foreign key of the items of lists, and the link table that is made of it."""

    resource: Resource
    key: ForeignKey
    target: Resource | None

    @property
    def name(self) -> str:
        """The name of the link table: that of the table and of the field."""
        return f"{self.resource.name}_{self.key.fields[0]}"

    @property
    def item(self) -> str:
        """The column for the items: called as the key that they refer to, unless the table has such a key."""
        name = self.key.reference_fields[0]
        return self.key.fields[0] if name in (*self.resource.primary_key, "position") else name

    def describe(self) -> dict[str, Any]:
        """The link table, as a table that a build derives."""
        (field,) = self.key.fields
        own, title = self.resource.primary_key, self.resource.title
        listed = self.resource.field(field)
        fields = [
            self.resource.field(name).described(constraints={"required": True}, example=None, examples=None)
            for name in own
        ]
        kind = self.target.field(self.key.reference_fields[0]).type if self.target else listed.item_type
        fields.append(
            {
                "name": self.item,
                "title": listed.title,
                "type": kind,
                "description": f"An item of {field} of {self.resource.name}.",
                "constraints": {"required": True},
                **({"verbatim": listed.verbatim} if listed.verbatim else {}),
            }
        )
        fields.append(
            {
                "name": "position",
                "title": "Position",
                "type": "integer",
                "description": "Where the item is first in its list, counted from 1.",
                "constraints": {"required": True},
            }
        )
        schema: dict[str, Any] = {"fields": fields, "primaryKey": [*own, self.item]}
        schema["foreignKeys"] = [
            {"fields": [*own], "reference": {"resource": self.resource.name, "fields": [*own]}},
            *self._describe_reference(),
        ]
        if "missingValues" in self.resource.described()["schema"]:
            schema["missingValues"] = list(self.resource.missing_values)
        return {
            "name": self.name,
            "title": f"{title}: {listed.title}",
            "description": f"Each item of {field} of {self.resource.name} as a row, derived from its list.",
            "schema": schema,
            "publishing": {"hidden": True},
        }

    def _describe_reference(self) -> Iterator[dict[str, Any]]:
        if self.target:
            reference = {"resource": self.target.name, "fields": [*self.key.reference_fields]}
            yield {
                "fields": [self.item],
                "reference": reference,
                **({"weak": True} if self.key.is_weak else {}),
            }


def list_link_tables(package: Package) -> list[LinkTableSource]:
    """The link tables that a build makes: for tables with a primary key, where no table has the name."""
    found: dict[str, LinkTableSource] = {}
    for resource in package.resources:
        for key in resource.loose_keys:
            if resource.is_of_items(key) and resource.primary_key:
                target = None if key.package else package.by_name.get(key.resource)
                source = LinkTableSource(resource, key, target)
                if source.name not in package.by_name:
                    found.setdefault(source.name, source)
    return list(found.values())


def with_link_tables(package: Package) -> Package:
    """The package in which its link tables are derived tables, before all others.

    >>> from packpress import read_package
    >>> with_link_tables(read_package("fleet")).derived
    ()
    """
    made = [source.describe() for source in list_link_tables(package)]
    if not made:
        return package
    return package.replaced(derived=[*made, *(resource.described() for resource in package.derived)])
