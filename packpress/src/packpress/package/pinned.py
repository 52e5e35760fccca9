"""Other packages that foreign keys point into: pinned by a hash, and found without a network."""

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from packpress.package.argument import DESCRIPTORS
from packpress.package.descriptor import Package
from packpress.package.paths import has_file
from packpress.package.resource import ForeignKey, parse_hash


def find_pinned(package: Package, key: ForeignKey) -> Path | None:
    """The zip or descriptor with the hash that a key declares; None when it is not there.

    It is at the path that the key names, below the descriptor, or in one of the folders for other packages.
    """
    algorithm, digest = parse_hash(key.hash)
    for file in _list_candidates(package, key):
        if hash_candidate(file, file.stat().st_mtime_ns, algorithm) == digest:
            return file
    return None


def find_named(package: Package, key: ForeignKey) -> Path | None:
    """The file below the descriptor that a key names as its package, whatever its hash."""
    is_there = "://" not in key.package and has_file(package.root, key.package)
    return package.root / key.package if is_there else None


def _list_candidates(package: Package, key: ForeignKey) -> Iterator[Path]:
    named = find_named(package, key)
    if named:
        yield named
    for folder in package.package_folders:
        for pattern in ("*.zip", *DESCRIPTORS, *(f"*/{name}" for name in DESCRIPTORS)):
            yield from (file for file in sorted(folder.glob(pattern)) if file.is_file())


@cache
def hash_candidate(file: Path, changed: int, algorithm: str) -> str:  # noqa: ARG001 (part of the key)
    """The hash of a file, computed once for each time at which it was changed.

    >>> hash_candidate(Path("fleet/boats.csv"), 0, "md5")[:8]
    '9eeabf13'
    """
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, algorithm).hexdigest()
