"""A second reading: the copy is blind, and the comparison is the one that the method page gives."""

import re

import pytest

from scripts.curation.agreement import JUDGED_FIELDS
from tests.conftest import ROOT
from tests.curation.commands import review, run_command

READERS = [ROOT / "data" / "curation" / reader for reader in ("reader-a", "reader-b")]


def compare(copy, *words, code=0):
    return run_command(
        review, copy, copy.descriptor, "--output", copy.root / "review", *words, code=code
    ).output


def test_the_two_readers_compare_as_the_method_page_says(package_copy):
    output = compare(package_copy, "--first", READERS[0], "--against", READERS[1])
    method = (ROOT / "docs" / "method.md").read_text(encoding="utf-8")
    (figures,) = re.findall(r"<!-- agreement -->\n\n(.*?)\n\n<!-- /agreement -->", method, re.DOTALL)
    assert output.endswith(f"\nA: reader-a; B: reader-b\n{figures}\n")


def test_a_reading_agrees_with_itself(package_copy):
    output = compare(package_copy, "--first", READERS[0], "--against", READERS[0])
    assert "all-differences.csv: 0 differences between reader-a and reader-a" in output
    assert "| 1.00 (280, 280, 280) |" in output


def test_every_difference_is_a_line_and_a_row(package_copy):
    output = compare(package_copy, "--source", "clinic-ketamine", "--against", READERS[1])
    rows = (package_copy.root / "review" / "clinic-ketamine-differences.csv").read_text().splitlines()
    (count,) = re.findall(r"differences.csv: (\d+) differences between the tables and reader-b", output)
    lines = [line for line in output.splitlines() if line.startswith("clinic-ketamine-p")]
    assert int(count) == len(lines) == len(rows) - 1 > 0
    assert (
        'clinic-ketamine-p012 concepts "sample sizes": kind is "resource" in the tables, "concern" in reader-b'
        in lines
    )
    assert 'clinic-ketamine-p008 concepts "activated": only in reader-b' in lines


def test_a_judgement_that_differs_is_told(package_copy):
    folder = package_copy.root / "other"
    compare(package_copy, "--source", "clinic-ketamine", "--output", folder)
    claims = [row for row in package_copy.rows("claims") if row["claim_id"].startswith("clinic-ketamine-")]
    judged = dict.fromkeys(JUDGED_FIELDS)
    changed = [dict(row) for row in claims]
    changed[0] |= {"certainty": "hedged", "claim_type": "efficacy"}
    header = ",".join(changed[0])
    file = folder / "clinic-ketamine" / "claims.csv"
    lines = [";".join(f'"{cell}"' for cell in row.values()) for row in changed[:-1]]
    file.write_text("\n".join([header.replace(",", ";"), *lines, ""]), encoding="utf-8")
    output = compare(package_copy, "--source", "clinic-ketamine", "--against", folder / "clinic-ketamine")
    told = [line for line in output.splitlines() if " claims " in line and line.startswith("clinic")]
    assert [line.rpartition(": ")[2] for line in told] == [
        f'claim_type is "{claims[0]["claim_type"]}" in the tables, "efficacy" in clinic-ketamine',
        f'certainty is "{claims[0]["certainty"]}" in the tables, "hedged" in clinic-ketamine',
        "only in the tables",
    ]
    assert len(judged) == 4


def test_the_copy_shows_passages_and_hides_claims(package_copy):
    package_copy.edit("passages", "clinic-ketamine-p003", reason="A reason that a reader must not see.")
    output = compare(package_copy, "--source", "clinic-ketamine")
    folder = package_copy.root / "review" / "clinic-ketamine"
    assert (
        output.splitlines()[-1]
        == f"when they are filled in: make review SOURCE=clinic-ketamine AGAINST={folder}"
    )
    texts = {file.stem: file.read_text(encoding="utf-8-sig") for file in folder.glob("*.csv")}
    passages = [row for row in package_copy.rows("passages") if row["source_id"] == "clinic-ketamine"]
    assert len(texts["passages"].splitlines()) == len(passages) + 1
    assert "must not see" not in "".join(texts.values())
    for name, text in texts.items():
        assert text.splitlines()[0] == ",".join(package_copy.read().by_name[name].field_names)
        assert name in {"passages", "claim_types"} or len(text.splitlines()) == 1
    statements = [row["statement"] for row in package_copy.rows("claims")]
    assert not any(statement in text for text in texts.values() for statement in statements)


def test_what_a_reader_wrote_is_not_replaced(package_copy):
    compare(package_copy, "--source", "clinic-ketamine")
    file = package_copy.root / "review" / "clinic-ketamine" / "routes.csv"
    file.write_bytes(file.read_bytes() + b"oral,,,,,,\n")
    written = file.read_bytes()
    output = compare(package_copy, "--source", "clinic-ketamine", code=2)
    assert output == f"{file}: holds rows of a reader; move the folder away, then ask again\n"
    assert file.read_bytes() == written


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "name the source to read, SOURCE= or --source, or a reading, AGAINST= or --against"),
        (["--source", "clinic"], "clinic: no source has this id; "),
        (["--against", "nowhere"], "nowhere: no claims of a reader; name the folder of a reading"),
    ],
)
def test_what_cannot_be_done_is_one_line(package_copy, words, message):
    output = compare(package_copy, *words, code=2)
    assert output.startswith(message)
    assert output.count("\n") == 1


def test_a_file_that_is_no_table_is_told(package_copy):
    folder = package_copy.root / "reading"
    folder.mkdir()
    (folder / "claims.csv").write_text("claim_id,colour\nx,red\n")
    output = compare(package_copy, "--against", folder, code=1)
    assert output.splitlines()[0].startswith(
        f"{folder}/claims.csv:1: the header has colour, which claims has not; "
    )
    assert output.splitlines()[1:] == ["1 problem; nothing was compared"]
