"""Patterns: whatever engine is asked, the answer is that of `re`, and it comes in time, in every thread."""

import ast
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import jsonschema
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from packpress.tables import json_schema, patterns
from packpress.tables.json_schema import describe_fault, find_faults, make_validator
from packpress.tables.patterns import has_limit, longest_quick, make_matcher, translate_for_regex

import packpress
from invented.copies import FLEET
from invented.packages import field, table, write_package
from packpress import CannotRunError, read_package, validate

regex = pytest.importorskip("regex")

# A busy machine is no fault of the code.
settings.register_profile("patterns", deadline=None)
settings.load_profile("patterns")

# What either engine has its own idea of: cases, tables of Unicode, ends of lines, words, sets, braces.
ATOMS = r"a b k K é ſ ß İ ı σ ς µ μ ǆ ǅ ٣ 1 \n . \w \W \d \D \s \S ^ $ \A \Z \b \B [ab] [^a] [^\W_] [a-k]"
ATOMS += r" [é-ü] [k-ſ] [\w.] [^\d\s] [[a] [[:alpha:]] [+--a] [a&&b] [a||b] \{ (?:a){e<=1} \] \ud800 [\ud800-\udfff]"
# What `re` alone has to match: a few letters, and none.
PLAIN = ["a", "b", "ab", "a?", "b*?", "(?:)", ".*"]
REPEATS = ["*", "+", "?", "{2}", "{1,2}", "{0,3}", "*?", "+?", "??", "{1,2}?", "*+", "++", "?+", "{1,2}+"]
OPENINGS = ["(?:", "(", "(?=", "(?!", "(?>", "(?i:", "(?s:", "(?m:", "(?a:", "(?-i:"]
BEHIND = ["(?<=a)", "(?<!a)", r"(?<=\b)", r"(?<!\w\d)", "(?<=^a)", "(?<=é|k)", "(?i:(?<=kß))"]
REFERENCES = [r"\1", r"\2", "(?(1)a|b)", "(?(1)b)", "(?(2)|a)"]
FLAGS = ["", "", "(?i)", "(?m)", "(?s)", "(?a)", "(?im)", "(?ia)", "(?x)"]


def patterns_of(atoms):
    """Patterns that `re` knows, made of such parts."""
    parts = st.recursive(
        st.sampled_from(atoms),
        lambda inner: st.one_of(
            st.tuples(inner, inner).map("".join),
            st.tuples(inner, inner).map(lambda pair: f"(?:{'|'.join(pair)})"),
            st.tuples(inner, st.sampled_from(REPEATS)).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
            st.tuples(st.sampled_from(OPENINGS), inner).map(lambda pair: f"{''.join(pair)})"),
        ),
        max_leaves=8,
    )
    return st.tuples(st.sampled_from(FLAGS), parts).map("".join).filter(is_known)


def is_known(pattern):
    try:
        return bool(re.compile(pattern))
    except (re.error, OverflowError):
        return False


def search_by_re(pattern, text, is_whole):
    try:
        return (re.fullmatch if is_whole else re.search)(pattern, text) is not None
    except SystemError:  # a fault of `re` itself: "The span of capturing group is wrong"
        assume(False)


def check_same(pattern, texts):
    translated = translate_for_regex(pattern)
    assume(translated is not None)
    expression = regex.compile(translated, regex.VERSION0)
    for text in texts:
        assert (expression.fullmatch(text) is not None) == search_by_re(pattern, text, True), text
        assert (expression.search(text) is not None) == search_by_re(pattern, text, False), text


TEXTS = st.lists(
    st.text("abkKé\n ._1٣ſßİiıΣσςµμǆǅ{]E:\ud800", max_size=6) | st.text(max_size=4), min_size=3, max_size=8
)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::FutureWarning")
@given(patterns_of([*ATOMS.split(), *BEHIND]), TEXTS)
@settings(max_examples=300)
@example("[[:alpha:]]", [":", ":]", "a]", "é"])
@example("(?:ab){e<=1}", ["ab{e<=1}", "a", "ab"])
@example("[+--a]", ["-", "a", ",", "b"])
@example(r"(?i)straße|ﬁ", ["STRASSE", "fi", "STRAẞE"])
@example(r"\B", ["", "a", " "])
@example("a$", ["a\n", "a\r", "a\u2028"])
@example(r"(?m)^b$", ["a\nb\nc", "a\rb\rc", "a\u2028b"])
@example(r"[^\x00-\U0010ffff]?", ["", "a"])
def test_what_is_written_for_regex_means_what_re_means(pattern, texts):
    check_same(pattern, texts)


@pytest.mark.long
@given(patterns_of([*PLAIN, *REFERENCES]), st.lists(st.text("ab", max_size=7), min_size=4, max_size=9))
@settings(max_examples=300)
@example(r"(b*?)(?:a?|b*?)+?(?<!b)\1", ["baaaab"])
@example("((b*?)(?(1)a|a?))", ["ba", "bbb"])
@example(r"(?:(a)|b)*\1", ["aba", "ab"])
@example(r"(a)?b(?(1)c|d)", ["abc", "bd", "abd", "bc"])
@example(r"(a)(?:b|\1)+", ["aab", "aba"])
def test_references_mean_the_same_or_are_not_translated(pattern, texts):
    check_same(pattern, texts)


def test_common_ways_to_write_patterns_are_translated():
    for pattern in [
        r"(['\"]).*\1",
        r"(?=.*\d)\w{8,}",
        r"(?i:[a-zß]+)",
        r"(\w+\s?)*",
        r"(a)?b(?(1)c|d)",
        "x*+",
        "(?>a|b)",
    ]:
        assert translate_for_regex(pattern), pattern


@pytest.mark.filterwarnings("ignore::FutureWarning")
@given(patterns_of([*ATOMS.split(), *BEHIND]), TEXTS, st.booleans())
def test_a_matcher_answers_what_re_answers(pattern, texts, is_whole):
    assume(has_limit(pattern))
    match = make_matcher(pattern, is_whole)
    for text in (*texts, "a" * 40, "ab " * 9):
        try:
            found = match(text)
        except CannotRunError:
            assume(False)
        except SystemError:
            assume(False)
        if len(text) < 20:
            assert found == search_by_re(pattern, text, is_whole), text


@pytest.mark.parametrize(
    ("pattern", "length"),
    [
        ("abc", 131071),
        (r"\d{4}-\d{2}", 131071),
        (r"(?:[0-9]{1,3}\.){3}", 8191),
        ("[a-z]+", 1023),
        (".*a.*b.*", 31),
        ("(a|ab)*", 15),
        (r"(?:\b|a)+", -1),
    ],
)
def test_few_ways_are_left_to_re(pattern, length):
    assert longest_quick(pattern, is_whole=True) == length


EXPLODING = [
    "(a+)+$",
    "(?:a|aa)+é?$",
    r"(?=(a+))(a+)+[b]",
    "(a+?)+?[b]",
    r"(\w+\s?)*[!]",
    "(?:.*a){20}",
    r"(?i)(k|a+)+[x]",
    "((a+)(b+)?)+[cd]",
    r"^(([a-z])+.)+[A-Z]([a-z])+$",
    "(?:(?:a{0,60}){0,60}){0,60}[x]",
    "a*a*a*a*a*a*a*[b]",
]


@pytest.mark.parametrize("pattern", EXPLODING)
@pytest.mark.parametrize("is_whole", [True, False])
def test_nothing_explodes(pattern, is_whole, monkeypatch):
    monkeypatch.setattr(patterns, "SECONDS", 0.1)
    for text in ("a" * 40 + "é", "a" * 3000 + "é"):
        began = time.thread_time()
        try:
            make_matcher(pattern, is_whole)(text)
        except CannotRunError as error:
            assert str(error).startswith(f"the pattern {pattern} takes too long;")
        assert time.thread_time() - began < 2


def test_a_pattern_that_explodes_ends_in_every_thread(tmp_path, monkeypatch):
    monkeypatch.setattr(patterns, "SECONDS", 0.2)
    text = f"a\n{'a' * 40}é\n"
    path = write_package(tmp_path, table("t", text, [field("a", constraints={"pattern": "(?:a|aa)+$"})]))
    found = []

    def validate_here():
        try:
            validate(read_package(path))
        except CannotRunError as error:
            found.append(str(error))

    thread = threading.Thread(target=validate_here)
    thread.start()
    thread.join(30)
    assert found == ["the pattern (?:a|aa)+$ takes too long; write it without nested repetitions"]


def test_a_pattern_without_a_limit_is_a_problem_of_the_descriptor(tmp_path):
    pattern = r"(?:(a)|b)*\1"
    path = write_package(tmp_path, table("t", "a\nx\n", [field("a", constraints={"pattern": pattern})]))
    (problem,) = validate(read_package(path)).problems
    assert str(problem).startswith(
        f"datapackage.json: field a of t has the pattern {pattern}, for which no time limit can be enforced"
    )


def test_nothing_waits_for_signals():
    for path in Path(packpress.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            )
            assert "signal" not in [*names, getattr(node, "module", "")], path


def test_regex_is_imported_only_when_a_pattern_needs_it():
    code = (
        f"import sys, runpy\nsys.argv = ['packpress', 'validate', {str(FLEET)!r}]\n"
        "try: runpy.run_module('packpress', run_name='__main__')\nexcept SystemExit: pass\n"
        "print('regex' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


# ---- JSON Schemas

DRAFTS = ["draft-03", "draft-04", "draft-06", "draft-07"]
URIS = [f"http://json-schema.org/{draft}/schema#" for draft in DRAFTS]
URIS += [f"https://json-schema.org/draft/{draft}/schema" for draft in ("2019-09", "2020-12")]
SCHEMAS = [
    {"pattern": "^a|b$"},
    {"patternProperties": {"^a": {"type": "string"}, "b": {"type": "integer"}}},
    {
        "properties": {"c": {}},
        "patternProperties": {"^a": {}, "(?i)b": {}},
        "additionalProperties": {"type": "null"},
    },
    {"properties": {"c": {}}, "patternProperties": {"^a": {}}, "additionalProperties": False},
    {"additionalProperties": False},
    {"patternProperties": {"^a": {}}, "unevaluatedProperties": False},
    {"propertyNames": {"pattern": "^[ab]+$"}},
    {"items": {"pattern": "a", "minLength": 2}},
    {"uniqueItems": True},
    {"uniqueItems": False},
]
VALUES = st.recursive(
    st.none() | st.integers(0, 2) | st.text("abcé\n", max_size=3),
    lambda inner: (
        st.lists(inner | st.booleans() | st.sampled_from([0.0, 1.0, 0.5]), max_size=3)
        | st.dictionaries(st.text("abcB\n", max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.sampled_from(SCHEMAS), st.sampled_from(URIS), VALUES)
@example(
    SCHEMAS[-2], URIS[-1], [1, True, "1", [1], [True], {"a": 1}, {"a": True}, {}, [], "", None, 0, False]
)
@example(SCHEMAS[-2], URIS[-1], [{"a": 1, "b": [2]}, {"b": [2.0], "a": 1.0}])
@example(SCHEMAS[-2], URIS[-1], [[0], [0.0]])
def test_what_fits_a_schema_fits_it_within_the_limit(schema, uri, value):
    schema = {"$schema": uri, **schema}
    plain = jsonschema.validators.validator_for(schema)(schema)
    assume(
        "(?i)" not in str(schema)
        or len(schema["patternProperties"]) == 1
        or "additionalProperties" not in schema
    )
    expected = {(tuple(error.absolute_path), error.validator) for error in plain.iter_errors(value)}
    found = find_faults(make_validator(schema), value)
    assert {(tuple(error.absolute_path), error.validator) for error in found} == expected


TEXT = "a" * 40 + "é"
SLOW = "(?:a|aa)+$"


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": SLOW}, TEXT),
        ({"patternProperties": {SLOW: {}}}, {TEXT: 1}),
        ({"patternProperties": {SLOW: {}}, "additionalProperties": False}, {TEXT: 1}),
        ({"propertyNames": {"pattern": SLOW}}, {TEXT: 1}),
        ({"$defs": {"p": {"patternProperties": {SLOW: {}}}}, "anyOf": [{"$ref": "#/$defs/p"}]}, {TEXT: 1}),
        ({"items": {"$schema": URIS[3], "pattern": SLOW}}, [TEXT]),
        ({"$defs": {"p": {"$schema": URIS[3], "pattern": SLOW}}, "$ref": "#/$defs/p"}, TEXT),
    ],
)
def test_a_pattern_in_a_schema_is_held_to_the_limit(schema, value, monkeypatch):
    monkeypatch.setattr(patterns, "SECONDS", 0.1)
    with pytest.raises(CannotRunError, match="takes too long"):
        describe_fault(make_validator(schema), value)


def test_unevaluated_properties_stand_beside_quick_patterns_alone():
    schema = {
        "$defs": {"p": {"patternProperties": {SLOW: {}}}},
        "$ref": "#/$defs/p",
        "unevaluatedProperties": False,
    }
    assert describe_fault(make_validator(schema), {"aa": 1}) == ""
    del schema["$defs"]["p"]["patternProperties"]
    assert describe_fault(make_validator(schema), {TEXT: 1}).startswith("Unevaluated properties")


def test_a_schema_whose_parts_multiply_ends_in_time(monkeypatch):
    monkeypatch.setattr(json_schema, "SECONDS", 0.2)
    parts = {f"p{number}": {"anyOf": [{"$ref": f"#/$defs/p{number + 1}"}] * 2} for number in range(40)}
    schema = {"$defs": {**parts, "p40": {"type": "integer"}}, "$ref": "#/$defs/p0"}
    with pytest.raises(CannotRunError, match="a jsonSchema takes too long"):
        describe_fault(make_validator(schema), "x")
