"""What a public forge reads: forms, the check of every change and the hooks are sound and call our own commands."""

import re
import subprocess
import sys
import tomllib

import pytest
import yaml

from tests.conftest import ROOT

FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
WORKFLOW = ROOT / ".github" / "workflows" / "check.yml"
FILES = [*FORMS, WORKFLOW, ROOT / ".pre-commit-config.yaml"]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_is_yaml(path):
    assert isinstance(read(path), dict)


@pytest.mark.parametrize(
    "path", [path for path in FORMS if path.name != "config.yml"], ids=lambda path: path.name
)
def test_a_form_asks_each_thing_once_and_says_what_for(path):
    form = read(path)
    assert form["name"] and form["description"]
    asked = [item for item in form["body"] if item["type"] != "markdown"]
    assert {item["type"] for item in asked} <= {"input", "textarea", "dropdown", "checkboxes"}
    ids = [item["id"] for item in asked]
    assert len(set(ids)) == len(ids) > 0
    assert all(item["attributes"]["label"] for item in asked)


def test_an_issue_that_the_site_fills_in_is_taken():
    assert read(ROOT / ".github" / "ISSUE_TEMPLATE" / "config.yml")["blank_issues_enabled"] is True


def test_every_change_is_held_to_make_check():
    workflow = read(WORKFLOW)
    # YAML takes `on` for a truth value.
    assert {"push", "pull_request"} <= workflow[True].keys()
    assert "make check" in list_commands(workflow["jobs"]["check"])


def list_commands(job):
    return [step.get("run") for step in job["steps"]]


def test_packpress_is_tested_on_every_system_with_the_oldest_and_the_newest_python():
    job = read(WORKFLOW)["jobs"]["packpress"]
    matrix = job["strategy"]["matrix"]
    assert {name.split("-")[0] for name in matrix["os"]} == {"ubuntu", "macos", "windows"}
    project = tomllib.loads((ROOT / "packpress" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest, newest = matrix["python"]
    assert project["requires-python"] == f">={oldest}"
    assert tuple(map(int, newest.split("."))) > tuple(map(int, oldest.split(".")))
    extras = ",".join(project["optional-dependencies"])
    assert list_commands(job)[-2:] == [
        f'python -m pip install "./packpress[{extras}]"',
        "python -m pytest tests",
    ]
    assert job["steps"][-1]["working-directory"] == "packpress"


@pytest.mark.parametrize(
    ("path", "schema"),
    [(WORKFLOW, "vendor.github-workflows"), (ROOT / "CITATION.cff", "vendor.citation-file-format")],
    ids=["workflow", "citation"],
)
def test_files_for_others_are_valid_by_the_schemas_of_their_readers(path, schema):
    line = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, path]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_hooks_fetch_nothing_and_call_our_commands():
    (repository,) = read(ROOT / ".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        command, target = hook["entry"].split()
        assert command == "make" and target in TARGETS


def test_nobody_has_an_address_that_is_invented():
    for path in (ROOT / "CODE_OF_CONDUCT.md", *(ROOT / ".github").rglob("*.*")):
        assert not re.search(r"\w@\w+\.\w|https?://", path.read_text(encoding="utf-8")), path
