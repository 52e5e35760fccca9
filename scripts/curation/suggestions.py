"""Suggestions: complete rows for a draft, computed from its text and from what the tables teach.

A curator accepts, completes or deletes each suggestion; none enters a table by itself. The statement and the
type of a claim are left to the reader.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count

from packpress.tables.rows import Row

from scripts.curation.antecedents import ANAPHORIC, CONTEXT, Antecedent, NamesInText, note_antecedent
from scripts.curation.corpus import ENTITY_LINKS, RUNNING_TEXT, Corpus, Entity
from scripts.curation.curation_progress import suggest_reporting
from scripts.curation.guesses import Guesses, Situation, learn_guesses
from scripts.curation.learned_counts import HEDGE, QUALIFIER, LearnedCounts, Naming, learn
from scripts.curation.new_effects import NewEffect, find_general_effect, find_new_effects
from scripts.curation.words import cuts_word, expand_marker, find_negations, find_places
from scripts.curation.works import suggest_works
from scripts.rules.bibliography import claim_with, find_printed_markers, references_by_marker
from scripts.rules.entities import claim_at, find_unlinked_names

Cells = dict[str, str]
# Bullets and numbers of list items before a claim; a stop and an attached citation marker after it, which
# digits after a number and a point are not.
BEFORE = re.compile(r"^(?:[•‣◦▪●○·∙*–—-]|\(?\d{1,2}[.)])\s+")
BEHIND = re.compile(r"[\s.;]*(?:[.!?](?:(?<!\d[.!?])\d+(?:[-–,]\d+)*|\[[^\[\]\s]{1,12}\]))?$")
# The role that says which way a quantity or a state goes.
OUTCOME = "outcome"
# Words that stand for what an earlier sentence names.
POINTING = re.compile(
    r"\b(?:it|its|they|their|them)\b|\b(?:this|these|such)\b(?=\s+(?:can|is|are|may|was|were)\b)", re.I
)


@dataclass(frozen=True)
class PassageFinding:
    """What was found in a passage of running text: known names, cues, negations and citation markers."""

    passage: Row
    namings: list[Naming]
    cues: dict[str, list[str]]
    negations: list[str]
    markers: list[str]
    # The last passage that names the shared subject, where this one only refers to it or leaves it out.
    antecedent: Antecedent | None = None
    effects: list[NewEffect] = field(default_factory=list)


@dataclass
class Suggestions:
    """The suggested rows of each table, and what was found in the passages that they come from.

    >>> suggestions = Suggestions()
    >>> suggestions.add("claims", {"quote": "Ketamine helps"})
    >>> suggestions.rows
    {'claims': [{'quote': 'Ketamine helps'}]}
    """

    rows: dict[str, list[Cells]] = field(default_factory=dict)
    findings: list[PassageFinding] = field(default_factory=list)

    def add(self, table: str, cells: Cells) -> None:
        """Adds a row to those of its table."""
        self.rows.setdefault(table, []).append(cells)


def find_in_passage(
    corpus: Corpus, learned: LearnedCounts, guesses: Guesses, passage: Row, before: NamesInText
) -> PassageFinding:
    """What is found in a passage, with the last one before it that names the shared subject."""
    text = passage["text"]
    namings = list(learned.find_namings(text))
    entities = frozenset(naming.entity for naming in namings)
    is_elsewhere = guesses.subject in entities or guesses.is_about_document(
        Situation(text, passage["section"], entities)
    )
    antecedent = None if is_elsewhere else _find_subject(guesses, passage, before)
    is_subject = guesses.subject in entities or antecedent is not None
    known = [naming for naming in namings if naming.entity.table == "adverse_effects"]
    effects = [
        one
        for one in find_new_effects(passage, learned.general_effects, is_subject)
        if not any(_overlap(one, naming) for naming in known)
    ]
    return PassageFinding(
        passage,
        # What a list of effects names is an effect there, not a condition.
        [
            naming
            for naming in namings
            if naming.entity.table != "conditions" or not any(_overlap(one, naming) for one in effects)
        ],
        learned.sort_cues(text),
        find_negations(text),
        find_printed_markers(passage, corpus),
        antecedent,
        effects,
    )


def _overlap(effect: NewEffect, naming: Naming) -> bool:
    ends = effect.start + len(effect.words), naming.start + len(naming.words)
    return effect.start < ends[1] and naming.start < ends[0]


def suggest_rows(corpus: Corpus, source_id: str) -> Suggestions:
    """The suggestions for one source, which is treated as published; existing rows are not repeated."""
    learned, guesses, suggestions = learn(corpus, source_id), learn_guesses(corpus), Suggestions()
    for table, rows in suggest_works(corpus, source_id).items():
        suggestions.rows[table] = rows
    cited = references_by_marker(source_id, corpus) | {
        row.get("ordinal") or row.get("number", ""): row["reference_id"]
        for row in suggestions.rows.get("references", ())
        if row["listed_as"] in ("reference_list", "in_text")
    }
    claim_ids = _next_claim_ids(corpus, source_id)
    before = NamesInText(corpus, learned)
    for passage in corpus.passages.get(source_id, ()):
        if passage["kind"] not in RUNNING_TEXT or passage["reason"]:
            continue
        claims = corpus.claims_of(passage)
        finding = find_in_passage(corpus, learned, guesses, passage, before)
        if claims:
            _complete_links(corpus, guesses, finding, claims, cited, suggestions)
        else:
            suggestions.findings.append(finding)
            _suggest_claims(corpus, guesses, drop_rejected(learned, finding), claim_ids, cited, suggestions)
    for row in suggest_reporting(corpus, source_id):
        suggestions.add("source_reporting", row)
    return suggestions


def _next_claim_ids(corpus: Corpus, source_id: str) -> Iterator[str]:
    """Unused ids for claims of the source."""
    used = [row.key for row in corpus["claims"].rows] + [row["row_id"] for row in corpus["withdrawals"].rows]
    pattern = re.compile(rf"{re.escape(source_id)}-c([0-9]+)")
    last = max((int(match[1]) for key in used if (match := pattern.fullmatch(key))), default=0)
    return (f"{source_id}-c{number:03}" for number in count(last + 1))


def _suggest_claims(
    corpus: Corpus,
    guesses: Guesses,
    finding: PassageFinding,
    claim_ids: Iterator[str],
    cited: dict[str, str],
    suggestions: Suggestions,
) -> None:
    """The whole sentence as one claim, linked to what it names and cites; one for each effect of a list."""
    passage = finding.passage
    quote = trim_claim(passage["text"])
    for effect in finding.effects:
        _suggest_effect(corpus, effect, passage, suggestions)
    links = [*finding.namings, *_link_subject(finding)]
    listed = [naming for naming in links if _is_single_effect(corpus, naming)]
    listed += [Naming(one.start, one.words, Entity("adverse_effects", one.key)) for one in finding.effects]
    shared = [naming for naming in links if naming not in listed]
    parts = [(naming.words, [naming]) for naming in listed] if len(listed) > 1 else [(quote, listed)]
    for focus, own in parts:
        situation = Situation(quote, passage["section"], frozenset(one.entity for one in (*shared, *own)))
        claim = _describe_claim(corpus, guesses, finding, situation, focus)
        claim["claim_id"] = next(claim_ids)
        for naming in (*shared, *own):
            role = guesses.guess_role(naming.entity, situation)
            direction = guesses.guess_direction(naming.entity, situation) if role == OUTCOME else ""
            _suggest_link(corpus, claim["claim_id"], naming, role, suggestions, direction)
        markers = _suggest_citations(claim["claim_id"], finding, cited, suggestions)
        suggestions.add("claims", claim | {"evidence_type": "citation_only" if markers else "none_stated"})


def _describe_claim(
    corpus: Corpus, guesses: Guesses, finding: PassageFinding, situation: Situation, focus: str
) -> Cells:
    """The cells of a claim that its words, and those of the other documents, suggest."""
    passage, quote = finding.passage, situation.words
    hedge, qualifier = (_cover_words(quote, finding.cues[name]) for name in (HEDGE, QUALIFIER))
    return {
        "passage_id": passage.key,
        "quote": quote,
        "quote_occurrence": "1" if len(list(find_places(quote, passage["text"]))) > 1 else "",
        "focus": focus,
        "antecedent_passage_id": finding.antecedent.passage.key if finding.antecedent else "",
        "about": guesses.guess_about(situation),
        "certainty": "hedged" if hedge else "asserted",
        "hedge": hedge,
        "qualifier": qualifier,
        "voice": "own",
        "extraction": "one_reader",
        "note": note_antecedent(corpus, passage, finding.antecedent),
    }


def _is_single_effect(corpus: Corpus, naming: Naming) -> bool:
    """Whether a name is that of one effect, not of effects in general."""
    return naming.entity.table == "adverse_effects" and naming.entity.key != find_general_effect(corpus)


def _suggest_effect(corpus: Corpus, effect: NewEffect, passage: Row, suggestions: Suggestions) -> None:
    """The beginning of a row for an effect that has none yet."""
    table = "adverse_effects"
    suggested = {row["adverse_effect_id"] for row in suggestions.rows.get(table, ())}
    if corpus[table].get(effect.key) is None and effect.key not in suggested:
        cells = {
            "adverse_effect_id": effect.key,
            "label": effect.words.lower(),
            "broader_id": find_general_effect(corpus),
            "passage_id": passage.key,
            "quote": effect.words,
        }
        suggestions.add(table, cells)


def _find_subject(guesses: Guesses, passage: Row, before: NamesInText) -> Antecedent | None:
    """Where the shared subject is named that a passage only points back to, or leaves out."""
    if guesses.subject is None:
        return None
    way = ANAPHORIC if POINTING.search(passage["text"]) else CONTEXT
    return before.find_antecedent(passage, [(guesses.subject, way)], guesses.subject)


def _link_subject(finding: PassageFinding) -> Iterator[Naming]:
    """The shared subject where a passage does not name it, with the words that point back to it."""
    if finding.antecedent:
        pointing = POINTING.search(finding.passage["text"])
        words, place = (pointing[0], pointing.start()) if pointing else ("", 0)
        yield Naming(place, words, finding.antecedent.entity, finding.antecedent.mention_type)


def drop_rejected(learned: LearnedCounts, finding: PassageFinding) -> PassageFinding:
    """What was found, without words that were rejected more often than they were linked."""
    passage = finding.passage
    holds = partial(learned.rejected.hold, passage["source_id"], passage.key)
    subject = [one for one in _link_subject(finding) if not holds(one.entity, one.words)]
    return replace(
        finding,
        namings=[one for one in finding.namings if not holds(one.entity, one.words)],
        effects=[one for one in finding.effects if not holds(Entity("adverse_effects", one.key), one.words)],
        antecedent=finding.antecedent if subject else None,
    )


def trim_claim(text: str) -> str:
    """A sentence without bullet, final stop and attached citation marker; no word or number is cut.

    >>> trim_claim("- Pain scores fell to 7.4."), trim_claim("It relieves pain.2-5")
    ('Pain scores fell to 7.4', 'It relieves pain')
    """
    before, behind = BEFORE.match(text), BEHIND.search(text)
    start = before.end() if before else 0
    end = behind.start() if behind else len(text)
    return text[0 if cuts_word(text, start) else start : len(text) if cuts_word(text, end) else end]


def _complete_links(
    corpus: Corpus,
    guesses: Guesses,
    finding: PassageFinding,
    claims: list[Row],
    cited: dict[str, str],
    suggestions: Suggestions,
) -> None:
    """The links that the rules require in a passage with claims, and that are missing."""
    passage = finding.passage
    missing = find_unlinked_names(corpus, passage, claims)
    for naming in finding.namings:
        if naming.words.lower() in missing:
            claim = claim_at(passage, claims, naming.start)
            linked = frozenset(corpus.entity(link) for link in corpus.links_of(claim, *ENTITY_LINKS))
            situation = Situation(claim["quote"], passage["section"], linked)
            role = guesses.guess_role(naming.entity, situation, claim["claim_type"])
            _suggest_link(corpus, claim.key, naming, role, suggestions)
    cites = {row["reference_id"] for claim in claims for row in corpus.links_of(claim, "claim_references")}
    for marker in finding.markers:
        for key in expand_marker(marker):
            if key in cited and cited[key] not in cites:
                _suggest_citation(claim_with(marker, claims).key, cited[key], marker, suggestions)


def _suggest_link(
    corpus: Corpus, claim_id: str, naming: Naming, role: str, suggestions: Suggestions, direction: str = ""
) -> None:
    cells = {
        "claim_id": claim_id,
        corpus[naming.entity.table].resource.primary_key[0]: naming.entity.key,
        "role": role,
        "mention": naming.words,
        "mention_type": naming.mention_type,
    } | ({"direction": direction} if direction else {})
    suggestions.add(naming.link_table, cells)


def _suggest_citations(
    claim_id: str, finding: PassageFinding, cited: dict[str, str], suggestions: Suggestions
) -> dict[str, str]:
    """The links of a new claim to what its passage cites, with their markers."""
    markers = {
        cited[key]: marker for marker in finding.markers for key in expand_marker(marker) if key in cited
    }
    for reference_id, marker in markers.items():
        _suggest_citation(claim_id, reference_id, marker, suggestions)
    return markers


def _suggest_citation(claim_id: str, reference_id: str, marker: str, suggestions: Suggestions) -> None:
    cells = {"claim_id": claim_id, "reference_id": reference_id, "marker": marker}
    suggestions.add("claim_references", cells)


def _cover_words(text: str, words: list[str]) -> str:
    """The shortest span of the text that contains the first occurrence of each word."""
    spans = [match.span() for word in words if (match := re.search(rf"\b{re.escape(word)}\b", text, re.I))]
    return text[min(spans)[0] : max(end for _, end in spans)] if spans else ""
