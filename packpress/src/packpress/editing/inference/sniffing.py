"""Sniffing: the encoding and the dialect of a text file, and where its table begins.

What is found is what `packpress.tables` then reads the file with; every doubt becomes a question.
"""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from packpress.package.resource import build_resource
from packpress.problems import CannotReadError, shorten_value
from packpress.tables.decoding import BOM, ByteFacts, Opener, make_opener, open_pieces
from packpress.tables.dialect import Layout

# So much text is looked at to find the dialect, and so many rows to find the header.
SAMPLE, MOST_ROWS = 1 << 18, 500
# Rows above a header: titles, notes and comments.
MOST_ABOVE = 60
DELIMITERS = (",", ";", "\t", "|", ":", " ")
COMMENTS = ("#", "%", "//")
LATIN = ("windows-1252", "windows-1250", "mac-roman", "cp850")
OTHERS = ("shift_jis", "gb18030", "big5", "euc-kr", "windows-1251", "koi8-r", "windows-1253")
NUMERIC = re.compile(
    r"[+-]?[$€£¥]? ?(?:[0-9]+(?:[.,' \u00a0\u202f][0-9]+)*[.,]?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?"
    r" ?[%$€£¥]?"
)
MOMENT = re.compile(
    r"(?:[0-9]{1,4}([-/.])(?:[0-9]{1,2}|[A-Za-z]{3,9})\1[0-9]{1,4}(?:[T ].*)?|[0-9]{1,2}:[0-9]{2}.*)"
)
BRACKETED = re.compile(r"\(.*\)|\[.*\]")
YEAR = re.compile(r"(?:1[89]|20|21)[0-9]{2}")


def list_words(text: str) -> frozenset[str]:
    """The words of a text.

    >>> sorted(list_words("boat boats"))
    ['boat', 'boats']
    """
    return frozenset(text.split())


# Texts by which people and programs mean that there is no value.
MISSING = list_words(
    "- -- --- — – . .. ? * ** *** : NA N/A n/a #N/A NaN nan null NULL Null None none nil \\N (null) NODATA"
    " nd n.d. k.A. missing Missing unknown Unknown"
)


def is_value(text: str) -> bool:
    """Whether a text is a number, a date or a time, as headers seldom are.

    >>> [is_value(text) for text in ("12,5", "03/04/2021", "12:30", "boat_id", "Q1")]
    [True, True, True, False, False]
    """
    text = text.strip()
    return bool(NUMERIC.fullmatch(text) or MOMENT.fullmatch(text))


@dataclass(frozen=True)
class Question:
    """What was seen and what to do about it; and the properties to add to the descriptor if it is so.

    - `shared`: what is asked of several columns of a table at once; empty if each is asked about alone.
    - `brief`: what is said of this column there.
    - `proposals`: the proposals for several columns, by name.

    >>> Question("four digits; a year?", {"type": "year"}).described()
    {'question': 'four digits; a year?', 'proposal': {'type': 'year'}}
    """

    text: str
    proposal: dict[str, Any] = field(default_factory=dict)
    shared: str = ""
    brief: str = ""
    proposals: dict[str, dict[str, Any]] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        """The question as a descriptor holds it."""
        proposed = {"proposal": self.proposal, "proposals": self.proposals}
        return {"question": self.text} | {name: value for name, value in proposed.items() if value}


# ---- the encoding


def find_encoding(opener: Opener, path: str) -> tuple[str, list[Question]]:
    """The encoding of a file, in which all of it can be decoded, and a question unless it is Unicode.

    >>> import io
    >>> find_encoding(lambda: io.BytesIO(b"M\\xc3\\xb6we"), "a.csv")[0]
    'utf-8'
    >>> find_encoding(lambda: io.BytesIO(b"M\\xf6we; gr\\xfcn"), "a.csv")[0]
    'windows-1252'
    """
    with opener() as handle:
        start = handle.read(SAMPLE)
    if start.startswith(BOM):
        return "utf-8-sig", []
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", []
    if nul := _find_wide(start):
        return nul, []
    if _decodes(opener, path, "utf-8"):
        return "utf-8", []
    encoding = _guess_single(opener, path)
    return encoding, [Question(_ask_encoding(opener, path, encoding))]


def _find_wide(start: bytes) -> str:
    """The form of UTF-16 of bytes without a mark; empty if they are no such."""
    odd, even = start[1:4096:2], start[:4096:2]
    if odd and odd.count(0) > 0.4 * len(odd) and even.count(0) < 0.1 * len(even):
        return "utf-16-le"
    is_big = even and even.count(0) > 0.4 * len(even) and odd.count(0) < 0.1 * max(len(odd), 1)
    return "utf-16-be" if is_big else ""


def _decodes(opener: Opener, path: str, encoding: str) -> bool:
    try:
        for _ in open_pieces(opener, path, encoding, ByteFacts()):
            pass
    except CannotReadError:
        return False
    return True


def _list_marked_lines(opener: Opener, most: int = 400) -> list[bytes]:
    """Lines with characters beyond ASCII."""
    with opener() as handle:
        return list(islice((line for line in handle if not line.isascii()), most))


def _guess_single(opener: Opener, path: str) -> str:
    """The encoding, other than Unicode, under which the words of a file look most like words."""
    data = b"".join(_list_marked_lines(opener))
    runs = re.findall(rb"[\x80-\xff]+", data)
    is_latin = len(re.sub(rb"[\x00-\x7f]", b"", data)) < 2.2 * len(runs)
    candidates = LATIN if is_latin else (*OTHERS, *LATIN)
    scored = [(_score(data, one), -place, one) for place, one in enumerate(candidates)]
    for _, _, encoding in sorted(scored, reverse=True):
        if _decodes(opener, path, encoding):
            return encoding
    return "iso-8859-1"


# A letter beyond ASCII among letters of the same case; and signs that words do not have within.
FITTING = re.compile(
    r"(?<=[a-z])[ß-öø-ÿāăąćčďđēęěğīıłńňőřśşšťţūůűźżžœ](?=[a-z])|(?<=[А-Яа-яёІіЇї])[а-яёії]"
    "|[\u00a0’‘“”–—…]"
)
WIDE = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
UNFITTING = re.compile(
    r"(?<=[a-z])[À-ÖØ-ÞŸŠŽŒ](?=[a-z])|(?<=\w)[^\w\s\x00-\x7f·’´–](?=\w)|[\x80-\x9f\ufffd]|(?<=[а-яё])[А-ЯЁ]"
)


def _score(data: bytes, encoding: str) -> float:
    """How much a text in this encoding looks like words: the share of fitting letters, less of odd ones."""
    try:
        text = data.decode(encoding, "strict")
    except UnicodeDecodeError:
        return -1.0
    foreign = sum(ord(letter) > 127 for letter in text) or 1
    fitting = len(FITTING.findall(text)) + len(WIDE.findall(text))
    return (fitting - 2 * len(UNFITTING.findall(text))) / foreign


def _ask_encoding(opener: Opener, path: str, encoding: str) -> str:
    (line, *_) = _list_marked_lines(opener, 1) or [b""]
    text = line.decode(encoding, "replace")
    word = next((word for word in re.findall(r"\w+", text) if not word.isascii()), text.strip())
    return (
        f'not UTF-8; read as {encoding}, in which it has "{shorten_value(word)}"; '
        "if that is wrong, declare its encoding"
    )


# ---- where a table is


def count_filled(row: Sequence[str]) -> int:
    """The number of cells with a value.

    >>> count_filled(["a", "", " "])
    1
    """
    return sum(bool(cell.strip()) for cell in row)


def find_extent(row: Sequence[str]) -> int:
    """The number of cells up to the last one with a value.

    >>> find_extent(["a", "", "b", ""])
    3
    """
    return max((place for place, cell in enumerate(row, 1) if cell.strip()), default=0)


@dataclass(frozen=True)
class Header:
    """Where the header of a table is: its rows, counted from 0, and its names; no rows if it has none.

    >>> find_header([["Boats of 2024", ""], ["boat", "built"], ["ada", "1998"], ["ida", "2011"]]).rows
    (1,)
    """

    rows: tuple[int, ...]
    names: tuple[str, ...]
    first: int  # the first row of data
    questions: tuple[Question, ...] = ()


def find_header(rows: Sequence[Sequence[str]]) -> Header:
    """The header of a table among the first rows of a file or a sheet."""
    width = _find_width(rows)
    start = _find_start(rows, width)
    if start < 0:
        return Header((), (), 0)
    chosen = _choose_rows(rows, start, width)
    width = max([width, *(find_extent(rows[at]) for at in chosen)])
    if not chosen:
        names = tuple(f"column_{number}" for number in range(1, width + 1))
        asked = Question(f"row {start + 1} looks like data; the columns have no names; name the fields")
        return Header((), names, start, (asked,))
    names = _join_names([[*rows[at], *[""] * width][:width] for at in chosen])
    asked = Question(f'{len(chosen)} rows of headers were joined, such as "{_show_joined(names)}"')
    return Header(chosen, names, chosen[-1] + 1, (asked,) if len(chosen) > 1 else ())


def _show_joined(names: Sequence[str]) -> str:
    return shorten_value(next((name for name in names if " " in name), names[0]))


def _find_width(rows: Sequence[Sequence[str]]) -> int:
    """The number of columns that most rows have; a row with few values says little."""
    extents = Counter(extent for row in rows if (extent := find_extent(row)) > 1)
    if not extents:
        return 1
    common = max(extents, key=lambda extent: (extents[extent] * extent, extent))
    # Rows may end with empty cells, so a few longer ones show the width.
    return max(extent for extent, count in extents.items() if extent == common or count >= 3)


def _find_start(rows: Sequence[Sequence[str]], width: int) -> int:
    """The first row with values in at least half of the columns, followed by another such row."""
    half = [place for place, row in enumerate(rows) if count_filled(row) >= max(1, (width + 1) // 2)]
    most = [place for place in half if 4 * count_filled(rows[place]) >= 3 * width]
    # A header is rarely narrower than what it is the header of; pairs of names and values above it are.
    wide = most if most and most[0] <= MOST_ABOVE else half
    for place in wide[:MOST_ABOVE]:
        following = [row for row in rows[place + 1 : place + 4] if find_extent(row)]
        if not following or any(count_filled(row) * 3 >= width for row in following):
            return _pass_notes(rows, place, width)
    return wide[0] if wide else -1


def _pass_notes(rows: Sequence[Sequence[str]], start: int, width: int) -> int:
    """The start, or the last of the rows of words after it, if that alone has all names."""
    end = start
    while end < len(rows) and not any(map(is_value, rows[end])):
        end += 1
    last = next((place for place in range(end - 1, start, -1) if find_extent(rows[place])), start)
    is_full = count_filled(rows[last]) >= width > count_filled(rows[start])
    return last if end < len(rows) and is_full and last > start + 1 else start


def _choose_rows(rows: Sequence[Sequence[str]], start: int, width: int) -> tuple[int, ...]:
    """The rows that are the header; none if the table begins with data."""
    body = [row for row in rows[start + 1 :] if find_extent(row)]
    if not is_header(rows[start], body):
        return ()
    names = [cell.strip() for cell in rows[start]]
    above = rows[start - 1] if start else []
    if len(set(names)) < len(names) and count_filled(above) > 1 and not any(map(is_value, above)):
        return (start - 1, start)
    if body and _continues_header(rows[start], body, width):
        return (start, rows.index(body[0], start + 1))
    return (start,)


def is_header(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns of the others.

    >>> is_header(["boat", "built"], [["ada", "1998"]]), is_header(["una", "2001"], [["ada", "1998"]])
    (True, False)
    """
    cells = [cell.strip() for cell in first if cell.strip()]
    values = [cell for cell in cells if is_value(cell)]
    if not values:
        return not _is_like_body(first, body)
    years = [int(cell) for cell in values if YEAR.fullmatch(cell)]
    is_series = len(years) == len(values) > 1 and sorted(set(years)) in (years, years[::-1])
    named = sum(_names_values(first, body, place) for place in range(len(first)))
    return (is_series and len(values) < len(cells)) or named > len(values)


def _names_values(first: Sequence[str], body: Sequence[Sequence[str]], place: int) -> bool:
    """Whether a text stands above a column of numbers or dates."""
    column = [row[place].strip() for row in body if len(row) > place and row[place].strip() not in MISSING]
    filled = [cell for cell in column if cell]
    is_text = bool(first[place].strip()) and not is_value(first[place])
    return is_text and bool(filled) and sum(map(is_value, filled)) >= 0.8 * len(filled)


def _is_like_body(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether most texts of a first row occur again in their columns, as names do not."""
    filled = [place for place, cell in enumerate(first) if cell.strip()]
    again = [
        place for place in filled if any(len(row) > place and row[place] == first[place] for row in body)
    ]
    return len(again) > len(filled) / 2


def _continues_header(header: Sequence[str], body: Sequence[Sequence[str]], width: int) -> bool:
    """Whether the row after a header is part of it: units, or names below those of groups."""
    second, rest = body[0], body[1:]
    filled = [cell.strip() for cell in second if cell.strip()]
    if rest and len(filled) > 1 and all(BRACKETED.fullmatch(cell) for cell in filled):
        return True
    if len(rest) < 2 or any(map(is_value, second)):
        return False
    above = [place for place in range(min(width, len(second))) if _names_values(second, rest, place)]
    missing = [place for place in above if second[place].strip() in MISSING]
    numeric = [place for place in range(min(width, len(header))) if _names_values(header, rest, place)]
    blanks = width - count_filled(header)
    others = [place for place in range(min(width, len(second))) if place not in above]
    if not blanks and any(second[place].strip() for place in others):
        return False  # a row of data: units stand only where there are numbers
    return bool(above) and not missing and (2 * len(above) > len(numeric) or blanks > 0)


def _join_names(rows: list[list[str]]) -> tuple[str, ...]:
    """The names of a header as `Layout.join_header` joins them."""
    return Layout({"headerRows": list(range(1, len(rows) + 1))}).join_header([tuple(row) for row in rows])


# ---- the dialect of a text file


@dataclass(frozen=True)
class Sniffed:
    """How a text file is to be read, as properties of a resource, and what is doubtful about it."""

    properties: dict[str, Any]
    names: tuple[str, ...]
    questions: tuple[Question, ...] = ()
    # Texts above the header, which no table holds.
    notes: tuple[str, ...] = ()


def sniff_file(root: Path, path: str) -> Sniffed | None:
    """The encoding and dialect of a text file, and the names of its columns; None if it holds no table."""
    opener = make_opener(root, path, build_resource({"name": path, "path": path, "schema": {"fields": []}}))
    encoding, questions = find_encoding(opener, path)
    text = _read_sample(opener, path, encoding)
    lines = text.splitlines(keepends=True)[: MOST_ROWS + MOST_ABOVE]
    if not any(line.strip() for line in lines):
        return None
    comment = _find_comment(lines)
    plain = [line for line in lines if not (comment and line.startswith(comment))]
    delimiter, quote = find_delimiter(plain, path)
    rows = list(_read_sample_rows(lines, delimiter, quote))
    if not rows or (path.endswith((".txt", ".dat", ".log")) and max(map(find_extent, rows)) < 2):
        return None
    dialect = _describe_delimiter(delimiter, quote, rows, path)
    if comment:
        found = _find_below_comments(rows, comment, dialect)
    else:
        found = _describe_header(find_header(rows), rows, dialect)
    if not found.names:
        return None
    properties = {"encoding": encoding} | ({"dialect": dialect} if dialect else {})
    return Sniffed(properties, found.names, (*questions, *found.questions), found.notes)


def _read_sample(opener: Opener, path: str, encoding: str) -> str:
    """The first lines of a file, whole."""
    parts, size = list[bytes](), 0
    for piece in open_pieces(opener, path, encoding, ByteFacts()):
        parts.append(piece)
        size += len(piece)
        if size > SAMPLE:
            break
    data = b"".join(parts)
    cut = data.rfind(b"\n", 0, SAMPLE) + 1 if len(data) > SAMPLE else len(data)
    return data[: cut or len(data)].decode("utf-8").removeprefix("\ufeff")


def _find_comment(lines: Sequence[str]) -> str:
    """The sign with which the first lines of a file begin, if others follow that do not."""
    for sign in COMMENTS:
        marked = sum(line.startswith(sign) for line in lines)
        if lines[0].startswith(sign) and marked < len(lines):
            return sign
    return ""


def is_tab_separated(path: str) -> bool:
    """Whether the name of a file says that tabs separate its cells.

    >>> is_tab_separated("boats.TSV.gz"), is_tab_separated("boats.csv")
    (True, False)
    """
    return path.lower().removesuffix(".gz").endswith((".tsv", ".tab"))


def find_delimiter(lines: Sequence[str], path: str = "") -> tuple[str, str]:
    """The delimiter and the quote of some lines.

    >>> find_delimiter(["boat;built\\n", "ada;1998,5\\n"])
    (';', '"')
    """
    quote = _find_quote(lines)
    best, found = 0.0, "\t" if is_tab_separated(path) else ","
    for delimiter in DELIMITERS:
        counts = [
            len(row)
            for row in _read_sample_rows(lines, delimiter, quote)
            if any(cell.strip() for cell in row)
        ]
        widths = Counter(count for count in counts if count > 1)
        if not widths:
            continue
        width, often = max(widths.items(), key=lambda item: (item[1] * min(item[0], 4), item[0]))
        weight = {":": 0.5, " ": 0.4}.get(delimiter, 1.0)
        score = weight * often / len(counts) * (1 + min(width, 20) / 100)
        if score > best and (often > 1 or len(counts) < 3):
            best, found = score, delimiter
    return found, quote


def _find_quote(lines: Sequence[str]) -> str:
    """The character around cells."""
    text = "".join(lines)
    around = {
        sign: len(re.findall(rf"(?:^|[,;\t|]){sign}[^\n]*?{sign}(?=[,;\t|\r\n]|$)", text, re.M))
        for sign in "\"'"
    }
    return "'" if around["'"] > 2 and not around['"'] and around["'"] * 4 > len(lines) else '"'


def _read_sample_rows(lines: Sequence[str], delimiter: str, quote: str) -> Iterator[list[str]]:
    """The rows of a sample, the last of which may be cut; not strictly, so that every file has some."""
    reader = csv.reader(lines, delimiter=delimiter, quotechar=quote, skipinitialspace=delimiter == " ")
    csv.field_size_limit(1 << 20)
    try:
        yield from islice(reader, MOST_ROWS)
    except csv.Error:
        return


def _describe_delimiter(delimiter: str, quote: str, rows: list[list[str]], path: str) -> dict[str, Any]:
    usual = "\t" if is_tab_separated(path) else ","
    dialect: dict[str, Any] = {} if delimiter == usual else {"delimiter": delimiter}
    if quote != '"':
        dialect["quoteChar"] = quote
    later = [cell for row in rows for cell in row[1:] if cell]
    if later and sum(cell.startswith(" ") for cell in later) > 0.9 * len(later):
        dialect["skipInitialSpace"] = True
    return dialect


def _describe_header(header: Header, rows: list[list[str]], dialect: dict[str, Any]) -> Sniffed:
    """The header, and in the dialect where it is."""
    above = header.rows[0] if header.rows else header.first
    notes = tuple(filter(None, (" ".join(filter(None, map(str.strip, row))) for row in rows[:above])))
    asked = list(header.questions)
    names = tuple(name.removeprefix(" ") if "skipInitialSpace" in dialect else name for name in header.names)
    # Delimiters at the end of every row, header included, make columns that nobody named.
    lengths = Counter(map(len, rows[header.first :]))
    names += ("",) * (max(lengths, key=lambda one: lengths[one], default=0) - len(names))
    own = name_columns(names)
    if not header.rows:
        dialect |= {"header": False} | ({"commentRows": list(range(1, above + 1))} if above else {})
        return Sniffed({}, own, tuple(asked), notes)
    if own != names or len(header.rows) > 1:
        # Positions, not names, tell which column is which, so the header is skipped like a comment; tools
        # differ in how they join headers of several rows.
        dialect |= {"header": False, "commentRows": list(range(1, header.rows[-1] + 2))}
        asked += [ask_names(names, own)] if own != names else []
    elif header.rows != (0,):
        dialect["headerRows"] = [row + 1 for row in header.rows]
    return Sniffed({}, own, tuple(asked), notes)


def _find_below_comments(rows: list[list[str]], sign: str, dialect: dict[str, Any]) -> Sniffed:
    """The header of a table below comments, or the last comment if that names its columns."""
    marked = next((place for place, row in enumerate(rows) if not _is_comment(row, sign)), 0)
    body = [row for row in rows[marked:] if not _is_comment(row, sign)]
    last = [cell.strip() for cell in rows[marked - 1]] if marked else []
    names = [last[0].removeprefix(sign).strip(), *last[1:]] if last else []
    notes = tuple(",".join(row) for row in rows[:marked])
    if body and len(names) == len(body[0]) > 1 and not is_header(body[0], body[1:]) and all(names):
        dialect |= {"header": False, "commentRows": list(range(1, marked + 1))}
        asked = Question(f'the header is a comment, row {marked}; its names are taken without the "{sign}"')
        return Sniffed({}, name_columns(tuple(names)), (asked,), notes[:-1])
    header = find_header(body)
    if len(sign) == 1:
        dialect["commentChar"] = sign
    else:
        dialect["commentRows"] = list(range(1, marked + 1))
    if not header.rows:
        dialect["header"] = False
    return Sniffed({}, name_columns(header.names), header.questions, notes)


def _is_comment(row: Sequence[str], sign: str) -> bool:
    return bool(row) and row[0].startswith(sign)


def name_columns(names: Sequence[str]) -> tuple[str, ...]:
    """The names of columns, with one of its own for each that has none or repeats another.

    >>> name_columns(("boat", "", "Boat"))
    ('boat', 'column_2', 'Boat_2')
    """
    given = {name.casefold() for name in names}
    seen, made = set[str](), list[str]()
    for place, name in enumerate(names, 1):
        base = name if name.strip() else f"column_{place}"
        own, number = base, 1
        while own.casefold() in seen or (own != name and own.casefold() in given):
            number += 1
            own = f"{base}_{number}"
        seen.add(own.casefold())
        made.append(own)
    return tuple(made)


def ask_names(names: Sequence[str], own: Sequence[str]) -> Question:
    """The question about columns whose names were empty or repeated.

    >>> ask_names(("boat", ""), ("boat", "column_2")).text
    'the header has no name of its own for "column_2"; name the field as what it holds'
    """
    new = ", ".join(f'"{one}"' for name, one in zip(names, own, strict=True) if name != one)
    return Question(
        f"the header has no name of its own for {shorten_value(new)}; name the field as what it holds"
    )
