"""Relations in the workbench: two passages, a question, and the first relation in order that holds of it.

A relation is recorded for a pair of passages and a question. In the tables it is a row for each pair of the
chosen claims, so what is saved here replaces all rows that the two passages have on the question.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from packpress.editing.format import make_record
from packpress.tables.csv import Record
from packpress.tables.rows import Row

from scripts.curating.desk import REJECTED, DraftView, MissingRowError, hash_rows
from scripts.curating.forms import Filled, Values
from scripts.curating.readings import Questions
from scripts.curation.corpus import ENTITY_LINKS
from scripts.rules.relations import DIRECTED, arrange_relation

RELATIONS = "claim_relations"
# The directed relation, seen from the second passage.
TURNED = "is_qualified"
# A question in a form that is none of those suggested.
OTHER = "other"


@dataclass(frozen=True)
class ComparedPassages:
    """A passage of the draft, and another one of any document."""

    one: Row
    other: Row

    @property
    def name(self) -> str:
        """The two passages in words."""
        return f"{self.one['passage_id']} and {self.other['passage_id']}"


@dataclass(frozen=True)
class Recorded:
    """What two passages have on a question: the rows, and the relation as seen from the first passage."""

    question: Row
    relation: str
    rows: tuple[Row, ...]


def find_pair(view: DraftView, one: str, other: str) -> ComparedPassages:
    """The two passages, the first of them of the draft; MissingRowError when one has no claims."""
    found = view.require_passage(one)
    beside = view.corpus["passages"].get(other)
    if beside is None or beside.key == found.key or not view.corpus.claims_of(beside):
        raise MissingRowError(other)
    if not view.corpus.claims_of(found):
        raise MissingRowError(one)
    return ComparedPassages(found, beside)


def list_recorded(view: DraftView, pair: ComparedPassages) -> list[Recorded]:
    """What the tables have on two passages, by question."""
    rows: dict[str, list[Row]] = {}
    for row in _list_rows(view, pair):
        rows.setdefault(row["question_id"], []).append(row)
    found = []
    for question_id, own in rows.items():
        question = view.tables["questions"].get(question_id)
        if question:
            found.append(Recorded(question, turn(view, pair.one, own[0]), tuple(own)))
    return found


def _list_rows(view: DraftView, pair: ComparedPassages) -> Iterator[Row]:
    claims = [{row.key for row in view.corpus.claims_of(side)} for side in (pair.one, pair.other)]
    for row in view.tables[RELATIONS].rows:
        sides = row["claim_id"], row["related_claim_id"]
        if any(sides[0] in first and sides[1] in second for first, second in (claims, claims[::-1])):
            yield row


def turn(view: DraftView, passage: Row, row: Row) -> str:
    """The relation of a row as seen from a passage."""
    is_turned = row["claim_id"] not in {claim.key for claim in view.corpus.claims_of(passage)}
    return TURNED if row["relation"] == DIRECTED and is_turned else row["relation"]


def version_of_pair(view: DraftView, pair: ComparedPassages) -> str:
    """A hash of what a page on two passages is made from: their claims, and what relates them."""
    sides = (row for side in (pair.one, pair.other) for row in view.list_rows(side))
    return hash_rows(row.cells for row in (*sides, *_list_rows(view, pair)))


def flatten_relation(pair: ComparedPassages, recorded: Recorded) -> Values:
    """A recorded relation as the values of its form."""
    values = {"asked": recorded.question.key, "was": recorded.question.key, "relation": recorded.relation}
    for name in ("reason", "mapping_id"):
        values[name] = recorded.rows[0][name]
    for row in recorded.rows:
        values |= {f"one.{row[name]}": "on" for name in ("claim_id", "related_claim_id")}
    return values


def fill_relation(view: DraftView, pair: ComparedPassages, values: Values) -> Filled:
    """What a form asks for: a row for each pair of the ticked claims, and the question if it is new."""
    filled = Filled()
    sides = [
        [claim.key for claim in view.corpus.claims_of(side) if values.get(f"one.{claim.key}")]
        for side in (pair.one, pair.other)
    ]
    if not all(sides):
        filled.errors["claims"] = "tick at least one claim of each passage"
    relation = values.get("relation", "")
    if relation not in list_choices(view):
        filled.errors["relation"] = "choose the first that holds, from the top"
    if not values.get("reason", "").strip():
        filled.errors["reason"] = "empty; say what each side says that decides it"
    question_id = _find_question(view, values, filled)
    if filled.errors:
        return filled
    cells = {name: values.get(name, "").strip() for name in ("reason", "mapping_id")}
    cells |= {"question_id": question_id, "relation": DIRECTED if relation == TURNED else relation}
    made = [
        _make_row(view, {**cells, "claim_id": one, "related_claim_id": other}, relation)
        for one, other in product(*sides)
    ]
    questions = {values.get("was", ""), question_id}
    old = [row for row in _list_rows(view, pair) if row["question_id"] in questions]
    replace_relations(view, old, made, filled)
    _unreject(view, pair, filled)
    return filled


def list_choices(view: DraftView) -> list[str]:
    """The relations in the order of their decision, as seen from the first passage."""
    names = []
    for name in view.package.by_name[RELATIONS].field("relation").enum:
        names += [name, TURNED] if name == DIRECTED else [name]
    return names


def _find_question(view: DraftView, values: Values, filled: Filled) -> str:
    """The question that a form names: one that is known, or a new one, which is added."""
    asked = values.get("asked", "")
    if asked and asked != OTHER:
        if view.tables["questions"].get(asked) is None:
            filled.errors["asked"] = "no such question any more; choose another"
        return asked
    wording, topic = values.get("question", "").strip(), values.get("topic", "")
    if not wording:
        filled.errors["question"] = "empty; write a question on which both bear, or choose one"
        return ""
    questions = Questions(view.tables["questions"])
    key = questions.find(wording, topic)
    if questions.new and not topic:
        filled.errors["topic"] = "empty; choose what the new question is about"
    for record in questions.new:
        filled.add("questions", None, record)
    return key


def _make_row(view: DraftView, cells: Values, relation: str) -> Record:
    if relation == TURNED:
        cells = {**cells, "claim_id": cells["related_claim_id"], "related_claim_id": cells["claim_id"]}
    return make_record(view.package.by_name[RELATIONS], arrange_relation(RELATIONS, cells))


def replace_relations(view: DraftView, old: Iterable[Row], made: Collection[Record], filled: Filled) -> None:
    """Puts new rows in place of old ones, and removes questions that nothing asks any more."""
    left = {row.cells[:3]: row for row in old}
    removed = {row.cells for row in left.values()}
    questions = {row["question_id"] for row in left.values()} - {record[2] for record in made}
    for record in made:
        before = left.pop(record[:3], None)
        filled.add(RELATIONS, before.cells if before else None, record)
    for row in left.values():
        filled.add(RELATIONS, row.cells, None)
    for key in sorted(questions):
        question = view.tables["questions"].get(key)
        if question and all(row.cells in removed for row in view.tables[RELATIONS].group("question_id")[key]):
            filled.add("questions", question.cells, None)


def remove_relation(view: DraftView, pair: ComparedPassages, question_id: str) -> Filled:
    """The edits that remove what two passages have on a question, and it too if nothing else asks it."""
    old = [row for row in _list_rows(view, pair) if row["question_id"] == question_id]
    if not old:
        raise MissingRowError(question_id)
    filled = Filled()
    replace_relations(view, old, [], filled)
    return filled


# ---- pairs that are not worth comparing ----


def set_apart(view: DraftView, pair: ComparedPassages) -> Filled:
    """The edit that remembers that two passages are not to be set side by side."""
    filled = Filled()
    if not is_set_apart(view, pair):
        filled.add(REJECTED, None, (pair.one.key, RELATIONS, pair.other.key, ""))
    return filled


def is_set_apart(view: DraftView, pair: ComparedPassages) -> bool:
    """Whether two passages were found not to be worth comparing."""
    return any(_tells_apart(row, pair) for row in view.rejected)


def _tells_apart(row: Record, pair: ComparedPassages) -> bool:
    return row[1] == RELATIONS and {row[0], row[2]} == {pair.one.key, pair.other.key}


def _unreject(view: DraftView, pair: ComparedPassages, filled: Filled) -> None:
    for row in view.rejected:
        if _tells_apart(row, pair):
            filled.add(REJECTED, row, None)


def list_mappings(view: DraftView, pair: ComparedPassages) -> list[tuple[str, str]]:
    """The classifications from elsewhere of what claims of the two passages are linked to."""
    claims = [claim for side in (pair.one, pair.other) for claim in view.corpus.claims_of(side)]
    linked = {
        view.corpus.entity(link) for claim in claims for link in view.corpus.links_of(claim, *ENTITY_LINKS)
    }
    keys = {(entity.table, entity.key) for entity in linked}
    return [
        (row.key, f"{row['row_id']}: {row['object_id']} {row['object_label']}")
        for row in view.tables["mappings"].rows
        if (row["table_name"], row["row_id"]) in keys
    ]
