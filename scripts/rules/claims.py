"""Rules for claims: their fields, and the checklist of what sources report."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from packpress.checks.rules import rule
from packpress.problems import CannotReadError, InvalidPackageError, Problem, shorten_value
from packpress.tables.rows import Row

from scripts.curation.agreement import (
    READERS,
    READINGS,
    Extraction,
    Record,
    list_judged_fields,
    pair_rows,
    read_extraction,
)
from scripts.curation.corpus import ENTITY_LINKS, Corpus
from scripts.curation.words import split_words

TRUE = {"true", "True", "TRUE", "1"}
WITHOUT_WORDS = {"citation_only", "none_stated"}
# For claims of these types, the type determines what the claim is about.
SUBJECTS = {"background": "other", "contraindication": "ketamine", "review_scope": "document"}


@rule("claims")
def check_claim_id_names_its_source(corpus: Corpus) -> Iterator[Problem]:
    """The id of every claim begins with the id of its passage's source."""
    for claim, passage in corpus.placed("claims"):
        beginning = f"{passage['source_id']}-"
        if not claim["claim_id"].startswith(beginning):
            yield claim.problem("claim_id", f"does not begin with {beginning}; correct it or passage_id")


@rule("claims")
def check_antecedent_stands_before(corpus: Corpus) -> Iterator[Problem]:
    """The passage that names a claim's subject is another one, earlier in the same document."""
    for claim, passage in corpus.placed("claims"):
        antecedent = corpus["passages"].get(claim["antecedent_passage_id"])
        if antecedent and not corpus.stands_before(antecedent, passage):
            message = f"not before {passage['passage_id']} in its document; correct it or leave it empty"
            yield claim.problem("antecedent_passage_id", message)


@rule("claims")
def check_stance_fits_type(corpus: Corpus) -> Iterator[Problem]:
    """A claim has a stance exactly when its type carries one, and judges only if it is about ketamine."""
    for claim, claim_type in _typed_claims(corpus):
        carries = claim_type["carries_stance"] in TRUE
        if carries and not claim["stance"]:
            message = f"{claim_type.key} claims have a stance; add it, neutral where the words do not judge"
            yield claim.problem("stance", message)
        elif claim["stance"] and not carries:
            message = f"{claim_type.key} claims have no stance; leave it empty or correct claim_type"
            yield claim.problem("stance", message)
        elif claim["stance"] not in {"", "neutral"} and claim["about"] != "ketamine":
            message = f"about is {claim['about']}, and only the use of ketamine is judged; write neutral"
            yield claim.problem("stance", message)


@rule("claims")
def check_claim_type_has_its_links(corpus: Corpus) -> Iterator[Problem]:
    """A claim is linked to a condition, or to an effect or a note, where its type requires it."""
    for claim, claim_type in _typed_claims(corpus):
        if claim_type["requires_condition"] in TRUE and not corpus.links_of(claim, "claim_conditions"):
            place = corpus["claim_conditions"].resource.place
            message = f"requires a condition; add a row to {place} or correct the type"
            yield claim.problem("claim_type", message)
        has_effect = claim["note"] or corpus.links_of(claim, "claim_adverse_effects")
        if claim_type["requires_effect_or_note"] in TRUE and not has_effect:
            place = corpus["claim_adverse_effects"].resource.place
            message = f"requires an effect; add a row to {place} or say in note why not"
            yield claim.problem("claim_type", message)


def _typed_claims(corpus: Corpus) -> Iterator[tuple[Row, Row]]:
    """The claims with their types; unknown types are left to the check of keys."""
    for claim in corpus["claims"]:
        claim_type = corpus["claim_types"].get(claim["claim_type"])
        if claim_type:
            yield claim, claim_type


@rule("claims")
def check_both_readers_recorded_the_claim(corpus: Corpus) -> Iterator[Problem]:
    """What a claim of both readers has in its judged fields, both raw readings have there too."""
    claims = [row for row, _ in corpus.quoted("claims")]
    root = corpus.package.root
    texts = {row["passage_id"]: row["text"] for row in corpus["passages"].rows}
    # A first reading may be kept before there is a second.
    readers = READERS if all((root / READINGS / reader).is_dir() for reader in READERS) else ()
    try:
        readings = [read_extraction(corpus.package, root / READINGS / reader) for reader in readers]
    except (InvalidPackageError, CannotReadError) as error:
        problems = error.problems if isinstance(error, InvalidPackageError) else [error.problem]
        yield from (replace(item, path=Path(item.path).relative_to(root).as_posix()) for item in problems)
        return
    partners = [_find_partners(claims, reading, texts) for reading in readings]
    for claim in (row for row in claims if row["extraction"] == "both_readers"):
        found = zip(readings, (rows.get(claim.key) for rows in partners), strict=True)
        differences = [told for reading, row in found if (told := _tell_difference(claim, reading, row))]
        if differences:
            yield claim.problem("extraction", differences[0])


def _find_partners(claims: list[Row], reading: Extraction, texts: dict[str, str]) -> dict[str, Record]:
    """What the reader recorded in place of each claim, by its id."""
    pairs = pair_rows([row.named for row in claims], reading.rows("claims", texts), texts).pairs
    return {claim["claim_id"]: row for claim, row in pairs}


def _tell_difference(claim: Row, reading: Extraction, row: Record | None) -> str | None:
    """What to say of the first judged field in which a reading differs from a claim, if there is one."""
    if row is None:
        return f"{reading.name} did not record it; write one_reader, or revised if it was added later"
    for name in list_judged_fields(claim.table.resource):
        if row[name] != claim[name]:
            recorded = f'"{shorten_value(row[name])}"' if row[name] else "nothing"
            return (
                f"{reading.name} has {recorded} in {name}; write adjudicated, or revised if it changed later"
            )
    return None


@rule("claims")
def check_subject_fits_type(corpus: Corpus) -> Iterator[Problem]:
    """A claim whose type determines what it is about is about that; background is about other things."""
    for claim in corpus["claims"]:
        expected = SUBJECTS.get(claim["claim_type"], claim["about"])
        if claim["about"] != expected:
            message = f"{claim['claim_type']} claims are about {expected}; write that or correct claim_type"
            yield claim.problem("about", message)


@rule("claims")
def check_hedge_fits_certainty(corpus: Corpus) -> Iterator[Problem]:
    """A claim is hedged exactly when it records the words that express doubt."""
    for claim in corpus["claims"]:
        if claim["certainty"] == "hedged" and not claim["hedge"]:
            yield claim.problem("hedge", "the claim is hedged; copy the words that doubt, or write asserted")
        elif claim["certainty"] == "asserted" and claim["hedge"]:
            yield claim.problem("certainty", "hedge has words that doubt; write hedged or move the words")


@rule("claims")
def check_attribution_fits_voice(corpus: Corpus) -> Iterator[Problem]:
    """A claim is attributed exactly when it records the words that name who asserts it."""
    for claim in corpus["claims"]:
        if claim["voice"] == "attributed" and not claim["attributed_to"]:
            message = "the claim is attributed; copy the words that name the body, or write own in voice"
            yield claim.problem("attributed_to", message)
        elif claim["voice"] == "own" and claim["attributed_to"]:
            yield claim.problem("voice", "attributed_to names a body; write attributed or leave that empty")


@rule("claims")
def check_basis_fits_evidence_type(corpus: Corpus) -> Iterator[Problem]:
    """The evidence words and the citations of a claim match its evidence type."""
    for claim in corpus["claims"]:
        kind, cites = claim["evidence_type"], corpus.links_of(claim, "claim_references")
        if kind in WITHOUT_WORDS and claim["evidence_basis"]:
            message = "evidence_basis has words; write the kind that they name, or leave them out"
            yield claim.problem("evidence_type", message)
        elif kind not in WITHOUT_WORDS and not claim["evidence_basis"]:
            message = f"evidence_type is {kind}; copy the words that name it, or correct evidence_type"
            yield claim.problem("evidence_basis", message)
        elif kind == "citation_only" and not cites:
            place = corpus["claim_references"].resource.place
            message = f"no reference is linked; add a row to {place} or write none_stated"
            yield claim.problem("evidence_type", message)
        elif kind == "none_stated" and cites:
            message = f"the claim cites {cites[0]['reference_id']}; write citation_only or remove the link"
            yield claim.problem("evidence_type", message)


@rule("claims")
def check_claim_is_linked(corpus: Corpus) -> Iterator[Problem]:
    """Every claim that is not about the document is linked to a condition, route, effect or concept."""
    for claim in corpus["claims"]:
        if claim["about"] != "document" and not corpus.links_of(claim, *ENTITY_LINKS):
            yield claim.problem("claim_id", "linked to nothing; add what it is about to a link table")


@rule("claims")
def check_statement_is_made_once(corpus: Corpus) -> Iterator[Problem]:
    """No two claims of a source have the same statement unless the note of the later names the other."""
    first: dict[tuple[str, ...], Row] = {}
    for claim in corpus["claims"]:
        other = first.setdefault((corpus.source_id(claim), *split_words(claim["statement"])), claim)
        if other is not claim and other["claim_id"] not in claim["note"]:
            message = f"{other['claim_id']} states the same; say what differs, or name that one in note"
            yield claim.problem("statement", message)


FILLED = r".+"
IN_FIGURES = r".*[0-9].*"


@dataclass(frozen=True)
class Trace:
    """The trace of a stated item in a column: values that prove it, and values that merely allow it."""

    table: str
    column: str
    shows: str = ""
    allows: str = ""

    def find(self, rows: list[Row], pattern: str) -> Row | None:
        """The first row whose cell matches the pattern."""
        return next((row for row in rows if pattern and re.fullmatch(pattern, row[self.column])), None)


# Items without a trace in other tables, such as effect_size and number_of_patients, are not listed.
TRACES = {
    "condition_named": Trace("claim_conditions", "role", "treated|studied|recommended", "population"),
    "route_named": Trace("claim_routes", "role", "for_pain", "other_use|product_form|comparator"),
    "comparator_named": Trace("claim_concepts", "role", allows="comparator"),
    "setting_named": Trace("claim_concepts", "role", allows="setting"),
    "contraindication_named": Trace("claim_conditions", "role", "contraindication"),
    "adverse_effect_named": Trace("claim_adverse_effects", "role", "reported", "concern|managed"),
    "adverse_effect_frequency": Trace("claim_adverse_effects", "frequency", FILLED),
    "monitoring_described": Trace("claims", "claim_type", "monitoring"),
    "licensing_status": Trace("claims", "claim_type", "regulatory"),
    "evidence_limits_admitted": Trace("claims", "claim_type", allows="evidence_quality|research_need"),
    "dose_in_figures": Trace("claims", "dose", IN_FIGURES),
    "duration_of_effect": Trace("claims", "duration_of_effect", FILLED),
    "references_listed": Trace("references", "listed_as", "reference_list"),
    "publication_date": Trace("sources", "published_date", FILLED),
}


@rule("sources")
def check_checklist_is_complete(corpus: Corpus) -> Iterator[Problem]:
    """Every published source has a row for every item of the checklist."""
    items = corpus["source_reporting"].resource.field("item").enum
    for source in corpus["sources"]:
        rows = corpus["source_reporting"].group("source_id").get(source["source_id"], [])
        missing = [item for item in items if item not in {row["item"] for row in rows}]
        if missing and source["status"] == "published":
            place = corpus["source_reporting"].resource.place
            message = f"{place} has no row of it for {', '.join(missing)}; add it"
            yield source.problem("source_id", message)


@rule("source_reporting")
def check_stated_item_has_its_passage(corpus: Corpus) -> Iterator[Problem]:
    """An item names a passage of its source exactly when the source states it or touches on it."""
    for row in corpus["source_reporting"]:
        passage = corpus.passage(row)
        if row["stated"] == "no" and row["passage_id"]:
            message = "the item is not stated; leave it empty, or write yes or unspecific in stated"
            yield row.problem("passage_id", message)
        elif row["stated"] != "no" and not row["passage_id"]:
            message = f"stated is {row['stated']}; name a passage that shows it, or write no"
            yield row.problem("passage_id", message)
        elif passage and passage["source_id"] != row["source_id"]:
            message = f"a passage of {passage['source_id']}; name one of {row['source_id']}"
            yield row.problem("passage_id", message)


@rule("source_reporting")
def check_stated_agrees_with_the_tables(corpus: Corpus) -> Iterator[Problem]:
    """What a source is recorded as stating agrees with its claims, links and references."""
    rows = rows_by_source(corpus)
    for row in corpus["source_reporting"]:
        trace = TRACES.get(row["item"])
        if not trace:
            continue
        rows_of_source = rows.get((trace.table, row["source_id"]), [])
        shown, place = trace.find(rows_of_source, trace.shows), corpus[trace.table].resource.place
        if row["stated"] == "no" and shown:
            message = f"{place} shows it at {shown.key}; write yes or unspecific, or correct that"
            yield row.problem("stated", message)
        elif row["stated"] == "yes" and not (shown or trace.find(rows_of_source, trace.allows)):
            what = f"{trace.column} in {place} does not show it"
            message = f"{what}; write no or unspecific, or add what shows it"
            yield row.problem("stated", message)


def rows_by_source(corpus: Corpus) -> dict[tuple[str, str], list[Row]]:
    """The rows of the tables in which items leave a trace, by table and source."""
    rows: dict[tuple[str, str], list[Row]] = {}
    for name in {trace.table for trace in TRACES.values()}:
        for row in corpus[name].rows:
            rows.setdefault((name, corpus.source_id(row)), []).append(row)
    return rows
