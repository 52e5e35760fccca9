"""Five invented packages, each odd in a way of its own, that a site has to show as well as any other."""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.web.public_shapes import SHAPES

Json = dict[str, Any]
# What Windows takes for no file name is left out there.
IS_WINDOWS = os.name == "nt"
# Runs, or asks for something, wherever it is not taken for what it is: text.
HOSTILE = (
    """'"></title></textarea></script><script>taken=1</script><img src=x onerror="taken=1">"""
    """<a href="javascript:taken=1">go</a></main><marquee>{{7*7}}{%x%}⟦b⟧--><!--"""
)
ODD_KEYS = (
    ("plain", "", "/", "a/b", ",", "a,b", "~", "a~2Fb", "?", "a?b=c&d", ":", "x:y", "*", "#", "%", "%2F", "+")
    + ("a b", " ", ".", "..", "a.", "a.json", ".csv", "ü", "猫 🦊", '"', "'", "<b>", "|", "\\", "_", "-1")
    + ("a", "_next", "k" * 190, "l" * 400, "0", "00", "null", "&amp;", ";", "é", "e\u0301")
)
ODD_TABLES = (
    ("search", "downloads", "files", "static", "dictionary", "data_dictionary_columns", "sql", "method")
    + (
        "with blank",
        "it's",
        "100%",
        "größe",
        "a.b",
        "x.csv",
        "y.json",
        "order",
        "select",
        "-",
        "odd_names.v1",
    )
    + ("a,b", "c~d", "e+f", "g&h", "#", "{i}", "_k")
    + (() if IS_WINDOWS else ('say "it"', "why?", "l:m", "n*o", "p|q", "<r>"))
)
ODD_COLUMNS = (
    "id",
    "with blank",
    'say "it"',
    "it's",
    "a/b",
    "a.b",
    "100%",
    "größe",
    "select",
    "_private",
    "__",
    "x__gt",
) + ("a,b", "?", ":", "rowid ", "#", "&amp;", "{x}", "~", "猫", "link")


def field(name: str, kind: str = "string", **properties: Any) -> Json:
    """A field; properties that are constraints go where those stand."""
    constraints = {
        key: value for key, value in properties.items() if key in ("required", "unique", "enum", "minimum")
    }
    others = {key: value for key, value in properties.items() if key not in constraints}
    return {"name": name, "type": kind, **others} | ({"constraints": constraints} if constraints else {})


def write_csv(rows: Iterable[Iterable[str]]) -> str:
    """The rows as text, every cell in quotes that could need them."""
    return "".join(",".join(map(_quote, row)) + "\n" for row in rows)


def _quote(cell: str) -> str:
    return (
        '"' + cell.replace('"', '""') + '"'
        if set(cell) & set('",\r\n') or not cell.strip() and cell
        else cell
    )


def table(
    name: str, fields: list[Json], rows: Iterable[Iterable[str]], *, path: str = "", **properties: Any
) -> Json:
    """A resource with its rows; properties of the schema go in by their own names, everything else as it is."""
    schema = {k: v for k, v in properties.items() if k in ("primaryKey", "foreignKeys", "uniqueKeys")}
    others = {key: value for key, value in properties.items() if key not in schema}
    text = write_csv([[item["name"] for item in fields], *rows])
    return {
        "name": name,
        "path": path or f"{name}.csv",
        "text": text,
        "schema": {"fields": fields, **schema},
    } | others


def write_package(
    folder: Path, tables: list[Json], files: Mapping[str, str] | None = None, **properties: Any
) -> Path:
    """A package of tables and further files in a folder; its descriptor."""
    texts = {item["path"]: item.pop("text") for item in tables} | dict(files or {})
    raw = {"version": "1.2.3", "created": "2024-05-06T07:08:09Z", **properties, "resources": tables}
    texts["datapackage.json"] = json.dumps(raw, ensure_ascii=False)
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode("utf-8"))
    return folder / "datapackage.json"


def key_to(column: str, resource: str, other: str = "") -> Json:
    """A foreign key of one column."""
    return {"fields": column, "reference": {"resource": resource, "fields": other or column}}


def write_odd(folder: Path) -> Path:
    """Names and keys with whatever signs a name can hold, and names that the site has itself."""
    fields = [field(name) for name in ODD_COLUMNS]
    rows = [
        [key, *(f"{name} {place}" for name in ODD_COLUMNS[1:-1]), ODD_KEYS[place // 2]]
        for place, key in enumerate(ODD_KEYS)
        if key
    ]
    hints = {"search": ['say "it"', "größe"], "facets": ["a/b", "link"], "label": "with blank", "sort": "a.b"}
    odd = table(
        "the odd one",
        fields,
        rows,
        path="the-odd-one.csv",
        primaryKey="id",
        foreignKeys=[key_to("link", "the odd one", "id")],
        publishing=hints,
    )
    pairs = table(
        "pairs",
        [field("one"), field("two/three"), field("note")],
        [[one, two, f"{one} & {two}"] for one in ("a", "a,b", "~", "/") for two in ("x", ",", "?", "ü")],
        primaryKey=["one", "two/three"],
        publishing={"search": ["note"]},
    )
    # Windows takes each pair of these for one name, and some for none.
    clashing = [["A"], ["a"], ["con"]]
    others = [
        table("capitals", [field("id")], clashing, primaryKey="id", publishing={"search": ["id"]}),
        *(
            table(
                name, [field("id"), field(name)], [["1", f"of {name}"]], path=f"t{place}.csv", primaryKey="id"
            )
            for place, name in enumerate(ODD_TABLES)
        ),
    ]
    sql = {
        "sql/queries/what is it.sql": '-- What is it?\nselect * from "the odd one" where id = :id\n',
        "sql/queries/100%.sql": '-- All\nselect * from "100%"\n',
        "sql/queries/largest.json.sql": '-- Largest\nselect max(id) as "a/b" from pairs, "-"\n',
        "sql/views/view of it.sql": '-- A view\ncreate view "view of it" as select id, "a/b", \'x\' as "c.d" from "the odd one"\n',
    }
    return write_package(folder, [odd, pairs, *others], sql, name="odd-names.v1", title="Odd & ends")


def write_bare(folder: Path) -> Path:
    """Tables with next to nothing in them, and without titles, descriptions or keys."""
    four = ["a", "b", "c", "d"]
    return write_package(
        folder,
        [
            table("no_key", [field("x"), field("y", "integer")], [["b", "2"], ["a", "1"], ["a", "1"]]),
            table("one_column", [field("x")], [["b"], ["a"]], primaryKey="x"),
            table("one_column_no_key", [field("x", "integer")], [["2"], ["1"]]),
            table("empty", [field("x"), field("y", "date")], [], primaryKey="x"),
            table("empty_no_key", [field("x")], []),
            table("one_row", [field("id"), field("y")], [["1", "z"]], primaryKey="id"),
            table("all_null", [field("id"), *map(field, four)], [["1", *[""] * 4], ["2", *[""] * 4]]),
            table(
                "four_keys",
                [*map(field, four), field("e", "integer")],
                [["a", "b", "c", "d", "1"], ["a", "b", "c", "e", "2"], ["x,y", "b", "/", "~", "3"]],
                primaryKey=four,
            ),
            table(
                "of_four",
                [field("id"), *map(field, four)],
                [["1", "a", "b", "c", "d"], ["2", *[""] * 4]],
                primaryKey="id",
                foreignKeys=[{"fields": four, "reference": {"resource": "four_keys", "fields": four}}],
            ),
        ],
        name="bare",
    )


def write_wide(folder: Path, columns: int = 1500) -> Path:
    """More columns than anybody reads, and texts of 900,000 characters, of several lines."""
    names = [f"column_{place}" for place in range(columns - 1)]
    wide = table(
        "wide",
        [field("id", "integer"), *(field(name, description=f"Number {name}.") for name in names)],
        [[str(row), *(f"{row}.{place}" for place in range(columns - 1))] for row in range(3)],
        primaryKey="id",
        publishing={"search": names[:3], "facets": names[:2]},
    )
    line = "A line of some words, for example these.\n"
    long = line * (900_000 // len(line))
    texts = table(
        "texts",
        [field("id"), field("text"), field("other")],
        [["long", long, "x"], ["no-break", "x" * 900_000, "y"], ["words", "word " * 180_000 + "end", long]],
        primaryKey="id",
        publishing={"search": ["text"], "label": "text"},
    )
    return write_package(folder, [wide, texts], name="wide", title="Wide")


def write_hostile(folder: Path) -> Path:
    """All that somebody can write is hostile, as far as a build takes it."""
    name, short = ("<img src=x onerror=taken=1>", "<b>")
    things = table(
        "things" if IS_WINDOWS else short,
        [
            field("id", title=HOSTILE, description=HOSTILE, example=HOSTILE),
            field(name, description=HOSTILE),
            field("kind", enum=[HOSTILE, "b"], enumDescriptions={HOSTILE: HOSTILE, "b": HOSTILE}),
            field("source_words", verbatim="quote", description=HOSTILE),
            field("web"),
        ],
        [
            ["1", HOSTILE, HOSTILE, HOSTILE, "javascript:taken=1"],
            ["2", '=cmd|"/c calc"!A1', "b", "<b>bold</b>", "https://example.org/?q=<script>&x=\"'"],
            [HOSTILE, "<plaintext>", "", "", "data:text/html,<script>taken=1</script>"],
        ],
        path="things.csv",
        title=HOSTILE,
        description=HOSTILE,
        primaryKey="id",
        publishing={"search": [name, "source_words"], "facets": ["kind", name], "label": name},
    )
    text = (
        f"# {HOSTILE}\n\n<script>taken=1</script>\n\n## {HOSTILE}\n\n[go](javascript:taken=1)"
        " [data](data:text/html,x) [out](//evil.example/) [up](../../etc/passwd) [other](other.md)"
        " ![picture](https://evil.example/x.png) ![own](picture.png) <https://example.org/>\n\n"
        "| a | b |\n|---|---|\n| <b>x</b> | `y` |\n\n[ref]: javascript:taken=1\n\n[ref] <javascript:taken=1>\n"
    )
    files = {
        "about.md": text,
        "docs/other.md": "No title, [dictionary](data-dictionary.md) [about](../about.md)\n",
        "sql/queries/bad.sql": f"-- {HOSTILE}\n-- {HOSTILE}\n-- made: {HOSTILE}\nselect :word as made, '{{{{7*7}}}}' as x\n",
        "sql/queries/words.sql": "-- <b>Words</b>\nselect '<script>taken=1</script>' as \"<i>\"\n",
        "sql/views/seen.sql": f"-- {HOSTILE}\ncreate view seen as select '<script>taken=1</script>' as seen\n",
    }
    return write_package(
        folder,
        [things],
        files,
        name="hostile",
        title=HOSTILE,
        description=HOSTILE,
        licenses=[{"name": "hostile", "title": HOSTILE, "path": "https://example.org/?a=<b>\"'"}],
        contributors=[{"title": HOSTILE, "roles": ["creator"]}],
        sources=[{"title": HOSTILE, "path": "https://example.org/\"'<b>"}],
        keywords=[HOSTILE],
        publishing={"texts": ["about.md", "docs/other.md", "missing.md"]},
    )


def write_rich(folder: Path) -> Path:
    """A fleet: keys, link tables, search, facets, views, questions, texts, closed lists and every type."""
    boats = table(
        "boats",
        [
            field("boat_id", description="What the boat is called in this data.", example="ida"),
            field("name", required=True, description="The name on its stern."),
            field(
                "rig",
                enum=["sloop", "ketch"],
                enumDescriptions={"sloop": "One mast.", "ketch": "Two masts."},
                description="How it is rigged.",
            ),
            field("launched", "date", description="Day of its launch."),
            field("is_afloat", "boolean", description="Whether it floats."),
            field("length", "number", minimum=0, description="Length in metres."),
            field("crew", "integer", description="How many it needs."),
            field("built_in", "year"),
            field("flags", "list", description="Flags that it has flown."),
            field("papers", "object"),
            field("berth", "geopoint"),
            field("motto", verbatim="quote", description="What is written over its wheel."),
        ],
        [
            [
                f"boat-{n:03}",
                f"{['Ida', 'Flora', 'Gull', 'Heron'][n % 4]} {n}",
                ("sloop", "ketch", "")[n % 3],
                f"2020-01-{n % 28 + 1:02}",
                ("true", "false", "")[n % 3],
                f"{n}.5",
                str(n),
                str(1900 + n),
                "red,blue" if n % 2 else "",
                '{"a": [1]}' if n % 2 else "",
                "7.5, 54.1" if n % 2 else "",
                f"Sea number {n}: steady as she goes",
            ]
            for n in range(1, 31)
        ],
        title="Boats",
        description="One row is a boat.",
        primaryKey="boat_id",
        publishing={
            "label": "name",
            "facets": ["rig", "is_afloat"],
            "linkedFacets": ["port_id", "sailor_id"],
            "search": ["name", "motto"],
            "size": 20,
            "facetSize": 5,
            "sort": "name",
        },
    )
    ports = table(
        "ports",
        [field("port_id"), field("name"), field("region")],
        [["kiel", "Kiel", "Baltic"], ["visby", "Visby", "Baltic"], ["hull", "Hull", "North Sea"]],
        title="Ports",
        primaryKey="port_id",
        publishing={"label": "name", "search": ["name", "region"]},
    )
    sailors = table(
        "sailors",
        [field("sailor_id"), field("name"), field("mentor_id", description="Who taught them.")],
        [["ann", "Ann", ""], ["bob", "Bob", "ann"], ["cy", "Cy", "bob"]],
        title="Sailors", primaryKey="sailor_id",
        foreignKeys=[key_to("mentor_id", "", "sailor_id")],
        publishing={"label": "name", "search": ["name"]},
    )  # fmt: skip
    calls = table(
        "boat_ports",
        [field("boat_id"), field("port_id"), field("role", enum=["home", "visited"])],
        [[f"boat-{n:03}", port, role] for n in range(1, 31) for port, role in (("kiel", "home"), ("visby", "visited")) if n % 2 or port == "kiel"],
        title="Ports of boats", primaryKey=["boat_id", "port_id", "role"],
        foreignKeys=[key_to("boat_id", "boats"), key_to("port_id", "ports")],
        publishing={"hidden": True},
    )  # fmt: skip
    crews = table(
        "boat_sailors",
        [field("boat_id"), field("sailor_id")],
        [[f"boat-{n:03}", ("ann", "bob", "cy")[n % 3]] for n in range(1, 31)],
        primaryKey=["boat_id", "sailor_id"],
        foreignKeys=[key_to("boat_id", "boats"), key_to("sailor_id", "sailors")],
        publishing={"hidden": True},
    )
    types = table(
        "types",
        [
            field(kind, kind)
            for kind in (["any", "array", "boolean", "date", "datetime", "duration", "geojson", "geopoint", "integer", "list", "number", "object", "string", "time", "year", "yearmonth"])
        ],
        [
            ["x", "[1]", "true", "2020-01-02", "2020-01-02T03:04:05Z", "P1D", '{"type": "Point", "coordinates": [1, 2]}',
             "1, 2", "1", "a,b", "1.5", '{"a": 1}', "s", "03:04:05", "2020", "2020-01"],
            [""] * 16,
        ],
    )  # fmt: skip
    files = {
        "docs/method.md": "# How it was made\n\n## By hand\n\nSee [sources](sources.md#old) and the"
        " [dictionary](data-dictionary.md).\n\n| Step | Days |\n|---|--:|\n| Count | 3 |\n\n## By boat\n\nSlowly.\n",
        "docs/sources.md": "# Sources\n\n## Old\n\n[Back](method.md)\n",
        "sql/views/afloat.sql": "-- Boats that float\n-- Those that somebody saw floating.\n-- boat_id: the boat\n"
        "create view afloat as select boat_id, name from boats where is_afloat = 1\n",
        "sql/queries/boats_by_rig.sql": "-- Which boats have this rig?\n-- rig: how it is rigged\n"
        "select boat_id, name, rig from boats where rig = coalesce(nullif(:rig, ''), 'sloop') order by boat_id\n",
        "sql/queries/boats_in_port.sql": "-- Which boats were in this port?\nselect boat_id, port_id, role from boat_ports"
        " where port_id = :port_id order by boat_id\n",
        "sql/queries/rigs.sql": "-- How many boats has each rig?\nselect rig, count(*) as boats from boats group by rig order by rig\n",
        "sql/queries/nothing.sql": "-- What is not there?\nselect boat_id from boats where name = 'none'\n",
    }
    return write_package(
        folder,
        [boats, ports, sailors, calls, crews, types],
        files,
        name="fleet",
        title="The fleet",
        description="Boats, the ports they called at, and who sailed them.",
        homepage="https://fleet.example/data",
        licenses=[
            {"name": "CC0-1.0", "title": "CC0", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}
        ],
        contributors=[{"title": "The harbour master", "roles": ["creator"]}],
        sources=[{"title": "The log book", "path": "https://fleet.example/log"}],
        keywords=["boats", "ports"],
        publishing={"texts": ["docs/method.md", "docs/sources.md"]},
    )


# Those that take a while, in the whole suite only.
SLOW = frozenset({"odd", "wide", "rich"})
PACKAGES: Mapping[str, Callable[[Path], Path]] = {
    "odd": write_odd,
    "bare": write_bare,
    "wide": write_wide,
    "hostile": write_hostile,
    "rich": write_rich,
    **SHAPES,
}


def list_packages(*exhausting: str) -> list[Any]:
    """The names of the packages as parameters of a test, the slow ones marked, and those too slow for most runs."""
    marks = {name: [pytest.mark.long] for name in SLOW} | {
        name: [pytest.mark.long, pytest.mark.exhaustive] for name in exhausting
    }
    return [pytest.param(name, marks=marks.get(name, [])) for name in PACKAGES]
