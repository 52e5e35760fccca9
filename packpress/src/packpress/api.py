"""The Python API: reading, validating and building a package, with the extension that it names.

The modules that write formats are imported only when something is built, because importing them takes as long
as a small validation.
"""

import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packpress.checks.capacity import refuse
from packpress.checks.validation import MOST_KEPT, Report, list_left_out, validate_package
from packpress.console import Step, do_nothing
from packpress.extension import find_extension
from packpress.package.argument import DEFAULT_DESCRIPTOR
from packpress.package.descriptor import Package, read_descriptor
from packpress.problems import CannotRunError, InvalidPackageError, require_extra
from packpress.publish.set_aside import SetAside, render_rows
from packpress.publish.set_aside import set_aside as set_rows_aside


@dataclass(frozen=True)
class Build:
    """The result of a build.

    - `folder`: the folder that was written.
    - `report`: the validation report of the package; it has no problems, but may have notices.
    - `left_out`: one line for each thing that some format does not hold, such as a table too large for a
      workbook.
    - `set_aside`: how many invalid rows were left out of each table, by name, if that was asked for.

    >>> from packpress import build, read_package
    >>> made = build(read_package("fleet"), "out", formats=["csv"])
    >>> made.folder.as_posix(), made.report.is_valid, made.left_out[-1][:36]
    ('out', True, 'notice: croissant.json is left out: ')
    """

    folder: Path
    report: Report
    left_out: tuple[str, ...]
    set_aside: Mapping[str, int] = field(default_factory=dict)


def read_package(
    descriptor: str | Path = DEFAULT_DESCRIPTOR,
    *,
    packages: Iterable[str | Path] = (),
    require_packages: bool = False,
) -> Package:
    """The package that a descriptor declares; its tables are not read yet.

    `descriptor` is the path of a `datapackage.json` or `datapackage.yaml`, or of a folder or zip that
    contains one. A zip is unpacked into a temporary folder, which is removed together with the package
    object. `packages` are folders with other packages, into which foreign keys of this one point; with
    `require_packages`, it is a problem if one of them is not there, and not a notice.

    Raises CannotRunError when there is no descriptor, or when it cannot be read as one. A descriptor that can
    be read but breaks the standard raises nothing: `validate` reports its problems.

    >>> from packpress import read_package
    >>> package = read_package("fleet")
    >>> package.name, [table.name for table in package.resources]
    ('fleet', ['boats', 'voyages'])
    >>> [field.type for field in package.by_name["boats"].fields]
    ['string', 'string', 'year']
    """
    return read_descriptor(descriptor).beside(map(Path, packages), require_packages)


def as_package(package: Package | str | Path) -> Package:
    """The package, read first where it is given by a path."""
    if isinstance(package, Package):
        return package
    if not isinstance(package, str | Path):
        kind = type(package).__name__
        raise TypeError(f"package: of type {kind}; give a Package, or the path of a descriptor")
    return read_package(package)


def validate(
    package: Package | str | Path,
    *,
    require_rules: bool = False,
    step: Step = do_nothing,
    limit: int = MOST_KEPT,
) -> Report:
    """Checks a package: its descriptor, files, cells and keys, and the rules of its extension.

    `package` is a Package, or the path of one as `read_package` takes it. Returns a Report.

    The problems of the report are sorted by file and line. A package without problems is valid, whatever
    notices there are. When the package names an extension that is not installed, a notice says that its rules
    were not checked; with `require_rules`, this is a problem instead. `step` is called with a short phrase
    such as `"checking boats"` before each stage, for showing progress. Beyond `limit` findings of one code in
    one field, findings are only counted.

    Raises CannotRunError when the extension is installed but cannot be loaded.

    >>> from pathlib import Path
    >>> from packpress import read_package, validate
    >>> file = Path("fleet", "voyages.csv")
    >>> _ = file.write_text(file.read_text().replace("2024-03-01", "2024-02-30"))
    >>> report = validate(read_package("fleet"))
    >>> report.is_valid
    False
    >>> print(report.problems[0])
    voyages.csv:2: landed="2024-02-30": not of type date; write a date such as 2021-11-08
    """
    package = as_package(package)
    return validate_package(package, find_extension(package).rules, step, require_rules, limit)


def build(
    package: Package | str | Path,
    output: str | Path,
    *,
    formats: Collection[str] | None = None,
    source_text: str = "full",
    require_rules: bool = False,
    set_aside: bool = False,
    step: Step = do_nothing,
) -> Build:
    """Validates a package and writes it to the folder `output` in each of the formats.

    - `package`: a Package, or the path of one as `read_package` takes it.
    - `output`: the folder to write. It is replaced as a whole; if anything fails, it stays as it was.
    - `formats`: some of `sqlite`, `parquet`, `csv`, `xlsx`, `zip` and `wheel`; all of them by default.
    - `source_text`: how much of the fields marked `verbatim` is published: `full`, `quotes` or `none`.
    - `set_aside`: whether invalid rows, and all rows that refer to them, are left out of the formats and
      written with the reasons to the folder `set-aside`. Problems that are not of rows still raise.
    - `require_rules`, `step`: as for `validate`.

    Raises InvalidPackageError, whose `problems` lists what is wrong, when the package is invalid, and
    CannotRunError when it cannot be built, for example when a format is unknown.

    >>> from packpress import build, read_package
    >>> made = build(read_package("fleet"), "out", formats=["sqlite", "csv"])
    >>> sorted(file.name for file in made.folder.iterdir())
    ['LOGICAL_SHA256', 'SHA256SUMS', 'checks-spark.sql', 'checks.sql', 'csv', 'fleet.db', 'site.json']
    >>> build(read_package("fleet"), "out", formats=["tsv"])
    Traceback (most recent call last):
    packpress.problems.CannotRunError: tsv: unknown; choose from sqlite, parquet, csv, xlsx, zip, wheel
    """
    from packpress.package.descriptor import LEFT_OUT
    from packpress.publish.build import FORMATS, recover

    package, output = as_package(package), Path(output)
    for given, known in ((formats or FORMATS, FORMATS), ([source_text], LEFT_OUT)):
        if unknown := [name for name in given if name not in known]:
            raise CannotRunError(f"{unknown[0]}: unknown; choose from {', '.join(known)}")
    recover(output)
    sifted = sift(package, set_aside=set_aside, require_rules=require_rules, step=step)
    if not sifted.report.is_valid:
        raise InvalidPackageError(sifted.report.problems, f"{output} is unchanged")
    return publish(sifted, output, formats, source_text, step=step)


def sift(
    package: Package, *, set_aside: bool = False, require_rules: bool = False, step: Step = do_nothing
) -> SetAside:
    """Validates a package for a build, and sets its invalid rows aside if that is wanted.

    The report has problems when the package is invalid, or when some of them are not of rows.
    """
    rules = find_extension(package).rules
    step("validating")
    if not set_aside:
        return SetAside(validate_package(package, rules, step, require_rules))

    def judge(package: Package) -> Report:
        # Every problem is needed, and a row is set aside for what it says itself.
        return validate_package(package, rules, step, require_rules, sys.maxsize, finds_changed=False)

    return set_rows_aside(judge(package), judge, step)


def publish(
    sifted: SetAside,
    output: Path,
    formats: Collection[str] | None = None,
    source_text: str = "full",
    *,
    with_drafts: bool = False,
    step: Step = do_nothing,
) -> Build:
    """Builds a package that has already been validated, with unpublished rows too if they are wanted.

    The report must have no problems. Raises CannotRunError when the package cannot be built.
    """
    from packpress.publish.build import FORMATS, build_folder, check_output

    if formats and "xlsx" in formats:
        require_extra("workbook", "xlsxwriter")
    report, package = sifted.report, sifted.report.package
    refuse(report.notices)
    if sifted.inputs:
        check_output(output, [package.path, *(package.root / path for path in sifted.inputs)])
    extension = find_extension(package)
    if with_drafts:
        extension = extension.with_drafts()
        package = package.replaced(version=f"{package.version}-drafts")
    aside = render_rows(sifted, source_text)
    notices = build_folder(
        package, report.tables, output, source_text, extension, step, aside, formats or FORMATS
    )
    left_out = (*list_left_out(report, notices), *sifted.describe())
    return Build(output, report, left_out, sifted.counts)
