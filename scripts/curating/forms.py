"""Forms: what a browser sends of a claim and its links as edits, and problems as messages at fields."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from packpress.editing.format import make_record
from packpress.editing.row_edits import RowEdit
from packpress.problems import Problem
from packpress.similar import nearest_value
from packpress.tables.csv import Record
from packpress.tables.rows import Row

from scripts.curating.desk import LINKS, REJECTED, DraftView
from scripts.curating.prefill import ClaimOffer, count_occurrences, key_field, next_claim_id
from scripts.curation.antecedents import ANAPHORIC, CONTEXT, NamesInText, note_antecedent
from scripts.curation.corpus import ENTITY_LINKS, Entity
from scripts.curation.guesses import Situation
from scripts.curation.learned_counts import NAMED
from scripts.curation.suggestions import OUTCOME
from scripts.curation.words import POINTING_WORDS, cuts_word
from scripts.rules.claims import SUBJECTS

Values = dict[str, str]
# What is typed of a claim; the other fields follow from these, or are the mechanism's.
TYPED = (
    *(
        "quote",
        "quote_occurrence",
        "focus",
        "statement",
        "claim_type",
        "about",
        "stance",
        "hedge",
        "qualifier",
    ),
    *("antecedent_passage_id", "attributed_to", "evidence_basis", "evidence_type", "dose"),
    *("duration_of_effect", "note"),
)
# What follows from the links unless somebody says otherwise.
FOLLOWING = ("antecedent_passage_id", "note")
# What some links say besides what they link and how; each table has some of them.
DETAILS = ("qualifier", "formulation", "frequency", "course", "direction")
NEW = ("label", "kind", "broader_id", "definition")
LINE_FIELDS = ("entity", "role", "mention", "mention_type", *DETAILS, *NEW)
# The field that says what kind of row a new entity is.
KIND_FIELDS = {"conditions": "kind", "adverse_effects": "body_system", "concepts": "kind"}
LINKING = {entity: link for link, entity in ENTITY_LINKS.items()}
ENTITY = "entity."
ITEM = "…"
# From this similarity on, an identifier is probably another one misspelt.
LIKE_A_NAME = 0.8
# What is chosen where no earlier passage is to be the antecedent.
NO_ANTECEDENT = "none"
LINE = re.compile(r"(link|cite)\.(\d+)\.([a-z_]+)")


@dataclass
class Filled:
    """What a form asks for: the edits, where their rows stand in the form, and what is wrong already."""

    edits: list[RowEdit] = field(default_factory=list)
    prefixes: dict[tuple[str, Record], str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def add(self, table: str, before: Record | None, after: Record | None, prefix: str = "") -> None:
        """Adds the edit of one row."""
        self.edits.append(RowEdit(table, before, after))
        if after:
            self.prefixes[table, after] = prefix

    def place(self, problem: Problem, edit: RowEdit | None) -> str:
        """The name of the field of the form at which a problem stands; empty for none of them."""
        if edit is None or edit.after is None or (edit.table, edit.after) not in self.prefixes:
            return ""
        prefix = self.prefixes[edit.table, edit.after]
        # The page of an entity has the fields of its table alone.
        return prefix.removeprefix(ENTITY) + name_in_form(edit.table, problem.field, prefix)


def sort_messages(
    filled: Filled,
    problems: Sequence[tuple[Problem, RowEdit | None]],
    tell: Callable[[Problem], str] = str,
) -> tuple[dict[str, str], list[str]]:
    """The messages of problems by the field of the form at which they stand, and those that stand at none.

    `tell` says what is wrong with a row that the form does not change.
    """
    errors, general = dict(filled.errors), list[str]()
    for problem, edit in problems:
        name = filled.place(problem, edit)
        if not name or name.endswith("."):
            general.append(tell(problem) if edit is None else f"{problem.cell}{problem.message}")
        else:
            errors[name] = f"{errors[name]}; {problem.message}" if name in errors else problem.message
    return errors, list(dict.fromkeys(general))


def name_in_form(table: str, name: str, prefix: str = "") -> str:
    """What a field of a table is called in the form."""
    if table in ENTITY_LINKS and name.endswith("_id"):
        return "entity"
    if table == "claim_relations":
        return {"claim_id": "claims", "related_claim_id": "claims", "question_id": "asked"}.get(name, name)
    if table in LINKING and prefix == ENTITY:
        return name
    if table in LINKING:
        return {"body_system": "kind", "quote": "mention", "quote_occurrence": "mention"}.get(name, name)
    derived = {
        "certainty": "hedge",
        "voice": "attributed_to",
        "claim_id": "link.0.entity",
        "passage_id": "quote",
    }
    return derived.get(name, name) if table == "claims" else name


def flatten_offer(view: DraftView, offer: ClaimOffer) -> Values:
    """A suggested claim as the values of a form."""
    values = {name: offer.claim.get(name, "") for name in TYPED if name not in FOLLOWING}
    links = [(table, cells) for table, cells in offer.links if table in ENTITY_LINKS]
    for number, (table, cells) in enumerate(links):
        # Role and direction follow from the type, which only a reader knows.
        values |= _flatten_link(view, number, table, {**cells, "role": "", "direction": ""})
        values |= {f"link.{number}.keep": "on", f"link.{number}.offered": f"{cells[key_field(view, table)]}"}
        begun = offer.new.get(Entity(ENTITY_LINKS[table], cells[key_field(view, table)]), {})
        values |= {f"link.{number}.{name}": begun[name] for name in NEW if name in begun}
    for number, (_, cells) in enumerate(item for item in offer.links if item[0] not in ENTITY_LINKS):
        values |= {f"cite.{number}.{name}": cells[name] for name in ("reference_id", "marker")}
    values["items"] = "; ".join(offer.items)
    return values | ({"each": "on"} if offer.is_split else {})


def flatten_claim(view: DraftView, claim: Row) -> Values:
    """A claim that exists as the values of a form."""
    values = {name: claim[name] for name in TYPED}
    values["antecedent_passage_id"] = claim["antecedent_passage_id"] or NO_ANTECEDENT
    for number, link in enumerate(view.corpus.links_of(claim, *ENTITY_LINKS)):
        values |= _flatten_link(view, number, link.table.resource.name, link.named)
        values[f"link.{number}.keep"] = "on"
    for number, link in enumerate(view.corpus.links_of(claim, "claim_references")):
        values |= {f"cite.{number}.{name}": link[name] for name in ("reference_id", "marker")}
    return values


def _flatten_link(view: DraftView, number: int, table: str, cells: Mapping[str, str]) -> Values:
    entity = f"{ENTITY_LINKS[table]}/{cells[key_field(view, table)]}"
    named = {name: cells.get(name, "") for name in ("role", "mention", "mention_type", *DETAILS)}
    return {f"link.{number}.{name}": value for name, value in {"entity": entity, **named}.items()}


def list_lines(values: Mapping[str, str], kind: str) -> list[int]:
    """The numbers of the lines of links, or of citations, that a form has."""
    found = {int(match[2]) for name in values if (match := LINE.fullmatch(name)) and match[1] == kind}
    return sorted(found)


def fill(view: DraftView, passage: Row, values: Values, claim: Row | None) -> Filled:
    """What a form asks for: one claim, or one for each item of a list, with their links and new entities."""
    filled = Filled()
    items = [item.strip() for item in values.get("items", "").split(";") if item.strip()]
    lines = _read_lines(view, values, filled)
    if values.get("each") and len(items) > 1 and claim is None:
        statements = _state_items(values.get("statement", ""), items)
        if len(set(statements)) < len(items) and any(statements):
            filled.errors["statement"] = f"alike for all items; write {ITEM} for the item, or a line for each"
        for skip, (item, statement) in enumerate(zip(items, statements, strict=True)):
            own = [line for line in lines if not _belongs_elsewhere(line, item, items)]
            cells = {**values, "focus": item, "statement": statement}
            _fill_claim(view, passage, filled, cells, own, None, skip)
    else:
        _fill_claim(view, passage, filled, values, lines, claim, 0)
    # What has a claim has no reason for having none.
    for edit in give_reason(passage, ""):
        filled.add(edit.table, edit.before, edit.after)
    _reject_dropped(view, passage, values, filled, lines)
    _take_back(view, passage, filled, lines)
    return filled


def _state_items(text: str, items: list[str]) -> list[str]:
    """A statement for each item: a line of its own, or one for all with the item in place of the sign.

    Without the sign, the item stands in place of the first one.

    >>> _state_items("… is rare.", ["itching", "pain"])
    ['Itching is rare.', 'Pain is rare.']
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) == len(items):
        return lines
    statement = " ".join(lines)
    filled = [statement.replace(ITEM if ITEM in statement else items[0], item, 1) for item in items]
    return [statement[:1].upper() + statement[1:] for statement in filled]


def _belongs_elsewhere(line: "LinkLine", item: str, items: list[str]) -> bool:
    holders = [other for other in items if line.values.get("mention") and line.values["mention"] in other]
    return bool(holders) and item not in holders


@dataclass(frozen=True)
class LinkLine:
    """A line of the form that links a claim: its name in the form, what it links, and its values."""

    prefix: str
    entity: Entity
    values: Values


def _read_lines(view: DraftView, values: Values, filled: Filled) -> list[LinkLine]:
    lines = []
    for number in list_lines(values, "link"):
        prefix = f"link.{number}."
        own = {name: values.get(f"{prefix}{name}", "").strip() for name in LINE_FIELDS}
        # A line that had no box to be kept by was blank.
        is_kept = values.get(f"{prefix}keep") or f"{prefix}boxed" not in values
        if not own["entity"] or not is_kept:
            continue
        entity = find_entity(view, own["entity"])
        is_new = bool(own["definition"] or own["label"])
        if entity is None or view.tables[entity.table].get(entity.key) is None and not is_new:
            filled.errors[f"{prefix}entity"] = _describe_unknown(view, own["entity"])
        else:
            if not own["mention"] and not own["mention_type"]:
                own["mention"] = find_mention(view, values.get("quote", ""), entity, own["label"])
            own["mention_type"] = own["mention_type"] or guess_mention_type(view, own, entity)
            lines.append(LinkLine(prefix, entity, own))
    return lines


def find_entity(view: DraftView, text: str) -> Entity | None:
    """What a text such as `conditions/back-pain` names, or a label that only one row has; None for others."""
    table, slash, key = text.partition("/")
    if slash:
        return Entity(table, key) if table in LINKING else None
    found = {
        Entity(name, row.key)
        for name in LINKING
        for row in view.tables[name].rows
        if text.lower() in (row.key, row["label"].lower())
    }
    return found.pop() if len(found) == 1 else None


def _describe_unknown(view: DraftView, text: str) -> str:
    table, slash, key = text.rpartition("/")
    names = [table] if slash and table in LINKING else [*LINKING]
    known = {row.key: f"{name}/{row.key}" for name in names for row in view.tables[name].rows}
    near = known.get(nearest_value(key, known, LIKE_A_NAME))
    mend = f'write "{near}", or' if near else "write it as conditions/back-pain, or"
    return f"no row has this identifier; {mend} define a new one below"


def _fill_claim(
    view: DraftView,
    passage: Row,
    filled: Filled,
    values: Values,
    lines: list[LinkLine],
    claim: Row | None,
    skip: int,
) -> None:
    claim_id = claim.key if claim else next_claim_id(view, skip)
    subject = view.guesses.subject
    if values.get("meant") and subject and subject not in {line.entity for line in lines}:
        mention = find_mention(view, values.get("quote", ""), subject, "")
        named = {"mention": mention, "mention_type": NAMED if mention else CONTEXT}
        lines = [LinkLine("meant.", subject, {"role": "subject", **named}), *lines]
    cells = _complete_claim(view, passage, values, lines, claim)
    links = [_make_link(view, claim_id, cells, line, _describe(passage, cells, lines)) for line in lines]
    cites = list(_make_citations(claim_id, values))
    if cells["evidence_type"] in ("none_stated", "citation_only"):
        cells["evidence_type"] = "citation_only" if cites else "none_stated"
    resource = view.package.by_name["claims"]
    record = make_record(resource, {**cells, "claim_id": claim_id, "passage_id": passage.key})
    filled.add("claims", claim.cells if claim else None, record)
    for line in lines:
        _add_entity(view, passage, filled, line)
    _add_links(view, filled, [*links, *cites], claim)


def _describe(passage: Row, claim: Values, lines: list[LinkLine]) -> Situation:
    return Situation(claim["quote"], passage["section"], frozenset(line.entity for line in lines))


def _complete_claim(
    view: DraftView, passage: Row, values: Values, lines: list[LinkLine], claim: Row | None
) -> Values:
    """The cells of a claim, with those that follow from others."""
    cells = {name: values.get(name, "").strip() for name in TYPED}
    if values.get("meant") and view.guesses.subject:
        cells["about"] = view.guesses.subject.key
    if not cells["quote_occurrence"] and count_occurrences(cells["quote"], passage["text"]) > 1:
        cells["quote_occurrence"] = "1"
    cells["focus"] = cells["focus"] or cells["quote"]
    # Some types say what their claims are about.
    cells["about"] = SUBJECTS.get(cells["claim_type"], cells["about"] or "other")
    cells["stance"] = cells["stance"] or view.guesses.guess_stance(
        _describe(passage, cells, lines), cells["claim_type"], cells["about"]
    )
    cells |= _find_antecedent(view, passage, cells, lines)
    cells["certainty"] = "hedged" if cells["hedge"] else "asserted"
    cells["voice"] = "attributed" if cells["attributed_to"] else "own"
    cells["evidence_type"] = cells["evidence_type"] or "none_stated"
    cells["extraction"] = claim["extraction"] if claim else "one_reader"
    return cells


def _find_antecedent(view: DraftView, passage: Row, cells: Values, lines: list[LinkLine]) -> Values:
    """The passage that names what the links leave out or point back to, and a note on what is left out."""
    if cells["antecedent_passage_id"]:
        named = cells["antecedent_passage_id"]
        return {"antecedent_passage_id": "" if named == NO_ANTECEDENT else named}
    links = [(line.entity, line.values["mention_type"]) for line in lines]
    before = NamesInText(view.corpus, view.learned)
    found = before.find_antecedent(passage, links, view.guesses.subject)
    note = cells["note"] or note_antecedent(view.corpus, passage, found)
    return {"antecedent_passage_id": found.passage.key if found else "", "note": note}


Made = tuple[str, Values, str]


def _make_link(view: DraftView, claim_id: str, claim: Values, line: LinkLine, situation: Situation) -> Made:
    """A row that links a claim: its table, cells and place in the form; what is left empty is guessed."""
    table = LINKING[line.entity.table]
    cells = {name: value for name, value in line.values.items() if name in view.tables[table].positions}
    cells |= {"claim_id": claim_id, key_field(view, table): line.entity.key}
    cells["role"] = cells["role"] or view.guesses.guess_role(
        line.entity, situation, claim["claim_type"], line.values.get("kind", "")
    )
    if cells["role"] != OUTCOME:
        cells.pop("direction", None)
    elif not cells.get("direction"):
        cells["direction"] = view.guesses.guess_direction(line.entity, situation)
    return table, cells, line.prefix


def guess_mention_type(view: DraftView, values: Mapping[str, str], entity: Entity) -> str:
    """How words usually name what they are linked to: by a known name, a pronoun, or a part of the name."""
    if not values["mention"]:
        return CONTEXT
    if values["mention"].lower() in POINTING_WORDS:
        return ANAPHORIC
    row = view.tables[entity.table].get(entity.key)
    return view.learned.guess_mention_type(values["mention"], entity, row["label"]) if row else NAMED


def find_mention(view: DraftView, quote: str, entity: Entity, label: str) -> str:
    """The words of a quote that name an entity, as printed; empty when none does."""
    if naming := view.learned.find_naming(quote, entity):
        return naming.words
    row = view.tables[entity.table].get(entity.key)
    name = (label or (row["label"] if row else "") or entity.key.replace("-", " ")).lower()
    at = quote.lower().find(name)
    is_whole = at >= 0 and not cuts_word(quote, at) and not cuts_word(quote, at + len(name))
    return quote[at : at + len(name)] if is_whole else ""


def _make_citations(claim_id: str, values: Values) -> Iterator[Made]:
    for number in list_lines(values, "cite"):
        reference, marker = (
            values.get(f"cite.{number}.{name}", "").strip() for name in ("reference_id", "marker")
        )
        if reference:
            cells = {"claim_id": claim_id, "reference_id": reference, "marker": marker}
            yield "claim_references", cells, f"cite.{number}."


def _add_entity(view: DraftView, passage: Row, filled: Filled, line: LinkLine) -> None:
    """Adds the row of a new entity, quoted where the claim names it."""
    table = line.entity.table
    resource = view.package.by_name[table]
    if view.tables[table].get(line.entity.key) or any(
        edit.table == table and edit.after and edit.after[0] == line.entity.key for edit in filled.edits
    ):
        return
    mention = line.values.get("mention", "")
    cells = {
        resource.primary_key[0]: line.entity.key,
        "label": line.values["label"] or line.entity.key.replace("-", " "),
        "broader_id": line.values["broader_id"],
        "definition": line.values["definition"],
        "passage_id": passage.key,
        "quote": mention,
        "quote_occurrence": "1" if count_occurrences(mention, passage["text"]) > 1 else "",
    }
    if table in KIND_FIELDS:
        cells[KIND_FIELDS[table]] = line.values["kind"]
    filled.add(table, None, make_record(resource, cells), line.prefix)


def _add_links(view: DraftView, filled: Filled, made: Iterable[Made], claim: Row | None) -> None:
    """Adds the edits by which the links of a claim become those that were made."""
    old = (
        {(link.table.resource.name, link.key): link for link in view.corpus.links_of(claim, *LINKS)}
        if claim
        else {}
    )
    for table, cells, prefix in made:
        resource = view.package.by_name[table]
        record = make_record(resource, cells)
        before = old.pop((table, ",".join(cells[name] for name in resource.primary_key)), None)
        if (table, record) not in filled.prefixes:
            filled.add(table, before.cells if before else None, record, prefix)
    for (table, _), link in old.items():
        filled.add(table, link.cells, None)


def _reject_dropped(
    view: DraftView, passage: Row, values: Values, filled: Filled, lines: list[LinkLine]
) -> None:
    """Remembers the suggested links that are not among those that were kept."""
    kept = {line.prefix for line in lines}
    for number in list_lines(values, "link"):
        prefix = f"link.{number}."
        entity = find_entity(view, values.get(f"{prefix}entity", ""))
        if values.get(f"{prefix}offered") and prefix not in kept and entity:
            reject(
                view, passage, filled, LINKING[entity.table], values.get(f"{prefix}mention", ""), entity.key
            )


def _take_back(view: DraftView, passage: Row, filled: Filled, lines: list[LinkLine]) -> None:
    """Forgets the rejections in a passage of what a claim of it links after all."""
    linked = {(LINKING[line.entity.table], line.entity.key) for line in lines}
    for row in view.rejected:
        if row[0] == passage.key and row[1:3] in linked:
            filled.add(REJECTED, row, None)


def reject(view: DraftView, passage: Row, filled: Filled, table: str, words: str, key: str) -> None:
    """Adds what is remembered of a rejected suggestion."""
    row = passage.key, table, key, words.lower()
    if row not in view.rejected:
        filled.add(REJECTED, None, row)


def remove_claim(view: DraftView, claim: Row) -> list[RowEdit]:
    """The edits that remove a claim with its links, and entities that nothing else uses."""
    links = view.corpus.links_of(claim, *LINKS)
    edits = [RowEdit(row.table.resource.name, row.cells, None) for row in (*links, claim)]
    for link in links:
        if link.table.resource.name in ENTITY_LINKS:
            entity = view.corpus.entity(link)
            row = view.tables[entity.table].get(entity.key)
            used = [
                other
                for other in link.table.rows
                if view.corpus.entity(other) == entity and other not in links
            ]
            if row and not used and view.corpus.source_id(row) == view.source_id:
                edits.append(RowEdit(entity.table, row.cells, None))
    return list(dict.fromkeys(edits))


def give_reason(passage: Row, reason: str) -> list[RowEdit]:
    """The edit that says why a passage has no claim; none when that is what it says already."""
    if passage["reason"] == reason.strip():
        return []
    return [RowEdit("passages", passage.cells, passage.with_cell("reason", reason.strip()).cells)]
