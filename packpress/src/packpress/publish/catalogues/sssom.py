"""Mappings as SSSOM/TSV: the rows of a table that say which codes of terminologies stand for which rows.

SSSOM, https://mapping-commons.github.io/sssom/, demands an identifier of the set. It is the name of the
content by RFC 6920, made of the hash of the table's rows in `LOGICAL_SHA256`, so that none is invented.
Readers of SSSOM drop rows with a code whose prefix has no address, so a build with such a row is refused.
"""

import csv
import io
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from packpress.package.contributors import list_creators
from packpress.package.descriptor import Package
from packpress.package.exports import MappingSet, read_mapping_set
from packpress.package.profile import is_url
from packpress.package.resource import Resource
from packpress.problems import CannotRunError, shorten_value
from packpress.publish.catalogues.addresses import (
    find_row,
    find_table_address,
    join_cells,
    name_prefix,
    place_key,
    place_row,
)
from packpress.publish.catalogues.rights import describe_rights, find_licence
from packpress.publish.lines import hash_rows
from packpress.tables.values import Cells, Content

# Prefixes that SSSOM defines, so that a descriptor need not.
BUILT_IN = {
    "dcterms": "http://purl.org/dc/terms/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "semapv": "https://w3id.org/semapv/vocab/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
# Slots that hold codes.
CODES = ("subject_id", "predicate_id", "object_id", "mapping_justification", "object_source")
# SSSOM's address for a licence that is not known.
UNSPECIFIED = "https://w3id.org/sssom/license/unspecified"
# Terms of single rows are texts, and the slot for licences of SSSOM is only for addresses.
RIGHTS = {"slot_name": "rights", "property": "dcterms:rights", "type_hint": "xsd:string"}


def write_mappings(package: Package, contents: Mapping[str, Content]) -> Iterator[tuple[str, str]]:
    """The file of each table of mappings, with its path; none where this edition leaves out a code.

    Raises CannotRunError when a code has a prefix without an address.
    """
    for content in contents.values():
        if declared := read_mapping_set(content.resource):
            codes = (
                content.resource.field(declared.fields[slot]) for slot in CODES if slot in declared.fields
            )
            if not any(code.verbatim in package.left_out for code in codes):
                yield (
                    f"{content.resource.name}.sssom.tsv",
                    _Mappings(package, content, declared, contents).write(),
                )


@dataclass(frozen=True)
class _Mappings:
    """The mappings of one table; `used` gathers the prefixes of codes with their addresses."""

    package: Package
    content: Content
    declared: MappingSet
    contents: Mapping[str, Content]
    used: dict[str, str] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def resource(self) -> Resource:
        return self.content.resource

    def write(self) -> str:
        """The text of the file: its metadata as YAML in comments, then a line for each row."""
        columns = [*(("record_id",) if self.resource.primary_key else ()), "subject_id", "subject_label"]
        columns += [slot for slot in self.declared.fields if slot not in columns]
        rows = io.StringIO()
        writer = csv.DictWriter(rows, columns, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(self._list_mappings())
        return "".join(f"#{line}\n" for line in self._list_metadata()) + rows.getvalue()

    def _list_mappings(self) -> Iterator[Cells]:
        for cells in self.content.cells:
            mapping = {slot: cells.get(name, "") for slot, name in self.declared.fields.items()}
            if self.resource.primary_key:
                place = place_row(cells, self.resource.primary_key)
                mapping["record_id"] = self._name_row(self.resource, place)
            if self.declared.subject:
                subject, key = find_row(self.package, self.resource, self.declared.subject, cells)
                mapping["subject_id"] = self._name_row(subject, place_key(subject, key))
                mapping.setdefault("subject_label", self._find_label(subject, key))
            for slot in CODES:
                if mapping.get(slot):
                    mapping[slot] = self._write_code(mapping[slot], slot)
            yield mapping

    def _name_row(self, resource: Resource, place: str) -> str:
        """The CURIE of a row of this package."""
        prefix = name_prefix(self.package, resource.name)
        self.used[prefix] = find_table_address(self.package, resource.name)
        return f"{prefix}:{place}"

    def _write_code(self, code: str, slot: str) -> str:
        """The code as a CURIE, also if it is an address; its prefix is gathered."""
        known = {**BUILT_IN, **self.package.prefixes, **self.used}
        prefix, colon, _ = code.partition(":")
        if is_url(code):
            begun = [name for name, address in known.items() if code.startswith(address)]
            prefix = max(begun, key=lambda name: len(known[name]), default="")
            code = f"{prefix}:{code.removeprefix(known.get(prefix, ''))}"
        if not colon or prefix not in known:
            name = self.declared.fields.get(slot, slot)
            where = f'{self.resource.place}: {name}="{shorten_value(code.removeprefix(":"))}"'
            lack = f"no address is declared for {prefix}" if colon and prefix else "has no declared prefix"
            mend = f"declare its prefix in {self.package.path.name} under prefixes"
            raise CannotRunError(f"{where}: {lack}; {mend}")
        self.used[prefix] = known[prefix]
        return code

    def _find_label(self, resource: Resource, key: str) -> str:
        """The label of a row of this package, or the empty string."""
        name = resource.name
        if name not in self.labels:
            label = str(resource.publishing.get("label") or "")
            self.labels[name] = {
                join_cells(cells, resource.primary_key): cells[label]
                for cells in (self.contents[name].cells if label else ())
                if label in cells
            }
        return self.labels[name].get(key, "")

    def _list_metadata(self) -> Iterator[str]:
        """The lines of the metadata; every text is quoted as in JSON, which YAML reads too."""
        yield from ('sssom_version: "1.1"', "curie_map:")
        has_rights = "rights" in self.declared.fields
        own = {name: BUILT_IN[name] for name in ("dcterms", "xsd") if has_rights}
        for prefix, address in sorted({**self.used, **own}.items()):
            yield f"  {prefix}: {_quote(address)}"
        facts = {
            "mapping_set_id": name_content(hash_rows(self.content)),
            "mapping_set_version": self.package.declared_version,
            "mapping_set_title": f"{self.package.title}: {self.resource.title}",
            "mapping_set_description": self.resource.description,
        }
        yield from (f"{name}: {_quote(text)}" for name, text in facts.items() if text)
        if creators := list_creators(self.package.contributors):
            yield from ("creator_label:", *(f"  - {_quote(creator.name)}" for creator in creators))
        yield f"license: {_quote(find_licence(self.package, self.resource) or UNSPECIFIED)}"
        if created := self.package.created[:10]:
            yield f"publication_date: {_quote(created)}"
        if rights := describe_rights(self.package, self.resource):
            yield f"comment: {_quote(rights)}"
        if has_rights:
            first, *others = (f"{name}: {_quote(text)}" for name, text in RIGHTS.items())
            yield from ("extension_definitions:", f"  - {first}", *(f"    {line}" for line in others))


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def name_content(sha256: str) -> str:
    """The name by RFC 6920 of what has a hash, given in hexadecimal digits.

    >>> name_content("00" * 32)
    'ni:///sha-256;AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    """
    return f"ni:///sha-256;{urlsafe_b64encode(bytes.fromhex(sha256)).decode('ascii').rstrip('=')}"
