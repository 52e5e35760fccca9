"""Reading files from the web: http and https alone, whole, and within limits of size and time."""

import tempfile
from contextlib import AbstractContextManager
from http.client import HTTPException
from pathlib import Path
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

LARGEST = 1 << 30
PIECE = 1 << 20
SECONDS = 30


class Downloads(AbstractContextManager["Downloads"]):
    """Downloads each address once, into a folder that is removed at the end."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._files: dict[str, Path] = {}
        self._finals: dict[str, str] = {}
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

    def follow(self, address: str) -> str:
        """The address after redirects, to which paths in the downloaded file are relative."""
        self.fetch(address)
        return self._finals[address]

    def _save(self, address: str, file: Path) -> None:
        if not address.lower().startswith(("http://", "https://")):
            raise CannotReadError(
                address, 0, "not downloaded, because only http and https are supported; download it yourself"
            )
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
                        message = f"larger than the limit of {LARGEST >> 20:,} MB; download it yourself"
                        raise CannotReadError(address, 0, message)
                    target.write(piece)
        except HTTPError as error:
            reason = " ".join(f"{error.code} {error.reason}".split())  # of a loop it has several lines
            message = f"cannot be downloaded: {reason}; correct the address"
            raise CannotReadError(address, 0, message) from None
        except (URLError, HTTPException, OSError, ValueError) as error:
            reason = " ".join(str(getattr(error, "reason", error)).split()) or type(error).__name__
            raise CannotReadError(
                address, 0, f"cannot be downloaded: {reason}; try again, or download it yourself"
            ) from None
