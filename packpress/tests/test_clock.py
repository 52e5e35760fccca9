"""The clock is never asked: verdict, data and hashes are the same on every day, in every zone."""

import ast
import hashlib
import os
import re
import subprocess
import sys
from datetime import date, datetime

import pytest
from packpress.package.resource import Field
from packpress.tables.moments import name_order
from packpress.tables.types import type_of

from invented.packages import field, table, write_package
from tests.conftest import ROOT

SOURCES = ROOT / "src" / "packpress"
# What asks for the day or the zone of the machine. Clocks that measure how long something takes tell no day.
ASKS = re.compile(
    r"\b(?:(?:datetime|date)\.(?:now|today|utcnow|fromtimestamp)|time\.(?:time|time_ns|localtime|gmtime|ctime|tzname)"
    r"|tzlocal|getlocale|setlocale)\b"
)
# What a program asks about now, at any day.
PRELUDE = """
import datetime, sys, time
FIXED = {moment}
class Kind(type):
    def __instancecheck__(cls, value):
        return isinstance(value, REAL)
REAL = datetime.datetime
class Fixed(REAL, metaclass=Kind):
    @classmethod
    def now(cls, tz=None):
        return REAL(*FIXED, tzinfo=tz)
    utcnow = today = now
datetime.datetime = Fixed
local = time.localtime
time.localtime = lambda seconds=None: local(REAL(*FIXED).timestamp() if seconds is None else seconds)
time.time = lambda: REAL(*FIXED).timestamp()
from packpress.cli import main
sys.argv[0] = "packpress"
sys.exit(main())
"""
DAYS = ((1999, 1, 31, 23, 59), (2042, 6, 15, 12, 0))
ZONES = ("America/New_York", "Asia/Kolkata")


def run(moment, zone, *arguments):
    code = PRELUDE.format(moment=moment)
    # TZ of the form that needs no files of zones, beside those that do.
    environment = os.environ | {"TZ": zone, "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, env=environment
    )
    return done.returncode, done.stdout, done.stderr


def hash_files(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write_moments(folder, cells):
    fields = [
        field("d", "date", format="any"),
        field("s", "datetime", format="any"),
        field("t", "time", format="any"),
        field("z", "datetime", format="%Y-%m-%d %H:%M %Z"),
    ]
    rows = "".join(f"{row}\n" for row in cells)
    return write_package(folder, table("days", f"d,s,t,z\n{rows}", fields), created="2024-05-06T07:08:09Z")


WHOLE = ("01/02/2020,2020-01-02 10:00,5pm,2020-01-02 10:00 UTC", "3 May 1968,20200102T1030,10:00 GMT,")
LACKING = (
    "May 2020,,,",
    ",May 5 2020,,",
    ",,Monday,",
    ",,10:00 EST,",
    "01/02/20,,,",
    ",,,2020-01-02 10:00 CET",
)


@pytest.mark.long
@pytest.mark.parametrize("cells", [WHOLE, LACKING], ids=["whole", "lacking"])
def test_verdict_data_and_hashes_are_the_same_on_every_day(cells, tmp_path):
    descriptor = write_moments(tmp_path / "package", cells)
    found = []
    for number, (moment, zone) in enumerate(zip(DAYS, ZONES, strict=True)):
        verdict = run(moment, zone, "validate", descriptor)
        output = tmp_path / f"build{number}"
        built = run(moment, zone, "build", descriptor, "--output", output)[0]
        found.append((verdict, built, hash_files(output) if output.exists() else {}))
    assert found[0] == found[1]
    assert (found[0][0][0], found[0][1]) == ((0, 0) if cells is WHOLE else (1, 1))


@pytest.mark.parametrize("row", LACKING)
def test_what_lacks_a_part_is_no_date(row, tmp_path):
    kinds = [("date", "any"), ("datetime", "any"), ("time", "any"), ("datetime", "%Y-%m-%d %H:%M %Z")]
    for text, (kind, form) in zip(row.split(","), kinds, strict=True):
        declared = Field({"name": "a", "type": kind, "format": form})
        assert not text or type_of(declared).make_reader(declared)(text) is None


@pytest.mark.parametrize(
    "path", sorted(SOURCES.rglob("*.py")), ids=lambda path: path.relative_to(SOURCES).as_posix()
)
def test_nothing_outside_the_site_asks_for_the_day(path):
    if path.relative_to(SOURCES).parts[0] == "web":
        return
    calls = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Attribute)
    ]
    assert [call for call in calls if ASKS.search(call)] == []


@pytest.mark.parametrize(
    ("text", "value", "order"),
    [
        ("01/02/2020", date(2020, 1, 2), "month, day, year"),
        ("13.02.2020", date(2020, 2, 13), "day, month, year"),
        ("2020-13-02 10:00", datetime(2020, 2, 13, 10), "year, day, month"),
        ("5/5/2020", date(2020, 5, 5), ""),
        ("5 May 2020", date(2020, 5, 5), ""),
    ],
)
def test_the_order_of_a_date_is_told(text, value, order):
    assert name_order(text, value) == order


def test_two_orders_in_one_column_get_a_notice(tmp_path):
    cells = ("03/04/2020,,,", "25/04/2020,,,", "26/04/2020,,,", ",2020-01-02 10:00,,")
    status, said, _ = run(DAYS[0], ZONES[0], "validate", write_moments(tmp_path / "package", cells))
    assert status == 0
    assert [line.split(":")[:3] for line in said.splitlines() if "notice:" in line] == [
        ["notice", " days.csv", "3"]
    ]
