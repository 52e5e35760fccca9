"""Builds: all formats of a package, in a folder that is replaced as a whole."""

import errno
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from packpress.checks.capacity import find_unfit
from packpress.console import Step
from packpress.file_lock import hold_lock
from packpress.package.descriptor import Package
from packpress.package.dictionary import read_views
from packpress.package.link_tables import with_link_tables
from packpress.problems import CannotRunError
from packpress.publish.archive import write_archive, write_sums
from packpress.publish.catalogues import write_catalogues
from packpress.publish.derive import Derivation, derive_contents, derive_links, open_content
from packpress.publish.edition import make_edition
from packpress.publish.hugging_face import write_card
from packpress.publish.lines import logical_sums, write_csv
from packpress.publish.parquet import write_parquet
from packpress.publish.portable import render_checks
from packpress.publish.site_file import SITE_FILE, read_texts, render_site_file
from packpress.publish.sqlite import write_database
from packpress.publish.wheel import write_wheel
from packpress.tables.rows import Tables
from packpress.tables.values import Columns, Content

# Files that every build contains. A folder without them was not written by packpress and is never replaced.
MARKS = ("SHA256SUMS", "LOGICAL_SHA256")
# EDQUOT does not exist on every system.
NO_ROOM: frozenset[int] = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})


def check_output(folder: Path, inputs: Iterable[Path]) -> None:
    """Raises CannotRunError when a build must not replace the folder.

    This is so for a symbolic link, for a folder with files that no build wrote, and for one that contains an
    input.
    """
    place = folder.resolve()
    for file in inputs:
        if file.resolve().is_relative_to(place):
            raise CannotRunError(
                f"{folder}: contains {file.name}, which the build reads; choose another --output"
            )
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise CannotRunError(f"{folder}: not a folder; remove it or choose another --output")
    if folder.exists() and any(folder.iterdir()) and not is_build(folder):
        raise CannotRunError(
            f"{folder}: contains files that no build wrote; empty it or choose another --output"
        )


def is_build(folder: Path) -> bool:
    """Whether the folder contains a build by packpress.

    >>> is_build(Path("fleet"))
    False
    """
    return all((folder / mark).is_file() for mark in MARKS)


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yields an empty folder that replaces `folder` when the block succeeds, and is removed when it fails.

    Raises CannotRunError when another build is running there, or when the folder cannot be written or the
    disk is full.

    >>> with new_folder(Path("out")) as staging:
    ...     _ = (staging / "boats.csv").write_text("boat_id")
    ...     Path("out").exists()
    False
    >>> [file.name for file in Path("out").iterdir()]
    ['boats.csv']
    """
    folder = folder.resolve()
    with _lock(folder):
        _recover(folder)
        staging = _sibling(folder, f"staging-{os.getpid()}")
        try:
            staging.mkdir()
            yield staging
            _exchange(staging, folder)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            reason = os.strerror(error.errno)
            raise CannotRunError(f"{folder}: is unchanged: {reason}; free some space and try again") from None
        finally:
            _remove(staging)


def recover(folder: Path) -> None:
    """Restores the last good build after a build was killed, and removes what that one left behind.

    Raises CannotRunError while a build is running there.
    """
    folder = folder.resolve()
    if _sibling(folder, "previous").exists() or any(_leftovers(folder)):
        with _lock(folder):
            _recover(folder)


def _recover(folder: Path) -> None:
    previous = _sibling(folder, "previous")
    if is_build(folder):
        _discard(previous)
    elif previous.exists() and not (folder.exists() and any(folder.iterdir())):
        if folder.exists():
            folder.rmdir()  # POSIX replaces an empty folder, Windows does not
        previous.rename(folder)
    for leftover in _leftovers(folder):
        _remove(leftover)


def _exchange(staging: Path, folder: Path) -> None:
    previous = _sibling(folder, "previous")
    try:
        if folder.exists():
            folder.rename(previous)
        try:
            staging.rename(folder)
        finally:
            if previous.exists() and not folder.exists():
                previous.rename(folder)
    except PermissionError as error:
        mend = "close the program that has it open, such as a server, or choose another --output"
        raise CannotRunError(f"{folder}: cannot be replaced: {error.strerror}; {mend}") from None
    _discard(previous)


def _discard(previous: Path) -> None:
    """Removes the previous build, renamed first so that a half-removed one is never mistaken for a build."""
    doomed = previous.with_name(previous.name.removesuffix("previous") + f"staging-{os.getpid()}-old")
    if previous.exists():
        previous.rename(doomed)
        _remove(doomed)


def _remove(folder: Path) -> None:
    """Removes a folder, even if somebody has made it read-only."""
    with suppress(OSError):
        folder.chmod(0o700)
        for place, names, files in os.walk(folder):
            # POSIX requires write permission on the folder, Windows on the file.
            for name in (*names, *(files if os.name == "nt" else ())):
                Path(place, name).chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


def _sibling(folder: Path, suffix: str) -> Path:
    return folder.with_name(f".{folder.name}.{suffix}")


def _leftovers(folder: Path) -> list[Path]:
    """Folders that killed builds left behind; only the holder of the lock may remove them."""
    prefix = f".{folder.name}.staging-"
    beside = folder.parent.iterdir() if folder.parent.is_dir() else ()
    return [path for path in beside if path.name.startswith(prefix)]


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Holds the lock of a folder; CannotRunError when another process holds it."""
    with ExitStack() as held:
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            held.enter_context(hold_lock(_sibling(folder, "lock")))
        except BlockingIOError:
            raise CannotRunError(f"{folder}: another build is running there; wait until it ends") from None
        except OSError as error:
            raise CannotRunError(
                f"{folder.parent}: cannot be written: {error.strerror}; choose another --output"
            ) from None
        yield


# The formats that can be chosen, by the names used to choose them.
FORMATS = ("sqlite", "parquet", "csv", "xlsx", "zip", "wheel")


class Additions(Protocol):
    """What an extension adds to a build: rows to leave out, tables to compute, and files to include."""

    @property
    def select_rows(self) -> Callable[[Package, Tables], Tables]:
        """Selects the rows to publish."""

    @property
    def derivations(self) -> Mapping[str, Derivation]:
        """Functions that compute derived tables, by table name."""

    @property
    def list_files(self) -> Callable[[Package, Tables], list[dict[str, Any]]]:
        """Lists further files for the zip, as resources."""


def build_folder(
    package: Package,
    tables: Tables,
    output: Path,
    edition: str,
    additions: Additions,
    step: Step,
    extra_files: Mapping[str, bytes] = MappingProxyType({}),
    formats: Collection[str] = FORMATS,
) -> list[str]:
    """Builds a valid package and puts the result in place of the folder `output`.

    `extra_files` are written next to the formats, by name. Returns a line for each table that some format
    cannot hold, and one for the workbook when a library for it is missing. Raises CannotRunError when the
    package cannot be built; the folder is then as it was.
    """
    if not package.resources:
        raise CannotRunError(f"{package.path}: declares no tables; there is nothing to build")
    for message in find_unfit(package):
        raise CannotRunError(f"{package.path}: {message}")
    sql = package.root / "sql"
    check_output(output, _list_inputs(package, sql))
    # An edition without the sources' text drops the rules, but its pages are still those of the extension.
    extension = package.rule_set
    with new_folder(output) as folder, ExitStack() as scratch:
        step("deriving tables")
        tables = additions.select_rows(package, tables)
        links = derive_links(package)
        package = with_link_tables(package)
        contents = _open_contents(package, tables, folder, {**links, **additions.derivations}, scratch)
        files = [*(item.described() for item in package.listed), *additions.list_files(package, tables)]
        package, contents = make_edition(package.replaced(resources=files), contents, edition)
        if "sqlite" in formats:
            views, searches = read_views(sql / "views"), read_views(sql / "search")
            watched = _watch(contents, "writing the database", step)
            database = folder / f"{package.database_name}.db"
            write_database(database, package, watched, views, searches, step)
        notices = _write_files(folder, package, contents, formats, step)
        notices += _write_workbook(folder, package, contents, step) if "xlsx" in formats else []
        for name, data in extra_files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(data)
        longest = _write_proofs(folder, package, contents, step)
        if "sqlite" in formats:
            texts = read_texts(package.root, package.texts)
            site = render_site_file(package, extension, texts, longest)
            (folder / SITE_FILE).write_bytes(site.encode("utf-8"))
        # On Windows, temporary files have names, and would be listed in the checksums.
        scratch.close()
        step("computing checksums")
        write_sums(folder)
    return notices


def _open_contents(
    package: Package,
    tables: Tables,
    folder: Path,
    derivations: Mapping[str, Derivation],
    scratch: ExitStack,
) -> list[Content]:
    """The contents of all published tables, then those of derived tables."""
    contents = [
        open_content(package.root, tables[resource.name], folder, scratch) for resource in package.resources
    ]
    derived = package.root / "sql" / "derived"
    contents += derive_contents(package, tables, contents, derived, folder / "derived.db", derivations)
    return contents


def _write_proofs(folder: Path, package: Package, contents: list[Content], step: Step) -> int:
    """Writes the portable checks and the hash of all rows; returns the size of the longest row in bytes."""
    resources = [content.resource for content in contents]
    for name, checks in render_checks(package, resources).items():
        (folder / name).write_bytes(checks.encode("utf-8"))
    longest = Longest()
    sums = logical_sums(longest.watch(_watch(contents, "computing the hash of the rows", step)))
    (folder / "LOGICAL_SHA256").write_bytes(sums.encode("utf-8"))
    return longest.row


def _write_files(
    folder: Path, package: Package, contents: list[Content], formats: Collection[str], step: Step
) -> list[str]:
    """Writes the files of tables, the catalogues, the zip and the wheel; returns a line for each left out."""
    csv_files, parquet_files = (
        {content.resource.name: folder / form / f"{content.resource.name}.{form}" for content in contents}
        for form in ("csv", "parquet")
    )
    # The wheel is made from the Parquet files.
    if {"parquet", "wheel"} & {*formats}:
        (folder / "parquet").mkdir()
        for content in _watch(contents, "writing Parquet", step):
            linked = package.linked_fields(content.resource)
            write_parquet(parquet_files[content.resource.name], content, linked)
    catalogues = write_catalogues(folder, package, contents, formats)
    # The zip is made from the CSV files.
    if {"csv", "zip"} & {*formats}:
        (folder / "csv").mkdir()
        for content in _watch(contents, "writing CSV", step):
            write_csv(csv_files[content.resource.name], content)
    if "zip" in formats:
        step("writing the zip")
        archive = folder / f"{package.name}-{package.version}.zip"
        write_archive(archive, package, contents, csv_files, catalogues.zipped)
    notices = catalogues.left_out
    if "wheel" in formats:
        step("writing the wheel")
        notices = [*notices, *write_wheel(folder, package, contents, parquet_files)]
    if "parquet" in formats:
        write_card(folder / "parquet", package, contents)
    for form in {"csv", "parquet"} - {*formats}:
        shutil.rmtree(folder / form, ignore_errors=True)
    return notices


def _write_workbook(folder: Path, package: Package, contents: list[Content], step: Step) -> list[str]:
    """Writes the workbook; returns a line for each table that does not fit, or for a missing library."""
    workbook = folder / f"{package.name}.xlsx"
    if not find_spec("xlsxwriter"):
        return [f"{workbook.name} is left out: xlsxwriter is not installed; install packpress[workbook]"]
    from packpress.publish.xlsx import write_xlsx

    return write_xlsx(workbook, package, _watch(contents, "writing the workbook", step))


def _watch(contents: list[Content], what: str, step: Step) -> list[Content]:
    """The contents, each of which reports how far it has been read."""
    return [
        replace(content, start=partial(_read_watched, content, f"{what}: {content.resource.name}", step))
        for content in contents
    ]


def _read_watched(content: Content, what: str, step: Step) -> Iterator[Columns]:
    count = 0
    for columns in content.start():
        step(f"{what}, {count:,} of {len(content):,} rows")
        yield columns
        count += len(columns[0]) if columns else 0


class Longest:
    """Measures the longest row, in bytes, of all contents that are read, without the readers' involvement."""

    def __init__(self) -> None:
        self.row = 0

    def watch(self, contents: Iterable[Content]) -> Iterator[Content]:
        """The contents, whose rows are measured as they are read."""
        for content in contents:
            yield replace(content, start=partial(self._read, content))

    def _read(self, content: Content) -> Iterator[Columns]:
        for columns in content.start():
            self.row = max(self.row, sum(column.longest for column in columns))
            yield columns


def _list_inputs(package: Package, sql: Path) -> list[Path]:
    paths = (package.root / path for resource in package.resources for path in resource.paths)
    return [package.path, *paths, *([sql] if sql.exists() else [])]
