"""Words: what the curation rules ask of a text, without knowing any table."""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache

RUN_LENGTH = 8
LONGEST_RANGE = 500
WORD = re.compile(r"[^\W_]+")
NEGATED = re.compile(r"[^\W\d_]+n['’]t\b")
NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")

# Words that doubt or narrow; where one stands in a quote, the claim has to say what it does there.
HEDGE_CUES = {
    *("may", "might", "can", "could", "appear", "appears", "appeared", "seem", "seems", "seemed"),
    *("suggest", "suggests", "arguably", "apparently", "possible", "possibly", "perhaps", "probably"),
    *("likely", "potential", "potentially", "sometimes", "generally", "usually", "often"),
}
# Words that turn a predicate into its opposite, or may.
NEGATIONS = {"not", "no", "never", "without", "neither", "nor", "cannot", "none", "lack", "lacks", "unlike"}
# Words with which a mention points back instead of naming.
POINTING_WORDS = {"this", "these", "that", "those", "it", "its", "they", "them", "their", "such"}

_NUMBERS = r"[0-9]+(?:\s?[-–,]\s?[0-9]+)*"
# A superscript that lost its height is glued to a word or to its stop; NG193, 1960s and B12 are none.
_GLUED = rf"(?<=[^\W\d_][^\W\d_][a-z]|[a-z]{{2}}[.,;:!?)])({_NUMBERS})(?![^\W_])"
_BRACKETED = rf"(\[(?:{_NUMBERS}|[A-Z]+[0-9]+)\])"
MARKER = re.compile(f"{_GLUED}|{_BRACKETED}")
TAG = re.compile(r"[A-Z]+[0-9]+")


def split_words(text: str) -> list[str]:
    """The runs of letters and digits of a text, in lower case."""
    return [word.lower() for word in WORD.findall(text)]


def normalise_spaces(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())


def find_numbers(text: str) -> list[str]:
    """The numbers that a text gives in digits, each once, in order."""
    return list(dict.fromkeys(NUMBER.findall(text)))


def find_hedge_cues(text: str) -> list[str]:
    """The words of a text that may doubt or narrow, each once, in order."""
    return [word for word in dict.fromkeys(split_words(text)) if word in HEDGE_CUES]


def find_negations(text: str) -> list[str]:
    """The words of a text that may negate, each once, in order, `didn't` among them."""
    words = list(dict.fromkeys(split_words(text)))
    short = [match[0].lower() for match in NEGATED.finditer(text)]
    return [word for word in words if word in NEGATIONS] + list(dict.fromkeys(short))


def index_runs(documents: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """Every run of eight words of the documents, with the name of the first document that has it."""
    runs: dict[tuple[str, ...], str] = {}
    for name, text in documents.items():
        for run in _runs(split_words(text)):
            runs.setdefault(run, name)
    return runs


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[i : i + RUN_LENGTH]) for i in range(len(words) - RUN_LENGTH + 1))


def find_shared_run(text: str, runs: Mapping[tuple[str, ...], str]) -> tuple[str, str] | None:
    """The first stretch of eight or more words shared with a document, and that document's name."""
    words = split_words(text)
    shared = [run in runs for run in _runs(words)]
    if True not in shared:
        return None
    first = shared.index(True)
    after = next((i for i in range(first, len(shared)) if not shared[i]), len(shared))
    return " ".join(words[first : after + RUN_LENGTH - 1]), runs[tuple(words[first : first + RUN_LENGTH])]


@cache
def _as_words(words: str) -> re.Pattern[str]:
    # A digit may follow, for a citation marker may be glued to the word.
    return re.compile(rf"(?<![^\W_]){re.escape(words)}(?![^\W\d_])", re.IGNORECASE)


def find_names(text: str, names: Iterable[str]) -> list[tuple[int, int, str]]:
    """Where names (in lower case) stand as words in a text; a name inside a longer one is not found there."""
    lowered = text.lower()
    found = [
        (match.start(), match.end(), name)
        for name in names
        if name in lowered
        for match in _as_words(name).finditer(text)
    ]
    return sorted(span for span in found if not any(_holds(other, span) for other in found))


def _holds(outer: tuple[int, int, str], inner: tuple[int, int, str]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1] and outer[1] - outer[0] > inner[1] - inner[0]


def find_places(words: str, text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every occurrence of the words in a text, none overlapping another."""
    start = text.find(words)
    while start >= 0 and words:
        yield start, start + len(words)
        start = text.find(words, start + len(words))


def stands_in(value: str, text: str) -> bool:
    """Whether a value stands in a text, not as part of a longer word or number; spaces count as one."""
    places = find_places(normalise_spaces(value), text)
    return any(
        not (text[max(start - 1, 0) : start].isalnum() or text[end : end + 1].isalnum())
        for start, end in places
    )


def cuts_word(text: str, place: int) -> bool:
    """Whether a place is between two letters or two digits; a marker glued to a word is no part of it."""
    before, after = text[max(place - 1, 0) : place], text[place : place + 1]
    return (before.isalpha() and after.isalpha()) or (before.isdigit() and after.isdigit())


def has_words(words: str, text: str) -> bool:
    """Whether words stand in a text without cutting another word in two, as `can` does in `significant`."""
    places = find_places(words, text)
    return not words or any(not (cuts_word(text, start) or cuts_word(text, end)) for start, end in places)


def find_nearest(words: str, text: str) -> str:
    """The stretch of a text that is most like the words, or nothing when none is like them."""
    spans = [match.span() for match in WORD.finditer(text)]
    length = len(split_words(words))
    stretches = [
        text[spans[first][0] : spans[first + size - 1][1]]
        for size in range(max(1, length - 2), length + 3)
        for first in range(len(spans) - size + 1)
    ]
    return next(iter(get_close_matches(words, stretches, 1, 0.6)), "")


def find_markers(text: str) -> list[str]:
    """The citation markers of a text as printed, in order: glued to words (`pain1`), or in brackets."""
    return [match.group(1) or match.group(2) for match in MARKER.finditer(text)]


def expand_marker(marker: str) -> list[str]:
    """The numbers or the tag that a citation marker stands for; `2-5` is four, `[NG193]` is NG193."""
    bare = marker.strip("[]")
    if TAG.fullmatch(bare):
        return [bare]
    if not re.fullmatch(_NUMBERS, bare):
        return []
    return [number for part in bare.split(",") for number in _expand_range(part)]


def _expand_range(part: str) -> list[str]:
    ends = [int(end) for end in re.split("[-–]", part)]
    if len(ends) == 2 and 0 < ends[1] - ends[0] < LONGEST_RANGE:
        return [str(number) for number in range(ends[0], ends[1] + 1)]
    return [str(end) for end in ends]
