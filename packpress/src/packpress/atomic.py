"""Writing files so that a reader never meets a half-written one."""

import os
from pathlib import Path

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
