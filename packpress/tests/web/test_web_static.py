"""The site over any build as a folder of files."""

import re
from pathlib import Path

import pytest
from packpress.web.static.export import FILES, export_build
from tests.web.packages import list_packages
from tests.web.walk import list_dead_links, list_sums

ROOT = "/below/here/"
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
NO_NAME_OF_WINDOWS = re.compile(
    r'.*[<>:"|?*\\\x00-\x1f].*|.*[. ]|(con|prn|aux|nul|(com|lpt)[0-9])(\..*)?', re.IGNORECASE
)
LONGEST_NAME = 255


def export(build: Path, output: Path) -> dict[str, str]:
    export_build(build, output, ROOT, lambda _: None)
    return list_sums(output)


@pytest.mark.long
@pytest.mark.parametrize("name", list_packages("wide"))
def test_a_folder_has_all_that_it_leads_to_and_names_that_any_system_takes(name, build, tmp_path):
    folder = build(name)
    before = list_sums(folder.parent)
    files = export(folder, tmp_path / "site")
    assert list_sums(folder.parent) == before
    assert list_dead_links(tmp_path / "site", ROOT) == []
    # The files of the build keep the names that it gave them.
    made = [path for path in files if not path.startswith(f"{FILES}/")]
    parts = {part for path in made for part in path.split("/")}
    assert sorted(part for part in parts if NO_NAME_OF_WINDOWS.fullmatch(part)) == []
    assert max(map(len, parts)) <= LONGEST_NAME
    assert len({path.casefold() for path in made}) == len(made), (
        "two files of one name, where capitals do not count"
    )
    assert export(folder, tmp_path / "site") == files
