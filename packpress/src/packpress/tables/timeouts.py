"""Patience: how long something that others wrote, such as a pattern, may keep us busy with one value."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from packpress.problems import CannotRunError

# Of processor time, so that a busy machine does not change the verdict.
SECONDS = 2.0


@contextmanager
def limit_patience(message: str) -> Iterator[None]:
    """What runs inside ends with CannotRunError when it takes too long, in the main thread at least."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise CannotRunError(message)

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
