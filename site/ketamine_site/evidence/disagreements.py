"""The page `/disagreements` and the pages of questions: claims side by side, grouped by their passages."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from packpress.web.facts import ask_once, read_all

from ketamine_site.documents.documents import name_letters
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
from ketamine_site.highlights import Quoted, read_quotes
from ketamine_site.quoted_passages import QuotedPassage, mark_passage

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
    "agrees": "both say the same, perhaps of different cases",
    "complements": "they complete each other, as a harm and its monitoring do",
}
NOUNS = {
    "contradicts": "contradiction",
    "in_tension": "tension",
    "qualifies": "qualification",
    "agrees": "agreement",
    "complements": "complement",
}
# A relation as a verb: between two claims or sources, and of a source with itself.
SENTENCES = {
    "contradicts": ("{} and {} contradict each other", "{} contradicts itself"),
    "in_tension": ("{} and {} are in tension", "{} is in tension with itself"),
    "qualifies": ("{} qualifies {}", "{} qualifies itself"),
    "agrees": ("{} and {} agree", "{} says it twice"),
    "complements": ("{} and {} complete each other", "{} completes itself"),
}
RANKS = {name: rank for rank, name in enumerate(LABELS)}
# The relations that make a disagreement; pairs with the others are shown when they are asked for.
DISAGREEING = ("contradicts", "in_tension", "qualifies")
TITLES = {"agrees": "Claims that agree", "complements": "Claims that complete each other"}

PAIRS = """
select
  claim_pairs.question,
  claim_pairs.topic,
  claim_pairs.relation,
  claim_pairs.first_source,
  claim_pairs.second_source,
  claim_pairs.reason,
  claim_pairs.classification,
  claim_pairs.question_id,
  claim_pairs.first_claim_id,
  claim_pairs.second_claim_id,
  first.passage_id as first_passage_id,
  second.passage_id as second_passage_id
from claim_pairs
join claims as first on first.claim_id = claim_pairs.first_claim_id
join claims as second on second.claim_id = claim_pairs.second_claim_id
"""
CONDITIONS = """
select
  claim_conditions.claim_id,
  conditions.label
from claim_conditions
join conditions using (condition_id)
"""
# The claims of pairs that name a thing, for all things of a table at once.
NAMED = """
select distinct
  links.{key} as row_id,
  links.claim_id
from {links} as links
where links.claim_id in (
  select claim_id
  from claim_relations
  union
  select related_claim_id
  from claim_relations
)
"""
# The topics in the order in which they are declared.
TOPICS = """
select value
from data_dictionary_values
where table_name = 'questions'
and field_name = 'topic'
order by rowid
"""
SIZE = 50
# Of more questions, a page lists those whose pairs it shows.
MOST_QUESTIONS = 100


def name_relation(relation: str) -> str:
    """The label of a relation, seen from either of its claims.

    >>> name_relation("in_tension"), name_relation("is qualified by")
    ('In tension', 'Is qualified by')
    """
    return LABELS.get(relation, relation.capitalize())


def count_relation(relation: str, count: int) -> str:
    """A number of pairs with a relation.

    >>> count_relation("in_tension", 1), count_relation("qualifies", 2100)
    ('1 tension', '2,100 qualifications')
    """
    return f"{count:,} {NOUNS[relation]}{'s' if count != 1 else ''}"


def say_relation(relation: str, first: str, second: str) -> str:
    """The relation as a sentence about two claims or sources.

    >>> say_relation("qualifies", "a", "c"), say_relation("in_tension", "Leaflet", "Leaflet")
    ('a qualifies c', 'Leaflet is in tension with itself')
    """
    between, within = SENTENCES[relation]
    return between.format(first, second) if first != second else within.format(first)


@dataclass(frozen=True)
class Pair:
    """Two claims on one question, as in the view of pairs, and the conditions that they are about."""

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
    first_passage_id: str
    second_passage_id: str
    conditions: frozenset[str]

    @property
    def anchor(self) -> str:
        """The anchor of the pair in its page."""
        return f"{self.question_id}-{self.first_claim_id}-{self.second_claim_id}"

    @property
    def claim_ids(self) -> tuple[str, str]:
        """Its claims."""
        return self.first_claim_id, self.second_claim_id

    @property
    def sources(self) -> tuple[str, ...]:
        """The short names of its sources, each once."""
        return tuple(dict.fromkeys((self.first_source, self.second_source)))

    @property
    def passages(self) -> frozenset[str]:
        """The passages of its claims: two, or one."""
        return frozenset((self.first_passage_id, self.second_passage_id))

    @property
    def sentence(self) -> str:
        """How its sources stand to each other here."""
        return say_relation(self.relation, self.first_source, self.second_source)


# The names are those of the parameters of the query `pairs_of_sources`, so that a page and its data agree.
FILTERS: dict[str, Filter[Pair]] = {
    "topic": Filter("Topic", lambda pair: (pair.topic,)),
    "source": Filter("Source", lambda pair: pair.sources),
    "other": Filter("And source", lambda pair: pair.sources),
    "condition": Filter("Condition", lambda pair: pair.conditions),
}
# Those that are columns of the views of pairs.
OF_VIEW = ("relation", "topic")
# The query that has the pairs of any filter; its JSON is whole, where that of a view is cut like a page.
WHOLE = "pairs_of_sources"


@ask_once
async def list_pairs(datasette: Datasette) -> tuple[Pair, ...]:
    """Every pair, by question and by passages: the gravest relation first, then the order of the topics."""
    conditions: dict[str, set[str]] = {}
    for row in await read_all(datasette, CONDITIONS):
        conditions.setdefault(row["claim_id"], set()).add(row["label"])
    pairs = []
    for row in await read_all(datasette, PAIRS):
        sides = (row["first_claim_id"], row["second_claim_id"])
        named = frozenset().union(*(conditions.get(claim_id, ()) for claim_id in sides))
        pairs.append(Pair(**row, conditions=named))
    topics = {row["value"]: rank for rank, row in enumerate(await read_all(datasette, TOPICS))}
    return tuple(sort_pairs(pairs, topics))


def sort_pairs(pairs: list[Pair], topics: Mapping[str, int]) -> list[Pair]:
    """The pairs by question, with those of the same two passages together, gravest first at each step."""
    questions: dict[str, int] = {}
    passages: dict[tuple[str, frozenset[str]], tuple[int, int]] = {}
    for number, pair in enumerate(pairs):
        rank = RANKS[pair.relation]
        questions[pair.question_id] = min(questions.get(pair.question_id, rank), rank)
        place = passages.get((pair.question_id, pair.passages), (rank, number))
        passages[pair.question_id, pair.passages] = min(rank, place[0]), place[1]
    # A stable sort keeps the order of the view within a relation.
    return sorted(
        pairs,
        key=lambda pair: (
            questions[pair.question_id],
            topics.get(pair.topic, len(topics)),
            pair.question,
            pair.question_id,
            passages[pair.question_id, pair.passages],
            RANKS[pair.relation],
        ),
    )


def list_claims(pairs: Iterable[Pair]) -> list[str]:
    """The claims of these pairs, each once."""
    return list(dict.fromkeys(claim_id for pair in pairs for claim_id in pair.claim_ids))


def count_relations(pairs: Iterable[Pair]) -> tuple[tuple[str, int], ...]:
    """The relations in which these pairs stand, gravest first, each with the number of pairs."""
    counts = Counter(pair.relation for pair in pairs)
    return tuple((relation, counts[relation]) for relation in LABELS if counts[relation])


def group_by_question(pairs: Iterable[Pair]) -> list[tuple[Pair, ...]]:
    """The pairs of each question; those of one question follow each other."""
    return [tuple(group) for _, group in groupby(pairs, key=lambda pair: pair.question_id)]


@ask_once
async def find_disagreements(datasette: Datasette, links: str, key: str) -> dict[str, tuple[Pair, ...]]:
    """The pairs that disagree and in which a claim names a thing, for all things of a table of links."""
    things: dict[str, set[str]] = {}
    for row in await read_all(datasette, NAMED.format(links=links, key=key)):
        things.setdefault(row["claim_id"], set()).add(row["row_id"])
    found: dict[str, list[Pair]] = {}
    for pair in await list_pairs(datasette):
        if pair.relation in DISAGREEING:
            for row_id in set().union(*(things.get(claim_id, ()) for claim_id in pair.claim_ids)):
                found.setdefault(row_id, []).append(pair)
    return {row_id: tuple(pairs) for row_id, pairs in found.items()}


@ask_once
async def find_pairs_between(datasette: Datasette) -> dict[frozenset[str], tuple[Pair, ...]]:
    """The pairs of claims of two sources, or within one, by the short names of these."""
    found: dict[frozenset[str], list[Pair]] = {}
    for pair in await list_pairs(datasette):
        found.setdefault(frozenset(pair.sources), []).append(pair)
    return {sources: tuple(pairs) for sources, pairs in found.items()}


@dataclass(frozen=True)
class Tie:
    """A pair within a group, with the letters of its claims, which are empty for a group of one pair."""

    pair: Pair
    first: str
    second: str

    @property
    def sentence(self) -> str:
        """The relation, between claims by letter or else between sources."""
        if not self.first:
            return self.pair.sentence
        return say_relation(self.pair.relation, self.first, self.second)


@dataclass(frozen=True)
class PassagePair:
    """Two passages, or one, with their claims on one question, and how these stand to each other."""

    anchor: str
    sides: tuple[QuotedPassage, ...]
    ties: tuple[Tie, ...]

    @property
    def relations(self) -> list[str]:
        """Its relations, gravest first."""
        return sorted({tie.pair.relation for tie in self.ties}, key=RANKS.__getitem__)

    @property
    def is_plain(self) -> bool:
        """Whether one sentence about its sources is true of all its pairs."""
        return len({tie.pair.sentence for tie in self.ties}) == 1

    @property
    def sources(self) -> tuple[str, ...]:
        """The short names of its sources in the order of its sides, each once."""
        return tuple(dict.fromkeys(side.row["short_name"] for side in self.sides))


@dataclass(frozen=True)
class QuestionGroup:
    """A question with its pairs on one page, by passages, and its number among all that were found."""

    number: int
    pair: Pair
    passages: tuple[PassagePair, ...]
    # Labels and ids of the conditions that its claims name.
    conditions: list[tuple[str, str]]


@dataclass(frozen=True)
class QuestionLine:
    """A question in the list above the pairs: its number, its address, and its pairs in numbers."""

    number: int
    question_id: str
    question: str
    topic: str
    url: str
    # The number of pairs of each relation that occurs.
    relations: tuple[tuple[str, int], ...]
    sources: tuple[str, ...]


def group_passages(pairs: Iterable[Pair], quotes: Mapping[str, Quoted]) -> tuple[PassagePair, ...]:
    """The pairs of one question by their passages; pairs of the same two passages follow each other."""
    groups = groupby(pairs, key=lambda pair: pair.passages)
    return tuple(join_passages(list(group), quotes) for _, group in groups)


def join_passages(pairs: list[Pair], quotes: Mapping[str, Quoted]) -> PassagePair:
    """The group of these pairs, whose claims stand in the same two passages or in one."""
    first = pairs[0]
    claim_ids = list_claims(pairs)
    sides: dict[str, list[Quoted]] = {first.first_passage_id: [], first.second_passage_id: []}
    for quoted in sorted((quotes[claim_id] for claim_id in claim_ids), key=place_quote):
        sides[quoted.row["passage_id"]].append(quoted)
    # Two claims of one passage need letters, and one claim on each side needs none.
    is_plain = len(pairs) == 1 and len(sides) == 2
    letters = [""] * 2 if is_plain else name_letters(len(claim_ids))
    marked: list[QuotedPassage] = []
    lettered: dict[str, str] = {}
    for side in sides.values():
        own = letters[len(lettered) : len(lettered) + len(side)]
        lettered |= {quoted.row["claim_id"]: letter for quoted, letter in zip(side, own, strict=True)}
        marked.append(mark_passage(side, own, f"{first.anchor}-of-"))
    ties = tuple(Tie(pair, lettered[pair.first_claim_id], lettered[pair.second_claim_id]) for pair in pairs)
    return PassagePair(f"{first.anchor}-beside", tuple(marked), ties)


def place_quote(quoted: Quoted) -> tuple[int, int, str]:
    """The sort key that puts claims of a passage in reading order."""
    return quoted.row["start_offset"], quoted.row["end_offset"], quoted.row["claim_id"]


async def quote_pairs(datasette: Datasette, pairs: Iterable[Pair]) -> dict[str, Quoted]:
    """The claims of these pairs with their quotes, by id."""
    quotes = await read_quotes(datasette, list_claims(pairs))
    return {quoted.row["claim_id"]: quoted for quoted in quotes}


async def show_disagreements(request: Request, datasette: Datasette) -> Response:
    """The requested pairs, one page at a time."""
    relation = request.args.get("relation") or ""
    kept = {"relation": relation} if relation in LABELS else {}
    asked = {name: value for name in FILTERS if (value := request.args.get(name))}
    in_tab = await list_tab(datasette, kept.get("relation", ""))
    choices = offer_choices(FILTERS, [(pair, 1) for pair in in_tab], asked)
    found = match_pairs(in_tab, choices)
    part = cut_part(read_number(request.args.get("from") or "") or 1, len(found), SIZE)
    shown = found[part.first - 1 : part.last]
    lines = list_questions(found, part, {**kept, **asked})
    context = {
        "database": (await read_facts(datasette)).database,
        "title": TITLES.get(relation, "Disagreements"),
        "relation": kept.get("relation", ""),
        "relations": [relation] if relation in TITLES else list(DISAGREEING),
        "tabs": list_tabs(await list_pairs(datasette), choices, kept.get("relation", "")),
        "choices": choices,
        "kept": kept,
        "removals": list_removals(choices, kept),
        "data": name_data(kept, asked),
        "whole": WHOLE,
        "compared": await link_sources(datasette, asked),
        "count": len(lines),
        "topics": group_topics(lines if len(lines) <= MOST_QUESTIONS else find_shown(lines, shown)),
        "groups": await group_questions(datasette, shown, lines),
        "part": part,
        "turns": list_turns(part, "from", {**kept, **asked}),
    }
    page = await datasette.render_template("disagreements.html", context, request=request)
    return Response.html(page)


async def link_sources(datasette: Datasette, asked: Mapping[str, str]) -> str:
    """The page that compares the two chosen sources; empty unless two are chosen."""
    known = (await read_facts(datasette)).sources
    two = {name: known[name] for name in known if name in (asked.get("source"), asked.get("other"))}
    return str(datasette.urls.path("/compare/" + "/".join(two.values()))) if len(two) == 2 else ""


@ask_once
async def list_tab(datasette: Datasette, relation: str) -> tuple[Pair, ...]:
    """The pairs of a tab: those of its relation, or in the first one the disagreements of every relation."""
    relations = (relation,) if relation else DISAGREEING
    return tuple(pair for pair in await list_pairs(datasette) if pair.relation in relations)


def match_pairs(pairs: tuple[Pair, ...], choices: list[FilterChoice]) -> tuple[Pair, ...]:
    """The pairs that have all chosen values; a source chosen twice means within it."""
    chosen = {choice.name: choice.chosen for choice in choices if choice.chosen}
    if not chosen:
        return pairs
    matches = match_choices(FILTERS, choices)
    is_within = "source" in chosen and chosen["source"] == chosen.get("other")
    return tuple(pair for pair in pairs if matches(pair) and (not is_within or len(pair.sources) == 1))


def list_tabs(
    pairs: tuple[Pair, ...], choices: list[FilterChoice], relation: str
) -> list[tuple[str, str, int, str, bool]]:
    """Each tab: its relation, label, number of pairs, query string, and whether it is selected."""
    chosen = {choice.name: choice.chosen for choice in choices if choice.chosen}
    counts = dict(count_relations(match_pairs(pairs, choices)))
    disagreeing = sum(counts.get(name, 0) for name in DISAGREEING)
    tabs = [("", "All disagreements", disagreeing, urlencode(chosen), not relation)]
    for name, label in LABELS.items():
        query = urlencode({"relation": name, **chosen})
        tabs.append((name, label, counts.get(name, 0), query, name == relation))
    return tabs


def name_data(kept: Mapping[str, str], asked: Mapping[str, str]) -> tuple[str, str]:
    """The view or query that has the found pairs as rows, and its query string.

    Only the query knows conditions and sources on either side.
    """
    chosen = {**kept, **asked}
    view = "claim_pairs" if kept.get("relation") in TITLES else "disagreements"
    return view if {*chosen} <= {*OF_VIEW} else WHOLE, urlencode(chosen)


def list_questions(found: Sequence[Pair], part: Part, kept: dict[str, str]) -> list[QuestionLine]:
    """Every question, with the address of its first pair."""
    lines = []
    place = 1
    for number, pairs in enumerate(group_by_question(found), 1):
        there = cut_part(place, part.end, part.size).first
        query = "" if there == part.first else "?" + urlencode({**kept, "from": there})
        lines.append(summarise_question(pairs, number, f"{query}#q{number}"))
        place += len(pairs)
    return lines


def summarise_question(pairs: Sequence[Pair], number: int = 1, url: str = "") -> QuestionLine:
    """One question in numbers: how many pairs stand in each relation, and from which sources."""
    sources = dict.fromkeys([(pair.first_source, pair.second_source) for pair in pairs])
    return QuestionLine(
        number,
        pairs[0].question_id,
        pairs[0].question,
        pairs[0].topic,
        url,
        count_relations(pairs),
        tuple(dict.fromkeys(source for two in sources for source in two)),
    )


def find_shown(lines: list[QuestionLine], shown: Sequence[Pair]) -> list[QuestionLine]:
    """The questions of these pairs."""
    questions = {pair.question_id for pair in shown}
    return [line for line in lines if line.question_id in questions]


def group_topics(lines: Iterable[QuestionLine]) -> list[tuple[str, list[QuestionLine]]]:
    """The questions by topic, in the order in which the topics come first."""
    topics: dict[str, list[QuestionLine]] = {}
    for line in lines:
        topics.setdefault(line.topic, []).append(line)
    return list(topics.items())


async def group_questions(
    datasette: Datasette, shown: Sequence[Pair], lines: list[QuestionLine]
) -> list[QuestionGroup]:
    """The pairs of one page, by question and passages."""
    quotes, known = await quote_pairs(datasette, shown), await find_conditions(datasette)
    numbers = {line.question_id: line.number for line in lines}
    return [
        QuestionGroup(
            numbers[pairs[0].question_id],
            pairs[0],
            group_passages(pairs, quotes),
            list_conditions(pairs, known),
        )
        for pairs in group_by_question(shown)
    ]


def list_conditions(pairs: Iterable[Pair], known: Mapping[str, str]) -> list[tuple[str, str]]:
    """The labels of the conditions that the claims of these pairs name, with their ids."""
    labels = sorted({label for pair in pairs for label in pair.conditions})
    return [(label, known[label]) for label in labels]


@dataclass(frozen=True)
class QuestionPage:
    """A question with its first pairs, of every relation, and the conditions that all of them name."""

    line: QuestionLine | None
    passages: tuple[PassagePair, ...]
    # Their labels and ids.
    conditions: list[tuple[str, str]]
    shown: int
    pairs: int


@ask_once
async def find_conditions(datasette: Datasette) -> dict[str, str]:
    """The id of each condition, by its label."""
    rows = await read_all(datasette, "select label, condition_id from conditions order by condition_id desc")
    return {row["label"]: row["condition_id"] for row in rows}


@ask_once
async def find_questions(datasette: Datasette) -> dict[str, tuple[Pair, ...]]:
    """The pairs of each question."""
    return {pairs[0].question_id: pairs for pairs in group_by_question(await list_pairs(datasette))}


async def read_question(datasette: Datasette, question_id: str) -> QuestionPage:
    """The page contents of one row of questions."""
    pairs = (await find_questions(datasette)).get(question_id, ())
    shown = pairs[:SIZE]
    return QuestionPage(
        summarise_question(pairs) if pairs else None,
        group_passages(shown, await quote_pairs(datasette, shown)),
        list_conditions(pairs, await find_conditions(datasette)),
        len(shown),
        len(pairs),
    )
