"""The commands on the data as a person meets them: what they print, and how they end."""

import subprocess
import sys

import pytest

from invented.copies import messages
from tests.conftest import ROOT, invoke

SCRIPTS = sorted({path.stem for path in (ROOT / "scripts").glob("*.py")} - {"__init__", "extension"})


@pytest.mark.parametrize("command", SCRIPTS)
def test_every_command_explains_itself(command):
    done = invoke(command, "--help")
    assert done.returncode == 0
    assert "Usage:" in done.stdout


@pytest.mark.parametrize("command", ["todo", "second_opinion"])
def test_a_missing_descriptor_is_one_line(command, tmp_path):
    done = invoke(command, str(tmp_path / "datapackage.json"))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "no such file; name the descriptor of a data package" in done.stderr


def test_the_real_package_is_valid():
    done = invoke("validate", str(ROOT / "datapackage.json"))
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1].startswith("valid: 20 tables, ")


def test_derived_files_are_up_to_date():
    done = invoke("generate", str(ROOT / "datapackage.json"), "--check")
    assert done.returncode == 0, done.stdout


def test_missing_packages_are_named_without_a_traceback():
    # -S leaves out site-packages, as a Python in which nothing was installed.
    line = [sys.executable, "-S", "-m", "scripts.todo"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("Python packages are missing: frictionless, ")
    assert done.stderr.endswith("; run make install\n")


def test_the_readme_shows_a_message_as_it_is(package_copy):
    words = "is also employed for severe acute pain"
    key = next(row["claim_id"] for row in package_copy.rows("claims") if row["quote"] == words)
    package_copy.edit("claims", key, quote=words.replace("acute", "accute"), focus="pain")
    (message,) = messages(package_copy)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert message.partition(": ")[2] in readme
