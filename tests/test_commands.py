"""The commands on the data as a person meets them: what they print, and how they end."""

import subprocess
import sys

import pytest

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


def test_missing_packages_are_named_without_a_traceback():
    # -S leaves out site-packages, as a Python in which nothing was installed.
    line = [sys.executable, "-S", "-m", "scripts.todo"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("Python packages are missing: frictionless, ")
    assert done.stderr.endswith("; run make install\n")
