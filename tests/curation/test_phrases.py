"""Phrases and guesses: what is found in a text whatever its wording, and what rows of other documents make likely."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.curation.classifier import train
from scripts.curation.phrases import ATTRIBUTIVE, FREE, MODIFIED, PhraseIndex, fold_phrase, tokenise

NAMES = ["acute pain", "chronic pain", "pain", "NMDA receptor", "opioids", "pain clinic", "intravenous"]
INDEX = PhraseIndex(fold_phrase(name) for name in NAMES)


def find(text):
    return [text[one.start : one.end] for one in INDEX.find(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Acute pains and a pain-clinic", ["Acute pains", "pain-clinic"]),
        ("given intravenously3", ["intravenously"]),
        ("NMDA (a short form) receptors", ["NMDA (a short form) receptors"]),
        ("acute and chronic pain", ["acute", "chronic pain"]),
        ("acute, dull or chronic pain", ["acute", "chronic pain"]),
        ("acute illness and chronic pain", ["chronic pain"]),
        ("acute. And chronic pain", ["chronic pain"]),
        ("non-chronic pain, and no pain", []),
        ("", []),
    ],
)
def test_names_are_found_whatever_their_form(text, found):
    assert find(text) == found


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("for pain.", FREE),
        ("pain scores", ATTRIBUTIVE),
        ("visceral pain", MODIFIED),
        ("the pain of it", FREE),
    ],
)
def test_a_single_word_may_modify_another_or_be_modified(text, context):
    assert [one.context for one in INDEX.find(text)] == [context]


@given(st.text(st.sampled_from("aep s’'n-(),.1é"), max_size=40))
def test_every_word_stands_where_it_is_said_to(text):
    tokens = tokenise(text)
    assert all(text[token.start : token.end].strip() for token in tokens)
    assert all(one.end <= other.start for one, other in zip(tokens, tokens[1:], strict=False))
    for one in PhraseIndex([("a",), ("e", "a")]).find(text):
        assert 0 <= one.start < one.end <= len(text)


LABELS = st.sampled_from(["red", "green", "blue"])
EXAMPLES = st.lists(st.tuples(st.sets(st.sampled_from("abcdef"), max_size=4), LABELS), max_size=12)


@given(EXAMPLES, st.sets(st.sampled_from("abcdefg")))
def test_probabilities_add_up_and_only_seen_labels_have_one(examples, features):
    classifier = train(examples)
    weights = classifier.weigh(features)
    assert {*weights} == {label for _, label in examples}
    assert not weights or sum(weights.values()) == pytest.approx(1)
    assert classifier.guess(features, least=1.01) == ""


def test_what_goes_with_a_label_makes_it_likelier():
    classifier = train([({"eases"}, "efficacy")] * 3 + [({"harms"}, "safety")] * 3)
    assert classifier.guess({"harms"}, least=0.6) == "safety"
    assert classifier.guess({"unknown"}, least=0.6) == ""
