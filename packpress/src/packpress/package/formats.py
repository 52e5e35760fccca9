"""Formats of files: which resources of a package are tables, and how their files are written."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

COMPRESSED = frozenset({".gz", ".zip", ".bz2", ".xz"})
# What other tools take for tables, and what is no text of delimited cells.
OTHER_FORMATS = frozenset(
    """
    json jsonl ndjson geojson topojson xlsx xls xlsm xlsb ods parquet pq arrow feather sql sqlite db dbf sav
    html htm xml yaml yml rdf ttl hdf h5 nc rds rda
    """.split()  # noqa: SIM905
)
DELIMITED = frozenset({"csv", "tsv"})


def list_paths(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """The paths or addresses of a resource's files; none when its data stand in the descriptor."""
    path = raw.get("path") or ()
    return (path,) if isinstance(path, str) else tuple(path)


def format_of(raw: Mapping[str, Any]) -> str:
    """The format of a resource's files: the declared one, or what the name of the first file ends in."""
    if raw.get("format"):
        return str(raw["format"]).lower().removeprefix(".")
    paths = list_paths(raw)
    if not paths:
        return "csv"
    suffixes = [part for part in PurePosixPath(paths[0].lower()).suffixes if part not in COMPRESSED]
    return suffixes[-1][1:] if suffixes else "csv"


def is_table(raw: Mapping[str, Any]) -> bool:
    """Whether a resource has a schema and a format that is read here; any other is carried as files."""
    return "schema" in raw and format_of(raw) not in OTHER_FORMATS
