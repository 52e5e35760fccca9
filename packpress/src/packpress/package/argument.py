"""What a command accepts as a package: a folder, a descriptor, a zip, standard input, or a web address."""

import re
import shutil
import stat
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from packpress.package.document import STANDARD_INPUT
from packpress.package.paths import is_below, recognise_file
from packpress.problems import CannotRunError

if TYPE_CHECKING:  # slow to import, so only when something is downloaded
    from packpress.package.remote import Downloads

DEFAULT_DESCRIPTOR = Path("datapackage.json")
# Names of a descriptor in a folder, in order of preference.
DESCRIPTORS = ("datapackage.json", "datapackage.yaml", "datapackage.yml")
ADDRESS = re.compile(r"(https?|ftp|s3):/+", re.IGNORECASE)
# How many bytes are searched for the start of a web page; file names that every system allows.
PAGE_AT = 1024
FILE_NAME = re.compile(r"[\w-][\w.-]*\.(?:json|ya?ml)", re.ASCII | re.IGNORECASE)
# Files that macOS adds to a zip.
OF_SYSTEMS = re.compile(r"(?:^|/)(?:__MACOSX/|\.DS_Store$|\._)")
# Limits against zip bombs: a zip may always hold so many bytes, and beyond that a multiple of its own size,
# because repetitive rows compress well.
MOST_BYTES, MOST_TIMES, MOST_FILES = 1 << 28, 100, 100_000


class TemporaryFolder:
    """A folder with the contents of a zip or a downloaded descriptor, removed together with this object."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="packpress-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


@dataclass(frozen=True)
class FoundDescriptor:
    """The path of a descriptor, its name in messages, and the temporary folder that keeps it alive.

    Paths in a descriptor from the web are relative to the address `base`.
    """

    path: Path
    name: str
    folder: TemporaryFolder | None = None
    base: str = ""


def find_descriptor(named: str | Path, downloads: "Downloads | None" = None) -> FoundDescriptor:
    """The descriptor of the package that `named` refers to; it need not exist.

    A web address is downloaded by `downloads`, and refused without. Raises CannotRunError when `named` cannot
    refer to a descriptor, such as a zip without one.

    >>> find_descriptor(Path("fleet")).path.as_posix()
    'fleet/datapackage.json'
    """
    text = named if isinstance(named, str) else named.as_posix()
    if match := ADDRESS.match(text):
        return _find_on_web(f"{match[1]}://{text[match.end() :]}", downloads)
    named = Path(named)
    if named == STANDARD_INPUT:
        return FoundDescriptor(named, "-")
    if named.is_file():
        _refuse_other_kinds(named)
    if _is_zip(named):
        return _unpack_descriptor(named, str(named))
    if named == DEFAULT_DESCRIPTOR and not named.exists():
        named = named.parent
    path = find_in_folder(named) if named.is_dir() else named
    return FoundDescriptor(path, str(path))


def find_in_folder(folder: Path) -> Path:
    """The descriptor in a folder; the path of a `datapackage.json` when there is none.

    >>> find_in_folder(Path("fleet")).name, find_in_folder(Path("nowhere")).as_posix()
    ('datapackage.json', 'nowhere/datapackage.json')
    """
    places = [folder / name for name in DESCRIPTORS]
    return next((place for place in places if place.is_file()), places[0])


def _find_on_web(address: str, downloads: "Downloads | None") -> FoundDescriptor:
    """The descriptor at a web address, or in the zip there."""
    if downloads is None:
        mend = "validate it with --allow-remote, or download the package and name its file"
        raise CannotRunError(f"{address}: on the web; {mend}")
    file = downloads.fetch(address)
    if _is_zip(file):
        return _unpack_descriptor(file, address)
    with file.open("rb") as source:
        if source.read(PAGE_AT).lstrip().startswith(b"<"):
            mend = "name the address of a datapackage.json, or of a zip that holds one"
            raise CannotRunError(f"{address}: a page, and no descriptor; {mend}")
    name = PurePosixPath(urlsplit(address).path).name
    folder = TemporaryFolder()
    path = folder.folder / (name if FILE_NAME.fullmatch(name) else DEFAULT_DESCRIPTOR)
    shutil.copyfile(file, path)
    return FoundDescriptor(path, address, folder, downloads.follow(address))


def _is_zip(path: Path) -> bool:
    return path.is_file() and (recognise_file(path) == "zip" or path.suffix.lower() == ".zip")


def _refuse_other_kinds(path: Path) -> None:
    """Raises CannotRunError for archives other than zips, and for text that has the name of an archive."""
    kind = recognise_file(path)
    if kind == "text" and path.suffix.lower() in {".zip", ".gz"}:
        mend = "rename it to datapackage.json or datapackage.yaml if it is a descriptor"
        raise CannotRunError(f"{path}: plain text, although its name ends with {path.suffix}; {mend}")
    if kind not in {"", "text", "zip"}:
        raise CannotRunError(f"{path}: a {kind} file; unpack it and name the descriptor or folder inside")


def _unpack_descriptor(file: Path, name: str) -> FoundDescriptor:
    unpacked = TemporaryFolder()
    unpack_zip(file, unpacked.folder, name)
    path = _find_in_zip(name, unpacked.folder)
    return FoundDescriptor(path, f"{name}/{path.relative_to(unpacked.folder).as_posix()}", unpacked)


def _find_in_zip(name: str, folder: Path) -> Path:
    """The descriptor at the top level of the unpacked zip, or in the only subfolder that has one."""
    folders = [folder, *sorted(inner for inner in folder.iterdir() if inner.is_dir())]
    places = [place for place in map(find_in_folder, folders) if place.is_file()]
    if not places:
        raise CannotRunError(f"{name}: contains no datapackage.json; name the zip of a data package")
    if len(places) > 1 and places[0].parent != folder:
        raise CannotRunError(f"{name}: contains {len(places)} data packages; unpack it and name one")
    return places[0]


def unpack_zip(file: Path, folder: Path, name: str) -> None:
    """Unpacks a zip into an empty folder, and writes nothing outside it.

    `name` is what messages call the zip. Files that macOS adds are skipped. Raises CannotRunError when the
    zip is damaged, encrypted or suspicious.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = list(_list_entries(file, archive, name))
            for path, entry in entries:
                place = folder / path
                place.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as source, place.open("xb") as target:
                    shutil.copyfileobj(source, target)
    except (zipfile.BadZipFile, EOFError, zlib.error, RuntimeError, NotImplementedError) as error:
        raise CannotRunError(f"{name}: cannot be unpacked: {error}; create it again") from None
    except FileExistsError as error:
        twice = Path(str(error.filename)).relative_to(folder).as_posix()
        raise CannotRunError(f"{name}: contains {twice} twice; create it again with each file once") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CannotRunError(f"{name}: cannot be unpacked: {reason}; unpack it by hand") from None


def _list_entries(
    file: Path, archive: zipfile.ZipFile, name: str
) -> Iterator[tuple[PurePosixPath, zipfile.ZipInfo]]:
    """The files in a zip with their paths; CannotRunError when it contains what no package needs."""
    entries = archive.infolist()
    most, size = max(MOST_BYTES, MOST_TIMES * file.stat().st_size), sum(entry.file_size for entry in entries)
    mend = "unpack it by hand if you trust it"
    if len(entries) > MOST_FILES:
        message = f"contains {len(entries):,} files, more than the limit of {MOST_FILES:,}"
        raise CannotRunError(f"{name}: {message}; {mend}")
    if size > most:
        message = (
            f"unpacks to {size >> 20:,} MB, more than the limit of {most >> 20:,} MB for a zip of its size"
        )
        raise CannotRunError(f"{name}: {message}; {mend}")
    for entry in entries:
        # Some Windows tools write backslashes, which the zip specification forbids.
        path = entry.filename.replace("\\", "/")
        if entry.is_dir() or path.endswith("/") or OF_SYSTEMS.search(path):
            continue
        if not is_below(path):
            raise CannotRunError(f"{name}: contains the path {path}, which leads out of it; create it again")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise CannotRunError(f"{name}: contains the link {path}; create it again with the file itself")
        if entry.flag_bits & 1:
            raise CannotRunError(f"{name}: contains {path}, which is encrypted; unpack it by hand")
        yield PurePosixPath(path), entry
