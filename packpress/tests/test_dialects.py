"""Dialects and files as people write them: what is read of them, and what is said of what cannot be."""

import gzip
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from packpress.cli import main
from packpress.package.descriptor import read_descriptor
from packpress.tables.rows import read_tables

import packpress
from invented.findings import locate
from invented.packages import build, field


def write(folder, files, *resources):
    for name, data in files.items():
        (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    path = folder / "datapackage.json"
    path.write_text(json.dumps({"name": "p", "resources": resources}))
    return path


def table(path, *names, **properties):
    schema = {"fields": [field(name) for name in names]}
    return {"name": "t", "path": path, "schema": schema, **properties}


def rows_of(descriptor):
    """The cells of the one table, which must be valid."""
    package = read_descriptor(descriptor)
    assert [str(problem) for problem in packpress.validate(package).problems] == []
    return [row.cells for row in read_tables(package)["t"].rows]


def findings_of(descriptor):
    report = packpress.validate(read_descriptor(descriptor))
    return [*report.problems, *report.notices]


def values_of(descriptor, folder):
    """The values of the table `t` in its database."""
    build(descriptor, folder)
    with closing(sqlite3.connect(folder / "p.db")) as db:
        return db.execute("select * from t order by 1").fetchall()


# Nothing is quoted.


@pytest.mark.parametrize("quote", ["", None])
@pytest.mark.parametrize(
    ("text", "dialect", "rows"),
    [
        ('a\tb\n"Rex" T\t5" pipe\n', {"delimiter": "\t"}, [('"Rex" T', '5" pipe')]),
        ('a|b\n"x|y"\n"|\n', {"delimiter": "|"}, [('"x', 'y"'), ('"', "")]),
        ('a,b\n"x\\,y",\\\\z\n', {"escapeChar": "\\"}, [('"x,y"', "\\z")]),
        ('a::b\n"::"\n\n', {"delimiter": "::"}, [('"', '"')]),
        ('a;b\r\n"";x\r\n', {"csv": {"delimiter": ";"}}, [('""', "x")]),
    ],
)
def test_quotes_are_cells_where_none_is_quoted(tmp_path, quote, text, dialect, rows):
    inner = dialect.get("csv", dialect)
    inner["quoteChar"] = quote
    assert rows_of(write(tmp_path, {"t.txt": text}, table("t.txt", "a", "b", dialect=dialect))) == rows


def test_quotes_that_cannot_be_read_lead_to_the_way_to_say_so(tmp_path):
    text = 'a\tb\n1\t"Rex" T\n'
    (problem,) = findings_of(write(tmp_path, {"t.tsv": text}, table("t.tsv", "a", "b")))
    assert locate(problem) == "t.tsv:2: file/quotes"
    assert 'quoteChar of the dialect as ""' in problem.message


@pytest.mark.parametrize(("text", "code"), [('a,b\n"x,"\n', 0), ("a,b\nx,y\n", 0)])
def test_a_file_without_quotes_is_formatted_as_it_is_read(tmp_path, text, code):
    dialect = {"quoteChar": ""}
    path = write(tmp_path, {"t.csv": text}, table("t.csv", "a", "b", dialect=dialect))
    assert CliRunner().invoke(main, ["format", str(path), "--check"]).exit_code == code


# Missing cells beside an escape character.


@pytest.mark.parametrize(
    ("text", "dialect", "values"),
    [
        ("a,b\n1,\\N\n2,a\\,b\n3,N\n4,x\\N\n", {}, [None, "a,b", "N", "xN"]),
        ('a,b\n1,"say \\"hi\\""\n2,"\\N"\n3,"x,\\N,y"\n', {}, ['say "hi"', None, "x,N,y"]),
        ("a\tb\n1\t\\N\n2\tback\\\\slash\n", {"delimiter": "\t"}, [None, "back\\slash"]),
        ("a::b\n1::\\N\n2::x\n", {"delimiter": "::"}, [None, "x"]),
        ("a,b;1,\\N;2,x;", {"lineTerminator": ";"}, [None, "x"]),
        ("a,b\n1,^0\n2,^^0\n", {"escapeChar": "^", "nullSequence": "^0"}, [None, None]),
        ("a, b\n1, \\N\n", {"skipInitialSpace": True}, [None]),
        ('a|b\n1|\\N\n2|"\n', {"delimiter": "|", "quoteChar": ""}, [None, '"']),
    ],
)
def test_what_means_missing_is_no_escaped_letter(tmp_path, text, dialect, values):
    dialect = {"escapeChar": "\\", "doubleQuote": False, "nullSequence": "\\N"} | dialect
    path = write(tmp_path, {"t.txt": text}, table("t.txt", "a", "b", dialect=dialect))
    assert [value for _, value in values_of(path, tmp_path / "out")] == values


def test_missing_values_of_the_schema_are_no_escaped_letters_either(tmp_path):
    resource = table("t.csv", "a", "b", dialect={"escapeChar": "\\"})
    resource["schema"]["missingValues"] = ["", "\\N"]
    path = write(tmp_path, {"t.csv": "a,b\n1,\\N\n2,\\x\n"}, resource)
    assert values_of(path, tmp_path / "out") == [("1", None), ("2", "x")]


# Parts of a table.


@pytest.mark.parametrize(
    ("names", "first", "second", "said"),
    [
        (("a", "b"), "a,b\n1,x\n", "A,B\n2,y\n", '"A"'),
        (("site_id", "depth"), "site_id,depth\n1,x\n", "Site ID,Depth\n2,y\n", "Site ID"),
        (("id", "name"), "id,name\n1,x\n", "NAME,ID\n2,y\n", '"NAME"'),
        (("number", "colour", "size"), "number,colour,size\n1,x,2\n", "nmuber,color,sizes\n2,y,2\n", "color"),
        (("fish",), "fish\ncod\n", "FISH\nling\n", "FISH"),
    ],
)
def test_a_later_part_with_a_misspelt_header_is_no_row(tmp_path, names, first, second, said):
    path = write(tmp_path, {"1.csv": first, "2.csv": second}, table(["1.csv", "2.csv"], *names))
    (problem,) = findings_of(path)
    assert locate(problem) == "2.csv:1: file/header"
    assert said in problem.message


@pytest.mark.parametrize(
    ("names", "second"),
    [
        (("a", "b"), "2,y\n"),
        (("name", "type"), "Type,x\n"),
        (("x1", "x2", "x3"), "1.5,2.5,3.5\n"),
        (("fish",), "fishy\n"),
        (("species",), "# of 2021\nspecis\nling\n"),
    ],
)
def test_a_later_part_may_go_on_with_rows_and_a_notice_says_so(tmp_path, names, second):
    first, begin = ",".join(names) + "\n", second.count("#") + 1
    resource = table(["1.csv", "2.csv"], *names, dialect={"commentChar": "#"})
    path = write(tmp_path, {"1.csv": first, "2.csv": second}, resource)
    assert [locate(one) for one in findings_of(path)] == [f"notice: 2.csv:{begin}: file/header"]
    rows = [tuple(row.split(",")) for row in second.splitlines()[begin - 1 :]]
    assert values_of(path, tmp_path / "out") == sorted(rows)


def test_a_header_below_a_title_in_a_later_part_is_no_row(tmp_path):
    files = {"1.csv": "species\ncod\n", "2.csv": "of 2021\nspecies\nling\n"}
    path = write(tmp_path, files, table(["1.csv", "2.csv"], "species"))
    assert [locate(one) for one in findings_of(path)] == ["2.csv:1: file/header"]


@pytest.mark.parametrize("names", [("a", "b"), ("fish",)])
def test_parts_without_a_header_are_declared_so(tmp_path, names):
    rows = [",".join(f"{name}{number}" for name in names) + "\n" for number in range(2)]
    resource = table(["1.csv", "2.csv"], *names, dialect={"header": False})
    path = write(tmp_path, dict(zip(resource["path"], rows, strict=True)), resource)
    assert rows_of(path) == [tuple(row.strip().split(",")) for row in rows]


# What is offered for a wrong header.


@pytest.mark.parametrize(
    ("text", "names", "offered", "mended"),
    [
        # The index of pandas: named and declared, removed, or left out.
        (",a,b\n0,x,y\n", "ab", "name and declare it", {"text": "n,a,b\n0,x,y\n", "names": "nab"}),
        (",a,b\n0,x,y\n", "ab", "remove it", {"text": "a,b\nx,y\n"}),
        (",a,b\n0,x,y\n", "ab", 'fieldsMatch to "subset"', {"match": "subset"}),
        ("a,,b\nx,0,y\n", "ab", 'fieldsMatch to "subset"', {"match": "subset"}),
        ("a,b,c\nx,y,0\n", "ab", "declare it as a field", {"names": "abc"}),
        ("a,b,c\nx,y,0\n", "ab", 'fieldsMatch to "subset"', {"match": "subset"}),
        ("a,b,c,d\nx,y,0,1\n", "ab", "remove them", {"text": "a,b\nx,y\n"}),
        ("a\nx\n", "ab", "remove the field", {"names": "a"}),
        ("a,b,\nx,y,\n", "ab", 'fieldsMatch to "subset"', {"match": "subset"}),
        ("b,a\ny,x\n", "ab", 'fieldsMatch to "equal"', {"match": "equal"}),
        ("b,a\ny,x\n", "ab", "order a,b", {"text": "a,b\nx,y\n"}),
        ("a,\nx,y\n", "ab", "write it as a,b", {"text": "a,b\nx,y\n"}),
        ("", "a", "begin the file with a", {"text": "a\n"}),
    ],
)
def test_what_is_offered_for_a_header_works_and_moves_no_value(tmp_path, text, names, offered, mended):
    path = write(tmp_path, {"t.csv": text}, table("t.csv", *names))
    (problem,) = packpress.validate(read_descriptor(path)).problems
    assert locate(problem).startswith("t.csv:1: file/header")
    assert offered in problem.message
    resource = table("t.csv", *mended.get("names", names))
    resource["schema"]["fieldsMatch"] = mended.get("match", "exact")
    path = write(tmp_path, {"t.csv": mended.get("text", text)}, resource)
    for row in rows_of(path):
        known = dict(zip("nabc", ("0", "x", "y", "0"), strict=True))
        assert row == tuple(known[name] for name in mended.get("names", names))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a,b,\n1,2\n", "the header ends"),
        ("a,b,,\n1,2\n3,4\n", "the header ends"),
        ("a,b,\n", "the header ends"),
        ("a,b,\n1,2,\n", "every line ends"),
        ("a,b,\n1,2,\n3,4\n", "the header and some rows end"),
        ("a,b,,\n1,2,\n3,4,\n", "the header and some rows end"),
        ('a,b,\n1,2\n"3",4\n', "the header ends"),
        ("a,b,\n1,2,3\n", "the header has no name for column 3"),
    ],
)
def test_which_lines_have_superfluous_delimiters_is_said_as_it_is(tmp_path, text, lines):
    path = write(tmp_path, {"t.csv": text}, table("t.csv", "a", "b"))
    (problem,) = packpress.validate(read_descriptor(path)).problems
    assert problem.message.startswith(lines), problem.message


@pytest.mark.parametrize(
    ("above", "row", "dialect"),
    [
        ("Report\n", 2, {}),
        ("sep=,\n", 2, {}),
        ("Report\n\n# of 2021\n\n", 5, {"commentChar": "#"}),
        ('"a title, quoted\nin two lines",,\n', 2, {}),
    ],
)
def test_a_header_below_other_lines_is_found_and_read_where_it_is_declared(tmp_path, above, row, dialect):
    text = f"{above}a,b\nx,y\n"
    path = write(tmp_path, {"t.csv": text}, table("t.csv", "a", "b", dialect=dialect))
    (problem,) = packpress.validate(read_descriptor(path)).problems
    assert f"headerRows of the dialect as [{row}]" in problem.message
    path = write(tmp_path, {}, table("t.csv", "a", "b", dialect={**dialect, "headerRows": [row]}))
    assert rows_of(path) == [("x", "y")]
    assert findings_of(path) == []  # blank lines above the header are none of the rows


@pytest.mark.parametrize(
    ("text", "dialect", "names"),
    [
        ("##see\n#a\tb\nx\ty\n", {"delimiter": "\t"}, "ab"),
        ("# a b\nx y\n", {"delimiter": " "}, "ab"),
        ("#a\nx\n", {}, "a"),
    ],
)
def test_a_header_that_is_a_comment_is_no_reason_to_write_over_a_row(tmp_path, text, dialect, names):
    dialect = {"commentChar": "#"} | dialect
    path = write(tmp_path, {"t.csv": text}, table("t.csv", *names, dialect=dialect))
    (problem,) = packpress.validate(read_descriptor(path)).problems
    assert "the header is a comment" in problem.message
    path = write(tmp_path, {}, table("t.csv", *names, dialect={**dialect, "header": False}))
    assert rows_of(path) == [tuple("xy"[: len(names)])]


def test_a_row_with_the_name_of_a_field_is_not_taken_for_the_header_below_a_misspelt_one(tmp_path):
    path = write(tmp_path, {"t.csv": "specis\ncod\nspecies\n"}, table("t.csv", "species"))
    (problem,) = packpress.validate(read_descriptor(path)).problems
    assert problem.message == 'the header has "specis" instead of "species"; write it as species'


def test_a_file_without_a_header_is_offered_to_be_declared_so(tmp_path):
    path = write(tmp_path, {"t.csv": "1,2\n3,4\n"}, table("t.csv", "a", "b"))
    (problem,) = packpress.validate(read_descriptor(path)).problems
    assert "declare header of the dialect as false" in problem.message
    path = write(tmp_path, {}, table("t.csv", "a", "b", dialect={"header": False}))
    assert rows_of(path) == [("1", "2"), ("3", "4")]


def test_a_name_that_is_repeated_instead_of_another_is_renamed(tmp_path):
    path = write(tmp_path, {"t.csv": "k,a,a\n1,x,y\n"}, table("t.csv", "k", "a", "b"))
    (problem,) = packpress.validate(read_descriptor(path)).problems
    assert problem.message == "the header lacks b and repeats a; write it as k,a,b"


@pytest.mark.parametrize(
    ("skipped", "rows", "lines"),
    [
        ('"How old\nare you?",Other\n"{""id"": 1}",\n', [2, 3], 3),
        ('"a ""quote""\r\n\r\nin",y\n', [2], 3),
        ('12" pipe,x\n', [2], 1),
        ('"never closed,x\n', [2], 1),
        ("'no quote\n", [2], 1),
    ],
)
def test_a_row_is_skipped_with_all_its_lines(tmp_path, skipped, rows, lines):
    resource = table("t.csv", "a", "b", dialect={"commentRows": rows})
    path = write(tmp_path, {"t.csv": f"a,b\n{skipped}1,x\n2,y\n".encode()}, resource)
    read = [(row.line, row.cells) for row in read_tables(read_descriptor(path))["t"].rows]
    assert read == [(lines + 2, ("1", "x")), (lines + 3, ("2", "y"))]


def test_the_offered_header_has_the_delimiter_of_the_dialect(tmp_path):
    path = write(tmp_path, {"t.csv": "a |b\n1|2\n"}, table("t.csv", "a", "b", dialect={"delimiter": "|"}))
    (problem,) = packpress.validate(read_descriptor(path)).problems
    assert problem.message.endswith('has "a " instead of "a"; write it as a|b')


def test_columns_without_a_name_are_left_out_as_offered_however_many(tmp_path):
    resource = table("t.csv", "a", dialect={"delimiter": "|"})
    resource["schema"]["fieldsMatch"] = "subset"
    path = write(tmp_path, {"t.csv": "|a||\n1|x|2|3\n"}, resource)
    assert rows_of(path) == [("x",)]


def test_a_value_behind_the_last_name_is_not_superfluous_in_any_order(tmp_path):
    resource = table("t.csv", "a", "b")
    resource["schema"]["fieldsMatch"] = "equal"
    path = write(tmp_path, {"t.csv": "b,a,\n1,2,3\n"}, resource)
    (problem,) = packpress.validate(read_descriptor(path)).problems
    assert "no name for column 3" in problem.message


# Line ends within cells.

ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def quote(cell, is_quoted):
    needs_quotes = is_quoted or not {*cell}.isdisjoint('",\r\n')
    return '"' + cell.replace('"', '""') + '"' if needs_quotes else cell


@pytest.mark.parametrize(
    "dialect",
    [
        {},
        {"escapeChar": "\\"},
        {"escapeChar": "\\", "doubleQuote": False},
        {"skipInitialSpace": True},
        {"commentChar": "#"},
        {"quoteChar": "§"},
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("within", ["\n", "\r\n", "\r"])
def test_a_line_end_in_a_quoted_cell_ends_no_line(tmp_path, dialect, end, within):
    quote = dialect.get("quoteChar", '"')
    text = end.join(("a,b", f"{quote}x{within}y{quote},1", "z,2", ""))
    path = write(tmp_path, {"t.csv": text.encode()}, table("t.csv", "a", "b", dialect=dialect))
    assert rows_of(path) == [(f"x{within}y", "1"), ("z", "2")]
    assert [one.code for one in findings_of(path)] == ["cell/line-break"]


def test_escaped_line_ends_end_no_line(tmp_path):
    dialect = {"escapeChar": "\\", "quoteChar": "", "delimiter": "\t"}
    text = "a\tb\nx\\\ry\t1\nu\\\nv\t2\n"
    path = write(tmp_path, {"t.tsv": text.encode()}, table("t.tsv", "a", "b", dialect=dialect))
    assert rows_of(path) == [("x\ry", "1"), ("u\nv", "2")]
    assert {one.code for one in findings_of(path)} == {"cell/line-break"}


@pytest.mark.parametrize(("end", "strange"), [("\n", "\r\n"), ("\r\n", "\n"), ("\n", "\r")])
def test_rows_that_end_differently_are_found_with_escapes_too(tmp_path, end, strange):
    text = f'a,b{end}"x{strange}y",1{end}z,2{strange}u,3{end}'
    resource = table("t.csv", "a", "b", dialect={"escapeChar": "\\"})
    path = write(tmp_path, {"t.csv": text.encode()}, resource)
    assert sorted(one.code for one in findings_of(path)) == ["cell/line-break", "file/mixed-ends"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text('ab",\r\n', max_size=6), min_size=2), st.lists(ENDS, min_size=3), st.booleans())
def test_both_readers_find_the_same_line_ends(cells, ends, is_quoted):
    """Without blanks behind delimiters, skipping them changes nothing but the reader."""
    pairs = [(cell, cells[-1 - place]) for place, cell in enumerate(cells)]
    written = [",".join(quote(cell, is_quoted) for cell in pair) for pair in (("a", "b"), *pairs)]
    text = "".join(row + ends[place % len(ends)] for place, row in enumerate(written))
    found = []
    for dialect in ({}, {"skipInitialSpace": True}):
        with TemporaryDirectory() as folder:
            path = write(Path(folder), {"t.csv": text.encode()}, table("t.csv", "a", "b", dialect=dialect))
            rows = [(row.line, row.cells) for row in read_tables(read_descriptor(path))["t"].rows]
            found.append((rows, [locate(one) for one in findings_of(path)]))
    assert found[0] == found[1]


def test_line_ends_mean_nothing_where_another_terminator_is_declared(tmp_path):
    resource = table("t.csv", "a", "b", dialect={"lineTerminator": ";"})
    path = write(tmp_path, {"t.csv": b"a,b;x,1\r\n;y,2\n;z,3;"}, resource)
    assert {one.code for one in findings_of(path)} == {"cell/blanks"}


# Zips.


def zipped(files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return stream.getvalue()


MAC = {"__MACOSX/._t.csv": b"\0", ".DS_Store": b"\0", "x/._t.csv": b"\0"}


@pytest.mark.parametrize(
    ("files", "path", "properties", "rows"),
    [
        ({"one.csv": "a\n1\n", "two.csv": "b\n2\n"}, "d.zip", {"innerpath": "one.csv"}, [("1",)]),
        ({"in/one.tsv": "a\n1\n", "x.csv": "b\n"}, "d.zip", {"innerpath": "in/one.tsv"}, [("1",)]),
        ({"in\\one.csv": "a\n1\n", "x.csv": "b\n"}, "d.zip", {"innerpath": "./in/one.csv"}, [("1",)]),
        ({"t.csv": "a\n1\n", **MAC}, "d.zip", {}, [("1",)]),
        ({"t.csv": "a\n1\n", **MAC}, "t.dat", {"compression": "zip", "format": "csv"}, [("1",)]),
        ({"t.csv": "a\n1\n"}, "t.zip", {"format": "zip"}, [("1",)]),
    ],
)
def test_the_file_in_a_zip_that_is_meant_is_read(tmp_path, files, path, properties, rows):
    descriptor = write(tmp_path, {path: zipped(files)}, table(path, "a", **properties))
    assert rows_of(descriptor) == rows
    output = build(descriptor, tmp_path / "out")
    with zipfile.ZipFile(next(output.glob("*.zip"))) as archive:
        assert "innerpath" not in json.loads(archive.read("datapackage.json"))["resources"][0]


def test_tabs_in_a_zip_are_known_by_the_name_in_it(tmp_path):
    data = zipped({"t.tsv": "a\tb\n1\tx, y\n", "u.tsv": ""})
    descriptor = write(tmp_path, {"d.zip": data}, table("d.zip", "a", "b", innerpath="t.tsv"))
    assert rows_of(descriptor) == [("1", "x, y")]


def test_tabs_compressed_are_known_by_the_name_before(tmp_path):
    data = gzip.compress(b"a\tb\n1\tx, y\n")
    assert rows_of(write(tmp_path, {"t.TAB.GZ": data}, table("t.TAB.GZ", "a", "b"))) == [("1", "x, y")]


# Ends of lines and lines without rows.


@pytest.mark.parametrize(
    ("text", "dialect", "found"),
    [
        ("a,b\n1,x\n\n,\n2,y\n", {}, {"blank-line": (3, 0), "empty-row": (4, 0)}),
        ("a;b\n;\n1;x\n;\n;\n", {"delimiter": ";"}, {"empty-row": (2, 2)}),
        ("\n\na,b\n1,x\n", {}, {"blank-line": (1, 1)}),
        ('a,b\n"x\n\ny",1\n\n', {}, {"blank-line": (5, 0)}),
        ("a,b\r\n1,x\r\n\r\n", {}, {"blank-line": (3, 0)}),
        ('a,b\n"",""\n', {}, {"empty-row": (2, 0)}),
        ("a,b\n1,\n,2\n", {}, {}),
        ("a,b\n#\n1,2\n", {"commentChar": "#"}, {}),
    ],
)
def test_lines_without_a_row_and_rows_without_a_value_are_noticed(tmp_path, text, dialect, found):
    report = packpress.validate(
        read_descriptor(write(tmp_path, {"t.csv": text}, table("t.csv", "a", "b", dialect=dialect)))
    )
    assert report.is_valid
    listed = {one.code.removeprefix("file/"): one for one in report.notices}
    noticed = {code: one for code, one in listed.items() if code in {"blank-line", "empty-row"}}
    assert {code: one.line for code, one in noticed.items()} == {
        code: line for code, (line, _) in found.items()
    }
    for code, (_, more) in found.items():
        assert (f"and {more} more" in noticed[code].message) == bool(more)
