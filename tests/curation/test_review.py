"""A second reading: the copy is blind, and the comparison is the one that the method page gives."""

import re

import pytest

from scripts.curation.agreement import JUDGED_FIELDS
from scripts.curation.double_annotation import TO_FILL
from tests.curation.commands import review, run_command

SOURCE = "clinic-page"


def compare(copy, *words, code=0):
    return run_command(
        review, copy, copy.descriptor, "--output", copy.root / "review", *words, code=code
    ).output


@pytest.fixture
def reading(package_copy):
    """What a reader would save who read as the curators did."""
    folder = package_copy.root / "reader-a"
    folder.mkdir()
    for table in TO_FILL:
        (folder / f"{table}.csv").write_bytes(package_copy.file(table).read_bytes())
    return folder


def test_a_reading_agrees_with_itself(package_copy, reading):
    output = compare(package_copy, "--first", reading, "--against", reading)
    assert "all-differences.csv: 0 differences between reader-a and reader-a" in output
    count = len(package_copy.rows("claims"))
    assert f"| 1.00 ({count}, {count}, {count}) |" in output


def test_every_difference_is_a_line_and_a_row(package_copy, reading):
    text = (reading / "concepts.csv").read_text(encoding="utf-8")
    (room,) = [line for line in text.splitlines() if line.startswith("quiet-room,")]
    other = room.replace("treatment", "setting")
    more = room.replace("quiet-room,quiet room", "managing,managing").replace("quiet room", "managed")
    assert other != room != more
    (reading / "concepts.csv").write_text(text.replace(room, f"{more}\n{other}"), encoding="utf-8")
    output = compare(package_copy, "--source", SOURCE, "--against", reading)
    rows = (package_copy.root / "review" / f"{SOURCE}-differences.csv").read_text().splitlines()
    (count,) = re.findall(r"differences.csv: (\d+) differences between the tables and reader-a", output)
    lines = [line for line in output.splitlines() if line.startswith(f"{SOURCE}-p")]
    assert int(count) == len(lines) == len(rows) - 1 > 0
    place = f"{SOURCE}-p011 concepts"
    assert f'{place} "quiet room": kind is "treatment" in the tables, "setting" in reader-a' in lines
    assert f'{place} "managed": only in reader-a' in lines


def test_a_judgement_that_differs_is_told(package_copy):
    folder = package_copy.root / "other"
    compare(package_copy, "--source", SOURCE, "--output", folder)
    claims = [row for row in package_copy.rows("claims") if row["claim_id"].startswith("clinic-page-")]
    judged = dict.fromkeys(JUDGED_FIELDS)
    changed = [dict(row) for row in claims]
    changed[0] |= {"certainty": "hedged", "claim_type": "efficacy"}
    header = ",".join(changed[0])
    file = folder / SOURCE / "claims.csv"
    lines = [";".join(f'"{cell}"' for cell in row.values()) for row in changed[:-1]]
    file.write_text("\n".join([header.replace(",", ";"), *lines, ""]), encoding="utf-8")
    output = compare(package_copy, "--source", SOURCE, "--against", folder / SOURCE)
    told = [line for line in output.splitlines() if " claims " in line and line.startswith("clinic")]
    assert [line.rpartition(": ")[2] for line in told] == [
        f'claim_type is "{claims[0]["claim_type"]}" in the tables, "efficacy" in clinic-page',
        f'certainty is "{claims[0]["certainty"]}" in the tables, "hedged" in clinic-page',
        "only in the tables",
    ]
    assert len(judged) == 4


def test_the_copy_shows_passages_and_hides_claims(package_copy):
    package_copy.edit("passages", "clinic-page-p003", reason="A reason that a reader must not see.")
    output = compare(package_copy, "--source", SOURCE)
    folder = package_copy.root / "review" / SOURCE
    assert (
        output.splitlines()[-1]
        == f"when they are filled in, run make review SOURCE=clinic-page AGAINST={folder}"
    )
    texts = {file.stem: file.read_text(encoding="utf-8-sig") for file in folder.glob("*.csv")}
    passages = [row for row in package_copy.rows("passages") if row["source_id"] == SOURCE]
    assert len(texts["passages"].splitlines()) == len(passages) + 1
    assert "must not see" not in "".join(texts.values())
    for name, text in texts.items():
        assert text.splitlines()[0] == ",".join(package_copy.read().by_name[name].field_names)
        assert name in {"passages", "claim_types"} or len(text.splitlines()) == 1
    statements = [row["statement"] for row in package_copy.rows("claims")]
    assert not any(statement in text for text in texts.values() for statement in statements)


def test_what_a_reader_wrote_is_not_replaced(package_copy):
    compare(package_copy, "--source", SOURCE)
    file = package_copy.root / "review" / SOURCE / "routes.csv"
    file.write_bytes(file.read_bytes() + b"oral,,,,,,\n")
    written = file.read_bytes()
    output = compare(package_copy, "--source", SOURCE, code=2)
    assert output == f"{file}: has rows of a reader; move the folder away and run this again\n"
    assert file.read_bytes() == written


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "name the source to read, SOURCE= or --source, or a reading, AGAINST= or --against"),
        (["--source", "clinic"], "clinic: no source has this id; "),
        (["--against", "nowhere"], "nowhere: has no claims of a reader; name the folder of a reading"),
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
        f"{folder}/claims.csv:1: the header has colour, which claims does not have; "
    )
    assert output.splitlines()[1:] == ["1 problem; nothing was compared"]
