"""The commands of curators, run in this process on a copy of the package."""

from collections.abc import Mapping
from pathlib import Path

from click import Command
from click.testing import CliRunner, Result

from scripts.accept import main as accept
from scripts.add_source import main as add_source
from scripts.passages import main as passages
from scripts.publish_source import main as publish_source
from scripts.review import main as review
from scripts.todo import main as todo
from tests.conftest import INVENTED, PackageCopy

EXERCISE = INVENTED / "exercise.txt"
__all__ = [
    "EXERCISE",
    "accept",
    "add_source",
    "passages",
    "publish_source",
    "read_data",
    "review",
    "run_command",
    "todo",
]


def run_command(command: Command, copy: PackageCopy, *words: str | Path, code: int = 0) -> Result:
    """The outcome of a command on the copy, which ends with that code and no traceback."""
    result = CliRunner().invoke(command, [*map(str, words)])
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def read_data(copy: PackageCopy) -> Mapping[str, bytes]:
    """Every file of the data of a copy."""
    return {
        file.relative_to(copy.root).as_posix(): file.read_bytes()
        for file in sorted((copy.root / "data").rglob("*"))
        if file.is_file()
    }
