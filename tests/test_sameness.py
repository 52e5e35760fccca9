"""Sameness: every row of every table is the same in every format and in every edition.

Each format is read by a program that is not ours. What it gives is brought to the canonical form by
the declared type of the column alone, then hashed; the hash must be the one in `LOGICAL_SHA256`.
"""

import csv
import hashlib
import io
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pandas
import pyarrow.parquet as pq
import pytest
from packpress.package.dictionary import OWN_TABLES
from packpress.package.resource import Resource, build_resource

from invented.packages import build
from packpress import read_package
from tests.conftest import ROOT
from tests.site_client import Site

PACKAGE = read_package(ROOT / "datapackage.json")
TABLES = PACKAGE.by_name
OWN = {resource.name: resource for resource in OWN_TABLES}
DATABASE = f"{PACKAGE.database_name}.db"

Rows = list[tuple[Any, ...]]
Resources = Mapping[str, Resource]


def as_flag(value):
    return {0: False, 1: True}[value]


def as_whole(value):
    """The integer that a float is; pandas has no other number in a column with a gap."""
    assert value == int(value)
    return int(value)


def as_day(value):
    """The ISO text of a date, which spreadsheets and pandas may give as the first moment of the day."""
    moment = pandas.Timestamp(value)
    assert moment == moment.normalize()
    return moment.date().isoformat()


# What a type becomes in a format that has no such type; all others come as they are.
TEXT = {"integer": int, "year": int, "number": float, "boolean": {"true": True, "false": False}.__getitem__}
SQL = {"boolean": as_flag}
TYPED = {"date": as_day}
FRAME = {"date": as_day, "integer": as_whole, "year": as_whole}


def convert_rows(rows: Iterable[Iterable[Any]], resource: Resource, conversions) -> Rows:
    changes = [conversions.get(field.type, lambda value: value) for field in resource.fields]
    return [
        tuple(None if value is None else change(value) for value, change in zip(row, changes, strict=True))
        for row in rows
    ]


def read_csv_text(text: str, resource: Resource) -> Rows:
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert tuple(header) == resource.field_names
    return convert_rows(([cell or None for cell in row] for row in rows), resource, TEXT)


def read_csv_files(folder: Path, resources: Resources) -> dict[str, Rows]:
    return {
        name: read_csv_text((folder / "csv" / f"{name}.csv").read_bytes().decode("utf-8"), resource)
        for name, resource in resources.items()
    }


def read_zip(folder: Path, _: Resources) -> dict[str, Rows]:
    """The rows as the descriptor inside the zip says, and nothing else."""
    with zipfile.ZipFile(next(folder.glob("*.zip"))) as archive:
        raw = json.loads(archive.read("datapackage.json"))
        resources = [build_resource(item) for item in raw["resources"] if "schema" in item]
        return {
            resource.name: read_csv_text(archive.read(resource.paths[0]).decode("utf-8"), resource)
            for resource in resources
        }


def read_sqlite(folder: Path, resources: Resources) -> dict[str, Rows]:
    with closing(sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True)) as db:
        return {
            name: convert_rows(db.execute(f'select * from "{name}" order by rowid'), resource, SQL)
            for name, resource in resources.items()
        }


def read_parquet(folder: Path, resources: Resources) -> dict[str, Rows]:
    read = {name: pq.read_table(folder / "parquet" / f"{name}.parquet") for name in resources}
    return {
        name: convert_rows(zip(*table.to_pydict().values(), strict=True), resources[name], TYPED)
        for name, table in read.items()
    }


def read_with_pandas(folder: Path, resources: Resources) -> dict[str, Rows]:
    def read(name):
        frame = pandas.read_parquet(folder / "parquet" / f"{name}.parquet")
        columns = [[None if pandas.isna(value) else value for value in frame[column]] for column in frame]
        return zip(*columns, strict=True)

    return {name: convert_rows(read(name), resource, FRAME) for name, resource in resources.items()}


def read_with_duckdb(folder: Path, resources: Resources) -> dict[str, Rows]:
    with closing(duckdb.connect()) as db:
        return {
            name: convert_rows(
                db.execute("select * from read_parquet(?)", [f"{folder}/parquet/{name}.parquet"]).fetchall(),
                resource,
                TYPED,
            )
            for name, resource in resources.items()
        }


def read_xlsx(folder: Path, resources: Resources) -> dict[str, Rows]:
    book = openpyxl.load_workbook(next(folder.glob("*.xlsx")), read_only=True)
    found = {}
    for name, resource in resources.items():
        header, *rows = book[name].iter_rows(values_only=True)
        assert header == resource.field_names
        found[name] = convert_rows(rows, resource, TYPED)
    return found


def read_json(folder: Path, resources: Resources) -> dict[str, Rows]:
    """The rows that the site serves, page by page, in order of the key."""
    site = Site(ROOT, PACKAGE, folder)

    def read(name):
        address = f"{site.database}/{name}.json?_shape=arrays&_size=200"
        while address:
            answer = site.get(address)
            assert answer.status_code == 200, f"{address}: {answer.text}"
            page = answer.json()
            assert tuple(page["columns"]) == resources[name].field_names
            yield from page["rows"]
            address = (page["next_url"] or "").removeprefix("http://localhost")

    return {
        name: order_rows(convert_rows(read(name), resource, SQL), resource)
        for name, resource in resources.items()
    }


def order_rows(rows: Rows, resource: Resource) -> Rows:
    places = [resource.field_names.index(name) for name in resource.primary_key]
    assert places
    return sorted(rows, key=lambda row: [row[place] for place in places])


READERS = {
    "CSV": read_csv_files,
    "zip": read_zip,
    "SQLite": read_sqlite,
    "Parquet by pyarrow": read_parquet,
    "Parquet by pandas": read_with_pandas,
    "Parquet by DuckDB": read_with_duckdb,
    "XLSX": read_xlsx,
    "JSON of Datasette": read_json,
}


def hash_rows(names: Iterable[str], rows: Rows) -> str:
    lines = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in [list(names), *rows])
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode("utf-8")).hexdigest()


def hash_tables(tables: Mapping[str, Rows], resources: Resources) -> dict[str, str]:
    return {name: hash_rows(resources[name].field_names, rows) for name, rows in tables.items()}


def published_hashes(folder: Path) -> dict[str, str]:
    lines = (folder / "LOGICAL_SHA256").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines[:-1])}


@pytest.fixture(
    scope="module",
    params=[
        "full",
        pytest.param("quotes", marks=pytest.mark.long),
        pytest.param("none", marks=pytest.mark.long),
    ],
)
def edition(request, package, built, tmp_path_factory):
    """A build of the package in each edition."""
    if request.param == "full":
        return built
    return build(package.path, tmp_path_factory.mktemp(request.param) / "build", request.param)


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_every_format_holds_every_row_of_every_table(edition, read):
    published = published_hashes(edition)
    assert published.keys() == TABLES.keys() > {"claims_flat", "anchors"}
    assert hash_tables(read(edition, TABLES), TABLES) == published


def test_the_dictionary_is_the_same_wherever_it_stands(edition):
    stored, served = read_sqlite(edition, OWN), read_json(edition, OWN)
    assert hash_tables(served, OWN) == {
        name: hash_rows(OWN[name].field_names, order_rows(rows, OWN[name])) for name, rows in stored.items()
    }
    views = {row[0] for row in stored["data_dictionary_tables"] if row[1] == "view"}
    # The workbook has no views, so its dictionary does not speak of them.
    listed = ("data_dictionary", "data_dictionary_values")
    assert read_xlsx(edition, {name: OWN[name] for name in listed}) == {
        name: [row for row in stored[name] if row[0] not in views] for name in listed
    }


def test_the_package_is_described_the_same_in_the_database_and_in_the_zip(edition):
    with zipfile.ZipFile(next(edition.glob("*.zip"))) as archive:
        raw = json.loads(archive.read("datapackage.json"))
    described = dict(read_sqlite(edition, OWN)["package"])
    assert described.keys() == raw.keys() - {"resources", "validation"}
    assert described == {
        name: raw[name] if isinstance(raw[name], str) else json.dumps(raw[name], ensure_ascii=False)
        for name in described
    }


# The first row of claim_types ends on false,false,false in every format; one of these becomes true.


def change_csv(folder):
    file = folder / "csv" / "claim_types.csv"
    file.write_bytes(change_once(file.read_bytes(), b",false,false", b",true,false"))


def change_sqlite(folder, sql="update claim_types set carries_stance = 1 where rowid = 1"):
    with closing(sqlite3.connect(folder / DATABASE)) as db, db:
        assert db.execute(sql).rowcount == 1


def change_parquet(folder):
    file = folder / "parquet" / "claim_types.parquet"
    table = pq.read_table(file)
    rows = table.to_pylist()
    rows[0]["carries_stance"] = not rows[0]["carries_stance"]
    pq.write_table(table.from_pylist(rows, table.schema), file)


def change_zip(folder):
    change_entry(next(folder.glob("*.zip")), "data/claim_types.csv", b",false,false", b",true,false")


def change_xlsx(folder):
    (file,) = folder.glob("*.xlsx")
    place = openpyxl.load_workbook(file, read_only=True).sheetnames.index("claim_types") + 1
    change_entry(file, f"xl/worksheets/sheet{place}.xml", b't="b"><v>0</v>', b't="b"><v>1</v>')


def change_once(data, old, new):
    assert old in data
    return data.replace(old, new, 1)


def change_entry(file, name, old, new):
    with zipfile.ZipFile(file) as archive:
        entries = {item: archive.read(item) for item in archive.namelist()}
    entries[name] = change_once(entries[name], old, new)
    with zipfile.ZipFile(file, "w") as archive:
        for item, data in entries.items():
            archive.writestr(item, data)


@dataclass(frozen=True)
class Change:
    """How one cell of a format is changed, and what reads that format."""

    read: str
    make: Callable[[Path], None]


CHANGES = [
    Change("CSV", change_csv),
    Change("zip", change_zip),
    Change("SQLite", change_sqlite),
    Change("Parquet by pyarrow", change_parquet),
    Change("Parquet by pandas", change_parquet),
    Change("Parquet by DuckDB", change_parquet),
    Change("XLSX", change_xlsx),
    Change("JSON of Datasette", change_sqlite),
]


@pytest.mark.long
@pytest.mark.parametrize("change", CHANGES, ids=[change.read for change in CHANGES])
def test_one_changed_cell_of_one_format_is_noticed(tmp_path, built, change):
    shutil.copytree(built, tmp_path / "build")
    change.make(tmp_path / "build")
    found = hash_tables(READERS[change.read](tmp_path / "build", TABLES), TABLES)
    published = published_hashes(built)
    assert [name for name in found if found[name] != published[name]] == ["claim_types"]


OTHER_CELLS = {
    "an empty text for a null": "update claims set note = '' where rowid = (select min(rowid) from claims where note is null)",
    "a null for a text": "update claims set note = null where rowid = (select min(rowid) from claims where note is not null)",
    "a number one larger": "update passages set end_offset = end_offset + 1 where rowid = 5",
    "a day later": "update sources set retrieved_date = date(coalesce(retrieved_date, '2020-01-01'), '+1 day') where rowid = 1",
    "a blank behind a text": "update conditions set label = label || ' ' where rowid = 1",
    "a row less": "delete from claim_routes where rowid = 2",
}


@pytest.mark.parametrize("sql", OTHER_CELLS.values(), ids=OTHER_CELLS)
def test_a_change_of_any_kind_is_noticed(tmp_path, built, sql):
    shutil.copy(built / DATABASE, tmp_path)
    change_sqlite(tmp_path, sql)
    found, published = hash_tables(read_sqlite(tmp_path, TABLES), TABLES), published_hashes(built)
    assert len([name for name in found if found[name] != published[name]]) == 1
