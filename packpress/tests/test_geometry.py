"""Geometries: what RFC 7946 and well-known text allow, and what they do not."""

import pytest
from packpress.tables.geometry import describe_geojson, describe_wkt

RING = [[0, 0], [1, 0], [1, 1], [0, 0]]
POINT = {"type": "Point", "coordinates": [1, 2]}
FEATURE = {"type": "Feature", "geometry": POINT, "properties": None}


@pytest.mark.parametrize(
    "value",
    [
        POINT,
        {"type": "Point", "coordinates": [1, 2, 3], "name": "a member of somebody's own"},
        {"type": "Point", "coordinates": []},
        {"type": "MultiPoint", "coordinates": [[1, 2], [3.5, 4e1, -5]]},
        {"type": "LineString", "coordinates": [[1, 2, 3], [4, 5, 6]], "bbox": [1, 2, 3, 4, 5, 6]},
        {"type": "MultiLineString", "coordinates": [[[1, 2], [3, 4]], [[1, 2], [3, 4]]]},
        {"type": "Polygon", "coordinates": [RING, RING]},
        {"type": "MultiPolygon", "coordinates": [[RING], [RING, RING]]},
        {
            "type": "GeometryCollection",
            "geometries": [POINT, {"type": "GeometryCollection", "geometries": []}],
        },
        FEATURE,
        FEATURE | {"geometry": None, "properties": {"type": "x"}, "id": "a"},
        {"type": "FeatureCollection", "features": [FEATURE]},
        {"type": "FeatureCollection", "features": [], "bbox": [1, 2, 3, 4]},
    ],
)
def test_what_rfc_7946_allows(value):
    assert describe_geojson(value) == ""


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        {"type": "point", "coordinates": [1, 2]},
        {"type": ["Point"], "coordinates": [1, 2]},
        {"type": "Topology", "objects": {}},
        {"type": "Point"},
        {"type": "Point", "coordinates": [1]},
        {"type": "Point", "coordinates": ["1", "2"]},
        {"type": "Point", "coordinates": [True, False]},
        {"type": "Point", "coordinates": [[1, 2]]},
        {"type": "MultiPoint", "coordinates": [1, 2]},
        {"type": "MultiPoint", "coordinates": [[1, 2], []]},
        {"type": "LineString", "coordinates": [[1, 2]]},
        {"type": "MultiLineString", "coordinates": [[[1, 2]]]},
        {"type": "Polygon", "coordinates": [RING[:-1]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": RING},
        {"type": "MultiPolygon", "coordinates": [[RING], [RING[1:]]]},
        {"type": "GeometryCollection", "geometries": [FEATURE]},
        {"type": "GeometryCollection", "geometries": POINT},
        {"type": "GeometryCollection", "coordinates": []},
        POINT | {"properties": {}},
        POINT | {"bbox": [1, 2, 3]},
        FEATURE | {"coordinates": [1, 2]},
        FEATURE | {"geometry": FEATURE},
        FEATURE | {"geometry": [1, 2]},
        FEATURE | {"id": None},
        {"type": "Feature", "geometry": POINT},
        {"type": "Feature", "properties": {}},
        {"type": "FeatureCollection", "features": [POINT]},
        {"type": "FeatureCollection", "features": [None]},
        {"type": "FeatureCollection"},
    ],
)
def test_what_rfc_7946_does_not_allow(value):
    assert describe_geojson(value)


@pytest.mark.parametrize(
    "text",
    [
        "POINT (1 2)",
        "point(-1.5e3 .5)",
        " POINT  EMPTY ",
        "POINT ZM (1 2 3 4)",
        "POINTZ (1 2 3)",
        "SRID=4326;POINT M (1 2 3)",
        "LINESTRING (0 0, 1 1)",
        "POLYGON ((0 0, 4 0, 4 4, 0 0), (1 1, 2 1, 2 2, 1 1))",
        "MULTIPOINT (1 2, 3 4)",
        "MULTIPOINT ((1 2), EMPTY, (3 4))",
        "MULTILINESTRING ((0 0, 1 1), EMPTY)",
        "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((0 0, 1 0, 1 1, 0 0)))",
        "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING Z (0 0 0, 1 1 1), GEOMETRYCOLLECTION EMPTY)",
        "CURVEPOLYGON (CIRCULARSTRING (0 0, 1 1, 0 0))",
        "COMPOUNDCURVE (CIRCULARSTRING (0 0, 1 1, 1 0), (1 0, 0 1))",
        "TIN (((0 0 0, 0 0 1, 0 1 0, 0 0 0)))",
    ],
)
def test_what_is_well_known_text(text):
    assert describe_wkt(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "POINT",
        "PIONT (1 2)",
        "POINT (1 2",
        "POINT (1 2))",
        "POINT (1, 2)",
        "POINT (1)",
        "POINT (1 2 3 4 5)",
        "POINT Z (1 2)",
        "POINT (a b)",
        "POINT (1 2) POINT (1 2)",
        "POINT [1 2]",
        "LINESTRING (0 0)",
        "LINESTRING (0 0, 1 1 1)",
        "POLYGON (0 0, 1 0, 1 1, 0 0)",
        "POLYGON ((0 0, 1 0, 1 1))",
        "POLYGON ((0 0, 1 1, 0 0))",
        "MULTIPOLYGON ((0 0, 1 0, 1 1, 0 0))",
        "COMPOUNDCURVE (POINT (1 2))",
        "GEOMETRYCOLLECTION ((1 2))",
        "GEOMETRYCOLLECTION (" * 5000,
    ],
)
def test_what_is_no_well_known_text(text):
    assert describe_wkt(text)
