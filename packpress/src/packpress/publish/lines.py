"""Lines: rows as text, made by whole columns: the CSV that is published, and the JSON that is hashed.

Texts are an Arrow array of strings here, in which a missing cell is null.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from packpress.package.resource import build_resource
from packpress.tables.csv import canonical_bytes
from packpress.tables.fast.columns import Column, bytes_within, make_texts
from packpress.tables.values import Columns, Content, ValueColumn, as_plain

# Cells of no more bytes, some times that as lines, stay far below the two gigabytes that an array can hold.
BYTES_AT_ONCE = 1 << 23
# What a line is joined of: a text that every row has, or one for each row.
Part: TypeAlias = Any

CSV_QUOTED = r'[,"\r\n]'

JSON_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# The control characters that remain.
JSON_RARE = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"
# Numbers that stand in JSON as they are written: so few digits, none of them in vain, that Python would
# write no others of the number that it has read.
JSON_PLAIN = {
    "int64": "^(?:0|-?[1-9][0-9]{0,17})$",
    "float64": r"^-?(?:0\.0{0,3}[1-9](?:[0-9]{0,9}[1-9])?|[1-9][0-9]{0,6}\.[0-9]{0,6}[1-9]"
    r"|(?:0|[1-9][0-9]{0,13})\.0)$",
}
# Numbers to which Python adds a decimal.
JSON_WHOLE = "^(?:0|-?[1-9][0-9]{0,13})$"


def write_csv(path: Path, content: Content) -> None:
    """Writes the canonical CSV of a table; the bytes of its source file when that is canonical.

    >>> from packpress import read_package
    >>> from packpress.tables.values import new_content
    >>> boats = read_package("fleet").by_name["boats"]
    >>> write_csv(Path("boats.csv"), new_content(boats, [("ada", "Ada", "1998")]))
    >>> Path("boats.csv").read_text()
    'boat_id,name,built\\nada,Ada,1998\\n'
    """
    canonical = build_resource(content.resource.published(path.name))
    with path.open("wb") as file:
        file.write(canonical_bytes(canonical, ()))
        file.writelines(_write_csv_lines(content))


def _write_csv_lines(content: Content) -> Iterator[memoryview]:
    """The rows as CSV with commas, line feeds and few quotes, some thousand at a time."""
    for columns in cut_blocks(content.start()):
        cells = [_quote_for_csv(column.array) for column in columns]
        if len(cells) == 1:
            # The one empty cell of a narrow table must not look like a blank line, which is no record.
            cells = [fill_missing(cells[0], '""')]
        yield join_lines([*put_between(cells, ","), "\n"])


def _quote_for_csv(texts: pa.Array) -> pa.Array:
    is_quoted = pc.match_substring_regex(texts, CSV_QUOTED)
    return replace_where(
        texts,
        is_quoted,
        lambda: join_texts(['"', pc.replace_substring(texts.filter(is_quoted), '"', '""'), '"']),
    )


def logical_sums(contents: Iterable[Content]) -> str:
    """One line a table with its hash, in order of their names, then `total`, the hash of these lines.

    >>> from packpress import read_package
    >>> from packpress.tables.values import new_content
    >>> boats = read_package("fleet").by_name["boats"]
    >>> print(" ".join(logical_sums([new_content(boats, [])]).split()[1::2]))
    boats total
    """
    lines = sorted(f"{hash_rows(content)}  {content.resource.name}\n" for content in contents)
    lines.sort(key=lambda line: line.split("  ", 1)[1])
    text = "".join(lines)
    return f"{text}{hashlib.sha256(text.encode('utf-8')).hexdigest()}  total\n"


def hash_rows(content: Content) -> str:
    """SHA-256 over the rows in order of their key, each a JSON array on a line of UTF-8, the names first.

    Numbers are JSON numbers, booleans true or false, dates ISO texts, and a missing cell is null.

    >>> from packpress import read_package
    >>> from packpress.tables.values import new_content
    >>> boats = read_package("fleet").by_name["boats"]
    >>> lines = b'["boat_id","name","built"]\\n["ada","Ada",1998]\\n'
    >>> hash_rows(new_content(boats, [("ada", "Ada", "1998")])) == hashlib.sha256(lines).hexdigest()
    True
    """
    digest = hashlib.sha256(f"{encode_json(content.resource.field_names)}\n".encode())
    for lines in _write_json_lines(content):
        digest.update(lines)
    return digest.hexdigest()


def _write_json_lines(content: Content) -> Iterator[memoryview]:
    """The rows as JSON arrays, a line each, as Python's `json` writes them; some thousand at a time."""
    for columns in cut_blocks(content.read_columns()):
        cells = [
            fill_missing(_write_as_json(reader, column), "null")
            for reader, column in zip(content.columns, columns, strict=True)
        ]
        yield join_lines(["[", *put_between(cells, ","), "]\n"])


def _write_as_json(reader: ValueColumn, column: Column) -> pa.Array:
    texts = reader.drop_missing(column).array
    if reader.type.store is None:
        return _quote_for_json(texts)
    if reader.is_plain_day:
        return join_texts(['"', texts, '"'])
    if reader.type.arrow == "float64" and reader.longest_plain:
        is_whole = pc.match_substring_regex(texts, JSON_WHOLE)
        texts = replace_where(texts, is_whole, lambda: join_texts([texts.filter(is_whole), ".0"]))
    is_other = find_others(reader, texts, JSON_PLAIN)
    return replace_where(texts, is_other, lambda: _write_values(reader, Column(texts.filter(is_other))))


def _write_values(reader: ValueColumn, column: Column) -> pa.Array:
    if reader.type.arrow == "float64":
        numbers = column.read_plain("float64", reader.longest_plain)
        if numbers is not None:
            return make_texts(list(map(repr, numbers)))
    return map_texts(column.array, lambda text: encode_json(as_plain(reader.read(text))))


def _quote_for_json(texts: pa.Array) -> pa.Array:
    if Column(texts).has_controls and is_any(pc.match_substring_regex(texts, JSON_RARE)):
        return map_texts(texts, encode_json)
    return join_texts(['"', escape_texts(texts, JSON_ESCAPES), '"'])


# Letters beyond ASCII as they are.
encode_json: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def cut_blocks(blocks: Iterable[Columns]) -> Iterator[Columns]:
    """The same rows, so few at a time that their cells hold some megabytes.

    >>> [len(columns[0]) for columns in cut_blocks([[Column.of(["ada", "ida"])]])]
    [2]
    """
    for columns in blocks:
        yield from _cut(columns)


def _cut(columns: Columns) -> Iterator[Columns]:
    count = len(columns[0]) if columns else 0
    if count > 1 and sum(column.array.nbytes for column in columns) > BYTES_AT_ONCE:
        for begin, end in ((0, count // 2), (count // 2, count)):
            yield from _cut([Column(column.array.slice(begin, end - begin)) for column in columns])
    elif count:
        yield columns


def find_others(reader: ValueColumn, texts: pa.Array, plain: Mapping[str, str]) -> pa.Array:
    """Which texts do not match the expression for the values of their type, by Arrow's name of it.

    All do not, where there is none or the field has a form of its own.
    """
    expression = plain.get(reader.type.arrow) if reader.longest_plain else None
    return pc.invert(pc.match_substring_regex(texts, expression)) if expression else texts.is_valid()


def map_texts(texts: pa.Array, function: Callable[[str], str | None]) -> pa.Array:
    """What a function makes of each text, asked once for each distinct one.

    >>> map_texts(make_texts(["ada", None, "ida"]), str.upper).to_pylist()
    ['ADA', None, 'IDA']
    """
    encoded = texts.dictionary_encode()
    made = make_texts([function(text or "") for text in Column(encoded.dictionary).texts()])
    return made.take(encoded.indices)


def replace_where(texts: pa.Array, is_such: pa.Array, make: Callable[[], pa.Array]) -> pa.Array:
    """The texts, some of which others replace; these are not made where there are none such.

    >>> texts = make_texts(["ada", "?"])
    >>> replace_where(texts, pc.equal(texts, "?"), lambda: make_texts(["una"])).to_pylist()
    ['ada', 'una']
    """
    return pc.replace_with_mask(texts, is_such, make()) if is_any(is_such) else texts


def is_any(is_such: pa.Array) -> bool:
    """Whether an array of truths holds one that is true.

    >>> is_any(pa.array([False, True])), is_any(pa.array([False]))
    (True, False)
    """
    return bool(pc.any(is_such).as_py())


def escape_texts(texts: pa.Array, escapes: Mapping[str, str]) -> pa.Array:
    """The texts with each sign as it is escaped, one after the other.

    >>> escape_texts(make_texts(["a&b", "c"]), {"&": "&amp;"}).to_pylist()
    ['a&amp;b', 'c']
    """
    held = bytes_within(texts).tobytes()
    for sign, escaped in escapes.items():
        if sign.encode() in held:  # found many times as fast as by Arrow
            texts = pc.replace_substring(texts, sign, escaped)
    return texts


def fill_missing(texts: pa.Array, text: str) -> pa.Array:
    """The texts with one in place of those that are missing.

    >>> fill_missing(make_texts(["ada", None]), "NA").to_pylist()
    ['ada', 'NA']
    """
    return pc.fill_null(texts, make_texts([text])[0]) if texts.null_count else texts


def put_between(cells: Sequence[pa.Array], delimiter: str) -> Iterator[Part]:
    """The cells of a line with a delimiter between them.

    >>> join_lines(put_between([make_texts(["ada", "ida"]), make_texts(["1998", "2011"])], ",")).tobytes()
    b'ada,1998ida,2011'
    """
    for place, texts in enumerate(cells):
        yield from (delimiter, texts) if place else (texts,)


def join_texts(parts: Sequence[Part], missing: str = "emit_null") -> pa.Array:
    """The parts of each row one behind the other; missing where one of them is, unless that is replaced."""
    joined = [make_texts([part])[0] if isinstance(part, str) else part for part in (*parts, "")]
    return pc.binary_join_element_wise(*joined, null_handling=missing, null_replacement="")


def join_lines(parts: Sequence[Part]) -> memoryview:
    """The bytes of all lines, each of which is joined of the parts, of which missing ones are empty."""
    return bytes_within(join_texts(parts, "replace")).data
