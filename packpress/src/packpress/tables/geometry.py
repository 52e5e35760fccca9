"""Geometries: GeoJSON according to RFC 7946, and well-known text according to OGC Simple Features.

Each function returns what is wrong with a value, or the empty string.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

# How deeply the positions of a geometry are nested: 0 for one position, 1 for a list of them, and so on.
DEPTHS = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
# The members that define the kinds of objects; an object must not have those of another kind (RFC 7946, 7.1).
OF_GEOMETRIES, OF_FEATURES, OF_COLLECTIONS = (
    {"coordinates", "geometries"},
    {"geometry", "properties"},
    {"features"},
)
SHORTEST_LINE, SHORTEST_RING = 2, 4


def describe_geojson(value: Any) -> str:
    """What is wrong with a GeoJSON object according to RFC 7946.

    >>> describe_geojson({"type": "Point", "coordinates": [1, 2, 3]})
    ''
    >>> describe_geojson({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]})
    'a ring of a Polygon does not end where it begins'
    """
    return next(_find_faults(value), "")


def _find_faults(value: Any) -> Iterator[str]:
    if not isinstance(value, dict):
        yield "something else where an object is expected"
        return
    kind = value.get("type")
    if "bbox" in value and not _is_box(value["bbox"]):
        yield "bbox is not a list of four or six numbers"
    if kind == "Feature":
        yield from _find_foreign(value, OF_GEOMETRIES | OF_COLLECTIONS)
        yield from _find_faults_of_feature(value)
    elif kind == "FeatureCollection":
        yield from _find_foreign(value, OF_GEOMETRIES | OF_FEATURES)
        yield from _find_faults_of_members(value, "features", lambda item: item.get("type") == "Feature")
    else:
        yield from _find_faults_of_geometry(value)


def _find_faults_of_feature(value: dict[str, Any]) -> Iterator[str]:
    for name in ("geometry", "properties"):
        if name not in value:
            yield f"a Feature has no {name}, which may be null"
        elif not isinstance(value[name], dict | None):
            yield f"{name} of a Feature is neither an object nor null"
    if type(value.get("id", "")) not in {str, int, float}:
        yield "id of a Feature is neither a text nor a number"
    if isinstance(value.get("geometry"), dict):
        yield from _find_faults_of_geometry(value["geometry"])


def _find_faults_of_geometry(value: dict[str, Any]) -> Iterator[str]:
    kind = value.get("type")
    if kind == "GeometryCollection":
        yield from _find_foreign(value, OF_FEATURES | OF_COLLECTIONS)
        yield from _find_faults_of_members(value, "geometries", _is_geometry)
    elif isinstance(kind, str) and kind in DEPTHS:
        yield from _find_foreign(value, OF_FEATURES | OF_COLLECTIONS)
        yield from _find_faults_of_coordinates(value.get("coordinates"), kind, DEPTHS[kind])
    else:
        yield (
            f'"{kind}" is not an allowed GeoJSON type here'
            if isinstance(kind, str)
            else "type is missing or not a text"
        )


def _is_geometry(item: dict[str, Any]) -> bool:
    return item.get("type") not in {"Feature", "FeatureCollection"}


def _find_faults_of_members(
    value: dict[str, Any], name: str, is_member: Callable[[dict[str, Any]], bool]
) -> Iterator[str]:
    """What is wrong with the objects in a collection."""
    if not isinstance(value.get(name), list):
        yield f"{name} is missing or not a list"
        return
    for item in value[name]:
        if not isinstance(item, dict) or not isinstance(item.get("type"), str) or not is_member(item):
            yield f"{name} contains something else"
        else:
            yield from _find_faults(item)


def _find_foreign(value: dict[str, Any], forbidden: set[str]) -> Iterator[str]:
    for name in sorted(forbidden & value.keys()):
        yield f"a {value['type']} must not have the member {name}"


def _find_faults_of_coordinates(value: Any, kind: str, depth: int) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"coordinates of a {kind} are missing or not nested deeply enough"
    elif value == []:
        return  # an empty geometry, which RFC 7946 allows
    elif depth:
        for item in value:
            yield from _find_faults_of_coordinates(item, kind, depth - 1)
        if depth == 1:
            yield from _find_faults_of_line(value, kind)
    elif len(value) < 2 or not all(map(_is_number, value)):
        yield f"a position of a {kind} is not a list of two or three numbers"


def _find_faults_of_line(line: list[Any], kind: str) -> Iterator[str]:
    if any(position == [] for position in line):
        yield f"a position of a {kind} is not a list of two or three numbers"
    if kind.endswith("LineString") and len(line) < SHORTEST_LINE:
        yield f"a line of a {kind} has fewer than two positions"
    if kind.endswith("Polygon"):
        yield from _find_faults_of_ring(line, kind)


def _find_faults_of_ring(ring: list[Any], kind: str) -> Iterator[str]:
    if ring[0] != ring[-1]:
        yield f"a ring of a {kind} does not end where it begins"
    elif len(ring) < SHORTEST_RING:
        yield f"a ring of a {kind} has fewer than four positions"


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _is_box(value: Any) -> bool:
    return isinstance(value, list) and len(value) >= 4 and not len(value) % 2 and all(map(_is_number, value))


# ---- well-known text

NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
TOKEN = re.compile(rf"\s*(?:({NUMBER})(?![A-Za-z0-9_.])|([A-Za-z]+)|([(),]))")
SRID = re.compile(r"\s*SRID\s*=\s*[0-9]+\s*;", re.IGNORECASE)
DIMENSIONS = {"": {2, 3, 4}, "Z": {3}, "M": {3}, "ZM": {4}}
# What the brackets of each kind contain: positions, rings, lines, or whole geometries of certain kinds.
LINES = ("LINESTRING", "CIRCULARSTRING")
CURVES = (*LINES, "COMPOUNDCURVE")
SURFACES = ("POLYGON", "CURVEPOLYGON")
PARTS = {
    "COMPOUNDCURVE": LINES,
    "CURVEPOLYGON": CURVES,
    "MULTICURVE": CURVES,
    "MULTISURFACE": SURFACES,
}
BARE = {
    "POINT": "position",
    "LINESTRING": "line",
    "CIRCULARSTRING": "line",
    "POLYGON": "polygon",
    "TRIANGLE": "polygon",
    "MULTIPOINT": "points",
    "MULTILINESTRING": "lines",
    "MULTIPOLYGON": "polygons",
    "POLYHEDRALSURFACE": "polygons",
    "TIN": "polygons",
}
Position = tuple[float, ...]


class _TextError(Exception):
    """What is wrong with a text."""


def describe_wkt(text: str) -> str:
    """What is wrong with a geometry in well-known text.

    >>> describe_wkt("POINT Z (1 2 3)")
    ''
    >>> describe_wkt("POINT (1, 2)")
    'a position has 1 numbers'
    """
    try:
        _WktReader(text).read()
    except _TextError as fault:
        return str(fault)
    except RecursionError:
        return "its collections are nested too deeply"
    return ""


class _WktReader:
    """Parses one geometry, token by token."""

    def __init__(self, text: str) -> None:
        prefix = SRID.match(text)
        self._tokens = list(_split_tokens(text[prefix.end() if prefix else 0 :]))
        self._at = 0
        self._sizes: set[int] = set()  # the allowed numbers of coordinates

    def read(self) -> None:
        """Parses the whole text as one geometry."""
        self._read_geometry()
        if self._peek():
            raise _TextError(f'"{self._peek()}" after the end')

    def _peek(self) -> str:
        return self._tokens[self._at].upper() if self._at < len(self._tokens) else ""

    def _take(self, *wanted: str) -> str:
        token = self._peek()
        if token not in wanted:
            names = " or ".join(f'"{one}"' for one in wanted)
            found = f'"{token}"' if token else "the end"
            raise _TextError(f"{found} where {names} is expected")
        self._at += 1
        return token

    def _read_geometry(self, kinds: tuple[str, ...] = ()) -> None:
        kind, dimension = self._read_kind()
        if kinds and kind not in kinds:
            raise _TextError(f"a {kind} where one of {', '.join(kinds)} is expected")
        if self._peek() == "EMPTY":
            self._at += 1
            return
        self._sizes = set(DIMENSIONS[dimension])
        if kind == "GEOMETRYCOLLECTION":
            self._read_list(self._read_geometry)
        elif kind in PARTS:
            self._read_list(lambda: self._read_part(PARTS[kind]))
        else:
            self._read_bare(BARE[kind], kind)

    def _read_kind(self) -> tuple[str, str]:
        token = self._peek()
        for kind in (*BARE, *PARTS, "GEOMETRYCOLLECTION"):
            # Some programs write the dimension right after the kind.
            if token.startswith(kind) and token[len(kind) :] in DIMENSIONS:
                self._at += 1
                dimension = token[len(kind) :]
                if not dimension and self._peek() in {"Z", "M", "ZM"}:
                    dimension = self._take("Z", "M", "ZM")
                return kind, dimension
        raise _TextError(f'"{token}" is not a geometry' if token else "there is no geometry")

    def _read_part(self, kinds: tuple[str, ...]) -> None:
        """Parses a part that begins with its kind; without one, it has the first of the kinds."""
        if self._peek() == "(":
            self._read_bare(BARE[kinds[0]], kinds[0])
        else:
            self._read_geometry(kinds)

    def _read_bare(self, form: str, kind: str) -> None:
        if form == "position":
            self._take("(")
            self._read_position()
            self._take(")")
        elif form == "line":
            self._read_line(kind)
        elif form == "polygon":
            self._read_list(lambda: self._read_ring(kind))
        elif form == "points":
            self._read_list(self._read_point)
        else:
            inner = "line" if form == "lines" else "polygon"
            self._read_list(lambda: self._read_or_empty(inner, kind))

    def _read_or_empty(self, form: str, kind: str) -> None:
        if self._peek() == "EMPTY":
            self._at += 1
        else:
            self._read_bare(form, kind)

    def _read_list(self, read: Callable[[], Any]) -> list[Any]:
        self._take("(")
        items = [read()]
        while self._take(",", ")") == ",":
            items.append(read())
        return items

    def _read_point(self) -> None:
        """Parses a position of a MULTIPOINT, with or without brackets."""
        if self._peek() in {"(", "EMPTY"}:
            self._read_or_empty("position", "POINT")
        else:
            self._read_position()

    def _read_line(self, kind: str) -> None:
        if len(self._read_list(self._read_position)) < SHORTEST_LINE:
            raise _TextError(f"a line of a {kind} has fewer than two positions")

    def _read_ring(self, kind: str) -> None:
        ring = self._read_list(self._read_position)
        if ring[0] != ring[-1]:
            raise _TextError(f"a ring of a {kind} does not end where it begins")
        if len(ring) < SHORTEST_RING:
            raise _TextError(f"a ring of a {kind} has fewer than four positions")

    def _read_position(self) -> Position:
        numbers = []
        while self._peek()[-1:].isdigit() or self._peek()[-1:] == ".":
            numbers.append(float(self._peek()))
            self._at += 1
        if len(numbers) not in self._sizes:
            raise _TextError(f"a position has {len(numbers)} numbers")
        self._sizes = {len(numbers)}  # all other positions must have as many
        return tuple(numbers)


def _split_tokens(text: str) -> Iterator[str]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = TOKEN.match(text, at)
        if not match:
            raise _TextError(f'"{text[at:].strip()[:10]}" is neither a word, a number nor a bracket')
        yield match[0].strip()
        at = match.end()
