"""Parquet files with all that the descriptor declares: types, nullability, enumerations, meanings."""

import json
from datetime import datetime, time
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from scripts.lib.publish.content import Content, as_plain
from scripts.lib.publish.ddl import is_mandatory
from scripts.lib.resource import Field

ARROW_TYPES = {
    "integer": pa.int64(),
    "year": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "datetime": pa.timestamp("us"),
}


def parquet_bytes(content: Content) -> bytes:
    """The table as one Parquet file; the Table Schema stands in its metadata as `table_schema`."""
    resource = content.resource
    columns = list(zip(*content.rows, strict=True)) or [()] * len(resource.fields)
    arrays = [_make_array(field, values) for field, values in zip(resource.fields, columns, strict=True)]
    schema = pa.schema(
        [
            pa.field(
                field.name, array.type, nullable=not is_mandatory(field, resource), metadata=_describe(field)
            )
            for field, array in zip(resource.fields, arrays, strict=True)
        ],
        metadata={"table_schema": json.dumps(resource.raw["schema"], ensure_ascii=False)},
    )
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), sink, compression="zstd")
    return bytes(sink.getvalue())


def _describe(field: Field) -> dict[str, str]:
    return {"title": field.title, "description": field.description}


def _make_array(field: Field, values: tuple[Any, ...]) -> pa.Array:
    if field.type == "string" and field.enum:
        places = {str(value): place for place, value in enumerate(field.enum)}
        codes = [None if value is None else places[value] for value in values]
        return pa.DictionaryArray.from_arrays(
            pa.array(codes, pa.int32()), pa.array(list(places), pa.string())
        )
    kind = ARROW_TYPES.get(field.type, pa.string())
    zones = {value.tzinfo is not None for value in values if isinstance(value, datetime | time)}
    if zones == {True} and field.type == "datetime":
        kind = pa.timestamp("us", tz="UTC")
    elif True in zones:
        # Arrow has no time of day with a zone, nor a column that mixes moments with and without one.
        return pa.array(list(map(as_plain, values)), pa.string())
    return pa.array(values, kind)
