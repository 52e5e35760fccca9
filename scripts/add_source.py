"""Command: adds a document as a draft, divided into proposed passages, or references of a draft."""

from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path

import click
from packpress.console import exit_plainly
from packpress.editing.format import make_changes, make_record, render_rows, tolerate_known
from packpress.package.argument import DEFAULT_DESCRIPTOR
from packpress.package.descriptor import Package, read_descriptor
from packpress.problems import CannotRunError
from packpress.tables.rows import Tables, read_tables
from packpress.transaction import hold_for_editing, write_file

from scripts.curation.addition import (
    GUESSED,
    Addition,
    count_broken,
    plan_addition,
)
from scripts.curation.citation_files import find_references, read_works
from scripts.curation.corpus import RIGHTS_NOT_STATED, build_corpus, require_source
from scripts.curation.curation_progress import read_curated_tables
from scripts.curation.extraction import extract_text
from scripts.curation.originals import (
    CITATIONS,
    TEXT,
    ExtractedText,
    Original,
    count_of,
    recognise_kind,
)
from scripts.rules import RULE_SET

EXTRACTED = Path("dist") / "extracted"


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("source_id", metavar="ID")
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@click.option(
    "--text", type=click.Path(path_type=Path), help="The text extracted from FILE, as you corrected it."
)
@click.option("--yes", is_flag=True, help="Add the text extracted from FILE as it is.")
@click.option("--short-name", default="", help="A short name for readers; made from ID if not given.")
@click.option("--source-type", default="", help="Kind of document, one of those that the table allows.")
@click.option("--text-extent", default="", help="How much of the document FILE contains.")
@click.option("--language", default="", help="Language tag such as en or en-GB.")
@click.option("--rights", default="", help="Who owns the text, in a sentence.")
@click.option("--encoding", default="", help="Encoding of FILE, if the detected one is wrong.")
@exit_plainly
def main(
    file: Path, source_id: str, descriptor: Path, text: Path | None, yes: bool, encoding: str, **cells: str
) -> None:
    """Add the document FILE to DESCRIPTOR (./datapackage.json) as the draft ID.

    A text is copied byte for byte, and divided into proposed passages. The text of a saved web page, a PDF,
    a record of PubMed or Europe PMC, or an article in JATS is extracted to dist/extracted/ID.txt first, for
    you to correct; with --text it is added, and the original is kept beside it. RIS and BibTeX become
    references of the draft ID, as far as it prints them. The content of FILE tells what it is, not its name.
    A draft is validated, but left out of builds.
    """
    package = read_descriptor(descriptor)
    data = read_file(file)
    kind = recognise_kind(data)
    if text and (kind == TEXT or kind in CITATIONS):
        raise CannotRunError(f"{file}: a {kind} file, from which nothing is extracted; leave out {text}")
    with hold_for_editing(package.root):
        if kind in CITATIONS:
            add_references(package, file, data, kind, source_id, encoding)
        elif kind == TEXT:
            add_text(package, data, str(file), source_id, cells, encoding)
        else:
            extraction = extract_text(data, str(file), kind, encoding)
            original = Original(data, kind, extraction.extractor)
            known = {**extraction.cells, **{name: value for name, value in cells.items() if value}}
            if text:
                corrected = read_file(text)
                describe_corrections(extraction, corrected, text)
                add_text(package, corrected, str(text), source_id, known, "", original)
                (package.root / EXTRACTED / f"{source_id}.txt").unlink(missing_ok=True)
            elif yes:
                describe_extraction(file, kind, extraction)
                add_text(package, extraction.text.encode(), str(file), source_id, known, "utf-8", original)
            else:
                propose_text(package, file, source_id, known, original, extraction)


def read_file(file: Path) -> bytes:
    """The bytes of the file; CannotRunError when it cannot be read."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise CannotRunError(f"{file}: no such file; name a document") from None
    except IsADirectoryError:
        raise CannotRunError(f"{file}: a folder; name a document in it") from None


def add_text(
    package: Package,
    data: bytes,
    name: str,
    source_id: str,
    cells: dict[str, str],
    encoding: str,
    original: Original | None = None,
) -> None:
    """Add a text as a draft, with the original from which it was extracted."""
    corpus = build_corpus(package, read_curated_tables(package))
    addition = plan_addition(corpus, data, name, source_id, cells, encoding, original)
    if addition is None:
        click.echo(f"{source_id} already exists with the same bytes; nothing was changed")
        return
    known = tolerate_known(package, RULE_SET)
    make_changes(package, addition.files, RULE_SET, "the document was not added", known)
    before = corpus["sources"].get(source_id)
    if before and before["original_path"] and before["original_path"] not in addition.files:
        (package.root / before["original_path"]).unlink(missing_ok=True)
    describe_addition(addition, read_tables(package))


def propose_text(
    package: Package,
    file: Path,
    source_id: str,
    cells: dict[str, str],
    original: Original,
    extraction: ExtractedText,
) -> None:
    """Write the extracted text for correction, unless a corrected one is there, and say what comes next."""
    corpus = build_corpus(package, read_curated_tables(package))
    data = extraction.text.encode()
    addition = plan_addition(corpus, data, str(file), source_id, cells, "utf-8", original)
    if addition is None:
        click.echo(f"{source_id} already exists with the same text; nothing was changed")
        return
    path = EXTRACTED / f"{source_id}.txt"
    place = package.root / path
    if place.exists() and place.read_bytes() != data:
        message = f"differs from what {file} contains, as if you had corrected it; add it with"
        raise CannotRunError(f"{path}: {message} TEXT={path}, or remove it")
    write_file(place, data)
    describe_extraction(file, original.kind, extraction)
    for name, value in extraction.cells.items():
        if name not in GUESSED:
            click.echo(f"  {name}: {value}")
    click.echo(f"{path}: {len(extraction.text):,} characters, {describe_passages(addition)}")
    click.echo(
        f"  compare it with {file}, correct it so that each line is a paragraph, heading or item, then run"
    )
    click.echo(f'  make add-source FILE="{file}" ID={source_id} TEXT={path}')


def describe_extraction(file: Path, kind: str, extraction: ExtractedText) -> None:
    """Print what was kept of an original, and what was left out."""
    click.echo(f"{file}: {kind}, read by {extraction.extractor}")
    for line in extraction.kept:
        click.echo(f"  kept: {line}")
    for line in extraction.left_out:
        click.echo(f"  left out: {line}")


def describe_corrections(extraction: ExtractedText, corrected: bytes, text: Path) -> None:
    """Print how far a corrected text differs from what was extracted."""
    before, after = extraction.text.splitlines(), corrected.decode("utf-8", "replace").splitlines()
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    changed = sum(max(step[2] - step[1], step[4] - step[3]) for step in steps if step[0] != "equal")
    click.echo(f"{text}: {count_of(changed, 'line')} corrected")


def describe_passages(addition: Addition) -> str:
    """How many passages of each kind a text is divided into, in words."""
    counts = Counter(passage["kind"].replace("_", " ") for passage in addition.passages)
    return f"passages {len(addition.passages)}: " + ", ".join(
        f"{kind} {count}" for kind, count in counts.items()
    )


def describe_addition(addition: Addition, tables: Tables) -> None:
    """Print what was added, where it is, and what to check next."""
    source, passages = addition.source, addition.passages
    first = tables["passages"].group("source_id")[source["source_id"]][0]
    row = tables["sources"].group("source_id")[source["source_id"]][0]
    click.echo(f"{source['path']}: {len(addition.text):,} characters, encoding {source['encoding']}")
    if source["original_path"]:
        click.echo(f"{source['original_path']}: the original, read by {source['extractor']}; in no edition")
    click.echo(f"{first.place}: {describe_passages(addition)}")
    if broken := count_broken(passages):
        click.echo(
            f"  {broken} of them continue a sentence of the line before, because the file has line breaks "
            "within sentences; if there is a copy with one paragraph per line, add that instead"
        )
    click.echo(f'{row.place}: "{source["short_name"]}", a draft until it is published')
    guesses = [name for name, value in GUESSED.items() if source[name] == value]
    if guesses:
        click.echo(f"  check {', '.join(guesses)}: they are guesses")
    if source["rights"] == RIGHTS_NOT_STATED:
        click.echo("  enter in rights who owns the text before you publish it")


def add_references(
    package: Package, file: Path, data: bytes, kind: str, source_id: str, encoding: str
) -> None:
    """Add the works of a citation file as references of a draft, as far as it prints them."""
    corpus = build_corpus(package, read_curated_tables(package))
    if require_source(corpus, source_id)["status"] == "published":
        raise CannotRunError(f"{source_id}: already published; add single references in a workbook")
    works = read_works(data, str(file), kind, encoding)
    found = find_references(corpus, source_id, works)
    files = {
        corpus[name].resource.paths[0]: render_rows(
            corpus[name], [make_record(corpus[name].resource, row) for row in rows]
        )
        for name, rows in found.rows.items()
    }
    if files:
        make_changes(package, files, RULE_SET, "no reference was added", tolerate_known(package, RULE_SET))
    click.echo(f"{file}: {kind}, {count_of(len(works), 'work')}")
    for name, rows in found.rows.items():
        click.echo(f"{corpus[name].resource.paths[0]}: {len(rows)} added")
    for work in found.missing:
        click.echo(
            f'  left out, because {source_id} prints no entry for it or has its reference: "{work.name}"'
        )


if __name__ == "__main__":
    main()
