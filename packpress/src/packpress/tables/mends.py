"""Mends: what is said of a cell that is not of the type of its field, and how to write it."""

from packpress.package.field import Field
from packpress.tables.readers import FALSE_VALUES, TRUE_VALUES

MENDS = {
    "integer": "write digits only, such as 3",
    "number": "write a number such as 3.5",
    "year": "write four digits such as 2021",
    "date": "write a date such as 2021-11-08",
    "time": "write a time such as 12:30:00",
    "datetime": "write a date and time such as 2021-11-08T12:30:00Z",
    "yearmonth": "write a month such as 2021-11",
    "duration": "write a duration such as P1Y2M10DT2H30M",
    "geopoint": "write longitude and latitude such as 90.50, 45.50",
    "object": 'write a JSON object such as {"a": 1}',
    "array": "write a JSON array such as [1, 2]",
}
FORMAT_MENDS = {
    "email": "write an address such as joe@example.org",
    "uri": "write an address with its scheme such as https://example.org/",
    "uuid": "write one such as 123e4567-e89b-12d3-a456-426614174000",
    "binary": "write it in base64, with its padding",
    "array": "write a JSON array such as [90.50, 45.50]",
    "object": 'write a JSON object such as {"lon": 90.50, "lat": 45.50}',
}
GENERAL_MEND = "write it in the form the standard gives"


def describe_form(field: Field) -> str:
    """What is said of a cell of the field that is not of its type or its format."""
    kind, form = field.type, field.format
    what = f"not of type {kind}" if form == "default" else f"not of the format {form}"
    if kind == "boolean":
        one, other = field.raw.get("trueValues", TRUE_VALUES), field.raw.get("falseValues", FALSE_VALUES)
        return f"{what}; write {' or '.join(values[0] for values in (one, other) if values)}"
    if kind == "list":
        item = field.raw.get("itemType", "string")
        return f"{what}; write items of type {item} with {field.raw.get('delimiter') or ','} between them"
    if form == "default":
        return f"{what}; {MENDS.get(kind, GENERAL_MEND)}"
    return f"{what}; {FORMAT_MENDS.get(form, 'write it in that form' if '%' in form else GENERAL_MEND)}"
