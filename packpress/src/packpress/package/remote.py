"""Paths and addresses of a descriptor: which are safe to open or to link, and reading those on the web."""

import re
import stat
import tempfile
from contextlib import AbstractContextManager
from http.client import HTTPException
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import TracebackType
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urljoin
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

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


LARGEST = 1 << 30
PIECE = 1 << 20
SECONDS = 30


class Downloads(AbstractContextManager["Downloads"]):
    """Fetches each address once, into a folder that vanishes at the end."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._files: dict[str, Path] = {}
        self._finals: dict[str, str] = {}
        # Nothing but the web: no local files, no other protocols, not by redirection either.
        self._opener = OpenerDirector()
        for handler in (
            ProxyHandler(),
            HTTPHandler(),
            HTTPSHandler(),
            HTTPRedirectHandler(),
            HTTPErrorProcessor(),
            HTTPDefaultErrorHandler(),
        ):
            self._opener.add_handler(handler)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def fetch(self, address: str) -> Path:
        """Where the file of an address lies; CannotReadError when it cannot be had whole."""
        if address not in self._files:
            file = Path(self._folder.name) / str(len(self._files))
            self._save(address, file)
            self._files[address] = file
        return self._files[address]

    def follow(self, address: str) -> str:
        """The address at which the file of an address was found in the end, to which its own paths relate."""
        self.fetch(address)
        return self._finals[address]

    def _save(self, address: str, file: Path) -> None:
        if not address.lower().startswith(("http://", "https://")):
            raise CannotReadError(address, 0, "not fetched; only http and https are known, download it")
        try:
            request = Request(address, headers={"Accept-Encoding": "identity"})
            answer = self._opener.open(request, timeout=SECONDS)
            if answer is None:
                raise URLError("it leads to another protocol")
            self._finals[address] = answer.url
            with answer, file.open("wb") as target:
                length = 0
                while piece := answer.read(PIECE):
                    length += len(piece)
                    if length > LARGEST:
                        message = f"larger than {LARGEST >> 20:,} MB, which is not fetched; download it"
                        raise CannotReadError(address, 0, message)
                    target.write(piece)
        except HTTPError as error:
            message = f"cannot be fetched: {error.code} {error.reason}; correct the address"
            raise CannotReadError(address, 0, message) from None
        except (URLError, HTTPException, OSError, ValueError) as error:
            reason = " ".join(str(getattr(error, "reason", error)).split()) or type(error).__name__
            raise CannotReadError(
                address, 0, f"cannot be fetched: {reason}; try again, or download it"
            ) from None


def resolve_path(base: str, path: str) -> str:
    """The address of the file that a path below the descriptor at the address `base` names.

    >>> resolve_path("https://example.org/fleet/datapackage.json?v=2", "data/a b#1.csv")
    'https://example.org/fleet/data/a%20b%231.csv'
    """
    return urljoin(base, quote(path))


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
