"""Locks between processes: a file that one process at a time holds, on every system.

The system lets go of the lock when its holder ends, however it ends. Only the standard library is used:
`filelock` leaves its file behind on POSIX systems, and brings fifteen thousand lines for what is needed here.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        """Takes the first byte of the file; Windows calls any refusal a lack of permission."""
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError(error.errno, error.strerror) from None

    def _is_current(handle: int, path: Path) -> bool:
        """Whether the file is still the one at the path: Windows removes no file that is open."""
        return True

    def _release(handle: int, path: Path) -> None:
        """Lets go of the lock, then removes its file, which fails where the next process has it open."""
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)
        os.close(handle)
        with suppress(OSError):
            path.unlink()

else:
    import fcntl

    def _lock(handle: int) -> None:
        """Takes the whole file; BlockingIOError when another has it."""
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _is_current(handle: int, path: Path) -> bool:
        """Whether the file is still the one at the path: the holder before us may have removed it."""
        with suppress(FileNotFoundError):
            return os.path.samestat(os.fstat(handle), path.stat())
        return False

    def _release(handle: int, path: Path) -> None:
        """Removes the file while it is held, so that nobody else holds the file that is removed."""
        with suppress(OSError):
            path.unlink()
        os.close(handle)


@contextmanager
def hold_lock(path: Path) -> Iterator[None]:
    """Holds the lock whose file is at `path` while the block runs, and removes the file at its end.

    BlockingIOError at once when another process holds it, or this one does already; OSError when the file
    cannot be made.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "lock")
    ...     with hold_lock(path):
    ...         path.exists()
    ...     path.exists()
    True
    False
    """
    handle = _acquire(path)
    try:
        yield
    finally:
        _release(handle, path)


def _acquire(path: Path) -> int:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(handle)
        except OSError:
            os.close(handle)
            raise
        if _is_current(handle, path):
            return handle
        os.close(handle)
