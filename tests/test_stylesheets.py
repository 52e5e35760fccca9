"""The style sheet of packpress holds what any package shows; what only this data set shows stands in its own."""

import re
from pathlib import Path

import packpress.web
from packpress.web.templates import SHEET, join_sheets

FOLDER = Path(packpress.web.__file__).parent
# Names of classes, in attributes and where scripts and Python set them.
NAMES = re.compile(r'\bclass(?:Name)?\W{1,4}"([^"]*)"|block body_class %\}([^{]*)')
# Cells have those of their column and of its type.
COMPOSED = re.compile(r"(?:col|type)-\w+")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def list_classes(sheet: str) -> set[str]:
    """Every class that a selector of the sheet names."""
    selectors = re.sub(r"\{[^{}]*\}", " ", COMMENT.sub("", sheet))
    return set(re.findall(r"\.([a-z][\w-]*)", selectors))


def test_every_class_of_the_sheet_of_packpress_is_one_of_packpress():
    used = {
        name
        for path in FOLDER.rglob("*.*")
        if path.suffix in (".html", ".js", ".py") and "vendor" not in path.parts
        for names in NAMES.findall(path.read_text(encoding="utf-8"))
        for name in re.findall(r"[\w-]+", " ".join(names))
    }
    named = {name for name in list_classes(SHEET.read_text(encoding="utf-8")) if not COMPOSED.fullmatch(name)}
    assert len(named) > 50
    assert named - used == set()


def test_every_variable_of_the_sheet_of_packpress_is_declared_and_used_in_it():
    sheet = SHEET.read_text(encoding="utf-8")
    assert set(re.findall(r"(--[\w-]+):", sheet)) == set(re.findall(r"var\((--[\w-]+)", sheet))


def test_sheets_follow_that_of_packpress_in_their_order(tmp_path):
    first, second = tmp_path / "first.css", tmp_path / "second.css"
    first.write_text("b {}", encoding="utf-8")
    second.write_text("i {}", encoding="utf-8")
    assert join_sheets((first, second)) == f"{SHEET.read_text(encoding='utf-8')}\nb {{}}\ni {{}}"
