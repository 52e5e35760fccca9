"""Documents in JSON or YAML, read from a file or standard input: descriptors and what they refer to.

YAML is read as if it were JSON: dates and `no` stay text, and so does any scalar where the profile wants
text. In both formats, a key that occurs twice in one object is an error.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from packpress.conflict_markers import refuse_conflict
from packpress.package.profile import PROFILE, Schema, descend, wants_text
from packpress.problems import CannotReadError, CannotRunError

YAML_SUFFIXES = (".yaml", ".yml")
# The path that stands for standard input; paths in such a descriptor are relative to the working directory.
STANDARD_INPUT = Path("-")
# Descriptors are never larger, unless they contain rows that belong in files, and never nested more deeply.
LARGEST = 1 << 26
DEEPEST = 100


def read_document(path: Path, address: str = "", schema: Schema = PROFILE) -> Any:
    """The document in a file.

    - `address`: the address from which the file was downloaded, for messages.
    - `schema`: which values of a YAML document are text.

    Raises CannotRunError when there is no such file or it cannot be parsed.

    >>> read_document(Path("fleet/datapackage.json"))["title"]
    'A small fleet'
    """
    where = address or str(path)
    try:
        text = _read_whole(path).decode("utf-8-sig")
        document = _parse(text, where, schema)
        _refuse_unwritable(document)
        _refuse_depth(document)
        return document
    except FileNotFoundError:
        raise CannotRunError(f"{where}: no such file; name the descriptor of a data package") from None
    except IsADirectoryError:
        raise CannotRunError(f"{where}: a folder; name the descriptor inside it") from None
    except UnicodeDecodeError as error:
        raise CannotRunError(f"{where}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except UnicodeEncodeError:
        raise CannotRunError(
            f"{where}: contains a lone surrogate (half of a character); correct the text"
        ) from None
    except (ValueError, RecursionError) as error:
        raise CannotRunError(f"{where}: cannot be read: {error}; correct it there") from None
    except OSError as error:
        raise CannotRunError(f"{where}: cannot be read: {error.strerror}") from None


def _read_whole(path: Path) -> bytes:
    if path == STANDARD_INPUT:
        data = sys.stdin.buffer.read(LARGEST + 1)
    else:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise CannotRunError(f"{path}: not a regular file; name the descriptor of a data package")
        if path.is_dir():
            raise IsADirectoryError(path)  # Windows would report a lack of permission
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise CannotRunError(f"{path}: larger than {LARGEST >> 20} MB; put the rows into files of their own")
    return data


def _parse(text: str, where: str, schema: Schema) -> Any:
    refuse_conflict(text, where)
    place = urlsplit(where).path if "://" in where else where
    suffix = PurePosixPath(place.lower()).suffix
    is_json = text.lstrip()[:1] in {"{", "["} if where == str(STANDARD_INPUT) else suffix not in YAML_SUFFIXES
    return _parse_json(text, where) if is_json else _parse_yaml(text, where, schema)


def _refuse_unwritable(document: Any) -> None:
    """Raises an error for a document that cannot be written again as JSON in UTF-8.

    A lone surrogate has no UTF-8, and a document too deep for this is too deep for all other code.
    """
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    except ValueError:
        raise ValueError("it holds a number that is too large for 64 bits") from None
    text.encode("utf-8")


def _refuse_depth(document: Any) -> None:
    level = [document]
    for _ in range(DEEPEST):
        level = [
            item
            for value in level
            if isinstance(value, dict | list)
            for item in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return
    raise ValueError(f"nested more than {DEEPEST} levels deep")


def _refuse_repeated(where: str, line: int, name: str) -> CannotReadError:
    message = f'the key "{name}" occurs twice in one object, but only one can apply; remove one'
    return CannotReadError(where, line, message, code="descriptor/repeated-key")


# ---- JSON


def _parse_json(text: str, where: str) -> Any:
    repeated = False

    def make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        made = dict(pairs)
        repeated = repeated or len(made) < len(pairs)
        return made

    try:
        document = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=make_object)
    except json.JSONDecodeError as error:
        message = f"not JSON: {error.msg}; correct the syntax there"
        raise CannotRunError(f"{where}:{error.lineno}: {message}") from None
    for name, place in _find_repeated(text) if repeated else ():
        raise _refuse_repeated(where, text.count("\n", 0, place) + 1, name)
    return document


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")


TOKEN = re.compile(r'("(?:[^"\\]|\\.)*")(?=(\s*:)?)|[{}]', re.DOTALL)


def _find_repeated(text: str) -> Iterator[tuple[str, int]]:
    """The keys in a JSON text that occur a second time in their object, with their line numbers."""
    open_objects: list[set[str]] = []
    for token in TOKEN.finditer(text):
        if token[0] == "{":
            open_objects.append(set())
        elif token[0] == "}":
            open_objects.pop()
        elif token[2]:
            name = json.loads(token[1], strict=False)
            if name in open_objects[-1]:
                yield name, token.start()
            open_objects[-1].add(name)


# ---- YAML

# Plain scalars as YAML 1.2 defines them, without those that JSON lacks.
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
WORDS = {
    "": None,
    **dict.fromkeys(("~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
KNOWN_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq")
)
# Aliases can refer to aliases, so that a small document expands to more than any memory can hold.
MOST_NODES = 1_000_000


def _parse_yaml(text: str, where: str, schema: Schema) -> Any:
    import yaml  # few descriptors need it

    try:
        events = yaml.parse(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        document = _YamlReader(where, events).read(schema)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        reason = " ".join(str(getattr(error, "problem", None) or error).split())
        raise CannotRunError(f"{where}{line}: not YAML: {reason}; correct the syntax there") from None
    return document


@dataclass
class _YamlReader:
    """Builds values from parser events, so that memory and depth can be limited."""

    where: str
    events: Iterator[Any]
    # Anchored values, each with its number of nodes.
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    count: int = 0

    def read(self, schema: Schema) -> Any:
        """The one document in the text; None when there is none."""
        document, is_read = None, False
        for event in self.events:
            match type(event).__name__:
                case "DocumentStartEvent" if is_read:
                    raise self._refuse(event, "a second document begins; write one document")
                case "DocumentStartEvent":
                    document, is_read = self._make(next(self.events), schema, 0), True
        return document

    def _refuse(self, event: Any, message: str) -> CannotRunError:
        return CannotRunError(f"{self.where}:{event.start_mark.line + 1}: {message}")

    def _make(self, event: Any, schema: Schema, depth: int, is_item: bool = False) -> Any:
        kind = type(event).__name__
        before = self.count
        self.count += 1
        if kind == "AliasEvent":
            if event.anchor not in self.anchors:
                raise self._refuse(
                    event, f"*{event.anchor} refers to nothing before it; write the value itself"
                )
            value, weight = self.anchors[event.anchor]
            self.count += weight
        elif depth > DEEPEST:
            raise self._refuse(event, f"nested more than {DEEPEST} levels deep; simplify it there")
        elif kind == "ScalarEvent":
            value = self._make_scalar(event, schema, is_item)
        else:
            self._check_tag(event)
            value = (self._make_list if kind == "SequenceStartEvent" else self._make_object)(schema, depth)
        if self.count > MOST_NODES:
            raise self._refuse(event, "expands to too many values; use fewer aliases")
        if kind != "AliasEvent" and event.anchor:
            self.anchors[event.anchor] = value, self.count - before
        return value

    def _check_tag(self, event: Any) -> None:
        if event.tag and event.tag not in {*KNOWN_TAGS, "!"}:
            raise self._refuse(event, f"the tag {event.tag} is unknown; remove it")

    def _make_scalar(self, event: Any, schema: Schema, is_item: bool) -> Any:
        self._check_tag(event)
        text: str = event.value
        if not event.implicit[0] and event.tag != "tag:yaml.org,2002:null":
            is_text = event.tag in {None, "!", "tag:yaml.org,2002:str"}
        else:
            is_text = wants_text(schema) and (is_item or WORDS.get(text, text) is not None)
        if is_text:
            return text
        return json.loads(text) if NUMBER.fullmatch(text) else WORDS.get(text, text)

    def _make_list(self, schema: Schema, depth: int) -> list[Any]:
        inner = descend(schema, 0)
        return [
            self._make(event, inner, depth + 1, is_item=True) for event in self._until("SequenceEndEvent")
        ]

    def _make_object(self, schema: Schema, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        merged: list[Any] = []
        for event in self._until("MappingEndEvent"):
            if type(event).__name__ != "ScalarEvent":
                raise self._refuse(event, "a key that is not a text; write it as one")
            name, is_merge = event.value, event.value == "<<" and event.implicit[0]
            if name in made:
                raise _refuse_repeated(self.where, event.start_mark.line + 1, name)
            value = self._make(next(self.events), schema if is_merge else descend(schema, name), depth + 1)
            if is_merge:
                merged += value if isinstance(value, list) else [value]
            else:
                made[name] = value
        for further in merged:
            if not isinstance(further, Mapping):
                raise CannotRunError(
                    f"{self.where}: << merges something that is not an object; write out the keys"
                )
            made |= {name: value for name, value in further.items() if name not in made}
        return made

    def _until(self, end: str) -> Iterator[Any]:
        while type(event := next(self.events)).__name__ != end:
            yield event
