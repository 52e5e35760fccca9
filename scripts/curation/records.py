"""Records: what PubMed and Europe PMC tell of one work, as the lines of a text."""

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from packpress.problems import CannotRunError

from scripts.curation.addition import decode_bytes
from scripts.curation.originals import ExtractedText, count_of, shorten_text, state_rights

# This project reads records itself: a field is a line, an element, or a value.
EXTRACTOR = "ketamine-pain records 1"
TAGGED = re.compile(r"(?P<tag>[A-Z]{2,4}) *- (?P<value>.*)")
# Labels within an abstract that is one paragraph, in capitals as records print them.
LABEL = re.compile(r"(?:^|(?<=[.?!)] ))(?P<label>[A-Z][A-Z]+(?:[ /&,-]+[A-Z]+){0,4}):\s+")
# Fields of NBIB that are not in the text, with what they are.
UNUSED = {
    "AD": "affiliations",
    "MH": "subject headings",
    "OT": "keywords",
    "GR": "grants",
    "CN": "collective names",
    "RN": "substances",
    "CIN": "comments",
    "COIS": "declared interests",
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass
class Record:
    """One work as a record tells of it; authors with their initials, the abstract with its labels."""

    title: str = ""
    journal: str = ""
    date: str = ""
    identifiers: dict[str, str] = field(default_factory=dict)
    authors: list[str] = field(default_factory=list)
    abstract: list[tuple[str, str]] = field(default_factory=list)
    owner: str = ""
    language: str = ""
    left_out: list[str] = field(default_factory=list)


def extract_nbib(data: bytes, name: str, encoding: str = "") -> ExtractedText:
    """The text of a record in NBIB, which is PubMed's format for programs that manage citations."""
    _, text = decode_bytes(data, name, encoding)
    fields = read_tagged(text)
    require_one(len(fields.get("PMID", [])) or 1, name)
    return render_record(_read_nbib(fields), name)


def read_tagged(text: str) -> dict[str, list[str]]:
    """The values of each tag, with the lines joined over which they go on.

    >>> read_tagged("PMID- 1\\nTI  - A harp\\n      trial.\\n")
    {'PMID': ['1'], 'TI': ['A harp trial.']}
    """
    fields: dict[str, list[str]] = {}
    tag = ""
    for line in text.splitlines():
        if match := TAGGED.match(line):
            tag = match["tag"]
            fields.setdefault(tag, []).append(match["value"].strip())
        elif tag and line.startswith("  ") and line.strip():
            fields[tag][-1] += f" {line.strip()}"
    return fields


def _read_nbib(fields: Mapping[str, list[str]]) -> Record:
    def first(tag: str) -> str:
        return fields.get(tag, [""])[0]

    located = [*fields.get("LID", []), *fields.get("AID", [])]
    dois = [value.removesuffix("[doi]").strip() for value in located if value.endswith("[doi]")]
    unused = [f"{what}: {len(fields[tag])}" for tag, what in UNUSED.items() if tag in fields]
    return Record(
        title=first("TI"),
        journal=first("TA") or first("JT"),
        date=first("DP"),
        identifiers={"pmid": first("PMID"), "pmcid": first("PMC"), "doi": next(iter(dois), "")},
        authors=fields.get("AU", []),
        abstract=split_abstract(first("AB")),
        owner=first("CI"),
        language=first("LA"),
        left_out=unused,
    )


def split_abstract(text: str) -> list[tuple[str, str]]:
    """The parts of an abstract with their labels; one part without a label when it has none.

    >>> split_abstract("AIMS: To play. METHODS: Harps were played.")
    [('AIMS', 'To play.'), ('METHODS', 'Harps were played.')]
    """
    matches = list(LABEL.finditer(text))
    if not matches:
        return [("", text)] if text else []
    ends = [match.start() for match in matches[1:]] + [len(text)]
    before = [("", text[: matches[0].start()].strip())] if matches[0].start() else []
    return before + [
        (match["label"], text[match.end() : end].strip()) for match, end in zip(matches, ends, strict=True)
    ]


def parse_xml(data: bytes, name: str) -> ElementTree.Element:
    """The root of an XML file; CannotRunError when it is damaged."""
    try:
        return ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise CannotRunError(f"{name}: damaged XML, {error}; save the record again") from None


def extract_xml(data: bytes, name: str) -> ExtractedText:
    """The text of a record in the XML of PubMed or of Europe PMC."""
    root = parse_xml(data, name)
    found: list[tuple[ElementTree.Element, Callable[[ElementTree.Element], Record]]] = [
        (element, _read_pubmed) for element in root.iter("PubmedArticle")
    ]
    found += [(element, _read_europe_pmc_xml) for element in root.iter("result")]
    if not found:
        message = (
            f"XML of the kind <{root.tag}>, neither a record of PubMed or Europe PMC nor an article in JATS; "
            "save its text in a file"
        )
        raise CannotRunError(f"{name}: {message}")
    require_one(len(found), name)
    element, read = found[0]
    return render_record(read(element), name)


def require_one(count: int, name: str) -> None:
    """Raises CannotRunError when a file holds more than one record."""
    if count > 1:
        raise CannotRunError(f"{name}: {count} records; save each in a file of its own, as one document")


def read_text(element: ElementTree.Element | None) -> str:
    """The words in an element, in whatever it marks up, on one line."""
    return re.sub(r"[ \t\r\n]+", " ", "".join(element.itertext())).strip() if element is not None else ""


def _read_pubmed(root: ElementTree.Element) -> Record:
    def find(path: str) -> str:
        return read_text(root.find(path))

    identifiers = {
        node.get("IdType", ""): read_text(node)
        for node in root.findall("./PubmedData/ArticleIdList/ArticleId")
    }
    date = [find(f".//JournalIssue/PubDate/{part}") for part in ("Year", "Month", "Day")]
    counts = {
        "affiliations": len(root.findall(".//Affiliation")),
        "subject headings": len(root.findall(".//MeshHeading")),
        "keywords": len(root.findall(".//Keyword")),
        "grants": len(root.findall(".//Grant")),
        "references": len(root.findall(".//ReferenceList/Reference")),
    }
    return Record(
        title=find(".//ArticleTitle"),
        journal=find(".//MedlineTA") or find(".//Journal/ISOAbbreviation") or find(".//Journal/Title"),
        date=" ".join(filter(None, date)) or find(".//PubDate/MedlineDate"),
        identifiers={
            "pmid": find("./MedlineCitation/PMID"),
            "pmcid": identifiers.get("pmc", ""),
            "doi": identifiers.get("doi", "") or find(".//ELocationID[@EIdType='doi']"),
        },
        authors=[
            f"{read_text(node.find('LastName'))} {read_text(node.find('Initials'))}".strip()
            for node in root.findall(".//AuthorList/Author")
            if node.find("LastName") is not None
        ],
        abstract=[
            (node.get("Label", ""), read_text(node)) for node in root.findall(".//Abstract/AbstractText")
        ],
        owner=find(".//CopyrightInformation"),
        language=find(".//Language"),
        left_out=[f"{what}: {count}" for what, count in counts.items() if count],
    )


def _read_europe_pmc_xml(root: ElementTree.Element) -> Record:
    names = (
        "title",
        "pmid",
        "pmcid",
        "doi",
        "abstractText",
        "authorString",
        "firstPublicationDate",
        "pubYear",
    )
    cells = {name: read_text(root.find(name)) for name in names}
    return _read_europe_pmc(
        cells, read_text(root.find("journalInfo/journal/title")), read_text(root.find("language"))
    )


def extract_json(data: bytes, name: str) -> ExtractedText:
    """The text of a record in the JSON of Europe PMC."""
    try:
        found = json.loads(data)
        found = found.get("resultList", {}).get("result", []) or [found["result"]]
        require_one(len(found), name)
        cells = {key: value for key, value in found[0].items() if isinstance(value, str)}
        journal = found[0].get("journalInfo", {}).get("journal", {}).get("title", "")
    except (ValueError, KeyError, IndexError, AttributeError, TypeError):
        raise CannotRunError(f"{name}: JSON, but no record of Europe PMC; save its text in a file") from None
    return render_record(_read_europe_pmc(cells, journal, cells.get("language", "")), name)


def _read_europe_pmc(cells: Mapping[str, str], journal: str, language: str) -> Record:
    parts = re.split(r"<h4>\s*(.*?)\s*</h4>", cells.get("abstractText", ""))
    abstract = list(zip(["", *parts[1::2]], parts[::2], strict=True))
    authors = re.split(r",\s*", cells.get("authorString", "").rstrip("."))
    return Record(
        title=_strip_tags(cells.get("title", "")),
        journal=journal,
        date=cells.get("firstPublicationDate") or cells.get("pubYear", ""),
        identifiers={name: cells.get(name, "") for name in ("pmid", "pmcid", "doi")},
        authors=[author for author in authors if author],
        abstract=[(label.rstrip(":"), _strip_tags(text)) for label, text in abstract if _strip_tags(text)],
        language=language,
    )


def _strip_tags(text: str) -> str:
    return html.unescape(re.sub(r"</?[a-zA-Z][^>]*>", "", text)).strip()


def render_record(record: Record, name: str) -> ExtractedText:
    """A record as text: its title, what describes it line by line, and its abstract."""
    if not record.title or not record.abstract:
        lacking = "abstract" if record.title else "title"
        raise CannotRunError(f"{name}: a record without {lacking}; there is nothing to extract")
    # PubMed sets a stop behind every title, which is none of its own.
    lines = [record.title.removesuffix("."), "", *describe_work(record), "", "Abstract", ""]
    for label, text in record.abstract:
        lines += [f"{capitalise_label(label)}: {text}" if label else text, ""]
    kept = [
        f"title, journal, date, identifiers, {count_of(len(record.authors), 'author')}",
        f"abstract of {count_of(len(record.abstract), 'part')}: {shorten_text(record.abstract[0][1])}",
    ]
    cells = _describe_source(record)
    return ExtractedText("\n".join(lines).strip() + "\n", EXTRACTOR, kept, record.left_out, cells)


def capitalise_label(label: str) -> str:
    """A label of an abstract with capitals as on the pages of records, by which it is told from a sentence.

    >>> capitalise_label("STUDY DESIGN")
    'Study Design'
    """
    return label.title()


def describe_work(record: Record) -> Iterator[str]:
    """What describes a work, each on a line with its label."""
    numbers = record.identifiers
    named: Iterable[tuple[str, str]] = [
        ("Journal ", record.journal),
        ("Date ", record.date),
        ("PMID ", numbers["pmid"]),
        ("DOI: ", numbers["doi"]),
        *(("Author: ", author) for author in record.authors),
    ]
    return (f"{label}{value}" for label, value in named if value)


def _describe_source(record: Record) -> dict[str, str]:
    """What a record says of its work, as cells of its source."""
    cells = {"source_type": "review_abstract_record", "text_extent": "abstract_record"}
    if record.language.lower() in ("eng", "en"):
        cells["language"] = "en"
    if date := read_date(record.date):
        cells["published_date"] = date
    if pmid := record.identifiers["pmid"]:
        cells["url"] = f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"
        cells["note"] = "The address is that of the record with the printed PMID."
    if record.owner:
        cells["rights"] = state_rights("record", record.owner)
    return cells


def read_date(text: str) -> str:
    """The date of a record in ISO form, or the empty string when the record gives no day.

    >>> read_date("2021 Nov 8"), read_date("2021-11-08"), read_date("2021 Nov")
    ('2021-11-08', '2021-11-08', '')
    """
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return text
    match = re.fullmatch(r"(\d{4}) ([A-Z][a-z]{2}|\d\d?) (\d{1,2})", text)
    if not match:
        return ""
    month = MONTHS.index(match[2]) + 1 if match[2] in MONTHS else int(match[2]) if match[2].isdecimal() else 0
    return f"{match[1]}-{month:02}-{int(match[3]):02}" if 1 <= month <= 12 else ""
