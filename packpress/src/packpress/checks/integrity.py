"""Checks of files against what the descriptor says of them: they are there, of that size, with that hash."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from typing import Any

from packpress.package.descriptor import Package
from packpress.package.formats import is_table, list_paths
from packpress.package.paths import find_file
from packpress.problems import CannotReadError, Problem

PIECE = 1 << 20
# Those with a length of their own, which need no further argument.
ALGORITHMS = sorted(name for name in hashlib.algorithms_guaranteed if not name.startswith("shake"))


def parse_hash(declared: str) -> tuple[str, str]:
    """Algorithm and digest of a declared hash, which is of MD5 when it names none."""
    algorithm, _, digest = declared.rpartition(":")
    return algorithm or "md5", digest.lower()


def check_hash(where: str, declared: Any) -> Iterator[str]:
    """A declared hash is of a known kind and of the length of its kind."""
    if not isinstance(declared, str):
        return
    algorithm, digest = parse_hash(declared)
    if algorithm not in ALGORITHMS:
        known = ", ".join(("md5", "sha1", "sha256", "sha512"))
        yield f"hash of {where} is of the kind {algorithm}; write one of {known}"
        return
    length = 2 * hashlib.new(algorithm, usedforsecurity=False).digest_size
    if len(digest) != length or set(digest) - set("0123456789abcdef"):
        yield f"hash of {where} is no {algorithm}, which has {length} digits from 0 to f; correct it"


def check_integrity(package: Package) -> Iterator[Problem]:
    """The files of every resource are there, and have the bytes and the hash that are declared."""
    for raw in package.raw["resources"]:
        paths = list_paths(raw)
        missing = [problem for path in paths if "://" not in path for problem in _find_fault(package, path)]
        # Of a table it is said when it is read.
        yield from () if is_table(raw) else missing
        if paths and not missing and raw.keys() & {"bytes", "hash"}:
            yield from _compare(package, raw, paths)


def _find_fault(package: Package, path: str) -> Iterator[Problem]:
    """What keeps a file from being opened."""
    try:
        find_file(package.root, path)
    except CannotReadError as error:
        yield error.problem
    except OSError:
        message = "no such file; restore it or correct path in the descriptor"
        yield Problem(path, 0, message, code="file/unreadable")


def _compare(package: Package, raw: Mapping[str, Any], paths: tuple[str, ...]) -> Iterator[Problem]:
    """Several files count as one behind the other, compressed ones as they lie there."""
    if any("://" in path for path in paths) and package.fetch is None:
        return
    algorithm, expected = parse_hash(str(raw.get("hash") or ""))
    digest, size = hashlib.new(algorithm, usedforsecurity=False), 0
    try:
        for path in paths:
            place = package.fetch(path) if package.fetch and "://" in path else find_file(package.root, path)
            with place.open("rb") as file:
                while piece := file.read(PIECE if raw.get("hash") else 0):
                    digest.update(piece)
                size += file.seek(0, os.SEEK_END)
    except CannotReadError as error:
        yield from () if is_table(raw) else (error.problem,)
        return
    except OSError as error:
        if not is_table(raw):
            message = f"cannot be read: {error.strerror}; mend the file"
            yield Problem(paths[0], 0, message, code="file/unreadable")
        return
    if raw.get("bytes") is not None and size != raw["bytes"]:
        message = f"has {size} bytes, not {raw['bytes']} as the descriptor says; restore it or correct bytes"
        yield Problem(paths[0], 0, message, code="file/bytes")
    if raw.get("hash") and digest.hexdigest() != expected:
        message = (
            f"has the {algorithm} {digest.hexdigest()}, not the one declared; restore it or correct hash"
        )
        yield Problem(paths[0], 0, message, code="file/hash")
