"""Time limits for what others wrote, such as a pattern, on one value.

They hold in the main thread of a process on Linux and macOS. Python interrupts a regular expression only for
a signal, and only in the main thread; Windows has no timer that sends one. Where they do not hold, a pattern
that repeats what may match in several ways can take for ever: Ctrl+C ends it in the main thread, and nothing
but the end of the process in another.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from packpress.problems import CannotRunError

# Of processor time, so that a busy machine does not change the verdict.
SECONDS = 2.0
HAS_TIMER = hasattr(signal, "setitimer") and hasattr(signal, "SIGVTALRM")


@contextmanager
def limit_patience(message: str) -> Iterator[None]:
    """What runs inside ends with CannotRunError when it takes too long, where the module says that it can."""
    if not HAS_TIMER or threading.current_thread() is not threading.main_thread():
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
