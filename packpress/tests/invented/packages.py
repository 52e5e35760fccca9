"""Small packages with whatever names, types and keys a test needs."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packpress.extension import find_extension
from packpress.package.resource import Resource
from packpress.publish.build import build_folder
from packpress.tables.csv import read_rows
from packpress.tables.dialect import Cells, layout_of

import packpress
from packpress import InvalidPackageError, read_package


def field(name: str, kind: str = "string", **properties: Any) -> dict[str, Any]:
    """A field; constraints go in by their own names, everything else as it is."""
    constraints = {
        k: v
        for k, v in properties.items()
        if k in {"required", "unique", "enum", "minimum", "maximum", "minLength", "maxLength"}
    }
    others = {k: v for k, v in properties.items() if k not in constraints}
    return {"name": name, "type": kind, **others} | ({"constraints": constraints} if constraints else {})


def table(name: str, text: str, fields: list[dict[str, Any]], **properties: Any) -> dict[str, Any]:
    """A resource with its text; properties of the schema go in by their own names, everything else as it is."""
    schema = {
        k: v
        for k, v in properties.items()
        if k in {"primaryKey", "foreignKeys", "uniqueKeys", "missingValues"}
    }
    others = {k: v for k, v in properties.items() if k not in schema}
    return {
        "name": name,
        "path": f"{name}.csv",
        "text": text,
        "schema": {"fields": fields, **schema},
        **others,
    }


def write_package(folder: Path, *tables: dict[str, Any], **properties: Any) -> Path:
    """A package of the tables; its descriptor."""
    folder.mkdir(parents=True, exist_ok=True)
    for item in tables:
        (folder / item["path"]).write_bytes(item.pop("text").encode(item.get("encoding", "utf-8")))
    path = folder / "datapackage.json"
    raw = {"name": "sm-all", "version": "1.2.3", "resources": list(tables), **properties}
    path.write_text(json.dumps(raw, ensure_ascii=False), encoding="utf-8")
    return path


def parse_records(text: str, resource: Resource) -> list[tuple[int, Cells]]:
    """Line and cells of every record of a text, the header included, as the csv module has them."""
    rows = read_rows(io.StringIO(text, newline=""), "t.csv", layout_of(resource))
    return [(line, cells) for _, line, cells in rows if cells]


def list_places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all values in a JSON document."""
    yield place
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, child in children:
        yield from list_places(child, (*place, name))


def write_sql(folder: Path, path: str, text: str) -> None:
    file = folder / "sql" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def build(descriptor: Path, output: Path, edition: str = "full") -> Path:
    """The folder of a build made in this process."""
    package = read_package(descriptor)
    report = packpress.validate(package)
    if report.problems:
        raise InvalidPackageError(report.problems)
    extension = find_extension(package)
    build_folder(package, report.tables, output, edition, extension, lambda _: None)
    return output


def write_library(folder: Path) -> Path:
    """Two tables with keywords, blanks, capitals, quotes and letters beyond ASCII for names."""
    groups = table(
        "Größe & group",
        "select,Name of it\n2,b\n1,\U0001f40d\n",
        [field("select", "integer"), field("Name of it", required=True, unique=True)],
        primaryKey="select",
    )
    order = table(
        "order",
        'key,say "it",group by,from,yes,weight,day,kind\n'
        'b,"x, ""y""",2,10,true,1.5,2020-01-02,alpha\n'
        "b,naïve \U0001f98a,1,9,false,,,\n"
        "a,,,1,,-2e3,,beta\n",
        [
            field("key"),
            field('say "it"', description="What is said."),
            field("group by", "integer"),
            field("from", "integer", minimum=1, maximum=10),
            field("yes", "boolean"),
            field("weight", "number"),
            field("day", "date", minimum="2000-01-01"),
            field("kind", enum=["alpha", "beta"], enumDescriptions={"alpha": "First.", "beta": "Second."}),
        ],
        primaryKey=["key", "from"],
        foreignKeys=[{"fields": "group by", "reference": {"resource": "Größe & group", "fields": "select"}}],
        publishing={"search": ['say "it"', "kind"]},
    )
    # An identifier that ORCID gives as an example.
    orcid = "https://orcid.org/0000-0002-1825-0097"
    people = [{"title": "A. Crew", "roles": ["creator", "publisher"], "path": orcid}]
    return write_package(folder, groups, order, created="2024-05-06T07:08:09Z", contributors=people)
