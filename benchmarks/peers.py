"""Measures validation without start-up, with packpress and with other tools.

`python -m benchmarks.peers PEER SMALL DESCRIPTOR` runs one tool as a command of its own: first on a small
package, so that everything is imported, then on the one to measure. It prints the cost of the second run.

- `packpress`: the command as it is.
- `frictionless`: its own validation, without its limit of a thousand errors.
- `read`: pyarrow.csv, each file batch by batch, every column as text.
- `floor`: the minimum cost of checking: the same reading; the bare parser of each type that has one, cell by
  cell; one `group_by` of pyarrow for each key; one `join` for each foreign key; one pass of jsonschema over
  the descriptor.
"""

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout, suppress
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).parents[1] / "packpress" / "docs" / "datapackage.schema.json"
Parser = Callable[[str], object]
# The columns of a table, by name, that are needed after reading.
Columns = dict[str, Any]


def run_packpress(descriptor: Path) -> str:
    """The last line of the output of `packpress validate`."""
    from packpress.cli import main as packpress

    with redirect_stdout(StringIO()) as printed, suppress(SystemExit):
        packpress(["validate", str(descriptor)])
    return printed.getvalue().splitlines()[-1]


def run_frictionless(descriptor: Path) -> str:
    """The number of errors that frictionless finds."""
    import frictionless

    report = frictionless.validate(str(descriptor), type="package", limit_errors=sys.maxsize)
    return f"{report.stats['errors']} errors"


def open_batches(path: Path, resource: dict[str, Any]) -> Iterator[Any]:
    """The batches of a table, every column as text."""
    import pyarrow
    import pyarrow.csv as csv

    names = [field["name"] for field in resource["schema"]["fields"]]
    compression = "gzip" if path.suffix == ".gz" else None
    with pyarrow.input_stream(str(path), compression=compression) as stream:
        yield from csv.open_csv(
            stream,
            csv.ReadOptions(use_threads=False, encoding=resource["encoding"]),
            csv.ParseOptions(
                newlines_in_values=True, delimiter=resource.get("dialect", {}).get("delimiter", ",")
            ),
            csv.ConvertOptions(column_types=dict.fromkeys(names, pyarrow.string())),
        )


def run_read(descriptor: Path) -> str:
    """The number of rows of the tables."""
    rows = sum(
        batch.num_rows
        for resource in json.loads(descriptor.read_bytes())["resources"]
        for batch in open_batches(descriptor.parent / resource["path"], resource)
    )
    return f"{rows} rows"


def find_parser(field: dict[str, Any]) -> Parser | None:
    """The parser for single cells of the field; None if reading has parsed them already."""
    if pattern := field.get("constraints", {}).get("pattern"):
        return re.compile(pattern).fullmatch
    if field["type"] in {"array", "object"}:
        return json.loads
    if field["type"] == "datetime":
        return datetime.fromisoformat
    if field["type"] == "list":
        delimiter = field.get("delimiter", ",")
        if field.get("itemType") == "integer":
            return lambda text: [int(item) for item in text.split(delimiter)]
        return lambda text: text.split(delimiter)
    return None


def as_list(names: str | list[str]) -> list[str]:
    """Field names as a list; a descriptor may give a single one."""
    return [names] if isinstance(names, str) else names


def list_keys(schema: dict[str, Any]) -> Iterator[list[str]]:
    """The fields of each key that must be unique."""
    yield as_list(schema["primaryKey"])
    for field in schema["fields"]:
        if field.get("constraints", {}).get("unique"):
            yield [field["name"]]


def read_columns(path: Path, resource: dict[str, Any]) -> Columns:
    """Reads a table, parses its cells, and keeps the columns of its keys and foreign keys."""
    import pyarrow

    schema = resource["schema"]
    parsers = {field["name"]: parser for field in schema["fields"] if (parser := find_parser(field))}
    kept = {name for key in list_keys(schema) for name in key}
    for key in schema.get("foreignKeys", []):
        kept |= set(as_list(key["fields"]))
    chunks: dict[str, list[Any]] = {name: [] for name in sorted(kept)}
    for batch in open_batches(path, resource):
        for name, parser in parsers.items():
            for cell in batch.column(name).to_pylist():
                if cell:
                    parser(cell)
        for name in chunks:
            chunks[name].append(batch.column(name))
    return {name: pyarrow.chunked_array(found, pyarrow.string()) for name, found in chunks.items()}


def make_table(columns: Columns, names: list[str]) -> Any:
    """A pyarrow table of these columns, by position."""
    import pyarrow

    return pyarrow.table({str(place): columns[name] for place, name in enumerate(names)})


def check_keys(package: dict[str, Any], tables: dict[str, Columns]) -> Iterator[int]:
    """The number of distinct values of each key, and of values of each foreign key that refer to nothing."""
    for resource in package["resources"]:
        schema, columns = resource["schema"], tables[resource["name"]]
        for key in list_keys(schema):
            table = make_table(columns, key)
            yield (
                table.group_by(table.column_names, use_threads=False).aggregate([([], "count_all")]).num_rows
            )
        for foreign in schema.get("foreignKeys", []):
            reference = foreign["reference"]
            table = make_table(columns, as_list(foreign["fields"]))
            target = make_table(tables[reference["resource"]], as_list(reference["fields"]))
            names = table.column_names
            yield table.join(target, names, join_type="left anti", use_threads=False).num_rows


def run_floor(descriptor: Path) -> str:
    """The number of tables read, and the counts of their keys."""
    import jsonschema

    package = json.loads(descriptor.read_bytes())
    schema = json.loads(SCHEMA.read_bytes())
    errors = list(jsonschema.Draft7Validator(schema).iter_errors(package))
    assert not errors, errors[0].message
    tables = {
        resource["name"]: read_columns(descriptor.parent / resource["path"], resource)
        for resource in package["resources"]
    }
    return f"{len(tables)} tables, {sum(check_keys(package, tables))} values of keys"


PEERS = {"packpress": run_packpress, "frictionless": run_frictionless, "read": run_read, "floor": run_floor}


def main(peer: str, small: Path, descriptor: Path) -> None:
    """Print what a tool finds, and its CPU and wall time in seconds, without start-up."""
    PEERS[peer](small)
    cpu, wall = time.process_time(), time.perf_counter()
    found = PEERS[peer](descriptor)
    cost = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    print(json.dumps({"found": found, **cost}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
