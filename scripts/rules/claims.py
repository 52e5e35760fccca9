"""Rules on claims: each is told apart from every other, and holds what its type and its basis ask for."""

from collections.abc import Iterator

from packpress.checks.rules import rule
from packpress.problems import Problem
from packpress.tables.rows import Row

from scripts.curation.corpus import ENTITY_LINKS, Corpus

TRUE = {"true", "True", "TRUE", "1"}
WITHOUT_WORDS = {"citation_only", "none_stated"}
# What a claim of these types is about follows from what the type means.
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
    """The passage that holds a claim's subject is another one, earlier in the same document."""
    for claim, passage in corpus.placed("claims"):
        antecedent = corpus["passages"].get(claim["antecedent_passage_id"])
        if antecedent and not corpus.stands_before(antecedent, passage):
            message = f"not before {passage['passage_id']} in its document; correct it or leave it empty"
            yield claim.problem("antecedent_passage_id", message)


@rule("claims")
def check_stance_fits_type(corpus: Corpus) -> Iterator[Problem]:
    """A claim has a stance exactly when its type carries one, and judges only when it is about ketamine."""
    for claim, claim_type in _typed_claims(corpus):
        carries = claim_type["carries_stance"] in TRUE
        if carries and not claim["stance"]:
            message = f"{claim_type.key} claims carry one; give it, neutral where the words do not judge"
            yield claim.problem("stance", message)
        elif claim["stance"] and not carries:
            message = f"{claim_type.key} claims carry none; leave it empty or correct claim_type"
            yield claim.problem("stance", message)
        elif claim["stance"] not in {"", "neutral"} and claim["about"] != "ketamine":
            message = f"about is {claim['about']}, and only the use of ketamine is judged; write neutral"
            yield claim.problem("stance", message)


@rule("claims")
def check_claim_type_has_its_links(corpus: Corpus) -> Iterator[Problem]:
    """A claim is linked to a condition, or to an effect or a note, where its type requires that."""
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
    """The claims with their types; a type that does not exist is left to the check of keys."""
    for claim in corpus["claims"]:
        claim_type = corpus["claim_types"].get(claim["claim_type"])
        if claim_type:
            yield claim, claim_type


@rule("claims")
def check_subject_fits_type(corpus: Corpus) -> Iterator[Problem]:
    """A claim of a type that implies what it is about is about that, as background is about other things."""
    for claim in corpus["claims"]:
        expected = SUBJECTS.get(claim["claim_type"], claim["about"])
        if claim["about"] != expected:
            message = f"{claim['claim_type']} claims are about {expected}; write that or correct claim_type"
            yield claim.problem("about", message)


@rule("claims")
def check_hedge_fits_certainty(corpus: Corpus) -> Iterator[Problem]:
    """A claim is hedged exactly when it gives the words that doubt it."""
    for claim in corpus["claims"]:
        if claim["certainty"] == "hedged" and not claim["hedge"]:
            yield claim.problem("hedge", "the claim is hedged; copy the words that doubt, or write asserted")
        elif claim["certainty"] == "asserted" and claim["hedge"]:
            yield claim.problem("certainty", "hedge has words that doubt; write hedged or move the words")


@rule("claims")
def check_attribution_fits_voice(corpus: Corpus) -> Iterator[Problem]:
    """A claim is attributed exactly when it gives the words that name who asserts it."""
    for claim in corpus["claims"]:
        if claim["voice"] == "attributed" and not claim["attributed_to"]:
            message = "the claim is attributed; copy the words that name the body, or write own in voice"
            yield claim.problem("attributed_to", message)
        elif claim["voice"] == "own" and claim["attributed_to"]:
            yield claim.problem("voice", "attributed_to names a body; write attributed or leave that empty")


@rule("claims")
def check_basis_fits_evidence_type(corpus: Corpus) -> Iterator[Problem]:
    """The words and the citations that a claim rests on are those that its evidence type says."""
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
            message = f"the claim cites {cites[0]['reference_id']}; write citation_only or drop the link"
            yield claim.problem("evidence_type", message)


@rule("claims")
def check_claim_is_linked(corpus: Corpus) -> Iterator[Problem]:
    """Every claim, unless it is about the document, is linked to a condition, route, effect or concept."""
    for claim in corpus["claims"]:
        if claim["about"] != "document" and not corpus.links_of(claim, *ENTITY_LINKS):
            yield claim.problem("claim_id", "linked to nothing; add what it is about to a link table")
