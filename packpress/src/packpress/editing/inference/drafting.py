"""Drafting: a descriptor for a folder of files, with all that is sure declared, and all that is not asked.

The table of contents of `packpress init`: list the files, open or convert each, read all rows, settle types
and keys, and write the descriptor, with the converted tables, all at once.
"""

import csv
import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from packpress.console import Step, do_nothing
from packpress.editing.inference.conversion import OPENERS, RawTable, open_sqlite, write_table
from packpress.editing.inference.field_types import (
    ColumnProfile,
    Draft,
    choose,
    find_order,
    is_choice,
    settle,
)
from packpress.editing.inference.key_inference import TableProfile, propose_key, propose_references
from packpress.editing.inference.sniffing import Question, is_tab_separated, sniff_file
from packpress.package.resource import Resource, build_resource
from packpress.problems import CannotReadError, CannotRunError, name_command, shorten_value
from packpress.publish.archive import hash_file
from packpress.publish.build import is_build
from packpress.tables.decoding import ByteFacts, make_opener, open_pieces
from packpress.tables.fast.batches import Block, FileReader, read_blocks
from packpress.transaction import commit_replacement, finish_replacement, hold_for_editing, stage_replacement

DESCRIPTOR = "datapackage.json"
CONVERTED = "data"
# Of a converted file as it was written, by which an edited one is known; an extension of the standard.
DIGEST = "packpress:sha256"
TEXTS = (".csv", ".tsv", ".tab", ".psv", ".txt", ".dat")
# Folders of tools, which hold no data.
SKIPPED = frozenset({"node_modules", "__pycache__", "__MACOSX"})
# Files whose names say that they are about the data.
ABOUT = re.compile(
    r"(?:readme|licen[cs]e|changelog|notes?|requirements|codebook|citation)\b.*\.txt", re.IGNORECASE
)
LONGEST_SLUG = 60


@dataclass
class Made:
    """What was drafted: the descriptor, its tables, what was left out, and every question with its place."""

    descriptor: Path
    document: dict[str, Any]
    converted: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def list_questions(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Each open question, with its place as messages show it."""
        for question in self.document.get("openQuestions", ()):
            yield DESCRIPTOR, question
        for resource in self.document["resources"]:
            for question in (
                *resource.get("openQuestions", ()),
                *resource["schema"].get("openQuestions", ()),
            ):
                yield resource["path"], question
            for item in resource["schema"]["fields"]:
                for question in item.get("openQuestions", ()):
                    yield f"{resource['path']}: {shorten_value(' '.join(item['name'].split()))}", question


@dataclass
class _DraftTable:
    """A table on its way into the descriptor."""

    name: str
    path: str
    properties: dict[str, Any]
    names: tuple[str, ...]
    root: Path
    questions: list[Question] = field(default_factory=list)
    origin: RawTable | None = None

    def as_resource(self) -> Resource:
        """The table as it can be read, with every column as text."""
        fields = [{"name": name, "type": "string"} for name in self.names]
        return build_resource(
            {
                "name": self.name,
                "path": self.path,
                **self.properties,
                "schema": {"fields": fields, "missingValues": [""]},
            }
        )


@dataclass(frozen=True)
class _Folders:
    """Where files are read, where converted ones are staged, and the paths of those that may be replaced."""

    source: Path
    staging: Path
    own: list[str]


def draft_descriptor(
    folder: Path, is_forced: bool = False, with_views: bool = False, step: Step = do_nothing
) -> Made:
    """Writes a first descriptor for the tables in a folder, and the tables of other formats as CSV.

    Raises CannotRunError if there is a descriptor that must not be replaced, or no table; nothing is written
    then.
    """
    if not folder.is_dir():
        raise CannotRunError(f"{folder}: no such folder; name the folder that holds the files")
    # What is staged would be taken for the rest of a killed command.
    with hold_for_editing(folder):
        return _draft(folder, is_forced, with_views, step)


def _draft(folder: Path, is_forced: bool, with_views: bool, step: Step) -> Made:
    finish_replacement(folder)
    descriptor = folder / DESCRIPTOR
    if descriptor.exists() and not is_forced:
        raise CannotRunError(f"{descriptor}: is there already; keep it, or replace it with --force")
    made = Made(descriptor, {})
    own = _list_own(descriptor)
    with stage_replacement(folder) as staging:
        files = list_files(folder, own)
        tables = list(_open_tables(_Folders(folder, staging, own), files, with_views, made, step))
        if not tables:
            raise CannotRunError(
                f"{folder}: has no table; init reads CSV, TSV, XLSX, ODS, SQLite and Parquet"
            )
        profiles = [_profile(table, step) for table in tables]
        _settle_tables(tables, profiles, step)
        made.document = _describe(folder, tables, profiles)
        text = json.dumps(made.document, ensure_ascii=False, indent=2) + "\n"
        (staging / DESCRIPTOR).write_bytes(text.encode("utf-8"))
        made.converted = [table.path for table in tables if table.root == staging]
        commit_replacement(folder, staging)
    # Otherwise the next time they would count as files of somebody's.
    for path in set(own) - set(made.converted):
        (folder / path).unlink(missing_ok=True)
    return made


# ---- files


def list_files(folder: Path, own: Iterable[str] = ()) -> list[str]:
    """The paths of the files below a folder, without hidden ones, builds, and those that init wrote."""
    left_out, found = {DESCRIPTOR, *own}, list[str]()
    for place, folders, files in os.walk(folder):
        here = Path(place)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in SKIPPED and not is_build(here / name)
        )
        for name in sorted(files):
            path = (here / name).relative_to(folder).as_posix()
            if not name.startswith((".", "~$")) and path not in left_out and (here / name).is_file():
                found.append(path)
    # Of two files of one name, that nearer the top gives its table the plain one.
    return sorted(found, key=lambda path: (path.count("/"), path))


def _list_own(descriptor: Path) -> list[str]:
    """The files that an earlier `init` converted and nobody has edited, as the descriptor tells."""
    try:
        resources = json.loads(descriptor.read_bytes())["resources"]
        pairs = [(item["path"], item["sources"][0][DIGEST]) for item in resources if _is_marked(item)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return []
    return [path for path, digest in pairs if _is_unedited(descriptor.parent / path, digest)]


def _is_marked(item: Mapping[str, Any]) -> bool:
    path = str(item.get("path", ""))
    return (
        path.startswith(f"{CONVERTED}/") and ".." not in path and DIGEST in (item.get("sources") or [{}])[0]
    )


def _is_unedited(file: Path, digest: str) -> bool:
    return file.is_file() and hash_file(file) == digest


def make_slug(text: str) -> str:
    """A name for a table: lower-case letters and digits, joined by underscores.

    >>> make_slug("Fänge 2024 (final).xlsx"), make_slug("Названия")
    ('fange_2024_final_xlsx', 'названия')
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    slug = re.sub(r"[\W_]+", "_", unicodedata.normalize("NFC", bare)).strip("_")
    return slug[:LONGEST_SLUG].rstrip("_") or "table"


class _Names:
    """Names for tables, each only once."""

    def __init__(self) -> None:
        self._given = {"data_dictionary", "checks"}

    def give(self, *parts: str) -> str:
        """The slug of the last part, with those before it as far as it is taken, and then with a number."""
        for start in range(len(parts) - 1, -1, -1):
            name = make_slug(" ".join(parts[start:]))
            if name not in self._given and not name.startswith("sqlite_"):
                break
        base, number = name, 1
        while name in self._given or name.startswith("sqlite_"):
            number += 1
            name = f"{base.removeprefix('sqlite_')}_{number}"
        self._given.add(name)
        return name


def split_name(path: str) -> tuple[str, str]:
    """The name of a file without its extensions, and these in lower case.

    >>> split_name("catches/2024.csv.gz")
    ('2024', '.csv')
    """
    name = Path(path).name
    stem = name[:-3] if name.lower().endswith(".gz") else name
    return Path(stem).stem, Path(stem).suffix.lower()


def _open_tables(
    folders: _Folders, files: Iterable[str], with_views: bool, made: Made, step: Step
) -> Iterator[_DraftTable]:
    """Every table of the files, those of other formats already converted; the rest is listed as left out."""
    names = _Names()
    for path in files:
        stem, suffix = split_name(path)
        step(f"opening {path}")
        try:
            if suffix in TEXTS and not ABOUT.fullmatch(Path(path).name):
                yield from _open_text(folders, path, names, made)
            elif suffix in OPENERS:
                opener = OPENERS[suffix]
                found, notes = (
                    open_sqlite(folders.source / path, path, with_views)
                    if opener is open_sqlite
                    else opener(folders.source / path, path)
                )
                made.left_out += [(path, note) for note in notes]
                yield from _convert(found, folders, path, stem, names)
            else:
                made.left_out.append((path, "no format of tables that init reads"))
        except CannotReadError as error:
            made.left_out.append((path, error.problem.message))


def _open_text(folders: _Folders, path: str, names: _Names, made: Made) -> Iterator[_DraftTable]:
    sniffed = sniff_file(folders.source, path)
    if sniffed is None:
        made.left_out.append((path, "has no table"))
        return
    made.left_out += [(path, f'"{shorten_value(note)}" stands above its table') for note in sniffed.notes]
    parents = Path(path).parent.parts
    name = names.give(*parents, split_name(path)[0])
    questions = list(sniffed.questions)
    table = _DraftTable(name, path, sniffed.properties, sniffed.names, folders.source, questions)
    yield _read_strictly(table, folders, made)


def _convert(
    found: Iterable[RawTable], folders: _Folders, path: str, stem: str, names: _Names
) -> Iterator[_DraftTable]:
    """The tables of a file in another format, each as a CSV file."""
    tables = list(found)
    for table in tables:
        name = (
            names.give(stem)
            if len(tables) == 1 and not path.endswith((".db", ".sqlite", ".sqlite3"))
            else names.give(stem, table.title)
        )
        yield _write_converted(table, folders, path, name)


def _write_converted(table: RawTable, folders: _Folders, path: str, name: str) -> _DraftTable:
    place = f"{CONVERTED}/{name}.csv"
    number = 1
    while (folders.source / place).exists() and place not in folders.own:
        number += 1
        place = f"{CONVERTED}/{name}_{number}.csv"
    file = folders.staging / place
    write_table(table, file)
    source = {"title": table.title, "path": path, DIGEST: hash_file(file)}
    properties = {"sources": [source]}
    return _DraftTable(name, place, properties, table.names, folders.staging, table.questions, table)


# ---- rows that cannot be read as they are


def _read_strictly(table: _DraftTable, folders: _Folders, made: Made) -> _DraftTable:
    """The table if validation can read it in place; otherwise a copy, with a question."""
    fault = _find_fault(table)
    if not fault:
        return table
    lines, notes = _read_loosely(table)
    made.left_out += [(table.path, f'"{shorten_value(note)}" stands below its table') for note in notes]
    width = max(len(table.names), max(map(len, lines), default=0))
    names = (*table.names, *(f"column_{place}" for place in range(len(table.names) + 1, width + 1)))
    rows = ([cell or None for cell in row] for row in lines)
    found = RawTable(table.name, names, rows)
    written = _write_converted(found, folders, table.path, table.name)
    if not (notes and "cells" in fault and width == len(table.names)):
        text = f"{fault}, so the table was copied to {written.path}, cell by cell; compare the two"
        written.questions = [*table.questions, Question(text)]
    else:
        written.questions = table.questions
    written.origin = None
    return written


def _find_fault(table: _DraftTable) -> str:
    """Why a file cannot be read in place; empty if it can."""
    resource = table.as_resource()
    blank = 0
    try:
        reader = FileReader(table.root, table.path, resource)
        if resource.dialect.get("header", True) and reader.header != table.names:
            return "its header is not what its first rows say"
        for block in reader.blocks():
            if block.odd:
                place = min(block.odd)
                return f"line {block.line(place)} has {block.odd[place]} cells, not {block.width}"
            if block.stray:
                return f"line {block.line(min(block.stray))} has a quote within a cell that is not quoted"
            blank = _count_footnotes(block)
    except CannotReadError as error:
        return error.problem.message.split(";")[0]
    return f"{blank} cells stand below its table" if blank else ""


def _count_footnotes(block: Block) -> int:
    """How many of the last rows have nothing but a text in their first cell."""
    if len(block.columns) < 3:
        return 0
    count = 0
    for place in range(len(block) - 1, max(len(block) - 20, 0), -1):
        cells = block.cells(place)
        if any(cells[1:]) or not (" " in cells[0] or not cells[0]):
            break
        count += bool(cells[0])
    return count


def _read_loosely(table: _DraftTable) -> tuple[list[list[str]], list[str]]:
    """The rows of a file as spreadsheet programs read them, and the texts below the table."""
    resource = table.as_resource()
    dialect, opener = resource.dialect, make_opener(table.root, table.path, resource)
    text = b"".join(open_pieces(opener, table.path, resource.encoding, ByteFacts())).decode("utf-8")
    lines = text.replace("\0", "").splitlines(keepends=True)
    comment = str(dialect.get("commentChar") or "")
    lines = [line for line in lines if not (comment and line.startswith(comment))]
    reader = csv.reader(
        lines,
        delimiter=dialect.get("delimiter", ","),
        quotechar=dialect.get("quoteChar", '"'),
        skipinitialspace=bool(dialect.get("skipInitialSpace")),
    )
    above = max([*dialect.get("headerRows", ()), *dialect.get("commentRows", ())], default=0)
    above = above or int(dialect.get("header", True))
    rows = [row for number, row in enumerate(reader, 1) if number > above and any(row)]
    notes: list[str] = []
    while (
        len(rows) > 1
        and len(table.names) > 2
        and len([cell for cell in rows[-1] if cell]) == 1
        and rows[-1][0]
    ):
        notes.insert(0, rows.pop()[0])
    for row in rows:
        while len(row) > len(table.names) and not row[-1]:
            row.pop()
    return rows, notes


# ---- all rows


def _profile(table: _DraftTable, step: Step) -> TableProfile:
    """Reads all rows of a table."""
    step(f"reading {table.path}")
    columns = [ColumnProfile(name) for name in table.names]
    for block in read_blocks(table.root, table.as_resource()):
        for profile, column in zip(columns, block.columns, strict=True):
            profile.add(column, block)
    schema = dict(table.origin.schema) if table.origin else {}
    return TableProfile(table.name, columns, [], schema, list(table.questions))


def _settle_tables(tables: list[_DraftTable], profiles: list[TableProfile], step: Step) -> None:
    """Settles types, then keys, of all tables, because one decides what is doubtful in another."""
    for table, profile in zip(tables, profiles, strict=True):
        types = table.origin.types if table.origin else {}
        kinds = table.origin.kinds if table.origin else [Counter[str]() for _ in table.names]
        profile.drafts = [
            settle(column, types.get(column.name, {}), kind)
            for column, kind in zip(profile.columns, kinds, strict=True)
        ]
    for profile in profiles:
        orders, marks = _count_evidence(profile)
        profile.drafts = [choose(draft, orders, marks) for draft in profile.drafts]
    _name_references(tables, profiles)
    for table, profile in zip(tables, profiles, strict=True):
        step(f"looking for keys of {table.name}")
        resource = table.as_resource()
        propose_key(profile, profiles, partial(read_blocks, table.root, resource))
    propose_references(profiles, step)


def _count_evidence(profile: TableProfile) -> tuple[Counter[str], Counter[str]]:
    """The orders of dates and the decimal signs in the columns of a table where nothing is doubtful."""
    sure = [draft.properties for draft in profile.drafts if not draft.choices]
    orders = Counter(order for item in sure if (order := find_order(item)))
    marks = Counter(
        str(item.get("decimalChar", "."))
        for item in sure
        if item["type"] == "number" and item.get("bareNumber", True)
    )
    return orders, marks


def _name_references(tables: list[_DraftTable], profiles: list[TableProfile]) -> None:
    """Gives the foreign keys of a database the names that its tables have in the package."""
    for table, profile in zip(tables, profiles, strict=True):
        if not table.origin:
            continue
        source = table.properties["sources"][0]["path"]
        names = {
            other.properties["sources"][0]["title"].casefold(): other.name
            for other in tables
            if other.origin and other.properties["sources"][0]["path"] == source
        }
        for key in profile.schema.get("foreignKeys", ()):
            wanted = key["reference"]["resource"].casefold()
            key["reference"]["resource"] = names.get(wanted, "")


# ---- the descriptor


def _describe(folder: Path, tables: list[_DraftTable], profiles: list[TableProfile]) -> dict[str, Any]:
    """The descriptor; it has no version, licence or contributors, because no file says any."""
    title = folder.resolve().name
    raw: dict[str, Any] = {"name": make_slug(title).replace("_", "-"), "title": title}
    if asked := _ask_alike(profiles):
        raw["openQuestions"] = [question.described() for question in asked]
    raw["resources"] = [_describe_table(*pair) for pair in zip(tables, profiles, strict=True)]
    return raw


def _describe_table(table: _DraftTable, profile: TableProfile) -> dict[str, Any]:
    shared = _share_questions(profile)
    fields = [draft.properties | _describe_questions(draft, shared) for draft in profile.drafts]
    raw: dict[str, Any] = {"name": table.name, "type": "table", "path": table.path, "format": "csv"}
    if is_tab_separated(table.path):
        raw["format"] = "tsv"
    raw |= {"encoding": "utf-8"} | table.properties
    # What is proposed for the schema stands there, so that a proposal is copied beside its question.
    of_schema = [one for one in profile.questions if one.proposal]
    of_schema += [_ask_together(asked) for asked in shared.values()]
    if others := [one.described() for one in profile.questions if not one.proposal]:
        raw["openQuestions"] = others
    raw["schema"] = {"fields": fields, **{name: value for name, value in profile.schema.items() if value}}
    if of_schema:
        raw["schema"]["openQuestions"] = [one.described() for one in of_schema]
    if hints := _describe_hints(profile):
        raw["publishing"] = hints
    return raw


# So many columns of a table of which the same is asked are asked about at once.
FEWEST_SHARED = 3


def _share_questions(profile: TableProfile) -> dict[str, dict[str, Question]]:
    """The questions that are asked of several columns at once, by what they share and by the column."""
    found: dict[str, dict[str, Question]] = {}
    for draft in profile.drafts:
        for question in draft.questions:
            if question.shared:
                found.setdefault(question.shared, {})[draft.properties["name"]] = question
    return {text: asked for text, asked in found.items() if len(asked) >= FEWEST_SHARED}


def _describe_questions(draft: Draft, shared: Mapping[str, Any]) -> dict[str, Any]:
    """The questions that are asked of a column alone."""
    alone = [one.described() for one in draft.questions if one.shared not in shared]
    return {"openQuestions": alone} if alone else {}


def _ask_together(asked: Mapping[str, Question]) -> Question:
    """One question about several columns, with the proposal for each."""
    columns = [f"{name} ({one.brief})" if one.brief else name for name, one in asked.items()]
    text = f"{len(asked)} columns: {next(iter(asked.values())).shared}: {', '.join(columns)}"
    return Question(text, proposals={name: one.proposal for name, one in asked.items() if one.proposal})


# The most facets and searched fields that help.
MOST_FACETS = 4


def _describe_hints(profile: TableProfile) -> dict[str, Any]:
    """Facets for columns of few values, and search in texts."""
    pairs = list(profile.pairs())
    facets = [column.name for column, draft in pairs if is_choice(column, draft.properties["type"])][
        :MOST_FACETS
    ]
    search = [
        column.name
        for column, draft in pairs
        if draft.properties["type"] == "string" and "format" not in draft.properties and column.longest > 3
        and column.name not in facets and column.filled
    ]  # fmt: skip
    return {**({"facets": facets} if facets else {}), **({"search": search} if search else {})}


def _ask_alike(profiles: list[TableProfile]) -> list[Question]:
    """Which tables have the same columns, and may be one."""
    groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for profile in profiles:
        key = tuple((draft.properties["name"], draft.properties["type"]) for draft in profile.drafts)
        groups.setdefault(key, []).append(profile.name)
    return [
        Question(
            f"{len(names)} tables have the same columns: {shorten_value(', '.join(names))}; "
            "if they are parts of one table, list their paths in one resource"
        )
        for names in groups.values()
        if len(names) > 1
    ]


# ---- what the command says


def list_made(made: Made) -> Iterator[str]:
    """What was written, what was left out, every question, and what the descriptor lacks."""
    for resource in made.document["resources"]:
        schema = resource["schema"]
        keys = [f"key {', '.join(schema['primaryKey'])}"] if "primaryKey" in schema else []
        keys += [
            f"{', '.join(key['fields'])} in {key['reference']['resource']}"
            for key in schema.get("foreignKeys", ())
        ]
        columns = len(schema["fields"])
        about = "; ".join([f"{columns} column{'s' if columns > 1 else ''}", *keys])
        source = f", from {resource['sources'][0]['path']}" if "sources" in resource else ""
        yield f"{resource['name']}: {resource['path']}{source}: {about}"
    for path, why in made.left_out:
        yield f"left out: {path}: {why}"
    questions = list(made.list_questions())
    for places, text in _fold_questions(questions):
        more = f" and {len(places) - 1:,} more" if len(places) > 1 else ""
        yield f"question: {places[0]}{more}: {shorten_value(text, LONGEST_QUESTION)}"
    yield "the descriptor has no description, licences, contributors or version, which no file says; add them"
    count = len(questions)
    asked = f" with {count} open question{'s' if count > 1 else ''}" if count else ""
    command = name_command("validate", "DESCRIPTOR", str(made.descriptor))
    yield f"{made.descriptor}: written{asked}; now run {command}"


# A question that names many columns is whole in the descriptor.
LONGEST_QUESTION = 300
# The same question about so many files is printed once.
FEWEST_FOLDED = 5


def _fold_questions(questions: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[tuple[list[str], str]]:
    """Each question with the places that it is about; the same one about a few places is several."""
    by_text: dict[tuple[str, str], list[str]] = {}
    for place, question in questions:
        by_text.setdefault((question["question"], place.partition(": ")[2]), []).append(place)
    for (text, _), places in by_text.items():
        if len(places) < FEWEST_FOLDED:
            yield from (([place], text) for place in places)
        else:
            yield places, text
