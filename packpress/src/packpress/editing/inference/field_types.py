"""Field types: which type all cells of a column have, as the validator itself reads them.

From some cells come candidates; each is a field, and `ColumnCheck`, with which `packpress validate` checks
cells, goes through all rows for it. A type is declared only if it has no fault; all else is a question.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from packpress.checks.cells import ColumnCheck
from packpress.editing.inference.sniffing import MISSING, YEAR, Question, list_words
from packpress.package.resource import build_resource
from packpress.problems import shorten_value
from packpress.tables.fast.batches import Block
from packpress.tables.fast.columns import Column
from packpress.tables.fast.keys import TextHashes

Properties = dict[str, Any]

# So many texts of a column suggest its candidates, and this share of them must fit one.
MOST_SHAPES, LEAST_SHARE = 400, 0.5
# So many cells of a block show whether a type is worth the others.
MOST_TRIED = 1_000
# A type that all cells have but this share is asked about.
NEARLY = 0.1
# A column with at most so many values, each of them so often, may be an enumeration.
MOST_CHOICES, LEAST_REPEATED, FEWEST_ROWS = 25, 4, 20
MOST_GRADES = 10  # if they are numbers
# The texts of a column are remembered for enumerations, and for keys.
MOST_COUNTED, MOST_DISTINCT = 200, 200_000
EXAMPLES = 3

# ---- candidates

BOOLEAN_WORDS = (
    ("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("on", "off"), ("ja", "nein"), ("ja", "nee"),
    ("ja", "nej"), ("oui", "non"), ("si", "no"), ("sí", "no"), ("sì", "no"), ("sim", "não"), ("да", "нет"),
)  # fmt: skip
SPACES = " \u00a0\u202f"
# Numbers by how their separators are used; the third kind may be of either.
PLAIN = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
COMMA = r"[+-]?(?:[0-9]+(?:,[0-9]*)?|,[0-9]+)(?:[eE][+-]?[0-9]+)?"


def _grouped(group: str, mark: str) -> str:
    """Numbers with groups of three digits."""
    group, mark = re.escape(group), re.escape(mark)
    return rf"[+-]?(?:[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})+|[0-9]{{1,3}})(?:{mark}[0-9]*)?"


SEPARATED: dict[tuple[str, str], str] = {
    ("", "."): PLAIN,
    ("", ","): COMMA,
    **{(group, mark): _grouped(group, mark) for group, mark in ((",", "."), (".", ","), ("'", "."))},
    **{(group, mark): _grouped(group, mark) for group in SPACES for mark in ".,"},
}
CURRENCIES = r"(?:[$€£¥]|USD|EUR|GBP|CHF|JPY)"
UNITS = (
    rf"(?:{CURRENCIES}|%|‰|°[CF]?|[mcdkµn]?[mglsVWAhJ]|kg|t|ha|m[²³23]|km[²2/h]+|min|kWh|[KMG]B|bar|hPa|kPa"
    r"|ppm|ppb|rpm|ft|lb|oz|mi)"
)
AFFIXED = re.compile(rf"({CURRENCIES} ?|)([+-]?[0-9][0-9.,]*)( ?{UNITS}|)")

# A name with its unit in brackets: no number, and short as units are.
NAMED_UNIT = re.compile(r"(\S.*?) ?[(\[]([^\W\d_][^()\[\]]{0,11}|[%‰°][^()\[\]]{0,5})[)\]]", re.DOTALL)
DAY = re.compile(
    r"(?P<a>[0-9]{1,4}|[A-Za-z]{3,9})(?P<s>[-/. ]|, )(?P<b>[0-9]{1,2}|[^\W\d]{3,9})(?P<t>[-/. ]|, )"
    r"(?P<c>[0-9]{1,4})"
)
MOMENT = re.compile(
    r"(?P<day>.*?[0-9])(?P<between>T|, | )(?P<hour>[0-9]{1,2})"
    r"(?P<clock>:[0-9]{2}(?P<second>:[0-9]{2}(?P<part>\.[0-9]{1,6})?)?)"
    r"(?P<half> ?[AaPp][Mm])?(?P<zone> ?(?:Z|[+-][0-9]{2}:?[0-9]{2}))?"
)
CLOCK = re.compile(
    r"(?P<hour>[0-9]{1,2}):[0-9]{2}(?P<second>:[0-9]{2}(?P<part>\.[0-9]{1,6})?)?(?P<half> ?[AaPp][Mm])?"
)
ORDERS = {"ymd": ("%Y", "%m", "%d"), "dmy": ("%d", "%m", "%Y"), "mdy": ("%m", "%d", "%Y")}


def list_day_formats(text: str) -> list[str]:
    """The patterns in which a text may be a date.

    >>> list_day_formats("03/04/2021"), list_day_formats("3 Mar 2021"), list_day_formats("2021-03-04")
    (['%d/%m/%Y', '%m/%d/%Y'], ['%d %b %Y'], ['%Y-%m-%d'])
    """
    match = DAY.fullmatch(text)
    if not match or (match["s"] != match["t"] and ", " not in (match["s"], match["t"])):
        return []
    parts, signs = (match["a"], match["b"], match["c"]), (match["s"], match["t"])
    orders = [
        order
        for name, order in ORDERS.items()
        if all(map(_may_be, parts, order)) and not (name == "mdy" and signs[0] == ".")
    ]
    short = [
        tuple("%y" if part == "%Y" else part for part in order)
        for order in ORDERS.values()
        if all(map(_may_be_short, parts, order))
    ]
    return [_join_format(parts, order, signs) for order in (*orders, *short)]


def _may_be(text: str, part: str) -> bool:
    if part == "%Y":
        return len(text) == 4 and text.isdecimal()
    return (text.isdecimal() and len(text) <= 2) or (part == "%m" and not text.isdecimal())


def _may_be_short(text: str, part: str) -> bool:
    return len(text) == 2 and text.isdecimal() if part == "%Y" else _may_be(text, part)


def _join_format(parts: Sequence[str], order: Sequence[str], signs: Sequence[str]) -> str:
    named = [
        ("%b" if len(text) == 3 else "%B") if part == "%m" and not text.isdecimal() else part
        for text, part in zip(parts, order, strict=True)
    ]
    return f"{named[0]}{signs[0]}{named[1]}{signs[1]}{named[2]}"


def _clock_format(match: re.Match[str]) -> str:
    hour = "%I" if match["half"] else "%H"
    half = " %p" if (match["half"] or "").startswith(" ") else "%p" if match["half"] else ""
    second = (":%S" if match["second"] else "") + (".%f" if match["part"] else "")
    return f"{hour}:%M{second}{half}"


def _list_moments(text: str) -> Iterator[Properties]:
    """Dates, times and date-times in every form that the text may have."""
    if match := CLOCK.fullmatch(text):
        pattern = _clock_format(match)
        if pattern.startswith("%H:%M:%S") and len(match["hour"]) == 2:
            yield {"type": "time"}
        yield _of("time", pattern)
        return
    if text.isdecimal() and len(text) == 8:
        yield _of("date", "%Y%m%d")
    for pattern in list_day_formats(text):
        yield {"type": "date"} if pattern == "%Y-%m-%d" else _of("date", pattern)
    if match := MOMENT.fullmatch(text):
        zone = " %z" if (match["zone"] or "").startswith(" ") else "%z" if match["zone"] else ""
        for day in list_day_formats(match["day"]):
            pattern = f"{day}{match['between']}{_clock_format(match)}{zone}"
            if _is_default(day, match):
                yield {"type": "datetime"}
            yield _of("datetime", pattern)


def _is_default(day: str, match: re.Match[str]) -> bool:
    return day == "%Y-%m-%d" and match["between"] == "T" and bool(match["second"]) and not match["half"]


def _of(kind: str, pattern: str) -> Properties:
    return {"type": kind, "format": pattern}


SHAPES: Sequence[tuple[re.Pattern[str], Properties]] = (
    (re.compile(r"[0-9]{4}-[0-9]{2}"), {"type": "yearmonth"}),
    (re.compile(r"-?P[0-9T].*"), {"type": "duration"}),
    (re.compile(r"\{.*\}", re.DOTALL), {"type": "geojson"}),
    (re.compile(r"\{.*\}", re.DOTALL), {"type": "object"}),
    (re.compile(r"\[.*\]", re.DOTALL), {"type": "array"}),
    (re.compile(r"[0-9a-fA-F]{8}-.*"), {"type": "string", "format": "uuid"}),
    (re.compile(r"https?://\S+"), {"type": "string", "format": "uri"}),
    (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), {"type": "string", "format": "email"}),
    (
        re.compile(r"(?:POINT|LINESTRING|POLYGON|MULTI\w+) ?\(.*", re.DOTALL),
        {"type": "string", "format": "wkt"},
    ),
    (re.compile(r"[+-]?[0-9.]+, ?[+-]?[0-9.]+"), {"type": "geopoint"}),
    (YEAR, {"type": "year"}),
)


def _list_numbers(text: str, signs: frozenset[str]) -> Iterator[tuple[Properties, str]]:
    """Numbers by their separators, each with the form that its cells must have if their type allows more.

    Separators that are not among `signs`, which any cell has, are not considered.
    """
    for (group, mark), form in SEPARATED.items():
        if (
            (group and group not in signs)
            or (mark == "," and mark not in signs)
            or not re.fullmatch(form, text)
        ):
            continue
        separators = _declare_separators(group, mark)
        if "decimalChar" not in separators and _may_be_whole(text, group):
            yield {"type": "integer"} | separators, _whole(form) if group else ""
        yield {"type": "number"} | separators, form if group else ""
    if (match := AFFIXED.fullmatch(text)) and (match[1] or match[3]):
        for group, mark in (("", "."), ("", ","), (",", "."), (".", ",")):
            if re.fullmatch(SEPARATED[group, mark], match[2]):
                form = f"{re.escape(match[1])}(?:{SEPARATED[group, mark]}){re.escape(match[3])}"
                yield {"type": "number", "bareNumber": False} | _declare_separators(group, mark), form


def _declare_separators(group: str, mark: str) -> Properties:
    return ({"groupChar": group} if group else {}) | ({"decimalChar": mark} if mark != "." else {})


def _may_be_whole(text: str, group: str) -> bool:
    return (text.replace(group, "") if group else text).lstrip("+-").isdecimal()


def _whole(form: str) -> str:
    return form.removesuffix(r"(?:\.[0-9]*)?")


def _list_booleans(texts: Sequence[str]) -> Iterator[Properties]:
    found = {text.casefold() for text in texts}
    for true, false in BOOLEAN_WORDS:
        if found <= {true, false} and (len(found) == 2 or true == "true"):
            words = {"trueValues": _cases(true), "falseValues": _cases(false)}
            yield {"type": "boolean"} | words
            return


def _cases(word: str) -> list[str]:
    return list(dict.fromkeys((word, word.capitalize(), word.upper())))


class Candidate:
    """A type that a column may have, and the cells that do not have it."""

    def __init__(self, declared: Properties, form: str = "") -> None:
        self.declared = declared
        self.count = 0
        self.examples: list[tuple[int, str]] = []
        # The form is only for checking; it is no constraint that anybody declared.
        tested = declared | ({"constraints": {"pattern": form}} if form else {})
        raw = {"name": "t", "path": "t.csv", "schema": {"fields": [{"name": "a"} | tested]}}
        resource = build_resource(raw)
        self._check = ColumnCheck(resource.fields[0], resource)

    @property
    def type(self) -> str:
        """Its type."""
        return str(self.declared["type"])

    def is_open(self, count: int) -> bool:
        """Whether it may still be the type of nearly all of so many cells and more."""
        return self.count <= NEARLY * count + FEWEST_ROWS

    def add(self, column: Column, block: Block) -> None:
        """Counts the cells of the next block that are not of the type."""
        # Of a type that is wrong, some cells show it, and each fault takes long to explain.
        sample = column.first(MOST_TRIED)
        if (
            len(column) > MOST_TRIED
            and (found := sum(map(len, self._check.find_faults(sample)))) > NEARLY * MOST_TRIED
        ):
            self.count += found * len(column) // MOST_TRIED
            return
        for faults in self._check.find_faults(column):
            self.count += len(faults)
            if len(self.examples) < EXAMPLES:
                for place, text in list(
                    zip(faults.places[:EXAMPLES].tolist(), (text for _, text in faults), strict=False)
                ):
                    self.examples.append((block.line(place), text))


def propose(texts: Sequence[str]) -> list[Candidate]:
    """The types that most of some texts may have, the narrowest first.

    >>> [one.type for one in propose(["1998", "2011"])]
    ['integer', 'number', 'year']
    """
    counts, forms, order = Counter[str](), dict[str, str](), dict[str, Properties]()
    signs = frozenset("".join(texts[:MOST_SHAPES]))
    for text in texts[:MOST_SHAPES]:
        found = [*_list_numbers(text, signs), *((one, "") for one in _list_moments(text))]
        found += [(properties, "") for shape, properties in SHAPES if shape.fullmatch(text)]
        for properties, form in found:
            key = repr(sorted(properties.items())) + ("" if properties.get("bareNumber", True) else form)
            order.setdefault(key, properties)
            forms[key] = form
            counts[key] += 1
    least = LEAST_SHARE * min(len(texts), MOST_SHAPES)
    likely = [Candidate(properties, forms[key]) for key, properties in order.items() if counts[key] >= least]
    return [*map(Candidate, _list_booleans(texts)), *likely]


# ---- what a header says


def split_words(name: str) -> tuple[str, ...]:
    """The words of a name, in lower case.

    >>> split_words("boatID"), split_words("Date of birth (dd/mm/yyyy)")
    (('boat', 'id'), ('date', 'of', 'birth', 'dd', 'mm', 'yyyy'))
    """
    spaced = re.sub(r"(?<=[a-zß-ÿ0-9])(?=[A-Z])", " ", name)
    return tuple(re.findall(r"[^\W_]+", spaced.casefold()))


CODES = list_words(
    "zip zipcode postcode postal plz phone telephone tel telefon mobile fax isbn issn ean gtin upc barcode"
    " ssn iban fips orcid imo mmsi siren siret"
)
YEARS = list_words(
    "year yr years built made born jahr baujahr année annee anno año ano rok vuosi år jaar founded"
    " established"
)
DATES = list_words("date datum day dato fecha data dat datestamp")
# The order that a header states, such as (dd/mm/yyyy).
STATED = (
    (re.compile(r"d{1,2}\W?m{1,2}", re.IGNORECASE), "d"),
    (re.compile(r"m{1,2}\W?d{1,2}", re.IGNORECASE), "m"),
)


# ---- a column


# Types that text has only if it is meant to.
STRUCTURED = ("date", "datetime", "time", "geojson", "object", "array")
SENTINELS = [sign * float("9" * count) for count in range(2, 6) for sign in (1, -1)]
WORDS = rf"\A(?:{'|'.join(map(re.escape, sorted(MISSING)))})\z"


@dataclass
class ColumnProfile:
    """What is known of the cells of one column so far."""

    name: str
    count: int = 0  # cells
    filled: int = 0  # cells with a value, if words for missing values are none
    words: Counter[str] = field(default_factory=Counter)
    candidates: list[Candidate] | None = None
    values: Counter[str] | None = field(default_factory=Counter)
    distinct: set[str] | None = field(default_factory=set)
    hashes: TextHashes = field(default_factory=TextHashes)
    has_zeros: bool = False  # whether digits begin with a zero
    has_long: bool = False  # whether digits do not fit into 64 bits
    longest: int = 0

    def add(self, column: Column, block: Block) -> None:
        """Takes the cells of the next block into account."""
        self.count += len(column)
        words = column.matching(WORDS)
        if words.any():
            self.words.update(text for text in column.keep(words).texts() if text)
            column = column.without(list(self.words))
        filled = len(column) - len(column.missing())
        if not filled:
            return
        self.filled += filled
        distinct = column.distinct()
        if self.candidates is None:
            self.candidates = propose(distinct)
        for candidate in self.candidates:
            if candidate.is_open(self.count - len(column)):
                candidate.add(column, block)
        self._note(column, distinct)

    def _note(self, column: Column, distinct: list[str]) -> None:
        self.longest = max(self.longest, column.longest)
        if self.candidates and self.candidates[0].type in {"integer", "number", "date"}:
            self.has_zeros = self.has_zeros or bool(column.matching(r"\A[+-]?0[0-9]+\z").any())
            self.has_long = self.has_long or bool(column.matching(r"\A[+-]?[0-9]{19,}\z").any())
        if self.values is not None:
            is_few = len(distinct) <= MOST_COUNTED
            if is_few:
                self.values.update(text for text in column.texts() if text)
            self.values = self.values if is_few and len(self.values) <= MOST_COUNTED else None
        if self.distinct is not None:
            self.distinct.update(distinct)
            self.distinct = self.distinct if len(self.distinct) <= MOST_DISTINCT else None
        if self.is_whole:
            self.hashes.add(distinct, len(column))

    @property
    def is_whole(self) -> bool:
        """Whether every row has a value."""
        return self.filled == self.count > 0

    @cached_property
    def is_unique(self) -> bool:
        """Whether every row has a value of its own."""
        return self.is_whole and self.hashes.are_distinct

    @cached_property
    def fitting(self) -> list[Candidate]:
        """The candidates that every value fits."""
        return [one for one in self.candidates or () if not one.count]


@dataclass
class Draft:
    """A field as it is proposed, with its questions; `choices` are readings between which nothing decides."""

    properties: Properties
    questions: list[Question] = field(default_factory=list)
    choices: list[Properties] = field(default_factory=list)


def settle(profile: ColumnProfile, hint: Mapping[str, Any], kinds: Counter[str]) -> Draft:
    """The field of a column: its type, and what is doubtful about it.

    `hint` has what another format declares of the column, and `kinds` what kinds its cells had there.
    """
    base: Properties = {"name": profile.name} | make_title(profile.name)
    if not profile.filled:
        return Draft(base | {"type": "string"}, [_ask_empty(profile)])
    draft = _settle_hint(profile, base, hint, kinds) or _settle_type(profile, base)
    if draft.properties["type"] != "string":
        _declare_missing(profile, draft)
    else:
        _ask_words(profile, draft)
        if not hint and not draft.questions:
            _ask_nearly(profile, draft)
    _ask_values(profile, draft)
    if draft.properties["type"] in {"integer", "number"}:
        draft.questions += ask_unit(profile.name)
    return draft


def ask_unit(name: str) -> list[Question]:
    """Whether what stands in brackets at the end of a name is the unit of the numbers.

    >>> [asked] = ask_unit("Weight [kg]")
    >>> asked.proposal
    {'title': 'Weight', 'unit': 'kg'}
    >>> ask_unit("Cases (2024)")
    []
    """
    found = NAMED_UNIT.fullmatch(name)
    if not found:
        return []
    text = f'"{found[2]}" in its name looks like a unit; declare it if it is the unit of the numbers'
    shared = (
        "what is in brackets in their names looks like units; declare each that is the unit of the numbers"
    )
    return [Question(text, {"title": found[1], "unit": found[2]}, shared, found[2])]


def make_title(name: str) -> Properties:
    """The title of a name that is not written as people write; none if it would be the name.

    >>> make_title("catch_kg"), make_title("Catch (kg)"), make_title("Boat\\nname")
    ({'title': 'Catch kg'}, {}, {'title': 'Boat name'})
    """
    spaced = " ".join(re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", name).replace("_", " ").split())
    title = spaced[:1].upper() + spaced[1:]
    return {} if title == name or not title else {"title": title}


def _ask_empty(profile: ColumnProfile) -> Question:
    words = " or ".join(f'"{word}"' for word in profile.words)
    what = f"nothing but {words}" if words else "no value"
    rows = count_noun(profile.count, "row")
    return Question(
        f"has {what} in {rows}, so its type is unknown; declare it, or leave the column out",
        shared="no value in any row, so their types are unknown; declare them, or leave the columns out",
        brief=what if words else "",
    )


def count_noun(count: int, noun: str) -> str:
    """The number with its noun.

    >>> count_noun(1, "row"), count_noun(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{count:,} {noun}{'s' * (count != 1)}"


def _settle_hint(
    profile: ColumnProfile, base: Properties, hint: Mapping[str, Any], kinds: Counter[str]
) -> Draft | None:
    """The type that another format declares, or that its cells have; None if it says nothing."""
    fitting = {one.type: one.declared for one in profile.fitting}
    declared = hint.get("type")
    if declared == "text":
        structured = (fitting[kind] for kind in STRUCTURED if kind in fitting)
        right = next(
            (one for one in structured if "format" not in one), fitting.get("string", {"type": "string"})
        )
        return Draft(base | right)
    if declared == "boolean":
        is_such = profile.distinct is not None and profile.distinct <= {"0", "1", "true", "false"}
        return Draft(base | {"type": "boolean"}) if is_such else None
    if declared and declared != "string":
        known = fitting.get(declared) or (fitting.get("integer") and declared == "number")
        return Draft(base | (dict(hint) if known or declared in {"object", "array"} else {"type": "string"}))
    if declared:
        return Draft(base | dict(hint))
    return _settle_kinds(profile, base, fitting, kinds)


def _settle_kinds(
    profile: ColumnProfile, base: Properties, fitting: dict[str, Properties], kinds: Counter[str]
) -> Draft | None:
    """What the kinds of cells in a workbook or a database say."""
    if set(kinds) == {"binary"}:
        return Draft(
            base | {"type": "string", "format": "binary"},
            [Question("holds bytes, written in base64; keep it?")],
        )
    if "number" in kinds and "integer" in fitting and set(kinds) <= {"integer", "number"}:
        return Draft(base | {"type": "number"}) if set(kinds) == {"number"} else None
    if set(kinds) == {"text"} and {"integer", "number"} & fitting.keys():
        if profile.has_zeros or profile.has_long or CODES & set(split_words(profile.name)):
            return None
        kind = "integer" if "integer" in fitting else "number"
        text = f"numbers that are stored as text; declare {kind} if they are amounts"
        shared = "numbers that are stored as text; declare the types of those that are amounts"
        return Draft(base | {"type": "string"}, [Question(text, {"type": kind}, shared, kind)])
    return None


def _settle_type(profile: ColumnProfile, base: Properties) -> Draft:
    """The type that all cells have, as they and the header decide."""
    words = set(split_words(profile.name))
    by_type: dict[str, list[Properties]] = {}
    for one in profile.fitting:
        by_type.setdefault(one.type, []).append(one.declared)
    if "boolean" in by_type:
        return _settle_boolean(profile, base, by_type["boolean"][0])
    if profile.has_zeros or profile.has_long or (CODES & words and {"integer", "number"} & by_type.keys()):
        return _settle_digits(profile, base, by_type, words)
    if "year" in by_type and YEARS & words:
        return Draft(base | {"type": "year"})
    moments = [one for kind in ("datetime", "date", "time") for one in by_type.get(kind, ())]
    if moments and not (set(by_type) & {"integer"} and not DATES & words):
        return _settle_moment(profile, base, moments)
    return _settle_number(profile, base, by_type) or _settle_other(profile, base, by_type)


def _settle_boolean(profile: ColumnProfile, base: Properties, declared: Properties) -> Draft:
    used: Mapping[str, int] = profile.values or {}
    texts = {
        key: [one for one in declared[key] if one in used] or declared[key][:1]
        for key in ("trueValues", "falseValues")
    }
    is_default = texts["trueValues"] == ["true"] and texts["falseValues"] == ["false"]
    return Draft(base | {"type": "boolean"} | ({} if is_default else texts))


def _settle_digits(
    profile: ColumnProfile, base: Properties, by_type: Mapping[str, list[Properties]], words: set[str]
) -> Draft:
    """Digits that a number would not keep: with leading zeros, too long, or a code by their header."""
    days = by_type.get("date", ())
    if days and DATES & words:
        return _settle_moment(profile, base, list(days))
    if any(one.get("decimalChar") or one.get("groupChar") for one in by_type.get("number", ())[:1]):
        return _settle_number(profile, base, by_type) or Draft(base | {"type": "string"})
    if "number" in by_type and "integer" not in by_type:
        return Draft(base | {"type": "number"})
    return Draft(base | {"type": "string"})


def find_order(properties: Mapping[str, Any]) -> str:
    """Whether the day (d) or the month (m) comes first in a format; empty if it has no such order.

    >>> find_order({"format": "%d/%m/%Y"}), find_order({"format": "%d %b %Y"})
    ('d', '')
    """
    pattern = str(properties.get("format", ""))
    if "%d" not in pattern or "%m" not in pattern or pattern.startswith(("%Y", "%y")):
        return ""
    return "d" if pattern.index("%d") < pattern.index("%m") else "m"


def _settle_moment(profile: ColumnProfile, base: Properties, moments: list[Properties]) -> Draft:
    """A date or time in the one form that fits; where several do, the header may state which."""
    stated = next((order for form, order in STATED if form.search(profile.name)), "")
    right = [one for one in moments if find_order(one) == stated] if stated else []
    plain = [one for one in moments if "format" not in one]
    moments = plain or right or moments
    short = [one for one in moments if "%y" in str(one.get("format", ""))]
    if len(moments) == 1 and not short:
        return Draft(base | moments[0])
    if short:
        text = "years of two digits, whose century nobody can tell; write four digits, or declare the format"
        return Draft(
            base | {"type": "string"}, [Question(text, short[0], text)] if len(moments) == 1 else [], moments
        )
    return Draft(base | {"type": "string"}, choices=moments)


def _settle_number(
    profile: ColumnProfile, base: Properties, by_type: Mapping[str, list[Properties]]
) -> Draft | None:
    whole, numbers = by_type.get("integer", []), by_type.get("number", [])
    if whole and "groupChar" not in whole[0]:
        return Draft(base | {"type": "integer"}, _ask_whole(profile, by_type))
    if not numbers:
        return None
    bare = [one for one in numbers if one.get("bareNumber", True)]
    if not bare:
        text = (
            f"numbers with a sign or unit, such as {_quote(profile)}, which is left out of the values; right?"
        )
        return Draft(base | numbers[0], [Question(text)])
    if {"type": "number"} in bare:
        return Draft(base | {"type": "number"})
    decimal = [one for one in bare if one.get("decimalChar")]
    grouped = [one for one in bare if not one.get("decimalChar")]
    if decimal and grouped:
        # 1,234 is 1234 to some, and 1.234 to others.
        return Draft(base | {"type": "string"}, choices=[whole[0] if whole else grouped[0], decimal[0]])
    chosen = decimal or grouped
    return Draft(base | (whole[0] if whole and not decimal else chosen[0]))


def _ask_whole(profile: ColumnProfile, by_type: Mapping[str, list[Properties]]) -> list[Question]:
    """Whether integers are something else: truths, years or days."""
    if profile.distinct == {"0", "1"}:
        shared = "only 0 and 1; declare boolean where they mean no and yes"
        return [
            Question("only 0 and 1; declare boolean if they mean no and yes", {"type": "boolean"}, shared)
        ]
    if "year" in by_type and profile.distinct and len(profile.distinct) > 2:
        shared = "only numbers like years; declare year where they are"
        return [Question("only numbers like years; declare year if they are", {"type": "year"}, shared)]
    if "date" in by_type:
        return [
            Question("only numbers like days, such as 20240301; declare date if they are", by_type["date"][0])
        ]
    return []


def _settle_other(profile: ColumnProfile, base: Properties, by_type: Mapping[str, list[Properties]]) -> Draft:
    if "geopoint" in by_type:
        return _settle_point(profile, base)
    for kind in ("yearmonth", "duration", "geojson", "object", "array"):
        if kind in by_type:
            return Draft(base | by_type[kind][0])
    draft = Draft(base | by_type.get("string", [{"type": "string"}])[0])
    draft.questions += _ask_word(profile)
    return draft


def _ask_word(profile: ColumnProfile) -> list[Question]:
    """Whether one word in all cells that have any, such as yes, is half of a boolean."""
    (word, *others) = profile.distinct or {""}
    for true, false in BOOLEAN_WORDS if not others else ():
        if word.casefold() in (true, false):
            texts = {"trueValues": _cases(true), "falseValues": _cases(false)}
            return [Question(f'only "{word}"; declare boolean if it is one', {"type": "boolean"} | texts)]
    return []


def _settle_point(profile: ColumnProfile, base: Properties) -> Draft:
    """A pair of numbers, in which the standard has the longitude first, and many have the latitude."""
    firsts = [abs(float(text.split(",")[0])) for text in profile.distinct or ()]
    if max(firsts, default=0) > 90:
        return Draft(base | {"type": "geopoint"})
    text = (
        f"pairs such as {_quote(profile)}; declare geopoint if the longitude is first, as the standard has it"
    )
    return Draft(base | {"type": "string"}, [Question(text, {"type": "geopoint"})])


def _quote(profile: ColumnProfile) -> str:
    texts = sorted(profile.distinct or ())
    return f'"{shorten_value(texts[0])}"' if texts else "these"


# ---- what is left to ask


def _declare_missing(profile: ColumnProfile, draft: Draft) -> None:
    if profile.words:
        draft.properties["missingValues"] = ["", *sorted(profile.words)]


def _ask_words(profile: ColumnProfile, draft: Draft) -> None:
    if not profile.words:
        return
    listed = ", ".join(
        f'"{word}" in {count_noun(count, "cell")}' for word, count in sorted(profile.words.items())
    )
    missing = {"missingValues": ["", *sorted(profile.words)]}
    text = f"{listed}; declare missingValues if that means that there is none"
    shared = "words that may mean that there is none; declare missingValues where they do"
    draft.questions.append(Question(text, missing, shared, listed))


def _ask_nearly(profile: ColumnProfile, draft: Draft) -> None:
    """Whether the few cells that are not of a type are faults."""
    near = [
        one
        for one in profile.candidates or ()
        if 0 < one.count <= NEARLY * profile.filled and one.type != "string"
    ]
    if not near or draft.choices or profile.has_zeros:
        return
    best = min(near, key=lambda one: one.count)
    shown = ", ".join(f'"{shorten_value(text)}" in line {line}' for line, text in best.examples[:EXAMPLES])
    text = (
        f"of type {best.type} but for {best.count:,} of {profile.filled:,} cells: {shown}; "
        "correct them and declare it, or leave the type"
    )
    draft.questions.append(Question(text, best.declared))


def _ask_values(profile: ColumnProfile, draft: Draft) -> None:
    """Whether few values are all that there may be, and whether a number stands for a missing one."""
    values, kind = profile.values, draft.properties["type"]
    if kind in {"integer", "number"} and (odd := _find_sentinels(profile)):
        shown = " and ".join(f"{text} in {count_noun(count, 'cell')}" for text, count in odd.items())
        missing = {"missingValues": ["", *sorted({*profile.words, *odd})]}
        text = f"{shown}, far from the others; declare missingValues if it is none"
        shared = "numbers far from the others; declare missingValues where there is none"
        draft.questions.append(Question(text, missing, shared, shown))
    if not is_choice(profile, kind) or values is None:
        return
    shown = shorten_value(", ".join(f'"{text}"' for text in sorted(values)))
    counts = f"only {len(values)} values in {profile.filled:,} cells"
    text = f"{counts}: {shown}; declare enum if there may be no other"
    listed: list[Any] = sorted(map(int, values)) if kind == "integer" else sorted(values)
    shared = "few values in many cells; declare enum where there may be no other"
    brief = count_noun(len(values), "value")
    draft.questions.append(Question(text, {"constraints": {"enum": listed}}, shared, brief))


def is_choice(profile: ColumnProfile, kind: str) -> bool:
    """Whether a column has few values, each of them often."""
    values = profile.values
    if values is None or kind not in {"string", "integer"} or profile.filled < FEWEST_ROWS:
        return False
    most, least = (MOST_CHOICES, LEAST_REPEATED) if kind == "string" else (MOST_GRADES, MOST_GRADES)
    return len(values) + (kind == "string") > 2 and len(values) <= min(most, profile.filled // least)


def _find_sentinels(profile: ColumnProfile) -> dict[str, int]:
    """Numbers of nines that are far from all others, with their counts."""
    found, others = dict[str, int](), list[float]()
    for text in profile.distinct or ():
        value = _as_number(text)
        if value in SENTINELS:
            found[text] = profile.values[text] if profile.values else 1
        elif value is not None:
            others.append(value)
    if not others or len(others) < 2:
        return {}
    span = max(others) - min(others) or 1.0
    far = {
        text: count
        for text, count in found.items()
        if not min(others) - span <= (_as_number(text) or 0.0) <= max(others) + span
    }
    return dict(sorted(far.items()))


def _as_number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def choose(draft: Draft, orders: Counter[str], marks: Counter[str]) -> Draft:
    """The draft with the choice that other columns decide, or with a question that names all."""
    if not draft.choices:
        return draft
    first = draft.choices[0]
    is_day = first["type"] in {"date", "datetime", "time"}
    known, tell = (orders, find_order) if is_day else (marks, _tell_mark)
    wanted = [one for one in draft.choices if known.get(tell(one))]
    others = sum(known.get(tell(one), 0) for one in draft.choices)
    is_short = any("%y" in str(one.get("format", "")) for one in draft.choices)
    if len({tell(one) for one in wanted}) == 1 and others and not is_short:
        read = f"read as {_say_choice(wanted[0])}, because other columns are"
        text = f"{read}; all cells fit {_say_all(draft)} too; right?"
        return Draft(draft.properties | wanted[0], [*draft.questions, Question(text)])
    text = f"all cells fit {_say_all(draft)}; declare which it is"
    is_asked = is_short and len(draft.choices) == 1
    questions = [*draft.questions, *([] if is_asked else [Question(text, first, text)])]
    return replace(draft, questions=questions, choices=[])


def _tell_mark(properties: Mapping[str, Any]) -> str:
    return str(properties.get("decimalChar", "."))


def _say_all(draft: Draft) -> str:
    return " and ".join(map(_say_choice, draft.choices))


def _say_choice(properties: Mapping[str, Any]) -> str:
    if "format" in properties:
        return str(properties["format"])
    if properties.get("decimalChar"):
        return f"numbers with the decimal sign {properties['decimalChar']}"
    return f"numbers with the group sign {properties.get('groupChar', '')}"
