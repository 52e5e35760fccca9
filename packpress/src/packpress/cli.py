"""The command `packpress`: one verb for each job; `packpress VERB --help` shows examples of each.

Each verb imports what it needs when it runs, so that no verb waits for the imports of another.
"""

import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from packpress.console import PROBLEMS, VALID, exit_plainly, show_progress
from packpress.problems import CannotRunError, name_command, require_extra

if TYPE_CHECKING:
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
@exit_plainly
def validate(descriptor: str, form: str, is_whole: bool, allow_remote: bool, require_rules: bool) -> int:
    """Check DESCRIPTOR, its files, cells and keys, and the rules of its extension.

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
    from contextlib import ExitStack

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
        package = read_descriptor(descriptor, downloads)
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
@option_require_rules
@exit_plainly
def build(
    descriptor: str,
    output: Path | None,
    formats: tuple[str, ...],
    edition: str,
    drafts: bool,
    require_rules: bool,
) -> int:
    """Publish DESCRIPTOR in every format, with checksums.

    The formats are SQLite, Parquet, CSV, XLSX, a zip that is itself a Data Package, and a wheel, which is a
    Python package of the tables. An invalid package is not published. The output folder is replaced as a
    whole; if the build fails, it stays as it was.

    \b
    Examples:
      packpress build
      packpress build fleet --output out --formats sqlite,parquet
      packpress build --source-text quotes --output dist/public
    """
    from packpress import api
    from packpress.checks.validation import format_findings
    from packpress.publish.build import is_build, recover

    package = api.read_package(descriptor)
    output = output or Path("dist/drafts" if drafts else "build")
    recover(output)
    with show_progress() as step:
        step("validating")
        report = api.validate(package, require_rules=require_rules)
        if report.is_valid:
            made = api.publish(report, output, formats, edition, with_drafts=drafts, step=step)
    if not report.is_valid:
        click.echo(format_findings(report), err=True)
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
    return f"{path}: {len(sizes)} files, {sum(sizes):,} bytes"


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
    from contextlib import nullcontext

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
@exit_plainly
def release(
    version: str, descriptor: str, base: str | None, edition: str, output: Path, require_rules: bool
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

    package = read_descriptor(descriptor)
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

    file, left_out = export_workbook(read_editable(descriptor), output, only, force)
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
    from packpress.editing.workbook.importing import (
        list_expected,
        list_proposed,
        propose,
        write_proposal,
    )
    from packpress.editing.workbook.preview import write_whole_difference

    package = read_editable(descriptor)
    proposal = propose(package, workbook, is_moved)
    if proposal.problems:
        click.echo("\n".join(list_proposed(package, proposal)), err=True)
        return PROBLEMS
    for note in proposal.notes:
        click.echo(f"notice: {note}", err=True)
    whole = write_whole_difference(proposal.changes, workbook)
    click.echo("\n".join(list_proposed(package, proposal, whole)))
    for line in list_expected(package, workbook, proposal) if proposal.changes else ():
        click.echo(line, err=True)
    if proposal.changes and (yes or is_agreed(workbook)):
        files = write_proposal(package, workbook, proposal)
        click.echo(f"written: {', '.join(files)}; now run {name_command('validate')}")
    return VALID


def can_ask() -> bool:
    """Whether standard input is a terminal."""
    from sys import stdin

    return stdin.isatty()


def is_agreed(workbook: Path) -> bool:
    """Whether the user agrees to the import; without a terminal, prints how to run it without asking."""
    if not can_ask():
        command = name_command("import", "WORKBOOK", str(workbook), "yes")
        click.echo(f"nothing was written; to import this, run {command}")
        return False
    if click.confirm("Import this?"):
        return True
    click.echo("nothing was written")
    return False


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
    from packpress.extension import Extension, find_extension
    from packpress.publish.edition import derive_documents

    package = read_editable(descriptor)
    extension = find_extension(package) or Extension()
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
