"""Peers: cells that other implementations of Table Schema test themselves with, and where we judge otherwise.

The table has facts alone: type, properties of the field, text of the cell, and which peer reads or refuses it by its own
tests, at these commits of https://github.com/frictionlessdata: frictionless-py 44661adf0c9e, tableschema-py 75d2accb985c,
tableschema-js 5ebdc04bc2fe, tableschema-r f5f40bdfca20.
"""

import csv
import json
from pathlib import Path

import pytest
from packpress.package.resource import Field
from packpress.tables.types import type_of

from tests.documents import PAGE

TABLE = Path(__file__).parent / "suites" / "peers.csv"
with TABLE.open(encoding="utf-8", newline="") as file:
    VECTORS = list(csv.DictReader(file))
# Where not all peers judge as we do: the cell, and the clause by which we do.
DIFFERENCES = {
    ("integer", " 01 "): "`integer`: an optional sign, then digits; no blanks around them",
    ("number", " 01 "): "`number`: the forms of XML Schema, without blanks around them",
    ("list", "3.14"): "`list` of version 2: items with a delimiter between them, not JSON",
    ("list", "string"): "`list` of version 2: items with a delimiter between them, not JSON",
    ("yearmonth", "2000/10"): "`yearmonth`: `gYearMonth` of XML Schema, with a hyphen",
}


def reads(vector):
    raw = {"name": "a", "type": vector["type"]} | json.loads(vector["properties"] or "{}")
    # Older versions of the standard write patterns with a prefix.
    if "format" in raw:
        raw["format"] = raw["format"].removeprefix("fmt:")
    declared = Field(raw)
    return type_of(declared).make_reader(declared)(vector["text"]) is not None


@pytest.mark.parametrize(
    "vector", VECTORS, ids=lambda one: f"{one['type']} {one['properties']} {one['text'][:30]}"
)
def test_peers_judge_as_we_do_or_a_clause_says_why_not(vector):
    others = vector["refused_by"] if reads(vector) else vector["read_by"]
    assert bool(others) == ((vector["type"], vector["text"]) in DIFFERENCES)


def test_the_page_has_each_difference():
    text = PAGE.read_text(encoding="utf-8")
    cells = {(one["type"], one["text"]): one for one in VECTORS}
    for place, clause in DIFFERENCES.items():
        vector = cells[place]
        verdict, others = ("read", "refused_by") if reads(vector) else ("refused", "read_by")
        peers = ", ".join(vector[others].split())
        assert f"| {place[0]} | `{json.dumps(place[1])}` | {verdict} | {peers} | {clause} |" in text
    judged = sum(len(f"{one['read_by']} {one['refused_by']}".split()) for one in VECTORS)
    assert f"{len(VECTORS)} cells, {judged} verdicts" in text
