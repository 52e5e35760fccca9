"""Rules on links: what a claim is linked to is named there, and what is named there is linked."""

from collections.abc import Iterator

from packpress.checks.rules import rule
from packpress.problems import Problem
from packpress.tables.rows import Row

from scripts.curation.corpus import ENTITY_LINKS, Corpus, file_of
from scripts.curation.words import POINTING_WORDS, find_names, split_words

# Roles that one claim cannot give to the same row: a claim has one predicate and one polarity.
OPPOSED_ROLES = {
    "claim_conditions": [{"treated", "recommended"}, {"not_recommended", "contraindication"}],
    "claim_routes": [{"for_pain"}, {"other_use"}, {"comparator"}],
    "claim_adverse_effects": [{"reported"}, {"concern"}, {"unspecified"}],
    "claim_concepts": [{"subject"}, {"comparator"}],
}


@rule(*ENTITY_LINKS)
def check_mention_fits_mention_type(corpus: Corpus) -> Iterator[Problem]:
    """A mention is empty exactly for context, which a note explains, and a named one does not point back."""
    for link in _links(corpus):
        if message := _describe_mention(link, corpus.claim(link)):
            yield link.problem("mention", message)


def _describe_mention(link: Row, claim: Row | None) -> str:
    """What is wrong with a mention, or nothing."""
    if link["mention_type"] == "context":
        if link["mention"]:
            return "mention_type is context, which has no words here; leave it empty or correct mention_type"
        has_note = claim is None or claim["note"]
        return "" if has_note else f"say in the note of {link['claim_id']} how the context names the row"
    if not link["mention"]:
        return "copy the words that name the row, or write context in mention_type"
    if link["mention_type"] == "named" and POINTING_WORDS & set(split_words(link["mention"])[:1]):
        return "points back instead of naming; write anaphoric in mention_type, or copy the name alone"
    return ""


@rule(*ENTITY_LINKS)
def check_roles_do_not_oppose(corpus: Corpus) -> Iterator[Problem]:
    """No claim gives opposed roles to the same row, such as treated and contraindication."""
    seen: dict[tuple[str, str], list[Row]] = {}
    for link in _links(corpus):
        others = seen.setdefault((link["claim_id"], str(corpus.entity(link))), [])
        for other in others:
            if _oppose(link.table.resource.name, link["role"], other["role"]):
                message = f"{corpus.entity(link).key} is {other['role']} in the same claim; keep one"
                yield link.problem("role", message)
        others.append(link)


def _oppose(table: str, role: str, other: str) -> bool:
    sides = [[role in side, other in side] for side in OPPOSED_ROLES[table]]
    return [True, False] in sides and [False, True] in sides


@rule("claims", "claim_conditions")
def check_contraindication_has_its_role(corpus: Corpus) -> Iterator[Problem]:
    """A claim is a contraindication exactly when it gives a condition the role of one."""
    for link in corpus["claim_conditions"]:
        claim = corpus.claim(link)
        if claim and link["role"] == "contraindication" != claim["claim_type"]:
            message = f"{claim['claim_id']} is a claim of type {claim['claim_type']}; correct one of them"
            yield link.problem("role", message)
    for claim in corpus["claims"]:
        roles = {link["role"] for link in corpus.links_of(claim, "claim_conditions")}
        if claim["claim_type"] == "contraindication" and roles and "contraindication" not in roles:
            message = "no condition of the claim has this role; correct the role or the type"
            yield claim.problem("claim_type", message)


@rule(*ENTITY_LINKS.values())
def check_every_entity_is_used(corpus: Corpus) -> Iterator[Problem]:
    """Every condition, route, effect and concept of a published source is linked to a published claim."""
    used = {corpus.entity(link) for link in corpus.published_links}
    for link_table, table in ENTITY_LINKS.items():
        keys = {entity.key for entity in used if entity.table == table}
        for row in corpus[table]:
            if row.key not in keys and corpus.is_published(row):
                message = f"no claim uses it; add a row to {file_of(corpus[link_table])} or take it out"
                yield row.problem(row.table.resource.primary_key[0], message)


@rule("passages")
def check_every_name_is_linked(corpus: Corpus) -> Iterator[Problem]:
    """Every known name in a passage with claims is linked to one of them; the longest name wins."""
    for passage, claims in corpus.read_passages():
        for name, start in find_unlinked_names(corpus, passage, claims).items():
            entities = " or ".join(str(entity) for entity in sorted(corpus.names[name]))
            message = f'"{name}" stands there and names {entities}; link it to a claim of the passage'
            yield claim_at(passage, claims, start).problem("passage_id", message)


def find_unlinked_names(corpus: Corpus, passage: Row, claims: list[Row]) -> dict[str, int]:
    """The known names in a passage that none of its claims is linked by, and where they stand first."""
    links = [link for claim in claims for link in corpus.links_of(claim, *ENTITY_LINKS)]
    linked = {corpus.entity(link) for link in links}
    # Words that are a mention here are accounted for, though elsewhere they name something else.
    mentions = {link["mention"].lower() for link in links if link["mention"]}
    missing: dict[str, int] = {}
    for start, _, name in find_names(passage["text"], corpus.names.keys() | mentions):
        if name not in mentions and not corpus.names[name] & linked:
            missing.setdefault(name, start)
    return missing


def claim_at(passage: Row, claims: list[Row], place: int) -> Row:
    """The claim whose quote holds a place of the passage, or the first one when none does."""
    for claim in claims:
        start = passage["text"].find(claim["quote"])
        if 0 <= start <= place < start + len(claim["quote"]):
            return claim
    return claims[0]


def _links(corpus: Corpus) -> Iterator[Row]:
    return (row for name in ENTITY_LINKS for row in corpus[name])
