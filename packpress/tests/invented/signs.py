"""Signs: the first words of what packpress says of a broken constraint, asked of packpress itself.

Codes do not tell one constraint from another, so tests that must know which one was broken tell it by these. Nothing
here repeats a wording: `tests/suites/wordings.yml` holds them.
"""

import re
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from invented.packages import write_package
from packpress import read_package, validate

# A row that breaks one constraint; its words end before the first digit.
SAMPLES: Mapping[str, tuple[dict[str, Any], str]] = {
    "required": ({"constraints": {"required": True}}, "7,\n"),
    "enum": ({"constraints": {"enum": ["x"]}}, "7,y\n"),
    "pattern": ({"constraints": {"pattern": "7"}}, "7,y\n"),
    "minimum": ({"type": "integer", "constraints": {"minimum": 7}}, "7,6\n"),
    "maximum": ({"type": "integer", "constraints": {"maximum": 7}}, "7,8\n"),
    "exclusiveMinimum": ({"type": "integer", "constraints": {"exclusiveMinimum": 7}}, "7,6\n"),
    "exclusiveMaximum": ({"type": "integer", "constraints": {"exclusiveMaximum": 7}}, "7,8\n"),
    "minLength": ({"constraints": {"minLength": 7}}, "7,x\n"),
    "maxLength": ({"constraints": {"maxLength": 7}}, "7,xxxxxxxx\n"),
}
KEYS: Mapping[str, dict[str, Any]] = {
    "primaryKey": {"primaryKey": ["7"]},
    "uniqueKeys": {"uniqueKeys": [["7"]]},
}


@cache
def sign_of(constraint: str) -> str:
    """The words of a constraint of a field."""
    properties, rows = SAMPLES[constraint]
    return _first_words({"fields": [{"name": "7"}, {"name": "b", **properties}]}, f"7,b\n{rows}")


@cache
def sign_of_key(key: str) -> str:
    """The words of a key that stands twice: `primaryKey` or `uniqueKeys`."""
    return _first_words({"fields": [{"name": "7"}], **KEYS[key]}, "7\nx\nx\n")


@cache
def sign_of_missing_key() -> str:
    """The words of a primary key that lacks a part."""
    return _first_words({"fields": [{"name": "7"}, {"name": "b"}], "primaryKey": ["7", "b"]}, "7,b\nx,\n")


@cache
def sign_of_type(kind: str, wrong: str) -> str:
    """The words of a cell that is not of a type, up to the name of the type."""
    message = _first_words({"fields": [{"name": "b", "type": kind}]}, f'b\n"{wrong}"\n')
    return message[: message.index(kind) + len(kind)]


def _first_words(schema: dict[str, Any], text: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = write_package(Path(folder), {"name": "t", "path": "t.csv", "text": text, "schema": schema})
        (problem,) = validate(read_package(path)).problems
    return re.split("[0-9]|;", problem.message)[0].rstrip()
