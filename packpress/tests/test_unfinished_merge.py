"""Files with the conflict markers of git: every command says in one line that a merge is unfinished."""

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from packpress.conflict_markers import find_conflict, refuse_conflicts, write_conflict

from invented.packages import field, table, write_package
from packpress import CannotRunError, cli, read_package, validate

OURS, THEIRS = "ida,Ida,2011", "ida,Ida,2012"


def conflict(ours, theirs, end="\n"):
    return end.join(["<<<<<<< HEAD", ours, "=======", theirs, ">>>>>>> other", ""])


def write_boats(folder, text):
    return write_package(
        folder,
        table("boats", text, [field("boat_id"), field("name"), field("built", "year")], primaryKey="boat_id"),
        publishing={"texts": ["docs/about.md"]},
    )


WHOLE = f"boat_id,name,built\nada,Ada,1998\n{OURS}\n"
UNFINISHED = WHOLE.replace(f"{OURS}\n", conflict(OURS, THEIRS))
HEADER = conflict("boat_id,name,built", "boat_id,name,made") + "ada,Ada,1998\n"


@pytest.fixture
def boats(tmp_path, monkeypatch):
    descriptor = write_boats(tmp_path, WHOLE)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli.workbook, [str(descriptor), "--output", "desk.xlsx"])
    assert done.exit_code == 0, done.output
    return descriptor


COMMANDS = {
    "validate": (cli.validate, []),
    "build": (cli.build, ["--output", "out"]),
    "format": (cli.format_tables, []),
    "format --check": (cli.format_tables, ["--check"]),
    "workbook": (cli.workbook, ["--output", "other.xlsx"]),
    "generate": (cli.generate, []),
}


def run(name, descriptor):
    if name == "import":
        return CliRunner().invoke(cli.import_workbook, ["desk.xlsx", str(descriptor), "--yes"])
    if name == "next-id":
        return CliRunner().invoke(cli.next_id, ["boats", "--descriptor", str(descriptor)])
    command, words = COMMANDS[name]
    return CliRunner().invoke(command, [str(descriptor), *words])


@pytest.mark.parametrize(
    "text", [UNFINISHED, HEADER, UNFINISHED.replace("\n", "\r\n")], ids=("row", "header", "crlf")
)
@pytest.mark.parametrize("name", [*(one for one in COMMANDS if one != "generate"), "import", "next-id"])
def test_every_command_names_the_line_of_a_table(boats, name, text):
    (boats.parent / "boats.csv").write_bytes(text.encode())
    done = run(name, boats)
    line = 1 if text == HEADER else 3
    (said,) = [one for one in done.output.splitlines() if "boats.csv" in one]
    assert said.startswith(f"boats.csv:{line}: the merge in git is unfinished from here on; keep one side")
    assert done.exit_code in (1, 2)
    assert (boats.parent / "boats.csv").read_bytes() == text.encode()


@pytest.mark.parametrize("name", [*COMMANDS, "import", "next-id"])
def test_every_command_names_the_line_of_a_descriptor(boats, name):
    boats.write_text(
        boats.read_text().replace('"resources"', "\n" + conflict('"resources"', '"resource"'), 1)
    )
    done = run(name, boats)
    assert done.exit_code == 2
    (said,) = done.output.splitlines()
    assert f"{boats}:" in said
    assert "the merge in git is unfinished from here on; " in said


def test_a_descriptor_in_yaml_is_no_other(tmp_path):
    file = tmp_path / "datapackage.yaml"
    file.write_text("name: a\n" + conflict("title: A", "title: B"))
    with pytest.raises(CannotRunError, match=r"datapackage\.yaml:2: the merge in git is unfinished"):
        read_package(file)


@pytest.mark.parametrize("path", ["metadata.yml", "sql/views/built.sql", "docs/about.md"])
def test_validate_and_build_name_other_files_too(boats, path):
    file = boats.parent / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("-- Boats\n" + conflict("select 1", "select 2"))
    for name in ("validate", "build"):
        done = run(name, boats)
        assert done.exit_code == 1
        (said,) = [one for one in done.output.splitlines() if path in one]
        assert said.startswith(f"{path}:2: the merge in git is unfinished from here on; ")


def test_generate_refuses_sql_and_settles_what_it_derives(boats):
    file = boats.parent / "metadata.yml"
    file.write_text(conflict("a: 1", "a: 2"))
    assert run("generate", boats).exit_code == 0
    assert find_conflict(file.read_text()) == 0
    view = boats.parent / "sql" / "views" / "built.sql"
    view.parent.mkdir(parents=True)
    view.write_text("-- Boats\n" + conflict("select 1", "select 2"))
    done = run("generate", boats)
    assert done.exit_code == 2
    assert "built.sql:2: the merge in git is unfinished from here on; " in done.output


def test_findings_of_the_table_do_not_hide_it(tmp_path):
    text = UNFINISHED.replace("1998", "long ago").replace("2011", "soon")
    (problem,) = validate(read_package(write_boats(tmp_path, text))).problems
    assert (problem.line, problem.code) == (3, "file/unfinished-merge")


@pytest.mark.parametrize(
    "names",
    [
        ("<<<<<<< a", "b", ">>>>>>> c"),
        ("=======", "<<<<<<< a", ">>>>>>> c"),
        (">>>>>>> c", "=======", "<<<<<<< a"),
        ("<<<<<<<<", "========", ">>>>>>>>"),
        ("x <<<<<<< a", "x =======", "x >>>>>>> b"),
    ],
)
def test_cells_that_begin_so_are_no_conflict(tmp_path, names):
    lines = "".join(f"{name},x,2000\n" for name in names)
    (tmp_path / "docs").mkdir()
    report = validate(read_package(write_boats(tmp_path, f"boat_id,name,built\n{lines}")))
    assert [problem.code for problem in report.problems if "merge" in problem.code] == []
    assert len(report.tables["boats"]) == len(names)


@given(st.text("<=> \nx", max_size=60), st.integers(1, 20))
def test_markers_are_found_wherever_a_file_is_cut_into_pieces(text, size):
    text = f"{text}\n{write_conflict(f'{text}{chr(10)}', '')}\n"
    data = text.encode()
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    with pytest.raises(CannotRunError) as error:
        list(refuse_conflicts(lambda: iter(pieces), "t.csv"))
    assert error.value.problem.line == find_conflict(text)
    lines = text.split("\n")
    assert lines[find_conflict(text) - 1].startswith("<<<<<<<")


def test_a_file_without_markers_is_read_whole():
    data = b"<<<<<<< a\n" * 3 + b"=======\n"
    assert b"".join(refuse_conflicts(lambda: iter([data[:5], data[5:]]), "t.csv")) == data
