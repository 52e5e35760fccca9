"""The engine: columns are judged as their cells would be one by one, whatever way a block was read."""

import csv
import io
import json
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack, contextmanager

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from packpress.checks import validation
from packpress.checks.hygiene import (
    Use,
    describe_characters,
    find_line_breaks,
    find_misleading,
    find_two_spaces,
)
from packpress.checks.validation import format_text
from packpress.package.resource import Field, build_resource
from packpress.publish import derive
from packpress.publish.derive import open_content
from packpress.tables import decoding as stream
from packpress.tables.constraints import make_reader
from packpress.tables.csv import sort_records
from packpress.tables.fast import batches, characters
from packpress.tables.fast.columns import Column, make_binary, make_texts
from packpress.tables.fast.keys import OrderCheck, hash_keys, write_value
from packpress.tables.types import type_of
from packpress.tables.values import ValueColumn

from invented.copies import FLEET
from invented.packages import field, table, write_package
from invented.signs import sign_of_key
from packpress import CannotRunError, read_package, validate
from packpress import similar as nearest
from tests.test_acceptance import FIELDS, TEXTS

pytestmark = pytest.mark.long

# A busy machine is no fault of the code.
settings.register_profile("engine", deadline=None, max_examples=80)
settings.load_profile("engine")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("engine")


def as_csv(*rows):
    text = io.StringIO(newline="")
    # The writer leaves a carriage return without quotes.
    has_returns = any("\r" in cell for row in rows for cell in row)
    quoting = csv.QUOTE_ALL if has_returns else csv.QUOTE_MINIMAL
    csv.writer(text, lineterminator="\n", quoting=quoting).writerows(rows)
    return text.getvalue()


ODD = st.sampled_from(
    [
        "a\u00a0b",
        " a",
        "a ",
        "#REF!",
        "pаin",
        "e\u0301",
        "é",
        "a\nb",
        "#1",
        "\u200b",
        "\ufffd",
        "naïve “x”",
        "日本",
        "\t",
    ]
)
IDS = st.sampled_from(["1", "2", "3", "01", "+2", "x", "", "10", "NA", "4", "4.0"])
NAMES = st.sampled_from(["cod", "eel", "ray", "cods", "", "NA"])
FISH = st.lists(st.tuples(IDS, NAMES, TEXTS | ODD), max_size=8)
BOATS = st.lists(st.tuples(IDS, NAMES, IDS), max_size=8)


def write_fleet(folder, fish, boats):
    """Two tables with keys of one and of two fields, text and numbers; both with a few cells too many."""
    to_fish = [
        {"fields": "fish", "reference": {"resource": "fish", "fields": "id"}},
        {"fields": ["fish", "name"], "reference": {"resource": "fish", "fields": ["id", "name"]}},
        {"fields": "next", "reference": {"resource": "", "fields": "fish"}},
    ]
    fish_fields = [field("id", "integer"), field("name"), field("note", maxLength=6)]
    boat_fields = [
        field("fish", "integer"),
        field("name", unique=True, enum=["cod", "eel"]),
        field("next", "number"),
    ]
    return write_package(
        folder,
        table(
            "fish",
            as_csv(["id", "name", "note"], *fish),
            fish_fields,
            primaryKey="id",
            uniqueKeys=[["name", "id"]],
            missingValues=["", "NA"],
        ),
        table(
            "boats",
            as_csv(["fish", "name", "next"], *boats),
            boat_fields,
            primaryKey=["fish", "name"],
            foreignKeys=to_fish,
        ),
    )


def findings(path):
    report = validate(read_package(path))
    return report.problems, report.notices


@given(FISH, BOATS)
def test_a_package_is_judged_alike_whatever_way_its_blocks_are_read(folder, fish, boats):
    path = write_fleet(folder, fish, boats)
    expected = findings(path)
    for piece in (1 << 21, 9):
        for exactly in (False, True):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(batches, "PIECE", piece)
                patch.setattr(stream, "PIECE", piece)
                if exactly:
                    patch.setattr(batches.FileReader, "_read_regular", lambda _: None)
                assert findings(path) == expected


# Rows as they should be, and rows with each kind of fault for which lines are read one by one.
RIGHT = st.sampled_from(["1,a", "2,b c", '3,"d, e"', '4,"f\ng"', '"5",', '6,"h ""i"" j"'])
WRONG = st.sampled_from(
    ['7,k"l', "8", "9,m,n", "", "#10,o", '11,"p"q', '12,"r', "13,s\rt", "14,u\0", "x,y", ",,"]
)
# How many bytes are read line by line around a fault, and by columns at the least.
CUTS = [(1, 1), (4, 16), (1 << 10, 1 << 15)]


@settings(max_examples=300)
@given(st.lists(st.lists(RIGHT, max_size=9) | WRONG.map(lambda row: [row]), max_size=9), st.data())
def test_only_lines_around_a_fault_are_read_one_by_one_and_judged_alike(folder, parts, data):
    rows = [row for part in parts for row in part]
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    dialect = {"commentChar": "#"} if data.draw(st.booleans()) else {}
    fields = [field("n", "integer"), field("s")]
    text = end.join(["n,s", *rows, ""])
    path = write_package(folder, table("t", text, fields, dialect=dialect))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches.FileReader, "_read_regular", lambda _: None)
        expected = findings(path)
    for slowly, quickly in CUTS:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(batches, "FEWEST_SLOWLY", slowly)
            patch.setattr(batches, "FEWEST_QUICKLY", quickly)
            assert findings(path) == expected


def test_one_fault_leaves_the_other_rows_to_the_columns(tmp_path):
    rows = [f"{number},name {number}" for number in range(60_000)]
    for fault in ('30000,na"me', "30000", "30000,a,b", ""):
        rows[30_000] = fault
        path = write_package(tmp_path, table("t", "\n".join(["n,s", *rows, ""]), [field("n"), field("s")]))
        resource = read_package(path).resources[0]
        blocks = [*batches.FileReader(tmp_path, resource.paths[0], resource).blocks()]
        assert sum(len(block) for block in blocks if block.form is None) < 300
        assert sum(map(len, blocks)) == len(rows) - (not fault)


@given(FISH, BOATS)
def test_keys_are_judged_as_a_plain_loop_would(folder, fish, boats):
    path = write_fleet(folder, fish, boats)
    found, _ = findings(path)
    package = read_package(path)
    read = make_reader(package.by_name["fish"].field("id"), package.by_name["fish"])
    seen, repeated = set(), Counter()
    for row in fish:
        value, message = read(row[0])
        repeated["duplicate"] += value in seen
        # Of a cell that is wrong nothing more is said.
        repeated["key-missing"] += value is None and not message
        seen |= {value} - {None}
    codes = Counter(
        problem.code.removeprefix("schema/")
        for problem in found
        if problem.path == "fish.csv"
        and problem.field == "id"
        and sign_of_key("uniqueKeys") not in problem.message
    )
    assert {code: codes[code] for code in repeated} == dict(repeated)
    read = make_reader(package.by_name["boats"].field("fish"), package.by_name["boats"])
    missing = sum((value := read(row[0])[0]) is not None and value not in seen for row in boats)
    assert sum(p.code == "keys/foreign" and p.field == "fish" for p in found) <= missing
    assert bool(missing) <= any(p.code in {"keys/foreign", "keys/renamed"} for p in found)


@settings(max_examples=40)
@given(
    st.lists(st.integers(-20, 120) | st.integers(0, 10**9)),
    st.sampled_from(["integer", "string"]),
    st.booleans(),
)
def test_a_key_that_returns_is_found_in_whatever_order_the_keys_stand(folder, numbers, kind, is_sorted):
    texts = sorted(map(str, numbers)) if kind == "string" else list(map(str, sorted(numbers)))
    texts = texts if is_sorted else list(map(str, numbers))
    text = "".join(f"{line}\n" for line in ("n,m", *(f"{cell},{cell}" for cell in texts)))
    fields = [field("n", kind), field("m", kind, unique=True)]
    path = write_package(folder, table("t", text, fields, primaryKey="n"))
    expected = [place for place, cell in enumerate(texts) if cell in texts[:place]]
    for piece in (1 << 21, 9):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(batches, "PIECE", piece)
            patch.setattr(stream, "PIECE", piece)
            found = validate(read_package(path)).problems
        for name in ("n", "m"):
            assert [problem.line - 2 for problem in found if problem.field == name] == expected


MISLEADING = st.sampled_from(
    [
        "=1+1",
        "-5",
        "-x",
        "+",
        "@a",
        "-1-2",
        "1-Jan",
        "Sep-02",
        "1.5E+10",
        "1E5",
        "’",
        "a–b",
        "Ã©",
        "â€™",
        "É»",
    ]
    + ["\x01", "a  b", "  ", "Ñ", "\r"]
)
USES = st.builds(Use, st.booleans(), st.booleans(), st.booleans(), st.booleans())


@given(st.lists(MISLEADING | ODD | st.text(max_size=4) | TEXTS, min_size=1), USES)
def test_columns_mislead_as_their_cells_do(texts, use):
    column = Column(make_texts(["", *[text or None for text in texts]]).slice(1))
    expected = [(place, code) for place, text in enumerate(texts) if (code := describe_characters(text, use))]
    assert list(find_misleading(column, use)) == expected
    breaks = [place for place, text in enumerate(texts) if {"\n", "\r"} & {*text}]
    assert list(find_line_breaks(column)) == [(place, "cell/line-break") for place in breaks]
    spaces = [place for place, text in enumerate(texts) if "  " in text]
    assert list(find_two_spaces(column)) == [(place, "cell/two-spaces") for place in spaces]


@contextmanager
def looked_at_as_a_whole():
    """Columns of any size are looked at by their bytes, not cell by cell."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(characters, "SMALL", -1)
        yield


def check_alike(texts, use):
    """A column of these cells misleads where the check of each cell says so."""
    with looked_at_as_a_whole():
        found = list(find_misleading(Column.of([text or None for text in texts]), use))
    assert found == [
        (place, code) for place, text in enumerate(texts) if (code := describe_characters(text, use))
    ]


STRANGERS = st.text(
    st.sampled_from(
        "aé1 -_²ñÂÃâðàïÆß»Ž€\x80\u2019\u20ac\n\r#\t\u00a0\u200b\u200d\u200c\ufffdжΑбπ\u0301\u0327\u093c\u094dकनิாெก็ุ่بَّ\u1161\u11a8가語がか\u3099😀\U0001f3fd\U0001d15e\U000e0001\U000f0000"
    ),
    max_size=6,
) | st.text(max_size=4)


@given(st.lists(STRANGERS, min_size=1, max_size=30), st.booleans())
def test_whole_columns_mislead_as_their_cells_do(texts, is_identifier):
    check_alike(texts, Use(is_text=True, is_identifier=is_identifier, is_free=not is_identifier))


# From where characters of one script are drawn, beside each other and beside those of all scripts.
SCRIPTS = {
    "Latin": (0x20, 0x250),
    "Latin with marks above": (0x1E00, 0x1F00),
    "marks": (0x300, 0x370),
    "Greek": (0x370, 0x400),
    "Greek with breathings": (0x1F00, 0x2000),
    "Cyrillic": (0x400, 0x530),
    "Armenian and Hebrew": (0x530, 0x600),
    "Arabic": (0x600, 0x780),
    "Devanagari and Bengali": (0x900, 0xA00),
    "Tamil to Malayalam": (0xB80, 0xD80),
    "Thai and Lao": (0xE00, 0xF00),
    "Tibetan and Burmese": (0xF00, 0x10A0),
    "Hangul": (0x1100, 0x1200),
    "punctuation": (0x2000, 0x2100),
    "kana": (0x3000, 0x3100),
    "ideographs": (0x9F00, 0xA000),
    "syllables": (0xD780, 0xD7A4),
    "what was composed once": (0xF900, 0xFB50),
    "emoji": (0x1F300, 0x1F700),
    "music": (0x1D100, 0x1D200),
}


@pytest.mark.parametrize("script", SCRIPTS)
@settings(max_examples=60)
@given(st.data())
def test_any_script_misleads_in_columns_as_in_cells(script, data):
    first, last = SCRIPTS[script]
    letters = st.characters(min_codepoint=first, max_codepoint=last - 1)
    texts = data.draw(st.lists(st.lists(letters | STRANGERS, max_size=12).map("".join), max_size=12))
    is_identifier = data.draw(st.booleans())
    check_alike(texts, Use(is_text=True, is_identifier=is_identifier, is_free=not is_identifier))


@pytest.mark.parametrize("is_identifier", [True, False])
def test_every_character_beside_every_kind_of_letter_misleads_in_columns_as_in_cells(is_identifier):
    use = Use(is_text=True, is_identifier=is_identifier, is_free=not is_identifier)
    codes = (*range(0x80, 0x600), *range(0x603, 0xD800, 7), *range(0xE000, 0x30000, 11))
    singles = list(map(chr, codes))
    for before, behind in ("aa", "éé", "1ж", ("か", "Ω"), ("", "")):
        check_alike([f"{before}{one}{behind}" for one in singles], use)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-3, 3),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.decimals(-9, 9, places=2),
    st.floats(-9, 9),
)


@given(VALUES, VALUES)
def test_numbers_are_written_alike_when_they_are_equal(first, second):
    assert (write_value(first) == write_value(second)) == (first == second)


@given(st.lists(st.binary(max_size=9), max_size=20))
def test_equal_keys_have_equal_hashes(found):
    hashes = hash_keys(make_binary(found)).tolist()
    assert len(hashes) == len(found)
    assert len(dict(zip(found, hashes, strict=True))) == len(set(hashes))


@given(FIELDS, st.lists(TEXTS, min_size=1, max_size=8))
def test_columns_hold_the_values_that_their_cells_have(raw, texts):
    resource = build_resource({"name": "t", "schema": {"fields": [raw], "missingValues": ["", "NA"]}})
    item = Field(raw)
    read, reader = make_reader(item, resource), ValueColumn(item, resource)
    # Flags of a pattern, and a bound of whole numbers that is none, make frictionless fail.
    assume("(?" not in item.constraints.get("pattern", "").replace("(?:", ""))
    assume(
        item.type not in {"integer", "year"} or all(type(bound) is int for bound in item.constraints.values())
    )
    good = [text for text in texts if not read(text)[1]]
    assume(good)
    column = Column.of([text or None for text in good])
    try:
        expected = [
            None if read(text)[0] is None else type_of(item).convert(read(text)[0], text) for text in good
        ]
    except ValueError:
        with pytest.raises(CannotRunError):
            reader.read_values(column)
        return
    assert repr(reader.read_values(column)) == repr(expected)
    reader.check(column)


KEYS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "é", "", "\U0001f40d"]), st.sampled_from(["1", "2", "10", "-1", "007", ""])
    ),
    max_size=30,
)


@given(KEYS, st.booleans(), st.sampled_from([["b"], ["a", "b"], ["b", "a"], []]))
def test_rows_are_published_in_order_however_many_they_are(folder, rows, is_sorted, key):
    rows = [(*row, f"{number}\n,") for number, row in enumerate(rows)]
    fields = [field("a"), field("b", "integer"), field("c")]
    item = table("t", as_csv(["a", "b", "c"], *rows), fields, **({"primaryKey": key} if key else {}))
    if is_sorted:
        ordered = sort_records(build_resource(item), rows)
        item["text"] = as_csv(["a", "b", "c"], *ordered)
    package = read_package(write_package(folder, item))
    expected = sort_records(package.resources[0], rows)
    for limit in (1000, 4):
        with pytest.MonkeyPatch.context() as patch, ExitStack() as scratch:
            patch.setattr(derive, "ROWS_IN_MEMORY", limit)
            patch.setattr(derive, "PICKLED_AT_ONCE", 2)
            patch.setattr(batches, "PIECE", 64)
            patch.setattr(stream, "PIECE", 64)
            order = OrderCheck(package.resources[0])
            for block in batches.read_blocks(package.root, package.resources[0]):
                order.add(block.columns)
            table_read = validation.Table(
                package.resources[0], None, lambda table: [], len(rows), order.holds
            )
            content = open_content(package.root, table_read, folder, scratch)
            assert list(content.records) == expected
            assert list(content.records) == expected
            assert len(content.rows) == len(rows)


def test_a_fault_everywhere_is_kept_in_part_and_counted_whole(tmp_path):
    path = write_package(
        tmp_path,
        table("t", "n,s\n" + "x,\n" * 100 + "1, a\n" * 25, [field("n", "integer"), field("s")]),
    )
    report = validate(read_package(path), limit=30)
    assert len(report.problems) == 30
    assert len(report.notices) == 25
    lines = format_text(report).splitlines()
    assert lines[-1] == "100 problems in 1 file, 25 notices"
    assert any("(and 99 more of schema/cell in n" in line for line in lines)
    assert any("(and 24 more of cell/blanks in s" in line for line in lines)
    whole = format_text(report, is_whole=True).splitlines()
    assert "t.csv: and 70 more of schema/cell (70 in n)" in whole


def test_many_foreign_keys_without_a_row_do_not_take_forever(tmp_path, monkeypatch):
    monkeypatch.setattr(nearest, "MOST_COMPARISONS", 100)
    fish = table("fish", "id\n" + "".join(f"f{n}\n" for n in range(60)), [field("id")], primaryKey="id")
    to_fish = {"fields": "fish", "reference": {"resource": "fish", "fields": "id"}}
    boats = table(
        "boats", "fish\n" + "".join(f"zzz{n}\n" for n in range(50)), [field("fish")], foreignKeys=[to_fish]
    )
    report = validate(read_package(write_package(tmp_path, fish, boats)))
    assert {problem.code for problem in report.problems} == {"keys/foreign"}
    assert len(report.problems) == 50


def test_valid_data_need_neither_frictionless_nor_pandas():
    code = (
        f"import sys, runpy\nsys.argv = ['packpress', 'validate', {str(FLEET)!r}]\n"
        "try: runpy.run_module('packpress', run_name='__main__')\nexcept SystemExit: pass\n"
        "print([name for name in ('pandas', 'frictionless', 'regex') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def write_voyages(folder, rows):
    """A package whose large table has so many rows."""
    boats = table(
        "boats",
        "boat\n" + "".join(f"{n}\n" for n in range(997)),
        [field("boat", "integer")],
        primaryKey="boat",
    )
    lines = (
        f"v{n:07d},{n % 997},{2000 + n % 20}-01-{n % 28 + 1:02d},{n * 7919 % 1000003 / 100},seen {n * 7919 % 1000003}\n"
        for n in range(rows)
    )
    voyages = table(
        "voyages",
        "voyage,boat,day,weight,note\n" + "".join(lines),
        [
            field("voyage", required=True),
            field("boat", "integer"),
            field("day", "date"),
            field("weight", "number"),
            field("note"),
        ],
        primaryKey="voyage",
        foreignKeys=[{"fields": "boat", "reference": {"resource": "boats", "fields": "boat"}}],
        publishing={"search": ["note"]},
    )
    return write_package(folder, boats, voyages)


LIMIT = 700  # mebibytes
# Of the program alone: `getrusage` also counts the process that started it.
PEAK = """
status = open("/proc/self/status", encoding="ascii").read()
print(int(status.partition("VmHWM:")[2].split()[0]) // 1024, file=sys.stderr)"""


@pytest.mark.long
@pytest.mark.parametrize("command", ["validate", "build"])
def test_memory_does_not_grow_with_rows(tmp_path, command):
    peaks = []
    for rows in (20_000, 200_000):
        descriptor = write_voyages(tmp_path / str(rows), rows)
        words = [str(descriptor)] + (
            ["--output", str(tmp_path / f"built-{rows}")] if command == "build" else []
        )
        code = (
            f"import sys, runpy\nsys.argv = ['packpress', '{command}', *{json.dumps(words)}]\n"
            f"try: runpy.run_module('packpress', run_name='__main__')\nexcept SystemExit: pass\n{PEAK}"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        peaks.append(int(done.stderr.splitlines()[-1]))
    assert max(peaks) < LIMIT
    # Ten times the rows, and besides their keys nothing of them is kept.
    assert peaks[1] - peaks[0] < 150
