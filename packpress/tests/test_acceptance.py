"""What is accepted at a glance is accepted by the exact readers too, with the same value."""

import re
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from packpress.package.resource import Field, build_resource
from packpress.tables import constraints
from packpress.tables.fast.acceptors import make_acceptor
from packpress.tables.fast.columns import Column
from packpress.tables.patterns import translate_pattern
from packpress.tables.types import PLAIN_URI as URI
from packpress.tables.types import UNCERTAIN, type_of

pytestmark = pytest.mark.long

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

BOUNDS = st.dictionaries(
    st.sampled_from(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]),
    st.integers(-20, 20) | st.floats(-20, 20).map(lambda value: round(value, 2)),
)
WHOLE_BOUNDS = st.dictionaries(
    st.sampled_from(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]),
    st.integers(-(2**64), 2**64) | st.integers(-20, 20),
)
DATE_BOUNDS = st.dictionaries(
    st.sampled_from(["minimum", "maximum", "exclusiveMinimum"]), st.dates().map(str)
)
PATTERNS = st.sampled_from(
    [
        "a|b",
        "(?:a|b)c*",
        "[a-c]{1,2}[0-9]+",
        r"\d+",
        r"\w+",
        r"[\w.]+@x",
        r"\S*",
        r"\D",
        r"\W",
        r"[^a]",
        r"[^\d]+",
        "a.c",
        ".*",
        "^a+$",
        "a$",
        r"\s",
        "(?i)a",
        "(a)b",
        r"(a)\1",
        "(?=a)a",
        "é+",
        "[é-ü]",
        "a{2,}",
        "a{3}?",
        "x*?",
        "",
        "(?s:.)",
        r"a\Z",
        r"\ba",
        "[a\\]]",
        "a\n",
        r"\t|\.",
        "[-a]",
        "(?x) a",
        "()",
    ]
)
LENGTHS = st.dictionaries(st.sampled_from(["minLength", "maxLength"]), st.integers(0, 4))
ENUMS = st.lists(st.sampled_from(["a", "b", "1", "é", "1.0", "2020-01-01", "true"]), min_size=1, unique=True)


def fields_of(kind, constraints):
    return st.fixed_dictionaries(
        {"name": st.just("f"), "type": st.just(kind)},
        optional={"constraints": constraints, "format": st.just("default")},
    )


def merged(*parts):
    return st.tuples(*parts).map(
        lambda found: {name: value for part in found for name, value in part.items()}
    )


def optionally(name, values):
    return values.map(lambda value: {name: value}) | st.just({})


ZONES = st.sampled_from(["", "Z", "+02:00", "-14:00", "+14:00", "+1:00", "+14:30"])
CLOCKS = st.sampled_from(
    ["00:00:00", "23:59:59", "24:00:00", "24:00:01", "12:30:00.5", "12:30:60", "12:30", "1:00:00"]
)
DAYS = st.dates().map(str) | st.sampled_from(
    ["2024-02-29", "2023-02-29", "2024-04-31", "0000-01-01", "2024-13-01", "9999-12-31"]
)
MOMENTS = st.builds("{}T{}{}".format, DAYS, CLOCKS, ZONES) | st.builds("{}{}".format, CLOCKS, ZONES)
MOMENT_BOUNDS = st.dictionaries(
    st.sampled_from(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]),
    st.builds("{}T{}{}".format, DAYS, CLOCKS, ZONES),
)
NUMBERS_AS_DECLARED = st.fixed_dictionaries(
    {"name": st.just("f"), "type": st.sampled_from(["integer", "number"])},
    optional={
        "groupChar": st.sampled_from([",", ".", " ", "'", "\u00a0", "e", "+"]),
        "decimalChar": st.sampled_from([",", ".", "·", "-"]),
        "bareNumber": st.booleans(),
        "constraints": BOUNDS,
    },
)
LISTS = st.fixed_dictionaries(
    {"name": st.just("f"), "type": st.just("list")},
    optional={
        "delimiter": st.sampled_from([",", ";", "|", "-", ".", " ", ":"]),
        "itemType": st.sampled_from(["string", "integer", "number", "boolean", "date", "datetime", "time"]),
    },
)
PARTED = st.lists(
    st.sampled_from(
        ["1", "-2", "+3", "1.5", "2e3", "2024-01-01", "12:30:00", "a", "", "٣", "1,000", "1 000", "5%", "€ 5"]
    ),
    min_size=1,
    max_size=3,
)


FIELDS = st.one_of(
    NUMBERS_AS_DECLARED,
    LISTS,
    fields_of("time", BOUNDS),
    fields_of("datetime", MOMENT_BOUNDS),
    fields_of("yearmonth", st.dictionaries(st.just("minimum"), st.sampled_from(["2020-02", "2020-13", "x"]))),
    st.just({"name": "f", "type": "string", "format": "uuid"}),
    st.just({"name": "f", "type": "any"}),
    fields_of("integer", BOUNDS | WHOLE_BOUNDS),
    fields_of("number", BOUNDS | WHOLE_BOUNDS),
    fields_of("year", WHOLE_BOUNDS),
    fields_of("date", DATE_BOUNDS),
    st.just({"name": "f", "type": "string", "format": "uri"}),
    fields_of("boolean", optionally("required", st.booleans())),
    fields_of(
        "string",
        merged(
            LENGTHS,
            optionally("pattern", PATTERNS),
            optionally("enum", ENUMS),
            optionally("required", st.booleans()),
        ),
    ),
)
TEXTS = (
    MOMENTS
    | st.builds(str.join, st.sampled_from([",", ";", "|", "-", ".", " ", ":"]), PARTED)
    | st.builds("{}e{}".format, st.decimals(-21, 21, places=2), st.integers(-120, 120))
    | st.uuids().map(str)
    | st.from_regex(URI, fullmatch=True)
    | st.from_regex(URI)
    | st.text(max_size=5)
    | st.text(st.sampled_from("abcéü1٣\n ._@x"), max_size=5)
    | st.text(st.sampled_from("0123456789.-+eE_ "), max_size=8)
    | st.integers(-(2**70), 2**70).map(str)
    | st.integers(-25, 25).map(str)
    | st.floats().map(str)
    | st.decimals(-21, 21, places=3).map(str)
    | st.dates().map(str)
    | st.sampled_from(
        [
            "true",
            "True",
            "FALSE",
            "1",
            "0",
            "yes",
            "2020-02-30",
            "0000-01-01",
            "NaN",
            "INF",
            "-INF",
            "1.",
            ".5",
            "-.5",
            "1e5",
            "+1",
            "01",
            "٣",
            "0x1F",
            "1_0",
            " 1",
            "9" * 18,
            "9" * 19,
            "20.000000000000000000001",
            "-0",
            "NA",
        ]
    )
)


def make_resource(raw, missing):
    return build_resource({"name": "t", "schema": {"fields": [raw], "missingValues": missing}})


@pytest.fixture(scope="module")
def only_exact():
    """A function that makes readers which accept nothing at a glance."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            constraints, "type_of", lambda field: replace(type_of(field), make_plain=lambda _: None)
        )
        constraints._make_reader.cache_clear()
        yield lambda raw, missing: constraints.make_reader(Field(raw), make_resource(raw, missing))
        constraints._make_reader.cache_clear()


SETTINGS = settings(max_examples=200, deadline=None)


@SETTINGS
@given(raw=FIELDS, texts=st.lists(TEXTS, min_size=1, max_size=8))
def test_what_the_plain_reader_is_certain_of_is_right(only_exact, raw, texts):
    read = type_of(Field(raw)).make_plain(Field(raw))
    assume(read)
    exact = only_exact(raw, ["NA"])
    for text in filter(None, texts):
        value = read(text)
        if value is not UNCERTAIN and text != "NA":
            assert exact(text) == (value, ""), text
            assert type(exact(text)[0]) is type(value)


@SETTINGS
@given(raw=FIELDS, texts=st.lists(TEXTS, min_size=1, max_size=8))
def test_what_a_whole_column_is_accepted_for_is_right(only_exact, raw, texts):
    accept = make_acceptor(Field(raw))
    assume(accept)
    exact = only_exact(raw, ["NA"])
    array = pa.array([text or None for text in ["", *texts, ""]], pa.string()).slice(1, len(texts))
    doubtful = accept(Column(array))
    for place, text in enumerate(texts):
        if text and text != "NA" and (doubtful is None or not doubtful[place]):
            assert exact(text)[1] == "", text


@SETTINGS
@given(PATTERNS, st.lists(TEXTS, min_size=1))
def test_a_translated_pattern_matches_nothing_that_the_pattern_does_not(pattern, texts):
    expression = translate_pattern(pattern)
    assume(expression)
    found = pa.compute.match_substring_regex(pa.array(texts), expression).to_pylist()
    for text, is_match in zip(texts, found, strict=True):
        if is_match:
            assert re.fullmatch(pattern, text)


@pytest.mark.parametrize(
    "pattern", ["V[0-9]{8}", "(?:[A-Z]{2}-[0-9]{6}|X[0-9]{3})", "[a-z0-9-]+", "^a$", r"\d{4}"]
)
def test_common_patterns_are_translated_whole(pattern):
    expression = translate_pattern(pattern)
    texts = ["V12345678", "AB-123456", "X123", "a-9", "a", "2020"]
    expected = [bool(re.fullmatch(pattern, text)) for text in texts]
    assert pa.compute.match_substring_regex(pa.array(texts), expression).to_pylist() == expected
