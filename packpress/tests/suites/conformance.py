"""Conformance: small packages written from the standard, what we say of them, and what frictionless says."""

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from invented.findings import find_cause
from packpress import CannotRunError, Problem, read_package, validate

Raw = dict[str, Any]

CASES = Path(__file__).parent / "cases"
# Faults that the standard does not name; frictionless is not asked about these.
OWN = Path(__file__).with_name("own.yml")
DESCRIPTOR = "datapackage.json"
VERSION = "https://datapackage.org/profiles/{}.0/datapackage.json"


@dataclass(frozen=True)
class Case:
    """A package as a clause of the standard allows or forbids it, and the one problem that it must have."""

    clause: str
    declared: Raw

    @property
    def name(self) -> str:
        """What is the case, in some words."""
        return str(self.declared["case"])

    @property
    def problem(self) -> str:
        """Place, cell and code of the problem expected; empty when the package is valid."""
        return str(self.declared.get("problem", ""))

    @property
    def notice(self) -> str:
        """The same of the one notice expected beside; empty when it may have others or none."""
        return str(self.declared.get("notice", ""))

    @property
    def difference(self) -> str:
        """The declared difference because of which frictionless judges otherwise, or nothing."""
        return str(self.declared.get("difference", ""))

    def write(self, folder: Path) -> Path:
        """Writes the package into a folder; its descriptor."""
        files = {name: text.encode() for name, text in self.declared.get("files", {}).items()}
        files |= {name: gzip.compress(text.encode()) for name, text in self.declared.get("gzip", {}).items()}
        files |= {name: _zip(texts) for name, texts in self.declared.get("zip", {}).items()}
        raw = self.declared.get("raw") or json.dumps(self._describe(files))
        for name, data in (files | {DESCRIPTOR: raw.encode()}).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        return folder / DESCRIPTOR

    def _describe(self, files: dict[str, bytes]) -> Raw:
        """The descriptor; the files of its tables are added to those that the case names."""
        declared = self.declared
        fields, schema = declared.get("fields"), dict(declared.get("schema", {}))
        if "foreign" in declared:
            keys, kind = declared["foreign"], declared.get("type", "string")
            fields = [{"name": "a", "type": kind}]
            reference = {"resource": "there", "fields": keys["to"]}
            schema["foreignKeys"] = [{"fields": keys["key"], "reference": reference}]
            files["there.csv"] = _write_column("id", declared["there"])
        elif fields is None:
            fields = [{"name": "a", **declared.get("field", {})}]
        table: Raw = {"name": "t", "path": "t.csv", "schema": {"fields": fields} | schema}
        table |= {"dialect": declared["dialect"]} if "dialect" in declared else {}
        table = {k: v for k, v in (table | declared.get("resource", {})).items() if v is not None}
        is_described = declared.keys() & {"package", "second"} or not declared.keys() & {
            "fields",
            "files",
            "schema",
        }
        if "cells" in declared:
            files["t.csv"] = _write_column("a", declared["cells"])
        elif "latin-1" in declared:
            files["t.csv"] = declared["latin-1"].encode("latin-1")
        elif "text" in declared or is_described:
            files.setdefault("t.csv", declared.get("text", "a\nx\n").encode())
        resources = [table]
        if "foreign" in declared:
            kind = declared.get("there type", declared.get("type", "string"))
            target = {"fields": [{"name": "id", "type": kind}]}
            resources.append({"name": "there", "path": "there.csv", "schema": target})
        if "second" in declared:
            resources.append(table | declared["second"])
        version = {"$schema": VERSION.format(declared["version"])} if "version" in declared else {}
        package: Raw = declared.get("package", {})
        return {"name": "p"} | version | package | {"resources": resources}


def _zip(texts: Mapping[str, str]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    return data.getvalue()


def _write_column(name: str, cells: list[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([[name], *([cell] for cell in cells)])
    return text.getvalue().encode()


def read_cases(*files: Path) -> list[Case]:
    """The cases of some files, or of all that the standard has, as they stand there."""
    return [
        Case(clause, declared)
        for file in files or sorted(CASES.glob("*.yml"))
        for clause, listed in yaml.load(file.read_bytes(), yaml.CSafeLoader).items()
        for declared in listed
    ]


def list_problems(descriptor: Path, with_notices: bool = False) -> list[Problem]:
    """What our validator finds in a package, notices left out unless they are wanted, which come last."""
    try:
        report = validate(read_package(descriptor))
    except CannotRunError as error:
        return [find_cause(error, descriptor.parent)]
    return [*report.problems, *(report.notices if with_notices else ())]


def list_findings(case: Case, folder: Path) -> list[Problem]:
    """What our validator finds in the package of a case, notices only where the case expects one."""
    return list_problems(case.write(folder), with_notices=bool(case.notice))


def ask_frictionless(descriptor: Path) -> bool:
    """Whether frictionless finds nothing wrong with a package; what makes it fail is no valid package."""
    import frictionless  # half a second to import, so not before somebody asks

    try:
        return bool(frictionless.validate(str(descriptor), type="package").valid)
    except Exception:  # whatever an odd descriptor does to frictionless
        return False


@dataclass(frozen=True)
class Difference:
    """Where we judge otherwise than frictionless on purpose: stricter, laxer, or either by the case."""

    ours: str
    sentence: str

    def explains(self, is_valid: bool) -> bool:
        """Whether it may be why we judge a package so, and frictionless does not."""
        return self.ours in {"laxer" if is_valid else "stricter", "either"}


def read_differences() -> dict[str, Difference]:
    """The declared differences from frictionless by name."""
    declared = json.loads((CASES / "differences.json").read_bytes())
    return {name: Difference(**item) for name, item in declared.items()}


def render_differences(differences: Mapping[str, Difference]) -> str:
    """The differences as a table of Markdown."""
    lines = ["| name | ours is | what differs |", "| --- | --- | --- |"]
    return "\n".join(
        [*lines, *(f"| {name} | {it.ours} | {it.sentence} |" for name, it in differences.items())]
    )


def count_cases(cases: Sequence[Case], theirs: Sequence[bool]) -> str:
    """How many cases there are, and how many each validator judges as the standard has it."""
    clauses = len({case.clause for case in cases})
    wrong = [case for case, is_valid in zip(cases, theirs, strict=True) if is_valid == bool(case.problem)]
    passed = sum(bool(case.problem) for case in wrong)
    return (
        f"{len(cases)} packages test {clauses} clauses. Ours judges all of them as expected, each with the"
        f" one message expected. Frictionless passes {passed} faults in silence, and refuses"
        f" {len(wrong) - passed} packages that are valid."
    )


def render_cases(cases: list[Case], theirs: Sequence[bool]) -> str:
    """The cases as a table of Markdown, those that are judged differently with the reason."""
    lines = ["| clause | case | ours | frictionless | difference |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([*lines, *_list_lines(cases, theirs)])


def _list_lines(cases: list[Case], theirs: Sequence[bool]) -> Iterator[str]:
    last = ""
    for case, is_valid in zip(cases, theirs, strict=True):
        clause, last = ("" if case.clause == last else case.clause), case.clause
        verdicts = ("valid" if verdict else "refused" for verdict in (not case.problem, is_valid))
        yield f"| {clause} | {case.name} | {' | '.join(verdicts)} | {case.difference} |"
