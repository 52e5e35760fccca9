"""README.md: whoever follows it in an empty folder sees what it shows."""

import re
from pathlib import Path

import pytest

from tests.walkthrough import PIECE, follow, write_files

FOLDER = Path(__file__).parents[1]
README = FOLDER / "README.md"


@pytest.mark.long
def test_every_command_prints_what_is_shown(tmp_path):
    for extra in ("datasette", "openpyxl", "xlsxwriter", "pandas", "duckdb"):
        pytest.importorskip(extra)
    commands = follow(README, tmp_path)
    assert len([command for command in commands if command.startswith("packpress ")]) >= 10


def test_every_block_is_followed_or_is_known_not_to_be():
    shown = {piece["language"] for piece in PIECE.finditer(README.read_text(encoding="utf-8"))} - {None}
    # How to install it, and a part of somebody's pyproject.toml, are not run.
    assert shown == {"", "csv", "json", "diff", "console", "pycon", "toml"}


def test_the_package_is_small(tmp_path):
    write_files(README, tmp_path)
    names = {path.name for path in tmp_path.iterdir() if path.is_file()}
    assert names == {"boats.csv", "voyages.csv", "datapackage.json"}
    assert len((tmp_path / "datapackage.json").read_text().splitlines()) <= 36


def test_the_pictures_are_there_and_small():
    paths = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README.read_text(encoding="utf-8"))
    assert len(paths) == 2
    for path in paths:
        assert (FOLDER / path).stat().st_size < 150_000
