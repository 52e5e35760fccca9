"""What all commands share: exit codes, errors on one line, progress, and output on any console."""

import codecs
import errno
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import ParamSpec

from packpress.problems import CannotRunError, InvalidPackageError

Step = Callable[[str], None]


def do_nothing(what: str) -> None:
    """The default for `step`: progress is not shown."""


@contextmanager
def show_progress() -> Iterator[Step]:
    """A function that shows what is being done on one line, which is cleared at the end."""
    if not (sys.stderr.isatty() or os.environ.get("FORCE_COLOR")):
        yield do_nothing
        return
    # Takes a tenth of a second to import, so only when there is a terminal.
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True)
    # The usual spinner uses Braille characters, which few encodings have.
    with console.status("", spinner="dots" if console.encoding.startswith("utf") else "line") as status:
        # As plain text: the name of a table could look like markup.
        yield lambda what: status.update(Text(what))


VALID, PROBLEMS, CANNOT_RUN = 0, 1, 2

P = ParamSpec("P")


def exit_plainly(command: Callable[P, int | None]) -> Callable[P, None]:
    """The command, made to end with its exit code and to print errors on one line of standard error.

    The exit code is 0 when the command returns None, 1 for an invalid package, whose problems are printed,
    and 2 when it cannot run.
    """

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        open_closed_streams()
        make_printable()
        try:
            code = command(*args, **kwargs) or VALID
            sys.stdout.flush()
        except InvalidPackageError as error:
            for problem in error.problems:
                print(problem, file=sys.stderr)
            print(error, file=sys.stderr)
            code = PROBLEMS
        except CannotRunError as error:
            print(error, file=sys.stderr)
            code = CANNOT_RUN
        except (MemoryError, ImportError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            print("out of memory; run this on a machine with more, or with less data", file=sys.stderr)
            code = CANNOT_RUN
        except OSError as error:
            if _is_closed_pipe(error):
                # The reader, such as head, has closed the pipe; Python would complain again at exit.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            else:
                where = error.filename or "this machine"
                print(f"{where}: {error.strerror}; fix that and try again", file=sys.stderr)
            code = CANNOT_RUN
        sys.exit(code)

    return run


# What the dynamic linker and the threading module say when there is no memory left.
STARVED = ("failed to map segment", "cannot allocate memory", "can't start new thread")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the error means that the machine is out of memory, whatever its type.

    >>> is_out_of_memory(RuntimeError("can't start new thread")), is_out_of_memory(RuntimeError("other"))
    (True, False)
    """
    words = str(error).lower()
    return isinstance(error, MemoryError) or any(starved in words for starved in STARVED)


def _is_closed_pipe(error: OSError) -> bool:
    """Whether the reader is gone; on Windows this is EINVAL (https://bugs.python.org/issue35754)."""
    return isinstance(error, BrokenPipeError) or (
        os.name == "nt" and error.errno == errno.EINVAL and error.filename is None
    )


def open_closed_streams() -> None:
    """Redirects closed standard streams to the null device, and says so.

    Otherwise the next file that is opened, such as a database, would get the stream's descriptor, and
    anything printed would be written into that file.
    """
    names = [name for name in ("stdin", "stdout", "stderr") if getattr(sys, name) is None]
    if not names:
        return
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    for name in names:
        setattr(sys, name, Path(os.devnull).open("r" if name == "stdin" else "w", encoding="utf-8"))  # noqa: SIM115 (open to the end)
    if "stdout" in names:
        print("standard output: closed; further output is lost", file=sys.stderr)


def make_printable() -> None:
    """Makes standard output and standard error accept any text, whatever their encoding.

    A character that the encoding lacks is written as a JSON escape, so that a report in JSON stays valid. On
    Windows, output to a file or a pipe is UTF-8, which is the default from Python 3.15 on.
    """
    codecs.register_error("packpress.escape", _escape)
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue  # replaced by a test, or closed
        if os.name == "nt" and not stream.isatty() and "PYTHONIOENCODING" not in os.environ:
            stream.reconfigure(encoding="utf-8")
        if stream.errors in {"strict", "backslashreplace"}:
            stream.reconfigure(errors="packpress.escape")


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end
