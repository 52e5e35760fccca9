"""Pages on relations: the passages of the draft beside others, and the form on two of them."""

from collections.abc import Callable, Iterator
from typing import Any

from packpress.problems import CannotRunError
from packpress.tables.rows import Row

from scripts.curating.app import Request, Response, Values, answer_json
from scripts.curating.claim_pages import describe_claim
from scripts.curating.desk import DraftView, StalePageError, check_as_typed
from scripts.curating.forms import Filled, sort_messages
from scripts.curating.relation_rows import (
    OTHER,
    RELATIONS,
    TURNED,
    ComparedPassages,
    fill_relation,
    find_pair,
    flatten_relation,
    is_set_apart,
    list_choices,
    list_mappings,
    list_recorded,
    remove_relation,
    set_apart,
    version_of_pair,
)
from scripts.curating.workbench import Attempt, Workbench
from scripts.curation.comparisons import NEAREST, LikelyPair, Likeness
from scripts.rules.relations import DIRECTED

# ---- all passages of the draft ----


def show_relations(bench: Workbench, request: Request) -> Response:
    """The passages of the draft that have claims, and how far each has been compared with others."""
    view = bench.desk.read()
    nearest = group_pairs(view, Likeness(view.corpus))
    rows = [describe_progress(view, row, nearest.get(row.key, [])) for row in view.passages]
    shown: dict[str, Any] = {
        "rows": [row for row in rows if row],
        "undo": view.saves[-1].label if view.saves else "",
    }
    return bench.answer("relations.html", view, title="Relations", here="/relations", **shown)


def group_pairs(view: DraftView, likeness: Likeness) -> dict[str, list[LikelyPair]]:
    """The pairs of each passage of the draft, most similar first; those within the draft stand at both."""
    grouped: dict[str, list[LikelyPair]] = {}
    for pair in likeness.list_pairs(view.source_id):
        grouped.setdefault(pair.passages[0], []).append(pair)
        if view.corpus.source_id(pair.other) == view.source_id:
            grouped.setdefault(pair.passages[1], []).append(LikelyPair(pair.other, pair.one, pair.likeness))
    return grouped


def describe_progress(view: DraftView, passage: Row, pairs: list[LikelyPair]) -> dict[str, Any] | None:
    """How many of the nearest passages were compared with a passage; None for one without claims."""
    if not view.corpus.claims_of(passage):
        return None
    found = [find_pair(view, *pair.passages) for pair in pairs]
    related = [pair for pair in found if list_recorded(view, pair)]
    compared = [pair for pair in found[:NEAREST] if pair in related or is_set_apart(view, pair)]
    nearest = len(found[:NEAREST])
    return {
        "id": passage.key,
        "position": passage["position"],
        "text": passage["text"],
        "related": len(related),
        "compared": len(compared),
        "nearest": nearest,
    }


# ---- one passage beside others ----


def show_beside(bench: Workbench, request: Request) -> Response:
    """A passage, and beside it those that are most like it, with what relates them."""
    view = bench.desk.read()
    passage = view.require_passage(request.parts[1])
    likeness = Likeness(view.corpus)
    pairs = group_pairs(view, likeness).get(passage.key, [])
    # The rest are read only for whether something relates them: there are hundreds.
    shown = [
        pair
        for place, pair in enumerate(pairs)
        if place < NEAREST or list_recorded(view, find_pair(view, *pair.passages))
    ]
    return bench.answer(
        "beside.html",
        view,
        title=f"Relations of passage {passage['position']}",
        here="/relations",
        passage=passage.named,
        claims=[describe_claim(view, claim) for claim in view.corpus.claims_of(passage)],
        rows=[describe_pair_of(view, likeness, pair) for pair in shown],
        others=[
            (row.key, f"{name_source(view, row)}, {row['position']}: {row['text'][:80]}")
            for row in view.corpus["passages"].rows
            if row.key != passage.key and view.corpus.claims_of(row)
        ],
        next=find_next_compared(view, passage),
    )


def find_next_compared(view: DraftView, passage: Row) -> str:
    """The next passage of the draft that has claims; empty after the last one."""
    later = (row for row in view.passages if view.corpus.stands_before(passage, row))
    return next((row.key for row in later if view.corpus.claims_of(row)), "")


def name_source(view: DraftView, passage: Row) -> str:
    """The short name of a passage's document."""
    source = view.corpus["sources"].get(passage["source_id"])
    return source["short_name"] if source else ""


def describe_pair_of(view: DraftView, likeness: Likeness, likely: LikelyPair) -> dict[str, Any]:
    """What the page of a passage shows of another one."""
    pair = find_pair(view, *likely.passages)
    recorded = list_recorded(view, pair)
    return {
        "id": pair.other.key,
        "source": name_source(view, pair.other),
        "position": pair.other["position"],
        "text": pair.other["text"],
        "claims": [describe_claim(view, claim) for claim in view.corpus.claims_of(pair.other)],
        "recorded": [describe_recorded(one.question, one.relation, one.rows[0]) for one in recorded],
        "apart": is_set_apart(view, pair),
        "version": version_of_pair(view, pair),
        "questions": [
            view.tables["questions"].get(key)["question"]  # type: ignore[index]
            for key in likeness.list_questions(likely.one.key, likely.other.key)[:1]
        ],
    }


def describe_recorded(question: Row, relation: str, row: Row) -> dict[str, str]:
    """A relation in words."""
    return {
        "question": question["question"],
        "question_id": question.key,
        "topic": question["topic"],
        "relation": tell_relation(relation),
        "reason": row["reason"],
    }


def tell_relation(relation: str) -> str:
    """A relation in words, as seen from the first passage."""
    return "is qualified by" if relation == TURNED else relation.replace("_", " ")


def choose_other(bench: Workbench, request: Request) -> Response:
    """Leads to the form on a passage and any other one."""
    view = bench.desk.read()
    one, other = request.parts[1], request.form.get("other", "").strip()
    beside = view.corpus["passages"].get(other)
    claim = view.corpus["claims"].get(other)
    key = claim["passage_id"] if claim else other
    if one == key or not (claim or beside and view.corpus.claims_of(beside)):
        raise CannotRunError(f"{other}: no other passage with claims; write its id, or that of a claim")
    return Response(status=303, headers={"location": f"/relations/{find_pair(view, one, key).one.key}/{key}"})


# ---- two passages ----


def show_pair(bench: Workbench, request: Request) -> Response:
    """The form on two passages: a relation that exists, or a new one."""
    view = bench.desk.read()
    pair = find_pair(view, *request.parts[1:3])
    asked = request.query.get("question", "")
    recorded = next((one for one in list_recorded(view, pair) if one.question.key == asked), None)
    values = flatten_relation(pair, recorded) if recorded else begin_relation(view, pair)
    return _answer_pair(bench, view, pair, values)


def begin_relation(view: DraftView, pair: ComparedPassages) -> Values:
    """What can be known of a relation before anybody reads: the claims that are most alike."""
    likeness = Likeness(view.corpus)
    likely = next(one for one in list_both(view, likeness, pair))
    return {f"one.{likely.one.key}": "on", f"one.{likely.other.key}": "on"}


def list_both(view: DraftView, likeness: Likeness, pair: ComparedPassages) -> list[LikelyPair]:
    """The pairs of claims of two passages, most similar first."""
    found = (
        LikelyPair(one, other, likeness.measure(one.key, other.key))
        for one in view.corpus.claims_of(pair.one)
        for other in view.corpus.claims_of(pair.other)
    )
    return sorted(found, key=lambda likely: -likely.likeness)


def _answer_pair(
    bench: Workbench, view: DraftView, pair: ComparedPassages, values: Values, *attempt: Attempt
) -> Response:
    shown = describe_pair_form(view, pair, values)
    return bench.answer("pair.html", view, *attempt, title="Side by side", here="/relations", **shown)


def describe_pair_form(view: DraftView, pair: ComparedPassages, values: Values) -> dict[str, Any]:
    """What the form on two passages is made from."""
    likeness = Likeness(view.corpus)
    likely = list_both(view, likeness, pair)[0]
    near = likeness.list_questions(likely.one.key, likely.other.key)
    asked = values.get("asked", "")
    shown = dict.fromkeys([*([asked] if asked not in ("", OTHER) else []), *near])
    questions = [row for key in shown if (row := view.tables["questions"].get(key))]
    relation = view.package.by_name[RELATIONS].field("relation")
    told = {**relation.enum_descriptions, TURNED: "The same the other way round."}
    return {
        "sides": [
            {
                "id": side.key,
                "source": name_source(view, side),
                "position": side["position"],
                "text": side["text"],
                "claims": [describe_claim(view, claim) for claim in view.corpus.claims_of(side)],
            }
            for side in (pair.one, pair.other)
        ],
        "values": values,
        "questions": [(row.key, row["question"], row["topic"]) for row in questions],
        "wordings": [row["question"] for row in view.tables["questions"].rows],
        "topics": list(view.package.by_name["questions"].field("topic").enum_descriptions.items()),
        "choices": [
            (step, name, tell_choice(view, pair, name), told[name])
            for step, name in number_choices(list_choices(view))
        ],
        "mappings": list_mappings(view, pair),
        "recorded": [
            describe_recorded(one.question, one.relation, one.rows[0]) for one in list_recorded(view, pair)
        ],
        "apart": is_set_apart(view, pair),
        "version": version_of_pair(view, pair),
        "other": OTHER,
    }


def number_choices(names: list[str]) -> Iterator[tuple[int, str]]:
    """The relations with their place in the order of decision; both directions of one have the same.

    >>> [*number_choices(["contradicts", "qualifies", "is_qualified", "agrees"])]
    [(1, 'contradicts'), (2, 'qualifies'), (2, 'is_qualified'), (3, 'agrees')]
    """
    step = 0
    for name in names:
        step += name != TURNED
        yield step, name


def tell_choice(view: DraftView, pair: ComparedPassages, name: str) -> str:
    """A relation as a choice, with the narrower passage of a directed one named."""
    sides = [f"{name_source(view, side)} {side['position']}" for side in (pair.one, pair.other)]
    if name == DIRECTED:
        return f"{sides[0]} qualifies {sides[1]}"
    return f"{sides[1]} qualifies {sides[0]}" if name == TURNED else name.replace("_", " ")


def save_pair(bench: Workbench, request: Request) -> Response:
    """Saves a relation of two passages on a question."""

    def fill_pair(view: DraftView) -> Filled:
        return fill_relation(view, _require_pair(view, request), request.form)

    attempt = bench.save(f"a relation of {request.parts[1]} and {request.parts[2]}", fill_pair)
    if attempt.outcome:
        return bench.tell(attempt.outcome, f"/relations/{request.parts[1]}#{request.parts[2]}")
    view = bench.desk.read()
    return _answer_pair(bench, view, find_pair(view, *request.parts[1:3]), request.form, attempt)


def check_pair(bench: Workbench, request: Request) -> Response:
    """What is wrong with the form on two passages as it is now; for the script, while somebody types."""
    view = bench.desk.read()
    filled = fill_relation(view, find_pair(view, *request.parts[1:3]), request.form)
    try:
        found = check_as_typed(bench.desk, view, [edit for edit in filled.edits if edit.table in view.tables])
    except CannotRunError as error:
        return answer_json({"errors": filled.errors, "general": [str(error)]})
    errors, general = sort_messages(filled, [(problem, edit) for problem, edit in found])
    return answer_json({"errors": errors, "general": general})


def _require_pair(view: DraftView, request: Request) -> ComparedPassages:
    pair = find_pair(view, *request.parts[1:3])
    if request.form.get("version") != version_of_pair(view, pair):
        raise StalePageError
    return pair


def set_pair_apart(bench: Workbench, request: Request) -> Response:
    """Remembers that two passages are not to be set side by side."""
    label = f"{request.parts[1]} and {request.parts[2]} are not set side by side"
    return _press(bench, request, label, set_apart)


def remove_pair(bench: Workbench, request: Request) -> Response:
    """Removes what two passages have on a question."""

    def fill_removal(view: DraftView, pair: ComparedPassages) -> Filled:
        return remove_relation(view, pair, request.form.get("question", ""))

    label = f"a relation of {request.parts[1]} and {request.parts[2]} removed"
    return _press(bench, request, label, fill_removal)


def _press(
    bench: Workbench, request: Request, label: str, fill: Callable[[DraftView, ComparedPassages], Filled]
) -> Response:
    """The answer to a button that saves without a form of its own."""
    attempt = bench.save(label, lambda view: fill(view, _require_pair(view, request)))
    if attempt.outcome:
        return bench.tell(attempt.outcome, f"/relations/{request.parts[1]}#{request.parts[2]}")
    return bench.refuse(attempt)


ROUTES = {
    ("GET", "relations"): show_relations,
    ("GET", "relations/*"): show_beside,
    ("POST", "relations/*"): choose_other,
    ("GET", "relations/*/*"): show_pair,
    ("POST", "relations/*/*"): save_pair,
    ("POST", "relations/*/*/check"): check_pair,
    ("POST", "relations/*/*/apart"): set_pair_apart,
    ("POST", "relations/*/*/remove"): remove_pair,
}
