"""What a form can fill in before anybody types: from suggestions, the text, and what was rejected."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from packpress.editing.identifiers import find_next
from packpress.problems import CannotRunError
from packpress.tables.rows import Row

from scripts.curating.desk import DraftView
from scripts.curating.readings import set_records
from scripts.curation.corpus import ENTITY_LINKS, Corpus, Entity, build_corpus
from scripts.curation.curation_progress import publish_all
from scripts.curation.suggestions import suggest_rows
from scripts.curation.words import find_places, split_list

Cells = dict[str, str]


@dataclass
class ClaimOffer:
    """A suggested claim with its links, by table.

    `items` are those of a list, and `is_split` says that a claim for each is suggested. `new` has the
    beginnings of rows for what it links and no source has named yet.
    """

    claim: Cells
    links: list[tuple[str, Cells]] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    is_split: bool = False
    new: dict[Entity, Cells] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The words that the claim would quote."""
        return self.claim["quote"]


def offer_claim(view: DraftView, passage: Row, quote: str = "", occurrence: str = "") -> ClaimOffer:
    """The claim that is suggested for a passage, or for some words of it."""
    suggested = _suggest_for(view, passage)
    offer = suggested or ClaimOffer({"passage_id": passage.key, "quote": passage["text"]})
    if quote:
        offer = _narrow(offer, quote, occurrence, view.guesses.subject)
    offer.claim["claim_id"] = next_claim_id(view)
    offer.claim.setdefault("extraction", "one_reader")
    offer.items = offer.items or split_list(offer.words)
    return offer


def next_claim_id(view: DraftView, skip: int = 0) -> str:
    """The next free identifier of a claim of the draft, or one some places further."""
    try:
        first = find_next(view.package, view.tables, "claims", view.source_id)
    except CannotRunError:
        first = f"{view.source_id}-c001"
    head, digits = re.fullmatch(r"(.*?)([0-9]+)", first, re.DOTALL).groups()  # type: ignore[union-attr]
    return f"{head}{int(digits) + skip:0{len(digits)}}"


def _suggest_for(view: DraftView, passage: Row) -> ClaimOffer | None:
    """What `make todo` would suggest for the passage if it had neither a claim nor a reason."""
    bare = dict(view.tables)
    claims = view.tables["claims"]
    bare["claims"] = set_records(
        claims, (row.cells for row in claims.rows if row["passage_id"] != passage.key)
    )
    bare["passages"] = set_records(
        view.tables["passages"],
        (
            row.with_cell("reason", "").cells if row.key == passage.key else row.cells
            for row in view.tables["passages"].rows
        ),
    )
    rejected = dict(view.corpus.rejected)
    if view.corpus.claims_of(passage):
        # What one claim of a passage leaves out may be what the next one is about.
        own = rejected.get(view.source_id, ())
        rejected[view.source_id] = tuple(row for row in own if row[0] != passage.key)
    corpus = build_corpus(view.package, publish_all(bare), rejected)
    return next(
        (offer for offer in list_offers(corpus, view.source_id) if offer.claim["passage_id"] == passage.key),
        None,
    )


def list_offers(corpus: Corpus, source_id: str) -> Iterator[ClaimOffer]:
    """The suggested claims of a source with their links; links of claims that exist are left out.

    Claims of one passage that differ in the item of a list only are one offer, which a form splits again.
    """
    rows = suggest_rows(corpus, source_id).rows
    new = {
        Entity(table, next(iter(cells.values()))): dict(cells)
        for table in ENTITY_LINKS.values()
        for cells in rows.get(table, ())
    }
    by_words: dict[tuple[str, str], ClaimOffer] = {}
    offers: dict[str, ClaimOffer] = {}
    for cells in rows.get("claims", ()):
        words = cells["passage_id"], cells["quote"]
        made = offers[cells["claim_id"]] = by_words.setdefault(words, ClaimOffer(dict(cells), new=new))
        made.items.append(cells["focus"])
        made.is_split = len(made.items) > 1
    for table in (*ENTITY_LINKS, "claim_references"):
        for cells in rows.get(table, ()):
            offer = offers.get(cells["claim_id"])
            link = {**cells, "claim_id": offer.claim["claim_id"]} if offer else {}
            if offer and (table, link) not in offer.links:
                offer.links.append((table, link))
    for offer in by_words.values():
        offer.items = offer.items if offer.is_split else []
        offer.claim["focus"] = offer.claim["quote"] if offer.is_split else offer.claim["focus"]
        yield offer


def _narrow(offer: ClaimOffer, quote: str, occurrence: str, subject: Entity | None) -> ClaimOffer:
    """The offer for some words of its passage: what stands outside them is left out."""
    claim = {**offer.claim, "quote": quote, "focus": quote, "quote_occurrence": occurrence}
    for name in ("hedge", "qualifier"):
        if claim.get(name, "") not in quote:
            claim[name] = ""
    claim["certainty"] = "hedged" if claim.get("hedge") else "asserted"
    links = [(table, cells) for table, cells in offer.links if cells.get("mention", "") in quote]
    linked = {(ENTITY_LINKS.get(table, ""), [*cells.values()][1]) for table, cells in links}
    if subject and claim.get("about") == subject.key and (subject.table, subject.key) not in linked:
        claim["about"] = "other"
    items = [item for item in offer.items if item in quote]
    return replace(offer, claim=claim, links=links, items=items, is_split=offer.is_split and len(items) > 1)


def is_about_subject(view: DraftView) -> bool:
    """Whether the document is about the subject that most claims share: its title names it."""
    titles = [row["text"] for row in view.passages if row["kind"] == "title"]
    namings = [
        naming for title in (*titles, view.source["title"]) for naming in view.learned.find_namings(title)
    ]
    return any(naming.entity == view.guesses.subject for naming in namings)


def key_field(view: DraftView, link_table: str) -> str:
    """The field of a link table that names what is linked."""
    return view.package.by_name[link_table].primary_key[-1 if link_table not in ENTITY_LINKS else 1]


def list_entities(corpus: Corpus) -> Iterator[tuple[Entity, str]]:
    """Every row that a claim can be linked to, with its label."""
    for table in ENTITY_LINKS.values():
        for row in corpus[table].rows:
            yield Entity(table, row.key), row["label"]


def count_occurrences(words: str, text: str) -> int:
    """How often some words occur in a text."""
    return sum(1 for _ in find_places(words, text))
