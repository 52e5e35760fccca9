"""A build in which everything that somebody wrote is hostile: each cell, each name, each title and address.

The words are put behind the real ones, the same behind every cell of the same value, so that keys still meet.
"""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from packpress.sql import quote_identifier

# Runs, or asks for something, wherever it is not taken for what it is: text.
WORDS = (
    """'"></title></textarea></script><script>document.title='taken'</script>"""
    """<img src=x onerror="document.title='taken'"><svg onload="document.title='taken'"></svg>"""
    """]]>--><style>*{display:none}</style><a href="javascript:document.title='taken'">go</a>"""
    """{{7*7}}{%x%}${7*7}<base href=//evil.example/><iframe src=//evil.example></iframe>⟦b⟧\u202e"""
)
ADDRESS = "javascript:document.title='taken'//https://"
# A table and a column may be called anything.
NAME = """<img src=x onerror="document.title='taken'">"""
# Columns of values that our pages look for; half of their rows stay as they are, so that there are pages.
LOOKED_FOR = frozenset(
    ("table_name", "field_name", "property", "kind", "type", "listed_as", "item", "field", "edition", "path")
)
# Words of the build's own, which nobody else writes.
BUILT = {
    ("anchors", "table_name"),
    ("anchors", "field_name"),
    ("data_dictionary_tables", "kind"),
    ("package", "property"),
    ("search_index", "kind"),
}
ADDRESSES = frozenset({"url", "homepage", "repository", "path"})


def write_hostile_build(built: Path, folder: Path) -> Path:
    """A copy of the database of a build, every text of it with the words behind."""
    folder.mkdir()
    (file,) = built.glob("*.db")
    shutil.copy(built / "site.json", folder)
    with closing(sqlite3.connect(folder / file.name, isolation_level=None)) as db:
        with closing(sqlite3.connect(file)) as source:
            source.backup(db)
        db.create_function("add_words", 1, add_words, deterministic=True)
        db.create_function("lead_astray", 1, lead_astray, deterministic=True)
        db.execute("pragma ignore_check_constraints = on")
        db.execute("pragma foreign_keys = off")
        closed = read_enumerations(db) | BUILT
        db.execute("begin")
        for table, column in list_texts(db):
            # What is declared to be one of a few values cannot be another: the build itself would refuse it.
            if (table, column) not in closed:
                half = "where rowid % 2 = 0" if column in LOOKED_FOR else ""
                function = "lead_astray" if column in ADDRESSES else "add_words"
                # A key that two tables share in part may meet another row's; then the row stays as it is.
                db.execute(f'update or ignore "{table}" set "{column}" = {function}("{column}") {half}')
        for (index,) in db.execute(
            "select name from sqlite_master where sql like '%using fts5%content=%'"
        ).fetchall():
            db.execute(f'insert into "{index}" ("{index}") values (\'rebuild\')')
        table, column = map(quote_identifier, (NAME, NAME + "2"))
        db.execute(f"create table {table} ({column} text primary key)")
        db.execute(f"insert into {table} values (?)", (WORDS,))
        db.execute("commit")
    return folder


def add_words(value: Any) -> Any:
    """The value with the words behind it; within JSON, behind each text."""
    if isinstance(value, str) and value[:2] in ("[{", '["'):
        return json.dumps(_add_within(json.loads(value)))
    return value + WORDS if isinstance(value, str) and value else value


def _add_within(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _add_within(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_add_within(item) for item in value]
    return (lead_astray if name in ADDRESSES else add_words)(value)


def lead_astray(value: Any) -> Any:
    """The address with another before it."""
    return ADDRESS + value if isinstance(value, str) and value else value


def list_texts(db: sqlite3.Connection) -> list[tuple[str, str]]:
    """Every column of text, by table and name; those of the indexes left out."""
    found = []
    tables = "select name from sqlite_master where type = 'table' and name not like '%_fts%' and name <> 'sqlite_stat1'"
    for (table,) in db.execute(tables).fetchall():
        if table.startswith("search_index") and table != "search_index":
            continue
        for _, name, kind, *_ in db.execute(f'pragma table_info("{table}")').fetchall():
            if kind == "TEXT" or table == "search_index":
                found.append((table, name))
    return found


def read_enumerations(db: sqlite3.Connection) -> set[tuple[str, str]]:
    return {*db.execute("select distinct table_name, field_name from data_dictionary_values").fetchall()}


def make_metadata_hostile(metadata: Any, name: str = "") -> Any:
    """What Datasette is told of the tables, with hostile titles, descriptions, addresses and meanings."""
    if isinstance(metadata, dict):
        return {
            key: make_metadata_hostile(value, key) if key not in SETTINGS else value
            for key, value in metadata.items()
        }
    if isinstance(metadata, list):
        return metadata
    if isinstance(metadata, str):
        return ADDRESS + metadata if name.endswith("url") or name in ADDRESSES else metadata + WORDS
    return metadata


# What Datasette does with a table, not what it says of it.
SETTINGS = frozenset(
    (
        "sql",
        "params",
        "facets",
        "sort",
        "sort_desc",
        "label_column",
        "hidden",
        "size",
        "fts_table",
        "fts_pk",
        "name",
    )
    + ("sortable_columns", "defaults", "options", "searchmode", "allow", "version")
)
