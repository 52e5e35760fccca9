"""Phrases: known wordings in a text, whatever their inflection, spelling, hyphens and brackets."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from scripts.curation.words import is_altered

Folded = tuple[str, ...]
# Words without an attached citation marker, and numbers; a possessive ending is left out.
TOKEN = re.compile(r"[^\W\d_]+(?:(?<=n)['’]t\b)?|\d+")
POSSESSIVE = re.compile(r"['’]s\b")
BRACKETED = re.compile(r"\([^()]{1,40}\)")
ABBREVIATION = re.compile(r"\(([A-Z][A-Za-z-]{1,9})\)")
FREE, ATTRIBUTIVE, MODIFIED = "", "attributive", "modified"
CONTEXTS = (FREE, ATTRIBUTIVE, MODIFIED)
MODIFIER = re.compile(r"(?:ic|al|ive|ous|ary|ent|ant)$")
FUNCTION_WORDS = frozenset(
    {
        *("a", "after", "also", "although", "an", "and", "are", "as", "at", "be", "been"),
        *("before", "but", "by", "can", "could", "do", "does", "during", "for", "from", "had"),
        *("has", "have", "if", "in", "is", "it", "its", "may", "might", "more", "most", "no"),
        *("not", "of", "on", "only", "or", "per", "should", "since", "so", "some", "such"),
        *("than", "that", "the", "their", "then", "these", "they", "this", "though", "to"),
        *("under", "until", "was", "were", "when", "where", "which", "while", "who", "will"),
        *("with", "within", "without", "would"),
    }
)
# Words that join the items of a list.
JOINING = {"and", "or"}
# As many words may stand between a shared noun and the first item that it belongs to.
LONGEST_LIST = 8
SPELLINGS = (
    (re.compile(r"(?<=[a-z])is(?=(?:e[ds]?|ing|ation)$)"), "iz"),
    (re.compile("ae|oe"), "e"),
    (re.compile("tre$"), "ter"),
    (re.compile("our$"), "or"),
)


@dataclass(frozen=True)
class Token:
    """A word of a text, where it stands, and its folded form."""

    start: int
    end: int
    fold: str


@dataclass(frozen=True, order=True)
class Occurrence:
    """A phrase in a text: the characters from its first to its last word, and whether a list shortens it.

    The context of a single word: it modifies the next one (`pain signals`), or is modified (`oral dose`).
    """

    start: int
    end: int
    phrase: Folded
    is_shortened: bool = False
    context: str = ""


@lru_cache(maxsize=65536)
def fold_word(word: str) -> str:
    """A word in lower case, in the singular, in one of its spellings, and without the ending of an adverb.

    >>> [fold_word(word) for word in ("Anaesthetics", "studies", "randomised", "Centres", "crisis", "orally")]
    ['anesthetic', 'study', 'randomized', 'center', 'crisis', 'oral']
    """
    word = word.lower()
    if word.endswith("ly") and len(word) > 5:
        word = word[:-2]
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        word = word[:-1]
    for pattern, spelling in SPELLINGS:
        word = pattern.sub(spelling, word)
    return word


def is_plural(words: str) -> bool:
    """Whether the last of some words has the ending of a plural.

    >>> is_plural("opioids"), is_plural("analgesia")
    (True, False)
    """
    last = words.split()[-1].lower() if words.split() else ""
    return last.endswith("s") and fold_word(last) != last


def tokenise(text: str) -> list[Token]:
    """The words of a text in order.

    >>> [token.fold for token in tokenise("Ketamine’s low-dose infusions2-5")]
    ['ketamine', 'low', 'dose', 'infusion', '2', '5']
    """
    left_out = {match.start() + 1 for match in POSSESSIVE.finditer(text)}
    return [
        Token(match.start(), match.end(), fold_word(match[0]))
        for match in TOKEN.finditer(text)
        if match.start() not in left_out
    ]


def fold_phrase(text: str) -> Folded:
    """The folded words of a phrase, without what stands in brackets and without inversion.

    >>> fold_phrase("Pain, Postoperative"), fold_phrase("N-methyl-D-aspartate (NMDA) receptors")
    (('postoperative', 'pain'), ('n', 'methyl', 'd', 'aspartate', 'receptor'))
    """
    head, comma, modifier = text.partition(", ")
    straight = f"{modifier} {head}" if comma and ", " not in modifier else text
    return tuple(token.fold for token in tokenise(BRACKETED.sub(" ", straight)))


class PhraseIndex:
    """Phrases by their first word, to be found in texts."""

    def __init__(self, phrases: Iterable[Folded]) -> None:
        self.by_first: dict[str, list[Folded]] = {}
        self.by_head: dict[str, list[Folded]] = {}
        for phrase in sorted({*phrases}, key=lambda phrase: (-len(phrase), phrase)):
            if phrase:
                self.by_first.setdefault(phrase[0], []).append(phrase)
                if len(phrase) > 1:
                    self.by_head.setdefault(phrase[-1], []).append(phrase)

    def find(self, text: str) -> list[Occurrence]:
        """The phrases in a text that stand in no longer one, in order; denied ones are left out.

        >>> index = PhraseIndex([("acute", "pain"), ("pain",), ("chronic", "pain")])
        >>> [text[one.start : one.end] for text in ["Acute or chronic pains"] for one in index.find(text)]
        ['Acute', 'chronic pains']
        """
        tokens = tokenise(text)
        found = {*self._whole(text, tokens), *self._shortened(text, tokens)}
        return sorted(
            one
            for one in found
            if not is_altered(text, one.start, one.end) and not any(_holds(other, one) for other in found)
        )

    def _whole(self, text: str, tokens: list[Token]) -> Iterator[Occurrence]:
        bracketed = [match.span() for match in BRACKETED.finditer(text)]
        for place, token in enumerate(tokens):
            for phrase in self.by_first.get(token.fold, ()):
                end = _match(phrase, tokens, place, bracketed)
                if end:
                    context = _find_context(text, tokens, place, end) if len(phrase) == 1 else FREE
                    yield Occurrence(token.start, tokens[end - 1].end, phrase, context=context)

    def _shortened(self, text: str, tokens: list[Token]) -> Iterator[Occurrence]:
        """Phrases whose last word stands only behind a later item of the list: `acute and chronic pain`."""
        for place, token in enumerate(tokens):
            for phrase in self.by_head.get(token.fold, ()):
                size = len(phrase) - 1
                for start in range(max(place - size - LONGEST_LIST, 0), place - size):
                    before, between = tokens[start : start + size], tokens[start + size : place]
                    if tuple(item.fold for item in before) == phrase[:-1] and _is_list(text, before, between):
                        yield Occurrence(before[0].start, before[-1].end, phrase, is_shortened=True)


def _match(phrase: Folded, tokens: list[Token], place: int, bracketed: list[tuple[int, int]]) -> int:
    """The position behind the phrase when it begins at a word, or 0; words in brackets may be skipped."""
    matched = 0
    while place < len(tokens) and matched < len(phrase):
        token = tokens[place]
        if token.fold == phrase[matched]:
            matched += 1
        elif not matched or not any(start < token.start < end for start, end in bracketed):
            return 0
        place += 1
    return place if matched == len(phrase) else 0


def _find_context(text: str, tokens: list[Token], place: int, end: int) -> str:
    """Whether the words from one place to another modify the next word, or are modified by the one before."""
    before = tokens[place - 1] if place else None
    if before and MODIFIER.search(before.fold) and _are_joined(text, before, tokens[place]):
        return MODIFIED
    is_attributive = end < len(tokens) and _are_joined(text, tokens[end - 1], tokens[end])
    return ATTRIBUTIVE if is_attributive else FREE


def _are_joined(text: str, one: Token, other: Token) -> bool:
    """Whether nothing but a space or hyphen stands between two words, and neither is a function word."""
    between = text[one.end : other.start]
    return (
        between.strip("-\u2010\u2011 ") == ""
        and between != ""
        and not FUNCTION_WORDS & {one.fold, other.fold}
    )


def _is_list(text: str, before: list[Token], between: list[Token]) -> bool:
    """Whether what stands between an item and the shared noun goes on with a list."""
    gap = text[before[-1].end : between[0].start].strip() if between else ""
    words = text[before[-1].end : between[-1].end] if between else ""
    joined = gap == "," or (gap == "" and between[:1] and between[0].fold in JOINING)
    return bool(joined and (JOINING & {token.fold for token in between}) and not re.search(r"[.;:!?]", words))


def _holds(outer: Occurrence, inner: Occurrence) -> bool:
    longer = outer.end - outer.start > inner.end - inner.start
    return longer and outer.start <= inner.start and inner.end <= outer.end


def find_abbreviations(text: str) -> Iterator[tuple[str, int]]:
    """The abbreviations that a text explains in brackets, with the place where their bracket opens.

    >>> list(find_abbreviations("Gilded moss fever (GMF) is rare"))
    [('GMF', 18)]
    """
    return ((match[1], match.start()) for match in ABBREVIATION.finditer(text))
