"""Tables of a data package, as pandas data frames or as Parquet files.

- `load(table)`: a table as a data frame, with the types that the package declares.
- `path(table)`: the path of its Parquet file, for Polars, DuckDB and other programs.
- `tables()`: the names of the tables, with their titles.
- `descriptor`: the descriptor of the package, which says what each table, column and value means, how the
  tables are connected, and under which licence they are.
"""

# packpress copies this file into the wheel of every package, and never imports it.

import json
from difflib import get_close_matches
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["descriptor", "load", "path", "tables"]

_FOLDER = files(__name__)
descriptor: dict[str, Any] = json.loads((_FOLDER / "datapackage.json").read_text(encoding="utf-8"))
_RESOURCES: dict[str, dict[str, Any]] = {item["name"]: item for item in descriptor["resources"]}
# Types in which a cell can be missing without changing the others.
_TYPES = {
    pa.string(): pd.StringDtype("pyarrow"),
    pa.int64(): pd.Int64Dtype(),
    pa.float64(): pd.Float64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}


def tables() -> dict[str, str]:
    """The names of the tables with their titles, in the order of the descriptor."""
    return {name: str(item.get("title", name)) for name, item in _RESOURCES.items()}


def load(table: str) -> pd.DataFrame:
    """A table as a data frame with the declared types, in order of its primary key.

    Texts are `string`, whole numbers and years `Int64`, other numbers `Float64`, truth values `boolean`,
    dates and date-times `datetime64`. A missing cell is `pd.NA`, or `pd.NaT` in dates. A text with a list of
    allowed values is a `category` of them, in the declared order, and ordered if the package says so;
    `.astype("string")` makes it a text. Types that pandas lacks, such as durations, are texts.

    Raises LookupError when there is no such table.
    """
    # Not a file of Python, which Arrow's threads may still hold when the process ends, and abort it.
    data = pa.BufferReader(_find_file(table).read_bytes())
    return pq.read_table(data).to_pandas(types_mapper=_TYPES.get, date_as_object=False)


def path(table: str) -> Path:
    """The path of the Parquet file of a table.

    Raises LookupError when there is no such table, and RuntimeError when the package was not installed but is
    imported from within its wheel.
    """
    file = _find_file(table)
    if not isinstance(file, Path):
        raise RuntimeError(f"{__name__} is imported from a zip, which has no paths; install it with pip")
    return file


def _find_file(table: str) -> Traversable:
    if table not in _RESOURCES:
        similar = get_close_matches(table, _RESOURCES, cutoff=0.5) or _RESOURCES
        raise LookupError(f'no table "{table}" in {__name__}; choose from {", ".join(similar)}')
    return _FOLDER / str(_RESOURCES[table]["path"])
