"""DuckDB with the extensions that read files of a site, loaded from packages, so that nothing is downloaded."""

from importlib.util import find_spec
from pathlib import Path

import duckdb


def connect() -> duckdb.DuckDBPyConnection:
    """A database in memory with the extensions `httpfs` and `sqlite_scanner`."""
    db = duckdb.connect(
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )
    for name in ("httpfs", "sqlite_scanner"):
        folder = Path(find_spec(f"duckdb_extension_{name}").origin).parent
        (file,) = folder.rglob(f"{name}.duckdb_extension")
        db.execute(f"load '{file}'")
    return db
