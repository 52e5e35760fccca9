"""Checks of files: bytes, headers, sizes, hashes, and files that no resource names."""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from packpress.checks.hygiene import FINDINGS
from packpress.conflict_markers import check_conflict
from packpress.package.descriptor import Package
from packpress.package.paths import describe_missing, find_file, has_file
from packpress.package.resource import ListedResource, Resource, parse_hash
from packpress.package.sql_checks import list_check_files
from packpress.problems import CannotReadError, Problem
from packpress.tables.decoding import ByteFacts, find_line, make_opener
from packpress.tables.dialect import LINE_ENDS
from packpress.tables.fast.batches import BlankLines, Block, FileReader, find_line_ends

PIECE = 1 << 20
# Algorithms with a fixed digest length, which need no further argument.
ALGORITHMS = sorted(name for name in hashlib.algorithms_guaranteed if not name.startswith("shake"))


def check_hash(where: str, declared: str) -> Iterator[str]:
    """Checks that a declared hash has a known algorithm and the right length.

    >>> list(check_hash("boats", "md4:abc"))
    ['hash of boats has the unknown algorithm md4; use one of md5, sha1, sha256, sha512']
    """
    algorithm, digest = parse_hash(declared)
    if algorithm not in ALGORITHMS:
        known = ", ".join(("md5", "sha1", "sha256", "sha512"))
        yield f"hash of {where} has the unknown algorithm {algorithm}; use one of {known}"
        return
    length = 2 * hashlib.new(algorithm, usedforsecurity=False).digest_size
    if len(digest) != length or set(digest) - set("0123456789abcdef"):
        yield f"hash of {where} is not a valid {algorithm}, which has {length} hexadecimal digits; correct it"


def check_integrity(package: Package) -> Iterator[Problem]:
    """Checks that the files of every resource exist, with the declared size and hash."""
    for resource in package.listed:
        paths = resource.paths
        missing = [problem for path in paths if "://" not in path for problem in _find_fault(package, path)]
        # For tables, this is reported when they are read.
        yield from () if resource.is_table else missing
        if paths and not missing and resource.declared & {"bytes", "hash"}:
            yield from _compare(package, resource, paths)


def _find_fault(package: Package, path: str) -> Iterator[Problem]:
    """What prevents a file from being opened."""
    try:
        find_file(package.root, path)
    except CannotReadError as error:
        yield error.problem
    except OSError:
        yield Problem(path, 0, describe_missing(package.root, path), code="file/unreadable")


def _compare(package: Package, resource: ListedResource, paths: tuple[str, ...]) -> Iterator[Problem]:
    """Several files are treated as concatenated, and compressed ones as they are."""
    if any("://" in path for path in paths) and package.fetch is None:
        return
    algorithm, expected = parse_hash(resource.hash)
    digest, size = hashlib.new(algorithm, usedforsecurity=False), 0
    try:
        for path in paths:
            place = package.fetch(path) if package.fetch and "://" in path else find_file(package.root, path)
            with place.open("rb") as file:
                while piece := file.read(PIECE if resource.hash else 0):
                    digest.update(piece)
                size += file.seek(0, os.SEEK_END)
    except CannotReadError as error:
        yield from () if resource.is_table else (error.problem,)
        return
    except OSError as error:
        if not resource.is_table:
            message = f"cannot be read: {error.strerror}; fix that and try again"
            yield Problem(paths[0], 0, message, code="file/unreadable")
        return
    expected_size = resource.byte_count
    if expected_size is not None and size != expected_size:
        message = f"has {size} bytes, not {expected_size} as the descriptor says; restore it or correct bytes"
        yield Problem(paths[0], 0, message, code="file/bytes")
    if resource.hash and digest.hexdigest() != expected:
        message = (
            f"has the {algorithm} {digest.hexdigest()}, not the one declared; restore it or correct hash"
        )
        yield Problem(paths[0], 0, message, code="file/hash")


# Common delimiters, and their names.
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", ":": "colons"}


def check_bytes(package: Package, resource: Resource, path: str, facts: ByteFacts) -> Iterator[Problem]:
    """Checks for byte order marks, carriage returns, NUL bytes and a missing final line end.

    >>> from packpress import read_package
    >>> package = read_package("fleet")
    >>> facts = ByteFacts(size=8, last=b"a")
    >>> print(*check_bytes(package, package.by_name["boats"], "boats.csv", facts))
    notice: boats.csv:1: the last line has no line end; add one
    """
    strict = package.is_strict
    locate = partial(find_line, make_opener(package.root, path, resource), path, resource.encoding)
    terminator = str(resource.dialect.get("lineTerminator") or "\n")
    last = terminator[-1:].encode()
    ends = facts
    if terminator not in LINE_ENDS:
        ends = ByteFacts()  # line feeds and carriage returns are ordinary characters
    elif facts.carriage_return_at >= 0:  # not a line end within a cell
        with suppress(CannotReadError):
            ends = find_line_ends(package.root, path, resource) or facts
    places = {
        "file/nul": facts.nul_at,
        "file/bom": 0 if facts.has_bom else -1,
        "file/mixed-ends": ends.changed_at,
        "file/line-end": ends.carriage_return_at if ends.changed_at < 0 else -1,
        "file/last-line": facts.size if facts.last not in {b"", b"\n", b"\r", last} else -1,
    }
    for code, at in places.items():
        finding = FINDINGS[code]
        if at >= 0 and finding.is_sought(strict):
            yield Problem(path, locate(at), finding.message, code=code, is_notice=finding.is_notice(strict))


IDLE_MENDS = {
    "every line": (
        'remove them from the ends of all lines, including the header, or set fieldsMatch to "subset"'
    ),
    "the header": "remove them from its end",
}


class BlankCheck:
    """Finds blank lines and empty rows in a file, which people do not notice."""

    def __init__(self, path: str, resource: Resource) -> None:
        self._path = path
        self._missing_values = [resource.missing_values_of(field) for field in resource.fields]
        self._empty = BlankLines()

    def add(self, block: Block) -> None:
        """Adds the rows of the next block."""
        for place in block.find_empty(self._missing_values):
            self._empty.add(block.line(place))

    def finish(self, blank: BlankLines) -> Iterator[Problem]:
        """One notice for all blank lines of the file, and one for all empty rows."""
        found = {"file/blank-line": (blank, "line"), "file/empty-row": (self._empty, "row")}
        for code, (lines, noun) in found.items():
            finding, more = FINDINGS[code], lines.count - 1
            rest = f", and {more:,} more {noun}{'s' if more > 1 else ''} like it" if more > 0 else ""
            if lines.count:
                message = f"{finding.fault}{rest}; {finding.mend}"
                yield Problem(self._path, lines.first, message, code=code, is_notice=True)


def check_header(resource: Resource, file: FileReader) -> Iterator[Problem]:
    """Checks the header against the fields as `fieldsMatch` says; one message for the whole header.

    >>> from packpress import read_package
    >>> package = read_package("fleet")
    >>> _ = (package.root / "boats.csv").write_text("boat_id,nmae,built\\n")
    >>> boats = package.by_name["boats"]
    >>> print(*check_header(boats, FileReader(package.root, "boats.csv", boats)))
    boats.csv:1: the header has "nmae" instead of "name"; write it as boat_id,name,built
    """
    if fault := _describe_header(resource, file):
        message, code = fault
        yield Problem(file.path, file.header_line, message, code=code)
    elif file.continues:
        message = (
            f"does not begin with the header of {resource.parts[0]}, so its first line is read as a row; "
            "begin every file with the header, because other programs leave out the first line"
        )
        yield Problem(file.path, file.header_line, message, code="file/header", is_notice=True)


def _describe_header(resource: Resource, file: FileReader) -> tuple[str, str] | None:
    """What is wrong with the header, and the code; None if nothing is."""
    fault, is_first = file.match.describe(), file.path == resource.parts[0]
    if not fault and not file.continues:
        return None
    declared = resource.dialect.get("delimiter", ",")
    if delimiter := guess_delimiter(file.header, resource):
        return (
            f"the header is written with {name_delimiter(delimiter)}, not {name_delimiter(declared)}; "
            "declare this delimiter in the dialect, or save the file as declared"
        ), "file/delimiter"
    if lines := file.find_idle_ends():
        verb = "end" if " and " in lines else "ends"
        behind = f"{lines} {verb} with superfluous {name_delimiter(declared)}"
        return f"{behind}; {IDLE_MENDS.get(lines, 'remove them from the ends of these lines')}", "file/header"
    is_right = file.match.is_alike and not file.continues
    row, is_comment = (0, False) if is_right else file.find_other_header()
    if row:
        return _describe_row(row, is_comment, resource.dialect, is_first), "file/header"
    if file.continues:
        return None
    return f"the header {fault}; {file.match.offer_mend()}", "file/header"


def _describe_row(row: int, is_comment: bool, dialect: Mapping[str, Any], is_first: bool) -> str:
    """Where the header is, if not where it is declared, and what to do."""
    if is_comment:
        mend = f"remove its {dialect['commentChar']}, or declare header of the dialect as false"
        return f"the header is a comment, row {row}; {mend}"
    declare = f"declare headerRows of the dialect as [{row}], or " if is_first else ""
    return f"the header is row {row}, below other lines; {declare}remove the lines above it"


def guess_delimiter(header: Sequence[str], resource: Resource) -> str:
    """The delimiter of a header in which the declared one does not occur, or the empty string.

    >>> from packpress import read_package
    >>> guess_delimiter(["boat_id;name;built"], read_package("fleet").by_name["boats"])
    ';'
    """
    if len(header) == 1 and len(resource.fields) > 1:
        for delimiter in DELIMITERS:
            names = [name.strip('"') for name in header[0].split(delimiter)]
            if len(names) > 1 and not set(names).isdisjoint(resource.field_names):
                return delimiter
    return ""


def name_delimiter(delimiter: str) -> str:
    """The name of a delimiter.

    >>> name_delimiter(";")
    'semicolons'
    """
    return DELIMITERS.get(delimiter, f'"{delimiter}"')


# Files beside the descriptor that are written by people or derived from it.
BESIDE = ("metadata.yml", "sql/*/*.sql")


def check_unfinished(package: Package) -> Iterator[Problem]:
    """Checks that nothing beside the tables was left unfinished by a merge: SQL, texts, metadata."""
    found = {file for pattern in BESIDE for file in package.root.glob(pattern)}
    found |= {package.root / text for text in package.texts if has_file(package.root, text)}
    for file in sorted(found):
        text = file.read_bytes().decode("utf-8", "replace")
        yield from check_conflict(file.relative_to(package.root).as_posix(), text)


def check_unnamed_files(package: Package) -> Iterator[Problem]:
    """Checks that every file next to the declared ones is declared too, or allowed by `otherFiles`."""
    allowed = package.other_files
    if allowed is None:
        return
    named = {path for resource in package.resources for path in resource.paths}
    named.update(list_check_files(package))
    for folder in sorted({path.split("/")[0] for path in named if "/" in path}):
        for file in sorted((package.root / folder).rglob("*")):
            path = file.relative_to(package.root).as_posix()
            if (
                file.is_file()
                and path not in named
                and not any(fnmatchcase(path, pattern) for pattern in allowed)
            ):
                yield Problem(
                    path, 0, "no resource names this file; declare it or remove it", code="file/unnamed"
                )
