"""A data package of any number of rows, the same for the same number, for the benchmarks to measure on.

Run it with `python -m benchmarks.generate FOLDER ROWS`. The table `visits` has ten columns: a primary key,
two foreign keys, patterns, an enumeration, a date, numbers, missing values, quotes, line breaks in cells and
letters beyond ASCII. All follows from the number of the row by arithmetic, not from some generator.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

STATUS = ("planned", "started", "finished", "cancelled", "unclear")
WORDS = ("pain", "ease", "dose", "rest", "night", "walk", "sleep", "spine", "nerve", "naïve", "café", "übel")
SITES = 1_000


def people_for(rows: int) -> int:
    """How many people the visits of a package of so many rows belong to."""
    return max(10, rows // 10)


def mix(number: int) -> int:
    """A number of 32 bits that looks drawn by lot."""
    number = (number * 2654435761 + 1013904223) & 0xFFFFFFFF
    number ^= number >> 15
    return (number * 2246822519) & 0xFFFFFFFF


def write_note(number: int, drawn: int) -> str:
    """What was noted: mostly nothing, else some words, some of which need quotes."""
    if drawn % 10 >= 3:
        return ""
    words = " ".join(WORDS[mix(number * 7 + place) % len(WORDS)] for place in range(2 + drawn % 5))
    if number % 1000 == 1:
        return f'"{words}\nand {words}"'
    if drawn % 50 < 3:
        return f'"{words}, then ""{WORDS[drawn % 9]}"" again"'
    return words


def write_visits(rows: int) -> Iterator[str]:
    """The lines of the large table, sorted by its key."""
    people = people_for(rows)
    for number in range(1, rows + 1):
        drawn = mix(number)
        day = drawn % 3650
        yield (
            f"V{number:08d},s{mix(drawn) % SITES + 1:04d},{mix(drawn + 1) % people + 1},"
            f"{2015 + day // 365}-{day % 12 + 1:02d}-{day % 28 + 1:02d},{STATUS[drawn % 5]},"
            f"{'true' if drawn & 64 else 'false'},"
            f"{'' if drawn % 8 == 0 else f'{40 + mix(drawn + 2) % 80000 / 1000:.3f}'},{drawn % 500},"
            f"{chr(65 + drawn % 26)}{chr(65 + drawn // 26 % 26)}-{mix(drawn + 3) % 1000000:06d},"
            f"{write_note(number, drawn // 7)}\n"
        )


def make_field(name: str, kind: str = "string", **constraints: object) -> dict[str, object]:
    """A field of the descriptor."""
    return {"name": name, "type": kind} | ({"constraints": constraints} if constraints else {})


def make_resource(name: str, key: str, fields: list[dict[str, object]], **targets: str) -> dict[str, object]:
    """A resource of the descriptor; `targets` are the tables that its foreign keys, by field, point to."""
    keys = [{"fields": f, "reference": {"resource": t, "fields": f}} for f, t in targets.items()]
    schema = {"fields": fields, "primaryKey": key} | ({"foreignKeys": keys} if keys else {})
    return {
        "name": name,
        "type": "table",
        "path": f"{name}.csv",
        "format": "csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def describe() -> dict[str, object]:
    """The descriptor."""
    site = make_field("site_id", pattern="s[0-9]{4}", required=True)
    visits = [
        make_field("visit_id", pattern="V[0-9]{8}", required=True),
        make_field("site_id", required=True),
        make_field("person_id", "integer", required=True),
        make_field("visit_date", "date", required=True, minimum="2015-01-01"),
        make_field("status", enum=list(STATUS), required=True),
        make_field("is_first", "boolean"),
        make_field("weight", "number", minimum=1, maximum=300),
        make_field("doses", "integer", minimum=0, maximum=1000),
        make_field("batch_code", pattern="(?:[A-Z]{2}-[0-9]{6}|X[0-9]{3})"),
        make_field("note", maxLength=200),
    ]
    people = [make_field("person_id", "integer"), make_field("name", required=True)]
    return {
        "name": "visits",
        "version": "1.0.0",
        "resources": [
            make_resource("sites", "site_id", [site, make_field("city")]),
            make_resource("people", "person_id", people),
            make_resource("visits", "visit_id", visits, site_id="sites", person_id="people")
            | {"publishing": {"search": ["note"]}},
        ],
    }


def write_package(folder: Path, rows: int) -> Path:
    """The descriptor of a package whose large table has so many rows; one that is there already is kept."""
    descriptor = folder / "datapackage.json"
    if descriptor.exists():
        return descriptor
    folder.mkdir(parents=True, exist_ok=True)

    def write_lines(stream: TextIO, header: str, lines: Iterator[str]) -> None:
        stream.write(header + "\n")
        stream.writelines(lines)

    with (folder / "sites.csv").open("w", encoding="utf-8", newline="") as stream:
        lines = (f"s{number:04d},Town {number}\n" for number in range(1, SITES + 1))
        write_lines(stream, "site_id,city", lines)
    with (folder / "people.csv").open("w", encoding="utf-8", newline="") as stream:
        lines = (f"{number},Person {mix(number)}\n" for number in range(1, people_for(rows) + 1))
        write_lines(stream, "person_id,name", lines)
    names = "visit_id,site_id,person_id,visit_date,status,is_first,weight,doses,batch_code,note"
    with (folder / "visits.csv").open("w", encoding="utf-8", newline="") as stream:
        write_lines(stream, names, write_visits(rows))
    # Written last, so that a package cut short by a kill is made again.
    descriptor.write_text(json.dumps(describe(), indent=2) + "\n", encoding="utf-8")
    return descriptor


if __name__ == "__main__":
    print(write_package(Path(sys.argv[1]), int(sys.argv[2])))
