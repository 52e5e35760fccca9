"""The page `/disagreements`: pairs of claims side by side, under the question on which they disagree."""

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from packpress.web.facts import ask_once, read_all

from ketamine_site.documents.reader import (
    Filter,
    FilterChoice,
    Part,
    cut_part,
    list_removals,
    list_turns,
    match_choices,
    offer_choices,
    read_number,
)
from ketamine_site.facts import read_facts
from ketamine_site.highlights import read_quotes

# From the first claim of a pair to the second, gravest first; the order in which the protocol decides.
LABELS = {
    "contradicts": "Contradicts",
    "in_tension": "In tension",
    "qualifies": "Qualifies",
    "agrees": "Agrees",
    "complements": "Complements",
}
MEANINGS = {
    "contradicts": "one denies the other",
    "in_tension": "they pull apart, and both can hold",
    "qualifies": "the first is narrower, or hedged where the second is not",
    "agrees": "both say the same",
    "complements": "they complete each other, as a harm and its monitoring do",
}
# The relations that the page of disagreements shows.
DISAGREEING = ("contradicts", "in_tension", "qualifies")

PAIRS = """
select
  question,
  topic,
  relation,
  first_source,
  second_source,
  reason,
  classification,
  question_id,
  first_claim_id,
  second_claim_id
from disagreements
"""
CONDITIONS = """
select
  claim_conditions.claim_id,
  conditions.label
from claim_conditions
join conditions using (condition_id)
"""
# The topics in the order in which they are declared.
TOPICS = """
select value
from data_dictionary_values
where table_name = 'questions'
and field_name = 'topic'
order by rowid
"""
OTHERS = """
select
  relation,
  count(*) as pairs
from claim_relations
group by relation
"""
SIZE = 50


def name_relation(relation: str) -> str:
    """The label of a relation, seen from either of its claims.

    >>> name_relation("in_tension"), name_relation("is qualified by")
    ('In tension', 'Is qualified by')
    """
    return LABELS.get(relation, relation.capitalize())


@dataclass(frozen=True)
class Pair:
    """Two claims that disagree, as in the view of disagreements, and the conditions that they are about."""

    question: str
    topic: str
    relation: str
    first_source: str
    second_source: str
    reason: str
    classification: str | None
    question_id: str
    first_claim_id: str
    second_claim_id: str
    conditions: frozenset[str]

    @property
    def anchor(self) -> str:
        """The anchor of the pair in its page."""
        return f"{self.question_id}-{self.first_claim_id}-{self.second_claim_id}"


# All but the condition are columns of the view, so that a filtered page and its data have the same pairs.
FILTERS: dict[str, Filter[Pair]] = {
    "topic": Filter("Topic", lambda pair: (pair.topic,)),
    "first_source": Filter("First source", lambda pair: (pair.first_source,)),
    "second_source": Filter("Second source", lambda pair: (pair.second_source,)),
    "condition": Filter("Condition", lambda pair: pair.conditions),
}


@ask_once
async def list_pairs(datasette: Datasette) -> tuple[Pair, ...]:
    """Every pair, by question: the gravest relation first, then the order of the topics."""
    conditions: dict[str, set[str]] = {}
    for row in await read_all(datasette, CONDITIONS):
        conditions.setdefault(row["claim_id"], set()).add(row["label"])
    pairs = []
    for row in await read_all(datasette, PAIRS):
        sides = [conditions.get(row[name], set()) for name in ("first_claim_id", "second_claim_id")]
        pairs.append(Pair(**row, conditions=frozenset().union(*sides)))
    ranks = {name: rank for rank, name in enumerate(DISAGREEING)}
    weights: dict[str, int] = {}
    for pair in pairs:
        rank = ranks[pair.relation]
        weights[pair.question] = min(weights.get(pair.question, rank), rank)
    # A stable sort keeps the order of the view within a question and relation.
    topics = {row["value"]: rank for rank, row in enumerate(await read_all(datasette, TOPICS))}

    def place(pair: Pair) -> tuple[int, int, str, int]:
        return (
            weights[pair.question],
            topics.get(pair.topic, len(topics)),
            pair.question,
            ranks[pair.relation],
        )

    return tuple(sorted(pairs, key=place))


@ask_once
async def count_others(datasette: Datasette) -> dict[str, int]:
    """The number of pairs of each relation that this page does not show."""
    counts = {row["relation"]: int(row["pairs"]) for row in await read_all(datasette, OTHERS)}
    return {name: counts.get(name, 0) for name in LABELS if name not in DISAGREEING}


@ask_once
async def count_by_condition(datasette: Datasette) -> Counter[tuple[str, str]]:
    """The number of pairs by relation and by condition that either claim names, by label."""
    pairs = await list_pairs(datasette)
    return Counter((condition, pair.relation) for pair in pairs for condition in pair.conditions)


@dataclass(frozen=True)
class PairGroup:
    """A question with its pairs on one page, and its number among all that were found."""

    number: int
    question: str
    pairs: tuple[Pair, ...]


async def show_disagreements(request: Request, datasette: Datasette) -> Response:
    """The requested pairs, one page at a time."""
    everything = await list_pairs(datasette)
    relation = request.args.get("relation") or ""
    kept = {"relation": relation} if relation in DISAGREEING else {}
    asked = {name: value for name in FILTERS if (value := request.args.get(name))}
    in_tab = [pair for pair in everything if not kept or pair.relation == relation]
    choices = offer_choices(FILTERS, [(pair, 1) for pair in in_tab], asked)
    found = [*filter(match_choices(FILTERS, choices), in_tab)]
    part = cut_part(read_number(request.args.get("from") or "") or 1, len(found), SIZE)
    shown = found[part.first - 1 : part.last]
    claim_ids = {claim_id for pair in shown for claim_id in (pair.first_claim_id, pair.second_claim_id)}
    questions = list_questions(found, part, {**kept, **asked})
    context = {
        "database": (await read_facts(datasette)).database,
        "labels": LABELS,
        "meanings": MEANINGS,
        "shown": DISAGREEING,
        "tabs": list_tabs(everything, choices, kept.get("relation", "")),
        "choices": choices,
        "kept": kept,
        "removals": list_removals(choices, kept),
        "data": list_data(in_tab, choices, kept),
        "others": await count_others(datasette),
        "questions": questions,
        "groups": group_pairs(shown, questions),
        "quotes": {quoted.row["claim_id"]: quoted for quoted in await read_quotes(datasette, claim_ids)},
        "part": part,
        "turns": list_turns(part, "from", {**kept, **asked}),
    }
    page = await datasette.render_template("disagreements.html", context, request=request)
    return Response.html(page)


def list_tabs(
    pairs: tuple[Pair, ...], choices: list[FilterChoice], relation: str
) -> list[tuple[str, int, str, bool]]:
    """Each tab: its label, its number of pairs, its query string, and whether it is selected."""
    chosen = {choice.name: choice.chosen for choice in choices if choice.chosen}
    found = [*filter(match_choices(FILTERS, choices), pairs)]
    tabs = [("All", len(found), urlencode(chosen), not relation)]
    for name in DISAGREEING:
        count = sum(pair.relation == name for pair in found)
        tabs.append((LABELS[name], count, urlencode({"relation": name, **chosen}), name == relation))
    return tabs


def list_data(pairs: list[Pair], choices: list[FilterChoice], kept: dict[str, str]) -> tuple[int, str]:
    """The number of rows of the view for these pairs, and the query string that selects them.

    The view has no conditions, so a chosen condition narrows the page but not its data.
    """
    sides = [choice for choice in choices if choice.chosen and choice.name != "condition"]
    matches = match_choices(FILTERS, sides)
    query = {**kept, **{choice.name: choice.chosen for choice in sides}}
    return sum(map(matches, pairs)), urlencode(query)


def list_questions(found: list[Pair], part: Part, kept: dict[str, str]) -> dict[str, tuple[int, int, str]]:
    """Every question: its number, its number of pairs, and the address of the first one."""
    questions: dict[str, tuple[int, int, str]] = {}
    place = 1
    for number, (question, run) in enumerate(groupby(found, lambda pair: pair.question), 1):
        count = len([*run])
        there = cut_part(place, part.end, part.size).first
        query = "" if there == part.first else "?" + urlencode({**kept, "from": there})
        questions[question] = number, count, f"{query}#q{number}"
        place += count
    return questions


def group_pairs(shown: list[Pair], questions: dict[str, tuple[int, int, str]]) -> list[PairGroup]:
    """The pairs of one page, by question."""
    return [
        PairGroup(questions[question][0], question, tuple(pairs))
        for question, pairs in groupby(shown, lambda pair: pair.question)
    ]
