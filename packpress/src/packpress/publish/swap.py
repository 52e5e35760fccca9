"""Replacing a folder as a whole: whoever looks finds the old build or the new one, never half of one.

A build is made in a hidden folder beside its place. The old build is parked under a second hidden
name, the new one renamed into place, and the old one removed. A kill between the two renames
leaves the old build parked, where the next start finds it and puts it back.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from packpress.problems import CannotRunError

# What every build of ours holds; a folder without them is somebody else's and is never replaced.
MARKS = ("SHA256SUMS", "LOGICAL_SHA256")
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def check_output(folder: Path, inputs: Iterable[Path]) -> None:
    """CannotRunError when a build may not replace the folder: a link, somebody's files, or what it reads."""
    place = folder.resolve()
    for file in inputs:
        if file.resolve().is_relative_to(place):
            raise CannotRunError(
                f"{folder}: holds {file.name}, which the build reads; choose another --output"
            )
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise CannotRunError(f"{folder}: not a folder; remove it or choose another --output")
    if folder.exists() and any(folder.iterdir()) and not is_build(folder):
        raise CannotRunError(
            f"{folder}: holds files that no build wrote; empty it or choose another --output"
        )


def is_build(folder: Path) -> bool:
    """Whether the folder holds a build of ours."""
    return all((folder / mark).is_file() for mark in MARKS)


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """An empty folder that takes the place of `folder` when the block ends well, and else vanishes.

    CannotRunError when another build is running there, nothing can be written there, or no more fits.
    """
    folder = folder.resolve()
    with _lock(folder):
        _recover(folder)
        staging = _sibling(folder, f"staging-{os.getpid()}")
        try:
            staging.mkdir()
            yield staging
            _exchange(staging, folder)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            reason = os.strerror(error.errno)
            raise CannotRunError(f"{folder}: is as it was: {reason}; make room and try again") from None
        finally:
            _remove(staging)


def recover(folder: Path) -> None:
    """Puts back the last good build if a build was killed, and clears away what that left.

    CannotRunError when a build is running there.
    """
    folder = folder.resolve()
    if _sibling(folder, "previous").exists() or any(_leftovers(folder)):
        with _lock(folder):
            _recover(folder)


def _recover(folder: Path) -> None:
    previous = _sibling(folder, "previous")
    if is_build(folder):
        _discard(previous)
    elif previous.exists() and not (folder.exists() and any(folder.iterdir())):
        previous.rename(folder)
    for leftover in _leftovers(folder):
        _remove(leftover)


def _exchange(staging: Path, folder: Path) -> None:
    previous = _sibling(folder, "previous")
    if folder.exists():
        folder.rename(previous)
    try:
        staging.rename(folder)
    finally:
        if previous.exists() and not folder.exists():
            previous.rename(folder)
    _discard(previous)


def _discard(previous: Path) -> None:
    """Removes the parked build; renamed first, so that half of it can never be taken for a whole one."""
    doomed = previous.with_name(previous.name.removesuffix("previous") + f"staging-{os.getpid()}-old")
    if previous.exists():
        previous.rename(doomed)
        _remove(doomed)


def _remove(folder: Path) -> None:
    """Removes the folder, although somebody may have made it read-only."""
    with suppress(OSError):
        folder.chmod(0o700)
        for place, names, _ in os.walk(folder):
            for name in names:
                Path(place, name).chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


def _sibling(folder: Path, suffix: str) -> Path:
    return folder.with_name(f".{folder.name}.{suffix}")


def _leftovers(folder: Path) -> list[Path]:
    """Folders that killed builds left; only whoever holds the lock may remove them."""
    prefix = f".{folder.name}.staging-"
    beside = folder.parent.iterdir() if folder.parent.is_dir() else ()
    return [path for path in beside if path.name.startswith(prefix)]


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Holds the lock of the folder; CannotRunError when another process does."""
    path = _sibling(folder, "lock")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        handle = _acquire(path)
    except BlockingIOError:
        raise CannotRunError(f"{folder}: another build is running there; wait until it ends") from None
    except OSError as error:
        raise CannotRunError(
            f"{folder.parent}: cannot be written: {error.strerror}; choose another --output"
        ) from None
    try:
        yield
    finally:
        # Removed while it is held, so that nobody else holds the file that is removed.
        with suppress(OSError):
            path.unlink()
        os.close(handle)


def _acquire(path: Path) -> int:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise
        # The holder before us may have removed the very file that we opened.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), path.stat()):
                return handle
        os.close(handle)
