"""Revisions: the package as it was, from a revision of git or from a zip of an earlier build."""

import io
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from packpress.package.descriptor import DEFAULT_DESCRIPTOR, Package, read_descriptor
from packpress.problems import CannotRunError


@contextmanager
def open_revision(base: str, package: Package) -> Iterator[Package]:
    """The earlier package, as long as the block lasts; `base` is a zip or a revision of git.

    CannotRunError when there is no such thing, or no descriptor in it.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if zipfile.is_zipfile(base):
            _unpack_zip(Path(base), folder)
            descriptor = folder / DEFAULT_DESCRIPTOR
        else:
            _unpack_revision(base, package.root, folder)
            descriptor = folder / package.path.name
        if not descriptor.is_file():
            raise CannotRunError(f"{base}: holds no {descriptor.name}; name another revision or zip")
        yield read_descriptor(descriptor)


def _unpack_zip(file: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            # `extractall` takes away leading slashes and `..`, so nothing lands elsewhere.
            archive.extractall(folder)
    except (zipfile.BadZipFile, OSError) as error:
        raise CannotRunError(f"{file}: cannot be unpacked: {error}; build or fetch it again") from None


def _unpack_revision(revision: str, root: Path, folder: Path) -> None:
    if revision.startswith("-"):
        # Git would read it as an option.
        raise CannotRunError(f"{revision}: no revision of git and no zip; name one or the other")
    # As it was committed, also where Git changes the ends of lines for the work tree.
    as_committed = ["-c", "core.autocrlf=false", "-c", "core.eol=lf"]
    line = ["git", "-C", str(root), *as_committed, "archive", "--format=tar", revision, "."]
    try:
        done = subprocess.run(line, capture_output=True, check=False)
    except FileNotFoundError:
        raise CannotRunError("git: not installed; install it, or compare with a zip") from None
    if done.returncode:
        raise CannotRunError(f"{revision}: no revision of git and no zip; name one or the other")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
