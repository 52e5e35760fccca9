"""Citations as CSL-JSON, BibTeX and RIS: the one place where these formats are written.

Works are items of CSL-JSON, whose variables are the common vocabulary; the other two formats are written from
them. An item has an `id` and a `type`; a variable that is missing or empty is left out.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

# An item of CSL-JSON, and a name in one.
Item = Mapping[str, Any]
Name = Mapping[str, str]

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "\u00a0": "~",
        **{sign: "\\" + sign for sign in "$&%#_{}"},
    }
)
# BibTeX counts braces even after a backslash, so unpaired ones are commands, which fewer readers know.
UNPAIRED = ESCAPES | {ord("{"): r"\textbraceleft{}", ord("}"): r"\textbraceright{}"}
BRACES = re.compile(r"\{[^{}]*\}")
# Blanks between words; a no-break space is a character of its own.
BLANKS = re.compile(r"[^\S\u00a0]+")
# What an identifier, which is used verbatim, must not contain.
UNBALANCED = re.compile(r"[{}\\\s]")
# Pages from one to another, such as 358-73.
PAGES = re.compile(r"(\w+)\s*[-\u2010-\u2013]\s*(\w+)")

ENTRIES = {
    "article-journal": "article",
    "article-magazine": "article",
    "article-newspaper": "article",
    "book": "book",
    "chapter": "incollection",
    "manuscript": "unpublished",
    "pamphlet": "booklet",
    "paper-conference": "inproceedings",
    "report": "techreport",
    "thesis": "phdthesis",
}
PUBLISHERS = {"techreport": "institution", "phdthesis": "school"}
RECORDS = {
    "article-journal": "JOUR",
    "article-magazine": "MGZN",
    "article-newspaper": "NEWS",
    "book": "BOOK",
    "chapter": "CHAP",
    "dataset": "DATA",
    "legislation": "STAT",
    "manuscript": "UNPB",
    "map": "MAP",
    "pamphlet": "PAMP",
    "paper-conference": "CPAPER",
    "patent": "PAT",
    "report": "RPRT",
    "software": "COMP",
    "standard": "STAND",
    "thesis": "THES",
    "webpage": "ELEC",
}


def write_csl(items: Iterable[Item]) -> str:
    """The works as CSL-JSON, a list with an object for each.

    >>> print(write_csl([{"id": "r1", "type": "book", "title": "Knots", "volume": ""}]), end="")
    [
    {
     "id": "r1",
     "type": "book",
     "title": "Knots"
    }
    ]
    """
    objects = [
        json.dumps({name: value for name, value in item.items() if value}, ensure_ascii=False, indent=1)
        for item in items
    ]
    return "[\n" + ",\n".join(objects) + "\n]\n" if objects else "[]\n"


def write_bibtex(items: Iterable[Item], comment: str = "") -> str:
    r"""The works as entries for both BibTeX and biblatex, below a comment.

    >>> print(write_bibtex([{"id": "r1", "type": "book", "title": "Knots & bends"}]), end="")
    @book{r1,
      title = {{Knots \& bends}},
    }
    """
    keys = _Keys()
    entries = [_write_entry(item, keys.make(str(item["id"]))) for item in items]
    # BibTeX skips whatever stands between entries, but takes an @ for the start of one.
    heading = [f"% {comment.replace('@', ' at ')}\n"] if comment else []
    return "\n".join([*heading, *entries])


class _Keys:
    """The keys of entries, which have fewer characters than identifiers and must differ in more than case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def make(self, identifier: str) -> str:
        key = stem = re.sub(r"[^A-Za-z0-9:._-]", "", identifier.replace(",", "-")) or "work"
        number = 1
        while key.casefold() in self._taken:
            number += 1
            key = f"{stem}-{number}"
        self._taken.add(key.casefold())
        return key


def _write_entry(item: Item, key: str) -> str:
    kind = ENTRIES.get(str(item["type"]), "misc")
    lines = [f"  {name} = {value}," for name, value in _list_fields(item, kind) if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])


def _list_fields(item: Item, kind: str) -> Iterator[tuple[str, str]]:
    """The fields of an entry with their values in braces; a value is empty if the item does not have it."""

    def take(variable: str) -> str:
        return _brace(escape_bibtex(str(item.get(variable) or "")))

    date = item.get("issued") or {}
    year, month = (*_read_date(item), 0, 0)[:2]
    version = f"Version {item['version']}. " if item.get("version") else ""
    yield "author", _brace(" and ".join(map(_write_bibtex_name, item.get("author") or ())))
    # Extra braces keep capitals unchanged.
    yield "title", _brace(take("title"))
    yield "journal" if kind == "article" else "booktitle", take("container-title")
    yield "series", take("collection-title")
    yield "year", _brace(str(year) if year else escape_bibtex(date.get("literal") or ""))
    yield "month", MONTHS[month - 1] if month else ""
    yield "howpublished", "{Data set}" if item["type"] == "dataset" else ""
    yield "volume", take("volume")
    yield "number", take("issue") or take("number")
    yield "pages", PAGES.sub(r"\1--\2", take("page"))
    yield "edition", take("edition")
    yield PUBLISHERS.get(kind, "publisher"), take("publisher")
    yield "address", take("publisher-place")
    yield "version", take("version")
    # Repeated in the note, because the styles of BibTeX print no version.
    yield "note", _brace(escape_bibtex((version + str(item.get("note") or "")).strip()))
    yield "abstract", take("abstract")
    yield "language", take("language")
    for name in ("DOI", "ISBN", "ISSN", "PMID", "PMCID"):
        text = UNBALANCED.sub(lambda sign: quote(sign[0]), write_identifier(name, item))
        yield name.lower(), _brace(text)
    yield "url", _brace(escape_address(str(item.get("URL") or "")))


def _brace(text: str) -> str:
    return f"{{{text}}}" if text else ""


def _write_bibtex_name(name: Name) -> str:
    """A name of a person as family and given names; any other in braces, which keep its words together."""
    family, given = (escape_bibtex(name.get(part) or "") for part in ("family", "given"))
    if given:
        return f"{_keep_together(family)}, {given}"
    return _brace(family or escape_bibtex(name.get("literal") or ""))


def _keep_together(family: str) -> str:
    return _brace(family) if re.search(r",|\band\b", family, re.IGNORECASE) else family


def escape_bibtex(text: str) -> str:
    r"""The text as a BibTeX value, in which special characters are escaped.

    >>> print(escape_bibtex("50 % of {x}"), escape_bibtex("50 } of x"))
    50 \% of \{x\} 50 \textbraceright{} of x
    """
    outer = text
    while (inner := BRACES.sub("", outer)) != outer:
        outer = inner
    escapes = UNPAIRED if "{" in outer or "}" in outer else ESCAPES
    return BLANKS.sub(" ", text).strip(" ").translate(escapes)


def escape_address(url: str) -> str:
    """The URL as a BibTeX value that is used verbatim; braces are percent-encoded."""
    return quote(url, safe=":/?#[]@!$&'()*+,;=%~")


def write_identifier(name: str, item: Item) -> str:
    """An identifier of a work as it is written everywhere: that of PubMed Central begins with PMC.

    >>> write_identifier("PMCID", {"PMCID": "6676152"}), write_identifier("DOI", {})
    ('PMC6676152', '')
    """
    text = str(item.get(name) or "")
    return f"PMC{text}" if name == "PMCID" and text.isdecimal() else text


def _read_date(item: Item) -> list[int]:
    """Year, month and day of the date of issue, as far as they are known."""
    parts: list[list[int]] = (item.get("issued") or {}).get("date-parts") or [[]]
    return parts[0]


def write_ris(items: Iterable[Item]) -> str:
    r"""The works as RIS records, a tag on each line, with the line ends that the format asks for.

    >>> write_ris([{"id": "r1", "type": "book", "title": "Knots", "page": "3-9"}]).splitlines()
    ['TY  - BOOK', 'ID  - r1', 'TI  - Knots', 'SP  - 3', 'EP  - 9', 'ER  - ']
    """
    return "\r\n".join(line for item in items for line in (*_write_record(item), ""))


def _write_record(item: Item) -> list[str]:
    lines = [f"{tag}  - {BLANKS.sub(' ', text).strip(' ')}" for tag, text in _list_tags(item) if text.strip()]
    return [*lines, "ER  - "]


def _list_tags(item: Item) -> Iterator[tuple[str, str]]:
    def take(variable: str) -> str:
        return str(item.get(variable) or "")

    kind, date = RECORDS.get(str(item["type"]), "GEN"), _read_date(item)
    first, last = match.groups() if (match := PAGES.fullmatch(take("page"))) else (take("page"), "")
    yield "TY", kind
    yield "ID", str(item["id"])
    for name in item.get("author") or ():
        yield "AU", _write_ris_name(name)
    yield "TI", take("title")
    yield "T2", take("container-title")
    yield "T3", take("collection-title")
    yield "PY", str(date[0]) if date else ""
    yield "DA", f"{'/'.join(f'{part:02}' for part in date)}/" if len(date) > 1 else ""
    yield "VL", take("volume")
    yield "IS", take("issue")
    yield "SN" if kind == "RPRT" else "M1", take("number")
    yield "SP", first
    yield "EP", last
    yield "ET", take("edition") or take("version")
    yield "PB", take("publisher")
    yield "CY", take("publisher-place")
    yield "SN", take("ISBN") or take("ISSN")
    yield "DO", take("DOI")
    yield "AN", take("PMID")
    yield "C2", write_identifier("PMCID", item)
    yield "LA", take("language")
    yield "AB", take("abstract")
    yield "N1", take("note")
    yield "UR", take("URL")


def _write_ris_name(name: Name) -> str:
    parts = (name.get(part) or "" for part in ("family", "given"))
    return ", ".join(filter(None, parts)) or str(name.get("literal") or "")
