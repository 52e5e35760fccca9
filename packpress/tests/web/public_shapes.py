"""Five invented packages in the shape of known public ones, from files as people have them to a package.

The docstring of each says what had to be written by hand beside the names of its columns.
"""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Json = dict[str, Any]


def _write(folder: Path, name: str, resources: list[Json], files: Mapping[str, bytes], **more: Any) -> Path:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    raw = {
        "name": name,
        "version": "1.0.0",
        "created": "2024-05-06T07:08:09Z",
        "resources": resources,
        **more,
    }
    path = folder / "datapackage.json"
    path.write_text(json.dumps(raw, ensure_ascii=False), encoding="utf-8")
    return path


def _fields(*names: str, **kinds: str) -> list[Json]:
    return [{"name": name, "type": kinds.get(name, "string")} for name in names]


def write_events(folder: Path) -> Path:
    """Sampling events with occurrences, each table in parts of TSV without quotes.

    By hand: the paths of the parts, an empty quoteChar, and the keys between the tables and within one.
    """
    events = [
        b'eventID\tparentEventID\teventDate\tlocality\nv1\t\t2023-05-01\tNorth "Old" Quay\n',
        b'eventID\tparentEventID\teventDate\tlocality\nv1-a\tv1\t2023-05-01\tberth 5"\nv1-b\tv1\t2023-05-02\t\n',
    ]
    found = b'occurrenceID\teventID\tscientificName\tindividualCount\no1\tv1-a\tMytilus edulis, L.\t12\no2\tv1-b\t"\t\n'
    dialect = {"quoteChar": ""}
    parents = [
        {"fields": "parentEventID", "reference": {"resource": "", "fields": "eventID"}},
    ]
    resources = [
        {
            "name": "event",
            "path": ["event-1.tsv", "event-2.tsv"],
            "dialect": dialect,
            "schema": {
                "fields": _fields("eventID", "parentEventID", "eventDate", "locality", eventDate="date"),
                "primaryKey": "eventID",
                "foreignKeys": parents,
            },
        },
        {
            "name": "occurrence",
            "path": "occurrence.tab",
            "dialect": dialect,
            "schema": {
                "fields": _fields(
                    "occurrenceID", "eventID", "scientificName", "individualCount", individualCount="integer"
                ),
                "primaryKey": "occurrenceID",
                "foreignKeys": [
                    {"fields": "eventID", "reference": {"resource": "event", "fields": "eventID"}}
                ],
            },
        },
    ]
    files = {"event-1.tsv": events[0], "event-2.tsv": events[1], "occurrence.tab": found}
    return _write(folder, "harbour-events", resources, files, title="Events in a harbour")


def write_traps(folder: Path) -> Path:
    """Camera traps: deployments, media and observations, held to a profile of their own.

    By hand: the profile, the schemas in files of their own, and the keys to deployments.
    """
    profile = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "required": ["project", "resources"],
        "properties": {"project": {"type": "object", "required": ["samplingDesign"]}},
    }
    deployment = {
        "fields": [
            *_fields("deploymentID", "deploymentStart", deploymentStart="datetime"),
            {"name": "latitude", "type": "number", "constraints": {"minimum": -90, "maximum": 90}},
        ],
        "primaryKey": "deploymentID",
    }
    key = {"fields": "deploymentID", "reference": {"resource": "deployments", "fields": "deploymentID"}}
    observation = {
        "fields": [
            *_fields("observationID", "deploymentID", "eventStart", eventStart="datetime"),
            {"name": "observationType", "type": "string", "constraints": {"enum": ["animal", "blank"]}},
            {"name": "count", "type": "integer", "constraints": {"minimum": 1}},
        ],
        "primaryKey": "observationID",
        "foreignKeys": [key],
    }
    files = {
        "profile.json": json.dumps(profile).encode(),
        "schemas/deployments.json": json.dumps(deployment).encode(),
        "schemas/observations.json": json.dumps(observation).encode(),
        "deployments.csv": b"deploymentID,deploymentStart,latitude\nd1,2020-05-30T02:57:37Z,51.5\nd2,2020-06-01T00:00:00Z,\n",
        "observations.csv": b"observationID,deploymentID,eventStart,observationType,count\n"
        b"b1,d1,2020-05-30T03:00:00Z,animal,2\nb2,d2,2020-06-01T05:00:00Z,blank,\n",
        "README.md": b"# Traps in a wood\n",
    }
    resources: list[Json] = [
        {
            "name": name,
            "path": f"{name}.csv",
            "schema": f"schemas/{name}.json",
            "profile": "tabular-data-resource",
        }
        for name in ("deployments", "observations")
    ]
    resources.append({"name": "about", "path": "README.md", "mediatype": "text/markdown"})
    more = {"profile": "profile.json", "project": {"samplingDesign": "simpleRandom"}}
    return _write(folder, "wood-traps", resources, files, title="Traps in a wood", **more)


def write_statistics(folder: Path) -> Path:
    """A wide table of a statistics office: a title above, a column a year, signs for what is not there.

    By hand: the row of the header, the marks of missing values with what they mean, the footnotes as comments.
    """
    years = [str(year) for year in range(1990, 2030)]
    places = range(len(years))
    rows = [
        [
            f"region {row}",
            *("…" if (row + at) % 7 == 0 else f"{row},{at}" if at % 11 else ":" for at in places),
        ]
        for row in range(12)
    ]
    lines = ["Households by region;" + ";" * (len(years) - 1), ";".join(["region", *years])]
    lines += [";".join(row) for row in rows]
    lines += ["# … not available; : confidential", "# Source: a census"]
    resource = {
        "name": "households",
        "path": "households.csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ";", "headerRows": [2], "commentChar": "#"},
        "schema": {
            "fields": [
                {"name": "region", "type": "string"},
                *({"name": year, "type": "number", "decimalChar": ","} for year in years),
            ],
            "primaryKey": "region",
            "missingValues": [
                {"value": "…", "label": "not available"},
                {"value": ":", "label": "confidential"},
            ],
        },
    }
    files = {"households.csv": ("\n".join(lines) + "\n").encode()}
    return _write(folder, "households", [resource], files, title="Households")


def write_museum(folder: Path) -> Path:
    """A museum's list as a spreadsheet saved it: Latin-1, semicolons, line ends of Windows, quoted breaks.

    By hand: the encoding, the delimiter, and that `ja` and `nein` are truth values.
    """
    text = (
        "Inventarnr;Bezeichnung;Jahr;Ausgestellt\r\n"
        'A 1;"Krug; glasiert";um 1750;ja\r\n'
        'A 2;"Schüssel ""Löwe""\nmit Deckel";;nein\r\n'
        "B 17;Gemälde – ohne Rahmen;1899;\r\n"
    )
    fields = [*_fields("Inventarnr", "Bezeichnung", "Jahr")]
    fields.append({"name": "Ausgestellt", "type": "boolean", "trueValues": ["ja"], "falseValues": ["nein"]})
    resource = {
        "name": "objekte",
        "path": "Liste.csv",
        "encoding": "windows-1252",
        "dialect": {"delimiter": ";"},
        "schema": {"fields": fields, "primaryKey": "Inventarnr"},
    }
    return _write(folder, "museum", [resource], {"Liste.csv": text.encode("windows-1252")}, title="Objekte")


def write_measurements(folder: Path) -> Path:
    """Measurements of a logger: a row of units below the names, decimal commas, two files in one zip.

    By hand: that the row of units is no row, the decimal comma, which file of the zip is meant.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in ("hall", "yard"):
            lines = ["time\ttemperature\tpressure", "\t°C\thPa"]
            lines += [f"2024-01-01T{hour:02d}:00:00Z\t{hour},5\t1.013,{hour}" for hour in range(24)]
            archive.writestr(f"log/{name}.tsv", "\n".join(lines) + "\n")
        archive.writestr("__MACOSX/log/._hall.tsv", b"\0")
    numbers = [
        {"name": "temperature", "type": "number", "decimalChar": ","},
        {"name": "pressure", "type": "number", "decimalChar": ",", "groupChar": "."},
    ]
    resources = [
        {
            "name": name,
            "path": "logger.zip",
            "innerpath": f"log/{name}.tsv",
            "dialect": {"headerRows": [1], "commentRows": [2]},
            "schema": {"fields": [*_fields("time", time="datetime"), *numbers], "primaryKey": "time"},
        }
        for name in ("hall", "yard")
    ]
    return _write(folder, "logger", resources, {"logger.zip": stream.getvalue()}, title="Two rooms")


SHAPES: Mapping[str, Callable[[Path], Path]] = {
    "events": write_events,
    "traps": write_traps,
    "statistics": write_statistics,
    "museum": write_museum,
    "measurements": write_measurements,
}
