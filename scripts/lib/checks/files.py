"""Checks of the files before their cells are read: bytes, line ends, headers, and characters that mislead."""

import re
import unicodedata
from collections.abc import Iterator
from fnmatch import fnmatch

from scripts.lib.descriptor import Package
from scripts.lib.problems import Problem
from scripts.lib.resource import Resource
from scripts.lib.tables import Row, Table, read_header

SPREADSHEET_ERRORS = re.compile(r"#(?:REF|NAME|VALUE|DIV/0|N/A|NULL|NUM)[!?]?")
# Zero-width and direction marks are invisible in every editor.
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")
STRANGE_SCRIPT = re.compile("[\u0370-\u03ff\u0400-\u04ff]")


def is_strict(package: Package) -> bool:
    """Whether what misleads a reader is a problem (as the package declares) or only a notice."""
    return (package.raw.get("validation") or {}).get("lint") == "strict"


def check_bytes(package: Package, path: str) -> Iterator[Problem]:
    """A file has no byte order mark, no carriage returns, no NUL and ends with a line end."""
    data = (package.root / path).read_bytes()
    lax = not is_strict(package)
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        yield Problem(path, line, "holds a NUL byte; remove it", code="file/nul")
    if data.startswith(b"\xef\xbb\xbf"):
        yield Problem(
            path,
            1,
            "begins with a byte order mark; save as UTF-8 without one",
            code="file/bom",
            is_notice=lax,
        )
    if b"\r" in data:
        line = data[: data.index(b"\r")].count(b"\n") + 1
        yield Problem(
            path, line, "ends in a carriage return; run make format", code="file/line-end", is_notice=lax
        )
    if data and not data.endswith((b"\n", b"\r")):
        line = data.count(b"\n") + 1
        yield Problem(
            path, line, "the last line has no line end; run make format", code="file/last-line", is_notice=lax
        )


def check_header(package: Package, resource: Resource, path: str) -> Iterator[Problem]:
    """The header names the declared fields in declared order; one message for the whole header."""
    header, declared = read_header(package, resource, path), resource.field_names
    if header == declared or not resource.dialect.get("header", True):
        return
    missing = [name for name in declared if name not in header]
    extra = [name for name in header if name not in declared]
    faults = []
    if missing:
        faults.append(f"lacks {', '.join(missing)}")
    if extra:
        faults.append(f"has {', '.join(extra)}, not declared")
    if not header:
        faults = ["is empty"]
    what = " and ".join(faults) or "is in another order or repeats a name"
    yield Problem(path, 1, f"the header {what}; write it as {','.join(declared)}", code="file/header")


def check_characters(table: Table, strict: bool) -> Iterator[Problem]:
    """No cell of ours holds what a spreadsheet or a keyboard put there unseen."""
    ours = [field.name for field in table.resource.fields if not field.is_printed]
    for row in table:
        for name in ours:
            fault = _describe_characters(row[name])
            if fault:
                yield row.problem(name, fault, "file/characters", is_notice=not strict)
        yield from _check_line_breaks(row, strict)


def _describe_characters(text: str) -> str:
    if not text or (text.isascii() and text.isprintable() and text[0] != " " != text[-1] and "#" not in text):
        return ""
    if text != text.strip():
        return "begins or ends with white space; remove it"
    if SPREADSHEET_ERRORS.fullmatch(text):
        return "an error value of a spreadsheet; write the real value"
    if INVISIBLE.search(text):
        return "holds an invisible character; type the value again"
    if any(character.isspace() and character not in " \n" for character in text):
        return "holds an unusual space; use an ordinary one"
    if "\ufffd" in text:
        return "holds a replacement character, the trace of a wrong encoding; restore the text"
    if STRANGE_SCRIPT.search(text) and re.search("[A-Za-z]", text):
        return "mixes Latin with Greek or Cyrillic letters that look alike; type the value again"
    if unicodedata.normalize("NFC", text) != text:
        return "is not in composed form (NFC); type the value again"
    return ""


def _check_line_breaks(row: Row, strict: bool) -> Iterator[Problem]:
    for field, cell in zip(row.table.resource.fields, row.cells, strict=False):
        if "\n" in cell or "\r" in cell:
            yield row.problem(
                field.name,
                "holds a line break; write it on one line",
                "file/line-break",
                is_notice=not strict,
            )


def check_unnamed_files(package: Package) -> Iterator[Problem]:
    """Every file beside the declared ones is declared too, or allowed by `validation.otherFiles`."""
    allowed = (package.raw.get("validation") or {}).get("otherFiles")
    if allowed is None:
        return
    named = {path for resource in package.resources for path in resource.paths}
    for folder in sorted({path.split("/")[0] for path in named if "/" in path}):
        for file in sorted((package.root / folder).rglob("*")):
            path = file.relative_to(package.root).as_posix()
            if (
                file.is_file()
                and path not in named
                and not any(fnmatch(path, pattern) for pattern in allowed)
            ):
                yield Problem(
                    path, 0, "no resource names this file; declare it or remove it", code="file/unnamed"
                )
