"""Replacing a folder as a whole: whoever looks finds the old build or the new one, never half of one.

A build is made in a hidden folder beside its place. The old build is parked under a second hidden
name, the new one renamed into place, and the old one removed. A kill between the two renames
leaves the old build parked, where the next start finds it and puts it back. Windows renames no folder in
which a file is open, so a build that is being served has to be let go of first.
"""

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from packpress.file_lock import hold_lock
from packpress.problems import CannotRunError

# What every build of ours holds; a folder without them is somebody else's and is never replaced.
MARKS = ("SHA256SUMS", "LOGICAL_SHA256")
# Not every system has quotas.
NO_ROOM: frozenset[int] = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})


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
        if folder.exists():
            folder.rmdir()  # POSIX replaces an empty folder, Windows does not
        previous.rename(folder)
    for leftover in _leftovers(folder):
        _remove(leftover)


def _exchange(staging: Path, folder: Path) -> None:
    previous = _sibling(folder, "previous")
    try:
        if folder.exists():
            folder.rename(previous)
        try:
            staging.rename(folder)
        finally:
            if previous.exists() and not folder.exists():
                previous.rename(folder)
    except PermissionError as error:
        mend = "close what has it open, such as a server, or choose another --output"
        raise CannotRunError(f"{folder}: cannot be replaced: {error.strerror}; {mend}") from None
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
        for place, names, files in os.walk(folder):
            # POSIX asks whether the folder may be written, Windows whether the file may.
            for name in (*names, *(files if os.name == "nt" else ())):
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
    with ExitStack() as held:
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            held.enter_context(hold_lock(_sibling(folder, "lock")))
        except BlockingIOError:
            raise CannotRunError(f"{folder}: another build is running there; wait until it ends") from None
        except OSError as error:
            raise CannotRunError(
                f"{folder.parent}: cannot be written: {error.strerror}; choose another --output"
            ) from None
        yield
