"""New effects: adverse effects that a text lists and that no source has named before."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from packpress.tables.rows import Row

from scripts.curation.corpus import Corpus
from scripts.curation.phrases import FUNCTION_WORDS, PhraseIndex
from scripts.curation.words import BETWEEN_ITEMS

# What follows these words is an effect; after the others it is one where adverse effects are talked about.
CAUSING = r"\b(?:cause[sd]?|causing)\s+"
LISTING = r"\b(?:includ(?:e[sd]?|ing)|such\s+as|experienced?|report(?:ed|s)?)\s+"
# A list item that is nothing but the names of effects.
BULLET = r"^(?:[•‣◦▪●○·∙*–—-]\s+)(?=[^.;:()]*$)"
GENERAL_NAMES = ("side effects", "adverse effects", "adverse events", "adverse reactions", "unwanted effects")
# Where a list of effects ends.
END = re.compile(
    r"[.;:()]|\b(?:that|which|who|when|if|during|after|before|in|with|by|from|than|because|for)\b",
    re.IGNORECASE,
)
# An effect of more words is a clause rather than a name.
LONGEST_EFFECT = 3


@dataclass(frozen=True)
class NewEffect:
    """An effect without a row, as printed, and the place where it begins in its passage."""

    start: int
    words: str

    @property
    def key(self) -> str:
        """The identifier that the words make.

        >>> NewEffect(0, "Itchy feathers").key
        'itchy-feathers'
        """
        return "-".join(re.findall(r"[a-z0-9]+", self.words.lower()))


def find_general_effect(corpus: Corpus) -> str:
    """The effect that most others are kinds of, named where effects in general are; empty without one."""
    kinds = Counter(
        row["broader_id"]
        for row in corpus["adverse_effects"].rows
        if (broader := row.table.get(row["broader_id"])) and not broader["broader_id"]
    )
    return max(sorted(kinds), key=lambda key: kinds[key], default="")


def find_new_effects(passage: Row, general: PhraseIndex, is_subject: bool) -> Iterator[NewEffect]:
    """The effects that a passage lists: that something causes, or as examples where effects are talked about.

    - `general`: the names of effects in general.
    - `is_subject`: whether the passage tells of the shared subject, which alone causes adverse effects.
    """
    text = passage["text"]
    is_about_effects = bool(general.find(text) or general.find(passage["section"]))
    forms = [CAUSING] if is_subject else []
    forms += [LISTING, BULLET] if is_about_effects else []
    match = re.search("|".join(forms), text, re.IGNORECASE) if forms else None
    if match:
        end = END.search(text, match.end())
        if end and not match[0].strip()[0].isalpha():
            return
        yield from _split_list(text, match.end(), end.start() if end else len(text))


def _split_list(text: str, start: int, end: int) -> Iterator[NewEffect]:
    place = start
    for item in BETWEEN_ITEMS.split(text[start:end]):
        begin = text.index(item, place)
        place = begin + len(item)
        words = re.match(r"(?:(?:\w+ly|a|an|the|some|no)\s+)*", item, re.IGNORECASE)
        name = item[words.end() if words else 0 :].strip()
        parts = name.lower().split()
        if (
            0 < len(parts) <= LONGEST_EFFECT
            and not FUNCTION_WORDS & {*parts}
            and name.replace(" ", "").isalpha()
        ):
            yield NewEffect(text.index(name, begin), name)
