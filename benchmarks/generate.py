"""Generates data packages of many shapes, with any number of rows, for the other benchmarks.

Run it with `python -m benchmarks.generate FOLDER ROWS [SHAPE]`. All values are computed from the number
of the row, without random numbers: the same number of rows gives the same bytes. The shape `visits` has ten
columns: a primary key, two foreign keys, patterns, an enumeration, a date, numbers, missing values, quotes,
line breaks in cells, and letters beyond ASCII. The docstring of its function describes every other shape.
"""

import gzip
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial
from io import TextIOWrapper
from itertools import count, islice, product
from math import gcd
from pathlib import Path
from typing import IO, Any, cast

STATUS = ("planned", "started", "finished", "cancelled", "unclear")
WORDS = ("pain", "ease", "dose", "rest", "night", "walk", "sleep", "spine", "nerve", "naïve", "café", "übel")
SITES = 1_000
Field = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """A resource of the descriptor, and the lines of its file after the header."""

    resource: dict[str, Any]
    lines: Iterable[str]


def people_for(rows: int) -> int:
    """The number of people for a package with so many visits."""
    return max(10, rows // 10)


def mix(number: int) -> int:
    """A 32-bit number that looks random."""
    number = (number * 2654435761 + 1013904223) & 0xFFFFFFFF
    number ^= number >> 15
    return (number * 2246822519) & 0xFFFFFFFF


def quote(text: str) -> str:
    """The text as a quoted cell."""
    return '"' + text.replace('"', '""') + '"'


def make_field(name: str, kind: str = "string", **constraints: object) -> Field:
    """A field of the descriptor."""
    return {"name": name, "type": kind} | ({"constraints": constraints} if constraints else {})


def make_table(
    name: str, key: str | list[str], fields: list[Field], lines: Iterable[str], **targets: str
) -> Table:
    """A table; `targets` are the tables to which its foreign keys refer, by field."""
    keys = [
        {"fields": field, "reference": {"resource": target, "fields": field}}
        for field, target in targets.items()
    ]
    resource = {
        "name": name,
        "type": "table",
        "path": f"{name}.csv",
        "format": "csv",
        "encoding": "utf-8",
        "schema": {"fields": fields, "primaryKey": key} | ({"foreignKeys": keys} if keys else {}),
    }
    return Table(resource, lines)


def write_note(number: int, drawn: int) -> str:
    """A note: mostly empty, otherwise a few words, some of which need quotes."""
    if drawn % 10 >= 3:
        return ""
    words = " ".join(WORDS[mix(number * 7 + place) % len(WORDS)] for place in range(2 + drawn % 5))
    if number % 1000 == 1:
        return f'"{words}\nand {words}"'
    if drawn % 50 < 3:
        return f'"{words}, then ""{WORDS[drawn % 9]}"" again"'
    return words


def write_visits(rows: int) -> Iterator[str]:
    """The lines of the large table, sorted by key."""
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


def make_visits(rows: int) -> list[Table]:
    """Our own shape: visits of people to sites."""
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
    towns = (f"s{number:04d},Town {number}\n" for number in range(1, SITES + 1))
    names = (f"{number},Person {mix(number)}\n" for number in range(1, people_for(rows) + 1))
    table = make_table("visits", "visit_id", visits, write_visits(rows), site_id="sites", person_id="people")
    table.resource["publishing"] = {"search": ["note"]}
    return [
        make_table("sites", "site_id", [site, make_field("city")], towns),
        make_table("people", "person_id", people, names),
        table,
    ]


@dataclass(frozen=True)
class Language:
    """The parts of words and sentences of an invented language."""

    starts: str
    ends: str
    space: str = " "
    comma: str = ", "
    stop: str = ". "


LANGUAGES = {
    "english": Language(
        "be co da fi gro ha in lo ma no pre qui re sto tha un we", "nd rt sely ng ck mes ving th"
    ),
    "greek": Language("αλ βε γα δι ε θη κα λο μέ νο ξε πα ρή σι τα φω χε ψυ", "μος νας ρά λη δες τού κει"),
    "cyrillic": Language("ба ве го ду жи за ко ле мы не по ры су та фи хо ша", "лый ние ром ска вать щие ёт"),
    "german": Language(
        "be dü ge ho kä la mö ni pro rü schlo ta un wei zwa", "chen ßen lich tung ster rnd gel"
    ),
    "japanese": Language(
        "か き く け こ さ し す た ち つ て な に の は ひ 水 山 川 人 手 目 薬 朝 夜 町 道",
        "は を に が の で から まで ます た 木 日",
        space="",
        comma="、",
        stop="。",
    ),
}


@cache
def make_words(language: str) -> list[str]:
    """Some thousands of words, each of one to three beginnings and an end."""
    spoken = LANGUAGES[language]
    starts, ends = spoken.starts.split(), spoken.ends.split()
    short = ["".join(parts) for parts in product(starts, ends)]
    return [
        (starts[number % len(starts)] if number % 3 == 0 else "") + word for number, word in enumerate(short)
    ] + [
        starts[mix(number) % len(starts)] + starts[mix(number + 1) % len(starts)] + word
        for number, word in enumerate(short)
    ]


@cache
def make_sentences(language: str) -> list[str]:
    """499 sentences of five to sixteen words, some with a comma, some with a quoted word."""
    spoken, words, sentences = LANGUAGES[language], make_words(language), []
    for number in range(499):
        drawn = mix(number)
        chosen = [words[mix(drawn + place) % len(words)] for place in range(5 + drawn % 12)]
        if drawn % 11 == 0:
            chosen[2] = f'"{chosen[2]}"'
        middle = len(chosen) // 2
        halves = [spoken.space.join(part) for part in (chosen[:middle], chosen[middle:])]
        sentence = (spoken.comma if drawn % 3 else spoken.space).join(halves)
        sentences.append(sentence[0].upper() + sentence[1:] + spoken.stop.strip())
    return sentences


def write_text(language: str, number: int, between: str) -> str:
    """Two to five sentences as a quoted cell."""
    sentences = make_sentences(language)
    chosen = [sentences[mix(number * 8 + place) % 499] for place in range(2 + mix(number) % 4)]
    return quote(between.join(chosen))


def make_prose(rows: int, language: str) -> list[Table]:
    """A title and a text of two to five sentences."""
    words, between = make_words(language), LANGUAGES[language].stop[1:]
    fields = [make_field("text_id", "integer"), make_field("title", required=True), make_field("body")]
    lines = (
        f"{number},{words[mix(number) % len(words)]},{write_text(language, number, between)}\n"
        for number in range(1, rows + 1)
    )
    return [make_table("texts", "text_id", fields, lines)]


def make_breaks(rows: int) -> list[Table]:
    """Three texts per row, with a line break after each sentence but the last."""
    fields = [make_field("text_id", "integer"), *(make_field(name) for name in ("aim", "method", "result"))]
    lines = (
        f"{number},{','.join(write_text('english', number * 3 + place, chr(10)) for place in range(3))}\n"
        for number in range(1, rows + 1)
    )
    return [make_table("texts", "text_id", fields, lines)]


def make_quoted(rows: int) -> list[Table]:
    """Six columns of several types, with every cell quoted."""
    fields = [
        make_field("dose_id", pattern="D[0-9]{8}"),
        make_field("given", "date"),
        make_field("weight", "number"),
        make_field("doses", "integer", minimum=0),
        make_field("status", enum=list(STATUS)),
        make_field("remark"),
    ]
    words = make_words("english")
    lines = (
        f'"D{number:08d}","{2000 + mix(number) % 25}-{number % 12 + 1:02d}-{number % 28 + 1:02d}",'
        f'"{mix(number + 1) % 90000 / 100}","{mix(number + 2) % 1000}","{STATUS[mix(number) % 5]}",'
        f'"{words[mix(number + 3) % len(words)]}, {words[mix(number + 4) % len(words)]}"\n'
        for number in range(1, rows + 1)
    )
    return [make_table("doses", "dose_id", fields, lines)]


def make_wide(rows: int) -> list[Table]:
    """A hundred columns: numbers, integers, dates and texts in turn."""
    kinds = ("number", "integer", "date", "string")
    fields = [make_field(f"c{place:03d}", kinds[place % 4]) for place in range(1, 100)]

    def write(number: int) -> Iterator[str]:
        for place in range(1, 100, 4):
            drawn = mix(number * 100 + place)
            yield f"{drawn % 10000},{2000 + drawn % 25}-{drawn % 12 + 1:02d}-{drawn % 28 + 1:02d}"
            yield WORDS[drawn % 9] if place > 96 else f"{WORDS[drawn % 9]},{drawn % 100000 / 1000}"

    lines = (
        f"{number},{','.join(islice(write(number), 49))},{mix(number) % 97}\n"
        for number in range(1, rows + 1)
    )
    return [make_table("wide", "row_id", [make_field("row_id", "integer"), *fields], lines)]


def make_linked(rows: int) -> list[Table]:
    """Twenty tables with the same number of rows; each except the first refers to two tables before it."""
    each = max(1, rows // 20)
    tables = []
    for place in range(20):
        own, before, half = (f"t{number:02d}" for number in (place, max(place - 1, 0), place // 2))
        fields = [make_field(f"{own}_id", pattern=f"{own}-[0-9]+"), make_field("amount", "integer")]
        targets = {} if not place else {f"{before}_id": before, f"{half}_id": half}
        fields += [make_field(name) for name in targets]

        def write(place: int, own: str, targets: dict[str, str]) -> Iterator[str]:
            for number in range(each):
                ids = (f",{target}-{mix(number + place) % each}" for target in targets.values())
                yield f"{own}-{number},{mix(number) % 1000}{''.join(ids)}\n"

        tables.append(make_table(own, f"{own}_id", fields, write(place, own, targets), **targets))
    return tables


def make_distinct(rows: int) -> list[Table]:
    """Four text columns in which no value is repeated; the key is unsorted."""
    fields = [make_field("code"), *(make_field(f"digest{place}") for place in range(1, 4))]
    lines = (
        f"x{mix(number):08x}-{number},{mix(number + 1):08x}{number:x},{mix(number + 2):08x}.{number},"
        f"{make_words('english')[number % 97]} {mix(number + 3)} {number}\n"
        for number in range(1, rows + 1)
    )
    return [make_table("digests", "code", fields, lines)]


def make_repeated(rows: int) -> list[Table]:
    """Eight columns with two to sixteen distinct texts."""
    fields = [make_field("row_id", "integer"), *(make_field(f"choice{place}") for place in range(1, 9))]
    words = make_words("english")
    lines = (
        f"{number},{','.join(words[mix(number + place) % (2 * place)] for place in range(1, 9))}\n"
        for number in range(1, rows + 1)
    )
    return [make_table("choices", "row_id", fields, lines)]


def make_exponents(rows: int) -> list[Table]:
    """Five columns of numbers with exponents, in several notations."""
    bounds: list[dict[str, float]] = [{}, {}, {"minimum": 0}, {"maximum": 1e30}, {}]
    fields = [make_field(f"value{place}", "number", **bounds[place - 1]) for place in range(1, 6)]
    lines = (
        f"{number},{mix(number) % 100000 / 10000}e-{mix(number) % 20 + 1:02d},"
        f"-{mix(number + 1) % 1000}.{mix(number) % 1000}E+{mix(number) % 15},"
        f"{mix(number + 2) % 9 + 1}e{mix(number + 2) % 30},{mix(number + 3) / 7:.6e},"
        f"{mix(number + 4) % 100000}.5E-3\n"
        for number in range(1, rows + 1)
    )
    return [make_table("values", "row_id", [make_field("row_id", "integer"), *fields], lines)]


def make_missing(rows: int) -> list[Table]:
    """Sixteen columns of four types in which nine of ten cells are missing: empty or `NA`."""
    kinds = ("number", "date", "string", "boolean")
    fields = [make_field(f"field{place}", kinds[place % 4]) for place in range(16)]

    def write(number: int, place: int) -> str:
        drawn = mix(number * 16 + place)
        if drawn % 10:
            return "NA" if drawn % 3 == 0 else ""
        found = (f"{drawn % 1000}.5", f"2020-{drawn % 12 + 1:02d}-11", WORDS[drawn % 9], "true")
        return found[place % 4]

    lines = (
        f"{number},{','.join(write(number, place) for place in range(16))}\n" for number in range(1, rows + 1)
    )
    table = make_table("gaps", "row_id", [make_field("row_id", "integer"), *fields], lines)
    table.resource["schema"]["missingValues"] = ["", "NA"]
    return [table]


def make_zones(rows: int) -> list[Table]:
    """Three columns of times with time zones, with and without fractions of seconds."""
    zones = ("Z", "+02:00", "-05:00", "+05:30", "+00:00", "-03:30", "+13:00")
    fields = [make_field("event_id", "integer")]
    fields += [make_field(name, "datetime") for name in ("begun", "ended")]
    fields += [make_field("recorded", "datetime", minimum="1990-01-01T00:00:00Z")]

    def write(drawn: int, fraction: str = "") -> str:
        date = f"{1991 + drawn % 34}-{drawn // 34 % 12 + 1:02d}-{drawn // 408 % 28 + 1:02d}"
        time = f"{drawn // 11424 % 24:02d}:{drawn % 60:02d}:{drawn // 60 % 60:02d}"
        return f"{date}T{time}{fraction}{zones[drawn % 7]}"

    lines = (
        f"{number},{write(mix(number))},{write(mix(number + 1))},"
        f"{write(mix(number + 2), f'.{mix(number) % 1000:03d}')}\n"
        for number in range(1, rows + 1)
    )
    return [make_table("events", "event_id", fields, lines)]


def make_json(rows: int) -> list[Table]:
    """A JSON array, a JSON object, a list of integers and a list of texts per row."""
    fields = [
        make_field("row_id", "integer"),
        make_field("readings", "array"),
        make_field("setting", "object"),
        make_field("counts", "list") | {"itemType": "integer"},
        make_field("tags", "list") | {"delimiter": ";"},
    ]

    def write(number: int) -> str:
        drawn = mix(number)
        readings = [mix(number + place) % 1000 / 10 for place in range(drawn % 6)]
        setting = {
            "device": f"d{drawn % 50}",
            "on": drawn % 2 == 0,
            "range": [drawn % 9, drawn % 99],
            "note": None,
        }
        counts = ",".join(str(mix(number + place) % 100) for place in range(1 + drawn % 5))
        tags = ";".join(WORDS[mix(number - place) % 9] for place in range(1 + drawn % 4))
        return f"{number},{quote(json.dumps(readings))},{quote(json.dumps(setting))},{quote(counts)},{tags}\n"

    return [make_table("devices", "row_id", fields, (write(number) for number in range(1, rows + 1)))]


def make_lookaround(rows: int) -> list[Table]:
    """Three columns with patterns that look ahead or behind."""
    fields = [
        make_field("row_id", "integer"),
        make_field("code", pattern="(?=.*[0-9])(?=.*[A-Z])[A-Z0-9-]{6,16}"),
        make_field("slug", pattern="(?!.*--)[a-z][a-z0-9-]*(?<!-)"),
        make_field("price", pattern="(?:[0-9]+(?=[.]))[.][0-9]{2}"),
    ]
    words = make_words("english")
    lines = (
        f"{number},{chr(65 + mix(number) % 26)}{mix(number + 1)}-{number % 100:02d},"
        f"{words[mix(number) % len(words)]}-{words[mix(number + 2) % len(words)]}-{number},"
        f"{mix(number + 3) % 1000}.{number % 100:02d}\n"
        for number in range(1, rows + 1)
    )
    return [make_table("codes", "row_id", fields, lines)]


def make_enumerated(rows: int) -> list[Table]:
    """Two columns with 5,000 allowed values each; fewer if there are few rows."""
    words = make_words("english")
    allowed = [f"{words[number % len(words)]} {number}" for number in range(min(5_000, max(5, rows // 2)))]
    fields = [make_field("row_id", "integer")]
    fields += [make_field(name, enum=allowed) for name in ("cause", "outcome")]
    lines = (
        f"{number},{allowed[mix(number) % len(allowed)]},{allowed[mix(number + 1) % len(allowed)]}\n"
        for number in range(1, rows + 1)
    )
    return [make_table("causes", "row_id", fields, lines)]


def make_keyed(rows: int, *, is_ordered: bool) -> list[Table]:
    """A primary key of three fields, two of which refer to another table."""
    step = 1 if is_ordered else next(step for step in count(rows * 618 // 1000 + 1) if gcd(step, rows) == 1)
    area, day = make_field("area", pattern="a[0-9]{6}"), make_field("day", "date")
    fields = [area, day, make_field("serial", "integer"), make_field("amount", "number")]

    def write(place: int) -> str:
        return f"a{place // 280:06d},2024-{place // 140 % 2 + 1:02d}-{place // 5 % 28 + 1:02d}"

    days = (f"{write(place)},{WORDS[place % 9]}\n" for place in range(0, rows, 5))
    places = (number * step % rows for number in range(rows))
    lines = (f"{write(place)},{place % 5 + 1},{mix(place) % 10000 / 100}\n" for place in places)
    table = make_table("samples", ["area", "day", "serial"], fields, lines)
    target = {"resource": "days", "fields": ["area", "day"]}
    table.resource["schema"]["foreignKeys"] = [{"fields": ["area", "day"], "reference": target}]
    return [make_table("days", ["area", "day"], [area, day, make_field("weather")], days), table]


def make_latin(rows: int) -> list[Table]:
    """Semicolons and decimal commas in Latin-1, as European spreadsheets write them."""
    fields = [
        make_field("row_id", "integer"),
        make_field("name"),
        make_field("price", "number") | {"decimalChar": ","},
        make_field("sold", "date"),
        make_field("remark"),
    ]
    words = make_words("german")
    remarks = [sentence.replace('"', "") for sentence in make_sentences("german")]
    lines = (
        f"{number};{words[mix(number) % len(words)]};{mix(number + 1) % 1000},{number % 100:02d};"
        f"{2000 + mix(number) % 25}-{number % 12 + 1:02d}-{number % 28 + 1:02d};"
        f"{remarks[mix(number + 2) % len(remarks)]}\n"
        for number in range(1, rows + 1)
    )
    table = make_table("goods", "row_id", fields, lines)
    table.resource.update(encoding="iso-8859-1", dialect={"delimiter": ";"})
    return [table]


def make_gzip(rows: int) -> list[Table]:
    """The visits without the tables to which they refer, compressed."""
    table = make_visits(rows)[2]
    del table.resource["schema"]["foreignKeys"]
    table.resource["path"] += ".gz"
    return [table]


def write_trials(rows: int, share: int) -> Iterator[str]:
    """The lines of the trials, with so many invalid cells per hundred rows."""
    for number in range(rows):
        drawn, first = mix(number), number * 9
        status, code = STATUS[drawn % 5], f"{chr(65 + drawn % 26)}{drawn % 10000:04d}"
        year, month = 2015 + drawn % 9, drawn % 12 + 1
        right_and_wrong = (
            (f"T{number:08d}", f"t-{number}"),
            (f"c{drawn % 100:02d}", f"c{number % 1000 + 100}"),
            (f"{year}-{month:02d}-{drawn % 28 + 1:02d}", f"{month}/{drawn % 28 + 1}/{year}"),
            (status, status[:3] + status[4:]),
            ("true" if drawn & 64 else "false", "maybe"),
            (f"{drawn % 30000 / 100:.2f}", f"{drawn % 300} kg"),
            (str(drawn % 500), str(1001 + drawn % 500)),
            (code, code.lower()),
            (WORDS[drawn % 9], ""),
        )
        cells = (pair[(first + place) * 7 % 100 < share] for place, pair in enumerate(right_and_wrong))
        yield ",".join(cells) + "\n"


def make_wrong(rows: int, share: int) -> list[Table]:
    """Nine columns, each of which violates its type, a constraint or a key in so many of a hundred cells."""
    clinic = make_field("clinic_id", pattern="c[0-9]{2}")
    fields = [
        make_field("trial_id", pattern="T[0-9]{8}"),
        make_field("clinic_id"),
        make_field("begun", "date"),
        make_field("status", enum=list(STATUS)),
        make_field("is_blind", "boolean"),
        make_field("weight", "number"),
        make_field("doses", "integer", maximum=1000),
        make_field("code", pattern="[A-Z][0-9]{4}"),
        make_field("sponsor", required=True),
    ]
    clinics = (f"c{number:02d},Clinic {number}\n" for number in range(100))
    return [
        make_table("clinics", "clinic_id", [clinic, make_field("name")], clinics),
        make_table("trials", "trial_id", fields, write_trials(rows, share), clinic_id="clinics"),
    ]


def make_many(rows: int) -> list[Table]:
    """2,000 small tables; fewer if there are not five rows for each."""
    tables = min(2_000, max(1, rows // 5))
    fields = [
        make_field("row_id", "integer"),
        make_field("name", required=True),
        make_field("amount", "number"),
        make_field("status", enum=list(STATUS)),
    ]

    def write(place: int) -> Iterator[str]:
        for number in range(place, rows, tables):
            drawn = mix(number)
            yield f"{number},{WORDS[drawn % 9]} {number},{drawn % 1000 / 10},{STATUS[number % 5]}\n"

    return [make_table(f"table{place:04d}", "row_id", fields, write(place)) for place in range(tables)]


HINDI_WORDS = "रोगी सुबह दवा नींद दर्द पानी बहुत कम फिर नहीं था है और की में से को ज़्यादा क्या"
SIGNS = ("🙂", "👍🏽", "❤️", "😴", "…", "!", "")


def make_comments(rows: int) -> list[Table]:
    """Comments in Hindi and English with emoji, each with an identifier and an address.

    The code was not tuned on any shape with such letters; this one and the next were added last.
    """
    fields = [
        make_field("comment_id") | {"format": "uuid"},
        make_field("page") | {"format": "uri"},
        make_field("comment", required=True, minLength=3, maxLength=400),
    ]
    hindi, english = HINDI_WORDS.split(), make_words("english")

    def write_words(number: int) -> str:
        words = (hindi, english)[mix(number) % 3 == 0]
        length = 4 + mix(number + 1) % 20
        text = " ".join(words[mix(number * 31 + place) % len(words)] for place in range(length))
        return f"{text} {SIGNS[mix(number + 2) % len(SIGNS)]}".strip()

    def write_identifier(number: int) -> str:
        first, second, third = (mix(number + place) for place in range(3))
        middle = f"{second & 0xFFFF:04x}-4{second >> 20:03x}-8{third & 0xFFF:03x}"
        return f"{first:08x}-{middle}-{third >> 16:04x}{number:08x}"

    def write_address(number: int) -> str:
        drawn = mix(number)
        return f"https://example.org/{english[drawn % len(english)]}/{drawn % 10_000}?page={number % 7}"

    lines = (
        f"{write_identifier(number)},{write_address(number)},{write_words(number)}\n"
        for number in range(1, rows + 1)
    )
    return [make_table("comments", "comment_id", fields, lines)]


def make_stays(rows: int) -> list[Table]:
    """Durations, geopoints, months, times of day and percentages, hardly any of them repeated."""
    fields = [
        make_field("stay_id", "integer"),
        make_field("month", "yearmonth", minimum="1990-01"),
        make_field("begin", "time"),
        make_field("length", "duration"),
        make_field("place", "geopoint"),
        make_field("share", "number") | {"bareNumber": False},
        make_field("beds", "number") | {"groupChar": " "},
    ]
    lines = (
        f"{number},{1990 + mix(number) % 36}-{mix(number + 1) % 12 + 1:02d},"
        f"{mix(number + 2) % 24:02d}:{mix(number + 3) % 60:02d}:{mix(number + 4) % 60:02d},"
        f"P{mix(number + 5) % 40}DT{mix(number + 6) % 24}H{mix(number + 7) % 60}M,"
        f'"{mix(number + 8) % 360_000 / 1000 - 180:.3f}, {mix(number + 9) % 180_000 / 1000 - 90:.3f}",'
        f"{mix(number + 10) % 10_000 / 100:.2f}%,{mix(number + 11) % 900 + 1} {mix(number + 12) % 1000:03d}\n"
        for number in range(1, rows + 1)
    )
    return [make_table("stays", "stay_id", fields, lines)]


SHAPES: dict[str, Callable[[int], list[Table]]] = {
    "visits": make_visits,
    **{language: partial(make_prose, language=language) for language in LANGUAGES},
    "breaks": make_breaks,
    "quoted": make_quoted,
    "wide": make_wide,
    "linked": make_linked,
    "distinct": make_distinct,
    "repeated": make_repeated,
    "exponents": make_exponents,
    "missing": make_missing,
    "zones": make_zones,
    "json": make_json,
    "lookaround": make_lookaround,
    "enumerated": make_enumerated,
    "keys-ordered": partial(make_keyed, is_ordered=True),
    "keys-shuffled": partial(make_keyed, is_ordered=False),
    "latin": make_latin,
    "gzip": make_gzip,
    "wrong-1": partial(make_wrong, share=1),
    "wrong-30": partial(make_wrong, share=30),
    "many": make_many,
    "comments": make_comments,
    "stays": make_stays,
}


def write_table(folder: Path, table: Table) -> None:
    """Writes the file of a table: its header, quoted like its cells, and its lines."""
    resource = table.resource
    path = folder / resource["path"]
    delimiter = resource.get("dialect", {}).get("delimiter", ",")
    with ExitStack() as stack:
        stream: IO[bytes] = stack.enter_context(path.open("wb"))
        if path.suffix == ".gz":
            # Without file name and time, so that the bytes are the same.
            packed = gzip.GzipFile("", "wb", 6, stream, mtime=0)
            stream = cast(IO[bytes], stack.enter_context(packed))
        text = stack.enter_context(TextIOWrapper(stream, resource["encoding"], newline=""))
        text.write(delimiter.join(field["name"] for field in resource["schema"]["fields"]) + "\n")
        text.writelines(table.lines)


def write_package(folder: Path, rows: int, shape: str = "visits") -> Path:
    """Writes a package of that shape with so many rows, unless it exists; the path of its descriptor."""
    descriptor = folder / "datapackage.json"
    if descriptor.exists():
        return descriptor
    folder.mkdir(parents=True, exist_ok=True)
    tables = SHAPES[shape](rows)
    for table in tables:
        write_table(folder, table)
    package = {"name": shape, "version": "1.0.0", "resources": [table.resource for table in tables]}
    # Written last, so that an incomplete package is made again.
    descriptor.write_text(json.dumps(package, indent=2) + "\n", encoding="utf-8")
    return descriptor


if __name__ == "__main__":
    print(write_package(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:4]))
