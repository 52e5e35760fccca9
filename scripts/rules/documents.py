"""Rules on the documents: their files are there, genuine, readable and all accounted for."""

from collections.abc import Iterator

from packpress.checks.rules import rule
from packpress.problems import Problem

from scripts.curation.corpus import Corpus
from scripts.curation.documents import DOCUMENTS, RIGHTS_NOT_STATED
from scripts.curation.words import normalise_spaces


@rule("sources")
def check_document_can_be_read(corpus: Corpus) -> Iterator[Problem]:
    """Every source has its document, named after it, and its encoding decodes it."""
    for source in corpus["sources"]:
        document = corpus.documents[source["source_id"]]
        if document.fault:
            yield source.problem(document.faulty_field, document.fault)


@rule("sources")
def check_document_is_genuine(corpus: Corpus) -> Iterator[Problem]:
    """Every document has, byte for byte, the fingerprint that its source records."""
    for source in corpus["sources"]:
        document = corpus.documents[source["source_id"]]
        if document.sha256 and document.sha256 != source["sha256"]:
            message = f"{source['path']} has another; restore the file, sources are never edited"
            yield source.problem("sha256", message)


@rule("sources")
def check_every_document_has_a_source(corpus: Corpus) -> Iterator[Problem]:
    """Every file beside the documents is the document of a source."""
    place = corpus["sources"].resource.place
    known = {f"{source['source_id']}.txt" for source in corpus["sources"]}
    for file in sorted((corpus.package.root / DOCUMENTS).glob("*")):
        if file.name not in known:
            yield Problem(
                f"{DOCUMENTS}/{file.name}",
                0,
                f"no row of {place} names this file; add the source or remove the file",
            )


@rule("sources")
def check_title_is_as_printed(corpus: Corpus) -> Iterator[Problem]:
    """The title of a source is the words of its title passage, and is empty where there is none."""
    for source in corpus["sources"]:
        passages = corpus.passages.get(source["source_id"], [])
        printed = next((normalise_spaces(row["text"]) for row in passages if row["kind"] == "title"), "")
        if passages and normalise_spaces(source["title"]) != printed:
            what = (
                f'its title passage has "{printed}"; copy it'
                if printed
                else "it has no title passage; leave it empty"
            )
            yield source.problem("title", what)


@rule("sources")
def check_published_source_states_its_rights(corpus: Corpus) -> Iterator[Problem]:
    """Every published source says whose its text is, where a draft may hold the place with a sentence."""
    for source in corpus["sources"]:
        if source["status"] == "published" and source["rights"] == RIGHTS_NOT_STATED:
            yield source.problem("rights", "say whose the text is, or set status to in_progress")


@rule("sources")
def check_declared_citing_count(corpus: Corpus) -> Iterator[Problem]:
    """The number of citing articles that a document declares is the number that it lists (a notice)."""
    for source in corpus["sources"]:
        references = corpus["references"].group("source_id").get(source["source_id"], [])
        listed = sum(row["listed_as"] == "citing_list" for row in references)
        if source["declared_citing_count"] and source.number("declared_citing_count") != listed:
            message = f"the document lists {listed}; compute nothing from a partial list"
            yield source.problem("declared_citing_count", message, is_notice=True)
