"""Progress of a command on a terminal; nothing is written where nobody watches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

Step = Callable[[str], None]


@contextmanager
def show_progress() -> Iterator[Step]:
    """A function that says what is being done, on one line that vanishes in the end."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("") as status:
        # As it is: the name of a table may look like markup.
        yield lambda what: status.update(Text(what))
