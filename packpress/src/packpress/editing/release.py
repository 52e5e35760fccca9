"""Releases: what has to agree before one is made, and the notes that are written for it."""

import re
import subprocess
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from packpress.checks.capacity import refuse
from packpress.checks.validation import Report, list_left_out, validate_package
from packpress.checks.withdrawals import ROW, TABLE, find_register
from packpress.console import Step
from packpress.editing.diff import (
    TABLE_REMOVED,
    WITHDRAWN,
    Change,
    compare_packages,
    has_other_key,
    name_base,
    open_revision,
    render_markdown,
)
from packpress.extension import find_extension
from packpress.package.descriptor import Package
from packpress.problems import Problem
from packpress.publish.archive import write_guide
from packpress.publish.build import build_folder
from packpress.publish.catalogues.citation import CITATION, render_citation
from packpress.publish.wheel import name_wheel
from packpress.tables.rows import Tables

CHANGELOG = "CHANGELOG.md"
HEADING = re.compile(r"^## (?P<version>\S+)(?: \((?P<date>[0-9-]+)\))?$", re.MULTILINE)
TAG = re.compile(r"v\d+\.\d+\.\d+")


@dataclass(frozen=True)
class Release:
    """A release, or the reason why there is none.

    - `report`: the validation report, with the problems that prevented the release.
    - `base`: what it was compared with, if anything.
    - `left_out`: a line for each thing that some format does not hold.
    """

    report: Report
    base: str | None
    left_out: tuple[str, ...] = ()


def make_release(
    package: Package,
    version: str,
    folder: Path,
    edition: str,
    base: str | None,
    step: Step,
    require_rules: bool = False,
) -> Release:
    """Builds a release in the folder, unless its report has problems.

    The package is compared with `base`, a zip or a git revision, or else with the newest tag. Raises
    CannotRunError when the release cannot be built.
    """
    extension = find_extension(package)
    step("validating")
    report = validate_package(package, extension.rules, require_rules=require_rules)
    report.add(check_version(package, version))
    base = base or find_tag(package, version)
    changes, rekeyed = _list_changes(package, base) if base and report.is_valid else ([], frozenset())
    report.add(check_withdrawals(package, report.tables, changes, rekeyed))
    report.sort()
    if not report.is_valid:
        return Release(report, base)
    refuse(report.notices)
    difference = render_markdown(changes, name_base(base), package) if base else ""
    files = _list_files(package, edition, difference)
    notices = build_folder(package, report.tables, folder, edition, extension, step, files)
    return Release(report, base, tuple(list_left_out(report, notices)))


def _list_files(package: Package, edition: str, difference: str) -> dict[str, bytes]:
    """The files of a release besides the build: the notes, and the guide to the files."""
    described = package.replaced(edition=edition)
    texts = {
        "NOTES.md": write_notes(package, difference),
        "README.md": write_guide(described, name_wheel(package)),
    }
    return {name: text.encode("utf-8") for name, text in texts.items()}


def find_earlier(package: Package, version: str) -> str | None:
    """The newest version in the changelog besides the one that is released, or None.

    >>> from packpress import read_package
    >>> find_earlier(read_package("fleet"), "1.0.0") is None
    True
    """
    listed = (heading["version"] for heading in HEADING.finditer(_read(package, CHANGELOG)))
    return next((each for each in listed if each[:1].isdecimal() and each != version), None)


def find_tag(package: Package, version: str) -> str | None:
    """The newest tag of the form v1.2.3 that is older than the version, or None; also None without git."""
    line = ["git", "-C", str(package.root), "tag", "--list", "v*", "--merged", "HEAD"]
    try:
        done = subprocess.run(line, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    tags = [tag for tag in done.stdout.split() if TAG.fullmatch(tag) and tag != f"v{version}"]
    return max(tags, key=lambda tag: tuple(map(int, tag[1:].split("."))), default=None)


def _list_changes(package: Package, base: str) -> tuple[list[Change], frozenset[str]]:
    """The rows changed since the last release, and the tables whose composite key has other columns."""
    with open_revision(base, package) as old:
        before = {resource.name: resource for resource in old.resources}
        rekeyed = frozenset(
            resource.name
            for resource in package.resources
            if resource.name in before
            and len(before[resource.name].primary_key) > 1
            and has_other_key(before[resource.name], resource)
        )
        return compare_packages(old, package), rekeyed


def check_version(package: Package, version: str) -> Iterator[Problem]:
    """Checks that descriptor, changelog and citation agree on the version and the date.

    >>> from packpress import read_package
    >>> print(next(check_version(read_package("fleet"), "1.1.0")))
    datapackage.json: version="1.0.0": not the version to be released; write 1.1.0 or release 1.0.0
    """
    path = package.path.name
    if package.version != version:
        message = f"not the version to be released; write {version} or release {package.version}"
        yield Problem(path, 0, message, "version", package.version, "release/version")
    date = package.created[:10]
    if not date:
        yield Problem(path, 0, "the version has no date; add it", "created", "", "release/date")
    text = _read(package, CHANGELOG)
    heading = HEADING.search(text)
    if heading is None:
        message = f"no heading of the form ## {version} ({date}); add it with what changed"
        yield Problem(CHANGELOG, 0, message, code="release/changelog")
    else:
        line = text[: heading.start()].count("\n") + 1
        for name, wanted in (("version", version), ("date", date)):
            if heading[name] != wanted:
                message = (
                    f"the newest entry is for {name} {heading[name] or 'none'}; write the one for {wanted}"
                )
                yield Problem(CHANGELOG, line, message, code="release/changelog")
    if _read(package, CITATION) != render_citation(package):
        yield Problem(
            CITATION, 0, "does not agree with the descriptor; run packpress generate", code="release/citation"
        )


def check_withdrawals(
    package: Package, tables: Tables, changes: list[Change], rekeyed: Collection[str] = ()
) -> Iterator[Problem]:
    """Checks that rows removed since the last release are registered as withdrawn, if there is a register.

    Tables in `rekeyed` had a composite key of other columns. No row could keep its key there, so that the
    rows are corrected and not withdrawn.
    """
    register = find_register(package, tables)
    if register is None:
        return
    known = {(row[TABLE], row[ROW]) for row in register.rows}
    for change in changes:
        if change.kind == TABLE_REMOVED:
            message = (
                f'lacks the table "{change.table}" of the last release; declare it, even without rows, and '
                f"enter those that are gone in {register.resource.place}"
            )
            yield Problem(package.path.name, 0, message, code="release/withdrawn")
        if change.kind != WITHDRAWN or change.table in rekeyed:
            continue
        if (change.table, change.key) not in known:
            path = package.by_name[change.table].parts[0]
            message = (
                f'lacks the row "{change.key}" of the last release; restore it or enter it in '
                f"{register.resource.place} with the reason"
            )
            yield Problem(path, 0, message, code="release/withdrawn")


def write_notes(package: Package, difference: str) -> str:
    """The entry of the changelog and, if there was an earlier release, the rows that differ from it."""
    text = _read(package, CHANGELOG)
    headings = list(HEADING.finditer(text))
    end = headings[1].start() if len(headings) > 1 else len(text)
    entry = text[headings[0].start() : end].strip()
    return "\n\n".join(part for part in (entry, difference.strip()) if part) + "\n"


def _read(package: Package, name: str) -> str:
    file = package.root / name
    return file.read_text(encoding="utf-8") if file.is_file() else ""
