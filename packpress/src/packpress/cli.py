"""The command `packpress`: one verb for each job; `packpress VERB --help` shows examples of each.

Each verb imports what it needs when it runs, so that no verb waits for the imports of another.
"""

import re
import sys
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from packpress.console import PROBLEMS, VALID, exit_plainly, show_progress
from packpress.problems import CannotRunError, name_command, name_option, require_extra

if TYPE_CHECKING:
    from packpress.editing.row_changes import Plan
    from packpress.package.descriptor import Package

Command = Callable[..., None]
Decorator = Callable[[Command], Command]
# Modules of the extra `web`.
WEB = ("datasette", "uvicorn", "markdown_it")


class NameIn(click.Choice):  # type: ignore[type-arg]
    """A choice among the names in a module, which is imported only when the option or its help is used."""

    def __init__(self, module: str, listed: str) -> None:
        self.place = module, listed
        self.case_sensitive = True

    @property
    def choices(self) -> tuple[str, ...]:  # type: ignore[override]
        """The names to choose from."""
        return tuple(getattr(import_module(self.place[0]), self.place[1]))


def argument_descriptor(command: Command) -> Command:
    """The argument DESCRIPTOR, which most verbs take; `read_descriptor` says what it may be."""
    # A text, because paths have no // inside, and addresses may.
    return click.argument("descriptor", type=click.Path(), default="datapackage.json")(command)


def option_require_rules(command: Command) -> Command:
    """The option `--require-rules`, for verbs that check the rules of the package's extension."""
    text = "Treat it as a problem when the extension that the package names is not installed."
    return click.option("--require-rules", is_flag=True, help=text)(command)


def option_packages(command: Command) -> Command:
    """The options `--packages` and `--require-packages`, for verbs that check foreign keys."""
    command = click.option(
        "--require-packages",
        is_flag=True,
        help="Treat it as a problem when a package that foreign keys point into is not there.",
    )(command)
    return click.option(
        "--packages",
        "package_folders",
        type=click.Path(path_type=Path),
        multiple=True,
        envvar="PACKPRESS_PACKAGES",
        help="A folder with other packages, into which foreign keys point.",
    )(command)


def option_path(name: str, text: str, default: str = "", destination: str = "output") -> Decorator:
    """An option that takes the path of a file or a folder."""
    kind: Any = click.Path(path_type=Path)
    return click.option(
        name, destination, type=kind, default=Path(default) if default else None, show_default=True, help=text
    )


def option_source_text(default: str) -> Decorator:
    """The option that says how much of the fields marked verbatim is published."""
    return click.option(
        "--source-text",
        "edition",
        type=NameIn("packpress.package.descriptor", "LEFT_OUT"),
        default=default,
        show_default=True,
        help="How much of the fields marked verbatim to publish.",
    )


def option_list(name: str, destination: str, metavar: str, text: str) -> Decorator:
    """An option for several items, given one by one or with ` | ` between them, which it joins."""
    return click.option(
        name,
        destination,
        multiple=True,
        metavar=metavar,
        callback=lambda _, __, items: " | ".join(items),
        help=text,
    )


def options_of_change(command: Command) -> Command:
    """The options of verbs that change whole rows."""
    what = "Set a cell besides: FIELD=VALUE, KEY:FIELD=VALUE or TABLE:KEY:FIELD=VALUE; | between several."
    for option in (
        click.option("--yes", is_flag=True, help="Write without asking."),
        option_list("--set", "settings", "ITEMS", what),
        click.option("--reason", default="", help="Why, for the register of withdrawals."),
    ):
        command = option(command)
    return command


def read_editable(descriptor: str) -> "Package":
    """The package, to be edited in place; CannotRunError when it comes from a zip."""
    from packpress.package.descriptor import read_descriptor

    package = read_descriptor(descriptor)
    if package.unpacked:
        raise CannotRunError(f"{descriptor}: a zip, which cannot be edited; unpack it and name the folder")
    return package


def split_formats(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...]:
    """The formats in a comma-separated option; none when the option is not given."""
    if value is None:
        return ()
    from packpress.publish.build import FORMATS

    names = tuple(value.split(","))
    for name in names:
        if name not in FORMATS:
            raise click.BadParameter(
                f'"{name}" is not a format; choose from {", ".join(FORMATS)}, separated by commas'
            )
    return names


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="packpress", message="%(prog)s %(version)s")
def main() -> None:
    """Check, edit and publish any tabular Data Package.

    DESCRIPTOR is a datapackage.json or datapackage.yaml, a folder or zip that contains one, or - for standard
    input. The default is the descriptor in the current folder.

    Exit codes: 0 success, 1 problems found, 2 cannot run.

    \b
    Examples:
      packpress validate
      packpress build fleet/datapackage.json --output out
      packpress serve out
    """


@main.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--force",
    is_flag=True,
    help="Replace the descriptor that is there, and the tables in data/ that were converted for it.",
)
@click.option("--views", is_flag=True, help="Take the views of SQLite databases too, as tables.")
@exit_plainly
def init(folder: Path, force: bool, views: bool) -> None:
    """Write a first datapackage.json for the files in FOLDER, with a question for everything doubtful.

    CSV and TSV files are described where they are. Tables of XLSX, ODS, SQLite and Parquet files are written
    to FOLDER/data as CSV; the originals stay as they are. A type or a key is declared only if all rows agree;
    whatever else the data suggest is written into the descriptor as a question, and listed.

    \b
    Examples:
      packpress init survey
      packpress init survey --force --views
    """
    from packpress.editing.inference.drafting import draft_descriptor, list_made

    with show_progress() as step:
        made = draft_descriptor(folder, force, views, step)
    for line in list_made(made):
        click.echo(line)


@main.command()
@argument_descriptor
@click.option(
    "--format",
    "form",
    type=NameIn("packpress.checks.validation", "FORMATS"),
    default="text",
    show_default=True,
    help="Format of the report.",
)
@click.option(
    "--all", "is_whole", is_flag=True, help="List every finding, however many there are of the same kind."
)
@click.option(
    "--allow-remote", is_flag=True, help="Download from the web: DESCRIPTOR, or files that it names."
)
@option_require_rules
@option_packages
@exit_plainly
def validate(
    descriptor: str,
    form: str,
    is_whole: bool,
    allow_remote: bool,
    require_rules: bool,
    package_folders: tuple[Path, ...],
    require_packages: bool,
) -> int:
    """Check DESCRIPTOR, its files, cells and keys, its SQL checks, and the rules of its extension.

    Exits 0 when the package is valid, 1 when there are problems, 2 when it cannot be checked. Notices never
    change the exit code. When one column has twenty or more findings of the same kind, they are shown as one
    line.

    \b
    Examples:
      packpress validate
      packpress validate fleet --all
      packpress validate fleet --format json
      packpress validate --require-rules
    """
    from packpress.api import validate as validate_whole
    from packpress.checks.validation import (
        FORMATS,
        MOST_COMPARED,
        MOST_KEPT,
        format_text,
        is_coloured,
        paint_for_terminal,
        paint_nothing,
    )
    from packpress.package.descriptor import read_descriptor

    limit = sys.maxsize if is_whole else MOST_KEPT if form == "json" else MOST_COMPARED
    with ExitStack() as stack:
        step = stack.enter_context(show_progress())
        downloads = None
        if allow_remote:
            from packpress.package.remote import Downloads  # takes long to import, and few need it

            downloads = stack.enter_context(Downloads())
        package = read_descriptor(descriptor, downloads).beside(package_folders, require_packages)
        report = validate_whole(package, require_rules=require_rules, step=step, limit=limit)
    if form == "text":
        coloured = is_coloured(sys.stdout.isatty())
        paint = paint_for_terminal if coloured else paint_nothing
        click.echo(format_text(report, paint, is_whole), color=coloured)
    else:
        click.echo(FORMATS[form](report))
    return VALID if report.is_valid else PROBLEMS


@main.command()
@argument_descriptor
@option_path("--output", "The folder to replace; build by default.")
@click.option(
    "--formats",
    metavar="NAMES",
    callback=split_formats,
    help="Some of sqlite,parquet,csv,xlsx,zip,wheel.",
)
@option_source_text("full")
@click.option(
    "--drafts",
    is_flag=True,
    help="Include rows that are not published yet; writes to dist/drafts by default.",
)
@click.option(
    "--set-aside",
    is_flag=True,
    help="Publish the valid rows, and write the others with the reasons to set-aside/.",
)
@option_require_rules
@option_packages
@exit_plainly
def build(
    descriptor: str,
    output: Path | None,
    formats: tuple[str, ...],
    edition: str,
    drafts: bool,
    set_aside: bool,
    require_rules: bool,
    package_folders: tuple[Path, ...],
    require_packages: bool,
) -> int:
    """Publish DESCRIPTOR in every format, with checksums.

    The formats are SQLite, Parquet, CSV, XLSX, a zip that is itself a Data Package, and a wheel, which is a
    Python package of the tables. An invalid package is not published. The output folder is replaced as a
    whole; if the build fails, it stays as it was. With --set-aside, the valid rows are published all the
    same, as long as all problems are of rows.

    \b
    Examples:
      packpress build
      packpress build fleet --output out --formats sqlite,parquet
      packpress build --source-text quotes --output dist/public
    """
    from packpress import api
    from packpress.checks.validation import format_findings
    from packpress.publish.build import is_build, recover

    package = api.read_package(descriptor, packages=package_folders, require_packages=require_packages)
    output = output or Path("dist/drafts" if drafts else "build")
    recover(output)
    with show_progress() as step:
        sifted = api.sift(package, set_aside=set_aside, require_rules=require_rules, step=step)
        if sifted.report.is_valid:
            made = api.publish(sifted, output, formats, edition, with_drafts=drafts, step=step)
    if not sifted.report.is_valid:
        click.echo(format_findings(sifted.report), err=True)
        if set_aside:
            click.echo("these are not of rows, which could be set aside; nothing was published", err=True)
        if is_build(output):
            click.echo(f"{output}: still has the last good build", err=True)
        return PROBLEMS
    for line in made.left_out:
        click.echo(line, err=True)
    for path in sorted(output.iterdir()):
        click.echo(describe_output(path))
    return VALID


def describe_output(path: Path) -> str:
    """One line about a file or folder of a build: its path and its size in bytes."""
    if path.is_file():
        return f"{path}: {path.stat().st_size:,} bytes"
    sizes = [file.stat().st_size for file in path.rglob("*") if file.is_file()]
    files = f"{len(sizes)} file{'s' if len(sizes) != 1 else ''}"
    return f"{path}: {files}, {sum(sizes):,} bytes"


@main.command("format")
@argument_descriptor
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when a table is not canonical.")
@exit_plainly
def format_tables(descriptor: str, check: bool) -> int:
    """Rewrite the tables of DESCRIPTOR in canonical form.

    Canonical CSV is UTF-8 without a byte order mark, with line feeds, commas, minimal quoting, and rows
    sorted by key. Prints which files were changed, and how.

    \b
    Examples:
      packpress format
      packpress format --check
    """
    from packpress.editing.format import find_changes
    from packpress.transaction import hold_for_editing, replace_files

    package = read_editable(descriptor)
    with nullcontext() if check else hold_for_editing(package.root):
        changes = [change for resource in package.resources for change in find_changes(package, resource)]
        if changes and not check:
            replace_files(package.root, {path: data for path, data, _ in changes})
    for path, _, what in changes:
        if check:
            click.echo(f"{path}: not in canonical form, which requires {what}; run {name_command('format')}")
        else:
            click.echo(f"{path}: formatted: {what}")
    if not changes:
        click.echo("every table is in canonical form")
    return PROBLEMS if check and changes else VALID


@main.command()
@click.argument("base")
@argument_descriptor
@option_path("--output", "Folder for the two files.", "dist")
@exit_plainly
def diff(base: str, descriptor: str, output: Path) -> None:
    """Compare DESCRIPTOR with an earlier version, row by row.

    BASE is a git revision, or the zip of an earlier build. Added rows, withdrawn rows, rows whose key moved,
    and changed cells with their old and new values are written as Markdown, for a changelog, and as CSV; so
    are new, renamed and removed columns and allowed values.

    \b
    Examples:
      packpress diff v1.2.0
      packpress diff fleet-1.2.0.zip fleet --output changes
    """
    from packpress.editing.diff import compare_packages, open_revision, write_difference
    from packpress.package.descriptor import read_descriptor

    package = read_descriptor(descriptor)
    with open_revision(base, package) as old:
        changes = compare_packages(old, package)
    place, text = write_difference(changes, base, package, output)
    click.echo(text, nl=False)
    click.echo(f"{place}.md and .csv written", err=True)


@main.command("git-setup")
@argument_descriptor
@exit_plainly
def git_setup(descriptor: str) -> int:
    """Make git merge the tables of DESCRIPTOR by their primary keys, in this clone.

    Sets the merge driver in the configuration of the clone, and checks that .gitattributes, which belongs to
    the repository, names the tables. It can be run again at any time.

    \b
    Examples:
      packpress git-setup
      packpress git-setup fleet
    """
    from packpress.editing.merge import describe_setting, list_attribute_faults, set_up_driver

    package = read_editable(descriptor)
    for line in describe_setting(set_up_driver(package)):
        click.echo(line)
    faults = list(list_attribute_faults(package))
    for fault in faults:
        click.echo(fault, err=True)
    return PROBLEMS if faults else VALID


@main.command("merge-driver")
@click.argument("files", nargs=3, type=click.Path(path_type=Path), metavar="BASE OURS THEIRS")
@click.argument("path")
@exit_plainly
def merge_driver(files: tuple[Path, Path, Path], path: str) -> int:
    """Merge two versions of the table PATH by its primary key, as git calls for it.

    BASE is the common ancestor of OURS and THEIRS, and the result is written to OURS. Rows are matched by
    their key, and cells that only one side changed are merged. Rows in conflict get the markers of git, and
    each conflict is printed. What is no table, or cannot be matched, is merged line by line, as git does.
    `packpress git-setup` makes git call this.

    \b
    Examples:
      packpress merge-driver base.csv ours.csv theirs.csv data/boats.csv
    """
    from packpress.editing.merge import merge_files

    conflicts, why = merge_files(files, path)
    if why:
        click.echo(f"notice: {path}: merged line by line, not by key: {why}", err=True)
    for problem in conflicts:
        click.echo(problem, err=True)
    return PROBLEMS if conflicts else VALID


@main.command("next-id")
@click.argument("table")
@click.argument("owner", default="")
@option_path("--descriptor", "The package.", "datapackage.json", "descriptor")
@exit_plainly
def next_id(table: str, owner: str, descriptor: Path) -> None:
    """Print the identifier for a new row of TABLE.

    It follows the pattern of the existing identifiers, and was never used: neither by a row nor in the
    register of withdrawals. When rows are numbered per row of another table, OWNER is the key of that row.

    \b
    Examples:
      packpress next-id boats
      packpress next-id voyages ida
    """
    from packpress.editing.identifiers import find_next
    from packpress.package.descriptor import read_descriptor
    from packpress.tables.rows import read_tables

    package = read_descriptor(descriptor)
    click.echo(find_next(package, read_tables(package), table, owner))


@main.command()
@click.argument("version")
@argument_descriptor
@click.option("--base", help="The last release, as a zip or a git revision; the newest tag v… by default.")
@option_source_text("quotes")
@option_path("--output", "Folder for the release.", "dist")
@option_require_rules
@option_packages
@exit_plainly
def release(
    version: str,
    descriptor: str,
    base: str | None,
    edition: str,
    output: Path,
    require_rules: bool,
    package_folders: tuple[Path, ...],
    require_packages: bool,
) -> int:
    """Build the release VERSION of DESCRIPTOR in a folder of its own.

    Refuses while the descriptor, the changelog and the citation disagree on the version, while the package is
    invalid, or when a row of the last release is gone without an entry in the register of withdrawals.

    \b
    Examples:
      packpress release 1.3.0
      packpress release 1.3.0 --base v1.2.0 --source-text none
    """
    from packpress.checks.validation import format_findings
    from packpress.editing.release import find_earlier, make_release
    from packpress.package.descriptor import read_descriptor
    from packpress.publish.build import recover

    package = read_descriptor(descriptor).beside(package_folders, require_packages)
    folder = output / f"{package.name}-{version}"
    recover(folder)
    with show_progress() as step:
        made = make_release(package, version, folder, edition, base, step, require_rules)
    if not made.report.is_valid:
        click.echo(format_findings(made.report), err=True)
        return PROBLEMS
    for line in made.left_out:
        click.echo(line, err=True)
    earlier = None if made.base else find_earlier(package, version)
    compared = f"compared with {made.base}" if made.base else "no earlier release to compare with"
    if earlier:
        compared = f"not compared with {earlier}; tag its commit v{earlier} or name it with --base"
    click.echo(f"{folder}: release {version}, edition {edition}, {compared}")
    return VALID


@main.command()
@argument_descriptor
@option_path("--output", "The file; dist/<name>-workbook.xlsx by default.")
@click.option("--only", metavar="TABLE=KEY", help="Only the rows that belong to this row of a table.")
@click.option(
    "--force", is_flag=True, help="Replace a workbook even if it contains changes that were not imported."
)
@exit_plainly
def workbook(descriptor: str, output: Path | None, only: str | None, force: bool) -> None:
    """Write the tables of DESCRIPTOR to a workbook for editing.

    Each table is a sheet. All cells are text, allowed values are drop-down lists, related text from other
    tables is shown beside the rows, and the keys of existing rows are locked. `packpress import` reads the
    workbook back.

    \b
    Examples:
      packpress workbook
      packpress workbook --only boats=ida --output ida.xlsx
    """
    require_extra("workbook", "xlsxwriter", "openpyxl")
    from packpress.editing.workbook.importing import export_workbook
    from packpress.transaction import hold_for_reading

    package = read_editable(descriptor)
    with hold_for_reading(package.root):
        file, left_out = export_workbook(package, output, only, force)
    for table, reason in left_out.items():
        click.echo(f"notice: {table} is left out: {reason}; edit its file", err=True)
    click.echo(f"{file}: written; edit and save it, then run {name_command('import', 'WORKBOOK', str(file))}")


@main.command("import")
@click.argument("workbook", type=click.Path(path_type=Path))
@argument_descriptor
@click.option("--yes", is_flag=True, help="Import without asking.")
@click.option(
    "--moved", "is_moved", is_flag=True, help="Import even if values moved between rows of a column in bulk."
)
@exit_plainly
def import_workbook(workbook: Path, descriptor: str, yes: bool, is_moved: bool) -> int:
    """Import an edited workbook into the tables of DESCRIPTOR.

    Shows what WORKBOOK changes, and asks before writing. Cells that a spreadsheet program damaged are
    refused, with their addresses, and so is a column that was sorted without the others. Either all tables
    are replaced or none. When there is no terminal to ask on, the changes are only shown, unless --yes is
    given.

    \b
    Examples:
      packpress import dist/fleet-workbook.xlsx
      packpress import ida.xlsx fleet --yes
    """
    require_extra("workbook", "xlsxwriter", "openpyxl")
    from packpress.editing.diff import write_whole_difference
    from packpress.editing.workbook.importing import (
        list_expected,
        list_proposed,
        propose,
        write_proposal,
    )

    package = read_editable(descriptor)
    proposal = propose(package, workbook, is_moved)
    if proposal.problems:
        click.echo("\n".join(list_proposed(package, proposal)), err=True)
        return PROBLEMS
    for note in proposal.notes:
        click.echo(f"notice: {note}", err=True)
    whole = write_whole_difference(proposal.changes, workbook.stem)
    click.echo("\n".join(list_proposed(package, proposal, whole)))
    for line in list_expected(package, workbook, proposal) if proposal.changes else ():
        click.echo(line, err=True)
    command = name_command("import", "WORKBOOK", str(workbook), "yes")
    if proposal.changes and (yes or is_agreed("Import this?", f"to import this, run {command}")):
        files = write_proposal(package, workbook, proposal)
        click.echo(f"written: {', '.join(files)}; now run {name_command('validate')}")
    return VALID


def can_ask() -> bool:
    """Whether standard input is a terminal."""
    from sys import stdin

    return stdin.isatty()


def is_agreed(question: str, otherwise: str) -> bool:
    """Whether the user agrees to what was shown; without a terminal, says how to do it without asking."""
    if not can_ask():
        click.echo(f"nothing was written; {otherwise}")
        return False
    if click.confirm(question):
        return True
    click.echo("nothing was written")
    return False


# Changes of whole rows, with all that refers to them.


@main.command()
@click.argument("table")
@click.argument("key", metavar="ID")
@argument_descriptor
@click.option("--replaced-by", default="", metavar="ID", help="The row that replaces it, for the register.")
@option_list("--also", "also", "ITEMS", "Other rows to withdraw with it, as TABLE=ID.")
@options_of_change
@exit_plainly
def withdraw(
    table: str, key: str, descriptor: str, replaced_by: str, also: str, reason: str, settings: str, yes: bool
) -> None:
    """Withdraw the row ID of TABLE, and what cannot exist without it.

    Rows go with it where it is part of their key or required; elsewhere, what refers to it is emptied. Each
    published row that goes gets an entry in the register of withdrawals. The difference is shown first, and
    either all tables are changed or none; without a terminal to ask on, it is only shown, unless --yes is
    given.

    \b
    Examples:
      packpress withdraw boats una --reason "Sold before it sailed."
      packpress withdraw voyages ida-v2 --reason "Entered twice." --replaced-by ida-v1
      packpress withdraw boats una --also "boats=ada" --set "boats:ida:name=Ida, once Una" --yes
    """
    from packpress.editing.row_changes import plan_withdrawal

    change_rows(
        descriptor,
        f"withdraw-{table}-{key}",
        lambda package: plan_withdrawal(package, table, key, reason, replaced_by, also, settings),
        yes,
    )


@main.command()
@click.argument("table")
@click.argument("key", metavar="ID")
@click.argument("new_key", metavar="TO")
@argument_descriptor
@options_of_change
@exit_plainly
def rename(
    table: str, key: str, new_key: str, descriptor: str, reason: str, settings: str, yes: bool
) -> None:
    """Change the key of the row ID of TABLE to TO, wherever it stands.

    The register of withdrawals says what replaces each published key that is no longer used. The difference
    is shown first, and either all tables are changed or none; without a terminal to ask on, it is only shown,
    unless --yes is given.

    \b
    Examples:
      packpress rename boats una ula
      packpress rename voyages una-v1 ula-v1 --reason "The boat has another name." --yes
    """
    from packpress.editing.row_changes import plan_rename

    change_rows(
        descriptor,
        f"rename-{table}-{key}",
        lambda package: plan_rename(package, table, key, new_key, reason, settings),
        yes,
    )


@main.command()
@click.argument("table")
@click.argument("key", metavar="ID")
@click.argument("into")
@argument_descriptor
@click.option("--keep", is_flag=True, help="Where duplicates differ, keep the cells of the row that stays.")
@options_of_change
@exit_plainly
def merge(
    table: str, key: str, into: str, descriptor: str, keep: bool, reason: str, settings: str, yes: bool
) -> None:
    """Merge the row ID of TABLE into the row INTO.

    What refers to ID refers to INTO then. Rows that would become duplicates are dropped; where their other
    cells differ, nothing is written, unless --keep is given. The difference is shown first, and either all
    tables are changed or none; without a terminal to ask on, it is only shown, unless --yes is given.

    \b
    Examples:
      packpress merge boats una ida
      packpress merge boats una ida --keep --set "name=Ida, once Una" --yes
    """
    from packpress.editing.row_changes import plan_merge

    change_rows(
        descriptor,
        f"merge-{table}-{key}",
        lambda package: plan_merge(package, table, key, into, reason, settings, keep),
        yes,
    )


@main.command()
@click.argument("table")
@click.argument("key", metavar="ID")
@argument_descriptor
@click.option("--new", "new_key", default="", metavar="ID", help="The new key; the next free one by default.")
@option_list("--to-new", "to_new", "ITEMS", "Rows that refer to the new row, as TABLE or TABLE=KEY.")
@option_list("--to-both", "to_both", "ITEMS", "Rows of which a copy refers to the new row.")
@options_of_change
@exit_plainly
def split(
    table: str,
    key: str,
    descriptor: str,
    new_key: str,
    to_new: str,
    to_both: str,
    reason: str,
    settings: str,
    yes: bool,
) -> None:
    """Split the row ID of TABLE: a copy with a new key gets some of what refers to it.

    A KEY needs only the parts by which rows differ; several items have | between them. FIELD=VALUE of --set
    is a cell of the new row, ID:FIELD=VALUE one of the old row. The difference is shown first, and either all
    tables are changed or none; without a terminal to ask on, it is only shown, unless --yes is given.

    \b
    Examples:
      packpress split boats ida --new ila --to-new "voyages=ida-v2" --set "name=Ila"
      packpress split voyages ida-v1 --set "port=Scalloway | ida-v1:catch_kg=64 | catch_kg=64"
    """
    from packpress.editing.row_changes import plan_split

    change_rows(
        descriptor,
        f"split-{table}-{key}",
        lambda package: plan_split(package, table, key, new_key, to_new, to_both, settings, reason),
        yes,
    )


def change_rows(descriptor: str, name: str, plan: "Callable[[Package], Plan]", yes: bool) -> None:
    """Shows what a plan changes, and writes it if that is agreed to and the package stays valid.

    Raises CannotRunError when the tables have changed since the difference was shown.
    """
    from packpress.editing.row_changes import check_plan, write_plan
    from packpress.transaction import hold_for_editing

    package = read_editable(descriptor)
    with hold_for_editing(package.root) if yes else nullcontext():
        shown = plan(package)
        show_plan(package, shown, name)
        for problem in (write_plan if yes else check_plan)(package, shown):
            click.echo(f"notice: {problem}", err=True)
    if not yes:
        if not is_agreed("Write this?", f"add {name_option('yes')} to write this"):
            return
        with hold_for_editing(package.root):
            if plan(package) != shown:
                message = "the tables have changed since; run it again and look at the difference anew"
                raise CannotRunError(f"{package.path}: {message}")
            write_plan(package, shown)
    click.echo(f"written: {', '.join(shown.files)}; now run {name_command('generate')}")


def show_plan(package: "Package", plan: "Plan", name: str) -> None:
    """Prints the difference that a plan makes, and what else to look at."""
    from packpress.editing.diff import list_changes, write_whole_difference

    whole = write_whole_difference(plan.changes, re.sub(r"[^\w.-]+", "-", name))
    click.echo("\n".join(list_changes(plan.changes, package, f", all in {whole}" if whole else "")))
    for notice in plan.notices:
        click.echo(f"notice: {notice}", err=True)


@main.command()
@argument_descriptor
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when a file is stale.")
@exit_plainly
def generate(descriptor: str, check: bool) -> int:
    """Write the files that are derived from DESCRIPTOR, next to it.

    These are metadata.yml, docs/data-dictionary.md and, if the descriptor names contributors, CITATION.cff.
    An extension may list texts that contain figures computed from the tables; these figures are updated.

    \b
    Examples:
      packpress generate
      packpress generate fleet --check
    """
    from packpress.extension import find_extension
    from packpress.publish.edition import derive_documents
    from packpress.transaction import hold_for_editing

    package = read_editable(descriptor)
    extension = find_extension(package)
    with nullcontext() if check else hold_for_editing(package.root):
        documents = derive_documents(package, extension.texts, extension.list_figures)
        return settle_files(package.root, documents, check)


@main.command()
@option_path("--output", "The file to write instead.")
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when the file of --output is stale.")
@exit_plainly
def schema(output: Path | None, check: bool) -> int:
    """Print a JSON Schema for datapackage.json files.

    Editors use it to check and complete a descriptor as it is typed.

    \b
    Examples:
      packpress schema --output datapackage.schema.json
      packpress schema --output datapackage.schema.json --check
    """
    from packpress.package.profile import render_editor_schema

    if output:
        return settle_files(Path(), {str(output): render_editor_schema()}, check)
    if check:
        raise click.UsageError("--check compares a file; name it with --output")
    click.echo(render_editor_schema(), nl=False)
    return VALID


def settle_files(root: Path, files: dict[str, str], check: bool) -> int:
    """Writes the files whose text differs, or with `check` only lists them; returns the exit code."""
    from packpress.transaction import write_file

    verb = click.get_current_context().info_name
    stale = 0
    for path, text in files.items():
        file, data = root / path, text.encode("utf-8")
        if file.is_file() and file.read_bytes() == data:
            continue
        stale += 1
        if check:
            click.echo(f"{path}: stale; run {name_command(str(verb))}")
        else:
            write_file(file, data)
            click.echo(f"{path}: written")
    if not stale:
        click.echo("every derived file is up to date")
    return PROBLEMS if check and stale else VALID


# Publishing a site: `serve` runs a server, `static` writes files for any web host.


@main.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("build"))
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8001, show_default=True, help="Port to listen on."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--profile",
    "name",
    type=NameIn("packpress.web.profiles", "PROFILES"),
    default="local",
    show_default=True,
    help="local: for this machine; public: for everybody, with no SQL and limits on every request.",
)
@click.option(
    "--site",
    "origin",
    default="",
    envvar="SITE",
    help="Public address of the site, such as https://example.org/",
)
@click.option(
    "--cache-mb", type=click.IntRange(min=0), help="Size of the response cache; the profile's by default."
)
@click.option(
    "--proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    help="Address of a trusted proxy, whose X-Forwarded-For header identifies visitors.",
)
@exit_plainly
def serve(
    folder: Path, port: int, host: str, name: str, origin: str, cache_mb: int | None, proxies: tuple[str, ...]
) -> None:
    """Serve the build in FOLDER (./build) until Ctrl-C.

    The site is made from the build alone, and nothing is written to the folder.

    \b
    Examples:
      packpress serve
      packpress serve out --port 8080
      packpress serve out --profile public --host 0.0.0.0 --site https://example.org/fleet/
      packpress serve out --profile public --proxy 127.0.0.1 --site https://example.org/
    """
    require_extra("web", *WEB)
    from dataclasses import replace

    from packpress.publish.build import recover
    from packpress.publish.site_file import read_build
    from packpress.web.profiles import PROFILES

    recover(folder)
    # Read twice: the imports below take a second, and are not needed to say that a file is missing.
    read_build(folder)
    from packpress.web.server import serve_build
    from packpress.web.serving.client_limits import check_proxies

    profile = PROFILES[name]
    told: dict[str, Any] = {"proxies": check_proxies(proxies)}
    told |= {} if cache_mb is None else {"cache_mb": cache_mb}
    profile = replace(profile, limits={**profile.limits, **told})
    serve_build(folder, (host, port), profile, origin, partial(click.echo, err=True))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("build"))
@option_path("--output", "The folder to replace.", "static")
@click.option(
    "--base-path",
    default="/",
    show_default=True,
    help="Path under which the host serves the folder; only the 404 page needs it.",
)
@click.option(
    "--site",
    "origin",
    default="",
    envvar="SITE",
    help="Public address of the site, for permanent addresses; the homepage of the package by default.",
)
@exit_plainly
def static(folder: Path, output: Path, base_path: str, origin: str) -> None:
    """Write the site of the build in FOLDER (./build) as files for any web host.

    The files include every page and all the data. What must not be published has to be left out when the
    package is built, with --source-text. The output folder is replaced as a whole; if the export fails, it
    stays as it was.

    \b
    Examples:
      packpress static
      packpress static out --output public --base-path /fleet/ --site https://example.org/fleet/
    """
    require_extra("web", *WEB)
    from packpress.publish.build import recover
    from packpress.publish.site_file import read_build

    recover(folder)
    read_build(folder)
    from packpress.web.static.export import export_build

    with show_progress() as step:
        export_build(folder, output, base_path, step, origin)
    sizes = [file.stat().st_size for file in output.rglob("*") if file.is_file()]
    click.echo(f"{output}: {len(sizes):,} files, {sum(sizes):,} bytes")
    click.echo(f"to preview it: python3 -m http.server --directory {output}")
