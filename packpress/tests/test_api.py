"""What packpress exports: it says what it cannot do, and asking for little costs little."""

import subprocess
import sys

import pytest

import packpress
from invented.packages import field, table, write_package
from packpress import CannotRunError, InvalidPackageError


@pytest.fixture
def folder(tmp_path):
    boats = table(
        "boats",
        "boat_id,launched\nada,2019-07-04\nida,2023-02-30\n",
        [field("boat_id", required=True), field("launched", "date")],
        primaryKey="boat_id",
    )
    write_package(tmp_path / "fleet", boats, name="fleet")
    return tmp_path / "fleet"


def test_everything_that_is_exported_is_there_and_explained():
    for name in packpress.__all__:
        assert getattr(packpress, name).__doc__, name
    assert dir(packpress) == packpress.__all__
    with pytest.raises(AttributeError, match="module 'packpress' has no attribute 'nothing'"):
        packpress.nothing  # noqa: B018


def test_a_folder_stands_for_its_descriptor(folder):
    assert packpress.read_package(folder).path == folder / "datapackage.json"
    with pytest.raises(CannotRunError, match="no such file; name the descriptor of a data package"):
        packpress.read_package(folder.parent)


def test_a_path_stands_for_its_package(folder):
    for given in (folder, str(folder), folder / "datapackage.json"):
        assert [problem.line for problem in packpress.validate(given).problems] == [3]
        with pytest.raises(InvalidPackageError):
            packpress.build(given, folder / "out")
    (folder / "boats.csv").write_text("boat_id,launched\nada,2019-07-04\n")
    made = packpress.build(str(folder), folder / "out", formats=["csv"])
    assert made.report.package.name == "fleet" and (folder / "out" / "csv" / "boats.csv").exists()
    for verb in (packpress.validate, lambda given: packpress.build(given, folder / "out")):
        with pytest.raises(
            TypeError, match="^package: of type dict; give a Package, or the path of a descri"
        ):
            verb({"name": "fleet"})
        with pytest.raises(CannotRunError, match="no such file"):
            verb(folder / "gone")


@pytest.mark.parametrize(
    ("declared", "prefixes", "is_valid"),
    [
        ({"MESH": "http://example.org/mesh/"}, {"MESH": "http://example.org/mesh/"}, True),
        ({"MESH": "mesh"}, {"MESH": "mesh"}, False),
        (["MESH"], {}, False),
        ("MESH", {}, False),
    ],
)
def test_prefixes_are_addresses(tmp_path, declared, prefixes, is_valid):
    write_package(tmp_path, table("boats", "mast\n1\n", [field("mast", "integer")]), prefixes=declared)
    package = packpress.read_package(tmp_path)
    assert package.prefixes == prefixes
    assert packpress.validate(package).is_valid == is_valid


def test_an_invalid_package_is_not_built(folder):
    with pytest.raises(InvalidPackageError, match=r"1 problem; .*out is unchanged") as caught:
        packpress.build(packpress.read_package(folder), folder / "out")
    assert [problem.line for problem in caught.value.problems] == [3]
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"formats": ["csv", "tsv"]}, "tsv: unknown; choose from sqlite, parquet, csv, xlsx, zip, wheel"),
        ({"source_text": "half"}, "half: unknown; choose from full, quotes, none"),
    ],
)
def test_what_is_not_known_is_one_line(folder, options, message):
    with pytest.raises(CannotRunError, match=f"^{message}$"):
        packpress.build(packpress.read_package(folder), folder / "out", **options)


def test_a_zip_alone_is_the_same_as_beside_the_others(folder):
    (folder / "boats.csv").write_text("boat_id,launched\nada,2019-07-04\n")
    package = packpress.read_package(folder)
    whole = packpress.build(package, folder / "whole").folder
    alone = packpress.build(package, folder / "alone", formats=["zip"]).folder
    names = {path.name for path in alone.iterdir()}
    assert names == {"fleet-1.2.3.zip", "checks.sql", "checks-spark.sql", "LOGICAL_SHA256", "SHA256SUMS"}
    for name in names - {"SHA256SUMS"}:
        assert (alone / name).read_bytes() == (whole / name).read_bytes()
    assert {*(alone / "SHA256SUMS").read_text().splitlines()} < {
        *(whole / "SHA256SUMS").read_text().splitlines()
    }


def run_without(modules, *words):
    """The command where some modules are not installed."""
    code = f"import sys\nsys.modules |= dict.fromkeys({modules})\nfrom packpress.cli import main\nmain()"
    line = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.run(line, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("extra", "module", "words"),
    [
        ("workbook", "xlsxwriter", ["workbook"]),
        ("workbook", "openpyxl", ["import", "a.xlsx"]),
        ("web", "datasette", ["serve"]),
        ("web", "uvicorn", ["static"]),
    ],
)
def test_a_verb_without_its_extra_names_it(extra, module, words):
    done = run_without([module], *words)
    message = f"{module}: not installed, but required; install packpress[{extra}]\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)


@pytest.mark.long
def test_a_build_without_the_extra_leaves_out_the_workbook_and_says_so(folder):
    (folder / "boats.csv").write_text("boat_id,launched\nada,2019-07-04\n")
    missing = ["xlsxwriter", "openpyxl", "datasette", "uvicorn", "jinja2", "markupsafe"]
    done = run_without(missing, "build", folder, "--output", folder / "out")
    line = "notice: fleet.xlsx is left out: xlsxwriter is not installed; install packpress[workbook]"
    assert (done.returncode, done.stderr.splitlines()[1:]) == (0, [line])
    assert {"fleet.db", "fleet-1.2.3.zip"} <= {path.name for path in (folder / "out").iterdir()}
    assert not (folder / "out" / "fleet.xlsx").exists()
    done = run_without(missing, "build", folder, "--output", folder / "other", "--formats", "xlsx")
    assert (done.returncode, done.stdout) == (2, "")
    assert "install packpress[workbook]" in done.stderr
    assert not (folder / "other").exists()


def test_a_format_that_is_none_is_a_few_lines(folder):
    done = run_without([], "build", folder, "--formats", "sqlite,tsv")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].endswith(
        '"tsv" is not a format; choose from sqlite, parquet, csv, xlsx, zip, wheel, separated by commas'
    )
    assert done.stderr.count("\n") <= 4


@pytest.mark.parametrize(
    "code",
    ["import packpress", "from packpress.cli import main\ntry: main(['--version'])\nexcept SystemExit: pass"],
)
def test_what_needs_no_table_imports_no_arrow(code):
    code += "\nimport sys\nprint({'pyarrow', 'frictionless', 'numpy', 'jsonschema'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
