"""Parquet files with what the descriptor declares: types, nullability, enumerations, descriptions."""

import json
from collections.abc import Container
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from packpress.package.resource import Field, Resource
from packpress.publish.sqlite import is_mandatory
from packpress.tables.fast.columns import Column, make_texts, make_values
from packpress.tables.moments import NANOSECOND, MomentSpan
from packpress.tables.types import type_of
from packpress.tables.values import Content, ValueColumn, as_plain

ROWS_PER_GROUP = 1 << 18


def write_parquet(path: Path, content: Content, linked: Container[str] = ()) -> None:
    """Writes the table as one Parquet file, with its Table Schema in the metadata key `table_schema`.

    Text in `linked` fields has the form in which equal values of keys are equal.
    """
    resource = content.resource
    kinds = _choose_kinds(content)
    schema = pa.schema(
        [
            pa.field(
                field.name,
                kind,
                nullable=not is_mandatory(field, resource),
                metadata=_describe(field, resource),
            )
            for field, kind in zip(resource.fields, kinds, strict=True)
        ],
        metadata={"table_schema": json.dumps(resource.described()["schema"], ensure_ascii=False)},
    )
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        batches: list[pa.RecordBatch] = []
        for columns in content.read_columns():
            arrays = [
                make_texts(reader.read_linked(column))
                if reader.field.name in linked and kind == pa.string()
                else make_array(reader, column, kind)
                for reader, column, kind in zip(content.columns, columns, kinds, strict=True)
            ]
            batches.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
            if sum(map(len, batches)) >= ROWS_PER_GROUP:
                writer.write_table(pa.Table.from_batches(batches, schema))
                batches.clear()
        if batches or not len(content):
            writer.write_table(pa.Table.from_batches(batches, schema))


def read_types(path: Path) -> dict[str, str]:
    """The types of the columns of a Parquet file, by column, as Arrow names them."""
    return {field.name: str(field.type) for field in pq.read_schema(path)}


def _choose_kinds(content: Content) -> list[pa.DataType]:
    """The Arrow type of each field; for date-times it depends on their time zones, digits and years."""
    kinds = [
        pa.dictionary(pa.int32(), pa.string(), ordered=field.is_ordered)
        if field.type == "string" and field.choices
        else pa.type_for_alias(type_of(field).arrow)
        for field in content.resource.fields
    ]
    moments = [at for at, field in enumerate(content.resource.fields) if field.type == "datetime"]
    spans = {at: MomentSpan() for at in moments}
    for columns in content.read_columns() if moments else ():
        for at in moments:
            for value in content.columns[at].read_distinct(columns[at]):
                spans[at].add(value)
    for at, span in spans.items():
        kinds[at] = _choose_kind_of_moments(span)
    return kinds


def _choose_kind_of_moments(span: MomentSpan) -> pa.DataType:
    if span.kept_decimals is None:
        return pa.string()
    unit = "ns" if span.kept_decimals == NANOSECOND else "us"
    return pa.timestamp(unit, tz="UTC" if span.zones == {True} else None)


def _describe(field: Field, resource: Resource) -> dict[str, str]:
    described = {"title": field.title, "description": field.description}
    described |= {"unit": field.unit} if field.unit else {}
    if reasons := resource.missing_reasons(field):
        listed = [{"value": text, "label": reason} for text, reason in reasons.items()]
        described |= {"missingValues": json.dumps(listed, ensure_ascii=False)}
    if field.categories:
        categories = [
            {"value": value} | ({"label": field.labels[value]} if value in field.labels else {})
            for value in field.categories
        ]
        described |= {"categories": json.dumps(categories, ensure_ascii=False)}
        described |= {"categoriesOrdered": json.dumps(field.is_ordered)}
    return described


def make_array(reader: ValueColumn, column: Column, kind: pa.DataType) -> pa.Array:
    """The values of a column as an Arrow array of the given type."""
    column = reader.drop_missing(column)
    if pa.types.is_dictionary(kind):
        values = make_texts(list(map(str, reader.field.ordered_choices)))
        places = pc.index_in(column.array, value_set=values)
        return pa.DictionaryArray.from_arrays(places, values, ordered=kind.ordered)
    if reader.type.store is None:
        return column.array.cast(kind)
    plain = column.cast_plain(reader.type.arrow, reader.longest_plain)
    if plain is not None:
        return plain
    distinct = [reader.read(text) for text in column.distinct()]
    if kind == pa.string():
        distinct = list(map(as_plain, distinct))
    return make_values(distinct, kind).take(column.encoded.indices)
