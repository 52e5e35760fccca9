"""Rules for how claims are linked: alike in every document, and so that links tell claims apart."""

from collections.abc import Iterator

from packpress.checks.rules import rule
from packpress.problems import Problem
from packpress.tables.rows import Row

from scripts.curation.corpus import ENTITY_LINKS, Corpus, Entity, file_of, list_broader
from scripts.curation.words import PATIENTS, find_names, find_turns, has_words, split_words

# What claims can be about that is a concept too.
DRUGS = {"ketamine"}
# Columns of a link that do not tell what it says.
WORDING = {"claim_id", "mention", "mention_type"}
SITUATIONS = {"procedure", "circumstance"}
# The kinds of concept that a role is for, and the roles that a kind never has.
KINDS_OF_ROLE = {
    "actor": {"health_professional", "organisation", "population"},
    "jurisdiction": {"jurisdiction"},
    "site": {"anatomical_site"},
}
# The outcome that is the relief of a symptom, and the condition that names the symptom.
RELIEF = {"analgesia": "pain"}
# The roles of those who act, those who are treated, and of places: a statement names them.
NAMED_ROLES = {"actor", "issuer", "population", "setting", "jurisdiction"}
# The roles of people who are treated, or ought not to be.
ROLES_OF_PATIENTS = {"population", "contraindication"}
# How many letters two words share at their beginning when they are forms of one word.
STEM = 5
WRONG_ROLES = {"health_professional": {"population": "actor"}, "jurisdiction": {"setting": "jurisdiction"}}


@rule("claims")
def check_claim_links_its_drug(corpus: Corpus) -> Iterator[Problem]:
    """A published claim about ketamine is linked to it, by context where no word names it."""
    for claim in corpus["claims"]:
        links = corpus.links_of(claim, *ENTITY_LINKS)
        linked = {corpus.entity(link).key for link in links if link.table.resource.name == "claim_concepts"}
        # A claim that is linked to nothing is reported for that alone.
        if links and claim["about"] in DRUGS - linked and corpus.is_published(claim):
            place = corpus["claim_concepts"].resource.place
            message = f"not linked to it; add a row to {place}, with mention_type context if no word names it"
            yield claim.problem("about", message)


@rule("claim_concepts")
def check_other_things_have_another_subject(corpus: Corpus) -> Iterator[Problem]:
    """In a claim about something else, the drug is no subject."""
    for link in corpus["claim_concepts"]:
        claim = corpus.claim(link)
        is_subject = link["concept_id"] in DRUGS and link["role"] == "subject"
        if claim and is_subject and claim["about"] == "other":
            message = f"{claim['claim_id']} is about other things; write another role, or correct about there"
            yield link.problem("role", message)


@rule("claims")
def check_names_in_statement_are_linked(corpus: Corpus) -> Iterator[Problem]:
    """Every row that a statement names is linked, itself or a narrower one; the longest name wins."""
    names = _names_for_statements(corpus)
    for claim in corpus["claims"]:
        links = corpus.links_of(claim, *ENTITY_LINKS)
        # A claim that is linked to nothing is reported for that alone.
        if not links or not corpus.is_published(claim):
            continue
        linked = {wider for link in links for wider in _with_broader(corpus, corpus.entity(link))}
        for name in dict.fromkeys(name for _, _, name in find_names(claim["statement"], names)):
            if not names[name] & linked and not has_words(name, claim["note"].lower()):
                entities = " or ".join(str(entity) for entity in sorted(names[name]))
                message = (
                    f'"{name}" is there and names {entities}; link it in its role, or say in note why not'
                )
                yield claim.problem("statement", message)


def _names_for_statements(corpus: Corpus) -> dict[str, set[Entity]]:
    """What labels and named mentions refer to, in lower case, in the singular and the plural."""
    names = {name: {*entities} for name, entities in corpus.names.items()}
    for table in ENTITY_LINKS.values():
        for row in corpus[table]:
            label = row["label"].lower()
            for form in (label, label.removesuffix("s"), f"{label.removesuffix('s')}s"):
                names.setdefault(form, set()).add(Entity(table, row.key))
    return names


def _with_broader(corpus: Corpus, entity: Entity) -> list[Entity]:
    """An entity and all that are broader."""
    row = corpus[entity.table].get(entity.key)
    return [Entity(entity.table, found.key) for found in (row, *list_broader(row))] if row else []


@rule("claims")
def check_who_and_where_are_in_statement(corpus: Corpus) -> Iterator[Problem]:
    """Whoever acts or is treated, and the place, where a claim links them, are in its statement."""
    for claim in corpus["claims"]:
        said = {word[:STEM] for word in split_words(claim["statement"])}
        for link in corpus.links_of(claim, "claim_concepts"):
            concept = corpus["concepts"].get(link["concept_id"])
            if not concept or link["role"] not in NAMED_ROLES:
                continue
            words = split_words(f"{concept['label']} {link['mention']}")
            if not said & {word[:STEM] for word in words}:
                message = f"does not name {concept.key}, its {link['role']}; name it, or remove the link"
                yield claim.problem("statement", message)


@rule("claims")
def check_patients_are_linked(corpus: Corpus) -> Iterator[Problem]:
    """A claim whose statement tells of patients links them, or a linked row has them in its name."""
    for claim in corpus["claims"]:
        links = corpus.links_of(claim, *ENTITY_LINKS)
        if not PATIENTS & {*split_words(claim["statement"])} or not corpus.is_published(claim):
            continue
        is_linked = any(link["role"] in ROLES_OF_PATIENTS for link in links)
        if not is_linked and not any(_is_named_after_patients(corpus, link) for link in links):
            message = (
                "tells of patients, and no link says who they are; "
                f"add them to {file_of(corpus['claim_concepts'])} as a population"
            )
            yield claim.problem("statement", message)


def _is_named_after_patients(corpus: Corpus, link: Row) -> bool:
    """Whether the row that a link names has patients in its own name, as patient safety has."""
    entity = corpus.entity(link)
    row = corpus[entity.table].get(entity.key)
    return bool(row and PATIENTS & {*split_words(row["label"])})


@rule("claims")
def check_relief_links_its_symptom(corpus: Corpus) -> Iterator[Problem]:
    """A claim that links the relief of pain links pain, or a kind of it, as a condition."""
    for claim in corpus["claims"]:
        conditions = {
            wider.key
            for link in corpus.links_of(claim, "claim_conditions")
            for wider in _with_broader(corpus, corpus.entity(link))
        }
        reliefs = {link["concept_id"] for link in corpus.links_of(claim, "claim_concepts")} & RELIEF.keys()
        for relief in sorted(reliefs):
            if RELIEF[relief] not in conditions:
                message = (
                    f"{relief} is linked, and {RELIEF[relief]} is not; "
                    f"add it to {file_of(corpus['claim_conditions'])}"
                )
                yield claim.problem("claim_id", message)


@rule("passages")
def check_spanning_qualifier_is_noted(corpus: Corpus) -> Iterator[Problem]:
    """A qualifier that runs over what another claim of the passage is about says so in the note."""
    for _, claims in corpus.read_passages():
        for claim in claims:
            others = _words_of_others(corpus, claim, claims)
            over = [words for words in others if has_words(words, claim["qualifier"].lower())]
            if over and "spans" not in split_words(claim["note"]):
                message = (
                    f'runs over "{max(over, key=len)}", which belongs to another claim; '
                    "narrow it, or say in note what it spans"
                )
                yield claim.problem("qualifier", message)


def _words_of_others(corpus: Corpus, claim: Row, claims: list[Row]) -> list[str]:
    """The mentions and focuses of the other claims of a passage that are not this claim's too."""
    own = " | ".join([claim["statement"], *_words_of(corpus, claim)]).lower()
    words = {word.lower() for other in claims if other is not claim for word in _words_of(corpus, other)}
    return sorted(word for word in words if word and not has_words(word, own))


def _words_of(corpus: Corpus, claim: Row) -> list[str]:
    focus = claim["focus"] if claim["focus"] != claim["quote"] else ""
    return [focus, *(link["mention"] for link in corpus.links_of(claim, *ENTITY_LINKS))]


@rule("claims")
def check_bounded_advice_is_judged(corpus: Corpus) -> Iterator[Problem]:
    """Advice that names a place or patients is mixed or against, or the note says how it judges."""
    for claim in corpus["claims"]:
        links = corpus.links_of(claim, "claim_concepts")
        bounds = [link for link in links if link["role"] in {"setting", "population"}]
        is_open = claim["claim_type"] == "recommendation" and claim["stance"] in {"supports", "neutral"}
        if is_open and bounds and claim["about"] in DRUGS and "judges" not in split_words(claim["note"]):
            message = (
                f"the advice is bound to {bounds[0]['concept_id']}; write mixed, "
                "or say in note how it judges the drug itself"
            )
            yield claim.problem("stance", message)


@rule("passages")
def check_claims_of_a_passage_differ(corpus: Corpus) -> Iterator[Problem]:
    """Claims of a passage differ in type, qualifier or links, or the note of the later names the other."""
    for _, claims in corpus.read_passages():
        first: dict[object, Row] = {}
        for claim in claims:
            links = frozenset(_content(link) for link in corpus.links_of(claim, *ENTITY_LINKS))
            other = first.setdefault((claim["claim_type"], claim["qualifier"], links), claim)
            if other is not claim and other["claim_id"] not in claim["note"]:
                message = (
                    f"has the type, qualifier and links of {other['claim_id']}; "
                    "link what sets it apart, or name that one in note and say what does"
                )
                yield claim.problem("claim_id", message)


def _content(link: Row) -> tuple[str, ...]:
    """What a link says, without the words that say it."""
    resource = link.table.resource
    return (resource.name, *(link[name] for name in resource.field_names if name not in WORDING))


@rule("claim_conditions")
def check_situation_is_a_context(corpus: Corpus) -> Iterator[Problem]:
    """An operation or a situation is a population only where the claim links people whom it tells apart."""
    for link in corpus["claim_conditions"]:
        condition, claim = corpus["conditions"].get(link["condition_id"]), corpus.claim(link)
        if not (condition and claim) or link["role"] != "population":
            continue
        people = [
            other for other in corpus.links_of(claim, "claim_concepts") if other["role"] == "population"
        ]
        if condition["kind"] in SITUATIONS and not people:
            message = (
                f"{condition.key} is a {condition['kind']}; write context, "
                f"or add the people it tells apart to {file_of(corpus['claim_concepts'])}"
            )
            yield link.problem("role", message)


@rule("claim_conditions")
def check_use_is_more_than_interest(corpus: Corpus) -> Iterator[Problem]:
    """No claim of use gives a condition the role studied, because interest and research are not use."""
    for link in corpus["claim_conditions"]:
        claim = corpus.claim(link)
        if claim and claim["claim_type"] == "use" and link["role"] == "studied":
            message = f"{claim['claim_id']} is a claim of use; write history there, or treated here"
            yield link.problem("role", message)


@rule("claims")
def check_classification_has_a_class(corpus: Corpus) -> Iterator[Problem]:
    """Every classification links what its subject is classed as in the role class."""
    for claim in corpus["claims"]:
        roles = {link["role"] for link in corpus.links_of(claim, "claim_conditions", "claim_concepts")}
        if claim["claim_type"] == "classification" and "class" not in roles and corpus.is_published(claim):
            message = "no link has the role class; give it to what the subject is classed as"
            yield claim.problem("claim_type", message)


@rule("claims")
def check_research_is_no_basis_of_what_is_said_of_it(corpus: Corpus) -> Iterator[Problem]:
    """A claim on the quality of evidence has a basis in words only where a method of the claim names it."""
    for claim in corpus["claims"]:
        if claim["claim_type"] != "evidence_quality" or not claim["evidence_basis"]:
            continue
        basis = set(split_words(claim["evidence_basis"]))
        links = corpus.links_of(claim, "claim_concepts")
        methods = [
            link for link in links if link["role"] == "method" and basis & {*split_words(link["mention"])}
        ]
        if not methods:
            message = (
                "what the claim speaks of is no basis; leave it empty and write none_stated, "
                "or link what it rests on as a method"
            )
            yield claim.problem("evidence_basis", message)


@rule("claim_concepts")
def check_role_fits_kind(corpus: Corpus) -> Iterator[Problem]:
    """A concept has a role of its kind: who acts is not who is treated, and a country is not a setting."""
    for link in corpus["claim_concepts"]:
        concept = corpus["concepts"].get(link["concept_id"])
        if not concept:
            continue
        kind, role = concept["kind"], link["role"]
        better = WRONG_ROLES.get(kind, {}).get(role)
        if better:
            yield link.problem("role", f"{concept.key} is of kind {kind}; write {better}")
        elif kind not in KINDS_OF_ROLE.get(role, {kind}):
            kinds = " or ".join(sorted(KINDS_OF_ROLE[role]))
            message = f"{concept.key} is of kind {kind}, and this role is for {kinds}; correct one of them"
            yield link.problem("role", message)


SCALES = {
    "increases": "a measured quantity",
    "decreases": "a measured quantity",
    "improves": "a state",
    "worsens": "a state",
}
# Claims of these types speak of an outcome without saying that it comes about.
WITHOUT_RESULT = {"review_scope", "research_need", "evidence_quality"}


@rule("claim_concepts")
def check_outcome_has_a_direction(corpus: Corpus) -> Iterator[Problem]:
    """A link has a direction exactly when its concept is an outcome of the claim."""
    for link in corpus["claim_concepts"]:
        is_outcome = link["role"] == "outcome"
        if is_outcome and not link["direction"]:
            message = "the concept is an outcome; say which way it goes, not_stated if the words do not"
            yield link.problem("direction", message)
        elif link["direction"] and not is_outcome:
            yield link.problem("direction", f"role is {link['role']}; leave it empty, or write outcome")


@rule("claim_concepts")
def check_direction_fits_type(corpus: Corpus) -> Iterator[Problem]:
    """A claim on evidence, a need for research or what a document covers gives no outcome a direction."""
    for link in corpus["claim_concepts"]:
        claim = corpus.claim(link)
        if claim and claim["claim_type"] in WITHOUT_RESULT and link["direction"] not in ("", "not_stated"):
            kind = claim["claim_type"]
            message = f"{claim['claim_id']} is of type {kind}, which tells no result; write not_stated"
            yield link.problem("direction", message)


@rule("claims")
def check_turn_has_its_outcome(corpus: Corpus) -> Iterator[Problem]:
    """A statement that says that something gets less, more, better or worse links that as an outcome."""
    for claim in corpus["claims"]:
        turns = find_turns(claim["statement"])
        directions = {link["direction"] for link in corpus.links_of(claim, "claim_concepts")}
        is_silent = claim["claim_type"] in WITHOUT_RESULT or not corpus.is_published(claim)
        if turns and not is_silent and not directions - {"", "not_stated"}:
            message = (
                f'"{turns[0]}" says which way an outcome goes, and no link does; link what it does it to'
            )
            yield claim.problem("statement", message)


@rule("claim_concepts")
def check_direction_keeps_its_scale(corpus: Corpus) -> Iterator[Problem]:
    """An outcome is a measured quantity in every claim, or a state in every claim."""
    first: dict[str, Row] = {}
    for link in corpus["claim_concepts"]:
        scale = SCALES.get(link["direction"])
        other = first.setdefault(link["concept_id"], link) if scale else link
        if scale and scale != SCALES[other["direction"]]:
            message = (
                f"{link['concept_id']} is {SCALES[other['direction']]} in {other['claim_id']}, "
                f"and this is for {scale}; use one pair of words for it"
            )
            yield link.problem("direction", message)


@rule("claim_adverse_effects")
def check_effects_of_a_claim_are_joined(corpus: Corpus) -> Iterator[Problem]:
    """Two effects that a claim names in different words, in one role, are a wider effect and a kind of it."""
    seen: dict[tuple[str, str], list[Row]] = {}
    for link in corpus["claim_adverse_effects"]:
        effect = corpus["adverse_effects"].get(link["adverse_effect_id"])
        others = seen.setdefault((link["claim_id"], link["role"]), [])
        for other in others:
            wider = corpus["adverse_effects"].get(other["adverse_effect_id"])
            if effect and wider and link["mention"] != other["mention"] and not _are_joined(effect, wider):
                message = (
                    f"the claim names {wider.key} too, and neither is a kind of the other; "
                    "fill broader_id, or make two claims"
                )
                yield link.problem("adverse_effect_id", message)
        others.append(link)


def _are_joined(row: Row, other: Row) -> bool:
    return row["broader_id"] == other.key or other["broader_id"] == row.key
