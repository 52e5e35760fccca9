"""Extensions: what a data set registers is asked of those packages that name it, and of no others."""

import json
import sys

import pytest
from click.testing import CliRunner
from packpress.cli import main
from packpress.extension import find_extension, load_extension

import packpress
from invented.packages import field, table, write_package

MODULE = """\
from packpress.checks.rules import RuleSet, collect_rules, rule
from packpress.extension import Extension
from packpress.tables.rows import Table

CALLS = []

@rule("boats")
def check_crew(tables):
    \"\"\"Every boat has a crew.\"\"\"
    CALLS.append(len(tables["boats"]))
    for row in tables["boats"]:
        if not row["crew"]:
            yield row.problem("crew", "empty; name it")

import sys

def find_drafts(package, tables):
    return {"boats": {row.key for row in tables["boats"].rows if row["crew"] == "planned"}}

def select_rows(package, tables):
    kept = [row for row in tables["boats"].rows if row["crew"] != "planned"]
    return {**tables, "boats": Table(tables["boats"].resource, kept)}

EXTENSION = Extension(
    rules=RuleSet(lambda package, tables: tables, collect_rules(sys.modules[__name__])),
    derivations={"crews": lambda package, tables: {(row["crew"],) for row in tables["boats"]}},
    select_rows=select_rows,
    find_drafts=find_drafts,
    list_figures=lambda package, tables: {"boats": f"{len(tables['boats'])} boats"},
    texts=("fleet.md", "absent.md"),
)
"""
UNCHECKED = "datapackage.json: rules of fleet were not checked; install the extension that registers them"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder of installed distributions; what is registered there is forgotten afterwards."""
    folder = tmp_path / "installed"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    load_extension.cache_clear()
    yield folder
    load_extension.cache_clear()
    sys.modules.pop("fleet_tools", None)


def install(folder, distribution="fleet-tools", value="fleet_tools:EXTENSION", code=MODULE):
    """What `pip install` would leave there."""
    info = folder / f"{distribution.replace('-', '_')}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[packpress.extensions]\nfleet = {value}\n")
    (folder / "fleet_tools.py").write_text(code)


@pytest.fixture
def fleet(tmp_path):
    """A package that names the extension `fleet`."""
    boats = table("boats", "boat,crew\nada,\nida,six\n", [field("boat"), field("crew")], primaryKey="boat")
    return write_package(tmp_path / "fleet", boats, name="fleet", validation={"rules": "fleet"})


@pytest.fixture
def fleet_with_crews(fleet):
    raw = json.loads(fleet.read_text())
    raw["derived"] = [{"name": "crews", "schema": {"fields": [field("crew")], "primaryKey": "crew"}}]
    fleet.write_text(json.dumps(raw))
    return fleet


def ask(*words):
    done = CliRunner().invoke(main, list(map(str, words)), catch_exceptions=False)
    return done.exit_code, done.stdout.splitlines(), done.stderr.splitlines()


def test_without_the_extension_a_notice_says_so(place, fleet):
    code, lines, _ = ask("validate", fleet)
    assert (code, lines[-2:]) == (0, [f"notice: {UNCHECKED}", "valid: 1 table, 2 rows, 1 notice"])
    report = packpress.validate(packpress.read_package(fleet))
    assert [notice.code for notice in report.notices] == ["rules/unchecked"]


def test_rules_that_are_required_are_a_problem_without_the_extension(place, fleet, tmp_path):
    assert ask("validate", fleet, "--require-rules")[:2] == (
        1,
        ["boats: 2 rows, 4 cells, 38 checks", UNCHECKED, "1 problem in 1 file"],
    )
    output = tmp_path / "out"
    assert ask("build", fleet, "--require-rules", "--output", output)[2][0] == UNCHECKED
    assert not output.exists()
    assert UNCHECKED in ask("release", "1.2.3", fleet, "--require-rules", "--output", output)[2]


def test_a_build_without_the_extension_says_what_was_not_checked(place, fleet, tmp_path):
    code, _, lines = ask("build", fleet, "--output", tmp_path / "out")
    assert (code, lines[0]) == (0, f"notice: {UNCHECKED}")


def test_with_the_extension_its_rules_hold(place, fleet):
    install(place)
    code, lines, _ = ask("validate", fleet, "--require-rules")
    assert (code, lines) == (
        1,
        [
            "boats: 2 rows, 4 cells, 38 checks, 1 rule",
            'boats.csv:2: crew="": empty; name it',
            "1 problem in 1 file",
        ],
    )


def test_a_derived_table_that_needs_the_extension_is_one_line_without_it(place, fleet_with_crews, tmp_path):
    code, _, lines = ask("build", fleet_with_crews, "--output", tmp_path / "out")
    assert code == 2
    assert lines == [
        f"{fleet_with_crews}: nothing fills the derived table crews; install the extension fleet, "
        "if it computes the table, or add sql/derived/crews.sql"
    ]


def test_the_extension_fills_tables_leaves_out_drafts_and_gives_figures(place, fleet_with_crews, tmp_path):
    install(place)
    root = fleet_with_crews.parent
    (root / "boats.csv").write_text("boat,crew\nada,planned\nida,six\n")
    assert ask("build", fleet_with_crews, "--output", tmp_path / "out")[0] == 0
    assert (tmp_path / "out" / "csv" / "boats.csv").read_text() == "boat,crew\nida,six\n"
    assert (tmp_path / "out" / "csv" / "crews.csv").read_text() == "crew\nsix\n"
    assert ask("build", fleet_with_crews, "--drafts", "--output", tmp_path / "drafts")[0] == 0
    assert (tmp_path / "drafts" / "csv" / "boats.csv").read_text() == "boat,crew\nada,planned\nida,six\n"
    assert (tmp_path / "drafts" / "fleet-1.2.3-drafts.zip").is_file()
    (root / "fleet.md").write_text("Of\n<!-- boats -->\n<!-- /boats -->\n")
    assert ask("generate", root)[0] == 0
    assert (root / "fleet.md").read_text() == "Of\n<!-- boats -->\n\n2 boats\n\n<!-- /boats -->\n"
    assert not (root / "absent.md").exists()


BROKEN = {
    "no module": ("nowhere:EXTENSION", MODULE, "ModuleNotFoundError: No module named 'nowhere'"),
    "no object": (
        "fleet_tools:OTHER",
        MODULE,
        "AttributeError: module 'fleet_tools' has no attribute 'OTHER'",
    ),
    "a fault": ("fleet_tools:EXTENSION", "1 / 0", "ZeroDivisionError: division by zero"),
    "two lines": ("fleet_tools:EXTENSION", "raise OSError('a\\nb')", "OSError: a<U+000A>b"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_extension_that_cannot_be_loaded_is_one_line(place, fleet, name):
    value, code, error = BROKEN[name]
    install(place, value=value, code=code)
    assert ask("validate", fleet) == (
        2,
        [],
        [f"extension fleet: {value} cannot be loaded: {error}; reinstall it"],
    )


def test_an_extension_that_is_none_is_one_line(place, fleet):
    install(place, code="EXTENSION = {}")
    message = "extension fleet: fleet_tools:EXTENSION is not a packpress.Extension"
    assert ask("validate", fleet) == (2, [], [message])


def test_two_that_register_one_name_are_one_line(place, fleet):
    install(place)
    install(place, "other-fleet")
    message = "extension fleet: fleet-tools and other-fleet both register it; uninstall one of them"
    assert ask("validate", fleet) == (2, [], [message])


def test_only_the_extension_that_is_named_is_loaded(place, fleet, tmp_path):
    install(place, code="raise SystemExit('loaded')")
    other = write_package(tmp_path / "other", table("t", "a\nx\n", [field("a")]))
    assert ask("validate", other)[0] == 0
    raw = json.loads(fleet.read_text()) | {"validation": {"rules": "fleet_tools:EXTENSION"}}
    fleet.write_text(json.dumps(raw))
    # A name is no path to code.
    assert ask("validate", fleet)[0] == 0
    assert "fleet_tools" not in sys.modules


def test_a_package_that_names_none_has_none(place, tmp_path):
    other = write_package(tmp_path / "other", table("t", "a\nx\n", [field("a")]))
    assert find_extension(packpress.read_package(other)) == packpress.Extension()


def test_a_build_validates_once_and_once_more_what_is_left(place, fleet, tmp_path):
    install(place)
    for number, verb in enumerate(("command", "function")):
        fleet.with_name("boats.csv").write_text("boat,crew\nada,\nida,six\n")
        for calls, text in (([2, 1], None), ([1], "boat,crew\nida,six\n")):
            if text:
                fleet.with_name("boats.csv").write_text(text)
            output = tmp_path / f"out-{number}"
            if verb == "function":
                packpress.build(fleet, output, formats=["csv"], set_aside=True)
            else:
                words = ["build", str(fleet), "--set-aside", "--formats", "csv", "--output", str(output)]
                assert CliRunner().invoke(main, words).exit_code == 0
            made = sys.modules["fleet_tools"].CALLS
            assert made == calls
            made.clear()
