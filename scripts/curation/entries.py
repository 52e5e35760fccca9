"""Entries: what a printed bibliographic entry says of a work, parsed field by field, as printed."""

import re
from dataclasses import dataclass, field

from scripts.curation.words import normalise_spaces

DOI = re.compile(r"10\.[0-9]{4,9}/[^\s\"<>]+")
PMID = re.compile(r"\bPMID:?\s*([0-9]{1,8})\b")
PMCID = re.compile(r"\bPMC(?:ID)?:?\s*(?:PMC)?([0-9]{1,9})\b")
URL = re.compile(r"https?://[^\s\"<>]+")
ORDINAL = re.compile(r"[\[(]?([0-9]+)[.)\]]\s*")
# Year; volume(issue):locator, as Vancouver style has it, with the punctuation that people really print.
PLACE = re.compile(
    r"(?P<year>(?:19|20)[0-9]{2})(?:\s+[A-Z][a-z]{2}(?:\s+[0-9]{1,2})?)?[;,.]\s*"
    r"(?:(?P<volume>[0-9]+)\s*)?(?:\((?P<issue>[^()]+)\))?\s*"
    r"(?::\s*(?P<locator>[A-Za-z]?[0-9]+(?:-[A-Za-z]?[0-9]+)?))?"
)
YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_PARTICLE = r"(?:(?:de|den|der|van|von|la|le|di|da|el|al|De|Van|Von|El|La|Le)\s+)*"
_SECOND = r"(?:\s[^\W\d_a-z][^\W\d_A-Z][^\W\d_]*(?:-[^\W\d_]+)*)?"
_FAMILY = rf"{_PARTICLE}[^\W\d_a-z][^\W\d_]*(?:[-'’][^\W\d_]+)*{_SECOND}"
_INITIALS = r"(?:[^\W\d_a-z]\.?-?){1,3}"
AUTHOR = re.compile(rf"(?P<family>{_FAMILY})[,\s]\s*(?P<initials>{_INITIALS})(?!['’]?[^\W_])\.?")
SEPARATOR = re.compile(r"\s*(?:,|;|\band\b|&|,\s*et al\.?)\s*")


@dataclass(frozen=True)
class Entry:
    """The fields of a printed entry that were recognised, and its authors with their initials."""

    fields: dict[str, str]
    authors: list[tuple[str, str]] = field(default_factory=list)


def find_identifiers(text: str) -> dict[str, str]:
    """The DOI, the numbers of PubMed and PMC, and the address, where a text prints them."""
    found: dict[str, str] = {}
    if doi := DOI.search(text):
        found["doi"] = doi[0].rstrip(".,;:)]")
    if pmid := PMID.search(text):
        found["pmid"] = pmid[1]
    if pmcid := PMCID.search(text):
        found["pmcid"] = pmcid[1]
    if url := URL.search(text):
        found["url"] = url[0].rstrip(".,;)")
    return found


def parse_entry(text: str) -> Entry:
    """What an entry, its lines joined, says of the work; a field that is not recognised is left out."""
    text = normalise_spaces(text)
    fields = find_identifiers(text)
    ordinal = ORDINAL.match(text)
    if ordinal:
        fields["ordinal"] = ordinal[1]
        text = text[ordinal.end() :]
    text = _cut_identifiers(text)
    authors, at = _read_authors(text, 0)
    place = PLACE.search(text, at)
    fields |= {name: value for name, value in (place.groupdict() if place else {}).items() if value}
    if not place and (year := YEAR.search(text, at)):
        fields["year"] = year[0]
    rest = text[at : place.start()] if place else text[at:]
    if authors:
        title, container = _split_title(rest)
    else:
        # A list of citing works prints the title first and the authors behind it.
        title, _, rest = rest.partition(". ")
        authors, after = _read_authors(rest, 0)
        container = rest[after:] if authors else rest
    fields |= {"title": title.strip(" .,"), "container_title": container.strip(" .,")}
    return Entry({name: value for name, value in fields.items() if value}, authors)


def _cut_identifiers(text: str) -> str:
    """The text before the first identifier or address, and before the words that announce one."""
    starts = [match.start() for pattern in (DOI, PMID, PMCID, URL) if (match := pattern.search(text))]
    text = text[: min(starts, default=len(text))]
    return re.sub(r"(?:\s*(?:Available from:?|doi:|DOI:|https?://doi\.org/))+\s*$", "", text)


def _read_authors(text: str, at: int) -> tuple[list[tuple[str, str]], int]:
    """The authors that stand one after another from a place on, and the place behind the last."""
    authors: list[tuple[str, str]] = []
    while match := AUTHOR.match(text, at):
        authors.append((match["family"], match["initials"].rstrip(".-")))
        at = match.end()
        separator = SEPARATOR.match(text, at)
        if not separator:
            break
        at = separator.end()
    rest = re.match(r"\s*(?:et al)?\s*[.:]?\s*", text[at:])
    return authors, at + (rest.end() if rest else 0)


def _split_title(text: str) -> tuple[str, str]:
    """The title and the name of what holds the work: the last of the sentences is the latter."""
    parts = re.split(r"(?<=[.?!])\s+", text.strip(" .,;"))
    if len(parts) == 1:
        return parts[0], ""
    return " ".join(parts[:-1]).rstrip("."), parts[-1]
