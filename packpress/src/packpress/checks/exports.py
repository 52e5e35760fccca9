"""What tables declare to be for catalogues: that the fields, tables and keys that they name exist."""

from collections.abc import Iterable, Iterator, Mapping

from packpress.package.descriptor import Package
from packpress.package.exports import (
    Bibliography,
    DependentTable,
    MappingSet,
    NamedRow,
    find_key,
    find_key_to,
    read_annotations,
    read_bibliography,
    read_mapping_set,
)
from packpress.package.resource import Resource
from packpress.similar import offer_nearest

# Slots of SSSOM without which a row is no mapping.
REQUIRED_SLOTS = ("subject_id", "predicate_id", "object_id", "mapping_justification")


def check_exports(package: Package, resource: Resource) -> Iterator[str]:
    """What is wrong with the bibliography, mappings or annotations of a table, and what to do about it.

    >>> from packpress import read_package
    >>> package = read_package("fleet")
    >>> boats = package.by_name["boats"].replaced(
    ...     publishing={"bibliography": {"fields": {"title": "nmae"}}}
    ... )
    >>> print(*check_exports(package, boats))
    the bibliography of boats names "nmae", which is not a field of boats; did you mean "name"?
    """
    if bibliography := read_bibliography(resource):
        yield from _check_bibliography(package, resource, bibliography)
    if mappings := read_mapping_set(resource):
        yield from _check_mappings(resource, mappings)
    if annotations := read_annotations(resource):
        where = f"annotations of {resource.name}"
        if not resource.primary_key:
            yield f"{where} need a primaryKey; declare one"
        yield from _check_offsets(where, resource, {"start": annotations.start, "end": annotations.end})
        if annotations.body:
            yield from _check_named_row(f"body in {where}", resource, annotations.body)
        where = f"target in {where}"
        yield from _check_named_row(where, resource, annotations.target)
        link = find_key(resource, annotations.target.row)
        if link and (documents := package.by_name.get(link.resource)):
            of_document = annotations.target.of_document
            yield from _check_fields(where, documents, of_document.values())
            yield from _check_required(where, documents, [of_document["path"]])


def _check_bibliography(package: Package, resource: Resource, declared: Bibliography) -> Iterator[str]:
    where = f"the bibliography of {resource.name}"
    if not resource.primary_key:
        yield f"{where} needs a primaryKey; declare one"
    yield from _check_fields(where, resource, declared.fields.values())
    if declared.type_field:
        yield from _check_fields(f"type in {where}", resource, [declared.type_field])
        yield from _check_types(f"type in {where}", resource, declared)
    for name, dependent in (("authors", declared.authors), ("corrections", declared.corrections)):
        if dependent:
            yield from _check_dependent(f"{name} in {where}", package, resource, dependent)


def _check_types(where: str, resource: Resource, declared: Bibliography) -> Iterator[str]:
    """Checks that each value that the field can have stands for a type."""
    if declared.type_field in resource.field_names:
        choices = resource.field(declared.type_field).choices
        for value in choices:
            if str(value) not in declared.types:
                yield f'{where} has no type for "{value}"; add it to values'


def _check_dependent(
    where: str, package: Package, resource: Resource, declared: DependentTable
) -> Iterator[str]:
    table = package.by_name.get(declared.resource)
    if table is None:
        offer = offer_nearest(declared.resource, set(package.by_name))
        yield f'{where} names a table "{declared.resource}", which is not there; {offer}'
        return
    yield from _check_fields(where, table, declared.named.values())
    if resource.primary_key and not find_key_to(table, resource):
        message = f"{where} names {table.name}, which has no foreign key to the primaryKey of {resource.name}"
        yield f"{message}; declare one"


def _check_mappings(resource: Resource, declared: MappingSet) -> Iterator[str]:
    where = f"mappings of {resource.name}"
    yield from _check_fields(where, resource, declared.fields.values())
    needed = (declared.fields[slot] for slot in REQUIRED_SLOTS if slot in declared.fields)
    yield from _check_required(where, resource, needed)
    if declared.subject:
        yield from _check_named_row(f"subject in {where}", resource, declared.subject)
    elif "subject_id" not in declared.fields:
        yield f"{where} have no subject; name the row that is mapped, or a field for subject_id"


def _check_offsets(where: str, resource: Resource, named: Mapping[str, str]) -> Iterator[str]:
    yield from _check_fields(where, resource, named.values())
    yield from _check_required(where, resource, named.values())
    for what, name in named.items():
        if name in resource.field_names and resource.field(name).type != "integer":
            yield f"{what} in {where} is {name}, which is not an integer; declare it as one"


def _check_named_row(where: str, resource: Resource, named: NamedRow) -> Iterator[str]:
    yield from _check_fields(where, resource, named.named.values())
    is_linked = named.table or find_key(resource, named.row)
    if named.row in resource.field_names and not is_linked:
        yield f"{where} names {named.row}, which is not a foreign key; declare one"
    yield from _check_required(where, resource, named.named.values())


def _check_required(where: str, resource: Resource, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        is_key = name in resource.primary_key
        if name in resource.field_names and not is_key and not resource.field(name).is_required:
            message = f"{where} needs {name} of {resource.name} in every row"
            yield f"{message}; add the constraint required"


def _check_fields(where: str, resource: Resource, names: Iterable[str]) -> Iterator[str]:
    own = set(resource.field_names)
    for name in dict.fromkeys(names):
        if name not in own:
            message = f'{where} names "{name}", which is not a field of {resource.name}'
            yield f"{message}; {offer_nearest(name, own)}"
