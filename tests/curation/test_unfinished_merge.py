"""An unfinished merge in git: each command of curators says so in one line, and changes nothing."""

import pytest

from tests.curation.commands import (
    EXERCISE,
    accept,
    add_source,
    passages,
    publish_source,
    read_data,
    review,
    run_command,
    todo,
)


def leave_unfinished(file):
    """A conflict in the last line of a file; the line on which it begins."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    both = f"<<<<<<< HEAD\n{lines[-1]}=======\n{lines[-1].rstrip()} too\n>>>>>>> other\n"
    file.write_text("".join([*lines[:-1], both]), encoding="utf-8")
    return len(lines)


@pytest.fixture
def commands(package_copy):
    where = package_copy.descriptor
    source = package_copy.rows("sources")[0]["source_id"]
    return {
        "add-source": (add_source, EXERCISE, "exercise", where),
        "todo": (todo, where, "--output", package_copy.root / "todo"),
        "accept": (accept, package_copy.root / "todo", where),
        "publish-source": (publish_source, source, where),
        "review": (review, where, "--source", source, "--output", package_copy.root / "review"),
        "join-passages": (passages, "join", "--yes", "x-p001", "x-p002", where),
    }


NAMES = ["add-source", "todo", "accept", "publish-source", "review", "join-passages"]


@pytest.mark.parametrize("name", NAMES)
def test_a_table_is_named_with_its_line(package_copy, commands, name):
    line = leave_unfinished(package_copy.file("passages"))
    before = read_data(package_copy)
    command, *words = commands[name]
    said = run_command(command, package_copy, *words, code=2).output.splitlines()
    assert len(said) == 1
    assert said[0].startswith(f"data/passages.csv:{line}: the merge in git is unfinished from here on; ")
    assert read_data(package_copy) == before


@pytest.mark.parametrize("name", NAMES)
def test_the_descriptor_is_named_with_its_line(package_copy, commands, name):
    line = leave_unfinished(package_copy.descriptor)
    command, *words = commands[name]
    (said,) = run_command(command, package_copy, *words, code=2).output.splitlines()
    assert said.startswith(f"{package_copy.descriptor}:{line}: the merge in git is unfinished from here on; ")
