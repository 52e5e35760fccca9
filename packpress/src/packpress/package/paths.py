"""Paths and addresses in a descriptor: which are safe to open, and which may become links."""

import re
import stat
from pathlib import Path, PurePosixPath, PureWindowsPath

from packpress.problems import CannotReadError

KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def is_below(path: str) -> bool:
    """Whether a path leads to a place below the descriptor, on every system."""
    parts = PurePosixPath(path).parts
    is_absolute = PurePosixPath(path).is_absolute() or bool(PureWindowsPath(path).drive)
    return not (is_absolute or ".." in parts or "\\" in path)


def find_meant(root: Path, path: str) -> str:
    """The file below a folder that a path of another system or another folder probably means, or nothing.

    It is the longest end of the path by which a file is there.
    """
    parts = [part for part in re.split(r"[\\/]+", path) if part not in {"", "."}]
    for start in range(len(parts)):
        end = "/".join(parts[start:])
        if is_below(end) and not leads_out(root, end) and (root / end).is_file():
            return end
    return ""


def offer_path(root: Path, path: str) -> str:
    """What to do about a path that leads nowhere below the descriptor, and why it does where that puzzles."""
    meant = find_meant(root, path)
    if "\\" in path:
        why = ", written with backslashes as on Windows alone"
    else:
        why = ", which leads elsewhere" if meant else ""
    return f'{why}; write "{meant}"' if meant else f"{why}; name a file below the descriptor"


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


# Whoever follows a link to such an address runs what it says, or sees a page of somebody else for ours.
CODE = re.compile(r"(?:javascript|vbscript|data):", re.IGNORECASE)
# Browsers leave these out, the first wherever they stand, the others at the start.
DROPPED = re.compile(r"[\t\n\r]|\A[\x00-\x20]+")
# What a link may lead to.
LINKED = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)


def runs_code(address: str) -> bool:
    r"""Whether the scheme of an address runs code where the address becomes a link.

    >>> runs_code("JavaScript:alert(1)"), runs_code(" java\tscript:alert(1)"), runs_code("data:text/html,x")
    (True, True, True)
    >>> runs_code("https://example.org/?q=javascript:1"), runs_code("javascript.md")
    (False, False)
    """
    return bool(CODE.match(DROPPED.sub("", DROPPED.sub("", address))))


def may_link(address: str) -> bool:
    """Whether an address with a scheme may become a link: one of the web, or of mail.

    >>> may_link("https://example.org/"), may_link("mailto:ida@example.org"), may_link("ftp://example.org/")
    (True, True, False)
    """
    return bool(LINKED.match(address))
