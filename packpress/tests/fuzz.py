"""Throws broken packages at the validator, and counts what becomes of them.

Run it in the folder of packpress by `python -m tests.fuzz COUNT [FIRST]`. Every input follows from its
number, so `python -m tests.fuzz 1 NUMBER` makes a crash again. An input may be judged valid or faulty,
or be refused in one line. Anything else is a crash, and what takes longer than a minute hangs.
"""

import gzip
import json
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from packpress.checks.validation import format_github, format_json, format_text

import packpress
from packpress import CannotRunError, read_package

SECONDS = 60
Files = dict[str, bytes]

TYPES = [
    "string",
    "number",
    "integer",
    "boolean",
    "date",
    "time",
    "datetime",
    "year",
    "yearmonth",
    "duration",
    "geopoint",
    "geojson",
    "object",
    "array",
    "list",
    "any",
]
FIELDS = [
    {"name": "id", "type": "integer", "constraints": {"required": True, "unique": True}},
    {"name": "kind", "type": "string", "constraints": {"enum": ["cod", "eel", "ray"]}},
    {"name": "code", "type": "string", "constraints": {"pattern": "[A-Z]{2}-[0-9]+", "maxLength": 9}},
    {"name": "day", "type": "date", "constraints": {"minimum": "2000-01-01"}},
    {"name": "weight", "type": "number", "constraints": {"minimum": 0, "maximum": 99.5}, "decimalChar": ","},
    {"name": "note", "type": "string", "missingValues": ["", "-"], "categories": ["a", "b"]},
]
ROWS = (
    'id,kind,code,day,weight,note\n1,cod,AB-1,2020-01-02,"1,5",a\n2,eel,CD-22,2021-02-03,,b\n'
    '3,ray,EF-3,2022-03-04,"12,25",\n'
)
KINDS = [{"name": f"f{place}", "type": kind} for place, kind in enumerate(TYPES)]
VALUES = (
    ",".join(f"f{place}" for place in range(len(TYPES)))
    + '\nx,1.5,3,true,2020-01-02,12:30:00,2020-01-02T03:04:05Z,1999,1999-12,P1D,"1,2",'
    '"{""type"":""Point"",""coordinates"":[1,2]}",{},[],"a,b",z\n'
)
# What a fuzzer would not find by itself.
PROPERTIES = """
    format bareNumber groupChar decimalChar trueValues falseValues itemType delimiter missingValues
    categories categoriesOrdered constraints required unique enum pattern minLength maxLength minimum
    maximum exclusiveMinimum exclusiveMaximum jsonSchema fieldsMatch primaryKey uniqueKeys foreignKeys
    encoding dialect header headerRows headerJoin commentRows commentChar lineTerminator quoteChar
    doubleQuote escapeChar skipInitialSpace nullSequence hash bytes data path compression schema profile
    $schema type name validation minimumRows publishing derived formerly emptyCountsAs verbatim printed rowCount
    resources fields sources licenses contributors caseSensitiveHeader
""".split()  # noqa: SIM905
SCALARS: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        3,
        1e308,
        -0.5,
        2**63,
        10**40,
        "",
        " ",
        "x",
        "utf-16",
        "utf-7",
        "idna",
        "rot13",
    ),
    *(
        "a.csv",
        "../a.csv",
        "/etc/passwd",
        "b.csv.gz",
        "a.csv.zip",
        "http://x.y/z",
        "\0",
        "\ud7ff",
        "é",
        "\u2028",
    ),
    *(
        "a" * 300,
        "(a+)+$",
        "(?=x)y",
        "[",
        "(?i)A",
        r"\d+",
        "%Y",
        "%d/%m/%Y %",
        "default",
        "any",
        "uri",
        "strict",
    ),
    *(
        "id",
        "kind",
        "rows",
        "kinds",
        "exact",
        "subset",
        "csv",
        "tsv",
        "\t",
        ";",
        '"',
        "\n",
        "fleet",
        "integer",
    ),
    *([], {}, [[]], [{}], ["id"], [["id", "kind"]], {"value": "x"}, [1, "a", None], {"type": "object"}, [""]),
]
CHUNKS = [
    *(
        b"\0",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\r",
        b"\r\n",
        b"\n\n",
        b'"',
        b'""',
        b",",
        b";",
        b"\t",
        b" ",
        b"\xc3",
    ),
    *(
        "é\u200b\u00a0".encode(),
        b"=cmd()",
        b"#REF!",
        b"1.5E+10",
        b"1-Jan",
        b"9" * 400,
        b"a" * 140_000,
        b"\\",
        b"'",
    ),
    *(
        b",,,,,,,,,,,,,,,,,,",
        b"\xf0\x9f\x90\x8d",
        "e\u0301".encode(),
        b"-",
        b"NaN",
        b"1e999",
        b"0000-00-00",
        b"#",
    ),
    *(
        b"\x1f\x8b",
        b"PK\x03\x04",
        "\ufdd0\ufdd1".encode(),
        b"[" * 5000,
        b'{"a":' * 2000,
        b"P1Y",
        b"aaaaaaaaaaaaaaaaaaaaaaaa!",
    ),
]


def make_base(choose: random.Random) -> tuple[Any, Files]:
    """A valid package: its descriptor and its files."""
    rows = {
        "name": "rows",
        "path": "a.csv",
        "schema": {
            "fields": json.loads(json.dumps(FIELDS)),
            "primaryKey": "id",
            "uniqueKeys": [["kind", "code"]],
            "foreignKeys": [{"fields": "kind", "reference": {"resource": "names", "fields": "kind"}}],
        },
    }
    names = {
        "name": "names",
        "data": [["kind"], ["cod"], ["eel"], ["ray"]],
        "schema": {"fields": [{"name": "kind"}]},
    }
    kinds = {"name": "kinds", "path": "b.csv.gz", "schema": {"fields": json.loads(json.dumps(KINDS))}}
    files = {"a.csv": ROWS.encode(), "b.csv.gz": VALUES.encode()}
    if choose.random() < 0.3:
        rows["dialect"] = {"delimiter": ";", "quoteChar": "'"}
        files["a.csv"] = ROWS.replace(",", ";").replace('"', "'").encode()
    if choose.random() < 0.2:
        kinds["path"] = ["b.csv", "c.csv"]
        files |= {"b.csv": VALUES.encode(), "c.csv": VALUES.split("\n")[1].encode()}
    package = {"name": "fuzz", "resources": [rows, names, kinds]}
    if choose.random() < 0.3:
        package["validation"] = {"lint": "strict"}
    return package, files


def list_places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container of a JSON document with each of its keys."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from list_places(value[key])


def change_descriptor(package: Any, choose: random.Random) -> None:
    """Changes one thing of a descriptor in place."""
    places = list(list_places(package)) or [({"name": "x"}, "name")]
    container, key = choose.choice(places)
    match choose.randrange(6):
        case 0:
            del container[key]
        case 1:
            container[key] = choose.choice([choose.choice(SCALARS), container[key], [container[key]]])
        case 2:
            other, place = choose.choice(places)
            container[key] = json.loads(json.dumps(other[place]))
        case 3 if isinstance(container, dict):
            container[choose.choice(PROPERTIES)] = container.pop(key)
        case 4 if isinstance(key, int):
            container.insert(key, json.loads(json.dumps(container[key])))
        case _:
            objects = [one for one, _ in places if isinstance(one, dict)] or [package]
            choose.choice(objects)[choose.choice(PROPERTIES)] = json.loads(json.dumps(choose.choice(SCALARS)))


def change_bytes(data: bytes, choose: random.Random) -> bytes:
    """The bytes with one change."""
    start = choose.randrange(len(data) + 1)
    match choose.randrange(5):
        case 0:
            return data[:start]
        case 1:
            end = min(len(data), start + choose.randrange(20))
            return data[:start] + data[end:]
        case 2:
            return data[:start] + bytes([choose.randrange(256)]) + data[start + 1 :]
        case 3:
            return data[:start] + data[start:] * choose.choice([2, 3, 50])
    return data[:start] + choose.choice(CHUNKS) + data[start:]


def write_input(number: int, folder: Path) -> Path:
    """Writes the package that follows from a number; its descriptor."""
    choose = random.Random(number)
    package, files = make_base(choose)
    for _ in range(choose.choice([0, 0, 1, 1, 2, 5])):
        change_descriptor(package, choose)
    for _ in range(choose.choice([0, 1, 1, 2, 5])):
        path = choose.choice(list(files))
        files[path] = change_bytes(files[path], choose)
    text = json.dumps(package).encode()
    for _ in range(choose.choice([0] * 10 + [1, 3])):
        text = change_bytes(text, choose)
    for path, data in files.items():
        if path.endswith(".gz"):
            data = gzip.compress(data, mtime=0)
            data = change_bytes(data, choose) if choose.random() < 0.2 else data
        (folder / path).write_bytes(data)
    descriptor = folder / "datapackage.json"
    descriptor.write_bytes(text)
    return descriptor


def judge(descriptor: Path) -> str:
    """What the validator says of a package in all forms; any other error than a refusal comes through."""
    try:
        report = packpress.validate(read_package(descriptor))
    except CannotRunError as error:
        assert "\n" not in str(error), "a refusal is one line"
        return "refused"
    for problem in (*report.problems, *report.notices):
        assert len(str(problem).splitlines()) == 1, "a problem is one line"
        assert problem.code, "a problem has a code"
    for write in (format_text, format_json, format_github):
        write(report).encode("utf-8")
    return "valid" if report.is_valid else "faulty"


def run(number: int, judge_one: Callable[[Path], str] = judge) -> tuple[str, str]:
    """The verdict on one input, and where it crashed if it did."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"took longer than {SECONDS} s")

    with tempfile.TemporaryDirectory() as folder:
        descriptor = write_input(number, Path(folder))
        signal.signal(signal.SIGALRM, stop)
        signal.alarm(SECONDS)
        try:
            return judge_one(descriptor), ""
        except Exception as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            return "crash", f"{type(error).__name__}: {error} ({Path(frame.filename).name}:{frame.lineno})"[
                :300
            ]
        finally:
            signal.alarm(0)


def main() -> None:
    """Judges so many inputs from some number on and prints the counts; exits with 1 when one crashed."""
    import resource

    count, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    verdicts, crashes, slowest = Counter[str](), dict[str, int](), (0.0, first)
    start, busy = time.perf_counter(), time.process_time()
    for number in range(first, first + count):
        begun = time.process_time()
        verdict, where = run(number)
        slowest = max(slowest, (time.process_time() - begun, number))
        verdicts[verdict] += 1
        if where and where not in crashes:
            crashes[where] = number
            print(f"input {number}: {where}", flush=True)
    wall, busy = time.perf_counter() - start, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{count:,} inputs from number {first}: ", end="")
    print(", ".join(f"{found:,} {verdict}" for verdict, found in verdicts.most_common()))
    print(
        f"{count / wall:.0f} inputs/s, {busy:.0f} s CPU, peak {peak} MB; "
        f"the slowest took {slowest[0]:.2f} s, input {slowest[1]}"
    )
    sys.exit(bool(crashes))


if __name__ == "__main__":
    main()
