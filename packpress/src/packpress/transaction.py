"""Files that are replaced all together or not at all, even if the process is killed in between."""

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path

from packpress.file_lock import hold_lock
from packpress.problems import CannotRunError


def write_file(path: Path, data: bytes) -> None:
    """Writes a file atomically: after a kill or on a full disk, it holds what it held before.

    Raises CannotRunError when the file cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "boats.csv")
    ...     write_file(file, b"boat_id")
    ...     file.read_bytes()
    b'boat_id'
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(data)
        aside.replace(path)
    except OSError as error:
        raise CannotRunError(f"{path}: cannot be written: {error.strerror}; it is unchanged") from None
    finally:
        _remove(aside)


def _remove(aside: Path) -> None:
    try:
        aside.unlink(missing_ok=True)
    except OSError:
        # The error that prevented writing may prevent this check too.
        return


DECIDED = ".replacement"


def replace_files(root: Path, files: Mapping[str, bytes]) -> None:
    """Replaces several files, given by their paths below `root`: all of them or none.

    Raises CannotRunError when they cannot be written, or when another process is replacing files there. They
    are then as they were, or the next call of `finish_replacement` completes the replacement.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     replace_files(Path(folder), {"boats.csv": b"boat_id", "voyages.csv": b"voyage_id"})
    ...     sorted(file.name for file in Path(folder).iterdir())
    ['boats.csv', 'voyages.csv']
    """
    with _hold_for_replacing(root):
        _stage(root, files)


@contextmanager
def _hold_for_replacing(root: Path) -> Iterator[None]:
    """Holds the lock for a block that commits to a replacement; completes what was committed before and then.

    Raises CannotRunError when another process holds it, or when files cannot be written.
    """
    with ExitStack() as held:
        try:
            held.enter_context(hold_lock(root / f"{DECIDED}.lock"))
            finish_replacement(root)
            yield
        except BlockingIOError:
            message = "another command is replacing files there; wait until it ends"
            raise CannotRunError(f"{root}: {message}") from None
        except OSError as error:
            raise _refuse_writing(root, error) from None
        finish_replacement(root)


def _refuse_writing(root: Path, error: OSError) -> CannotRunError:
    return CannotRunError(f"{root}: cannot be written: {error.strerror}; nothing was changed")


# Long enough for a command that reads, checks and writes the tables of a data set of this size.
LONGEST_WAIT = 30.0
BETWEEN_TRIES = 0.05


@contextmanager
def hold_for_editing(root: Path, longest: float = LONGEST_WAIT) -> Iterator[None]:
    """Keeps other commands from changing the files below `root` during a block that reads and writes them.

    Waits while another command does so. Raises CannotRunError when it takes longer than `longest` seconds, or
    when the folder cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, hold_for_editing(Path(folder)):
    ...     replace_files(Path(folder), {"boats.csv": b"boat_id"})
    """
    end = time.monotonic() + longest
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(hold_lock(root / f"{DECIDED}.editing"))
                break
            except BlockingIOError:
                if time.monotonic() >= end:
                    message = "another command is changing its files; nothing was changed, so try again later"
                    raise CannotRunError(f"{root}: {message}") from None
                time.sleep(BETWEEN_TRIES)
            except OSError as error:
                raise _refuse_writing(root, error) from None
        # What a killed command had decided comes before what is read now.
        finish_replacement(root)
        yield


@contextmanager
def hold_for_reading(root: Path) -> Iterator[None]:
    """The same for a block that reads several files and writes what it makes of them elsewhere.

    In a folder that this process cannot write, there is no lock, and nothing to wait for. Commands that only
    tell what they find need none: every file that they read is whole, and if they met a replacement half way,
    they are run again.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, hold_for_reading(Path(folder)):
    ...     [file.name for file in Path(folder).iterdir()]
    ['.replacement.editing']
    """
    with hold_for_editing(root) if os.access(root, os.W_OK) else nullcontext():
        yield


def _stage(root: Path, files: Mapping[str, bytes]) -> None:
    """Writes the new files to a folder and commits to replacing the old; the caller must hold the lock."""
    for leftover in root.glob(f"{DECIDED}-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    staging = root / f"{DECIDED}-{os.getpid()}"
    try:
        for path, data in files.items():
            write_file(staging / path, data)
        staging.rename(root / DECIDED)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def stage_replacement(root: Path) -> Iterator[Path]:
    """A folder in which new files of any size are made; it is gone afterwards, unless they were committed.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, stage_replacement(Path(folder)) as staging:
    ...     _ = (staging / "boats.csv").write_bytes(b"boat_id")
    ...     commit_replacement(Path(folder), staging)
    ...     [file.name for file in Path(folder).iterdir()]
    ['boats.csv']
    """
    staging = root / f"{DECIDED}-{os.getpid()}"
    try:
        staging.mkdir()
    except OSError as error:
        raise _refuse_writing(root, error) from None
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def commit_replacement(root: Path, staging: Path) -> None:
    """Replaces the files below `root` by the staged ones: all of them or none.

    Raises CannotRunError when they cannot be replaced, or when another process is replacing files there.
    """
    with _hold_for_replacing(root):
        staging.rename(root / DECIDED)


def finish_replacement(root: Path) -> None:
    """Completes a replacement that was interrupted after it had been committed.

    Raises CannotRunError when a file cannot be moved; the next command tries again.
    """
    decided = root / DECIDED
    if not decided.is_dir():
        return
    for staged in [path for path in decided.rglob("*") if path.is_file()]:
        target = root / staged.relative_to(decided)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            # Another process may have moved it already.
            with suppress(FileNotFoundError):
                staged.replace(target)
        except OSError as error:
            message = f"cannot be replaced: {error.strerror}; fix that, and the next command continues"
            raise CannotRunError(f"{target}: {message}") from None
    shutil.rmtree(decided, ignore_errors=True)
