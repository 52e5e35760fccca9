"""Walking through a page of documentation: its files are written, its commands run, their output compared.

What the pages may hold, in order:

- a block behind a line that ends in "`path`:" is a file, and a block of `diff` there changes it;
- a block of `console` holds commands behind `$`, each with all that it prints; `…` stands for anything, and
  `echo $?` prints the exit code of the command before;
- a block of `pycon` is a doctest;
- the comment `<!-- edit: FILE SHEET KEY COLUMN VALUE -->` is somebody who edits a cell of a workbook.

Any other block is not run.
"""

import doctest
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

PACKPRESS = [sys.executable, "-m", "packpress"]
# The port that pages name, in whose place a free one is taken.
PORT = 8001
PIECE = re.compile(
    r"(?:^[^\n]*`(?P<path>[^`\n]+)`[^`\n]*:\n\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$"
    r"|^<!-- edit: (?P<edit>.*) -->$",
    re.MULTILINE | re.DOTALL,
)
RUN = frozenset({"console", "pycon"})


def find_pieces(page: Path) -> Iterator[tuple[str, str, str]]:
    """Language, file and text of each block of a page, and what is edited between them."""
    for piece in PIECE.finditer(page.read_text(encoding="utf-8")):
        if piece["edit"]:
            yield "edit", "", piece["edit"]
        else:
            # Only what is no transcript is a file, whatever the sentence before it names.
            path = "" if piece["language"] in RUN else piece["path"] or ""
            yield piece["language"], path, piece["text"]


def follow(page: Path, folder: Path, environment: dict[str, str] | None = None) -> list[str]:
    """Does in a folder all that the page says; the commands that were run."""
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1", **(environment or {})}
    commands: list[str] = []
    names: dict[str, object] = {}
    for language, path, text in find_pieces(page):
        if language == "console":
            commands += run_commands(text, folder, environment)
        elif language == "pycon":
            run_doctest(text, names, folder, page.name)
        elif language == "edit":
            edit_workbook(folder, text)
        elif language == "diff":
            assert path, text
            change_file(folder / path, text)
        elif path:
            write_file(folder / path, text)
    return commands


def write_file(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode("utf-8"))


def write_files(page: Path, folder: Path) -> None:
    """Writes the files of a page, as they are first."""
    written = set[str]()
    for language, path, text in find_pieces(page):
        if path and path not in written and language != "diff":
            write_file(folder / path, text)
            written.add(path)


def change_file(file: Path, difference: str) -> None:
    lines = difference.splitlines()
    before, after = (
        "".join(f"{line[1:]}\n" for line in lines if not line.startswith(other)) for other in "+-"
    )
    text = file.read_bytes().decode("utf-8")
    assert text.count(before) == 1, f"{file.name} does not hold once:\n{before}"
    write_file(file, text.replace(before, after))


def run_commands(text: str, folder: Path, environment: dict[str, str]) -> Iterator[str]:
    code = 0
    for entry in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, expected = entry.partition("\n")
        if command == "echo $?":
            printed = f"{code}\n"
        elif command.startswith("packpress serve"):
            printed = serve(shlex.split(command)[1:], folder, environment)
        else:
            words = shlex.split(command)
            if words[0] != "packpress" and not shutil.which(words[0]):
                continue  # a tool of others
            line = [*PACKPRESS, *words[1:]] if words[0] == "packpress" else words
            done = subprocess.run(
                line,
                cwd=folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
            )
            code, printed = done.returncode, read_output(done.stdout)
        compare(command, expected, printed)
        yield command


def read_output(data: bytes) -> str:
    """What was printed, with line ends and paths as on the pages."""
    text = data.decode("utf-8").replace("\r\n", "\n")
    if os.name != "nt":
        return text
    # A path with backslashes is also quoted where somebody is to type it.
    return re.sub(r"'([\w./-]+)'", r"\1", text.replace("\\", "/"))


def compare(command: str, expected: str, printed: str) -> None:
    """What is printed is what the page shows, where `…` is anything within a line."""
    pattern = "[^\n]*".join(map(re.escape, expected.split("…")))
    assert re.fullmatch(pattern, printed), f"{command} is shown with\n{expected}\nand prints\n{printed}"


def serve(words: list[str], folder: Path, environment: dict[str, str]) -> str:
    """What the server prints at first, on the port that the page names; its home page answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    line = [*PACKPRESS, *words, "--port", str(port)]
    server = subprocess.Popen(
        line, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        printed = read_output(server.stderr.readline())
        wait_for(port)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
            assert answer.status == 200
    finally:
        server.terminate()
        server.communicate()
    return printed.replace(str(port), str(PORT))


def wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the server does not listen")


def run_doctest(text: str, names: dict[str, object], folder: Path, name: str) -> None:
    """Runs the lines behind `>>>`; what one block defines the next ones of its page know."""
    here = Path.cwd()
    os.chdir(folder)
    try:
        test = doctest.DocTestParser().get_doctest(text, names, name, name, 0)
        printed: list[str] = []
        doctest.DocTestRunner().run(test, out=printed.append, clear_globs=False)
        names |= test.globs
    finally:
        os.chdir(here)
    assert not printed, "".join(printed)


def edit_workbook(folder: Path, words: str) -> None:
    """Puts a value into a cell as whoever edits the workbook does."""
    openpyxl = pytest.importorskip("openpyxl")
    file, sheet, key, column, value = words.split()
    book = openpyxl.load_workbook(folder / file)
    rows = list(book[sheet].iter_rows())
    header = next(row for row in rows if column in [cell.value for cell in row])
    place = [cell.value for cell in header].index(column)
    (row,) = (row for row in rows if key in [cell.value for cell in row])
    row[place].value = value
    book.save(folder / file)
