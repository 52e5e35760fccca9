"""Six folders of raw files as people keep them, all invented, and what a careful reader would say of each.

`GOLD` was written by hand from the generators, before `packpress init` first read the folders: the type of
every column, the key of every table, the references between tables, the number of rows, and some encodings.
"""

import gzip
import json
import random
import sqlite3
import zipfile
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

Rows = Iterable[Iterable[Any]]


def write_text(file: Path, text: str, encoding: str = "utf-8") -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode(encoding))


def join_lines(rows: Rows, delimiter: str = ",") -> str:
    return "".join(delimiter.join("" if cell is None else str(cell) for cell in row) + "\n" for row in rows)


# ---- a survey, exported by two programs

PLACES = ("Köln", "Münster", "Düsseldorf", "Aachen", "Görlitz")


def make_survey(folder: Path) -> None:
    draw = random.Random(1)
    rows: list[list[Any]] = [
        [
            "respondent_id",
            "Ausgefüllt am",
            "PLZ",
            "Ort",
            "Alter",
            "Zufriedenheit",
            "Einkommen",
            "Newsletter",
            "Grund",
        ]
    ]
    for number in range(1, 61):
        rows.append(
            [
                f"R{number:04}",
                f"{draw.randint(1, 28):02}.{draw.randint(1, 12):02}.2023",
                f"{draw.randint(1000, 99999):05}",
                draw.choice(PLACES),
                999 if number % 20 == 0 else draw.randint(18, 88),
                draw.randint(1, 5),
                "k.A."
                if number % 9 == 0
                else f"{draw.randint(1, 6)}.{draw.randint(0, 999):03},{draw.randint(0, 99):02}",
                draw.choice(("ja", "nein")),
                draw.choice(("", "zu teuer", '"zu weit; kein Bus"', "keine Zeit")),
            ]
        )
    write_text(folder / "responses.csv", join_lines(rows, ";"), "windows-1252")
    waves = [["wave", "started", "ended", "invited"]]
    waves += [[str(n), f"0{n}/03/2023", f"0{n}/0{n + 3}/2023", f"{n},{n}50"] for n in range(1, 7)]
    write_text(folder / "waves.tsv", join_lines(waves, "\t"))
    answers = [["answer_id", "respondent_id", "question", "score"]]
    answers += [
        [number, f"R{draw.randint(1, 60):04}", f"q{number % 4 + 1}", draw.randint(0, 1)]
        for number in range(1, 121)
    ]
    write_text(folder / "answers.csv", join_lines(answers))
    write_text(folder / "codebook.txt", "q1 to q4: see the questionnaire.\n999: no answer.\n")


# ---- logs of sensors


def make_sensors(folder: Path) -> None:
    draw = random.Random(2)
    start = datetime(2024, 3, 1, tzinfo=UTC)
    lines = ["# Station A, roof", "# Sampling: ten minutes", "# time,temp_C,humidity_pct,flag"]
    for number in range(80):
        moment = (start + timedelta(minutes=10 * number)).strftime("%Y-%m-%dT%H:%M:%SZ")
        temp = "-9999" if number % 25 == 7 else f"{draw.uniform(-3, 9):.2f}"
        lines.append(
            f"{moment},{temp},{draw.randint(40, 99)},{draw.choice(('ok', 'ok', 'ok', 'low', 'off'))}"
        )
    write_text(folder / "station_a.csv", "\n".join(lines) + "\n")
    rows: list[list[Any]] = [
        ["Logger B"],
        ["Serial", "0042"],
        [],
        ["Timestamp", "Depth", "Level", "Battery"],
        ["", "m", "cm", "V"],
    ]
    for number in range(60):
        moment = (start + timedelta(hours=number)).strftime("%d/%m/%Y %H:%M")
        rows.append(
            [
                moment,
                f"{draw.uniform(0, 4):.3f}",
                draw.randint(5, 99),
                "NaN" if number % 15 == 3 else f"{draw.uniform(3, 4):.2f}",
            ]
        )
    write_text(folder / "station_b.csv", join_lines(rows))
    events = [["event", "station", "at", "lasted"]]
    events += [
        [
            f"e{number:03}",
            draw.choice(("A", "B")),
            f"{draw.randint(0, 23):02}:{draw.randint(0, 59):02}:00",
            f"PT{draw.randint(1, 59)}M",
        ]
        for number in range(40)
    ]
    write_text(folder / "events.csv", join_lines(events), "utf-16")
    raw = [["sensor_id", "epoch", "value"]] + [
        [f"s{number % 4}", 1709251200 + 60 * number, f"{draw.uniform(0, 1):.4e}"] for number in range(100)
    ]
    with gzip.GzipFile(folder / "raw.csv.gz", "wb", mtime=0) as out:
        out.write(join_lines(raw).encode())
    sensors = [["sensor_id", "kind", "lon_lat"]] + [
        [f"s{number}", "wind" if number % 2 else "rain", f'"{170 + number / 8}, {-45 - number / 8}"']
        for number in range(12)
    ]
    write_text(folder / "sensors.csv", join_lines(sensors))


# ---- a museum's list


def make_museum(folder: Path) -> None:
    draw = random.Random(3)
    header = 'Inventory No.,Название,"Made\nin",Date of acquisition (dd/mm/yyyy),Dimensions,location_id,part_of,Insured value,,Note,Note'
    lines = [header]
    for number in range(1, 51):
        part = f"00{number - 10}" if number > 40 else ""
        lines.append(
            f'00{number},"Чаша №{number}, ""малая""",{draw.randint(1850, 1990)},0{draw.randint(1, 9)}/0{draw.randint(1, 9)}/{draw.randint(1950, 1999)},'
            f'{draw.randint(5, 40)} x {draw.randint(5, 40)} cm,{draw.randint(1, 12)},{part},"{draw.randint(1, 9)},{draw.randint(100, 999)}.50",,"кат. {number}",{"on loan" if number % 7 == 0 else ""}'
        )
    write_text(folder / "objects.csv", "\ufeff" + "\r\n".join(lines) + "\r\n")
    places = [["location_id", "name", "floor", "open to public"]]
    places += [
        [number, f"Room {number}", draw.randint(-1, 3), "Y" if number % 3 else "N"] for number in range(1, 16)
    ]
    write_text(folder / "locations.csv", join_lines(places))
    loans = [["Loan", "Object", "From", "Until"]]
    loans += [
        [
            f"L-{number}",
            f"00{draw.randint(1, 50)}",
            f"{draw.randint(1, 28)} Mar 2019",
            f"{draw.randint(1, 28)} Sep 2020",
        ]
        for number in range(1, 25)
    ]
    write_text(folder / "old lists" / "loans.csv", join_lines(loans, "|"))
    write_text(folder / "README.txt", "The list of 2021.\n")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0")


# ---- a database with views

SHOP = """
create table customers (customer_id integer primary key, name text not null, email text, phone text, active boolean, joined date);
create table products (sku text primary key, title varchar(80), price real, weight, photo blob);
create table orders (order_no integer primary key, customer_id integer references customers(customer_id), placed_at datetime, paid integer);
create table order_lines (order_no integer references orders(order_no), line integer, sku text references products(sku), pieces integer,
  primary key (order_no, line));
create view open_orders as select * from orders where paid = 0;
"""


def make_shop(folder: Path) -> None:
    draw = random.Random(4)
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "shop.db")) as database, database:
        database.executescript(SHOP)
        for number in range(1, 31):
            database.execute(
                "insert into customers values (?, ?, ?, ?, ?, ?)",
                (
                    number,
                    f"Customer {number}",
                    f"c{number}@example.org",
                    f"0{draw.randint(10**8, 10**9 - 1)}",
                    number % 2,
                    f"2022-{number % 12 + 1:02}-05",
                ),
            )
        for number in range(1, 21):
            weight = "heavy" if number == 13 else number * 10
            database.execute(
                "insert into products values (?, ?, ?, ?, ?)",
                (f"{number:05}", f"Thing {number}", float(number), weight, bytes([number])),
            )
        for number in range(1, 41):
            database.execute(
                "insert into orders values (?, ?, ?, ?)",
                (number, draw.randint(1, 30), f"2024-01-{number % 28 + 1:02} 12:{number:02}:00", number % 2),
            )
            for line in range(1, 3):
                database.execute(
                    "insert into order_lines values (?, ?, ?, ?)",
                    (number, line, f"{draw.randint(1, 20):05}", draw.randint(1, 9)),
                )
    write_text(folder / "notes.md", "From the till.\n")


# ---- a workbook with notes above the table, and a sheet of another program


def make_office(folder: Path) -> None:
    from openpyxl import Workbook

    draw = random.Random(5)
    folder.mkdir(parents=True, exist_ok=True)
    book = Workbook()
    sheet = book.active
    sheet.title = "Members"
    sheet["A1"] = "Rowing club: members"
    sheet.merge_cells("A1:F1")
    sheet["A2"] = "As of March 2024; see the treasurer for questions"
    sheet.append([])
    sheet.append(["Member ID", "Name", "Born", "Fee paid", "Fee", "Locker"])
    for number in range(1, 36):
        sheet.append(
            [
                1000 + number,
                f"Member {number}",
                datetime(1950 + number, 1 + number % 12, 1 + number % 28),
                number % 3 > 0,
                draw.randint(20, 90) + (0.5 if number % 2 else 0),
                f"{number:03}",
            ]
        )
    sheet.append([])
    sheet.append(["* juniors pay half of it"])
    boats = book.create_sheet("Boats")
    boats.append(["Boat", "Seats", "2021", "2022", "2023"])
    for number in range(1, 13):
        boats.append(
            [
                f"Boat {number}",
                draw.choice((1, 2, 4, 8)),
                draw.randint(0, 90),
                draw.randint(0, 90),
                draw.randint(0, 90),
            ]
        )
    boats.append([])
    boats.append([])
    boats.append(["Repair", "Boat", "Day", "Cost"])
    for number in range(1, 15):
        boats.append(
            [
                f"rep-{number}",
                f"Boat {draw.randint(1, 12)}",
                date(2023, 1 + number % 12, 9),
                round(draw.uniform(5, 300), 2),
            ]
        )
    hidden = book.create_sheet("Lists")
    hidden.append(["yes"])
    hidden.sheet_state = "hidden"
    book.save(folder / "Club 2024.xlsx")
    rows: list[list[Any]] = [["Item", "Bought", "Price", "Barcode", "Working"]]
    rows += [
        [
            f"Item {number}",
            date(2020, 1 + number % 12, 3),
            number + 0.25,
            f"40{draw.randint(10**9, 10**10 - 1)}1",
            number % 2 == 0,
        ]
        for number in range(1, 23)
    ]
    write_ods(folder / "store.ods", {"Store": rows})


NAMESPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def write_ods(file: Path, sheets: dict[str, list[list[Any]]]) -> None:
    """A spreadsheet of OpenDocument, with no more in it than its cells."""
    body = "".join(
        f'<table:table table:name="{name}">'
        + "".join(f"<table:table-row>{''.join(map(_write_ods_cell, row))}</table:table-row>" for row in rows)
        + '<table:table-row table:number-rows-repeated="1000"><table:table-cell table:number-columns-repeated="1024"/></table:table-row></table:table>'
        for name, rows in sheets.items()
    )
    text = f'<?xml version="1.0"?><office:document-content {NAMESPACES}><office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>'
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", text)


def _write_ods_cell(value: Any) -> str:
    kinds = {bool: "boolean", int: "float", float: "float", date: "date"}
    kind = kinds.get(type(value), "string")
    text = str(value).lower() if kind == "boolean" else str(value)
    attribute = {"float": "value", "date": "date-value", "boolean": "boolean-value"}.get(kind)
    stored = f' office:{attribute}="{text}"' if attribute else ""
    return f'<table:table-cell office:value-type="{kind}"{stored}><text:p>{text}</text:p></table:table-cell>'


# ---- a bit of everything


def make_harbour(folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    draw = random.Random(6)
    folder.mkdir(parents=True, exist_ok=True)
    count = 50
    trips = pa.table(
        {
            "trip_id": pa.array(range(1, count + 1), pa.int32()),
            "left_at": pa.array(
                [datetime(2024, 1, 1 + number % 28, 6, number) for number in range(count)], pa.timestamp("us")
            ),
            "day": pa.array([date(2024, 1, 1 + number % 28) for number in range(count)]),
            "fare": pa.array(
                [Decimal(draw.randint(100, 9000)) / 100 for _ in range(count)], pa.decimal128(9, 2)
            ),
            "passengers": pa.array(
                [None if number % 11 == 0 else draw.randint(0, 60) for number in range(count)], pa.int16()
            ),
            "is_late": pa.array([number % 5 == 0 for number in range(count)]),
            "stops": pa.array([["Wick", "Kirkwall"][: 1 + number % 2] for number in range(count)]),
            "ferry": pa.array([f"ferry-{number % 6}" for number in range(count)]).dictionary_encode(),
            "speed": pa.array([float(draw.randint(5, 20)) for _ in range(count)]),
        }
    )
    pq.write_table(trips, folder / "trips.parquet")
    rows: list[list[Any]] = [["Ref", "Day", "Amount", "Share", "Payer", "Page", "Token", "Details", "Tons"]]
    for number in range(1, 41):
        token = f"{draw.getrandbits(32):08x}-0000-4000-8000-{draw.getrandbits(48):012x}"
        details = json.dumps({"gate": number}).replace('"', '""')
        rows.append(
            [f"P{number}", f"{draw.randint(1, 12)}/{draw.randint(1, 28)}/2024", f'"${draw.randint(1, 9)},{draw.randint(100, 999)}.00"', f"{draw.randint(1, 99)}%",
             f"p{number}@example.org", f"https://example.org/p/{number}", token, f'"{details}"', f'"{draw.randint(1, 9)},{draw.randint(100, 999)}"']
        )  # fmt: skip
    rows += [["Total of all payments"], ["Source: the harbour office"]]
    write_text(folder / "payments.csv", join_lines(rows))
    berths = [["'berth'", "'length_m'", "'quay'"]] + [
        [f"'b{number}'", f"'{draw.uniform(5, 80):.1f}'", f"'{draw.choice(('North, old', 'South'))}'"]
        for number in range(30)
    ]
    write_text(folder / "berths.csv", join_lines(berths))
    write_text(
        folder / "nohead.csv",
        join_lines(
            [[number, f"2024-02-{number:02}", f"{draw.uniform(0, 9):.2f}"] for number in range(1, 29)]
        ),
    )
    write_text(folder / "empty.csv", "")


MAKERS: dict[str, Callable[[Path], None]] = {
    "survey": make_survey,
    "sensors": make_sensors,
    "museum": make_museum,
    "shop": make_shop,
    "office": make_office,
    "harbour": make_harbour,
}


def make_folders(folder: Path) -> None:
    """All six, each in a folder of its own."""
    for name, make in MAKERS.items():
        make(folder / name)


# Of every table by its file, or its file and its name there: the types of its columns in order, its key, its
# references, its encoding, and how many rows it has. A key is what identifies a row to a reader who knows what the table is.
GOLD: dict[str, dict[str, dict[str, Any]]] = {
    "survey": {
        "responses.csv": {
            "rows": 60,
            "types": "string date string string integer integer number boolean string",
            "key": ["respondent_id"],
            "encoding": "windows-1252",
        },
        # Day and month may be either; and 1,150 may be a thousand.
        "waves.tsv": {"rows": 6, "types": "integer date date integer", "key": ["wave"]},
        "answers.csv": {
            "rows": 120,
            "types": "integer string string integer",
            "key": ["answer_id"],
            "references": {"respondent_id": "responses.csv"},
        },
    },
    "sensors": {
        "station_a.csv": {"rows": 80, "types": "datetime number integer string", "key": ["time"]},
        "station_b.csv": {"rows": 60, "types": "datetime number integer number", "key": ["Timestamp"]},
        "events.csv": {
            "rows": 40,
            "types": "string string time duration",
            "key": ["event"],
            "encoding": "utf-16",
        },
        "raw.csv.gz": {
            "rows": 100,
            "types": "string integer number",
            "key": ["sensor_id", "epoch"],
            "references": {"sensor_id": "sensors.csv"},
        },
        "sensors.csv": {"rows": 12, "types": "string string geopoint", "key": ["sensor_id"]},
    },
    "museum": {
        "objects.csv": {
            "rows": 50,
            "types": "string string year date string integer string number string string string",
            "key": ["Inventory No."],
            "references": {"location_id": "locations.csv", "part_of": "objects.csv"},
        },
        "locations.csv": {"rows": 15, "types": "integer string integer boolean", "key": ["location_id"]},
        "old lists/loans.csv": {
            "rows": 24,
            "types": "string string date date",
            "key": ["Loan"],
            "references": {"Object": "objects.csv"},
        },
    },
    "shop": {
        "shop.db/customers": {
            "rows": 30,
            "types": "integer string string string boolean date",
            "key": ["customer_id"],
        },
        "shop.db/products": {"rows": 20, "types": "string string number string string", "key": ["sku"]},
        "shop.db/orders": {
            "rows": 40,
            "types": "integer integer datetime integer",
            "key": ["order_no"],
            "references": {"customer_id": "shop.db/customers"},
        },
        "shop.db/order_lines": {
            "rows": 80,
            "types": "integer integer string integer",
            "key": ["order_no", "line"],
            "references": {"order_no": "shop.db/orders", "sku": "shop.db/products"},
        },
    },
    "office": {
        "Club 2024.xlsx/Members": {
            "rows": 35,
            "types": "integer string date boolean number string",
            "key": ["Member ID"],
        },
        "Club 2024.xlsx/Boats": {
            "rows": 12,
            "types": "string integer integer integer integer",
            "key": ["Boat"],
        },
        "Club 2024.xlsx/Boats 2": {
            "rows": 14,
            "types": "string string date number",
            "key": ["Repair"],
            "references": {"Boat": "Club 2024.xlsx/Boats"},
        },
        "store.ods/Store": {"rows": 22, "types": "string date number string boolean", "key": ["Item"]},
    },
    "harbour": {
        "trips.parquet/trips": {
            "rows": 50,
            "types": "integer datetime date number integer boolean array string number",
            "key": ["trip_id"],
        },
        "payments.csv": {
            "rows": 40,
            "types": "string date number number string string string object integer",
            "key": ["Ref"],
        },
        "berths.csv": {"rows": 30, "types": "string number string", "key": ["berth"]},
        "nohead.csv": {"rows": 28, "types": "integer date number", "key": ["column_1"]},
    },
}
