"""Paths and URLs in a descriptor: which ones are safe to open or to link to, and downloading."""

import re
import stat
import tempfile
from contextlib import AbstractContextManager
from http.client import HTTPException
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import TracebackType
from urllib.error import HTTPError, URLError
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
    """Whether a path leads to a place below the descriptor, on every system.

    >>> is_below("data/boats.csv"), is_below("../boats.csv"), is_below("C:boats.csv")
    (True, False, False)
    """
    parts = PurePosixPath(path).parts
    is_absolute = PurePosixPath(path).is_absolute() or bool(PureWindowsPath(path).drive)
    return not (is_absolute or ".." in parts or "\\" in path)


def find_meant(root: Path, path: str) -> str:
    """The file that a path from another system or folder probably means, or the empty string.

    It is the longest tail of the path at which a file exists below `root`.

    >>> find_meant(Path("fleet"), "C:\\\\data\\\\boats.csv")
    'boats.csv'
    """
    parts = [part for part in re.split(r"[\\/]+", path) if part not in {"", "."}]
    for start in range(len(parts)):
        end = "/".join(parts[start:])
        if is_below(end) and not leads_out(root, end) and (root / end).is_file():
            return end
    return ""


def offer_path(root: Path, path: str) -> str:
    """What is wrong with a path that does not lead below the descriptor, and what to do about it.

    >>> offer_path(Path("fleet"), "/fleet/boats.csv")
    ', which leads elsewhere; write "boats.csv"'
    """
    meant = find_meant(root, path)
    if "\\" in path:
        why = ", written with backslashes as on Windows alone"
    else:
        why = ", which leads elsewhere" if meant else ""
    return f'{why}; write "{meant}"' if meant else f"{why}; name a file below the descriptor"


def leads_out(root: Path, path: str) -> bool:
    """Whether a path leads out of the package's folder, directly or through symbolic links.

    >>> leads_out(Path("fleet"), "boats.csv"), leads_out(Path("fleet"), "../boats.csv")
    (False, True)
    """
    try:
        return not (root / path).resolve().is_relative_to(root.resolve())
    except (ValueError, RuntimeError, OSError):  # a NUL character or a symbolic link loop: it leads nowhere
        return False


def find_file(root: Path, path: str) -> Path:
    """The file at a path of a package, which must be a regular file: reading anything else may never end.

    Symbolic links are followed only within the package's folder. Raises OSError or CannotReadError when the
    file must not or cannot be opened.

    >>> find_file(Path("fleet"), "boats.csv").name
    'boats.csv'
    """
    try:
        file = (root / path).resolve(strict=True)
        kind = stat.S_IFMT(file.stat().st_mode)
    except (ValueError, RuntimeError):  # a NUL character in the path, or a symbolic link loop
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
    """Downloads each address once, into a folder that is removed at the end."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._files: dict[str, Path] = {}
        # Only HTTP and HTTPS: no local files and no other protocols, not even after a redirect.
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
        """The downloaded file; CannotReadError when it cannot be downloaded completely."""
        if address not in self._files:
            file = Path(self._folder.name) / str(len(self._files))
            self._save(address, file)
            self._files[address] = file
        return self._files[address]

    def _save(self, address: str, file: Path) -> None:
        if not address.lower().startswith(("http://", "https://")):
            raise CannotReadError(address, 0, "not fetched; only http and https are known, download it")
        try:
            request = Request(address, headers={"Accept-Encoding": "identity"})
            answer = self._opener.open(request, timeout=SECONDS)
            if answer is None:
                raise URLError("it leads to another protocol")
            with answer, file.open("wb") as target:
                length = 0
                while piece := answer.read(PIECE):
                    length += len(piece)
                    if length > LARGEST:
                        message = f"larger than {LARGEST >> 20:,} MB, which is not fetched; download it"
                        raise CannotReadError(address, 0, message)
                    target.write(piece)
        except HTTPError as error:
            message = f"cannot be fetched: {error.code} {error.reason}; correct path in the descriptor"
            raise CannotReadError(address, 0, message) from None
        except (URLError, HTTPException, OSError, ValueError) as error:
            reason = " ".join(str(getattr(error, "reason", error)).split()) or type(error).__name__
            raise CannotReadError(
                address, 0, f"cannot be fetched: {reason}; try again, or download it"
            ) from None


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
