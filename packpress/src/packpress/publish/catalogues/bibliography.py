"""Bibliographies: the works of a table as CSL-JSON, BibTeX and RIS, as they are printed and as corrected."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from packpress.package.descriptor import Package
from packpress.package.exports import Bibliography, DependentTable, find_key_to, read_bibliography
from packpress.package.resource import Resource
from packpress.publish.catalogues.addresses import join_cells
from packpress.publish.catalogues.citation_formats import Item, write_bibtex, write_csl, write_ris
from packpress.publish.catalogues.rights import describe_rights
from packpress.tables.values import Cells, Content

FOLDER = "bibliography"
DATE = re.compile(r"(\d{1,4})(?:-(\d\d)(?:-(\d\d))?)?")
# The type of a work of which none is declared.
UNTYPED = "document"

# What is corrected in a work: by position of an author, or none, and by field.
Corrections = Mapping[str, Mapping[tuple[str, str], str]]


def write_bibliographies(package: Package, contents: Mapping[str, Content]) -> Iterator[tuple[str, str]]:
    """The files of all bibliographies of a package, each with its path.

    A table without corrections has one file of each format; with corrections, it has two.
    """
    for content in contents.values():
        if declared := read_bibliography(content.resource):
            works = _Works(package, content.resource, declared, contents)
            for form, items in works.list_forms().items():
                stem = f"{FOLDER}/{content.resource.name}{form}"
                yield f"{stem}.csl.json", write_csl(items)
                yield f"{stem}.bib", write_bibtex(items, describe_rights(package, content.resource))
                yield f"{stem}.ris", write_ris(items)


@dataclass(frozen=True)
class _Works:
    """The works of one table, with the tables that belong to it."""

    package: Package
    resource: Resource
    declared: Bibliography
    contents: Mapping[str, Content]

    def list_forms(self) -> dict[str, list[Item]]:
        """The items as printed and as corrected, by what the names of their files say of it."""
        printed = list(self._list_items({}))
        if self.declared.corrections is None:
            return {"": printed}
        corrected = list(self._list_items(self._read_corrections(self.declared.corrections)))
        return {".printed": printed, ".corrected": corrected}

    def _list_items(self, corrections: Corrections) -> Iterator[Item]:
        authors = self._read_authors()
        for cells in self.contents[self.resource.name].cells:
            key = join_cells(cells, self.resource.primary_key)
            yield self._make_item(key, cells, authors.get(key, []), corrections.get(key, {}))

    def _make_item(
        self,
        key: str,
        cells: Cells,
        authors: list[tuple[str, Cells]],
        corrected: Mapping[tuple[str, str], str],
    ) -> Item:
        cells = {**cells, **{field: text for (position, field), text in corrected.items() if not position}}
        names = [
            self._make_name({**of_author, **{f: t for (at, f), t in corrected.items() if at == position}})
            for position, of_author in authors
        ]
        variables = {
            variable: make_date(cells.get(field, "")) if variable == "issued" else cells.get(field, "")
            for variable, field in self.declared.fields.items()
        }
        kind = self.declared.types.get(cells.get(self.declared.type_field, ""), UNTYPED)
        return {"id": key, "type": kind, "author": [name for name in names if name], **variables}

    def _make_name(self, cells: Cells) -> Cells:
        """A name of CSL-JSON from the row of an author."""
        of_author = self.declared.authors
        parts = ("family", "given", "literal")
        named = {part: of_author.field(part) for part in parts} if of_author else {}
        name = {part: cells[field] for part, field in named.items() if cells.get(field)}
        # A family name is that of a person; whatever has none is called by its literal name alone.
        return {part: text for part, text in name.items() if part != "literal"} if "family" in name else name

    def _read_authors(self) -> dict[str, list[tuple[str, Cells]]]:
        """The authors of each work in order, each with its position as text."""
        if self.declared.authors is None:
            return {}
        position = self.declared.authors.field("position")
        found = self._group(self.declared.authors)
        for rows in found.values():
            rows.sort(key=lambda cells: _order(cells.get(position, "")))
        return {key: [(cells.get(position, ""), cells) for cells in rows] for key, rows in found.items()}

    def _read_corrections(self, declared: DependentTable) -> Corrections:
        field, position, corrected = map(declared.field, ("field", "position", "corrected"))
        return {
            key: {
                (cells.get(position, ""), cells[field]): cells[corrected]
                for cells in rows
                if field in cells and corrected in cells
            }
            for key, rows in self._group(declared).items()
        }

    def _group(self, declared: DependentTable) -> dict[str, list[Cells]]:
        """The rows of a table by the key of the work that they belong to."""
        content = self.contents[declared.resource]
        key = find_key_to(content.resource, self.resource)
        groups: dict[str, list[Cells]] = {}
        for cells in content.cells if key else ():
            groups.setdefault(join_cells(cells, key.fields if key else ()), []).append(cells)
        return groups


def _order(position: str) -> tuple[int, str]:
    return (int(position), "") if position.isdecimal() else (0, position)


def make_date(text: str) -> dict[str, Any]:
    """A date of CSL-JSON from a year, a month or a day; anything else as it is written.

    >>> make_date("2020"), make_date("2020-03"), make_date("in press")
    ({'date-parts': [[2020]]}, {'date-parts': [[2020, 3]]}, {'literal': 'in press'})
    """
    if match := DATE.fullmatch(text):
        return {"date-parts": [[int(part) for part in match.groups() if part]]}
    return {"literal": text} if text else {}
