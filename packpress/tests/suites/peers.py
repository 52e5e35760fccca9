"""Peers: what other implementations of Table Schema test themselves with, and where we judge otherwise.

`peers.csv` has cells, with the peers that read or refuse each and the values they make of it, written in the default
form of the type; `peer_constraints.csv` has constraints, for declarations and for cells. Both hold facts alone, from the
tests of these commits of https://github.com/frictionlessdata: frictionless-py 44661adf0c9e, tableschema-py 75d2accb985c,
tableschema-js 5ebdc04bc2fe, tableschema-r f5f40bdfca20, tableschema-php 34424467b368. Values of tableschema-r are left
out, for they are objects of R.
"""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packpress.checks.descriptor import check_structure
from packpress.package.descriptor import build_package
from packpress.package.resource import Field, build_resource
from packpress.tables.constraints import make_reader, read_type
from packpress.tables.fast.keys import write_value

FOLDER = Path(__file__).parent
Vector = dict[str, str]


def read_vectors(name: str) -> list[Vector]:
    """The rows of one of the two tables."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CELLS, CONSTRAINTS = read_vectors("peers.csv"), read_vectors("peer_constraints.csv")
ITEMS = "`list` of version 2: items with a delimiter between them, not JSON"
BLANKS = "spaces around it are not part of the lexical form"
# Where not all peers judge as we do, by what is judged: type, properties, text; and the clause by which we do.
DIFFERENCES = {
    ("integer", "", " 01 "): f"`integer`: an optional sign, then digits; {BLANKS}",
    ("number", "", " 01 "): f"`number`: the forms of XML Schema; {BLANKS}",
    (
        "number",
        "",
        "100%",
    ): "`bareNumber`: true unless declared otherwise, so that nothing may surround a number",
    ("list", "", "3.14"): ITEMS,
    ("list", "", "string"): ITEMS,
    ("yearmonth", "", "2000/10"): "`yearmonth`: `gYearMonth` of XML Schema, with a hyphen",
    ("geopoint", '{"format": "object"}', '{"lat":90, "lon":180, "foo": "bar"}'): (
        "`geopoint`, `object`: an object with exactly two keys"
    ),
    ("datetime", "", "2014-01-01T06:00:00Z"): "`datetime`: `Z` means UTC",
    (
        "datetime",
        '{"format": "any"}',
        "10th Jan 1969 9 am",
    ): "`datetime`: the text has no zone, and none is added",
    ("any", '{"constraints": {"required": true}}', ""): "`required`: no cell may be null, whatever the type",
    (
        "integer",
        '{"constraints": {"enum": []}}',
        "",
    ): "`enum`: at least one value, by the profile of version 2",
    ("string", '{"constraints": {"required": true}}', "undefined"): (
        "`missingValues`: only the empty string unless declared otherwise"
    ),
    ("yearmonth", '{"constraints": {"enum": [[2000, 10]]}}', "2000-10"): (
        "`enum`: values are spelt as in cells; a month is `2000-10`"
    ),
}


def declare(vector: Vector) -> Field:
    """The field of a vector; a type that is empty is not declared."""
    raw: dict[str, Any] = {"name": "a"} | ({"type": vector["type"]} if vector["type"] else {})
    raw |= json.loads(vector["properties"] or "{}")
    # Older versions of the standard write patterns with a prefix.
    if "format" in raw:
        raw["format"] = raw["format"].removeprefix("fmt:")
    return Field(raw)


def find_key(vector: Vector) -> str | None:
    """What our value of a vector's cell equals; None where it has none."""
    value = read_type(declare(vector))(vector["text"])
    key = write_value(value)
    return None if key is None else key.decode()


def is_kept(vector: Vector) -> bool:
    """Whether we take the declaration of a vector of constraints, and its cell if there is one."""
    schema = {"fields": [declare(vector).described()]}
    raw = {"name": "p", "resources": [{"name": "t", "path": "t.csv", "schema": schema}]}
    if any(
        not problem.is_notice for problem in check_structure(build_package(Path("datapackage.json"), raw))
    ):
        return False
    resource = build_resource({"name": "t", "schema": schema})
    return vector["of"] == "declaration" or not make_reader(resource.fields[0], resource)(vector["text"])[1]


def list_others(vector: Vector) -> Iterator[tuple[str, str, str]]:
    """What we make of a vector, what others make of it who judge otherwise, and who they are."""
    if "of" in vector:
        ours, is_ours = ("kept" if is_kept(vector) else "refused"), is_kept(vector)
    else:
        key = find_key(vector)
        ours, is_ours = ("refused" if key is None else "read"), key is not None
    if others := vector["refused_by" if is_ours else "read_by"]:
        yield ours, ("refused" if is_ours else "read" if "of" not in vector else "kept"), others
    for value, peers in json.loads(vector.get("values") or "{}").items() if is_ours else ():
        # TopoJSON has no default form of its own.
        of_type = (
            declare(vector) if vector["type"] == "geojson" else Field({"name": "a", "type": vector["type"]})
        )
        theirs = write_value(read_type(of_type)(value))
        if theirs is None or theirs.decode() != key:
            yield f"`{key}`", f"`{value}`", peers


def render_peers() -> str:
    """How many verdicts of peers there are, and a table of those that are not ours."""
    vectors = [*CELLS, *CONSTRAINTS]
    verdicts = sum(len(f"{one['read_by']} {one['refused_by']}".split()) for one in vectors)
    values = sum(len(peers.split()) for one in CELLS for peers in json.loads(one["values"] or "{}").values())
    count = f"{len(CELLS)} cells and {len(CONSTRAINTS)} constraints, {verdicts:,} verdicts, {values} values."
    lines = [
        f"| {one['type']} | {_show(one['properties'])} | {_show(json.dumps(one['text'], ensure_ascii=False))} "
        f"| {ours} | {theirs}: {', '.join(peers.split())} | {DIFFERENCES[find_place(one)]} |"
        for one in vectors
        for ours, theirs, peers in list_others(one)
    ]
    head = [
        "| type | declared | cell | ours | different in | clause |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    return "\n".join([count, "", *head, *lines])


def find_place(vector: Vector) -> tuple[str, str, str]:
    """By what a difference is known."""
    return vector["type"], vector["properties"], vector["text"]


def _show(text: str) -> str:
    return f"`{text}`" if text else ""
