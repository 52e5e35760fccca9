"""Paths and URLs in a descriptor: which are safe to open, and which may become links."""

import os
import re
import stat
import unicodedata
from itertools import accumulate, islice
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import quote, unquote, urljoin

from packpress.problems import CannotReadError

KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


# Paths that lead through a hidden folder or to a hidden file.
HIDDEN = re.compile(r"(?:^|/)\.[^./]")


def is_below(path: str) -> bool:
    """Whether a path leads to a place below the descriptor, on every system.

    >>> is_below("data/boats.csv"), is_below("../boats.csv"), is_below("C:boats.csv")
    (True, False, False)
    """
    parts = PurePosixPath(path).parts
    is_absolute = PurePosixPath(path).is_absolute() or bool(PureWindowsPath(path).drive)
    return not (is_absolute or ".." in parts or "\\" in path or path.lower().startswith("file:"))


def has_file(root: Path, path: str) -> bool:
    r"""Whether there is a file at a path below the folder; what cannot be a path leads to none.

    >>> has_file(Path("fleet"), "boats.csv"), has_file(Path("fleet"), "x" * 5000)
    (True, False)
    """
    try:
        return is_below(path) and not leads_out(root, path) and (root / path).is_file()
    except (ValueError, OSError):
        return False


def find_spelling(root: Path, path: str) -> str:
    """The path of the file that a path names in another spelling, or the empty string.

    Capitals, percent-escapes, and letters composed of several characters may differ.

    >>> find_spelling(Path("fleet"), "Boats.CSV"), find_spelling(Path("fleet"), "boots.csv")
    ('boats.csv', '')
    """
    found: list[str] = []
    for part in PurePosixPath(path).parts if is_below(path) else ():
        names = _list_names(root.joinpath(*found))
        alike = [name for name in names if _fold(name) == _fold(part)]
        if part not in names and len(alike) != 1:
            return ""
        found.append(part if part in names else alike[0])
    spelling = "/".join(found)
    return spelling if has_file(root, spelling) else ""


def _list_names(folder: Path) -> frozenset[str]:
    try:
        return frozenset(entry.name for entry in folder.iterdir())
    except (ValueError, OSError):
        return frozenset()


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", unquote(name)).casefold()


def describe_missing(root: Path, path: str, named_by: str = "path") -> str:
    """What is wrong with the path of a file that does not exist, and what to do about it.

    `named_by` is the property of the descriptor that names the file.

    >>> describe_missing(Path("fleet"), "Boats.csv")
    'no such file in this spelling; write "boats.csv" in the descriptor'
    >>> describe_missing(Path("fleet"), "path.sql", "checks")
    'no such file; restore it or correct checks in the descriptor'
    """
    if meant := find_spelling(root, path):
        return f'no such file in this spelling; write "{meant}" in the descriptor'
    return f"no such file; restore it or correct {named_by} in the descriptor"


def find_meant(root: Path, path: str) -> str:
    """The file that a path from another system or folder probably means, or the empty string.

    It is the longest tail of the path at which a file exists below `root`.

    >>> find_meant(Path("fleet"), "C:\\\\data\\\\boats.csv")
    'boats.csv'
    """
    path = path[len("file:") :] if path.lower().startswith("file:") else path
    parts = [part for part in re.split(r"[\\/]+", path) if part not in {"", "."}]
    for start in range(len(parts)):
        end = "/".join(parts[start:])
        if meant := find_spelling(root, end):
            return meant
    return ""


def offer_path(root: Path, path: str) -> str:
    """What is wrong with a path that does not lead below the descriptor, and what to do about it.

    >>> offer_path(Path("fleet"), "/fleet/boats.csv")
    ', which leads elsewhere; write "boats.csv"'
    """
    meant = find_meant(root, path)
    if "\\" in path:
        why = ", written with backslashes, which only Windows understands"
    else:
        why = ", which leads elsewhere" if meant else ""
    return f'{why}; write "{meant}"' if meant else f"{why}; name a file below the descriptor"


def leads_out(root: Path, path: str) -> bool:
    """Whether a path leads out of the package's folder, directly or through symbolic links.

    >>> leads_out(Path("fleet"), "boats.csv"), leads_out(Path("fleet"), "../boats.csv")
    (False, True)
    """
    try:
        return _has_turns(root, path) and not (root / path).resolve().is_relative_to(root.resolve())
    except (ValueError, RuntimeError, OSError):  # with a NUL character, a loop of links, or too long
        return False


def _has_turns(root: Path, path: str) -> bool:
    """Whether a path may lead elsewhere than it says; much quicker to tell than where it leads."""
    if not is_below(path):
        return True
    steps = accumulate(path.split("/"), os.path.join, initial=str(root))
    return any(map(os.path.islink, islice(steps, 1, None)))


def find_file(root: Path, path: str) -> Path:
    """The file at a path of a package, which must be a regular file: reading anything else may never end.

    Symbolic links are followed only within the package's folder. Raises OSError or CannotReadError when the
    file must not or cannot be opened.

    >>> find_file(Path("fleet"), "boats.csv").name
    'boats.csv'
    """
    has_turns = _has_turns(root, path)
    try:
        file = (root / path).resolve(strict=True) if has_turns else root / path
        kind = stat.S_IFMT(file.stat().st_mode)
    except (ValueError, RuntimeError):  # a NUL character in the path, or a symbolic link loop
        raise FileNotFoundError(path) from None
    if has_turns and leads_out(root, path):
        raise CannotReadError(path, 0, "leads out of the package's folder; put the file itself there")
    if kind != stat.S_IFREG:
        raise CannotReadError(path, 0, f"is {KINDS.get(kind, 'not a file')}; name a regular file")
    return file


SIGNATURES = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"\xfd7zXZ\x00": "xz",
    b"BZh": "bzip2",
    b"Rar!": "RAR",
    b"\x28\xb5\x2f\xfd": "Zstandard",
}
# Characters that text does not have, in any encoding of single bytes or UTF-8.
BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
LONGEST_START = 1024


def recognise_file(file: Path) -> str:
    """What a file is, by its first bytes: a kind of archive, `text`, or the empty string.

    >>> recognise_file(Path("fleet/boats.csv"))
    'text'
    """
    with file.open("rb") as opened:
        start = opened.read(LONGEST_START)
    if any(signature.startswith(start) for signature in SIGNATURES):
        return ""  # empty, or cut off
    kind = next((kind for signature, kind in SIGNATURES.items() if start.startswith(signature)), "")
    return kind or ("" if BINARY.search(start) else "text")


def resolve_path(base: str, path: str) -> str:
    """The address of the file at a path that is relative to the descriptor at the address `base`.

    >>> resolve_path("https://example.org/fleet/datapackage.json?v=2", "data/a b#1.csv")
    'https://example.org/fleet/data/a%20b%231.csv'
    """
    return urljoin(base, quote(path))


# A link to such an address runs code in the visitor's browser, or shows another page as if it were ours.
CODE = re.compile(r"(?:javascript|vbscript|data):", re.IGNORECASE)
# Browsers ignore these: the first ones anywhere, the others at the start.
DROPPED = re.compile(r"[\t\n\r]|\A[\x00-\x20]+")
# Schemes that a link may have.
LINKED = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)


def runs_code(address: str) -> bool:
    r"""Whether a link to an address would run code in the browser.

    >>> runs_code("JavaScript:alert(1)"), runs_code(" java\tscript:alert(1)"), runs_code("data:text/html,x")
    (True, True, True)
    >>> runs_code("https://example.org/?q=javascript:1"), runs_code("javascript.md")
    (False, False)
    """
    return bool(CODE.match(DROPPED.sub("", DROPPED.sub("", address))))


def may_link(address: str) -> bool:
    """Whether an address with a scheme may become a link: web and mail addresses may.

    >>> may_link("https://example.org/"), may_link("mailto:ida@example.org"), may_link("ftp://example.org/")
    (True, True, False)
    """
    return bool(LINKED.match(address))
