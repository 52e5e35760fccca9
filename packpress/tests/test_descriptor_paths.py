"""Paths in a descriptor: what is no path is a problem, and a path that is nearly right gets the right one."""

import json

import pytest

from packpress import CannotRunError, read_package, validate

LONG = "x" * 5_000


def write(folder, files=None, **properties):
    """A package of the table t.csv, whose resource has further properties."""
    table = {"name": "t", "path": "t.csv", "schema": {"fields": [{"name": "n"}]}, **properties}
    for name, content in {"t.csv": "n\n1\n", **(files or {})}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    (folder / "datapackage.json").write_text(
        json.dumps({"name": "p", "resources": [table]}), encoding="utf-8"
    )
    return folder / "datapackage.json"


@pytest.mark.parametrize("name", ["path", "schema", "dialect", "profile", "$schema"])
@pytest.mark.parametrize(
    "path", [LONG, f"a/{LONG}", "nul\0", f"\\{LONG}"], ids=["long", "a part", "NUL", "backslash"]
)
def test_what_cannot_be_a_path_has_one_line(name, path, tmp_path):
    descriptor = write(tmp_path, **{name: path})
    try:
        problems = [str(problem) for problem in validate(read_package(descriptor)).problems]
    except CannotRunError as error:
        problems = [str(error)]
    (line,) = problems
    assert "\n" not in line and "; " in line
