"""Progress of a command on a terminal; nothing is written where nobody watches."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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
