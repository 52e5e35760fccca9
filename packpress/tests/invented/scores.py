"""Scores: how a first descriptor compares with what a careful reader says of the same files."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Gold = Mapping[str, Mapping[str, Any]]


@dataclass
class Score:
    """Counts by what was compared and how it came out, and a line for each that is not right."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)

    def add(self, what: str, outcome: str, line: str) -> None:
        self.counts[what, outcome] += 1
        if outcome != "right":
            self.lines.append(f"{outcome}: {line}")

    def share(self, what: str, *outcomes: str) -> float:
        """The share of some outcomes."""
        whole = sum(count for (one, _), count in self.counts.items() if one == what)
        return sum(self.counts[what, outcome] for outcome in outcomes) / max(whole, 1)


def find_tables(descriptor: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The tables by the file that they come from, and by their name there if it is a file of several."""
    found = {}
    for item in descriptor["resources"]:
        source = item["sources"][0] if "sources" in item else {"path": item["path"], "title": ""}
        found[source["path"]] = item
        found[f"{source['path']}/{source['title']}"] = item
    return found


def list_proposals(part: Mapping[str, Any], name: str = "") -> Iterator[Mapping[str, Any]]:
    """The properties that the questions about a part, or one about some columns with this one, propose."""
    for question in (*part.get("openQuestions", ()), *part.get("schema", {}).get("openQuestions", ())):
        yield question.get("proposals", {}).get(name, {}) if name else question.get("proposal", {})


def score_descriptor(descriptor: Mapping[str, Any], gold: Gold) -> Score:
    """Types, keys, references and encodings: right, asked (the right one is proposed), missed, or wrong."""
    score, tables = Score(), find_tables(descriptor)
    for place, wanted in gold.items():
        table = tables.get(place)
        if table is None:
            for kind in wanted["types"].split():
                score.add("types", "wrong", f"{place}: no such table, with a column of type {kind}")
            continue
        _score_types(score, place, table, wanted["types"].split())
        _score_key(score, place, table, wanted)
        _score_references(score, place, table, wanted.get("references", {}), tables)
        if "encoding" in wanted:
            outcome = "right" if table["encoding"] == wanted["encoding"] else "wrong"
            score.add("encodings", outcome, f"{place}: {table['encoding']}, not {wanted['encoding']}")
    return score


def _score_types(score: Score, place: str, table: Mapping[str, Any], types: list[str]) -> None:
    fields = table["schema"]["fields"]
    for number, kind in enumerate(types):
        one = fields[number] if number < len(fields) else {"name": "no such column"}
        declared = one.get("type")
        asked = (*list_proposals(one), *list_proposals(table, one["name"]))
        proposed = [proposal.get("type") for proposal in asked]
        is_asked = kind in proposed and declared in {"string", "integer"}
        outcome = "right" if declared == kind else "asked" if is_asked else "wrong"
        score.add("types", outcome, f"{place}: {one['name']}: {declared}, not {kind}")
    for one in fields[len(types) :]:
        score.add("types", "wrong", f"{place}: {one['name']}: a column too many")


def _score_key(score: Score, place: str, table: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    declared = table["schema"].get("primaryKey")
    declared = [declared] if isinstance(declared, str) else declared
    proposed = [proposal.get("primaryKey") for proposal in list_proposals(table)]
    if declared or not wanted["key"]:
        outcome = "right" if (declared or []) == wanted["key"] else "wrong"
    else:
        outcome = "asked" if wanted["key"] in proposed else "missed"
    score.add("keys", outcome, f"{place}: key {declared or proposed}, not {wanted['key']}")


def _score_references(
    score: Score,
    place: str,
    table: Mapping[str, Any],
    wanted: Mapping[str, str],
    tables: Mapping[str, Mapping[str, Any]],
) -> None:
    def read(keys: Any) -> set[tuple[str, str]]:
        return {
            ("".join(key["fields"]), key["reference"]["resource"] or table["name"])
            for key in keys
            if len(key["reference"]["fields"]) == 1 or isinstance(key["fields"], str)
        }

    right = {(name, tables[target]["name"]) for name, target in wanted.items() if target in tables}
    declared = read(table["schema"].get("foreignKeys", ()))
    proposed = {one for proposal in list_proposals(table) for one in read(proposal.get("foreignKeys", ()))}
    for one in right | declared:
        outcome = (
            "wrong"
            if one not in right
            else "right"
            if one in declared
            else "asked"
            if one in proposed
            else "missed"
        )
        score.add("references", outcome, f"{place}: reference {one}")


def score_folder(folder: Path, gold: Gold) -> Score:
    """The score of the descriptor in a folder."""
    return score_descriptor(json.loads((folder / "datapackage.json").read_bytes()), gold)
