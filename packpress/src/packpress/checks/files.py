"""Checks of the files as such: bytes, line ends, headers, and files that nobody names."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import partial

from packpress.checks.lint import FINDINGS
from packpress.package.descriptor import Package
from packpress.package.resource import Resource
from packpress.problems import Problem, shorten_value
from packpress.tables.decoding import ByteFacts, find_line
from packpress.tables.dialect import LONGEST_LIST
from packpress.tables.fast.blocks import FileReader
from packpress.tables.parts import make_opener

# What people part cells with, and how it is called.
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", ":": "colons"}


def check_bytes(package: Package, resource: Resource, path: str, facts: ByteFacts) -> Iterator[Problem]:
    """A file has no byte order mark, no carriage returns, no NUL and ends with a line end."""
    strict = package.is_strict
    locate = partial(find_line, make_opener(package.root, path, resource), path, resource.encoding)
    places = {
        "file/nul": facts.nul_at,
        "file/bom": 0 if facts.has_bom else -1,
        "file/mixed-ends": facts.changed_at,
        "file/line-end": facts.carriage_return_at if facts.changed_at < 0 else -1,
        "file/last-line": facts.size if facts.last not in (b"", b"\n", b"\r") else -1,
    }
    for code, at in places.items():
        finding = FINDINGS[code]
        if at >= 0 and finding.is_sought(strict):
            yield Problem(path, locate(at), finding.message, code=code, is_notice=finding.is_notice(strict))


def check_header(resource: Resource, file: FileReader) -> Iterator[Problem]:
    """The header names the declared fields as the schema says they meet; one message for the whole header."""
    fault = file.describe_header()
    if not fault:
        return
    declared = resource.dialect.get("delimiter", ",")
    delimiter = guess_delimiter(file.header, resource)
    if delimiter:
        message = (
            f"the header is written with {name_delimiter(delimiter)}, not {name_delimiter(declared)}; "
            "declare it as delimiter of the dialect, or save the file as declared"
        )
        yield Problem(file.path, 1, message, code="file/delimiter")
        return
    wanted = shorten_value(",".join(resource.field_names[:LONGEST_LIST]), LONGEST_LIST)
    yield Problem(file.path, 1, f"the header {fault}; write it as {wanted}", code="file/header")


def guess_delimiter(header: Sequence[str], resource: Resource) -> str:
    """The character that parts a header into names of fields, where the declared one parts nothing."""
    if len(header) == 1 and len(resource.fields) > 1:
        for delimiter in DELIMITERS:
            names = [name.strip('"') for name in header[0].split(delimiter)]
            if len(names) > 1 and not set(names).isdisjoint(resource.field_names):
                return delimiter
    return ""


def name_delimiter(delimiter: str) -> str:
    """The name of a character that parts cells."""
    return DELIMITERS.get(delimiter, f'"{delimiter}"')


def check_unnamed_files(package: Package) -> Iterator[Problem]:
    """Every file beside the declared ones is declared too, or allowed by `validation.otherFiles`."""
    allowed = package.other_files
    if allowed is None:
        return
    named = {path for resource in package.resources for path in resource.paths}
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
