"""Places: the files that a package names, which are regular files in the descriptor's folder or below it."""

import stat
from pathlib import Path

from packpress.problems import CannotReadError

KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def leads_out(root: Path, path: str) -> bool:
    """Whether a path leads out of a package's folder, by links too."""
    try:
        return not (root / path).resolve().is_relative_to(root.resolve())
    except (ValueError, RuntimeError, OSError):  # a NUL in it, or links in a circle: it leads nowhere
        return False


def find_file(root: Path, path: str) -> Path:
    """The file at a path of a package; OSError or CannotReadError when it may not or cannot be opened.

    A link is followed only to where the path itself could lead. What is no regular file may never end.
    """
    try:
        file = (root / path).resolve(strict=True)
        kind = stat.S_IFMT(file.stat().st_mode)
    except (ValueError, RuntimeError):  # a NUL in the path; links in a circle
        raise FileNotFoundError(path) from None
    if leads_out(root, path):
        raise CannotReadError(path, 0, "leads out of the package's folder; put the file itself there")
    if kind != stat.S_IFREG:
        raise CannotReadError(path, 0, f"is {KINDS.get(kind, 'no file')}; name a regular file")
    return file
