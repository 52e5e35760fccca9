"""Imports the module of an installed wheel, and compares each table that it loads with the CSV of the build.

Prints the number of rows by table.
"""

import csv
import json
import sys
from importlib import import_module
from pathlib import Path

import pandas as pd

module, folder = import_module(sys.argv[1]), Path(sys.argv[2])
WRITTEN = {
    "boolean": {True: "true", False: "false"}.__getitem__,
    "date": lambda value: value.date().isoformat(),
}
READ = {"number": float, "datetime": pd.Timestamp}


def write_cell(value: object, kind: str) -> object:
    """What the CSV should have; a number or a moment, which has many spellings, stays one."""
    if pd.isna(value):
        return None
    return value if kind in READ else WRITTEN.get(kind, str)(value)


counts = {}
for resource in module.descriptor["resources"]:
    frame = module.load(resource["name"])
    kinds = [field["type"] for field in resource["schema"]["fields"]]
    text = (folder / "csv" / f"{resource['name']}.csv").read_text(encoding="utf-8")
    header, *rows = csv.reader(text.splitlines(keepends=True))
    assert [*frame.columns] == header, resource["name"]
    loaded = zip(*(frame[name].astype(object) for name in header), strict=True)
    for row, cells in zip(loaded, rows, strict=True):
        found = [write_cell(value, kind) for value, kind in zip(row, kinds, strict=True)]
        wanted = [
            READ.get(kind, str)(cell) if cell else None for cell, kind in zip(cells, kinds, strict=True)
        ]
        assert found == wanted, (resource["name"], cells)
    counts[resource["name"]] = len(frame)
print(json.dumps(counts))
