"""What SQLite does for strangers: it reads the data, in bounded time and memory, and answers as SQLite does."""

import sqlite3
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packpress.sql import LIMITS
from packpress.web.serving import sqlite_limits

# Each is known to have taken a server down, or half a minute of it, or to tell where its files lie.
BOMBS = {
    "a text of a gigabyte": "select printf('%.*c', 900000000, 'x')",
    "the same by another name": "select format('%.*c', 900000000, 'x')",
    "bytes of a gigabyte": "select zeroblob(1000000000)",
    "random bytes": "select randomblob(1000000000)",
    "texts that double": "with recursive c(n) as (select 'x' union all select n || n from c) select n from c",
    "replacements that multiply": "select replace(replace(hex(zeroblob(1000)), '0', hex(zeroblob(1000))), '0', 'xxx')",
    "many long rows": "with recursive c(n) as (select 1 union all select n + 1 from c) select hex(zeroblob(100000)) from c",
    "a pattern": f"select hex(zeroblob(100000)) like '{'%0' * 200}1'",
    "brackets": f"select {'(' * 500}1{')' * 500}",
    "parts": " union all ".join(["select 1"] * 600),
    "columns": f"select {', '.join(['1'] * 300)}",
    "the file": "select * from pragma_database_list where file <> ''",
    "other statements": "select * from sqlite_stmt",
    "pages of the file": "select * from dbstat",
    "another file": "attach ':memory:' as other",
    "a library": "select load_extension('x')",
    "a table": "create temp table x (y)",
    "a setting": "pragma hard_heap_limit = 0",
    "a change": "delete from things",
}
# Takes long in SQLite itself and cannot be interrupted there.
SLOW = {
    "a part that is nearly there": "select instr(hex(zeroblob(100000)), hex(zeroblob(50000)) || '1')",
    "a replacement": "select replace(hex(zeroblob(100000)), hex(zeroblob(50000)) || '1', '')",
    "signs to cut off": "select trim(hex(zeroblob(100000)), replace(hex(zeroblob(60000)), '0', '1') || '0')",
}
# Those of a build of short rows.
BOUNDS = sqlite_limits.Bounds(LIMITS, sqlite_limits.ANSWER_BYTES)
VALUES = st.one_of(st.none(), st.integers(-(10**6), 10**6), st.text(alphabet="ab;-é🦊 ", max_size=12))


@pytest.fixture
def bounded(tmp_path):
    """A connection to a small file, as those of the site are."""
    with sqlite3.connect(tmp_path / "x.db") as writer:
        writer.execute("create table things (name text)")
        writer.execute("insert into things values ('one')")
    writer.close()
    connection = sqlite3.connect(f"file:{tmp_path / 'x.db'}?immutable=1", uri=True)
    sqlite_limits.bound_connection(connection, BOUNDS)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def pair():
    """SQLite as it is, and with our functions."""
    plain, ours = sqlite3.connect(":memory:"), sqlite3.connect(":memory:")
    sqlite_limits.bound_connection(ours, BOUNDS)
    yield plain, ours
    plain.close()
    ours.close()


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_does_not_go_off(name, bounded):
    try:
        assert bounded.execute(BOMBS[name]).fetchall() == []
    except (sqlite3.Error, MemoryError) as error:
        assert str(error)


@pytest.mark.parametrize("name", SLOW)
def test_what_cannot_be_interrupted_is_short(name, bounded):
    """Ten times as long a text would take SQLite's own functions a hundred times as long."""
    start = time.process_time()
    assert len(bounded.execute(SLOW[name]).fetchall()) == 1
    assert time.process_time() - start < 1


def test_what_the_site_needs_is_allowed(bounded):
    assert [tuple(row) for row in bounded.execute("select name from things")] == [("one",)]
    assert bounded.execute("pragma table_info(things)").fetchall()
    assert bounded.execute("select count(*) from json_each('[1, 2]')").fetchone()[0] == 2
    assert bounded.execute("pragma database_list").fetchall() == []


def test_each_answer_has_an_allowance_of_its_own(bounded):
    rows = "with recursive c(n) as (select 1 union all select n + 1 from c limit {}) select hex(zeroblob(100000)) from c"
    for _ in range(3):
        assert len(bounded.execute(rows.format(50)).fetchall()) == 50
    with pytest.raises(sqlite_limits.TooMuchError, match="larger than 16 MB; ask for less"):
        bounded.execute(rows.format(100)).fetchall()


@given(VALUES, VALUES, VALUES)
def test_our_functions_answer_as_those_of_sqlite(pair, one, other, third):
    for call, values in (
        ("instr(?, ?)", (one, other)),
        # Asked to replace nothing, SQLite gives back the very value, a number too.
        ("replace(?, ?, ?)", (one, other or "a", third)),
        ("trim(?, ?)", (one, other)),
        ("ltrim(?, ?)", (one, other)),
        ("rtrim(?, ?)", (one, other)),
    ):
        plain, ours = (db.execute(f"select {call}", values).fetchone()[0] for db in pair)
        assert plain == ours, (call, values)
