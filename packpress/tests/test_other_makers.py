"""Descriptors as other tools write them: what is wrong gets a mend that fits."""

import json

import pytest

from invented.findings import list_offers
from packpress import CannotRunError, read_package, validate

TABLE = {"name": "t", "path": "t.csv", "schema": {"fields": [{"name": "n"}]}}


def list_messages(folder, raw):
    (folder / "t.csv").write_text("n\n1\n", encoding="utf-8")
    (folder / "datapackage.json").write_text(json.dumps(raw), encoding="utf-8")
    try:
        return [problem.message for problem in validate(read_package(folder)).problems]
    except CannotRunError as error:
        return [str(error)]


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        (TABLE, "a resource, not a data package; "),
        ({"name": "t", "data": [[1]]}, "a resource, not a data package; "),
        (TABLE["schema"], "a table schema, not a data package; "),
        ({"models": [{"name": "customers"}]}, "not a data package: "),
        ({"resources": {"t": TABLE}}, "not a data package: "),
        ([{"resources": [TABLE]}], "not a data package: "),
    ],
)
def test_a_document_that_is_no_package_is_called_what_it_is(raw, part, tmp_path):
    (message,) = list_messages(tmp_path, raw)
    assert f"datapackage.json: {part}" in message and "; " in message


@pytest.mark.parametrize(
    ("changes", "mend"),
    [
        ({"created": "2024-03-05"}, 'write "2024-03-05T00:00:00Z"'),
        ({"created": "5 March 2024"}, "correct it"),
        ({"contributors": ["Ida"]}, "write each as an object with its title"),
        ({"licenses": ["CC0-1.0"]}, "write each as an object with its name"),
        ({"sources": "log"}, "write each as an object with its title"),
        ({"resources": [{**TABLE, "name": None}]}, 'add it, such as "t"'),
        ({"resources": [{**TABLE, "schema": {"fields": ["n"]}}]}, "write each as an object with its name"),
        ({"resources": [{**TABLE, "schema": {"fields": [{"id": "n"}]}}]}, 'rename its key "id" to "name"'),
    ],
)
def test_the_mend_fits_what_is_written(changes, mend, tmp_path):
    (message,) = list_messages(tmp_path, {"name": "p", "resources": [TABLE], **changes})
    assert message.endswith(f"; {mend}")


def test_the_offered_moment_is_one(tmp_path):
    (message,) = list_messages(tmp_path, {"name": "p", "created": "2024-03-05", "resources": [TABLE]})
    (offer,) = list_offers(message)
    assert list_messages(tmp_path, {"name": "p", "created": offer, "resources": [TABLE]}) == []
