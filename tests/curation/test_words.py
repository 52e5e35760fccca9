"""What the curation rules ask of a text, tried on made-up words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.curation.words import (
    cuts_word,
    expand_marker,
    find_connectives,
    find_cut,
    find_hedge_cues,
    find_markers,
    find_names,
    find_nearest,
    find_numbers,
    find_places,
    find_shared_run,
    has_words,
    index_runs,
    split_words,
    stands_in,
)

WORDS = st.lists(
    st.sampled_from(["pain", "of", "the", "may", "ketamine", "60", "years", "receptor", "Thorp"]), max_size=20
)
TEXT = st.text("ab1 .é", max_size=12)


def print_marker(numbers):
    """A marker as journals print it: runs of three and more as ranges, the rest separated by commas."""
    runs = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [[f"{run[0]}-{run[-1]}"] if len(run) > 2 else [str(number) for number in run] for run in runs]
    return ",".join(part for group in parts for part in group)


@given(st.sets(st.integers(1, 300), min_size=1, max_size=20))
def test_a_marker_expands_to_the_numbers_it_was_printed_from(numbers):
    assert expand_marker(print_marker(numbers)) == [str(number) for number in sorted(numbers)]


@given(
    st.sets(st.integers(1, 99), min_size=1, max_size=5),
    st.sampled_from(["pain{}", "pain{}.", "pain.{}", "a [{}] b"]),
)
def test_a_printed_marker_is_found_again(numbers, place):
    marker = print_marker(numbers)
    assert [found.strip("[]") for found in find_markers(f"Some {place.format(marker)}")] == [marker]


@pytest.mark.parametrize(
    ("text", "markers"),
    [
        ("receptor2-5, and acute pain1.", ["2-5", "1"]),
        ("There is evidence10 that it works in the short term9, or long-term6 and", ["10", "9", "6"]),
        ("nociceptive situations.2-7", ["2-7"]),
        ("put in place.8", ["8"]),
        ("for chronic primary pain [NG193].", ["[NG193]"]),
        ("as shown [2, 4], and others (pain)3", ["[2, 4]", "3"]),
        ("N-Methyl D-Aspartate in the 1960s for 12 weeks, about 60 years", []),
        ("a dose of 0.5 mg, COVID19, B12, CYP2D6, 5-HT3, Kv7 and H2", []),
        ("at p.5, in version 2.0 and (2021)", []),
    ],
)
def test_markers_are_told_from_other_numbers(text, markers):
    assert find_markers(text) == markers


@pytest.mark.parametrize(
    ("marker", "cited"),
    [
        ("2-5", ["2", "3", "4", "5"]),
        ("2–4,7", ["2", "3", "4", "7"]),
        ("[NG193]", ["NG193"]),
        ("NG193", ["NG193"]),
        ("5-2", ["5", "2"]),
        ("1-99999999", ["1", "99999999"]),
        ("the guideline", []),
        ("", []),
    ],
)
def test_a_marker_is_expanded(marker, cited):
    assert expand_marker(marker) == cited


@given(WORDS, WORDS, WORDS)
def test_a_run_is_shared_exactly_when_eight_words_in_a_row_are(before, shared, after):
    runs = index_runs({"a.txt": " ".join(shared)})
    found = find_shared_run(" ".join([*before, *shared, *after]), runs)
    assert bool(found) == (len(shared) >= 8) or any(
        tuple(split_words(" ".join([*before, *shared, *after]))[i : i + 8]) in runs
        for i in range(len(before) + len(shared) + len(after))
    )


@given(WORDS, st.integers(8, 20))
def test_the_whole_shared_run_is_shown(words, length):
    shared = [f"w{i}" for i in range(length)]
    text = ", ".join([*words, *(word.upper() for word in shared), *words])
    assert find_shared_run(text, index_runs({"a.txt": "Before: " + " ".join(shared)})) == (
        " ".join(shared),
        "a.txt",
    )


def test_seven_words_are_no_run():
    runs = index_runs({"a.txt": "one two three four five six seven eight"})
    assert find_shared_run("one two three four five six seven and eight", runs) is None
    assert find_shared_run("Zero One-two three; four five six seven EIGHT nine", runs)


@given(TEXT, TEXT.filter(bool), TEXT)
def test_words_are_found_where_they_were_put(before, words, after):
    text = before + words + after
    assert (words in text) == bool(list(find_places(words, text)))
    assert all(text[start:end] == words for start, end in find_places(words, text))


@given(TEXT, st.integers(0, 50))
def test_a_place_beside_white_space_cuts_no_word(text, place):
    if place == 0 or place >= len(text) or text[place - 1].isspace() or text[place].isspace():
        assert not cuts_word(text, place)


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("The score was 7", ".4 there", "7.4"),
        ("The score was 7.", "4 there", "7.4"),
        ("It took 1", ",000 doses", "1,000"),
        ("Give 0.5", "–1 mg", "0.5–1"),
        ("Give 5", "mg twice", "5mg"),
        ("It is", "n’t known", "isn’t"),
        ("Vitamin B", "12 helps", "B12"),
        ("Given i", ".v. twice", "i.v"),
        ("Write to a.b", "@c.org now", "a.b@c.org"),
        ("See https://pain", ".example/a now", "https://pain.example/a"),
        ("See pain", ".org now", "pain.org"),
        ("See 10.1000/x", ".y now", "10.1000/x.y"),
        ("painful", "ly", "painfully"),
        ("It reduces pain", "2-5 here", ""),
        ("It reduces pain", ". Then", ""),
        ("people", "’s words", ""),
        ("low", "-dose", ""),
    ],
)
def test_words_and_numbers_are_whole(before, after, whole):
    assert find_cut(before + after, len(before)) == whole


def test_words_are_told_from_parts_of_words():
    assert not has_words("can", "a significant role")
    assert has_words("can", "a significant role that can")
    assert has_words("acute pain", "severe, acute pain1.")
    assert stands_in("88", "2020; 88(1)")
    assert not stands_in("8", "2020; 88(1)")
    assert stands_in("Thorp", "A., Thorp,S.")
    assert not stands_in("", "anything")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("non-neuropathic pain", []),
        ("Non neuropathic pain", []),
        ("nonneuropathic pain", []),
        ("patients without any neuropathic pain", []),
        ("no signs of neuropathic pain", []),
        ("they were neuropathic pain-free", []),
        ("pseudo-neuropathic pain", []),
        ("not only neuropathic pain", ["neuropathic pain"]),
        ("acute–neuropathic pain", ["neuropathic pain"]),
        ("neuropathic pain-induced", ["neuropathic pain"]),
        ("no. Neuropathic pain is", ["neuropathic pain"]),
        ("a known neuropathic pain", ["neuropathic pain"]),
    ],
)
def test_denied_names_and_names_in_other_names_are_no_names(text, found):
    assert [name for _, _, name in find_names(text, ["neuropathic pain"])] == found


def test_the_longest_name_wins():
    names = ["pain", "chronic pain", "chronic", "ketamine"]
    found = find_names("Chronic pain1, pain and chronically painful", names)
    assert [(start, name) for start, _, name in found] == [(0, "chronic pain"), (15, "pain")]


@given(WORDS, st.sets(st.sampled_from(["pain", "the pain", "ketamine receptor", "60 years", "may"])))
def test_no_name_is_found_inside_another(words, names):
    text = " ".join(words)
    found = find_names(text, names)
    assert all(text[start:end].lower() == name for start, end, name in found)
    assert not any(
        one != other and other[0] <= one[0] and one[1] <= other[1] for one in found for other in found
    )


@given(WORDS)
def test_the_nearest_words_are_words_of_the_text(words):
    nearest = find_nearest("ketamine receptors", text := " ".join(words))
    assert nearest in text
    assert bool(nearest) >= ("ketamine receptor" in text)


def test_numbers_and_cues_are_found_once_each():
    assert find_numbers("2-5 and 0.5, 2 in the 1960s") == ["2", "5", "0.5", "1960"]
    assert find_hedge_cues("It may, and May can, in significant cases") == ["may", "can"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("As the patch stings, it is rarely worn", ["as"]),
        ("The patch serves as a plaster, as well as a bandage, as such", []),
        ("It helps to treat itch, and is able to ease pain", []),
        ("It is worn to ease pain and again to treat itch", ["to"]),
        ("It leads to pain due to rashes", ["due to"]),
        ("Worn since 2001, and since it works", ["since"]),
        ("A trance-like, bandage-like plaster", []),
        ("In order to reduce pain", ["in order to"]),
        ("Not to cure but to ease pain", ["but", "to"]),
        ("To ease pain, it is worn", ["to"]),
        ("Even though it stings, though briefly", ["even though", "though"]),
        ("However, it is cheap, but rashes occur, such as hives", ["however", "but", "such as"]),
    ],
)
def test_connectives_are_told_from_the_same_words_otherwise(text, found):
    assert find_connectives(text) == found
