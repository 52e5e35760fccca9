"""Runs the statements of its argument in DuckDB, and fails unless the last one finds rows."""

import sys

from offline_duckdb import connect

assert connect().execute(sys.argv[1]).fetchall()
