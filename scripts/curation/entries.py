"""Entries: the fields of a printed bibliographic entry, parsed as printed."""

import re
from dataclasses import dataclass, field

from scripts.curation.words import normalise_spaces

DOI = re.compile(r"10\.[0-9]{4,9}/[^\s\"<>]+")
PMID = re.compile(r"\bPMID:?\s*([0-9]{1,8})\b")
PMCID = re.compile(r"\bPMC(?:ID)?:?\s*(?:PMC)?([0-9]{1,9})\b")
URL = re.compile(r"https?://[^\s\"<>]+")
ORDINAL = re.compile(r"[\[(]?([0-9]+)[.)\]]\s*")
# Year; volume(issue):locator, as in Vancouver style, with the punctuation found in practice.
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
    """The recognised fields of a printed entry, and its authors with their initials.

    >>> parse_entry("Doe J. A trial. Pain. 2019;12:45.").authors
    [('Doe', 'J')]
    """

    fields: dict[str, str]
    authors: list[tuple[str, str]] = field(default_factory=list)


def find_identifiers(text: str) -> dict[str, str]:
    """The DOI, PubMed number, PMC number and URL in a text, as far as they are printed.

    >>> find_identifiers("PMID: 34746491. doi:10.1000/xyz123.")
    {'doi': '10.1000/xyz123', 'pmid': '34746491'}
    """
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
    """The fields of an entry whose lines are joined; fields that are not recognised are left out.

    >>> entry = parse_entry("2. Doe J, Roe R. A trial. Pain. 2019;12(3):45-9.")
    >>> entry.authors
    [('Doe', 'J'), ('Roe', 'R')]
    >>> entry.fields["title"], entry.fields["year"]
    ('A trial', '2019')
    """
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
        # Lists of citing works print the title first, and then the authors.
        title, _, rest = rest.partition(". ")
        authors, after = _read_authors(rest, 0)
        container = rest[after:] if authors else rest
    fields |= {"title": title.strip(" .,"), "container_title": container.strip(" .,")}
    return Entry({name: value for name, value in fields.items() if value}, authors)


def _cut_identifiers(text: str) -> str:
    """The text before the first identifier or URL, and before the words that introduce it."""
    starts = [match.start() for pattern in (DOI, PMID, PMCID, URL) if (match := pattern.search(text))]
    text = text[: min(starts, default=len(text))]
    return re.sub(r"(?:\s*(?:Available from:?|doi:|DOI:|https?://doi\.org/))+\s*$", "", text)


def _read_authors(text: str, at: int) -> tuple[list[tuple[str, str]], int]:
    """The consecutive authors from a position on, and the position after the last one."""
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
    """The title and the container title, which is the last sentence."""
    parts = re.split(r"(?<=[.?!])\s+", text.strip(" .,;"))
    if len(parts) == 1:
        return parts[0], ""
    return " ".join(parts[:-1]).rstrip("."), parts[-1]
