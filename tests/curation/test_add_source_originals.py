"""Files that are no plain text: what is extracted is shown, corrected, and added with the original beside it."""

import hashlib
import re
import shutil
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from invented.copies import messages
from packpress import CannotRunError, build, read_package
from scripts.curation.curation_progress import find_stated
from scripts.curation.extraction import extract_text
from scripts.curation.originals import ARTICLE as ARTICLE_KIND
from scripts.curation.originals import recognise_kind
from scripts.passages import read_corpus
from tests.curation.commands import add_source, read_data, run_command
from tests.curation.small_pdf import HARPS, write_pdf

ORIGINALS = Path(__file__).parent / "originals"
PAGE, RECORD = ORIGINALS / "page.htm", ORIGINALS / "record.nbib"
RECORDS = ["record.nbib", "pubmed.xml", "europe-pmc.xml", "europe-pmc.json"]
PAGE_TEXT = """\
Ketamine for harp elbow

Ketamine may relieve harp\u00a0elbow in some harpists – at 0.5\u00a0mg.1 It is not recommended for mossfever.

How it is given

• by mouth
• as an infusion
1. slowly
2. in a unit

Effect\tHow often
Dizziness\toften

References

1. Doe J, Roe R. A harp trial. Inv Lett. 2019;12(3):45-9.
"""


def add(copy, file, *words, source_id="harps", code=0):
    return run_command(add_source, copy, file, source_id, copy.descriptor, *words, code=code)


def extracted(copy):
    return copy.root / "dist" / "extracted" / "harps.txt"


def save(copy, data, name="file"):
    file = copy.root / name
    file.write_bytes(data)
    return file


def source_of(copy):
    return next(row for row in copy.rows("sources") if row["source_id"] == "harps")


ARTICLE = ORIGINALS / "article.xml"
ARTICLE_TEXT = """\
Ketamine for harp elbow: what the guild was told

Journal Invented Letters
Date 2024 5 8
PMID 90000003
DOI: 10.5555/harps.3
Author: Jane Doe
Author: Guild of Harps

Abstract

Aims: To learn whether ketamine relieves harp elbow.

Findings: It may.

1. Introduction

Ketamine may relieve harp\u00a0elbow1,3 in some harpists (see Table 1). It is not recommended for mossfever [2].

How it is given

There are two ways:

• by mouth
• as an infusion

1. slowly
2. in a unit

and no third.

The dose follows d from the chart.

Table 1 Effects of ketamine. Counted by the guild.

Effect\tHow often
Dizziness\toftena
a More than weekly.

Figure 1 A harp.

Acknowledgements

We thank the harpists.

References

1. Doe J, Roe R. A harp trial. Inv Lett. 2019;12(3):45-9.
2. Poe A, Foe B, et al. Moss fever in the valley. Inv Lett. 2020;13(1):7-9. doi:10.5555/moss.2.
3. Moe C, Noe D. Strings and elbows. Inv Lett. 2021;14:3.
"""


def test_an_article_in_jats_is_shown_as_its_lines(package_copy):
    before = read_data(package_copy)
    result = add(package_copy, ARTICLE)
    assert read_data(package_copy) == before
    assert extracted(package_copy).read_text(encoding="utf-8") == ARTICLE_TEXT
    lines = [line.removeprefix("  ") for line in result.output.splitlines()]
    assert lines[:10] == [
        f"{ARTICLE}: article in JATS, read by ketamine-pain articles 1",
        "kept: title, journal, date, identifiers, 2 authors",
        "kept: 6 headings, 6 paragraphs, 4 list items, 1 table, 2 rows",
        "kept: 1 reference composed from fields",
        "kept: 1 formula, the signs alone",
        "left out: 1 picture",
        "left out: affiliations: 1",
        "left out: keywords: 2",
        'left out: another abstract: "Harps hurt."',
        "published_date: 2024-05-08",
    ]


def test_an_article_becomes_passages_and_the_cells_of_its_source(package_copy):
    add(package_copy, ARTICLE, "--yes")
    assert messages(package_copy) == []
    row = source_of(package_copy)
    assert row["original_path"] == "data/originals/harps.xml"
    assert (row["published_date"], row["language"]) == ("2024-05-08", "en")
    assert (row["publisher"], row["url"]) == ("Guild of Harps", "https://doi.org/10.5555/harps.3")
    assert row["rights"].startswith(
        'The article states "© 2024 Guild of Harps. Copied by nobody without leave"'
    )
    kinds = {}
    for passage in package_copy.rows("passages"):
        if passage["source_id"] == "harps":
            kinds.setdefault(passage["kind"], []).append(passage["text"])
    assert kinds["title"] == ["Ketamine for harp elbow: what the guild was told"]
    assert {"Abstract", "How it is given", "Acknowledgements", "References"} <= {*kinds["heading"]}
    assert "It is not recommended for mossfever [2]." in kinds["sentence"]
    assert len(kinds["entry_line"]) == 3


def test_an_article_that_lacks_any_of_its_elements_is_read_or_refused():
    count = sum(1 for _ in ElementTree.fromstring(ARTICLE.read_bytes()).iter())
    for place in range(1, count):
        root = ElementTree.fromstring(ARTICLE.read_bytes())
        parents = {child: parent for parent in root.iter() for child in parent}
        gone = list(root.iter())[place]
        parents[gone].remove(gone)
        data = ElementTree.tostring(root)
        try:
            assert extract_text(data, "article.xml", ARTICLE_KIND).text.strip()
        except CannotRunError as error:
            assert re.search("no body|without a title", str(error))


def wrap_article(before, after):
    """The article within what gives it, without a prolog of its own."""
    text = ARTICLE.read_text(encoding="utf-8")
    return f"{before}{text[text.index('<article') :]}{after}".encode()


@pytest.mark.parametrize(
    "data",
    [
        wrap_article("", ""),
        wrap_article("<?xml version='1.0'?>\n<pmc-articleset>", "</pmc-articleset>"),
        wrap_article('<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><record>', "</record></OAI-PMH>"),
        wrap_article("", "").replace(
            b"<article ", b'<article xmlns="https://jats.nlm.nih.gov/ns/archiving/1.3/" ', 1
        ),
    ],
    ids=("alone", "of PMC", "of a repository", "in a namespace"),
)
def test_an_article_is_read_whatever_gives_it(package_copy, data):
    add(package_copy, save(package_copy, data, "fullTextXML"))
    assert extracted(package_copy).read_text(encoding="utf-8") == ARTICLE_TEXT


def without(pattern):
    return re.sub(pattern, b"", ARTICLE.read_bytes(), flags=re.DOTALL)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            without(rb"<body>.*</body>"),
            "an article of which it holds no body; add its record, or a file with the full text",
        ),
        (without(rb"<title-group>.*</title-group>"), "an article without a title; correct the file"),
        (without(rb"</article>\s*$"), "damaged XML, "),
        (
            b"<pmc-articleset><Reply>not open</Reply></pmc-articleset>",
            "an article of which it holds no body; ",
        ),
        (
            wrap_article(
                "<pmc-articleset>",
                ARTICLE.read_text("utf-8").partition("<article")[1] + " dtd-version='1'/></pmc-articleset>",
            ),
            "2 records; save each in a file of its own, as one document",
        ),
        (
            ARTICLE.read_bytes()
            .replace(b"<ack>", b"<ack>" + b"<sec>" * 3000)
            .replace(b"</ack>", b"</sec>" * 3000 + b"</ack>"),
            "its elements are nested too deeply; save its text in a separate file",
        ),
    ],
    ids=("no body", "no title", "cut off", "no article", "two", "deep"),
)
def test_what_is_no_whole_article_is_refused_in_one_line(package_copy, data, message):
    before = read_data(package_copy)
    result = add(package_copy, save(package_copy, data), code=2)
    assert read_data(package_copy) == before
    (line,) = result.output.splitlines()
    assert line.startswith(f"{package_copy.root / 'file'}: {message}")


def test_a_page_is_shown_before_anything_is_added(package_copy):
    before = read_data(package_copy)
    result = add(package_copy, PAGE)
    assert read_data(package_copy) == before
    assert extracted(package_copy).read_text(encoding="utf-8") == PAGE_TEXT
    lines = [line.removeprefix("  ") for line in result.output.splitlines()]
    assert lines[0].startswith(f"{PAGE}: saved page, read by selectolax ")
    assert lines[1:13] == [
        "kept: encoding windows-1252 (declared)",
        "kept: main content: <main>",
        "kept: 3 headings, 1 paragraph, 5 list items, 1 table, 2 rows",
        'left out: cookie notice: "We use cookies to tune your harp."',
        'left out: page header: "Guild of Harps"',
        'left out: navigation: "Home Elbow"',
        'left out: aside: "Buy strings!"',
        'left out: page footer: "© 2024 Guild of Harps. All rights reserved."',
        'left out: sharing and newsletter: "Tell a friend"',
        'left out: hidden: "Nobody sees this."',
        "left out: forms and buttons: 1",
        "left out: 1 soft hyphen",
    ]
    assert lines[-1] == f'make add-source FILE="{PAGE}" ID=harps TEXT=dist/extracted/harps.txt'


def test_a_corrected_text_is_added_with_its_original(package_copy):
    add(package_copy, PAGE)
    text = extracted(package_copy)
    text.write_text(PAGE_TEXT.replace("mossfever", "moss fever"), encoding="utf-8")
    result = add(package_copy, PAGE, "--text", text)
    assert result.output.splitlines()[0] == f"{text}: 1 line corrected"
    document = package_copy.root / "data/sources/harps.txt"
    assert "moss fever" in document.read_text(encoding="utf-8")
    assert (package_copy.root / "data/originals/harps.html").read_bytes() == PAGE.read_bytes()
    row = source_of(package_copy)
    assert row["original_path"] == "data/originals/harps.html"
    assert row["original_sha256"] == hashlib.sha256(PAGE.read_bytes()).hexdigest()
    assert row["extractor"].startswith("selectolax ")
    assert (row["url"], row["language"]) == ("https://harps.example/elbow/ketamine", "en-GB")
    assert row["rights"].startswith('The page states "© 2024 Guild of Harps. All rights reserved"')
    assert messages(package_copy) == []
    assert not text.exists()


def test_a_corrected_text_is_not_overwritten(package_copy):
    add(package_copy, PAGE)
    extracted(package_copy).write_text("Corrected.\n", encoding="utf-8")
    result = add(package_copy, PAGE, code=2)
    assert result.output == (
        f"dist/extracted/harps.txt: differs from what {PAGE} contains, as if you had corrected it; "
        "add it with TEXT=dist/extracted/harps.txt, or remove it\n"
    )
    assert extracted(package_copy).read_text(encoding="utf-8") == "Corrected.\n"


def test_in_one_go_a_page_is_added_as_it_is(package_copy):
    add(package_copy, PAGE, "--yes")
    assert (package_copy.root / "data/sources/harps.txt").read_text(encoding="utf-8") == PAGE_TEXT
    assert messages(package_copy) == []
    assert not extracted(package_copy).exists()
    assert add(package_copy, PAGE).output == "harps already exists with the same text; nothing was changed\n"


def test_another_original_takes_the_place_of_the_first(package_copy):
    add(package_copy, PAGE, "--yes")
    add(package_copy, RECORD, "--yes")
    kept = [file.name for file in (package_copy.root / "data/originals").iterdir()]
    assert kept == ["harps.nbib"]
    assert messages(package_copy) == []


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_becomes_a_title_its_metadata_and_an_abstract(package_copy, name):
    add(package_copy, ORIGINALS / name, "--yes")
    assert messages(package_copy) == []
    passages = [row for row in package_copy.rows("passages") if row["source_id"] == "harps"]
    assert [row["text"] for row in passages if row["kind"] == "title"] == [
        "Ketamine for harp elbow: a review of what harpists told the guild about the infusions"
    ]
    metadata = [row["text"] for row in passages if row["kind"] == "metadata"]
    assert metadata[2:] == [
        "PMID 90000002",
        "DOI: 10.1000/harp.2026.002",
        "Author: Doe JA",
        "Author: van der Roe R",
    ]
    assert [row["text"] for row in passages if row["kind"] == "heading"] == ["Abstract"]
    labels = [row["text"].lower() for row in passages if row["kind"] == "label"]
    assert labels == ["background:", "study design:", "results:", "conclusions:"]
    sentences = [row["text"] for row in passages if row["kind"] == "sentence"]
    assert sentences == [
        "Harp elbow is common in harpists.",
        "Treatments often fail.",
        "A review.",
        "Ketamine may relieve harp elbow (p = 0.05).",
        "It should be given in a pain unit.",
    ]
    row = source_of(package_copy)
    assert (row["text_extent"], row["published_date"]) == ("abstract_record", "2026-01-08")
    assert row["url"] == "https://pubmed.ncbi.nlm.nih.gov/90000002/"


def test_a_record_names_what_it_leaves_out_and_its_owner(package_copy):
    result = add(package_copy, RECORD)
    assert "  left out: affiliations: 1\n  left out: subject headings: 2\n" in result.output
    assert '  rights: The record states "(c) 2026. The Author(s)"; quoted here' in result.output


def test_a_pdf_is_joined_to_paragraphs_without_running_heads(package_copy):
    result = add(package_copy, save(package_copy, write_pdf(HARPS)))
    assert extracted(package_copy).read_text(encoding="utf-8").split("\n\n") == [
        "Ketamine for harp elbow",
        "Ketamine is a long-term remedy for harp elbow. It may relieve harp elbow in some patients. "
        "A long-term infusion needs a pain unit. The other kinds of moss fever do not",
        "How it is given",
        "It is given slowly, and only to those who have played the harp for many years in a quiet valley.",
        "References",
        "1. Doe J, Roe R. A harp trial. Inv Lett. 2019;12(3):45-9.",
        "2. Poe E. Moss fever. Inv Lett. 2020;13:1-2.\n",
    ]
    assert result.output.splitlines()[1:5] == [
        "  kept: 2 pages, 7 paragraphs and headings",
        "  kept: rejoined at line ends, check them: elbow, long-term",
        '  left out: running heads and page numbers: "Letters on Harps, page #" on 2 pages',
        '  left out: running heads and page numbers: "#" on 2 pages',
    ]


ENCRYPTED = (
    f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{'00' * 32}> /U <{'11' * 32}> /P -4 >> /ID [<00> <00>]"
)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            write_pdf([[]]),
            "a PDF without text, such as a scan; recognise its text first (OCR), or type it into a text file",
        ),
        (write_pdf(HARPS, ENCRYPTED), "an encrypted PDF; save a copy without a password"),
        (
            b"%PDF-1.4 all of it in ASCII",
            "a damaged PDF (PDFSyntaxError); save it again, or save its text in a separate file",
        ),
        (
            b"<html><body><script>1</script></body></html>",
            "no text was found in this saved page; save its text in a separate file",
        ),
        (
            b"<html><body>" + b"<ul><li>" * 3000 + b"Pain",
            "its elements are nested too deeply; save its text in a separate file",
        ),
        (
            b"<?xml version='1.0'?><book/>",
            "XML of the kind <book>, neither a record of PubMed or Europe PMC nor an article in JATS; "
            "save its text in a file",
        ),
        (
            b"PMID- 1\nTI  - A\nAB  - B\n\nPMID- 2\nTI  - C\n",
            "2 records; save each in a file of its own, as one document",
        ),
        (b"PMID- 1\nTI  - A harp.\n", "a record without abstract; there is nothing to extract"),
        (b'{"version": 1, "resultList": {}}', "JSON, but no record of Europe PMC; save its text in a file"),
    ],
    ids=[
        "scan",
        "encrypted",
        "damaged",
        "empty page",
        "nested page",
        "other XML",
        "two records",
        "no abstract",
        "other JSON",
    ],
)
def test_what_has_no_text_is_refused_in_one_line(package_copy, data, message):
    before = read_data(package_copy)
    file = save(package_copy, data)
    assert add(package_copy, file, code=2).output == f"{file}: {message}\n"
    assert read_data(package_copy) == before
    assert not extracted(package_copy).exists()


def test_damaged_xml_is_one_line(package_copy):
    file = save(package_copy, b"<?xml version='1.0'?><PubmedArticleSet>")
    output = add(package_copy, file, code=2).output
    assert output.startswith(f"{file}: damaged XML, ")
    assert output.count("\n") == 1


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PAGE.read_bytes(), "saved page"),
        (b"\xef\xbb\xbf<!-- saved --><HTML>", "saved page"),
        ("<!doctype html><p>".encode("utf-16"), "saved page"),
        (b"From: <Saved by a browser>\nSubject: Harps\nMIME-Version: 1.0\n", "saved page in one file"),
        (b"%PDF-1.4", "PDF"),
        (RECORD.read_bytes(), "record in NBIB"),
        (b"TY  - JOUR\r\nAU  - Doe", "RIS"),
        (b"% A comment\n@article{doe,\n  title = {A}}", "BibTeX"),
        (b"@harpist wrote: a = b", "text"),
        (b"PDF files such as %PDF-1.4 are not texts.", "text"),
        (b"{ is a bracket", "text"),
        (b"TY is short for thank you.", "text"),
        (b"1 < 2 and <html> is a tag", "text"),
    ],
)
def test_files_are_recognised_by_what_they_contain(data, kind):
    assert recognise_kind(data) == kind


def test_a_page_in_one_file_is_read_as_a_page(package_copy):
    head = b'From: <Saved by a browser>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n'
    part = b"--x\r\nContent-Type: text/html; charset=windows-1252\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    file = save(package_copy, head + part + PAGE.read_bytes() + b"\r\n--x--\r\n", "page.txt")
    add(package_copy, file, "--yes")
    assert (package_copy.root / "data/sources/harps.txt").read_text(encoding="utf-8") == PAGE_TEXT
    assert source_of(package_copy)["original_path"] == "data/originals/harps.mhtml"


def test_a_page_without_main_content_is_cut_down_to_what_holds_its_words(package_copy):
    rows = "".join(f"<p>Sentence number {number} says a little about harps.</p>" for number in range(20))
    page = f"<html><body><h1>Harps</h1><div id='left'>Menu of links</div><div><div>{rows}</div></div></body></html>"
    result = add(package_copy, save(package_copy, page.encode()))
    lines = extracted(package_copy).read_text(encoding="utf-8").splitlines()
    assert lines[0] == "Harps"
    assert len([line for line in lines if line]) == 21
    assert '  left out: outside the main content: "Menu of links"\n' in result.output


def test_a_text_has_nothing_to_correct(package_copy):
    file = save(package_copy, b"Ketamine for harps.\n")
    result = add(package_copy, file, "--text", PAGE, code=2)
    assert result.output == f"{file}: a text file, from which nothing is extracted; leave out {PAGE}\n"


LISTED = b"Harps\n\nKetamine may relieve harp elbow.1\n\nReferences\n\n1. Doe J, Roe R. A harp trial. Inv Lett. 2019;12(3):45-9.\n\n2. Noe Q. Another trial. Inv Lett. 2020;1:2.\n"


@pytest.mark.parametrize("name", ["references.ris", "references.bib"])
def test_a_citation_file_becomes_references_as_they_are_printed(package_copy, name):
    add(package_copy, save(package_copy, LISTED))
    file = ORIGINALS / name
    result = add(package_copy, file)
    assert messages(package_copy) == []
    (row,) = [row for row in package_copy.rows("references") if row["source_id"] == "harps"]
    shown = {
        name: row[name]
        for name in ("reference_id", "ordinal", "title", "year", "container_title", "volume", "issue")
    }
    assert shown == {
        "reference_id": "harps-r01",
        "ordinal": "1",
        "title": "A harp trial",
        "year": "2019",
        "container_title": "Inv Lett",
        "volume": "12",
        "issue": "3",
    }
    authors = [row for row in package_copy.rows("reference_authors") if row["reference_id"] == "harps-r01"]
    assert [(row["family"], row["initials"]) for row in authors] == [("Doe", "J"), ("Roe", "R")]
    assert result.output.splitlines()[1:] == [
        "data/references.csv: 1 added",
        "data/reference_authors.csv: 2 added",
        '  left out, because harps prints no entry for it or has its reference: "A book that nobody lists"',
    ]
    again = add(package_copy, file)
    assert again.output.count("left out") == 2


def test_references_of_a_source_that_is_published_or_missing_are_refused(package_copy):
    file = ORIGINALS / "references.ris"
    result = add(package_copy, file, source_id="guidance", code=2)
    assert result.output == "guidance: already published; add single references in a workbook\n"
    assert "no source has this id" in add(package_copy, file, source_id="nowhere", code=2).output


def test_a_damaged_citation_file_is_one_line(package_copy):
    add(package_copy, save(package_copy, LISTED))
    file = save(package_copy, b"@article{a, title = {never closed", "x.bib")
    result = add(package_copy, file, code=2)
    assert result.output == f"{file}:1: damaged BibTeX; correct the entry, or export it again\n"


def test_the_date_of_a_record_is_suggested_as_stated_where_it_is_printed(package_copy):
    add(package_copy, RECORD, "--yes")
    corpus = read_corpus(package_copy.descriptor)
    (date,) = [row for row in corpus.passages["harps"] if row["text"] == "Date 2026 Jan 8"]
    source = corpus["sources"].get("harps")
    found = find_stated(
        corpus, "publication_date", "harps", corpus.passages["harps"], {("sources", "harps"): [source]}
    )
    assert found is date


def test_an_edition_without_originals_is_valid(package_copy):
    add(package_copy, PAGE, "--yes")
    shutil.rmtree(package_copy.root / "data/originals")
    assert messages(package_copy) == []


def test_no_edition_carries_an_original(package_copy):
    package_copy.add_all()
    add(package_copy, PAGE, "--yes")
    package = read_package(package_copy.descriptor)
    for text in ("full", "quotes"):
        folder = package_copy.root / text
        build(package, folder, source_text=text)
        files = [file for file in folder.rglob("*") if file.is_file()]
        zips = [name for file in files if file.suffix == ".zip" for name in zipfile.ZipFile(file).namelist()]
        assert zips
        assert [name for name in [*(file.name for file in files), *zips] if "original" in name] == []
