"""Rules for entities and for the links from claims to them."""

import re
from collections.abc import Iterator

from packpress.checks.rules import rule
from packpress.problems import Problem
from packpress.tables.rows import Row

from scripts.curation.corpus import ENTITY_LINKS, RUNNING_TEXT, Corpus, Entity, file_of, list_broader
from scripts.curation.words import POINTING_WORDS, find_names, split_words

# Words after which a label names another thing: metabolites of a drug are no kind of it.
PREPOSITIONS = {"of", "in", "with", "for", "to"}


@rule(*ENTITY_LINKS.values())
def check_broader_goes_in_no_circle(corpus: Corpus) -> Iterator[Problem]:
    """No row is broader than itself through broader_id."""
    for name in ENTITY_LINKS.values():
        for row in corpus[name]:
            if row in list_broader(row):
                message = f"leads back to {row.key}; name a broader row or leave it empty"
                yield row.problem("broader_id", message)


@rule(*ENTITY_LINKS.values())
def check_modified_label_has_a_broader(corpus: Corpus) -> Iterator[Problem]:
    """A row whose label is that of another row of its kind after a modifier has a broader row."""
    for name in ENTITY_LINKS.values():
        heads = {_fold_label(row): row["label"] for row in corpus[name]}
        for row in corpus[name]:
            kind, *words = _fold_label(row)
            found = (heads.get((kind, *words[place:])) for place in range(1, len(words)))
            head = next((label for label in found if label), "")
            if head and not row["broader_id"] and not PREPOSITIONS & {*words}:
                message = f'"{row["label"]}" is "{head}" with a modifier; name that or another broader row'
                yield row.problem("broader_id", message)


def _fold_label(row: Row) -> tuple[str, ...]:
    """The kind of a row and the words of its label, without the ending of the plural."""
    kind = row["kind"] if "kind" in row.table.positions else ""
    return (kind, *row["label"].lower().removesuffix("s").split())


@rule(*ENTITY_LINKS.values())
def check_label_is_used_once(corpus: Corpus) -> Iterator[Problem]:
    """No two labels of a table differ only in case; identical labels violate the column's own constraint."""
    for name in ENTITY_LINKS.values():
        first: dict[str, Row] = {}
        for row in corpus[name]:
            other = first.setdefault(row["label"].casefold(), row)
            if other["label"] != row["label"]:
                message = f'{other.key} is labelled "{other["label"]}"; give each row a label of its own'
                yield row.problem("label", message)


# What stands between the items of a list.
BETWEEN_ITEMS = re.compile(r"[;|]")


@rule(*ENTITY_LINKS.values(), "names")
def check_label_is_no_list(corpus: Corpus) -> Iterator[Problem]:
    """Every label and every name is one, not a list of several in one cell."""
    for table, field in (*((table, "label") for table in ENTITY_LINKS.values()), ("names", "name")):
        for row in corpus[table]:
            if BETWEEN_ITEMS.search(row[field]):
                yield row.problem(field, "several in one cell; write a row for each")


@rule(*ENTITY_LINKS.values())
def check_quote_is_the_first_naming(corpus: Corpus) -> Iterator[Problem]:
    """The quote of every entity is in the first published passage of running text that names it."""
    first = _first_namings(corpus)
    for name in ENTITY_LINKS.values():
        for row, passage in corpus.placed(name):
            earliest = first.get(Entity(name, row.key))
            # A draft is left out of builds, together with everything that refers to it.
            if earliest and not corpus.is_published(row):
                message = f"of a draft, but {earliest.key} names it too; quote it from there"
                yield row.problem("passage_id", message)
            elif earliest and _place(earliest, corpus) < _place(passage, corpus):
                yield row.problem("passage_id", f"{earliest.key} names it before; quote it from there")


def _place(passage: Row, corpus: Corpus) -> int:
    return corpus.reading_order.get(passage["passage_id"], 0)


def _first_namings(corpus: Corpus) -> dict[Entity, Row]:
    """The first passage of running text that names each entity; ambiguous names are skipped."""
    names = {name: next(iter(entities)) for name, entities in corpus.names.items() if len(entities) == 1}
    passages = [
        row for row in corpus["passages"].rows if row["kind"] in RUNNING_TEXT and corpus.is_published(row)
    ]
    first: dict[Entity, Row] = {}
    for passage in sorted(passages, key=lambda row: _place(row, corpus)):
        for _, _, name in find_names(passage["text"], corpus.names):
            if name in names:
                first.setdefault(names[name], passage)
    return first


# Roles that a claim cannot give to the same row, because a claim has one predicate and one polarity.
OPPOSED_ROLES = {
    "claim_conditions": [{"treated", "recommended"}, {"not_recommended", "contraindication"}],
    "claim_routes": [{"for_pain"}, {"other_use"}, {"comparator"}],
    "claim_adverse_effects": [{"reported"}, {"concern"}, {"unspecified"}],
    "claim_concepts": [{"subject"}, {"comparator"}, {"prior_treatment"}],
}


@rule(*ENTITY_LINKS)
def check_mention_fits_mention_type(corpus: Corpus) -> Iterator[Problem]:
    """A mention is empty exactly for context, which a note explains, and a named one is not a pronoun."""
    for link in _links(corpus):
        if message := _describe_mention(link, corpus.claim(link)):
            yield link.problem("mention", message)


def _describe_mention(link: Row, claim: Row | None) -> str:
    """What is wrong with a mention, or the empty string."""
    if link["mention_type"] == "context":
        if link["mention"]:
            return "mention_type is context, which has no words here; leave it empty or correct mention_type"
        has_note = claim is None or claim["note"]
        return "" if has_note else f"say in the note of {link['claim_id']} how the context names the row"
    if not link["mention"]:
        return "copy the words that name the row, or write context in mention_type"
    if link["mention_type"] == "named" and POINTING_WORDS & set(split_words(link["mention"])[:1]):
        return "refers back instead of naming; write anaphoric in mention_type, or copy the name alone"
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
    """A claim is a contraindication exactly when it gives a condition that role."""
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
                message = f"no claim uses it; add a row to {file_of(corpus[link_table])} or remove it"
                yield row.problem(row.table.resource.primary_key[0], message)


@rule("passages")
def check_every_name_is_linked(corpus: Corpus) -> Iterator[Problem]:
    """Every known name in a passage with claims is linked to one of them; the longest name wins."""
    for passage, claims in corpus.read_passages():
        for name, start in find_unlinked_names(corpus, passage, claims).items():
            entities = " or ".join(str(entity) for entity in sorted(corpus.names[name]))
            message = f'"{name}" is there and names {entities}; link it to a claim of the passage'
            yield claim_at(passage, claims, start).problem("passage_id", message)


def find_unlinked_names(corpus: Corpus, passage: Row, claims: list[Row]) -> dict[str, int]:
    """The known names in a passage to which none of its claims is linked, with their first positions."""
    links = [link for claim in claims for link in corpus.links_of(claim, *ENTITY_LINKS)]
    linked = {corpus.entity(link) for link in links}
    # Words that are recorded as a mention here are accounted for, even if they name something else elsewhere.
    mentions = {link["mention"].lower() for link in links if link["mention"]}
    missing: dict[str, int] = {}
    for start, _, name in find_names(passage["text"], corpus.names.keys() | mentions):
        if name not in mentions and not corpus.names[name] & linked:
            missing.setdefault(name, start)
    return missing


def claim_at(passage: Row, claims: list[Row], place: int) -> Row:
    """The claim whose quote covers a position of the passage, or the first claim when none does."""
    for claim in claims:
        start = passage["text"].find(claim["quote"])
        if 0 <= start <= place < start + len(claim["quote"]):
            return claim
    return claims[0]


def _links(corpus: Corpus) -> Iterator[Row]:
    return (row for name in ENTITY_LINKS for row in corpus[name])
