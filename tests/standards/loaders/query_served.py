"""Counts the rows of the Parquet files and of the database of a served build with DuckDB.

Prints both counts by table, and the statuses of the answers over HTTP.
"""

import json
import sys
from urllib.parse import quote

from offline_duckdb import connect

address, database, *tables = sys.argv[1:]
db = connect()
db.execute("call enable_logging('HTTP')")
db.execute(f"attach '{address}/files/{database}.db' as served (type sqlite, read_only)")
counts = {}
for table in tables:
    file = f"{address}/files/parquet/{quote(table)}.parquet"
    (from_parquet,) = db.execute(f"select count(*) from '{file}'").fetchone()
    (from_sqlite,) = db.execute(f'select count(*) from served."{table}"').fetchone()
    counts[table] = [from_parquet, from_sqlite]
statuses = db.execute(
    "select distinct response.status from duckdb_logs_parsed('HTTP') where request.type = 'GET'"
).fetchall()
print(json.dumps({"counts": counts, "statuses": [str(status) for (status,) in statuses]}))
