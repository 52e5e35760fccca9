"""Every example in a docstring runs, in a folder that holds the package `fleet` of the README."""

import doctest
import importlib
from pathlib import Path

import pytest

import packpress
from tests.walkthrough import write_files

FOLDER = Path(__file__).parents[1]
SOURCE = FOLDER / "src"
MODULES = sorted(
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
    for path in SOURCE.rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)
EXTRAS = {
    "packpress.web": "datasette",
    "packpress.editing.workbook": "openpyxl",
    "packpress.publish.xlsx": "xlsxwriter",
}


def run_examples(test, folder, monkeypatch):
    """How many examples of a docstring fail, each docstring with a fresh copy of the package."""
    write_files(FOLDER / "README.md", folder / "fleet")
    monkeypatch.chdir(folder)
    report = []
    failed = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append).failed
    return failed, "".join(report)


@pytest.mark.parametrize("name", MODULES)
def test_every_example_runs(name, tmp_path, monkeypatch):
    for part, extra in EXTRAS.items():
        if name.startswith(part):
            pytest.importorskip(extra)
    tests = [test for test in doctest.DocTestFinder().find(importlib.import_module(name)) if test.examples]
    assert tests
    for number, test in enumerate(tests):
        failed, report = run_examples(test, tmp_path / str(number), monkeypatch)
        assert not failed, report


@pytest.mark.parametrize("name", packpress.__all__)
def test_everything_that_is_exported_has_an_example(name):
    assert any(test.examples for test in doctest.DocTestFinder().find(getattr(packpress, name), name))


def test_a_wrong_example_fails(tmp_path, monkeypatch):
    text = ">>> from packpress import read_package\n>>> read_package('fleet').name\n'float'\n"
    test = doctest.DocTestParser().get_doctest(text, {}, "wrong", None, 0)
    failed, report = run_examples(test, tmp_path, monkeypatch)
    assert failed == 1 and "Got:\n    'fleet'" in report
