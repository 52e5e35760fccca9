"""Locks between processes: a lock file that only one process at a time can hold, on every system.

The system releases the lock when its holder ends, however it ends. Only the standard library is used:
`filelock` leaves its file behind on POSIX systems, and adds fifteen thousand lines of code for one small
need.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        """Locks the first byte of the file; on Windows, any refusal is a PermissionError."""
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError(error.errno, error.strerror) from None

    def _is_current(handle: int, path: Path) -> bool:
        """Whether the file is still the one at the path; Windows does not remove open files."""
        return True

    def _release(handle: int, path: Path) -> None:
        """Releases the lock, then removes its file, which fails if the next process already has it open."""
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)
        os.close(handle)
        with suppress(OSError):
            path.unlink()

else:
    import fcntl

    def _lock(handle: int) -> None:
        """Locks the whole file; BlockingIOError when another process holds the lock."""
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _is_current(handle: int, path: Path) -> bool:
        """Whether the file is still the one at the path: the previous holder may have removed it."""
        with suppress(FileNotFoundError):
            return os.path.samestat(os.fstat(handle), path.stat())
        return False

    def _release(handle: int, path: Path) -> None:
        """Removes the file while it is still locked, so that nobody else can hold a removed file."""
        with suppress(OSError):
            path.unlink()
        os.close(handle)


@contextmanager
def hold_lock(path: Path) -> Iterator[None]:
    """Holds the lock file at `path` for the duration of the block, and removes it at the end.

    Raises BlockingIOError immediately when the lock is held, by another process or by this one, and OSError
    when the file cannot be created.

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
