"""packpress init: six invented folders as a careful reader sees them, and any folder at all."""

import csv
import io
import json
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packpress.editing.inference.drafting import draft_descriptor

from invented.commands import run
from invented.raw_folders import GOLD, MAKERS, make_folders, write_text
from invented.scores import Score, score_folder
from packpress import CannotRunError, read_package, validate
from tests.walkthrough import follow

pytest.importorskip("openpyxl")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The six folders, each with the descriptor that was drafted for it."""
    root = tmp_path_factory.mktemp("raw")
    make_folders(root)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    made = {name: draft_descriptor(root / name) for name in MAKERS}
    return root, before, made


def score_all(folders) -> Score:
    root, _, _ = folders
    whole = Score()
    for name, gold in GOLD.items():
        score = score_folder(root / name, gold)
        whole.counts += score.counts
        whole.lines += score.lines
    return whole


@pytest.mark.parametrize("name", MAKERS)
def test_what_is_drafted_is_valid(folders, name):
    report = validate(read_package(folders[0] / name))
    assert report.is_valid, report.problems


def test_nearly_all_types_are_right_and_none_is_wrong(folders):
    score = score_all(folders)
    assert score.share("types", "wrong") == 0, score.lines
    assert score.share("types", "right") >= 0.95, score.lines


def test_no_wrong_key_or_reference_is_declared(folders):
    score = score_all(folders)
    assert score.counts["keys", "wrong"] == score.counts["references", "wrong"] == 0, score.lines
    assert score.counts["keys", "right"] >= 10 and score.counts["references", "right"] >= 5, score.lines


def test_encodings_are_right(folders):
    assert score_all(folders).share("encodings", "right") == 1


def test_the_originals_stay_as_they_are(folders):
    _, before, _ = folders
    assert {path: path.read_bytes() for path in before} == before


def test_no_cell_of_a_workbook_is_lost(folders):
    with (folders[0] / "office" / "data" / "members.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["Member ID", "Name", "Born", "Fee paid", "Fee", "Locker"]
    assert len(rows) == 36 and rows[1] == ["1001", "Member 1", "1951-02-02", "true", rows[1][4], "001"]


def test_what_no_table_holds_is_listed(folders):
    _, _, made = folders
    said = Counter(path for one in made.values() for path, _ in one.left_out)
    assert {
        "codebook.txt",
        "photo.jpg",
        "notes.md",
        "empty.csv",
        "shop.db",
        "Club 2024.xlsx",
        "payments.csv",
    } <= said.keys()


@pytest.mark.long
@pytest.mark.parametrize("name", MAKERS)
def test_a_build_works_at_once(folders, name, tmp_path):
    pytest.importorskip("xlsxwriter")
    done = run("build", folders[0] / name, "--output", tmp_path / "build")
    assert done.returncode == 0, done.stderr


# ---- the command


def write_boats(folder: Path) -> Path:
    write_text(folder / "boats.csv", "boat_id,built\n" + "".join(f"b{n},{1990 + n}\n" for n in range(12)))
    return folder


def test_the_command_lists_tables_questions_and_what_lacks(tmp_path):
    write_text(write_boats(tmp_path) / "notes.txt", "See the list.\n")
    write_text(tmp_path / "days.csv", "day\n03/04/2021\n05/06/2021\n")
    done = run("init", tmp_path)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "boats: boats.csv: 2 columns; key boat_id"
    assert "left out: notes.txt: no format of tables that init reads" in lines
    assert "question: days.csv: day: all cells fit %d/%m/%Y and %m/%d/%Y; declare which it is" in lines
    assert "no description, licences, contributors or version" in lines[-2]
    assert "written with" in lines[-1]


def test_validate_counts_the_questions_until_they_are_gone(tmp_path):
    write_text(tmp_path / "days.csv", "day\n03/04/2021\n05/06/2021\n")
    draft_descriptor(tmp_path)
    (notice,) = validate(read_package(tmp_path)).notices
    assert notice.code == "descriptor/question" and "days.day" in notice.message
    file = tmp_path / "datapackage.json"
    raw = json.loads(file.read_bytes())
    for table in raw["resources"]:
        for question in table["schema"].pop("openQuestions", ()):
            table["schema"] |= question["proposal"]
        for one in table["schema"]["fields"]:
            (question,) = one.pop("openQuestions")
            one |= question["proposal"]
    file.write_text(json.dumps(raw))
    report = validate(read_package(tmp_path))
    assert report.is_valid and report.notices == []
    assert [one.type for one in read_package(tmp_path).by_name["days"].fields] == ["date"]


CHOICES = {
    "gear": ["net", "line", "trap"],
    "sky": ["clear", "grey", "rain"],
    "port": ["kiel", "riga", "turku"],
}


@pytest.mark.parametrize("columns", [2, 3])
def test_what_is_asked_of_three_columns_is_one_question_with_every_proposal(columns, tmp_path):
    chosen = list(CHOICES.items())[:columns]
    rows = [[words[row % 3] for _, words in chosen] + ["n/a" if row else "none", ""] for row in range(60)]
    names = [*(name for name, _ in chosen), "remark", "empty"]
    write_text(tmp_path / "days.csv", "\n".join(",".join(row) for row in [names, *rows]) + "\n")
    made = draft_descriptor(tmp_path)
    (table,) = made.document["resources"]
    enums = {
        name: question["proposal"]
        for one in table["schema"]["fields"]
        for name in [one["name"]]
        for question in one.get("openQuestions", ())
        if "constraints" in question.get("proposal", {})
    }
    shared = table["schema"].get("openQuestions", [])
    assert [len(enums), len(shared)] == ([0, 1] if columns == 3 else [2, 0])
    for question in shared:
        enums |= question["proposals"]
        assert all(f"{name} (3 values)" in question["question"] for name, _ in chosen)
    assert enums == {name: {"constraints": {"enum": sorted(words)}} for name, words in chosen}
    asked = len(list(made.list_questions()))
    (notice,) = [one for one in validate(read_package(tmp_path)).notices if "question" in one.code]
    assert notice.message.startswith(f"{asked} questions are open")
    # An answer is what the proposal says, copied into the field.
    for one in table["schema"]["fields"]:
        one |= enums.get(one["name"], {})
    (tmp_path / "datapackage.json").write_text(json.dumps(made.document))
    assert validate(read_package(tmp_path)).is_valid


def test_a_descriptor_is_replaced_only_by_force(tmp_path):
    file = write_boats(tmp_path) / "datapackage.json"
    file.write_text("{}")
    done = run("init", tmp_path)
    assert done.returncode == 2 and "--force" in done.stderr and file.read_text() == "{}"
    assert run("init", tmp_path, "--force").returncode == 0
    assert json.loads(file.read_text())["resources"][0]["name"] == "boats"


def test_a_second_time_gives_the_same(tmp_path):
    MAKERS["office"](tmp_path)
    draft_descriptor(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    draft_descriptor(tmp_path, is_forced=True)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_converted_table_that_was_edited_is_kept(tmp_path):
    MAKERS["shop"](tmp_path)
    draft_descriptor(tmp_path)
    edited = tmp_path / "data" / "orders.csv"
    edited.write_text("order_no\n7\n")
    made = draft_descriptor(tmp_path, is_forced=True)
    assert edited.read_text() == "order_no\n7\n"
    assert "data/orders_2.csv" in made.converted or "data/shop_orders.csv" in made.converted


def test_a_file_in_data_is_never_replaced(tmp_path):
    MAKERS["shop"](tmp_path)
    write_text(tmp_path / "data" / "orders.csv", "mine\n1\n")
    made = draft_descriptor(tmp_path)
    assert (tmp_path / "data" / "orders.csv").read_text() == "mine\n1\n"
    assert "data/orders_2.csv" in made.converted or "data/shop_orders.csv" in made.converted


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "has no table"),
        ({"README.md": "x"}, "has no table"),
        ({"a.xlsx": "no workbook"}, "has no table"),
        ({"a.csv": ""}, "has no table"),
    ],
)
def test_a_folder_without_a_table_is_refused_and_nothing_is_written(tmp_path, files, said):
    for name, text in files.items():
        write_text(tmp_path / name, text)
    done = run("init", tmp_path)
    assert done.returncode == 2 and said in done.stderr and len(done.stderr.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".lock") == sorted(files)


def test_no_folder_is_no_traceback(tmp_path):
    with pytest.raises(CannotRunError, match="no such folder"):
        draft_descriptor(tmp_path / "nowhere")


def test_damaged_files_are_left_out_of_the_others(tmp_path):
    write_boats(tmp_path)
    for name in ("a.xlsx", "b.ods", "c.sqlite", "d.parquet"):
        write_text(tmp_path / name, "damaged")
    made = draft_descriptor(tmp_path)
    assert [path for path, _ in made.left_out] == ["a.xlsx", "b.ods", "c.sqlite", "d.parquet"]
    assert [table["name"] for table in made.document["resources"]] == ["boats"]


def test_of_two_files_of_one_name_the_one_nearer_the_top_keeps_it(tmp_path):
    for place in ("archive/boats.csv", "boats.csv", "crews/archive/boats.csv"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text("boat\nida\n")
    tables = draft_descriptor(tmp_path).document["resources"]
    assert {table["path"]: table["name"] for table in tables} == {
        "boats.csv": "boats",
        "archive/boats.csv": "archive_boats",
        "crews/archive/boats.csv": "crews_archive_boats",
    }


def test_views_are_taken_if_asked_for(tmp_path):
    MAKERS["shop"](tmp_path)
    made = draft_descriptor(tmp_path, with_views=True)
    assert "open_orders" in {table["name"] for table in made.document["resources"]} | {
        table["name"].removeprefix("shop_") for table in made.document["resources"]
    }


@pytest.mark.long
def test_every_command_of_the_page_prints_what_is_shown(tmp_path):
    commands = follow(Path(__file__).parents[1] / "docs" / "init.md", tmp_path)
    assert [command for command in commands if command.startswith("packpress init")]


# ---- cells


def draft_column(folder: Path, cells: list[str], name: str = "a", delimiter: str = ";") -> dict:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(
        [["n", name], *([f"x{n}", cell] for n, cell in enumerate(cells))]
    )
    write_text(folder / "t.csv", text.getvalue())
    made = draft_descriptor(folder, is_forced=True)
    return made.document["resources"][0]["schema"]["fields"][1]


@pytest.mark.parametrize(
    ("cells", "name", "wanted"),
    [
        (["007", "112", "9"], "a", {"type": "string"}),
        (["10115", "80331"], "postcode", {"type": "string"}),
        (["1", "2", "NA"], "a", {"type": "integer", "missingValues": ["", "NA"]}),
        (["1,5", "2,25", "-"], "a", {"type": "number", "decimalChar": ",", "missingValues": ["", "-"]}),
        (["1.234,5", "2,25"], "a", {"type": "number", "decimalChar": ",", "groupChar": "."}),
        (["1,234,567", "2,250"], "a", {"type": "integer", "groupChar": ","}),
        (["31/01/2020", "02/03/2020"], "a", {"type": "date", "format": "%d/%m/%Y"}),
        (["03/04/2020"], "day (mm/dd/yyyy)", {"type": "date", "format": "%m/%d/%Y"}),
        (["2020-01-31 10:00", "2020-02-01 11:30"], "a", {"type": "datetime", "format": "%Y-%m-%d %H:%M"}),
        (["2020-01-31T10:00:00+01:00"], "a", {"type": "datetime"}),
        (["10:30", "23:59"], "a", {"type": "time", "format": "%H:%M"}),
        (["Yes", "no"], "a", {"type": "boolean", "trueValues": ["Yes"], "falseValues": ["no"]}),
        (["1998", "2011"], "built", {"type": "year"}),
        (["123456789012345678901"], "a", {"type": "string"}),
        (["20240131", "20240201"], "date", {"type": "date", "format": "%Y%m%d"}),
    ],
)
def test_cells_have_their_type(tmp_path, cells, name, wanted):
    found = draft_column(tmp_path, cells, name)
    assert {
        key: value for key, value in found.items() if key not in {"name", "title", "openQuestions"}
    } == wanted


@pytest.mark.parametrize(
    ("cells", "proposal"),
    [
        (["03/04/2020", "05/06/2021"], {"type": "date", "format": "%d/%m/%Y"}),
        (["03/14/20", "05/16/21"], {"type": "date", "format": "%m/%d/%y"}),
        (["1,234", "5,678"], {"type": "integer", "groupChar": ","}),
        (["1"] * 30 + ["twelve"], {"type": "integer"}),
        (["54.5, 9.1", "53.2, 10.5"], {"type": "geopoint"}),
    ],
)
def test_doubtful_cells_stay_text_and_are_asked_about(tmp_path, cells, proposal):
    found = draft_column(tmp_path, cells)
    assert found["type"] == "string"
    assert proposal in [question["proposal"] for question in found["openQuestions"]]


CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "NA",
            "-",
            "0",
            "1",
            "007",
            "1,5",
            "1.5",
            "2020-01-31",
            "03/04/2021",
            "yes",
            "no",
            "#",
            "'x'",
            " ",
        ]
    ),
    st.integers(-(10**20), 10**20).map(str),
    st.text("aé;,\t\"'#\n \\|Ж", max_size=6),
)


@pytest.mark.long
@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow],
    deadline=None,
)
@given(
    rows=st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=8)
    ),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-8-sig", "windows-1251"]),
    is_ragged=st.booleans(),
)
def test_whatever_is_drafted_is_valid(rows, delimiter, encoding, is_ragged):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    lines = text.getvalue() + ("x\n" if is_ragged else "")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "t.csv").write_bytes(lines.encode(encoding, "replace"))
        try:
            draft_descriptor(Path(folder))
        except CannotRunError as error:
            assert "has no table" in str(error)
            return
        report = validate(read_package(folder))
    assert report.is_valid, [str(problem) for problem in report.problems]
