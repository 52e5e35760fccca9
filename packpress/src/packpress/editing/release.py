"""Releases: what must agree before one is made, and the notes that go with it."""

import re
from collections.abc import Iterator

from packpress.checks.register import ROW, TABLE, find_register
from packpress.editing.diff import WITHDRAWN, Change
from packpress.package.descriptor import Package
from packpress.problems import Problem
from packpress.publish.documents import render_citation
from packpress.tables.rows import Tables

CHANGELOG, CITATION = "CHANGELOG.md", "CITATION.cff"
HEADING = re.compile(r"^## (?P<version>\S+)(?: \((?P<date>[0-9-]+)\))?$", re.MULTILINE)


def check_version(package: Package, version: str) -> Iterator[Problem]:
    """Descriptor, changelog and citation all speak of this version and of one date."""
    path = package.path.name
    if package.version != version:
        message = f"not the version to be released; write {version} or release {package.version}"
        yield Problem(path, 0, message, "version", package.version, "release/version")
    date = str(package.raw.get("created") or "")[:10]
    if not date:
        yield Problem(path, 0, "no date of the version; add it", "created", "", "release/date")
    text = _read(package, CHANGELOG)
    heading = HEADING.search(text)
    if heading is None:
        message = f"no heading of the form ## {version} ({date}); add it with what changed"
        yield Problem(CHANGELOG, 0, message, code="release/changelog")
    else:
        line = text[: heading.start()].count("\n") + 1
        for name, wanted in (("version", version), ("date", date)):
            if heading[name] != wanted:
                message = f"the newest entry is of {name} {heading[name] or 'none'}; write that of {wanted}"
                yield Problem(CHANGELOG, line, message, code="release/changelog")
    if _read(package, CITATION) != render_citation(package):
        yield Problem(CITATION, 0, "not what the descriptor says; run make generate", code="release/citation")


def check_withdrawals(package: Package, tables: Tables, changes: list[Change]) -> Iterator[Problem]:
    """Every row that the last release held and this one does not stands in the register, if there is one."""
    register = find_register(package, tables)
    if register is None:
        return
    known = {(row[TABLE], row[ROW]) for row in register.rows}
    for change in changes:
        if change.kind == WITHDRAWN and (change.table, change.key) not in known:
            path = package.by_name[change.table].paths[0]
            message = (
                f'lacks the row "{change.key}" of the last release; restore it or enter it in '
                f"{register.resource.paths[0]} with the reason"
            )
            yield Problem(path, 0, message, code="release/withdrawn")


def write_notes(package: Package, difference: str) -> str:
    """The entry of the changelog and, where an earlier release is known, the rows that differ from it."""
    text = _read(package, CHANGELOG)
    headings = list(HEADING.finditer(text))
    end = headings[1].start() if len(headings) > 1 else len(text)
    entry = text[headings[0].start() : end].strip()
    return "\n\n".join(part for part in (entry, difference.strip()) if part) + "\n"


def _read(package: Package, name: str) -> str:
    file = package.root / name
    return file.read_text(encoding="utf-8") if file.is_file() else ""
