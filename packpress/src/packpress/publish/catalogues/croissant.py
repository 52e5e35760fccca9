"""Croissant 1.1: the Parquet files of a build described for machine learning, with how the data came about.

It is over Parquet, because loaders read CSV with types of their own: identifiers become numbers, and the
initials "NA" become missing. Foreign keys are in words: loaders would join the tables on them, and fail.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from packpress.package.descriptor import Package
from packpress.package.dictionary import list_values
from packpress.package.resource import Field, ForeignKey, Resource
from packpress.publish.archive import hash_file
from packpress.publish.catalogues.schema_org import (
    Json,
    cite_package,
    describe_licences,
    describe_package,
    describe_terms,
    state_rights,
    without_empty,
)
from packpress.publish.parquet import read_types
from packpress.tables.values import Content

CROISSANT = "croissant.json"
VERSION = "http://mlcommons.org/croissant/1.1"
RESPONSIBLE_AI = "http://mlcommons.org/croissant/RAI/1.0"
# The registered type, and the one that the reference implementation knows.
PARQUET = ["application/vnd.apache.parquet", "application/x-parquet"]

# The context of the specification, and what the reference implementation expects besides.
TERMS = """
    annotation arrayShape citeAs column containedIn equivalentProperty excludes extract field fileObject
    fileProperty fileSet format includes isArray isLiveDataset jsonPath key md5 parentField path readLines
    recordSet references regex repeated replace samplingRate sdVersion separator source subField transform
    unArchive value
""".split()  # noqa: SIM905
CONTEXT: Json = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    **{term: f"cr:{term}" for term in TERMS},
}
# Types of columns in Parquet, by the beginnings of their names; all others hold text.
DATA_TYPES = {
    "int": "sc:Integer",
    "double": "sc:Float",
    "float": "sc:Float",
    "bool": "sc:Boolean",
    "date": "sc:Date",
    "timestamp": "sc:DateTime",
}
TEXT, ADDRESS = "sc:Text", "sc:URL"


def render_croissant(package: Package, contents: Iterable[Content], folder: Path) -> str:
    """The text of `croissant.json` for the Parquet files in the folder of a build."""
    described: Json = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [VERSION, RESPONSIBLE_AI] if package.responsible_ai else VERSION,
        **describe_package(package),
        "citeAs": cite_package(package),
        # The description is derived from the descriptor, and is under the same licences.
        "sdLicense": describe_licences(package.licenses),
        "dct:rights": state_rights(package),
        **{f"rai:{name}": value for name, value in package.responsible_ai.items()},
        "distribution": [],
        "recordSet": [],
    }
    for content in contents:
        resource = content.resource
        file = folder / "parquet" / f"{resource.name}.parquet"
        described["distribution"].append(_describe_file(resource, file))
        described["recordSet"].append(_describe_table(package, content, read_types(file)))
        described["recordSet"] += _list_enumerations(resource)
    return json.dumps(without_empty(described), ensure_ascii=False, indent=2) + "\n"


def name_part(*names: str) -> str:
    """The identifier of a table, of a field or of the values of one, which is a relative address.

    >>> name_part("boats", "boat id"), name_part("boats", "port", "values")
    ('boats/boat%20id', 'boats/port/values')
    """
    return "/".join(quote(name, safe="") for name in names)


def _name_file(resource: Resource) -> str:
    return f"parquet/{quote(resource.name)}.parquet"


def _describe_file(resource: Resource, file: Path) -> Json:
    return without_empty(
        {
            "@type": "cr:FileObject",
            "@id": _name_file(resource),
            "name": file.name,
            "description": resource.title,
            # Relative to this file. Loaders take it as a path, and do not decode it.
            "contentUrl": f"parquet/{file.name}",
            "contentSize": f"{file.stat().st_size} B",
            "encodingFormat": PARQUET,
            "sha256": hash_file(file),
            "license": describe_licences(resource.licenses),
        }
    )


def _describe_table(package: Package, content: Content, types: dict[str, str]) -> Json:
    resource = content.resource
    facts = [
        resource.description,
        f"Rows: {len(content):,}.",
        package.describe_set_aside(resource.name),
        *_list_long_keys(resource),
    ]
    return without_empty(
        {
            "@type": "cr:RecordSet",
            "@id": name_part(resource.name),
            "name": resource.name,
            "alternateName": resource.title if resource.title != resource.name else "",
            "description": " ".join(filter(None, facts)),
            "key": [{"@id": name_part(resource.name, name)} for name in resource.primary_key],
            "usageInfo": describe_licences(resource.licenses),
            "field": [
                _describe_field(package, resource, field, types[field.name]) for field in resource.fields
            ],
        }
    )


def _describe_field(package: Package, resource: Resource, field: Field, type_in_file: str) -> Json:
    is_copied = field.verbatim and field.verbatim not in package.left_out
    return without_empty(
        {
            "@type": "cr:Field",
            "@id": name_part(resource.name, field.name),
            "name": field.name,
            "alternateName": field.title if field.title != field.name else "",
            "description": " ".join(_explain_field(package, resource, field)),
            "dataType": _find_type(field, type_in_file),
            "usageInfo": describe_terms(package) if is_copied else [],
            "source": {
                "fileObject": {"@id": _name_file(resource)},
                "extract": {"column": field.name},
            },
        }
    )


def _find_type(field: Field, type_in_file: str) -> str:
    for name, data_type in DATA_TYPES.items():
        if type_in_file.startswith(name):
            return data_type
    return ADDRESS if field.type == "string" and field.format == "uri" else TEXT


def _explain_field(package: Package, resource: Resource, field: Field) -> Iterator[str]:
    """What the field holds, and in words what it refers to and where its values are listed."""
    if field.description:
        yield field.description
    for key in resource.foreign_keys:
        if key.fields == (field.name,):
            yield f"Refers to {_name_target(key)}."
    if field.choices:
        yield f"The allowed values are in {name_part(resource.name, field.name, 'values')}."
    if field.verbatim in package.left_out:
        yield "Empty: this edition leaves out text copied from sources."
    elif field.verbatim:
        yield "Copied from a source."


def _list_long_keys(resource: Resource) -> Iterator[str]:
    """The foreign keys of several fields, in words."""
    for key in resource.foreign_keys:
        if len(key.fields) > 1:
            yield f"{' and '.join(key.fields)} together refer to {_name_target(key)}."


def _name_target(key: ForeignKey) -> str:
    place = f"{key.resource} in {key.package}" if key.package else key.resource
    return f"{' and '.join(key.reference_fields)} of {place}"


def _list_enumerations(resource: Resource) -> Iterator[Json]:
    """The allowed values of each field with a closed list, and their meanings, as tables of their own."""
    for field in resource.fields:
        if not field.choices:
            continue
        name = (resource.name, field.name, "values")
        listed = [*list_values(field)]
        parts = ("value", "meaning") if any(meaning for _, meaning in listed) else ("value",)
        parts_by_id = {name_part(*name, part): part for part in parts}
        yield {
            "@type": "cr:RecordSet",
            "@id": name_part(*name),
            "name": "/".join(name),
            "description": f"Values of {field.name} in {resource.name}.",
            "dataType": "sc:Enumeration",
            "key": {"@id": name_part(*name, "value")},
            "field": [
                {"@type": "cr:Field", "@id": place, "name": part, "dataType": TEXT}
                for place, part in parts_by_id.items()
            ],
            "data": [dict(zip(parts_by_id, (said or "" for said in pair), strict=False)) for pair in listed],
        }
