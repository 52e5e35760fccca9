"""The database: what its tables refuse, how it is searched and described, and packages that are none of ours."""

import contextlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from packpress.publish import sqlite
from packpress.publish.sqlite import number_version
from packpress.sql import split_statements

from invented.packages import build, field, table, write_library, write_package, write_sql
from packpress import CannotRunError, read_package, validate


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    folder = tmp_path_factory.mktemp("library")
    return build(write_library(folder / "package"), folder / "build")


@pytest.fixture
def library(output):
    """A database of the package with the odd names; nothing that a test writes is committed."""
    with closing(sqlite3.connect(output / "sm_all.db")) as db:
        yield db


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="no list of open files here")
def test_what_sqlite_sorts_and_copies_on_disk_stands_beside_the_database(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "CACHE_SIZE", -100)
    item = table("t", "a,b\n", [field("a"), field("b")], primaryKey="a")
    package = read_package(write_package(tmp_path / "p", item))
    places = {}

    def look(statement):
        for file in Path("/proc/self/fd").iterdir():
            with contextlib.suppress(OSError):
                if "etilqs_" in (place := str(file.readlink())):
                    places.setdefault(statement, set()).add(Path(place).parent)

    with sqlite.open_database(tmp_path / "t.db") as db:
        rows = [(f"{number:06}", f"{number * 7919 % 40_000:050}") for number in range(40_000)]
        sqlite.fill_table(db, package.resources[0], package, [list(zip(*rows, strict=True))])
        for statement in ("create index i on t (b)", "commit", "vacuum"):
            db.set_progress_handler(lambda at=statement: look(at), 1000)
            db.execute(statement)
    assert places == {statement: {tmp_path} for statement in ("create index i on t (b)", "vacuum")}
    with closing(sqlite3.connect(":memory:")) as db:
        assert query(db, "pragma temp_store_directory") == []


def query(db, sql, *values):
    return db.execute(sql, values).fetchall()


def test_odd_names_and_values_arrive(library):
    assert query(library, 'select * from "Größe & group"') == [(1, "\U0001f40d"), (2, "b")]
    assert query(
        library, 'select "say ""it""", "group by", "yes", weight, day from "order" where "key" = ?', "b"
    ) == [
        ("naïve \U0001f98a", 1, 0, None, None),
        ('x, "y"', 2, 1, 1.5, "2020-01-02"),
    ]


def test_rows_stand_in_order_of_their_key(library):
    assert query(library, 'select rowid, "key", "from" from "order" order by rowid') == [
        (1, "a", 1),
        (2, "b", 9),
        (3, "b", 10),
    ]


REFUSED = {
    "a missing cell of the key": (None, "x", None, 5, None, None, None, None),
    "a key that exists": ("b", "x", None, 9, None, None, None, None),
    "a number as text": ("c", "x", None, "five", None, None, None, None),
    "a number below the minimum": ("c", "x", None, 0, None, None, None, None),
    "a number above the maximum": ("c", "x", None, 11, None, None, None, None),
    "a boolean that is none": ("c", "x", None, 5, 2, None, None, None),
    "a day before the first": ("c", "x", None, 5, None, None, "1999-12-31", None),
    "a value outside the enumeration": ("c", "x", None, 5, None, None, None, "gamma"),
    "a foreign key that leads nowhere": ("c", "x", 3, 5, None, None, None, None),
}


@pytest.mark.parametrize("row", REFUSED.values(), ids=REFUSED)
def test_the_table_refuses(library, row):
    library.execute("pragma foreign_keys = on")
    with pytest.raises(sqlite3.IntegrityError):
        library.execute('insert into "order" values (?, ?, ?, ?, ?, ?, ?, ?)', row)


def test_the_table_takes_what_is_allowed(library):
    library.execute("pragma foreign_keys = on")
    library.execute(
        'insert into "order" values (?, ?, ?, ?, ?, ?, ?, ?)', ("c", None, 1, 5, 1, 0.5, "2000-01-01", "beta")
    )


def test_foreign_keys_are_quick_to_follow_both_ways(library):
    plans = [
        query(library, 'explain query plan select * from "order" where "group by" = 1'),
        query(library, 'explain query plan select * from "Größe & group" where "select" = 1'),
    ]
    assert all("SEARCH" in plan[0][3] for plan in plans)


def test_search_finds_words_without_their_accents(library):
    found = query(
        library,
        'select "key" from "order" where rowid in (select rowid from order_fts where order_fts match ?)',
        "naive",
    )
    assert found == [("b",)]
    assert not query(library, "select rowid from order_fts where order_fts match ?", "nonsense")


def test_datasette_would_find_the_index(library):
    # With single quotes Datasette ignores a search and answers with every row.
    sql = query(library, "select sql from sqlite_master where name = 'order_fts'")[0][0]
    assert 'content="order"' in sql


def test_the_dictionary_says_what_everything_means(library):
    columns = "position, title, type, required, description"
    assert query(library, f"select {columns} from data_dictionary where field_name = ?", 'say "it"') == [
        (2, 'say "it"', "string", 0, "What is said.")
    ]
    assert query(library, "select field_name, value, meaning from data_dictionary_values order by 2") == [
        ("kind", "alpha", "First."),
        ("kind", "beta", "Second."),
    ]
    assert ("version", "1.2.3") in query(library, "select property, value from package")


def test_the_header_names_format_and_version(library):
    assert query(library, "pragma application_id") == [(int.from_bytes(b"DPKG", "big"),)]
    assert query(library, "pragma user_version") == [(1_002_003,)]


@pytest.mark.parametrize(
    ("version", "number"),
    [
        ("0.1.0", 1_000),
        ("1.2.3", 1_002_003),
        ("2.0.0-rc1", 2_000_000),
        ("2024", 0),
        ("0", 0),
        ("9999.0.0", 0),
    ],
)
def test_the_number_of_a_version(version, number):
    assert number_version(version) == number


def keyed(rows, **properties):
    fields = [field("a"), field("n", "integer", **properties)]
    return table("t", f"a,n\n{rows}", fields, uniqueKeys=[["a", "n"]])


def test_a_missing_cell_makes_a_row_differ_as_the_standard_says(tmp_path):
    output = build(write_package(tmp_path / "p", keyed("x,\nx,\n")), tmp_path / "build")
    with closing(sqlite3.connect(output / "sm_all.db")) as db:
        assert query(db, "select count(*) from t") == [(2,)]


def test_a_missing_cell_counts_as_the_value_that_its_field_gives(tmp_path):
    output = build(write_package(tmp_path / "p", keyed("x,\nx,2\n", emptyCountsAs=1)), tmp_path / "build")
    with closing(sqlite3.connect(output / "sm_all.db")) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute("insert into t values ('x', 1)")


def test_a_foreign_key_to_what_is_no_key_is_an_index_only(tmp_path):
    to = {"fields": ["b"], "reference": {"resource": "", "fields": ["a"]}}
    item = table("t", "a,b\nx,x\ny,\n", [field("a"), field("b")], foreignKeys=[to])
    output = build(write_package(tmp_path / "p", item), tmp_path / "build")
    with closing(sqlite3.connect(output / "sm_all.db")) as db:
        assert query(db, "select name from sqlite_master where type = 'index' and tbl_name = 't'") == [
            ("idx_t__b",)
        ]


def test_tables_may_point_to_each_other_in_a_circle(tmp_path):
    def pointing(name, other):
        to = {"fields": "other", "reference": {"resource": other, "fields": "id"}}
        return table(
            name, "id,other\n1,1\n", [field("id"), field("other")], primaryKey="id", foreignKeys=[to]
        )

    output = build(write_package(tmp_path / "p", pointing("a", "b"), pointing("b", "a")), tmp_path / "build")
    with closing(sqlite3.connect(output / "sm_all.db")) as db:
        assert not query(db, "pragma foreign_key_check")


ONE = {"fields": [field("a", "integer")], "primaryKey": "a"}


def one():
    return table("t", "a\n1\n", **ONE)


def derived(name):
    return {
        "name": name,
        "schema": {"fields": [field("n", "integer", required=True), field("even", "boolean")]},
    }


def test_derived_tables_and_views_are_made_and_described(tmp_path):
    path = write_package(tmp_path / "p", one(), derived=[derived("d")])
    write_sql(path.parent, "derived/d.sql", "-- Counts\ninsert into d select a + 1, (a + 1) % 2 = 0 from t;")
    write_sql(
        path.parent,
        "views/v.sql",
        "-- Title\n-- What it is.\n-- m: Twice n.\ncreate view v as select n, n * 2 as m from d;",
    )
    write_sql(
        path.parent,
        "search/s.sql",
        "create virtual table s using fts5(x); insert into s select 'a;b' from d;",
    )
    output = build(path, tmp_path / "build")
    assert (output / "csv" / "d.csv").read_bytes() == b"n,even\n2,true\n"
    with closing(sqlite3.connect(output / "sm_all.db")) as db:
        assert query(db, "select * from v") == [(2, 4)]
        assert query(db, "select * from s") == [("a;b",)]
        assert query(
            db, "select field_name, type, description from data_dictionary where table_name = 'v'"
        ) == [
            ("m", None, "Twice n."),
            ("n", "integer", None),
        ]
        assert ("v", "view", "Title", "What it is.") in query(db, "select * from data_dictionary_tables")


FAULTS = {
    "sql/derived/d.sql: no such file; the derived table needs it": {},
    "sql/derived/d.sql: no such table: nowhere; correct the statement": {
        "derived/d.sql": "insert into d select * from nowhere"
    },
    "sql/derived/d.sql: NOT NULL constraint failed: d.n; correct the statement": {
        "derived/d.sql": "insert into d select null, 1 from t"
    },
    "sql/views/v.sql: no such table: main.nowhere; correct the statement": {
        "derived/d.sql": "insert into d select a, 1 from t",
        "views/v.sql": "create view v as select * from nowhere",
    },
    "sql/views/v.sql: describes m, not one of its columns; correct the header": {
        "derived/d.sql": "insert into d select a, 1 from t",
        "views/v.sql": "-- V\n-- m: Nothing.\ncreate view v as select 1 as n",
    },
}


@pytest.mark.parametrize(("message", "files"), FAULTS.items(), ids=FAULTS)
def test_faulty_sql_is_said_in_one_line(tmp_path, message, files):
    path = write_package(tmp_path / "p", one(), derived=[derived("d")])
    for name, text in files.items():
        write_sql(path.parent, name, text)
    with pytest.raises(CannotRunError) as error:
        build(path, tmp_path / "build")
    assert str(error.value) == message
    assert [file.name for file in tmp_path.iterdir()] == ["p"]


def wide_table():
    names = [f"c{number}" for number in range(2_001)]
    return table("t", f"{','.join(names)}\n", [field(name) for name in names])


def clashing_columns():
    return table("t", "a,A\n1,2\n", [field("a"), field("A")])


UNFIT = {
    "a table of SQLite": lambda: table("sqlite_master", "a\n1\n", [field("a")]),
    "a table of every build": lambda: table("package", "a\n1\n", [field("a")]),
    "columns that clash": clashing_columns,
    "too many columns": wide_table,
    "more than 64 bits": lambda: table("t", "a\n9223372036854775808\n", [field("a", "integer")]),
    "not a number": lambda: table("t", "a\nNaN\n", [field("a", "number")]),
}


@pytest.mark.long
@pytest.mark.parametrize("unfit", UNFIT.values(), ids=UNFIT)
def test_what_sqlite_cannot_hold_is_said_in_one_line(tmp_path, unfit):
    path = write_package(tmp_path / "p", unfit())
    notices = validate(read_package(path)).notices
    (refusal,) = [notice for notice in notices if notice.code == "build/refused"]
    with pytest.raises(CannotRunError) as error:
        build(path, tmp_path / "build")
    assert str(error.value).endswith(f": {refusal.message.partition(': ')[2]}")


def test_a_script_is_cut_at_the_end_of_statements_only():
    script = "select ';' -- a; b\n;\ncreate trigger t after insert on x begin select 1; end;\nselect 2"
    assert list(split_statements(script)) == [
        "select ';' -- a; b",
        "create trigger t after insert on x begin select 1; end",
        "select 2",
    ]
