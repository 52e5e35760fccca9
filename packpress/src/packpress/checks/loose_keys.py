"""Checks of loose foreign keys: weak ones, those into other packages, and those of the items of lists."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from packpress.checks.keys import Keys
from packpress.package.descriptor import Package, read_descriptor
from packpress.package.paths import find_file, recognise_file
from packpress.package.pinned import find_named, find_pinned, hash_candidate
from packpress.package.resource import Field, ForeignKey, Resource, parse_hash
from packpress.problems import CannotRunError, Findings, Problem, shorten_value
from packpress.similar import Nearest, offer_nearest, offer_row
from packpress.tables.constraints import make_reader
from packpress.tables.fast.batches import Block, read_blocks
from packpress.tables.fast.columns import Verdicts
from packpress.tables.fast.keys import KeyReader, KeySet, kind_of, write_value
from packpress.tables.rows import Table, Tables, read_rows
from packpress.tables.types import write_item

FOREIGN, WEAK, UNCHECKED, PACKAGE = "keys/foreign", "keys/weak", "keys/unchecked", "keys/package"


def check_loose_keys(package: Package, tables: Tables, keys: Keys) -> Iterator[Problem | Findings]:
    """Checks that the loose foreign keys of the tables refer to existing rows, as far as these can be found.

    What a weak key refers to and does not exist is a notice, and so is a package that is not there.
    """
    for table in tables.values():
        for key in table.resource.loose_keys:
            if key.package:
                yield from _check_outward(package, table, key)
            elif key.resource not in package.by_name:
                target = f"{key.resource}, which this package does not have"
                yield _say_unchecked(package, table.resource, target)
            elif key.resource in tables:
                target_table = tables[key.resource]
                existing = keys[key.resource][key.reference_fields]
                place = target_table.resource.place
                yield from ReferenceCheck(table, key, target_table, existing, place).find_missing(package)


def _say_unchecked(
    package: Package, resource: Resource, what: str, mend: str = "", is_problem: bool = False
) -> Problem:
    message = f"foreignKeys of {resource.name} point to {what}, so they were not checked{mend}"
    return Problem(package.path.name, 0, message, code=UNCHECKED, is_notice=not is_problem)


def _check_outward(package: Package, table: Table, key: ForeignKey) -> Iterator[Problem | Findings]:
    """Checks a key into another package, if it is there."""
    resource, is_required = table.resource, package.requires_packages and not key.is_weak
    target = f"{key.resource} of the package {key.package}"
    file = find_pinned(package, key) if key.hash else None
    if file is None:
        if key.hash and find_named(package, key):
            yield _fault(package, resource, f"the package {key.package}, which has another hash; restore it")
            return
        lack = "which is not in a folder named by --packages" if key.hash else "without its hash"
        mend = "" if key.hash else "; add hash to the reference"
        yield _say_unchecked(package, resource, f"{target}, {lack}", mend, is_required)
        return
    try:
        yield from _check_against(
            package, table, key, read_descriptor(file), is_zip=recognise_file(file) == "zip"
        )
    except (CannotRunError, OSError) as error:
        yield _fault(package, resource, f"{target}, which cannot be read: {error}; restore it")


def _fault(package: Package, resource: Resource, what: str) -> Problem:
    return Problem(package.path.name, 0, f"foreignKeys of {resource.name} point to {what}", code=PACKAGE)


def _check_against(
    package: Package, table: Table, key: ForeignKey, other: Package, is_zip: bool
) -> Iterator[Problem | Findings]:
    resource, target = table.resource, other.by_name.get(key.resource)
    if target is None:
        offer = offer_nearest(key.resource, set(other.by_name))
        yield _fault(package, resource, f"{key.resource}, which {key.package} does not have; {offer}")
        return
    for name in key.reference_fields:
        if name not in target.field_names:
            offer = offer_nearest(name, set(target.field_names))
            yield _fault(
                package, resource, f"{name}, which {key.resource} of {key.package} does not have; {offer}"
            )
            return
    if fault := describe_kinds(resource, key, target):
        yield _fault(package, resource, f"{key.resource} of {key.package}, but {fault}")
        return
    if lack := "" if is_zip else _find_lack(other, target):
        yield _fault(package, resource, f"{key.resource} of {key.package}, {lack}")
        return
    existing = KeySet(KeyReader(target, key.reference_fields))
    for block in read_blocks(other.root, target):
        existing.add(block)
    there = Table(target, None, partial(read_rows, other))
    yield from ReferenceCheck(table, key, there, existing, f"{target.place} of {key.package}").find_missing(
        package
    )


def _find_lack(other: Package, target: Resource) -> str:
    """Why the hash of a descriptor does not pin the rows of a table; empty when it does."""
    if target.is_inline:
        return ""
    if not target.hash or len(target.paths) != 1:
        return "whose descriptor has no hash of its file, so its rows may change; declare one, or pin a zip"
    algorithm, digest = parse_hash(target.hash)
    file = find_file(other.root, target.paths[0])
    is_intact = hash_candidate(file, file.stat().st_mtime_ns, algorithm) == digest
    return "" if is_intact else f"but {target.paths[0]} has another hash than its descriptor says; restore it"


def describe_kinds(resource: Resource, key: ForeignKey, target: Resource) -> str:
    """How the two sides of a key differ in what their values can be equal to; empty when they do not.

    >>> from packpress import read_package
    >>> package = read_package("fleet")
    >>> boats, voyages = package.resources
    >>> describe_kinds(voyages, ForeignKey(("catch_kg",), "boats", ("boat_id",)), boats)
    'compare catch_kg of type number with boat_id of boats of type string; give both the same type'
    """
    for name, other in zip(key.fields, key.reference_fields, strict=True):
        if name not in resource.field_names or other not in target.field_names:
            continue
        ours, theirs, of_items = resource.field(name), target.field(other), ""
        if resource.is_of_items(key):
            if ours.type == "array":  # whose items have any type
                continue
            ours, of_items = Field({"name": name, "type": ours.item_type}), "items of "
        if kind_of(ours) != kind_of(theirs):
            message = f"compare {of_items}{name} of type {ours.type} with {other} of {target.name}"
            return f"{message} of type {theirs.type}; give both the same type"
    return ""


@dataclass(frozen=True)
class ReferenceCheck:
    """One loose foreign key of a table, and the keys that exist."""

    table: Table
    key: ForeignKey
    target: Table
    existing: KeySet
    place: str

    def find_missing(self, package: Package) -> Iterator[Findings]:
        """The cells that refer to what does not exist, counted by block."""
        resource, name = self.table.resource, self.key.fields[-1]
        code, column = WEAK if self.key.is_weak else FOREIGN, resource.field_names.index(name)
        for block in read_blocks(package.root, resource):
            if resource.is_of_items(self.key):
                found = block.columns[column].judge(self._describe_items)
            else:
                used = KeySet(KeyReader(resource, self.key.fields))
                used.add(block)
                found = self._judge(block, used.without(self.existing), column)
            yield block.findings(found, resource, name, str, code, self.key.is_weak)

    def _judge(self, block: Block, missing: KeySet, column: int) -> Verdicts[str]:
        if not len(missing):
            return Verdicts.none()
        return block.columns[column].judge(self._describe, missing.find_mask(block))

    def _describe(self, text: str) -> str:
        beside = "together with the other fields of its key " if len(self.key.fields) > 1 else ""
        return f"{beside}not in {self.place}; {self._mend(text)}"

    def _mend(self, text: str) -> str:
        return offer_row("" if len(self.key.fields) > 1 else self._nearest.find_key(text))

    @cached_property
    def _nearest(self) -> Nearest:
        name = self.key.reference_fields[-1]
        return Nearest(lambda: [row[name] for row in self.target.rows])

    def _describe_items(self, text: str) -> str:
        """What is wrong with the items of a cell; an invalid cell is reported as such."""
        value, message = self._read(text)
        lacking = [item for item in value or () if not message and not self._exists(item)]
        if not lacking:
            return ""
        if not self._may_equal(lacking[0]):
            written = shorten_value(json.dumps(lacking[0], ensure_ascii=False))
            return (
                f"the item {written} is of another type than the keys in {self.place}; write it as they are"
            )
        more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
        written = write_item(lacking[0])
        return f'the item "{shorten_value(written)}"{more} is not in {self.place}; {self._mend(written)}'

    @cached_property
    def _read(self) -> Any:
        resource = self.table.resource
        return make_reader(resource.field(self.key.fields[0]), resource)

    @cached_property
    def _kind(self) -> str:
        return self.existing.reader.kinds[0]

    def _may_equal(self, item: Any) -> bool:
        """Whether an item is of the kind of the keys; those of an array have the types of JSON."""
        is_array = self.table.resource.field(self.key.fields[0]).type == "array"
        return not is_array or isinstance(item, str) == (self._kind == "text")

    def _exists(self, item: Any) -> bool:
        if item is None or not self._may_equal(item):
            return item is None
        return write_value(item) in self._known

    @cached_property
    def _known(self) -> frozenset[bytes]:
        """The keys that exist, in which an item is found at once."""
        return frozenset(self.existing)
