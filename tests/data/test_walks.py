"""Two files of other kinds, from file to published claims: a saved page and a record, with what had to be typed.

`tests/data/walks/` has, for each, the cells that a curator types, with the key of the row that they stand in.
"""

import csv
import io
import re
import subprocess
import sys
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
# Columns that are not typed: whether a link was suggested with another role, and the row that a new one is a copy of.
WAS, COPY, NEW = "was", "copy_of", ""

pytestmark = pytest.mark.long


def read_rows(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))


def write_rows(file: Path, names: tuple[str, ...], rows: list[dict[str, str]]) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, names, extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows(rows)


def fill_in(file: Path, key: tuple[str, ...], names: tuple[str, ...], typed: list[dict[str, str]]) -> int:
    """Sets cells of suggested rows, and adds others; returns how many cells that is, with the keys of rows."""
    rows = read_rows(file) if file.exists() else []
    count = 0
    for row in typed:
        was, origin = row.pop(WAS, NEW), row.pop(COPY, "")
        cells = {name: value for name, value in row.items() if value}
        # A suggested link is known by what it links; its role is a guess, which depends on the other documents.
        parts = key[:-1] if key[-1] == "role" and was != NEW else key
        found = [old for old in rows if all(old[name] == cells.get(name, "") for name in parts)]
        base = next((old for old in rows if old[key[0]] == origin), {}) if origin else {}
        count += sum(base.get(name) != value for name, value in cells.items())
        if found:
            found[0].update(cells)
        else:
            rows.append({**base, **cells})
    write_rows(file, names, rows)
    return count


def give_reason(folder: Path, source_id: str) -> int:
    if source_id not in NO_CLAIMS:
        return 0
    passage, reason = NO_CLAIMS[source_id]
    file = folder / "data" / "passages.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(rf"(?m)^({passage},.*,)$", rf'\1"{reason}"', text), encoding="utf-8")
    return 2


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """A copy of the project in which both are published; the commands and the cells that it took for each."""
    folder = tmp_path_factory.mktemp("walks")
    copy_project(folder)
    package = read_package(folder / "datapackage.json")
    commands: dict[str, int] = {}
    cells: dict[str, int] = {}

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
        cells[source_id] = give_reason(folder, source_id)
        if cells[source_id]:
            rows = read_rows(inbox / "claims.csv")
            kept = [row for row in rows if row["passage_id"] != NO_CLAIMS[source_id][0]]
            write_rows(inbox / "claims.csv", package.by_name["claims"].field_names, kept)
        for typed in sorted((WALKS / source_id).iterdir()):
            resource = package.by_name[typed.stem]
            place = inbox / typed.name
            cells[source_id] += fill_in(place, resource.primary_key, resource.field_names, read_rows(typed))
        run(source_id, "scripts.accept", str(inbox))
        run(source_id, "scripts.todo", "--source", source_id)
        run(source_id, "scripts.accept", str(inbox))
        run(source_id, "scripts.publish_source", source_id)
    return folder, commands, cells


def test_both_are_published_with_their_claims(walked):
    folder, _, _ = walked
    sources = {row["source_id"]: row["status"] for row in read_rows(folder / "data" / "sources.csv")}
    claims = [row["claim_id"].rpartition("-")[0] for row in read_rows(folder / "data" / "claims.csv")]
    assert {name: (sources[name], claims.count(name)) for name in FILES} == {
        "quiet-valley": ("published", 12),
        "pmid-90000011": ("published", 13),
    }


def test_the_guide_says_what_it_took(walked):
    _, commands, cells = walked
    words = " ".join(GUIDE.split())
    assert f"{commands['quiet-valley']} commands and {cells['quiet-valley']} cells for the page" in words, (
        cells
    )
    assert f"{commands['pmid-90000011']} and {cells['pmid-90000011']} for the record" in words, cells
