"""What a public forge reads: forms, the check of every change and the hooks are sound and call our own commands."""

import re

import pytest
import yaml

from tests.conftest import ROOT

FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
FILES = [*FORMS, ROOT / ".github" / "workflows" / "check.yml", ROOT / ".pre-commit-config.yaml"]
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
    workflow = read(ROOT / ".github" / "workflows" / "check.yml")
    # YAML takes `on` for a truth value.
    assert {"push", "pull_request"} <= workflow[True].keys()
    assert "make check" in [step.get("run") for step in workflow["jobs"]["check"]["steps"]]


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
