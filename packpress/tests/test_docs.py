"""The documentation: links lead to files of packpress, examples run, and whatever has a name is described."""

import os
import re
import tomllib
from pathlib import Path

import pytest
from packpress.cli import main
from packpress.publish.build import FORMATS
from packpress.web.profiles import PROFILES

import packpress
from tests.walkthrough import find_pieces, follow, write_files

FOLDER = Path(__file__).resolve().parents[1]
PAGES = sorted([*FOLDER.glob("*.md"), *(FOLDER / "docs").glob("*.md")])
README, DOCS = FOLDER / "README.md", FOLDER / "docs"
LINK = re.compile(r"\]\((?!\w+:)([^)\s]*)\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def name_page(page):
    return page.relative_to(FOLDER).as_posix()


def read_prose(page):
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def list_anchors(page):
    """The anchors of the headings, as forges make them."""
    headings = re.findall(r"^#+ (.*)$", read_prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_page)
def test_every_link_leads_to_a_file_of_packpress(page):
    for link in LINK.findall(read_prose(page)):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(FOLDER) and target.exists(), link
        if anchor:
            assert anchor in list_anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=name_page)
def test_every_page_has_one_title(page):
    assert len(re.findall(r"^# ", read_prose(page), re.MULTILINE)) == 1
    assert page.read_text(encoding="utf-8").startswith("# ")


def test_every_page_is_in_the_readme():
    linked = {(FOLDER / link.partition("#")[0]).resolve() for link in LINK.findall(read_prose(README))}
    assert {page.resolve() for page in PAGES} - {README} <= linked


@pytest.mark.long
def test_the_examples_of_the_api_run(tmp_path):
    for extra in ("datasette", "xlsxwriter"):
        pytest.importorskip(extra)
    write_files(README, tmp_path)
    page = DOCS / "api.md"
    installed = tmp_path / "installed"
    (project,) = (text for language, _, text in find_pieces(page) if language == "toml")
    install(tomllib.loads(project)["project"], installed)
    paths = [tmp_path, installed, *filter(None, [os.environ.get("PYTHONPATH")])]
    commands = follow(page, tmp_path, {"PYTHONPATH": os.pathsep.join(map(str, paths))})
    assert len(commands) == 4


def install(project, folder):
    """Registers a distribution as `pip install` does; its modules are found by PYTHONPATH."""
    info = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    about = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (info / "METADATA").write_text(about, encoding="utf-8")
    groups = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
        for group, points in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(groups), encoding="utf-8")


ALL = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
API = (DOCS / "api.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("verb", sorted(main.commands))
def test_every_verb_is_documented_with_its_options(verb):
    assert f"`packpress {verb}" in API
    for option in main.commands[verb].params:
        for name in (name for name in option.opts if name.startswith("--")):
            assert f"`{name}" in ALL or f" {name}" in ALL, name


@pytest.mark.parametrize("name", packpress.__all__)
def test_every_public_name_is_documented(name):
    assert f"`{name}`" in API or f"`{name}(" in API


@pytest.mark.parametrize("name", ["Build", "Report", "Problem"])
def test_every_attribute_that_is_documented_is_there(name):
    (table,) = re.findall(rf"^\| `{name}` \| \|\n\| --- \| --- \|\n((?:\|.*\n)+)", API, re.MULTILINE)
    described = {word for row in table.splitlines() for word in re.findall(r"`(\w+)`", row.split("|")[1])}
    known = {*vars(getattr(packpress, name)), *getattr(packpress, name).__dataclass_fields__}
    assert described and described <= known


def test_every_part_of_an_extension_is_documented():
    for name in packpress.Extension.__dataclass_fields__:
        assert f"`{name}`" in API


def test_every_format_and_every_profile_is_documented():
    for name in FORMATS:
        assert f"`{name}`" in API
    for name in PROFILES:
        assert f"`{name}`" in (DOCS / "serving.md").read_text(encoding="utf-8")


def test_the_changelog_has_the_version_that_is_installed():
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changelog = (FOLDER / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {re.escape(project['version'])}\b", changelog, re.MULTILINE)
