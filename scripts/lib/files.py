"""Writing files so that a reader never meets a half-written one."""

import os
from pathlib import Path


def write_file(path: Path, data: bytes) -> None:
    """The file holds `data`, whole; a kill or a full disk leaves what it held before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        aside.write_bytes(data)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
