"""Blocks: cut into columns by the fastest reader or by the exact one, the records are the same, and so are the faults."""

import codecs
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packpress.package.resource import build_resource
from packpress.problems import CannotReadError
from packpress.tables import decoding as stream
from packpress.tables.csv import read_rows
from packpress.tables.dialect import Layout
from packpress.tables.fast import batches
from packpress.tables.fast.batches import FileReader
from packpress.tables.rows import read_text

pytestmark = pytest.mark.long

# A busy machine is no fault of the code.
settings.register_profile("unhurried", deadline=None, max_examples=40)
settings.load_profile("unhurried")

# What files are made of where they differ from what readers expect.
PARTS = [
    "a",
    "b",
    "é",
    "\U0001f40d",
    ",",
    ",",
    '"',
    '""',
    "\n",
    "\n",
    "\r\n",
    "\r",
    " ",
    "\0",
    ";",
    "'",
    "\ufeff",
    "\u2028",
]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=60).map("".join)
CELLS = st.sampled_from(
    ["", "a", "é b", "1", '"c"', '"d,e"', '"f""g"', '"h\ni"', '"\n\n"', '""', 'j"k', "x\0"]
)
TABLES = st.lists(
    st.lists(CELLS, min_size=2, max_size=2).map(",".join) | st.just("") | TEXTS.map(lambda text: text[:4]),
    max_size=30,
).flatmap(lambda lines: st.sampled_from(["\n", "\r\n"]).map(lambda end: end.join([*lines, ""])))
DIALECTS = [
    {},
    {"header": False},
    {"delimiter": ";", "quoteChar": "'"},
    {"escapeChar": "\\"},
    {"doubleQuote": False},
    {"skipInitialSpace": True},
    {"delimiter": ";a"},
    {"lineTerminator": ";"},
    {"lineTerminator": ";", "delimiter": "b\n"},
    {"commentChar": "a"},
    {"commentRows": [1, 3]},
]


def make_resource(dialect=None, encoding="utf-8", width=2):
    fields = [{"name": f"f{number}"} for number in range(width)]
    return build_resource(
        {
            "name": "t",
            "path": "t.csv",
            "schema": {"fields": fields},
            "dialect": dialect or {},
            "encoding": encoding,
        }
    )


def read_simply(text, dialect):
    """The records by one loop over the lines of the whole text."""
    end = dialect.get("lineTerminator")
    lines = io.StringIO(text, newline="")
    if end:
        lines = re.findall(f".*?{re.escape(end)}|.+", text, re.DOTALL)
    return [(line, cells) for _, line, cells in read_rows(lines, "t.csv", Layout(dialect)) if cells]


def read_by_blocks(folder, resource):
    """The header and the records, or the problem that keeps the file from being read."""
    try:
        reader = FileReader(folder, "t.csv", resource)
        found = []
        for block in reader.blocks():
            assert list(block.records()) == [(block.line(i), block.cells(i)) for i in range(len(block))]
            found += [
                (line, cells, block.odd.get(index, block.width or len(cells)))
                for index, (line, cells) in enumerate(block.records())
            ]
        if reader.stamp:
            columns = batches.read_columns(folder, resource, {"t.csv": reader.stamp})
            again = [
                row for part in columns for row in zip(*(column.texts() for column in part), strict=True)
            ]
            assert [tuple(cell or "" for cell in row) for row in again] == [cells for _, cells, _ in found]
    except CannotReadError as error:
        return error.problem
    return (reader.header, found)


def read_whole(folder, resource):
    try:
        text = read_text(folder / "t.csv", "t.csv", resource.encoding)
        records = read_simply(text, resource.dialect)
    except CannotReadError as error:
        return error.problem
    has_header = resource.dialect.get("header", True)
    header = (records.pop(0)[1] if records else ()) if has_header else resource.field_names
    width = len(header)
    return header, [(line, (*cells, *("",) * width)[:width], len(cells)) for line, cells in records if width]


# The size of pieces, and of what Arrow parses at once; how many bytes are read line by line around a fault,
# and by columns at the least.
WAYS = {
    "large pieces": (1 << 21, 1 << 18, 1 << 10, 1 << 15),
    "large pieces, cut at every fault": (1 << 21, 1 << 18, 1, 1),
    "large pieces, cut at some faults": (1 << 21, 8, 4, 8),
    "small pieces": (16, 8, 1, 1),
    "tiny pieces": (3, 2, 1, 1),
}


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def piece(request, monkeypatch):
    size, at_once, slowly, quickly = request.param
    monkeypatch.setattr(stream, "PIECE", size)
    monkeypatch.setattr(batches, "PIECE", size)
    monkeypatch.setattr(batches, "BLOCK_SIZE", at_once)
    monkeypatch.setattr(batches, "FEWEST_SLOWLY", slowly)
    monkeypatch.setattr(batches, "FEWEST_QUICKLY", quickly)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("blocks")


def check_same(folder, data, resource):
    (folder / "t.csv").write_bytes(data)
    assert read_by_blocks(folder, resource) == read_whole(folder, resource)


@pytest.mark.usefixtures("piece")
@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
@given(TEXTS | TABLES)
def test_blocks_hold_what_the_exact_reader_reads(folder, dialect, text):
    check_same(folder, text.encode("utf-8"), make_resource(dialect))


@pytest.mark.usefixtures("piece")
@given(TABLES)
def test_one_column_is_read_alike(folder, text):
    check_same(folder, text.replace(",", "").encode("utf-8"), make_resource(width=1))


@pytest.mark.usefixtures("piece")
@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8",
        "UTF8",
        "utf-8-sig",
        "iso-8859-1",
        "utf-16",
        "utf-16-le",
        "cp1252",
        "shift-jis",
        "ascii",
        "nonesuch",
        "base64",
    ],
)
@given(
    st.binary(min_size=1, max_size=40)
    | TABLES.map(lambda text: b"a" + text.encode("utf-8"))
    | TABLES.map(lambda text: text.encode("utf-16"))
)
def test_what_is_not_in_its_encoding_is_said_alike(folder, encoding, data):
    check_same(folder, data, make_resource(encoding=encoding))


@pytest.mark.usefixtures("piece")
@pytest.mark.parametrize(
    "tail", [b"", b"\xef", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff", b"\xc3\xa9"]
)
def test_a_character_may_be_cut_by_a_piece_but_not_by_the_end(folder, tail):
    for padding in range(6):
        check_same(
            folder,
            codecs.BOM_UTF8 + b"f0,f1\n" + b"x" * padding + "é,\U0001f40d\n".encode() * 3 + tail,
            make_resource(),
        )


def test_rows_are_read_again_without_a_check_while_the_file_is_the_same(folder, monkeypatch):
    resource = make_resource()
    (folder / "t.csv").write_bytes(b"f0,f1\na,b\n" + b'c,"d\n"\n' * 9)
    reader = FileReader(folder, "t.csv", resource)
    expected = [column.texts() for block in reader.blocks() for column in block.columns]
    stamps = {"t.csv": reader.stamp}
    monkeypatch.setattr(batches, "find_regular", lambda *_: pytest.fail("looked for faults"))
    assert [c.texts() for part in batches.read_columns(folder, resource, stamps) for c in part] == expected
    monkeypatch.undo()
    (folder / "t.csv").write_bytes(b'f0,f1\na"b,c\n')
    (columns,) = batches.read_columns(folder, resource, stamps)
    assert [column.texts() for column in columns] == [['a"b'], ["c"]]
    again = FileReader(folder, "t.csv", resource)
    assert len([*again.blocks()]) == 1
    assert again.stamp is None


@pytest.mark.parametrize("length", [131_071, 131_072, 131_073, 500_000])
def test_a_huge_cell_is_read_or_refused_alike(folder, length):
    for cell in ("x" * length, f'"{"y" * length}"', "é" * length):
        check_same(folder, f"f0,f1\na,b\n{cell},1\nc,d\n".encode(), make_resource())


def test_most_blocks_are_regular(folder):
    line = 'a,"b, ""c"""\n"d\ne",f\n'
    (folder / "t.csv").write_bytes(("f0,f1\n" + line * 400_000).encode())
    assert all(block.form for block in FileReader(folder, "t.csv", make_resource()).blocks())


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_the_first_byte_that_is_no_text_is_where_python_finds_it(data):
    """Whatever is decoded at once: pieces of a file, and parts of these."""
    text = data.draw(st.text(st.sampled_from("aé€😀\n"), max_size=40)).encode()
    broken = data.draw(st.binary(max_size=4))
    at = data.draw(st.integers(0, len(text)))
    raw = text[:at] + broken + text[at:]
    try:
        expected: object = raw.decode()
    except UnicodeDecodeError as error:
        expected = f"{raw[error.start]:02X}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "PIECE", data.draw(st.integers(4, 16)))
        patch.setattr(stream, "AT_ONCE", data.draw(st.integers(4, 16)))
        try:
            found: object = b"".join(
                stream.open_pieces(lambda: io.BytesIO(raw), "t.csv", "utf-8", stream.ByteFacts())
            ).decode()
        except CannotReadError as error:
            found = str(error).split("byte ")[1][:2]
    assert found == (expected.removeprefix("\ufeff") if isinstance(expected, str) else expected)
