"""Articles in JATS, the XML in which PMC and Europe PMC give whole articles, as the lines of a text."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from packpress.problems import CannotRunError

from scripts.curation.originals import ExtractedText, count_of, shorten_text, state_rights
from scripts.curation.records import Record, describe_work, parse_xml, read_date, read_text, require_one
from scripts.curation.web_pages import LANGUAGE, Lines, describe_counts

EXTRACTOR = "ketamine-pain articles 1"
XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
# What is no text of the article, with what it is.
UNREAD = {
    **dict.fromkeys(("graphic", "inline-graphic", "media"), "picture"),
    **dict.fromkeys(("supplementary-material", "inline-supplementary-material"), "supplement"),
    **dict.fromkeys(("object-id", "permissions", "tex-math"), ""),
}
# What describes the article and is not in the text, with what it is.
UNUSED = {
    "aff": "affiliations",
    "kwd": "keywords",
    "award-group": "grants",
    "author-notes": "notes on authors",
    "sub-article": "sub-articles, such as reviews and answers",
    "response": "responses",
}
# Parts behind the text that have a heading, and what it is where they print none.
BACK = {
    "ack": "Acknowledgements",
    "fn-group": "Footnotes",
    "glossary": "Glossary",
    "notes": "Notes",
    "ref-list": "References",
}
# Lists that are not numbered are printed with points.
NUMBERED = ("order", "arabic")


@dataclass
class Article:
    """An article as it is written line by line, with what was left out and the labels of its references."""

    labels: Mapping[str, str]
    lines: Lines = field(default_factory=Lines)
    left_out: Counter[str] = field(default_factory=Counter)
    composed: int = 0
    formulas: int = 0

    def write_line(self, text: str, kind: str = "") -> None:
        """Writes a text as a line that stands apart."""
        self.lines.close(is_apart=True)
        self.lines.write(text)
        self.lines.close(is_apart=True)
        if text and kind:
            self.lines.counts[kind] += 1


def extract_article(data: bytes, name: str) -> ExtractedText:
    """The text of an article in JATS; CannotRunError when the file has none, several, or no full text."""
    root = parse_xml(data, name)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    found = [root] if root.tag == "article" else root.findall(".//article")
    require_one(len(found) or 1, name)
    body = found[0].find("body") if found else None
    if body is None or not read_text(body):
        message = "an article of which it holds no body; add its record, or a file with the full text"
        raise CannotRunError(f"{name}: {message}")
    root, meta = found[0], found[0].find("front/article-meta")
    meta = Element("article-meta") if meta is None else meta
    record = _read_front(root, meta)
    if not record.title:
        raise CannotRunError(f"{name}: an article without a title; correct the file")
    article = Article(_list_labels(root))
    try:
        _write_article(root, meta, record, article)
    except RecursionError:
        message = "its elements are nested too deeply; save its text in a separate file"
        raise CannotRunError(f"{name}: {message}") from None
    kept = [
        f"title, journal, date, identifiers, {count_of(len(record.authors), 'author')}",
        *describe_counts(article.lines),
        *([f"{count_of(article.composed, 'reference')} composed from fields"] if article.composed else []),
        *([f"{count_of(article.formulas, 'formula')}, the signs alone"] if article.formulas else []),
    ]
    text = "\n".join(article.lines.lines).strip() + "\n"
    return ExtractedText(
        text, EXTRACTOR, kept, _list_left_out(root, article), _read_facts(root, meta, record)
    )


def _read_front(root: Element, meta: Element) -> Record:
    """What describes the article: title, journal, date, identifiers and authors."""
    numbers = {node.get("pub-id-type", ""): read_text(node) for node in meta.findall("article-id")}
    titles = [read_text(meta.find(f"title-group/{tag}")) for tag in ("article-title", "subtitle")]
    return Record(
        title=": ".join(filter(None, titles)),
        journal=read_text(root.find("front/journal-meta//journal-title")),
        date=_read_published(meta),
        identifiers={
            "pmid": numbers.get("pmid", ""),
            "pmcid": numbers.get("pmcid", numbers.get("pmc", "")),
            "doi": numbers.get("doi", ""),
        },
        authors=list(_list_authors(meta)),
        owner=read_text(meta.find("permissions/copyright-statement")),
        language=root.get(XML_LANGUAGE, ""),
    )


def _list_authors(meta: Element) -> Iterator[str]:
    for node in meta.findall("contrib-group/contrib"):
        if node.get("contrib-type", "author") == "author":
            names = [read_text(node.find(f".//name/{part}")) for part in ("given-names", "surname")]
            yield " ".join(filter(None, names)) or read_text(node.find("collab"))


def _read_published(meta: Element) -> str:
    """The date of publication, as exactly as it is given; that of the electronic version first."""
    dates = []
    for node in meta.findall("pub-date"):
        parts = [read_text(node.find(part)) for part in ("year", "month", "day")]
        kind = node.get("pub-type") or node.get("date-type") or ""
        dates.append((sum(map(bool, parts)), kind in ("epub", "pub"), " ".join(filter(None, parts))))
    return max(dates, default=(0, False, ""))[2]


def _list_labels(root: Element) -> dict[str, str]:
    """The label of each reference, or its number in the list, by its id."""
    references = root.findall("back//ref")
    return {
        node.get("id", ""): read_text(node.find("label")).strip("[]().") or str(number)
        for number, node in enumerate(references, 1)
    }


def _write_article(root: Element, meta: Element, record: Record, article: Article) -> None:
    article.write_line(record.title, "heading")
    article.lines.lines += describe_work(record)
    for abstract in meta.findall("abstract"):
        if not abstract.get("abstract-type"):
            _write_abstract(abstract, article)
    for part in ("body", "back"):
        for node in root.findall(f"{part}/*"):
            _write_back(node, article) if part == "back" else write_node(node, article)
    article.lines.close()


def _write_abstract(abstract: Element, article: Article) -> None:
    """Writes an abstract, whose sections are labels before their first words, as in records."""
    article.write_line(read_text(abstract.find("title")) or "Abstract", "heading")
    for part in abstract:
        label = read_text(part.find("title")) if part.tag == "sec" else ""
        for paragraph in part.findall("p") if part.tag == "sec" else [part] if part.tag == "p" else []:
            article.lines.close(is_apart=True)
            article.lines.write(f"{label.rstrip(':')}: " if label else "")
            label = ""
            _write_children(paragraph, article)
            article.lines.close(is_apart=True)
            article.lines.counts["paragraph"] += 1


def _write_back(node: Element, article: Article) -> None:
    if node.tag in BACK and node.find("title") is None:
        article.write_line(BACK[node.tag], "heading")
    write_node(node, article)


def write_node(node: Element, article: Article) -> None:
    """Writes an element and what is in it."""
    if node.tag in UNREAD:
        article.left_out[UNREAD[node.tag]] += 1
    elif node.tag in WRITERS:
        WRITERS[node.tag](node, article)
    else:
        _write_children(node, article)


def _write_children(node: Element, article: Article) -> None:
    article.lines.write(node.text or "")
    for child in node:
        write_node(child, article)
        article.lines.write(child.tail or "")


def _write_paragraph(node: Element, article: Article) -> None:
    is_item = bool(article.lines.marker)
    article.lines.close(is_apart=not is_item)
    _write_children(node, article)
    article.lines.close(is_apart=not is_item)
    article.lines.counts["paragraph"] += 0 if is_item else 1


def _write_section(node: Element, article: Article) -> None:
    """Writes a section, the label of which stands before its title."""
    parts = [read_text(node.find(part)) for part in ("label", "title")]
    if any(parts):
        article.write_line(" ".join(filter(None, parts)), "heading")
    for child in node:
        if child.tag not in ("label", "title"):
            write_node(child, article)


def _write_titled(node: Element, article: Article) -> None:
    """Writes a table or a figure: its label and caption on a line, and what is in it."""
    caption = node.find("caption")
    texts = [read_text(part) for part in caption] if caption is not None else []
    article.write_line(" ".join(filter(None, [read_text(node.find("label")), *texts])))
    article.lines.counts["table"] += node.tag == "table-wrap"
    for child in node:
        if child.tag not in ("label", "caption"):
            write_node(child, article)
    article.lines.close(is_apart=True)


def _write_list(node: Element, article: Article) -> None:
    is_numbered = node.get("list-type") in NUMBERED
    article.lines.close(is_apart=True)
    for number, item in enumerate(node.findall("list-item"), 1):
        label = read_text(item.find("label"))
        article.lines.close()
        article.lines.marker = f"{label or f'{number}.'} " if label or is_numbered else "• "
        article.lines.counts["list item"] += 1
        for child in item:
            if child.tag != "label":
                write_node(child, article)
                article.lines.close()
        article.lines.marker = ""
    article.lines.close(is_apart=True)


def _write_definition(node: Element, article: Article) -> None:
    """Writes a term and its definition on one line."""
    article.write_line(f"{read_text(node.find('term'))}: {read_text(node.find('def'))}")


def _write_note(node: Element, article: Article) -> None:
    """Writes a footnote on a line, with its label."""
    article.lines.close()
    article.lines.write(" ".join(filter(None, map(read_text, node))))
    article.lines.close()


def _write_row(node: Element, article: Article) -> None:
    """Writes a row of a table as one line, with tabs between its cells."""
    cells = []
    for cell in node:
        inner = Article(article.labels, left_out=article.left_out)
        _write_children(cell, inner)
        inner.lines.close()
        cells.append(" ".join(line for line in inner.lines.lines if line))
    article.lines.close()
    if any(cells):
        article.lines.lines.append("\t".join(cells).strip("\t"))
        article.lines.counts["row"] += 1


def _write_formula(node: Element, article: Article) -> None:
    """Writes the signs of a formula in a row, because no line of text has its layout."""
    signs = [read_text(node)] if node.tag == "math" else [read_text(part) for part in node.iter("math")]
    article.lines.write(" ".join(filter(None, signs)) or "[formula]")
    article.formulas += 1


def _write_marker(node: Element, article: Article) -> None:
    """Writes a reference within the text as it is printed; an empty one as the label of what it leads to."""
    if node.get("ref-type") == "bibr" and not read_text(node):
        labels = [article.labels.get(one, "") for one in node.get("rid", "").split()]
        article.lines.write(",".join(filter(None, labels)))
    else:
        _write_children(node, article)


def _write_reference(node: Element, article: Article) -> None:
    """Writes an entry of the list of references on one line."""
    label = article.labels.get(node.get("id", ""), "")
    mixed = node.find(".//mixed-citation")
    citation = node.find(".//element-citation") if mixed is None else mixed
    if citation is None:
        text = read_text(node)
    elif citation is mixed and (citation.text or "").strip() + "".join(_list_tails(citation)):
        _set_apart_names(citation)
        text = read_text(citation)
    else:
        text = compose_citation(citation)
        article.composed += 1
    article.lines.close()
    article.lines.write(f"{label}. {text}" if label and not text.startswith(f"{label}.") else text)
    article.lines.close()


def _list_tails(node: Element) -> Iterator[str]:
    """The words between the fields of a citation, which has none if it is nothing but fields."""
    return (tail for child in node if (tail := (child.tail or "").strip()))


def _set_apart_names(citation: Element) -> None:
    """Puts a blank between the parts of a name, and a comma between names, that have nothing there."""
    for group in citation.iter():
        names = [child for child in group if child.tag in ("name", "string-name")]
        for name in names[:-1]:
            name.tail = name.tail or ", "
        for part in group[:-1] if group.tag in ("name", "string-name") else []:
            part.tail = part.tail or " "


def compose_citation(citation: Element) -> str:
    """A citation that is given in fields, in the order and with the stops of PubMed."""

    def find(*tags: str) -> str:
        return next((text for tag in tags if (text := read_text(citation.find(f".//{tag}")))), "")

    names = [
        " ".join(filter(None, (read_text(one.find("surname")), read_text(one.find("given-names")))))
        for one in citation.findall(".//name")
    ]
    names += [read_text(one) for one in citation.findall(".//collab")]
    names += ["et al"] if citation.find(".//etal") is not None else []
    pages = "-".join(filter(None, (find("fpage"), find("lpage")))) or find("elocation-id", "page-range")
    issue = f"({find('issue')})" if find("issue") else ""
    place = f"{find('year')};{find('volume')}{issue}:{pages}".rstrip(":;")
    numbers = {one.get("pub-id-type"): read_text(one) for one in citation.findall(".//pub-id")}
    parts = [", ".join(names), find("article-title", "chapter-title"), find("source"), find("publisher-name")]
    said = " ".join(f"{part.rstrip('.')}." for part in [*parts, place] if part)
    doi = f" doi:{numbers['doi']}." if numbers.get("doi") else ""
    pmid = f" PMID: {numbers['pmid']}." if numbers.get("pmid") else ""
    return f"{said}{doi}{pmid}".strip()


WRITERS: dict[str, Callable[[Element, Article], None]] = {
    **dict.fromkeys(("p", "verse-line", "attrib", "title", "subtitle"), _write_paragraph),
    **dict.fromkeys(("sec", "ack", "app", "boxed-text", "fn-group", "glossary", "notes"), _write_section),
    **dict.fromkeys(("ref-list", "app-group"), _write_section),
    **dict.fromkeys(("table-wrap", "fig"), _write_titled),
    "list": _write_list,
    "def-item": _write_definition,
    "fn": _write_note,
    **dict.fromkeys(("inline-formula", "disp-formula", "math"), _write_formula),
    "tr": _write_row,
    "xref": _write_marker,
    "ref": _write_reference,
}


def _list_left_out(root: Element, article: Article) -> list[str]:
    """What is not in the text: how much of each kind, and further abstracts with their first words."""
    lines = [count_of(count, what) for what, count in article.left_out.items() if what]
    found = {what: len(root.findall(f".//{tag}")) for tag, what in UNUSED.items()}
    lines += [f"{what}: {count}" for what, count in found.items() if count]
    others = [node for node in root.findall("front//abstract") if node.get("abstract-type")]
    others += root.findall("front//trans-abstract")
    return [*lines, *(f"another abstract: {shorten_text(read_text(node))}" for node in others)]


def _read_facts(root: Element, meta: Element, record: Record) -> dict[str, str]:
    """What an article says of itself, as cells of its source."""
    cells = {"text_extent": "article_text"}
    if LANGUAGE.fullmatch(record.language):
        cells["language"] = record.language
    if date := read_date(record.date):
        cells["published_date"] = date
    if publisher := read_text(root.find("front/journal-meta/publisher/publisher-name")):
        cells["publisher"] = publisher
    if record.identifiers["doi"]:
        cells["url"] = f"https://doi.org/{record.identifiers['doi']}"
        cells["note"] = "The address is that of the DOI in the file."
    licence = read_text(meta.find("permissions/license"))
    if stated := ". ".join(part.rstrip(". ") for part in (record.owner, licence) if part):
        cells["rights"] = state_rights("article", re.sub(r'"', "'", stated))
    return cells
