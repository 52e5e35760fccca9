"""The command as tests start it: in a process of its own, or in this one, which saves the start."""

import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner
from packpress.cli import main


def run(*words: object, cwd: Path | None = None, **options: object) -> subprocess.CompletedProcess[str]:
    """A verb, run as a person would: `run("validate", "--format", "json")`."""
    line = [sys.executable, "-m", "packpress", *map(str, words)]
    return subprocess.run(line, cwd=cwd, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload,no-any-return]


def invoke(*words: object, input: str | None = None) -> subprocess.CompletedProcess[str]:
    """The same in this process, where only words go in and come out."""
    done = CliRunner().invoke(main.commands[str(words[0])], [*map(str, words[1:])], input)
    return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)
