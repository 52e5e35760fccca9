"""Two files of other kinds, from file to published claims: a saved page and a record, with what had to be typed.

`tests/data/walks/` has, for each, the rows in which a curator typed: of a suggested row, its key and the cells that
were filled in or corrected; of any other row, all its cells. What was typed is counted against the suggestions as
they are when the test runs, so a suggestion that gets better or worse changes the count, and the guide has to say it.
"""

import csv
import io
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from packpress import read_package
from tests.data.test_curation_guide import GUIDE, copy_project

WALKS = Path(__file__).parent / "walks"
FILES = {file.stem: file for file in WALKS.iterdir() if file.is_file()}
# Suggested claims that are none, and why.
NO_CLAIMS = {
    "quiet-valley": ("quiet-valley-p002", "Says what the page is for, and nothing about a treatment.")
}
# A column that is not typed: what becomes of a suggested row that is wrong. And how a cell that was emptied is written.
WAS, DELETED, EMPTIED = "was", "deleted", "(empty)"

pytestmark = pytest.mark.long


def read_rows(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))


def write_rows(file: Path, names: tuple[str, ...], rows: list[dict[str, str]]) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, names, extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows(rows)


@dataclass
class Work:
    """What a curator did: cells typed, and keys of suggested rows found again; wrong cells, and rows deleted."""

    typed: int = 0
    keys: int = 0
    corrected: int = 0
    deleted: int = 0

    def fill_in(
        self, file: Path, key: tuple[str, ...], names: tuple[str, ...], typed: list[dict[str, str]]
    ) -> None:
        """Sets cells of suggested rows, deletes some, and adds others."""
        rows = read_rows(file) if file.exists() else []
        # A suggested link is known by what it links; its role is a guess, which depends on the other documents.
        parts = [name for name in key if name != "role"] if "role" in key else key
        for row in typed:
            is_deleted = row.pop(WAS, "") == DELETED
            found = next((old for old in rows if all(old[name] == row[name] for name in parts)), None)
            if is_deleted:
                self.deleted += found is not None
                rows = [old for old in rows if old is not found]
            elif found is None:
                cells = {name: value for name, value in row.items() if value}
                self.typed += len(cells)
                rows.append(cells)
            else:
                self.complete(found, row, parts)
        write_rows(file, names, rows)

    def complete(self, found: dict[str, str], row: dict[str, str], parts: tuple[str, ...]) -> None:
        cells = {name: "" if value == EMPTIED else value for name, value in row.items() if value}
        changed = {name: value for name, value in cells.items() if found[name] != value}
        self.typed += len(changed)
        self.keys += len(parts)
        self.corrected += sum(bool(found[name]) for name in changed)
        found.update(changed)


def give_reason(folder: Path, source_id: str, work: Work) -> None:
    passage, reason = NO_CLAIMS[source_id]
    file = folder / "data" / "passages.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(rf"(?m)^({passage},.*,)$", rf'\1"{reason}"', text), encoding="utf-8")
    work.typed += 1
    work.keys += 1


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """A copy of the project in which both are published; the commands and the work that it took for each."""
    folder = tmp_path_factory.mktemp("walks")
    copy_project(folder)
    package = read_package(folder / "datapackage.json")
    commands: dict[str, int] = {}
    work = {source_id: Work() for source_id in FILES}

    def run(source_id: str, *words: str) -> None:
        line = [sys.executable, "-m", *words]
        done = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode in ((0, 1) if "scripts.todo" in words else (0,)), done.stdout + done.stderr
        commands[source_id] = commands.get(source_id, 0) + 1

    # The record names effects that the page was the first to name.
    for source_id, file in sorted(FILES.items(), reverse=True):
        inbox = folder / "dist" / "todo" / source_id
        add = ("scripts.add_source", str(file), source_id, "--short-name", source_id)
        run(source_id, *add)
        run(source_id, *add, "--text", f"dist/extracted/{source_id}.txt")
        run(source_id, "scripts.todo", "--source", source_id)
        if source_id in NO_CLAIMS:
            give_reason(folder, source_id, work[source_id])
        for typed in sorted((WALKS / source_id).iterdir()):
            resource = package.by_name[typed.stem]
            place = inbox / typed.name
            work[source_id].fill_in(place, resource.primary_key, resource.field_names, read_rows(typed))
        run(source_id, "scripts.accept", str(inbox))
        run(source_id, "scripts.todo", "--source", source_id)
        run(source_id, "scripts.accept", str(inbox))
        run(source_id, "scripts.publish_source", source_id)
    return folder, commands, work


def test_both_are_published_with_their_claims(walked):
    folder, _, _ = walked
    sources = {row["source_id"]: row["status"] for row in read_rows(folder / "data" / "sources.csv")}
    claims = [row["claim_id"].rpartition("-")[0] for row in read_rows(folder / "data" / "claims.csv")]
    assert {name: (sources[name], claims.count(name)) for name in FILES} == {
        "quiet-valley": ("published", 12),
        "pmid-90000011": ("published", 13),
    }


def test_the_guide_says_what_it_took(walked):
    _, commands, work = walked
    words = " ".join(GUIDE.split())
    page, record = work["quiet-valley"], work["pmid-90000011"]
    assert set(commands.values()) == {7}
    said = (
        f"{commands['quiet-valley']} commands each, {page.typed} cells typed for the page and {record.typed} for the record",
        f"{page.corrected + record.corrected} of them over a wrong suggestion",
        f"{page.deleted + record.deleted} suggested rows deleted",
        f"{page.typed + page.keys} and {record.typed + record.keys} with the keys",
    )
    assert [one for one in said if one not in words] == [], work
