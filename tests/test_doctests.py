"""Every example in a docstring of the data set's code runs."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = [
    ".".join(path.relative_to(folder).with_suffix("").parts)
    for folder, part in ((ROOT, "scripts"), (ROOT / "site", "ketamine_site"))
    for path in sorted((folder / part).rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", MODULES)
def test_every_example_runs(name):
    report = []
    tests = [test for test in doctest.DocTestFinder().find(importlib.import_module(name)) if test.examples]
    assert tests
    for test in tests:
        assert not doctest.DocTestRunner().run(test, out=report.append).failed, "".join(report)
