"""Places in documents as Web Annotations, https://www.w3.org/TR/annotation-model/, in a JSON-LD collection.

Each row of the table is an annotation: its target is a span of a document, its body the row that rests on it.
How much of the document's words a selector quotes is what the edition publishes of them: none, the words
themselves, or these with some around them, so that they are found in a document that has changed elsewhere.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote

from packpress.package.contributors import list_creators
from packpress.package.descriptor import LEFT_OUT, Package
from packpress.package.exports import Annotations, find_key, read_annotations
from packpress.package.paths import find_file
from packpress.package.resource import Resource
from packpress.problems import CannotRunError
from packpress.publish.catalogues.addresses import (
    find_base,
    find_row,
    find_table_address,
    join_cells,
    place_key,
    place_row,
)
from packpress.publish.catalogues.rights import describe_rights, find_licence
from packpress.publish.lines import encode_json
from packpress.tables.values import Cells, Content

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
# How many characters stand around a quote that occurs once, and how many there may be to make it unique.
SHORTEST_CONTEXT, LONGEST_CONTEXT = 32, 1024

Json = dict[str, Any]


def write_annotations(
    package: Package, contents: Mapping[str, Content]
) -> Iterator[tuple[str, Iterator[str]]]:
    """The file of each table of annotations in parts, with its path.

    Raises CannotRunError when a document cannot be read, or does not have the characters of a row.
    """
    for content in contents.values():
        if declared := read_annotations(content.resource):
            name = f"{content.resource.name}.jsonld"
            yield name, _Anchors(package, content, declared, contents).write(name)


@dataclass(frozen=True)
class _Anchors:
    """The annotations of one table."""

    package: Package
    content: Content
    declared: Annotations
    contents: Mapping[str, Content]
    texts: dict[str, str] = field(default_factory=dict)

    def write(self, name: str) -> Iterator[str]:
        """The collection with one page, which has each annotation on a line of its own."""
        head = json.dumps(self._describe(name), ensure_ascii=False, indent=1).removesuffix("\n}")
        page = encode_json({"id": f"{name}#page", "type": "AnnotationPage", "partOf": name, "startIndex": 0})
        yield f'{head},\n "first": {page.removesuffix("}")},"items":['
        for number, cells in enumerate(self.content.cells):
            yield (",\n" if number else "\n") + encode_json(self._annotate(cells, name))
        yield "\n]}\n}\n"

    def _describe(self, name: str) -> Json:
        created = self.package.created
        facts = {
            "@context": [CONTEXT, {"@base": find_base(self.package)}],
            "id": name,
            "type": "AnnotationCollection",
            "label": f"{self.package.title}: {self.content.resource.title}",
            "creator": [
                {"type": "Person" if creator.is_person else "Organization", "name": creator.name}
                for creator in list_creators(self.package.contributors)
            ],
            "created": created if "T" in created else "",
            "rights": find_licence(self.package, self.content.resource),
            "dcterms:rights": describe_rights(self.package, self.content.resource),
            "dcterms:source": [self._describe_document(path) for path in self._documents],
            "total": len(self.content),
        }
        return {name: value for name, value in facts.items() if value not in ("", [])}

    def _describe_document(self, path: str) -> Json:
        cells, named = self._documents[path], self.declared.target.of_document
        url = cells.get(named.get("url", ""), "")
        facts = {
            "id": quote(path),
            "type": "Text",
            "format": "text/plain",
            "language": cells.get(named.get("language", ""), ""),
            "dcterms:source": {"id": url} if url else "",
            "dcterms:rights": cells.get(named.get("rights", ""), ""),
        }
        return {name: value for name, value in facts.items() if value}

    @cached_property
    def _documents(self) -> dict[str, Cells]:
        """The rows of all documents that have annotations, by path."""
        used = {cells[self.declared.target.row] for cells in self.content.cells}
        return {cells[self._path]: cells for key, cells in self._rows.items() if key in used}

    @property
    def _path(self) -> str:
        """The field with the path of a document."""
        return self.declared.target.of_document["path"]

    @cached_property
    def _rows(self) -> dict[str, Cells]:
        """The rows of the table of documents, by key."""
        link = find_key(self.content.resource, self.declared.target.row)
        rows = self.contents[link.resource].cells if link else ()
        return {join_cells(cells, link.reference_fields if link else ()): cells for cells in rows}

    def _annotate(self, cells: Cells, name: str) -> Json:
        body, verbatim = self._find_body(cells)
        key = place_row(cells, self.content.resource.primary_key)
        document = self._rows[cells[self.declared.target.row]]
        path = document[self._path]
        start, end = int(cells[self.declared.start]), int(cells[self.declared.end])
        selectors: list[Json] = [{"type": "TextPositionSelector", "start": start, "end": end}]
        if quoted := self._quote(path, document, start, end, verbatim):
            selectors.append({"type": "TextQuoteSelector", **quoted})
        return {
            "id": f"{name}#{key}",
            "type": "Annotation",
            "motivation": "linking",
            "body": body,
            "target": {"type": "SpecificResource", "source": quote(path), "selector": selectors},
        }

    def _find_body(self, cells: Cells) -> tuple[str | Json, str]:
        """The row that is anchored, or its field, and whose words these are: the `verbatim` of the field."""
        own, named = self.content.resource, self.declared.body
        if named is None:
            return self._address(own, place_row(cells, own.primary_key)), "quote"
        resource, key = find_row(self.package, own, named, cells)
        address = self._address(resource, place_key(resource, key))
        if not named.field:
            return address, "quote"
        name = cells.get(named.field, "")
        verbatim = resource.field(name).verbatim if name in resource.field_names else "quote"
        selector = {"type": "FragmentSelector", "value": name}
        return {"type": "SpecificResource", "source": address, "selector": selector}, verbatim

    def _address(self, resource: Resource, place: str) -> str:
        """The address of a row, relative to that of the package where it has no home page."""
        address = find_table_address(self.package, resource.name) + place
        return address.removeprefix(find_base(self.package))

    def _quote(self, path: str, document: Cells, start: int, end: int, verbatim: str) -> dict[str, str]:
        """What a selector quotes: nothing, the words, or the words with those around them."""
        if verbatim in self.package.left_out or "quote" in self.package.left_out:
            return {}
        text = self._read_text(path, document)
        if not 0 <= start < end <= len(text):
            where = f'{self.content.resource.place}: {self.declared.end}="{end}"'
            lack = f"characters {start} to {end} are not in {path}, which has {len(text)}"
            raise CannotRunError(f"{where}: {lack}; correct the row or restore the document")
        if self.package.left_out & LEFT_OUT["quotes"]:
            return {"exact": text[start:end]}
        return quote_uniquely(text, start, end)

    def _read_text(self, path: str, document: Cells) -> str:
        encoding = document.get(self.declared.target.of_document.get("encoding", ""), "utf-8")
        if path not in self.texts:
            try:
                self.texts[path] = find_file(self.package.root, path).read_bytes().decode(encoding)
            except OSError as error:
                raise CannotRunError(f"{path}: cannot be read: {error.strerror}; restore it") from None
            except (UnicodeDecodeError, LookupError):
                raise CannotRunError(f"{path}: not {encoding}; correct the encoding or the file") from None
        return self.texts[path]


def quote_uniquely(text: str, start: int, end: int) -> dict[str, str]:
    """A span of a text with the characters around it, more of them until it occurs only once.

    >>> quote_uniquely("the sea is high, the sea is low", 17, 24)["prefix"]
    'the sea is high, '
    """
    length = SHORTEST_CONTEXT
    while True:
        first, last = max(0, start - length), end + length
        quoted = text[first:last]
        is_unique = text.find(quoted) == first and text.find(quoted, first + 1) < 0
        if is_unique or length >= LONGEST_CONTEXT:
            break
        length *= 2
    parts = {"prefix": text[first:start], "exact": text[start:end], "suffix": text[end:last]}
    return {name: part for name, part in parts.items() if part}
