"""Compares `packpress init` with what other tools infer of the same folders of raw files.

`python -m benchmarks.init PYTHON` takes the interpreter of an environment with the packages of
`requirements-init.txt`, and runs every tool on the six invented folders of packpress' tests, of which types,
keys and rows are known. A tool that is not installed there is named. Another folder is measured with
`--folder FOLDER --gold FILE`, where FILE has the truth about it as JSON, as `GOLD` has it.

This file also runs in that environment, as `PYTHON benchmarks/init.py peer NAME FOLDER`, so its imports are
the standard library's. A peer prints the types, the keys and the number of rows of each table that it finds.
"""

import argparse
import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

Table = dict[str, Any]
Tables = dict[str, Table]
OF_SQLITE = {"INTEGER": "integer", "FLOAT": "number", "REAL": "number", "TEXT": "string"}
OF_DUCKDB = {
    **dict.fromkeys(("BIGINT", "INTEGER", "HUGEINT", "SMALLINT", "TINYINT"), "integer"),
    **dict.fromkeys(("DOUBLE", "FLOAT"), "number"),
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIME": "time",
    "JSON": "object",
}
# What SQLite can tell apart.
COARSE = {"integer": "integer", "year": "integer", "number": "number"}
TEXTS, BOOKS, DATABASES = (".csv", ".tsv", ".txt", ".gz"), (".xlsx", ".ods"), (".db", ".sqlite")


def list_paths(folder: Path) -> Iterator[tuple[str, str]]:
    """The paths of the files of tables, and their extensions."""
    for file in sorted(folder.rglob("*")):
        if file.suffix in {*TEXTS, *BOOKS, *DATABASES, ".parquet"}:
            yield file.relative_to(folder).as_posix(), file.suffix


def show_frictionless(folder: Path) -> Tables:
    """As `frictionless describe FILE` infers with its defaults, sheet by sheet and table by table."""
    import frictionless
    from frictionless import formats

    found = dict[str, Any]()
    for path, suffix in list_paths(folder):
        file = folder / path
        if suffix in DATABASES:
            package = frictionless.Package(f"sqlite:///{file}")
            found |= {f"{path}/{one.name}": one for one in package.resources}
            continue
        for place, control in _list_controls(formats, path, file):
            told = {"dialect": frictionless.Dialect(controls=[control])} if control else {}
            told |= {"format": "csv"} if suffix == ".txt" else {}  # which it takes for a text
            found[place] = frictionless.Resource(path=path, basepath=str(folder), **told)
    tables = Tables()
    for place, resource in found.items():
        try:
            resource.infer()
            rows = count_rows(resource)
        except Exception as error:  # whatever a tool raises, it has not read the table
            print(f"{place}: {type(error).__name__}", file=sys.stderr)
            continue
        schema = resource.schema
        tables[place] = {
            "types": [field.type for field in schema.fields],
            "key": list(schema.primary_key),
            "references": [[*key["fields"], key["reference"]["resource"]] for key in schema.foreign_keys],
            "rows": rows,
        }
    return tables


def count_rows(resource: Any) -> int:
    """The number of rows; 0 where none is read without the tables that its keys refer to."""
    try:
        return len(resource.read_rows())
    except Exception as error:
        print(f"{resource.name}: rows: {type(error).__name__}", file=sys.stderr)
        return 0


def _list_controls(formats: Any, path: str, file: Path) -> list[tuple[str, Any]]:
    if file.suffix == ".xlsx":
        import openpyxl

        names = openpyxl.load_workbook(file, read_only=True).sheetnames
        return [(f"{path}/{name}", formats.ExcelControl(sheet=name)) for name in names]
    if file.suffix == ".ods":
        return [(f"{path}/Store", None)]
    return [(path if file.suffix != ".parquet" else f"{path}/{file.stem}", None)]


def read_sqlite(file: Path, place: Callable[[str], str]) -> Tables:
    """The types and keys that a database declares."""
    tables = Tables()
    with closing(sqlite3.connect(file)) as database:
        names = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        for name in names:
            columns = list(database.execute(f'pragma table_info("{name}")'))
            references = database.execute(f'pragma foreign_key_list("{name}")')
            tables[place(name)] = {
                "types": [OF_SQLITE.get(column[2].upper(), column[2].lower()) for column in columns],
                "key": [column[1] for column in columns if column[5]],
                "references": [[row[3], row[2]] for row in references],
                "rows": database.execute(f'select count(*) from "{name}"').fetchone()[0],
            }
    return tables


def show_sqlite_utils(folder: Path) -> Tables:
    """As `sqlite-utils insert DB TABLE FILE --csv --sniff` loads text files; it reads no others."""
    command = [Path(sys.executable).with_name("sqlite-utils"), "insert"]
    tables = Tables()
    for number, (path, suffix) in enumerate(list_paths(folder)):
        if suffix not in TEXTS:
            continue
        with tempfile.TemporaryDirectory() as made:
            file = Path(made) / "made.db"
            form = "--tsv" if suffix == ".tsv" else "--csv"
            sniff = [] if suffix == ".tsv" else ["--sniff"]
            line = [*command, file, f"t{number}", folder / path, form, *sniff]
            if _runs(path, line):
                tables |= read_sqlite(file, lambda _, path=path: path)
    return tables


def show_csvs_to_sqlite(folder: Path) -> Tables:
    """As `csvs-to-sqlite FILE DB` loads text files; it reads no others."""
    tables = Tables()
    for path, suffix in list_paths(folder):
        if suffix not in TEXTS:
            continue
        with tempfile.TemporaryDirectory() as made:
            file = Path(made) / "made.db"
            if (
                _runs(path, [Path(sys.executable).with_name("csvs-to-sqlite"), folder / path, file])
                and file.exists()
            ):
                tables |= read_sqlite(file, lambda _, path=path: path)
    return tables


def _runs(path: str, line: list[Any]) -> bool:
    done = subprocess.run(list(map(str, line)), capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{path}: {(done.stderr.strip().splitlines() or ['failed'])[-1][:100]}", file=sys.stderr)
    return done.returncode == 0


def show_duckdb(folder: Path) -> Tables:
    """As duckdb's sniffer of CSV and its readers of Parquet, XLSX and SQLite see the files."""
    import duckdb

    tables = Tables()
    with closing(duckdb.connect()) as database:
        for path, suffix in list_paths(folder):
            readers = {".parquet": "read_parquet", ".xlsx": "read_xlsx"}
            reader = "read_csv" if suffix in TEXTS else readers.get(suffix, "")
            if not reader:
                continue
            quoted = str(folder / path).replace("'", "''")
            try:
                columns = database.execute(f"describe select * from {reader}('{quoted}')").fetchall()
                rows = database.execute(f"select count(*) from {reader}('{quoted}')").fetchone()
            except duckdb.Error as error:
                print(f"{path}: {str(error).splitlines()[0][:100]}", file=sys.stderr)
                continue
            place = f"{path}/{Path(path).stem}" if suffix == ".parquet" else path
            tables[place] = {"types": [name_duckdb(row[1]) for row in columns], "rows": rows[0]}
    return tables


def name_duckdb(kind: str) -> str:
    """The type of Table Schema for one of duckdb.

    >>> name_duckdb("TIMESTAMP WITH TIME ZONE"), name_duckdb("VARCHAR[]"), name_duckdb("DECIMAL(9,2)")
    ('datetime', 'array', 'number')
    """
    if kind.endswith("[]"):
        return "array"
    if kind.startswith("TIMESTAMP"):
        return "datetime"
    return "number" if kind.startswith("DECIMAL") else OF_DUCKDB.get(kind, "string")


def show_datapackage_to_datasette(folder: Path) -> Tables:
    """It turns a descriptor into a database, and so finds nothing where there is none."""
    with tempfile.TemporaryDirectory() as made:
        file = Path(made) / "made.db"
        command = Path(sys.executable).with_name("datapackage-to-datasette")
        line = [command, file, folder / "datapackage.json", Path(made) / "metadata.json"]
        return read_sqlite(file, str) if _runs("datapackage.json", line) else {}


PEERS = {
    "frictionless": show_frictionless,
    "sqlite-utils": show_sqlite_utils,
    "csvs-to-sqlite": show_csvs_to_sqlite,
    "duckdb": show_duckdb,
    "datapackage-to-datasette": show_datapackage_to_datasette,
}
MODULES = {name: name.replace("-", "_") for name in PEERS}


def show_packpress(folder: Path) -> Tables:
    """As the descriptor that `packpress init` writes declares."""
    from packpress.tables.rows import read_table

    from packpress import read_package

    subprocess.run(
        [sys.executable, "-m", "packpress", "init", str(folder), "--force"], check=True, capture_output=True
    )
    raw = json.loads((folder / "datapackage.json").read_bytes())
    package = read_package(folder)
    tables = Tables()
    for item, resource in zip(raw["resources"], package.resources, strict=True):
        source = item.get("sources", [{"path": item["path"], "title": ""}])[0]
        table = {
            "types": [field.type for field in resource.fields],
            "key": list(resource.primary_key),
            "references": [[*key.fields, key.resource] for key in resource.foreign_keys],
            "rows": len(read_table(package, resource)),
            "name": resource.name,
        }
        tables[source["path"]] = tables[f"{source['path']}/{source['title']}"] = table
    return tables


# ---- the comparison

COLUMNS = (
    "tool",
    "types right",
    "as SQLite tells them",
    "texts become numbers",
    "tables read",
    "rows read",
    "rows too many",
    "keys",
    "false keys",
    "references",
    "time to ours",
)


def compare(found: Mapping[str, Table], gold: Mapping[str, Mapping[str, Any]]) -> Counter[str]:
    """How much of the truth a tool found, and how much it found beside it."""
    counts = Counter[str]()
    for place, wanted in gold.items():
        types = wanted["types"].split()
        table = found.get(place) or {"types": [], "rows": 0}
        pairs = list(zip(types, table["types"], strict=False)) if len(types) == len(table["types"]) else []
        declared = table.get("key") or []
        references = {tuple(one) for one in table.get("references", ())}
        counts["columns"] += len(types)
        counts["types"] += sum(one == other for one, other in pairs)
        counts["kinds"] += sum(
            COARSE.get(one, "string") == COARSE.get(other, "string") for one, other in pairs
        )
        # Texts such as 007 are gone once they are numbers.
        counts["mangled"] += sum(one == "string" and other in {"integer", "number"} for one, other in pairs)
        counts["tables"] += 1
        counts["read"] += bool(pairs)
        counts["rows"] += wanted["rows"]
        counts["rows read"] += min(table["rows"], wanted["rows"]) if pairs else 0
        counts["false rows"] += max(table["rows"] - wanted["rows"], 0)
        counts["keys"] += bool(wanted["key"])
        counts["keys found"] += bool(wanted["key"]) and declared == wanted["key"]
        counts["false keys"] += bool(declared) and declared != wanted["key"]
        counts["references"] += len(wanted.get("references", {}))
        counts["references found"] += sum(
            (name, found.get(target, {}).get("name", target.rpartition("/")[2])) in references
            for name, target in wanted.get("references", {}).items()
        )
    return counts


def run_peer(python: str, name: str, folder: Path) -> tuple[Tables, float]:
    """What a peer finds in a folder, and how long it takes with its start."""
    start = time.perf_counter()
    done = subprocess.run(
        [python, __file__, "peer", name, str(folder)], capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - start
    for line in done.stderr.splitlines()[-12:]:
        print(f"  {name}: {folder.name}: {line}", file=sys.stderr)
    return (json.loads(done.stdout) if done.returncode == 0 else {}), seconds


def measure_all(python: str, folders: Mapping[str, Mapping[str, Any]], root: Path) -> None:
    """Prints a row for each tool over all folders."""
    print(f"| {' | '.join(COLUMNS)} |")
    print("| --- " + "| ---: " * (len(COLUMNS) - 1) + "|")
    ours = 0.0
    for name in ("packpress", *PEERS):
        if (
            name != "packpress"
            and subprocess.run(
                [python, "-c", f"import {MODULES[name]}"], capture_output=True, check=False
            ).returncode
        ):
            print(f"| {name} | not installed |")
            continue
        counts, seconds = Counter[str](), 0.0
        for folder, gold in folders.items():
            with tempfile.TemporaryDirectory() as made:
                # A copy for each, so that none sees what another wrote.
                copied = shutil.copytree(root / folder, Path(made) / folder)
                tables, took = run_peer(sys.executable if name == "packpress" else python, name, copied)
            counts += compare(tables, gold)
            seconds += took
        ours = ours or seconds
        print(write_row(name, counts, seconds / ours))


def write_row(name: str, counts: Mapping[str, int], ratio: float) -> str:
    """A row of the table."""

    def share(part: str, whole: str) -> str:
        return f"{counts[part]} of {counts[whole]} ({counts[part] / max(counts[whole], 1):.0%})"

    cells = [
        share("types", "columns"),
        share("kinds", "columns"),
        str(counts["mangled"]),
        share("read", "tables"),
        share("rows read", "rows"),
        str(counts["false rows"]),
        share("keys found", "keys"),
        str(counts["false keys"]),
        share("references found", "references"),
        f"{ratio:.1f}",
    ]
    return f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    """Runs one peer, or all of them."""
    if sys.argv[1:2] == ["peer"]:
        _, _, name, folder = sys.argv
        show = show_packpress if name == "packpress" else PEERS[name]
        print(json.dumps(show(Path(folder))))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python", help="the interpreter of the peers' environment")
    parser.add_argument("--folder", type=Path, help="another folder, which stays as it is")
    parser.add_argument("--gold", type=Path, help="what is true of it")
    told = parser.parse_args()
    if told.folder:
        measure_all(told.python, {told.folder.name: json.loads(told.gold.read_bytes())}, told.folder.parent)
        return
    from invented.raw_folders import GOLD, make_folders

    with tempfile.TemporaryDirectory() as made:
        make_folders(Path(made))
        measure_all(told.python, GOLD, Path(made))


if __name__ == "__main__":
    main()
