"""Command: loads every record set of a croissant from one Dataset, and compares those of tables with their Parquet.

It runs in the environment of the tools, and prints how many records each record set has.

    python load_croissant.py CROISSANT FOLDER_OF_PARQUET
"""

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import mlcroissant
import pandas as pd
import pyarrow.parquet as pq


def read_value(loaded: Any) -> Any:
    """A value as mlcroissant loads it, in the form in which pyarrow has it: text is bytes there, and gaps are NaN."""
    if isinstance(loaded, bytes):
        return loaded.decode("utf-8")
    return None if pd.isna(loaded) else loaded


def is_same(loaded: Any, held: Any) -> bool:
    """Whether a loaded value is the one in the file; dates are loaded as timestamps."""
    if isinstance(loaded, pd.Timestamp):
        return loaded == pd.Timestamp(held)
    return type(loaded) is type(held) and loaded == held


def compare(name: str, records: list[dict[str, Any]], file: Path) -> None:
    """Stops when the records of a table are not those of its file."""
    rows = pq.read_table(file).to_pylist()
    if len(records) != len(rows):
        sys.exit(f"{name}: {len(records)} records of {len(rows)} rows")
    for record, row in zip(records, rows, strict=True):
        loaded = {identifier.rpartition("/")[2]: value for identifier, value in record.items()}
        for column, held in row.items():
            value = read_value(loaded[quote(column, safe="")])
            if not is_same(value, held):
                sys.exit(f"{name}.{column}: {value!r} is loaded, and {held!r} is in the file")


def main(croissant: str, folder: str) -> None:
    """Loads, compares and counts."""
    dataset = mlcroissant.Dataset(croissant)
    counts = {}
    for record_set in dataset.metadata.record_sets:
        records = list(dataset.records(record_set.uuid))
        file = Path(folder, f"{unquote(record_set.uuid)}.parquet")
        if file.exists():
            compare(record_set.uuid, records, file)
        elif not records:
            sys.exit(f"{record_set.uuid}: lists no values")
        counts[record_set.uuid] = len(records)
    print(json.dumps(counts))


if __name__ == "__main__":
    main(*sys.argv[1:])
