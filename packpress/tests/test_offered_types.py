"""Types and formats of other tools get those of the standard as an offer, and the offer is valid."""

import json

import pytest

from invented.findings import list_offers
from packpress import CannotRunError, read_package, validate

TYPES = {
    "integer[]": "list integer",
    "_text": "list string",
    "list<double>": "list number",
    "array of date": "list date",
    "jsonb[]": "array",
    "jsonb": "object",
    "timestamp(3) without time zone": "datetime",
    "varchar(20)": "string",
    "numeric(10, 2)": "number",
    "xsd:base64Binary": "string binary",
    "MULTIPOLYGON": "string wkt",
    "geometry(Point,4326)": "geojson",
    "calendar_date": "datetime",
    "esriFieldTypeGlobalID": "string uuid",
}
FORMATS = [
    ("date", "YYYY-MM-DD", "%Y-%m-%d"),
    ("date", "dd/mm/yyyy", "%d/%m/%Y"),
    ("date", "D.M.YY", "%d.%m.%y"),
    ("date", "MMM d, yyyy", "%b %d, %Y"),
    ("date", "DD-MON-YYYY", "%d-%b-%Y"),
    ("date", "Y-m-d", "%Y-%m-%d"),
    ("date", "ISO 8601", "default"),
    ("date", "mm/yyyy", None),
    ("date", "European", None),
    ("datetime", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "%Y-%m-%dT%H:%M:%S.%f%z"),
    ("datetime", "MM/DD/YYYY hh:mm a", "%m/%d/%Y %I:%M %p"),
    ("datetime", "YYYY-MM-DD HH24:MI:SS", "%Y-%m-%d %H:%M:%S"),
    ("datetime", "Y-m-d H:i:s", "%Y-%m-%d %H:%M:%S"),
    ("datetime", "dd/MM/yyyy", None),
    ("datetime", "unix", None),
    ("time", "HH:mm", "%H:%M"),
    ("time", "h:mm a", "%I:%M %p"),
    ("time", "mm:ss", None),
    ("string", "url", "uri"),
    ("string", "guid", "uuid"),
    ("geojson", "feature", "default"),
]


def list_messages(folder, **field):
    """What is said of a package of one field, and of no row."""
    table = {"name": "t", "path": "t.csv", "schema": {"fields": [{"name": "a", **field}]}}
    (folder / "t.csv").write_text("a\n", encoding="utf-8")
    (folder / "datapackage.json").write_text(
        json.dumps({"name": "p", "resources": [table]}), encoding="utf-8"
    )
    try:
        return [problem.message for problem in validate(read_package(folder)).problems]
    except CannotRunError as error:
        return [str(error)]


@pytest.mark.parametrize(("named", "meant"), TYPES.items())
def test_the_type_of_another_tool_gets_ours(named, meant, tmp_path):
    (message,) = list_messages(tmp_path, type=named)
    kind, _, further = meant.partition(" ")
    assert list_offers(message) == [kind] and message.endswith(further or f'"{kind}"')
    name = "itemType" if kind == "list" else "format"
    assert list_messages(tmp_path, type=kind, **({name: further} if further else {})) == []


@pytest.mark.parametrize(("kind", "written", "meant"), FORMATS)
def test_the_format_of_another_tool_gets_ours(kind, written, meant, tmp_path):
    (message,) = list_messages(tmp_path, type=kind, format=written)
    assert list_offers(message) == ([meant] if meant else [])
    assert meant is None or list_messages(tmp_path, type=kind, format=meant) == []


@pytest.mark.parametrize(
    ("kind", "written", "meant"),
    [("string", "date-time", "datetime"), ("geopoint", "wkt", "string and the format wkt")],
)
def test_a_format_that_is_a_type_is_offered_as_one(kind, written, meant, tmp_path):
    (message,) = list_messages(tmp_path, type=kind, format=written)
    assert message.endswith(f"declare the type {meant} instead")
