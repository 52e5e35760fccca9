"""What a form can fill in before anybody types: from suggestions, the text, and what was rejected."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from packpress.editing.identifiers import find_next
from packpress.problems import CannotRunError
from packpress.tables.rows import Row

from scripts.curating.desk import DraftView
from scripts.curating.readings import set_records
from scripts.curation.corpus import ENTITY_LINKS, Corpus, Entity, build_corpus
from scripts.curation.curation_progress import publish_all
from scripts.curation.suggestions import suggest_rows
from scripts.curation.words import POINTING_WORDS, find_places, split_words
from scripts.rules.links import DRUGS

Cells = dict[str, str]
# A list within a sentence: items set apart by commas, the last by a word.
LIST = re.compile(r"(?:[^,;:.()]+, )*[^,;:.()]+?,? (?:and|or) [^,;:.()]+")
BETWEEN = re.compile(r",? (?:and|or) |, ")
DRUG = "ketamine"


@dataclass
class ClaimOffer:
    """A suggested claim with its links, by table.

    `new` has the beginnings of rows for what it links and no source has named yet.
    """

    claim: Cells
    links: list[tuple[str, Cells]] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
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
        offer = _narrow(offer, quote, occurrence)
    offer.claim["claim_id"] = next_claim_id(view)
    offer.claim.setdefault("extraction", "one_reader")
    offer.links = [(table, cells) for table, cells in offer.links if not is_rejected(view, table, cells)]
    _add_subject(view, passage, offer)
    offer.items = split_list(offer.words)
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
    corpus = build_corpus(view.package, publish_all(bare))
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
        if words in by_words:
            by_words[words].claim["focus"] = cells["quote"]
        offers[cells["claim_id"]] = by_words.setdefault(words, ClaimOffer(dict(cells), new=new))
    for table in (*ENTITY_LINKS, "claim_references"):
        for cells in rows.get(table, ()):
            offer = offers.get(cells["claim_id"])
            link = {**cells, "claim_id": offer.claim["claim_id"]} if offer else {}
            if offer and (table, link) not in offer.links:
                offer.links.append((table, link))
    return iter(by_words.values())


def _narrow(offer: ClaimOffer, quote: str, occurrence: str) -> ClaimOffer:
    """The offer for some words of its passage: what stands outside them is left out."""
    claim = {**offer.claim, "quote": quote, "focus": quote, "quote_occurrence": occurrence}
    for name in ("hedge", "qualifier"):
        if claim.get(name, "") not in quote:
            claim[name] = ""
    claim["certainty"] = "hedged" if claim.get("hedge") else "asserted"
    claim["about"] = DRUG if DRUG in split_words(quote) else "other"
    links = [(table, cells) for table, cells in offer.links if cells.get("mention", "") in quote]
    return replace(offer, claim=claim, links=links)


def _add_subject(view: DraftView, passage: Row, offer: ClaimOffer) -> None:
    """Links the drug where a pronoun stands for it at the beginning, in a document about it."""
    links_drug = any(cells.get("concept_id") in DRUGS for _, cells in offer.links)
    first = offer.words.split(" ", 1)[0]
    antecedent = find_antecedent(view, passage)
    if links_drug or first.lower() not in POINTING_WORDS or not antecedent or not is_about_drug(view):
        return
    if not is_rejected(view, "claim_concepts", {"concept_id": DRUG, "mention": first}):
        cells = {"concept_id": DRUG, "role": "subject", "mention": first, "mention_type": "anaphoric"}
        offer.links.insert(0, ("claim_concepts", cells))
        offer.claim["about"] = DRUG
        offer.claim.setdefault("antecedent_passage_id", antecedent.key)


def is_about_drug(view: DraftView) -> bool:
    """Whether the document is about the drug: its title names it, and the tables have it."""
    titles = [row["text"] for row in view.passages if row["kind"] == "title"]
    named = any(DRUG in split_words(title) for title in (*titles, view.source["title"]))
    return named and view.corpus["concepts"].get(DRUG) is not None


def find_antecedent(view: DraftView, passage: Row) -> Row | None:
    """The nearest passage of running text before this one that names the drug."""
    earlier = [row for row in view.running if view.corpus.stands_before(row, passage)]
    return next((row for row in reversed(earlier) if DRUG in split_words(row["text"])), None)


def split_list(words: str) -> list[str]:
    """The items of a list in some words; empty when there is none.

    >>> split_list("Ketamine can cause hallucinations and dizziness")
    ['hallucinations', 'dizziness']
    >>> split_list("Ketamine relieves pain")
    []
    """
    found = LIST.search(words)
    if not found:
        return []
    items = [item.strip() for item in BETWEEN.split(found[0]) if item.strip()]
    # What leads to the list stands before its first item, which is about as long as the second.
    length = len(items[1].split()) if len(items) > 1 else 0
    first = " ".join(items[0].split()[-length:]) if length else ""
    return [first, *items[1:]] if len(items) > 1 else []


# A rejected suggestion: its table, the row that it would link, and the words in lower case.
Rejection = tuple[str, str, str]


def rejection_of(view: DraftView, table: str, cells: Mapping[str, str]) -> Rejection:
    """What is remembered of a rejected link."""
    return table, cells.get(key_field(view, table), ""), cells.get("mention", cells.get("marker", "")).lower()


def key_field(view: DraftView, link_table: str) -> str:
    """The field of a link table that names what is linked."""
    return view.package.by_name[link_table].primary_key[-1 if link_table not in ENTITY_LINKS else 1]


def is_rejected(view: DraftView, table: str, cells: Mapping[str, str]) -> bool:
    """Whether the words were rejected as a name of the row more often than linked to it, in this draft."""
    wanted = rejection_of(view, table, cells)
    rejected = sum((row[1], row[2], row[3].lower()) == wanted for row in view.rejected)
    if not rejected:
        return False
    name = key_field(view, table)
    confirmed = sum(
        link[name] == wanted[1]
        and link["mention" if "mention" in link.table.positions else "marker"].lower() == wanted[2]
        for link in view.tables[table].group(name).get(wanted[1], ())
        if view.corpus.source_id(link) == view.source_id
    )
    return rejected > confirmed


@dataclass(frozen=True)
class UsualRoles:
    """The role that an entity, or any of its table, most often has in claims of each type."""

    counts: Mapping[tuple[str, str, str], Counter[str]]

    def find(self, table: str, entity: str, claim_type: str) -> str:
        """The usual role; empty when nothing like it was seen."""
        for key in (
            (table, claim_type, entity),
            (table, claim_type, ""),
            (table, "", entity),
            (table, "", ""),
        ):
            if counts := self.counts.get(key):
                return max(counts, key=lambda role: (counts[role], role))
        return ""


def learn_roles(corpus: Corpus) -> UsualRoles:
    """The usual roles, from all links of the tables."""
    counts: dict[tuple[str, str, str], Counter[str]] = {}
    for table in ENTITY_LINKS:
        for link in corpus[table].rows:
            claim = corpus.claim(link)
            entity = corpus.entity(link).key
            for claim_type in ("", *([claim["claim_type"]] if claim and claim["claim_type"] else [])):
                for key in ((table, claim_type, entity), (table, claim_type, "")):
                    counts.setdefault(key, Counter())[link["role"]] += 1
    return UsualRoles(counts)


def list_entities(corpus: Corpus) -> Iterator[tuple[Entity, str]]:
    """Every row that a claim can be linked to, with its label."""
    for table in ENTITY_LINKS.values():
        for row in corpus[table].rows:
            yield Entity(table, row.key), row["label"]


def count_occurrences(words: str, text: str) -> int:
    """How often some words occur in a text."""
    return sum(1 for _ in find_places(words, text))
