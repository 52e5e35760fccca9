"""What every command shares: exit codes, one line instead of a traceback, progress, output on any console."""

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
    """What is done without anybody watching."""


@contextmanager
def show_progress() -> Iterator[Step]:
    """A function that says what is being done, on one line that vanishes in the end."""
    if not (sys.stderr.isatty() or os.environ.get("FORCE_COLOR")):
        yield do_nothing
        return
    # A tenth of a second to import, so only when somebody watches.
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True)
    # The usual spinner is drawn in Braille, which few encodings have.
    with console.status("", spinner="dots" if console.encoding.startswith("utf") else "line") as status:
        # As it is: the name of a table may look like markup.
        yield lambda what: status.update(Text(what))


VALID, PROBLEMS, CANNOT_RUN = 0, 1, 2

P = ParamSpec("P")


def exit_plainly(command: Callable[P, int | None]) -> Callable[P, None]:
    """The command, ending with its exit code; what it cannot do is said in one line on standard error.

    0 when it returns nothing, 1 with every problem printed for an invalid package, 2 when it cannot run.
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
            print("out of memory; run this where there is more, or on less data", file=sys.stderr)
            code = CANNOT_RUN
        except OSError as error:
            if _is_closed_pipe(error):
                # The reader, such as head, has seen enough; say nothing more to it.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            else:
                where = error.filename or "this machine"
                print(f"{where}: {error.strerror}; mend that and try again", file=sys.stderr)
            code = CANNOT_RUN
        sys.exit(code)

    return run


# What a loader of libraries and a starter of threads say when there is no memory left.
STARVED = ("failed to map segment", "cannot allocate memory", "can't start new thread")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the error is that the machine has no memory left, by whatever name.

    >>> is_out_of_memory(RuntimeError("can't start new thread")), is_out_of_memory(RuntimeError("other"))
    (True, False)
    """
    words = str(error).lower()
    return isinstance(error, MemoryError) or any(starved in words for starved in STARVED)


def _is_closed_pipe(error: OSError) -> bool:
    """Whether nobody reads any more; Windows calls it an invalid argument (https://bugs.python.org/issue35754)."""
    return isinstance(error, BrokenPipeError) or (
        os.name == "nt" and error.errno == errno.EINVAL and error.filename is None
    )


def open_closed_streams() -> None:
    """Standard streams that were closed for this process lead nowhere from now on, and it says so.

    Otherwise the next file opened, a database for one, would have the number of the stream, and be written
    into by whatever prints there.
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
        print("standard output: closed; what would be printed there is lost", file=sys.stderr)


def make_printable() -> None:
    """From now on standard output and standard error take any text, whatever their encoding.

    A character that the encoding lacks is written as an escape of JSON, so that a report in JSON stays whole.
    On Windows, what goes into a file or a pipe is UTF-8, as from Python 3.15 on.
    """
    codecs.register_error("packpress.escape", _escape)
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue  # a test's, or none
        if os.name == "nt" and not stream.isatty() and "PYTHONIOENCODING" not in os.environ:
            stream.reconfigure(encoding="utf-8")
        if stream.errors in {"strict", "backslashreplace"}:
            stream.reconfigure(errors="packpress.escape")


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end
