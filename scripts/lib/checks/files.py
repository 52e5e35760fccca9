"""Checks of the files as such: bytes, line ends, headers, and files that nobody names."""

from collections.abc import Iterator
from fnmatch import fnmatch
from functools import partial

from scripts.lib.blocks import FileReader
from scripts.lib.descriptor import Package
from scripts.lib.parts import make_opener
from scripts.lib.problems import Problem
from scripts.lib.resource import Resource
from scripts.lib.stream import ByteFacts, find_line


def is_strict(package: Package) -> bool:
    """Whether what misleads a reader is a problem (as the package declares) or only a notice."""
    return (package.raw.get("validation") or {}).get("lint") == "strict"


def check_bytes(package: Package, resource: Resource, path: str, facts: ByteFacts) -> Iterator[Problem]:
    """A file has no byte order mark, no carriage returns, no NUL and ends with a line end."""
    lax = not is_strict(package)
    locate = partial(find_line, make_opener(package.root, path, resource), path, resource.encoding)
    if facts.nul_at >= 0:
        line = locate(facts.nul_at)
        yield Problem(path, line, "holds a NUL byte; remove it", code="file/nul")
    if facts.has_bom:
        message = "begins with a byte order mark; save as UTF-8 without one"
        yield Problem(path, 1, message, code="file/bom", is_notice=lax)
    if facts.carriage_return_at >= 0:
        line = locate(facts.carriage_return_at)
        message = "ends in a carriage return; run make format"
        yield Problem(path, line, message, code="file/line-end", is_notice=lax)
    if facts.size and facts.last not in (b"\n", b"\r"):
        line = locate(facts.size)
        message = "the last line has no line end; run make format"
        yield Problem(path, line, message, code="file/last-line", is_notice=lax)


def check_header(resource: Resource, file: FileReader) -> Iterator[Problem]:
    """The header names the declared fields as the schema says they meet; one message for the whole header."""
    fault = file.describe_header()
    if fault:
        message = f"the header {fault}; write it as {','.join(resource.field_names)}"
        yield Problem(file.path, 1, message, code="file/header")


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
