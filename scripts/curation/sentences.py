"""Sentences: where the sentences of one printed line end, as far as its form tells."""

import re
from collections.abc import Iterator

# A stop, what closes with it, and the citation marker that may be glued to it, before the next beginning.
_MARKER = r"(?:\d+(?:[-–,]\d+)*|\[[^\[\]\s]{1,12}\])?"
CANDIDATE = re.compile(rf"(?P<stop>[.!?…]+)[\"'”’)\]]*{_MARKER}(?=\s+[\"'“‘(\[]*(?P<next>\w+))")
LAST_WORD = re.compile(r"(?:[^\W_]\.)*[^\W_]+$")

# Before a stop these are cut short, whatever follows.
NEVER_LAST = {"e.g", "i.e", "cf", "vs", "viz", "approx", "ca", "dr", "prof", "mr", "mrs", "ms", "st", "incl"}
# These are, when a number follows.
BEFORE_NUMBER = {"no", "nos", "fig", "figs", "vol", "p", "pp", "ref", "refs", "sec", "ch", "eq", "art", "tab"}
# With these a sentence begins even behind an initial or `et al.`; a name does not.
BEGINNERS = {
    *(
        "a",
        "after",
        "although",
        "an",
        "as",
        "at",
        "because",
        "both",
        "but",
        "by",
        "each",
        "for",
        "from",
        "he",
    ),
    *(
        "her",
        "his",
        "how",
        "however",
        "if",
        "in",
        "it",
        "its",
        "most",
        "no",
        "of",
        "on",
        "one",
        "other",
        "our",
    ),
    *("overall", "she", "since", "some", "such", "that", "the", "their", "then", "there", "these", "they"),
    *("this", "those", "to", "two", "we", "what", "when", "where", "while", "with"),
}


def find_sentence_ends(text: str) -> Iterator[int]:
    """The places behind which another sentence of the line begins, in order; the end of the line is none."""
    start = 0
    for match in CANDIDATE.finditer(text):
        if _is_end(text[start : match.start()], match["stop"], match["next"]):
            yield match.end()
            start = match.end()


def _is_end(sentence: str, stop: str, following: str) -> bool:
    """Whether a sentence ends at the stop behind it, given the word that follows."""
    if following[0].islower() or following[0] == "_":
        return False
    words = LAST_WORD.search(sentence)
    if stop != "." or words is None:
        return bool(sentence.strip())
    last = words[0]
    if last.lower() in NEVER_LAST or (last.isdecimal() and sentence.strip() == last):
        # A number that stands at the beginning counts the sentence behind it.
        return False
    if last.lower() in BEFORE_NUMBER and following[0].isdecimal():
        return False
    is_cut_short = "." in last or last == "al" or (len(last) == 1 and last.isupper())
    return not is_cut_short or following.lower() in BEGINNERS
