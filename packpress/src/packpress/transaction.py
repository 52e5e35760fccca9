"""Files that are replaced all at once or not at all, whatever is killed in between."""

import os
import shutil
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

from packpress.file_lock import hold_lock
from packpress.problems import CannotRunError


def write_file(path: Path, data: bytes) -> None:
    """The file holds `data`, whole; a kill or a full disk leaves what it held before.

    CannotRunError when it cannot be written.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(data)
        aside.replace(path)
    except OSError as error:
        raise CannotRunError(f"{path}: cannot be written: {error.strerror}; it is as it was") from None
    finally:
        _remove(aside)


def _remove(aside: Path) -> None:
    try:
        aside.unlink(missing_ok=True)
    except OSError:
        # What kept us from writing it may keep us from looking for it too.
        return


DECIDED = ".replacement"


def replace_files(root: Path, files: Mapping[str, bytes]) -> None:
    """The files hold the data, by their paths below `root`; all of them or none.

    CannotRunError when they cannot be written or another process is replacing some; then they are as they
    were, or `finish_replacement` says what is in the way.
    """
    with ExitStack() as held:
        try:
            held.enter_context(hold_lock(root / f"{DECIDED}.lock"))
            finish_replacement(root)
            _stage(root, files)
        except BlockingIOError:
            raise CannotRunError(
                f"{root}: another command is replacing files there; wait until it ends"
            ) from None
        except OSError as error:
            raise CannotRunError(f"{root}: cannot be written: {error.strerror}; all is as it was") from None
        finish_replacement(root)


def _stage(root: Path, files: Mapping[str, bytes]) -> None:
    """Stages the files and decides that they take their places; only for whoever holds the lock."""
    for leftover in root.glob(f"{DECIDED}-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    staging = root / f"{DECIDED}-{os.getpid()}"
    try:
        for path, data in files.items():
            write_file(staging / path, data)
        staging.rename(root / DECIDED)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def finish_replacement(root: Path) -> None:
    """Moves the files of a replacement that was decided and cut off to their places.

    CannotRunError when one cannot be moved; the next start tries again.
    """
    decided = root / DECIDED
    if not decided.is_dir():
        return
    for staged in [path for path in decided.rglob("*") if path.is_file()]:
        target = root / staged.relative_to(decided)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            # Another process may have been faster.
            with suppress(FileNotFoundError):
                staged.replace(target)
        except OSError as error:
            message = f"cannot be replaced: {error.strerror}; mend that, the next command goes on"
            raise CannotRunError(f"{target}: {message}") from None
    shutil.rmtree(decided, ignore_errors=True)
