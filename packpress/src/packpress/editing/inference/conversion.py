"""Conversion: workbooks, databases and Parquet files as tables of text, with what they say of their types.

These formats are no resources that packpress reads, so `packpress init` writes each of their tables to a CSV
file beside them; the originals are only read. What a file has that no CSV file holds becomes a question.
"""

import base64
import io
import json
import re
import sqlite3
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from shutil import copy
from typing import Any
from xml.etree import ElementTree

from packpress.editing.inference.sniffing import (
    MOST_ROWS,
    Question,
    ask_names,
    count_filled,
    find_extent,
    find_header,
    name_columns,
)
from packpress.problems import CannotReadError, require_extra, shorten_value
from packpress.sql import quote_identifier, quote_identifiers
from packpress.tables.csv import render_lines
from packpress.tables.types import Duration

# A cell as its file holds it: a text, number, boolean, date or time; None if it is empty.
Cells = Sequence[Any]
ROWS_AT_ONCE = 5_000


@dataclass
class RawTable:
    """One table in a file of another format: its columns and rows, and what the file says of them."""

    title: str
    names: tuple[str, ...]
    rows: Iterable[Cells]
    # Properties of the fields, of the schema, and what is doubtful, by field or for the whole table.
    types: dict[str, dict[str, Any]] = field(default_factory=dict)
    schema: dict[str, Any] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    # The kinds of cells by column, counted while the rows are written.
    kinds: list[Counter[str]] = field(default_factory=list)


# Tables of a file, and what of it no table holds.
Opened = tuple[list[RawTable], list[str]]

NAMES = {
    bool: "boolean",
    int: "integer",
    float: "number",
    Decimal: "number",
    datetime: "datetime",
    date: "date",
    time: "time",
    timedelta: "duration",
    bytes: "binary",
    list: "array",
    dict: "object",
}


def write_cell(value: Any) -> str:
    """The text of a value, in the default format of its type.

    >>> write_cell(3.0), write_cell(datetime(2024, 3, 1, 12)), write_cell(None), write_cell("007")
    ('3', '2024-03-01T12:00:00', '', '007')
    """
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else _write_float(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return str(
                Duration(0, Decimal(value.days * 86400 + value.seconds) + Decimal(value.microseconds) / 10**6)
            )
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case list() | dict() | tuple():
            return json.dumps(value, ensure_ascii=False, default=write_cell)
        case Decimal():
            return f"{value:f}"
    return str(value)


def _write_float(value: float) -> str:
    return {"inf": "INF", "-inf": "-INF", "nan": "NaN"}.get(repr(value), repr(value))


def write_table(found: RawTable, file: Path) -> int:
    """Writes the rows of a table as CSV, counts the kinds of its cells, and returns the number of rows."""
    found.kinds = [Counter() for _ in found.names]
    width, count = len(found.names), 0
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        out.write(render_lines(found.names, []))
        rows = iter(found.rows)
        while batch := list(islice(rows, ROWS_AT_ONCE)):
            written = [_write_row(row, width, found.kinds) for row in batch]
            count += len(written)
            out.write(render_lines(written[0], written[1:]))
    return count


def _write_row(row: Cells, width: int, kinds: list[Counter[str]]) -> list[str]:
    cells = row if len(row) == width else [*row, *[None] * width][:width]
    for kind, cell in zip(kinds, cells, strict=True):
        if cell is not None and cell != "":
            kind[NAMES.get(type(cell), "text")] += 1
    return [write_cell(cell) for cell in cells]


# ---- spreadsheets


def open_grid(title: str, rows: Iterable[Cells], notes: list[str]) -> list[RawTable]:
    """The tables on a sheet: below its notes, and apart from each other by blank rows.

    >>> (boats,) = open_grid("Boats", [["Fleet"], [], ["boat", "built"], ["ada", 1998]], notes := [])
    >>> boats.names, list(boats.rows), notes
    (('boat', 'built'), [['ada', 1998]], ['sheet "Boats": "Fleet" stands outside its table'])
    """
    found: list[RawTable] = []
    blocks = _split_blocks(rows)
    widest = max((_extent_of(row) for block in blocks for row in block), default=0)
    for block in blocks:
        sample = [[write_cell(cell) for cell in row] for row in block[:MOST_ROWS]]
        extent = max(map(find_extent, sample), default=0)
        if len(sample) < 2 or extent == 1 < widest:
            notes += [_note(title, row) for row in sample if count_filled(row)]
            continue
        found.append(_open_block(title, block, sample, notes, len(found)))
    return found


def _note(title: str, row: Sequence[str]) -> str:
    text = shorten_value(" ".join(filter(None, map(str.strip, row))))
    return f'sheet "{title}": "{text}" stands outside its table'


def _split_blocks(rows: Iterable[Cells]) -> list[list[Cells]]:
    """The rows of a sheet, apart where blank rows separate a table from what is no row of it."""
    blocks: list[list[Cells]] = [[]]
    is_blank = False
    for row in rows:
        if not any(cell not in (None, "") for cell in row):
            is_blank = True
            continue
        if is_blank and blocks[-1] and _begins_block(row, blocks[-1]):
            blocks.append([])
        is_blank = False
        blocks[-1].append(row)
    return [block for block in blocks if block]


def _begins_block(row: Cells, block: list[Cells]) -> bool:
    """Whether a row after a blank one is no further row of the block before it."""
    filled = [cell for cell in row if cell not in (None, "")]
    before = [sum(cell not in (None, "") for cell in other) for other in block[-3:]]
    is_narrow = len(filled) == 1 < max(before)
    is_wide = len(filled) > 1 and max(before) == 1
    has_values = any(not isinstance(cell, str) for other in block[1:] for cell in other if cell is not None)
    is_named = len(filled) > 1 and has_values and all(isinstance(cell, str) for cell in filled)
    return is_narrow or is_wide or is_named


def _open_block(
    title: str, block: list[Cells], sample: list[list[str]], notes: list[str], count: int
) -> RawTable:
    used = sorted({place for row in block for place, cell in enumerate(row) if cell not in (None, "")})
    if used != list(range(len(used))):
        # Columns to the left of a table, or between its parts, that nobody uses.
        block = [[row[place] if place < len(row) else None for place in used] for row in block]
        sample = [[write_cell(cell) for cell in row] for row in block[:MOST_ROWS]]
    header = find_header(sample)
    notes += [_note(title, row) for row in sample[: header.rows[0] if header.rows else header.first]]
    width = max(len(header.names), max(map(_extent_of, block[header.first :]), default=0))
    rows = block[header.first :]
    notes += [_note(title, [write_cell(cell) for cell in row]) for row in _take_footnotes(rows, width)]
    rows = _drop_midnights(rows, width)
    names = (*header.names, *[""] * width)[:width]
    own = name_columns(names)
    questions = [*header.questions, *([ask_names(names, own)] if own != names and header.rows else [])]
    return RawTable(title if not count else f"{title} {count + 1}", own, rows, questions=questions)


def _drop_midnights(rows: list[Cells], width: int) -> list[Cells]:
    """The rows with dates in columns of which every date-time is a midnight, as spreadsheets store dates."""
    moments: list[set[time]] = [set() for _ in range(width)]
    for row in rows:
        for place, cell in enumerate(row[:width]):
            if isinstance(cell, datetime):
                moments[place].add(cell.time())
    days = {place for place, times in enumerate(moments) if times == {time()}}
    if not days:
        return rows
    return [
        [
            cell.date() if place in days and isinstance(cell, datetime) else cell
            for place, cell in enumerate(row)
        ]
        for row in rows
    ]


def _extent_of(row: Cells) -> int:
    return max((place for place, cell in enumerate(row, 1) if cell not in (None, "")), default=0)


def _take_footnotes(rows: list[Cells], width: int) -> list[Cells]:
    """Removes the last rows if they are notes: words in few cells, some where the table has values."""
    texts = [[isinstance(cell, str) and cell != "" for cell in row] for row in rows]
    counts = [sum(cell not in (None, "") for cell in row) for row in rows]
    first = len(rows)
    while first > 1 and 2 * counts[first - 1] <= width > 2 and sum(texts[first - 1]) == counts[first - 1]:
        first -= 1
    body = rows[:first]
    values = {place for place in range(width) if 2 * sum(_has_value(row, place) for row in body) > len(body)}
    tail = rows[first:]
    if not any(_is_note(row, values) for row in tail):
        return []
    del rows[first:]
    return tail


def _has_value(row: Cells, place: int) -> bool:
    """Whether a cell has a value other than a text."""
    return len(row) > place and row[place] is not None and not isinstance(row[place], str)


def _is_note(row: Cells, values: set[int]) -> bool:
    """Whether a row has words where the table has values, or one sentence and nothing else."""
    filled = [place for place, cell in enumerate(row) if cell not in (None, "")]
    is_sentence = len(filled) == 1 and (
        str(row[filled[0]]).startswith("*") or str(row[filled[0]]).count(" ") > 1
    )
    return bool(values & set(filled)) or is_sentence


def open_xlsx(file: Path, path: str) -> Opened:
    """The tables on the visible sheets of a workbook."""
    require_extra("workbook", "openpyxl")
    import openpyxl

    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except Exception as error:  # the library raises anything for a damaged file
        raise CannotReadError(path, 0, f"cannot be read as a workbook: {error}; save it again") from None
    found, notes = list[RawTable](), list[str]()
    with closing(book):
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                notes.append(f'sheet "{sheet.title}" is hidden; show it in the workbook to take it')
                continue
            sheet.reset_dimensions()
            tables = open_grid(sheet.title, ([_take_cell(cell) for cell in row] for row in sheet.rows), notes)
            found += tables
    _ask_uncalculated(file, found, notes)
    return found, notes


def _take_cell(cell: Any) -> Any:
    """The value of a cell; a date without a time where its format shows none."""
    value = cell.value
    if isinstance(value, datetime) and value.time() == time() and "h" not in str(cell.number_format).lower():
        return value.date()
    return value


FORMULA = re.compile(rb"<c [^>]*>\s*<f[ >/][^<]*(?:</f>)?\s*(?:<v\s*/>|<v></v>)?\s*</c>")


def _ask_uncalculated(file: Path, found: list[RawTable], notes: list[str]) -> None:
    """Says how many formulas have no value, because no spreadsheet program has calculated them."""
    count = 0
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                count += len(FORMULA.findall(archive.read(name)))
    if count:
        notes.append(f"{count} formulas have no value; open and save it in a spreadsheet program first")
        for table in found:
            table.questions.append(
                Question(
                    f"{count} formulas of the workbook had no value, so their cells are empty; calculate it"
                )
            )


OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
MOST_REPEATED = 1 << 14


def open_ods(file: Path, path: str) -> Opened:
    """The tables on the visible sheets of an OpenDocument spreadsheet."""
    try:
        with zipfile.ZipFile(file) as archive:
            root = ElementTree.parse(io.BytesIO(archive.read("content.xml"))).getroot()
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError):
        raise CannotReadError(path, 0, "cannot be read as a spreadsheet; save it again") from None
    hidden = {
        style.get(f"{STYLE}name")
        for style in root.iter(f"{STYLE}style")
        if any(part.get(f"{TABLE}display") == "false" for part in style.iter(f"{STYLE}table-properties"))
    }
    found, notes = list[RawTable](), list[str]()
    for sheet in root.iter(f"{TABLE}table"):
        title = sheet.get(f"{TABLE}name", "")
        if sheet.get(f"{TABLE}style-name") in hidden:
            notes.append(f'sheet "{title}" is hidden; show it in the spreadsheet to take it')
        else:
            found += open_grid(title, _list_ods_rows(sheet), notes)
    return found, notes


def _list_ods_rows(sheet: Any) -> Iterator[Cells]:
    blank = 0
    for row in sheet.iter(f"{TABLE}table-row"):
        cells: list[Any] = []
        for cell in row:
            if cell.tag in {f"{TABLE}table-cell", f"{TABLE}covered-table-cell"}:
                times = int(cell.get(f"{TABLE}number-columns-repeated", 1))
                cells += [_read_ods_cell(cell)] * min(times, MOST_REPEATED)
        cells = cells[: _extent_of(cells)]
        times = int(row.get(f"{TABLE}number-rows-repeated", 1))
        if not cells:
            blank += 1
            yield []
        else:
            yield from [cells] * times


def _read_ods_cell(cell: Any) -> Any:
    kind = cell.get(f"{OFFICE}value-type")
    text = "\n".join("".join(part.itertext()) for part in cell.iter(f"{TEXT}p"))
    match kind:
        case "float" | "percentage" | "currency":
            value = float(cell.get(f"{OFFICE}value"))
            return int(value) if value.is_integer() and abs(value) < 1e15 else value
        case "date":
            moment = cell.get(f"{OFFICE}date-value")
            return datetime.fromisoformat(moment) if "T" in moment else date.fromisoformat(moment)
        case "time":
            return _read_ods_time(cell.get(f"{OFFICE}time-value"))
        case "boolean":
            return cell.get(f"{OFFICE}boolean-value") == "true"
    return text or None


def _read_ods_time(text: str) -> Any:
    match = re.fullmatch(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S", text)
    if not match:
        return text
    hour, minute, second = map(int, match.groups())
    return time(hour, minute, second) if hour < 24 else timedelta(hours=hour, minutes=minute, seconds=second)


# ---- databases


def open_sqlite(file: Path, path: str, with_views: bool = False) -> Opened:
    """The tables of a database with the types and keys that it declares; views only if they are asked for."""
    notes: list[str] = []
    try:
        with _connect(file) as database:
            kinds = {name: kind for _, name, kind, *_ in database.execute("pragma table_list")}
    except sqlite3.Error as error:
        raise CannotReadError(path, 0, f"cannot be read as a database: {error}; restore it") from None
    found = []
    for name, kind in sorted(kinds.items()):
        if name.startswith("sqlite_") or kind == "shadow":
            continue
        if kind == "view" and not with_views:
            notes.append(f'"{name}" is a view, not a table; take it with --views')
        elif kind == "virtual":
            notes.append(f'"{name}" is a virtual table, which holds no rows of its own')
        else:
            found.append(_open_table(file, name))
    return found, notes


@contextmanager
def _connect(file: Path) -> Iterator[sqlite3.Connection]:
    """The database, opened so that nothing is written beside it; with its log if it has one."""
    with tempfile.TemporaryDirectory() as folder:
        mode = "mode=ro&immutable=1"
        if Path(f"{file}-wal").exists():
            copied = Path(folder) / "copy.db"
            copy(file, copied)
            copy(f"{file}-wal", f"{copied}-wal")
            file, mode = copied, "mode=rw"
        address = f"{file.absolute().as_uri()}?{mode}"
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.text_factory = lambda data: data.decode("utf-8", "replace")
            yield database


def _open_table(file: Path, name: str) -> RawTable:
    with _connect(file) as database:
        quoted = quote_identifier(name)
        columns = [row for row in database.execute(f"pragma table_xinfo({quoted})") if row[6] != 1]
        references = list(database.execute(f"pragma foreign_key_list({quoted})"))
    names = tuple(row[1] for row in columns)
    # As declared, and as the order within the key says.
    key = [row[1] for row in sorted((row for row in columns if row[5]), key=lambda row: row[5])]
    schema: dict[str, Any] = {"primaryKey": key} if key else {}
    if foreign := _read_references(references):
        schema["foreignKeys"] = foreign
    types = {row[1]: kind for row in columns if (kind := _read_affinity(str(row[2])))}
    return RawTable(name, names, _Rows(file, name, names), types, schema)


@dataclass(frozen=True)
class _Rows:
    """The rows of a table of a database, read when they are asked for."""

    file: Path
    name: str
    names: tuple[str, ...]

    def __iter__(self) -> Iterator[Cells]:
        with _connect(self.file) as database:
            listed = quote_identifiers(self.names)
            yield from database.execute(f"select {listed} from {quote_identifier(self.name)}")


def _read_references(rows: list[Any]) -> list[dict[str, Any]]:
    """The foreign keys that a database declares, without those to a key that it leaves unnamed."""
    grouped: dict[int, list[Any]] = {}
    for row in sorted(rows, key=lambda row: (row[0], row[1])):
        grouped.setdefault(row[0], []).append(row)
    return [
        {
            "fields": [row[3] for row in parts],
            "reference": {"resource": parts[0][2], "fields": [row[4] for row in parts if row[4]]},
        }
        for parts in grouped.values()
    ]


def _read_affinity(declared: str) -> dict[str, Any]:
    """What a declared type of SQLite says of a column; nothing where it may hold anything."""
    name = declared.upper()
    if "BOOL" in name:
        return {"type": "boolean"}
    if "CHAR" in name or "TEXT" in name or "CLOB" in name:
        return {"type": "text"}
    if any(part in name for part in ("REAL", "FLOA", "DOUB")):
        return {"type": "number"}
    return {}


# ---- Parquet


def open_parquet(file: Path, path: str) -> Opened:
    """The one table of a Parquet file, with the types that it declares."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        reader = pq.ParquetFile(str(file))
    except (pa.ArrowInvalid, OSError) as error:
        raise CannotReadError(path, 0, f"cannot be read as Parquet: {error}; write it again") from None
    schema = reader.schema_arrow
    types = {item.name: kind for item in schema if (kind := _read_arrow(item.type))}
    title = Path(path).name.rsplit(".", 1)[0]

    def read() -> Iterator[Cells]:
        for batch in reader.iter_batches(ROWS_AT_ONCE):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)

    return [RawTable(title, tuple(schema.names), read(), types)], []


ARROW = (
    ("boolean", {"type": "boolean"}),
    ("integer", {"type": "integer"}),
    ("floating", {"type": "number"}),
    ("decimal", {"type": "number"}),
    ("date", {"type": "date"}),
    ("timestamp", {"type": "datetime"}),
    ("time", {"type": "time"}),
    ("list", {"type": "array"}),
    ("struct", {"type": "object"}),
    ("binary", {"type": "string", "format": "binary"}),
    ("string", {"type": "text"}),
    ("large_string", {"type": "text"}),
)


def _read_arrow(kind: Any) -> dict[str, Any]:
    """The type of a column as its Arrow type says; `text` is a string that is not to be read as a number."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _read_arrow(kind.value_type)
    for name, properties in ARROW:
        if getattr(pa.types, f"is_{name}")(kind):
            return dict(properties)
    return {}


# ---- by extension

OPENERS: dict[str, Callable[[Path, str], Opened]] = {
    ".xlsx": open_xlsx,
    ".xlsm": open_xlsx,
    ".ods": open_ods,
    ".parquet": open_parquet,
    ".pq": open_parquet,
    ".sqlite": open_sqlite,
    ".sqlite3": open_sqlite,
    ".db": open_sqlite,
    ".gpkg": open_sqlite,
}
