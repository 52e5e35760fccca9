"""Words: text functions of the curation rules, which know no tables."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache, lru_cache

RUN_LENGTH = 8
LONGEST_RANGE = 500
WORD = re.compile(r"[^\W_]+")
NEGATED = re.compile(r"[^\W\d_]+n['’]t\b")
NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")

# Words that may hedge or narrow. When one is in a quote, the claim has to say what it does there.
HEDGE_CUES = {
    *("may", "might", "can", "could", "appear", "appears", "appeared", "seem", "seems", "seemed"),
    *("suggest", "suggests", "arguably", "apparently", "possible", "possibly", "perhaps", "probably"),
    *("likely", "potential", "potentially", "sometimes", "generally", "usually", "often"),
}
# Words that narrow. When one is in a quote and in the statement, the claim has to record it.
NARROWING_CUES = {
    *("some", "few", "several", "certain", "various", "many", "limited", "rarely", "widely", "commonly"),
    *("principally", "primarily", "largely", "partly", "increasingly", "prolonged", "short"),
    *("key", "main", "important", "significant", "potent", "precise", "comprehensive", "relevant", "best"),
    *("thoroughly", "carefully", "close", "closely", "initial", "initially", "recent", "recently", "since"),
    *("new", "just", "directly"),
}
# Words for how much evidence there is. In a claim about evidence they are what is said.
AMOUNT_CUES = {"few", "scarce", "sparse", "little", "extensive", "abundant"}
# Verbs by which a statement says which way an outcome goes.
_TURNS = (
    *("reduce", "decrease", "lessen", "interrupt", "prevent", "reverse", "relieve", "alleviate", "ease"),
    *("improve", "worsen", "enhance", "prolong(?!ed)"),
)
TURN = re.compile(
    rf"\b(?:{'|'.join(stem.removesuffix('e') for stem in _TURNS)})(?:e|es|ed|s|ing)?\b", re.IGNORECASE
)
# Words for those who are treated.
PATIENTS = {"patient", "patients"}
# Words that tie what two claims say, by what the second one is to the first. `As` counts where it opens
# a clause, and `to` before a verb of aiming that no word before it asks for.
CONNECTIVES = {
    "cause": ("because", "due to", "thanks to", "since", "as", "thus", "therefore", "hence"),
    "purpose": ("so that", "in order to", "so as to", "to"),
    "concession": (
        *("although", "though", "even though", "even if", "while", "whereas"),
        *("despite", "in spite of", "but", "however"),
    ),
    "example": ("such as", "for example", "for instance", "including", "like"),
}
# Those that tie a whole sentence to the one before when they open it.
OPENING_CONNECTIVES = {"thus", "therefore", "hence", "however", "for example", "for instance"}
AIMS = (
    *("reduce", "decrease", "lessen", "ease", "relieve", "control", "treat", "manage", "prevent", "avoid"),
    *("improve", "increase", "enhance", "ensure", "protect", "monitor", "determine", "assess", "confirm"),
)
ASKING_FOR_A_VERB = {
    *("ability", "able", "aim", "aims", "applied", "considered", "demonstrated", "difficult", "expected"),
    *("help", "helps", "intends", "likely", "need", "needs", "ought", "seem", "seems", "shown", "used"),
}
# Words that negate a predicate, or may.
NEGATIONS = {"not", "no", "never", "without", "neither", "nor", "cannot", "none", "lack", "lacks", "unlike"}
# A list within a sentence: items set apart by commas, the last by a word; and what stands between two items.
LIST = re.compile(r"(?:[^,;:.()]+, )*[^,;:.()]+?,? (?:and|or) [^,;:.()]+")
BETWEEN_ITEMS = re.compile(r",\s*(?:and\s+|or\s+)?|\s+(?:and|or)\s+")
# Words with which a mention points back instead of naming.
POINTING_WORDS = {"this", "these", "that", "those", "it", "its", "they", "them", "their", "such"}

_NUMBERS = r"[0-9]+(?:\s?[-–,]\s?[0-9]+)*"
# A former superscript is attached to a word or its stop; NG193, 1960s and B12 are not citation markers.
_GLUED = rf"(?<=[^\W\d_][^\W\d_][a-z]|[a-z]{{2}}[.,;:!?)])({_NUMBERS})(?![^\W_])"
_BRACKETED = rf"(\[(?:{_NUMBERS}|[A-Z]+[0-9]+)\])"
MARKER = re.compile(f"{_GLUED}|{_BRACKETED}")
TAG = re.compile(r"[A-Z]+[0-9]+")

# What a quote never cuts: addresses, numbers with their fractions and ranges, abbreviations, and words.
UNBROKEN = re.compile(
    r"(?:https?://|www\.)\S*[\w/]"
    r"|10\.\d{4,}/\S*\w"
    r"|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*"
    r"|(?<![\w.-])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|edu|eu|gov|info|int|net|org|uk)\b"
    r"|\d+(?:[.,:–-]\d+)+[^\W\d_]*"
    r"|(?<![^\W_])(?:[^\W\d_]\.)+[^\W\d_](?![^\W_])"
    r"|[^\W\d_]+n['’]t\b"
    r"|[^\W_]+"
)

_LISTED = {word for words in CONNECTIVES.values() for word in words}
# Longer ones first, so that `even though` is not read as `though`.
_PLAIN = sorted(_LISTED - {"as", "to", "since"}, key=len, reverse=True)
CONNECTIVE = re.compile(
    rf"(?<![\w-])(?P<to>to)(?= (?:{'|'.join(AIMS)})\b)"
    rf"|(?<![\w-])(?P<plain>{'|'.join(_PLAIN)}|since(?! \d))(?![\w-])"
    r"|(?:^|(?<=[,;] ))(?P<as>as)(?= (?!well\b|such\b))",
    re.IGNORECASE,
)


def split_words(text: str) -> list[str]:
    """The runs of letters and digits in a text, in lower case.

    >>> split_words("Low-dose ketamine")
    ['low', 'dose', 'ketamine']
    """
    return [word.lower() for word in WORD.findall(text)]


def normalise_spaces(text: str) -> str:
    """The text with each run of white space replaced by one space.

    >>> normalise_spaces("low \\n dose")
    'low dose'
    """
    return " ".join(text.split())


def fold_name(name: str) -> str:
    """A name without inversion, endings of the plural, and what British and American spelling differ in.

    >>> fold_name("Pain, Postoperative") == fold_name("postoperative pains")
    True
    >>> fold_name("randomised anaesthesia") == fold_name("Randomized Anesthesia")
    True
    """
    tail, comma, head = name.lower().partition(", ")
    straight = f"{head} {tail}" if comma and ", " not in head else name.lower()
    spelt = re.sub(r"is(?=(?:e[ds]?|ing|ation)\b)", "iz", straight.replace("ae", "e"))
    return " ".join(re.sub(r"(?<!s)s$", "", word) for word in split_words(spelt))


def find_numbers(text: str) -> list[str]:
    """The distinct numbers that a text gives in digits, in order.

    >>> find_numbers("0.5 mg over 40 minutes, then 0.5 mg")
    ['0.5', '40']
    """
    return list(dict.fromkeys(NUMBER.findall(text)))


def find_hedge_cues(text: str) -> list[str]:
    """The distinct words of a text that may hedge or narrow, in order.

    >>> find_hedge_cues("Ketamine may help and may harm")
    ['may']
    """
    return [word for word in dict.fromkeys(split_words(text)) if word in HEDGE_CUES]


def find_connectives(text: str) -> list[str]:
    """The distinct connectives of a text that are listed, in order and in lower case.

    >>> find_connectives("Even though it stings, the patch is worn to ease pain, as it helps to treat itch")
    ['even though', 'to', 'as']
    """
    found = [
        (match["to"] or match["plain"] or match["as"]).lower()
        for match in CONNECTIVE.finditer(text)
        if not (match["to"] and ASKING_FOR_A_VERB.intersection(split_words(text[: match.start()])[-1:]))
    ]
    return list(dict.fromkeys(found))


def find_turns(text: str) -> list[str]:
    """The verbs of a text that say which way an outcome goes, in order and in lower case.

    >>> find_turns("The patch eases itch and prevents blisters")
    ['eases', 'prevents']
    """
    return [match[0].lower() for match in TURN.finditer(text)]


def find_negations(text: str) -> list[str]:
    """The distinct words of a text that may negate, in order, including forms such as `didn't`.

    >>> find_negations("It did not help, and didn't harm")
    ['not', "didn't"]
    """
    words = list(dict.fromkeys(split_words(text)))
    short = [match[0].lower() for match in NEGATED.finditer(text)]
    return [word for word in words if word in NEGATIONS] + list(dict.fromkeys(short))


def split_list(text: str) -> list[str]:
    """The items of a list in some words; empty when there is none.

    >>> split_list("Ketamine can cause hallucinations and dizziness")
    ['hallucinations', 'dizziness']
    >>> split_list("Ketamine relieves pain")
    []
    """
    found = LIST.search(text)
    items = [item.strip() for item in BETWEEN_ITEMS.split(found[0]) if item.strip()] if found else []
    if len(items) < 2:
        return []
    # What leads to the list stands before its first item, which is about as long as the second.
    return [" ".join(items[0].split()[-len(items[1].split()) :]), *items[1:]]


def index_runs(documents: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """Every run of eight words in the documents, with the name of the first document that contains it.

    >>> len(index_runs({"a.txt": "one two three four five six seven eight nine"}))
    2
    """
    runs: dict[tuple[str, ...], str] = {}
    for name, text in documents.items():
        for run in _runs(split_words(text)):
            runs.setdefault(run, name)
    return runs


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[i : i + RUN_LENGTH]) for i in range(len(words) - RUN_LENGTH + 1))


def find_shared_run(text: str, runs: Mapping[tuple[str, ...], str]) -> tuple[str, str] | None:
    """The first run of eight or more words that is shared with a document, and that document's name.

    >>> runs = index_runs({"a.txt": "one two three four five six seven eight nine"})
    >>> find_shared_run("say one two three four five six seven eight again", runs)
    ('one two three four five six seven eight', 'a.txt')
    """
    words = split_words(text)
    shared = [run in runs for run in _runs(words)]
    if True not in shared:
        return None
    first = shared.index(True)
    after = next((i for i in range(first, len(shared)) if not shared[i]), len(shared))
    return " ".join(words[first : after + RUN_LENGTH - 1]), runs[tuple(words[first : first + RUN_LENGTH])]


# What makes a name another one, or says that what it names is absent: `non-neuropathic pain`, `no pain`,
# `pain-free`. Compounds such as `at-home` name something else too.
_ALTERED = re.compile(
    r"(?:[^\W_][-‐‑]|\b(?:non|no|without|absence of|lack of|free of|free from)"
    r"(?:\s+(?:any|known|signs? of|evidence of|history of))?\s+)$",
    re.IGNORECASE,
)
_DENIED = re.compile(r"[-‐‑](?:free|less|naive|naïve|sparing)\b", re.IGNORECASE)
# As many characters as what alters a name may take.
_LONGEST_ALTERATION = 40


@cache
def _as_words(words: str) -> re.Pattern[str]:
    # A digit may follow, because a citation marker may be attached to the word.
    return re.compile(rf"(?<![^\W_]){re.escape(words)}(?![^\W\d_])", re.IGNORECASE)


def find_names(text: str, names: Iterable[str]) -> list[tuple[int, int, str]]:
    """The spans of names (in lower case) as whole words in a text.

    Names inside longer ones are skipped, and so are names that a prefix, a suffix or a word before denies.

    >>> find_names("Chronic pain, not pain alone", ["pain", "chronic pain"])
    [(0, 12, 'chronic pain'), (18, 22, 'pain')]
    >>> find_names("non-neuropathic pain and no pain", ["neuropathic pain"])
    []
    """
    lowered = text.lower()
    found = [
        (match.start(), match.end(), name)
        for name in names
        if name in lowered
        for match in _as_words(name).finditer(text)
    ]
    return sorted(
        span
        for span in found
        if not (is_altered(text, *span[:2]) or any(_holds(other, span) for other in found))
    )


def is_altered(text: str, start: int, end: int) -> bool:
    """Whether a prefix, a suffix or a word before denies a name or makes it another one.

    >>> is_altered("non-neuropathic pain", 4, 20), is_altered("neuropathic pain", 0, 16)
    (True, False)
    """
    before = text[max(start - _LONGEST_ALTERATION, 0) : start]
    return bool(_ALTERED.search(before) or _DENIED.match(text, end))


def _holds(outer: tuple[int, int, str], inner: tuple[int, int, str]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1] and outer[1] - outer[0] > inner[1] - inner[0]


def find_places(words: str, text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each non-overlapping occurrence of the words in a text.

    >>> list(find_places("pain", "pain and pain"))
    [(0, 4), (9, 13)]
    """
    start = text.find(words)
    while start >= 0 and words:
        yield start, start + len(words)
        start = text.find(words, start + len(words))


def stands_in(value: str, text: str) -> bool:
    """Whether a value occurs in a text, not as part of a longer word or number; spaces are normalised.

    >>> stands_in("12", "12 of 30"), stands_in("12", "120 of 300")
    (True, False)
    """
    places = find_places(normalise_spaces(value), text)
    return any(
        not (text[max(start - 1, 0) : start].isalnum() or text[end : end + 1].isalnum())
        for start, end in places
    )


@lru_cache(maxsize=4096)
def _find_unbroken(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in UNBROKEN.finditer(text)]


def find_cut(text: str, place: int) -> str:
    """The word, number, abbreviation or address that a position of a text is inside, or the empty string.

    An attached citation marker is not part of a word.

    >>> find_cut("The score was 7.4 there", 15), find_cut("pain1", 4), find_cut("given i.v. twice", 8)
    ('7.4', '', 'i.v')
    """
    spans = _find_unbroken(text)
    start, end = spans[max(bisect_left(spans, (place, 0)) - 1, 0)] if spans else (0, 0)
    is_inside = start < place < end and not (text[place - 1].isalpha() and MARKER.match(text, place))
    return text[start:end] if is_inside else ""


def cuts_word(text: str, place: int) -> bool:
    """Whether a position is inside a word, a number, an abbreviation or an address.

    >>> cuts_word("pain1", 4), cuts_word("pain1", 2)
    (False, True)
    """
    return bool(find_cut(text, place))


def has_words(words: str, text: str) -> bool:
    """Whether words occur in a text without cutting a longer word, as `can` would in `significant`.

    >>> has_words("can", "significant"), has_words("can", "it can help")
    (False, True)
    """
    places = find_places(words, text)
    return not words or any(not (cuts_word(text, start) or cuts_word(text, end)) for start, end in places)


def find_nearest(words: str, text: str) -> str:
    """The span of a text that is most similar to the words, or the empty string.

    >>> find_nearest("reduce pains", "It may reduce pain in adults")
    'reduce pain'
    """
    spans = [match.span() for match in WORD.finditer(text)]
    length = len(split_words(words))
    stretches = [
        text[spans[first][0] : spans[first + size - 1][1]]
        for size in range(max(1, length - 2), length + 3)
        for first in range(len(spans) - size + 1)
    ]
    return next(iter(get_close_matches(words, stretches, 1, 0.6)), "")


def find_markers(text: str) -> list[str]:
    """The citation markers in a text as printed: attached to words (`pain1`), or in brackets.

    >>> find_markers("It reduces pain1,2 and is advised [NG193].")
    ['1,2', '[NG193]']
    """
    return [match.group(1) or match.group(2) for match in MARKER.finditer(text)]


def expand_marker(marker: str) -> list[str]:
    """The numbers or the tag that a citation marker stands for.

    >>> expand_marker("2-5"), expand_marker("[NG193]")
    (['2', '3', '4', '5'], ['NG193'])
    """
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
