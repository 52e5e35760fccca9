"""Citation files: works in RIS or BibTeX, and the references that they become where a document prints them.

A reference is a printed entry, field by field as printed. A citation file tells which words of the entry are
the title, the journal or an author; what it says and the entry does not print is left out.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from packpress.problems import CannotRunError
from packpress.tables.rows import Row

from scripts.curation.addition import decode_bytes
from scripts.curation.corpus import Corpus
from scripts.curation.originals import BIBTEX, RIS, import_reader
from scripts.curation.words import normalise_spaces, stands_in
from scripts.curation.works import Cells, quote_title, suggest_works

# The type of a reference for the types of RIS and of BibTeX; all others are articles.
TYPES = {
    **dict.fromkeys(("BOOK", "CHAP", "EBOOK", "book", "inbook", "incollection", "booklet"), "book"),
    **dict.fromkeys(("RPRT", "STAND", "GOVDOC", "techreport", "report"), "guideline"),
    **dict.fromkeys(("ELEC", "WEB", "BLOG", "online", "electronic", "www"), "web_page"),
}
RIS_FIELDS = {
    "title": ("title", "primary_title"),
    "container_title": ("alternate_title3", "journal_name", "secondary_title", "alternate_title2"),
    "volume": ("volume",),
    "issue": ("number", "issue"),
    "edition": ("edition",),
    "publisher": ("publisher",),
    "doi": ("doi",),
}
BIBTEX_FIELDS = {
    "title": ("title",),
    "container_title": ("journal", "journaltitle", "booktitle"),
    "volume": ("volume",),
    "issue": ("number", "issue"),
    "edition": ("edition",),
    "publisher": ("publisher",),
    "doi": ("doi",),
    "pmid": ("pmid",),
    "url": ("url",),
}
_CAPITAL = r"[^\W\d_a-z]"
# `J. A.` and `JA`; in `R. A trial` the title has begun.
INITIALS = (
    rf"[,\s]+(?P<initials>(?:{_CAPITAL}\.[ -]){{1,3}}{_CAPITAL}\.|(?:{_CAPITAL}\.?-?){{1,4}})(?![^\W_])"
)


@dataclass(frozen=True)
class Work:
    """A work of a citation file: its type, its fields by our names, and the family names of its authors."""

    reference_type: str
    fields: Mapping[str, str]
    families: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.fields.get("title") or self.fields.get("doi") or "a work without a title"


def read_works(data: bytes, name: str, kind: str, encoding: str = "") -> list[Work]:
    """The works of a citation file; CannotRunError when it is damaged or has none."""
    _, text = decode_bytes(data, name, encoding)
    works = list(_read_ris(text, name) if kind == RIS else _read_bibtex(text, name))
    if not works:
        raise CannotRunError(f"{name}: no works in this {kind} file; export the list of references again")
    return works


def _read_ris(text: str, name: str) -> Iterator[Work]:
    reader = import_reader("rispy", "rispy", RIS)
    try:
        entries = reader.loads(text.removeprefix("\ufeff"))
    except Exception as error:  # the reader raises errors of several types on files that are damaged
        raise CannotRunError(f"{name}: damaged RIS, {error}; export it again") from None
    for entry in entries:
        fields = _choose(entry, RIS_FIELDS)
        first, last = (str(entry.get(side, "")) for side in ("start_page", "end_page"))
        fields |= _place(f"{first}-{last}" if last else first, str(entry.get("year", "")))
        authors = [*entry.get("first_authors", []), *entry.get("authors", [])]
        families = [author.partition(",")[0].strip() for author in authors]
        yield Work(TYPES.get(entry.get("type_of_reference", ""), "journal_article"), fields, families)


def _read_bibtex(text: str, name: str) -> Iterator[Work]:
    reader = import_reader("bibtexparser", "bibtexparser", BIBTEX)
    parts = import_reader("bibtexparser.middlewares", "bibtexparser", BIBTEX)
    steps = [parts.LatexDecodingMiddleware(), parts.SeparateCoAuthors(), parts.SplitNameParts()]
    library = reader.parse_string(text.removeprefix("\ufeff"), append_middleware=steps)
    if library.failed_blocks:
        line = (library.failed_blocks[0].start_line or 0) + 1
        raise CannotRunError(f"{name}:{line}: damaged BibTeX; correct the entry, or export it again")
    for entry in library.entries:
        values = {key.lower(): found.value for key, found in entry.fields_dict.items()}
        fields = _choose(values, BIBTEX_FIELDS)
        fields |= _place(str(values.get("pages", "")), str(values.get("year", values.get("date", ""))))
        families = [" ".join([*author.von, *author.last]) for author in values.get("author", [])]
        yield Work(TYPES.get(entry.entry_type, "journal_article"), fields, families)


def _choose(entry: Mapping[str, object], names: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The first value that an entry has for each of our fields."""
    found = {
        ours: next((entry[name] for name in theirs if entry.get(name)), "") for ours, theirs in names.items()
    }
    return {ours: normalise_spaces(str(value)) for ours, value in found.items() if value}


def _place(pages: str, date: str) -> dict[str, str]:
    """The pages and the year, as far as they are there.

    >>> _place("45--49", "2019/03/01")
    {'locator': '45-49', 'year': '2019'}
    """
    year = re.match(r"\d{4}", date)
    found = {"locator": re.sub(r"\s*[-‐–—]+\s*", "-", pages), "year": year[0] if year else ""}
    return {name: value for name, value in found.items() if value}


@dataclass(frozen=True)
class References:
    """Rows for the works that a document prints, and the works that it does not print or has already."""

    rows: dict[str, list[Cells]]
    missing: list[Work]


def find_references(corpus: Corpus, source_id: str, works: list[Work]) -> References:
    """The references of a source that a citation file has too, with what its entries print of them."""
    suggested = suggest_works(corpus, source_id)
    references, authors = list[Cells](), list[Cells]()
    missing = list(works)
    for cells in suggested.get("references", []):
        passage = corpus["passages"].get(cells["passage_id"])
        entry = corpus.entry_text(passage) if passage else ""
        work = next((other for other in missing if is_printed(other, entry)), None)
        if passage is None or work is None:
            continue
        missing.remove(work)
        reference_id = cells["reference_id"]
        references.append(_complete(cells, work, entry) | _quote(corpus, passage, work, entry, cells))
        own = (row for row in suggested.get("reference_authors", ()) if row["reference_id"] == reference_id)
        authors += find_authors(work, entry, reference_id) or own
    found = {"references": references, "reference_authors": authors}
    return References({table: rows for table, rows in found.items() if rows}, missing)


def _complete(cells: Cells, work: Work, entry: str) -> Cells:
    """The cells of a reference, with what a citation file knows better as far as it is printed."""
    printed = {name: find_printed(value, entry) for name, value in work.fields.items()}
    printed = {name: value for name, value in printed.items() if value}
    if printed.get("title") and cells.get("container_title", "") in printed["title"]:
        cells = {**cells, "container_title": ""}
    return {**cells, **printed, "reference_type": work.reference_type}


def _quote(corpus: Corpus, passage: Row, work: Work, entry: str, cells: Cells) -> Cells:
    """The passage and the words of it that name a work."""
    title = find_printed(work.fields.get("title", ""), entry)
    if not title or cells["listed_as"] == "in_text":
        return {}
    return quote_title(corpus, passage, title)


def is_printed(work: Work, entry: str) -> bool:
    """Whether an entry prints a work: its DOI or PubMed number, or the words of its title.

    >>> is_printed(Work("book", {"title": "Harps: a history"}), "Doe J. Harps – A History. 2001.")
    True
    """
    numbers = [work.fields[name].lower() for name in ("doi", "pmid") if name in work.fields]
    title = fold_words(work.fields.get("title", ""))
    return any(stands_in(number, entry.lower()) for number in numbers) or bool(
        title and f" {title} " in f" {fold_words(entry)} "
    )


def fold_words(text: str) -> str:
    """The words of a text without case, accents and punctuation, which citation files write in their own way.

    >>> fold_words("Müller’s {Harp} – a Trial")
    'muller s harp a trial'
    """
    letters = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+", bare.casefold()))


def find_printed(value: str, entry: str) -> str:
    """A value as an entry prints it, with its own capitals and hyphens; empty when it does not.

    >>> find_printed("A harp trial", "Doe J. A Harp Trial. 2001.")
    'A Harp Trial'
    """
    words = [re.escape(word) for word in re.findall(r"[^\W_]+", value)]
    if not words:
        return ""
    between = r"[\W_]{1,3}"
    match = re.search(rf"(?<![^\W_]){between.join(words)}(?![^\W_])", entry, re.IGNORECASE)
    return match[0] if match else ""


def find_authors(work: Work, entry: str, reference_id: str) -> list[Cells]:
    """The authors of a work, as far as its entry prints them in that order.

    >>> find_authors(Work("book", {}, ["Doe", "Roe"]), "Doe J, et al. Harps.", "leaflet-r01")
    [{'reference_id': 'leaflet-r01', 'position': '1', 'family': 'Doe', 'initials': 'J'}]
    """
    rows: list[Cells] = []
    place = 0
    for family in work.families:
        match = re.compile(rf"(?<![^\W_]){re.escape(family)}(?![^\W_])(?:{INITIALS})?").search(entry, place)
        if not match:
            # Entries often end their authors with `et al.`
            break
        place = match.end()
        initials = (match["initials"] or "").strip(" -").removesuffix(".")
        rows.append(
            {
                "reference_id": reference_id,
                "position": str(len(rows) + 1),
                "family": family,
                "initials": initials,
            }
        )
    return rows
