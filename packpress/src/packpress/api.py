"""What other programs call: reading, validating and building a package, its extension included.

What writes the formats is imported once something is built, for it takes as long as a small validation.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from packpress.checks.capacity import refuse
from packpress.checks.validation import MOST_KEPT, Report, list_left_out, validate_package
from packpress.console import Step, do_nothing
from packpress.extension import Extension, find_extension
from packpress.package.argument import DEFAULT_DESCRIPTOR
from packpress.package.descriptor import Package, read_descriptor
from packpress.problems import CannotRunError, InvalidPackageError, require_extra


@dataclass(frozen=True)
class Build:
    """A build: its folder, the report on the package, and a line for whatever the formats do not hold."""

    folder: Path
    report: Report
    left_out: tuple[str, ...]


def read_package(descriptor: str | Path = DEFAULT_DESCRIPTOR) -> Package:
    """The package that a descriptor declares; its tables are not read yet.

    `descriptor` is the path of a `datapackage.json` (or `.yaml`), or of the folder or zip that holds it. A
    zip is unpacked into a folder that lives as long as the package. Raises CannotRunError, whose message is
    one line, when there is none or when its shape cannot be read.

    >>> package = read_package(folder)
    >>> package.name, [table.name for table in package.resources]
    ('fleet', ['boats'])
    >>> [field.type for field in package.by_name["boats"].fields]
    ['string', 'date']
    """
    return read_descriptor(Path(descriptor))


def validate(
    package: Package, *, require_rules: bool = False, step: Step = do_nothing, limit: int = MOST_KEPT
) -> Report:
    """The report on a package: every problem of its descriptor, its files, its cells, its keys and its rules.

    Problems are in order of file and line. A report without problems is valid, whatever its notices say; one
    of these says that the package asks for an extension that is not installed, unless `require_rules` makes
    a problem of that. `step` is called with a few words on what is being done. Of more than `limit` findings
    of one code in one field, the first are listed and the others counted. Raises CannotRunError when an
    extension cannot be loaded.

    >>> report = validate(read_package(folder))
    >>> report.is_valid
    False
    >>> print(report.problems[0])
    boats.csv:3: launched="2023-02-30": not of type date; write a date such as 2021-11-08
    """
    extension = find_extension(package)
    return validate_package(package, extension.rules if extension else None, step, require_rules, limit)


def build(
    package: Package,
    output: str | Path,
    *,
    formats: Collection[str] | None = None,
    source_text: str = "full",
    require_rules: bool = False,
    step: Step = do_nothing,
) -> Build:
    """Validates a package and writes its formats into the folder `output`, which is replaced as a whole.

    `formats` are some of sqlite, parquet, csv, xlsx and zip; all of them if none are named. `source_text`
    says how much of fields marked `verbatim` is published: full, quotes or none. Raises InvalidPackageError,
    with its `problems`, when the package has any, and CannotRunError when it cannot be built; the folder is
    then as it was.

    >>> (Path(folder) / "boats.csv").write_text("boat_id,launched\\nida,2021-05-01\\n")
    32
    >>> made = build(read_package(folder), Path(folder) / "build", formats=["sqlite", "csv"])
    >>> sorted(file.name for file in made.folder.iterdir())
    ['LOGICAL_SHA256', 'SHA256SUMS', 'checks.sql', 'csv', 'fleet.db', 'site.json']
    """
    from packpress.publish.build import FORMATS, recover
    from packpress.publish.edition import LEFT_OUT

    output = Path(output)
    for given, known in ((formats or FORMATS, FORMATS), ([source_text], LEFT_OUT)):
        if unknown := [name for name in given if name not in known]:
            raise CannotRunError(f"{unknown[0]}: not known; choose of {', '.join(known)}")
    recover(output)
    step("validating")
    report = validate(package, require_rules=require_rules)
    if not report.is_valid:
        raise InvalidPackageError(report.problems, f"{output} is as it was")
    return publish(report, output, formats, source_text, step=step)


def publish(
    report: Report,
    output: Path,
    formats: Collection[str] | None = None,
    source_text: str = "full",
    *,
    with_drafts: bool = False,
    step: Step = do_nothing,
) -> Build:
    """The build of a package whose report has no problems; with rows not published yet if they are wanted.

    CannotRunError when it cannot be built.
    """
    from packpress.publish.build import FORMATS, build_folder

    if formats and "xlsx" in formats:
        require_extra("workbook", "xlsxwriter")
    package = report.package
    refuse(report.notices)
    extension = find_extension(package) or Extension()
    if with_drafts:
        extension = extension.with_drafts()
        package = package.replaced(version=f"{package.version}-drafts")
    notices = build_folder(
        package, report.tables, output, source_text, extension, step, formats=formats or FORMATS
    )
    return Build(output, report, tuple(list_left_out(report, notices)))
