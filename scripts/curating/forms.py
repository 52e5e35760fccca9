"""Forms: what a browser sends of a claim and its links as edits, and problems as messages at fields."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from packpress.editing.format import make_record
from packpress.editing.row_edits import RowEdit
from packpress.problems import Problem
from packpress.similar import nearest_value
from packpress.tables.csv import Record
from packpress.tables.rows import Row

from scripts.curating.desk import LINKS, REJECTED, DraftView
from scripts.curating.prefill import (
    DRUG,
    ClaimOffer,
    count_occurrences,
    find_antecedent,
    key_field,
    learn_roles,
    next_claim_id,
    rejection_of,
)
from scripts.curation.corpus import ENTITY_LINKS, Entity
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
# What some links say besides what they link and how; each table has some of them.
DETAILS = ("qualifier", "formulation", "frequency", "course", "direction")
NEW = ("label", "kind", "broader_id", "definition")
LINE_FIELDS = ("entity", "role", "mention", "mention_type", *DETAILS, *NEW)
# The field that says what kind of row a new entity is.
KIND_FIELDS = {"conditions": "kind", "adverse_effects": "body_system", "concepts": "kind"}
LINKING = {entity: link for link, entity in ENTITY_LINKS.items()}
ITEM = "…"
COUNTED = {2: "two", 3: "three", 4: "four", 5: "five"}
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
        return prefix + name_in_form(edit.table, problem.field)


def sort_messages(
    filled: Filled, problems: Sequence[tuple[Problem, RowEdit | None]]
) -> tuple[dict[str, str], list[str]]:
    """The messages of problems by the field of the form at which they stand, and those that stand at none."""
    errors, general = dict(filled.errors), list[str]()
    for problem, edit in problems:
        name = filled.place(problem, edit)
        if not name or name.endswith("."):
            general.append(str(problem) if edit is None else f"{problem.cell}{problem.message}")
        else:
            errors[name] = f"{errors[name]}; {problem.message}" if name in errors else problem.message
    return errors, list(dict.fromkeys(general))


def name_in_form(table: str, name: str) -> str:
    """What a field of a table is called in the form."""
    if table in ENTITY_LINKS and name.endswith("_id"):
        return "entity"
    if table == "claim_relations":
        return {"claim_id": "claims", "related_claim_id": "claims", "question_id": "asked"}.get(name, name)
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
    values = {name: offer.claim.get(name, "") for name in TYPED}
    links = [(table, cells) for table, cells in offer.links if table in ENTITY_LINKS]
    for number, (table, cells) in enumerate(links):
        # The role follows from the type, which only a reader knows.
        values |= _flatten_link(view, number, table, {**cells, "role": _keep_role(cells)})
        values |= {f"link.{number}.keep": "on", f"link.{number}.offered": f"{cells[key_field(view, table)]}"}
        begun = offer.new.get(Entity(ENTITY_LINKS[table], cells[key_field(view, table)]), {})
        values |= {f"link.{number}.{name}": begun[name] for name in NEW if name in begun}
    for number, (_, cells) in enumerate(item for item in offer.links if item[0] not in ENTITY_LINKS):
        values |= {f"cite.{number}.{name}": cells[name] for name in ("reference_id", "marker")}
    values["items"] = "; ".join(offer.items)
    return values


def _keep_role(cells: Mapping[str, str]) -> str:
    return cells.get("role", "") if cells.get("mention_type") != "named" else ""


def flatten_claim(view: DraftView, claim: Row) -> Values:
    """A claim that exists as the values of a form."""
    values = {name: claim[name] for name in TYPED}
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
        is_kept = values.get(f"{prefix}keep") or f"{prefix}offered" not in values
        if not own["entity"] or not is_kept:
            continue
        entity = find_entity(view, own["entity"])
        is_new = bool(own["definition"] or own["label"])
        if entity is None or view.tables[entity.table].get(entity.key) is None and not is_new:
            filled.errors[f"{prefix}entity"] = _describe_unknown(view, own["entity"])
        else:
            if not own["mention"] and not own["mention_type"]:
                own["mention"] = find_mention(view, values.get("quote", ""), entity, own["label"])
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
    known = [f"{name}/{row.key}" for name in LINKING for row in view.tables[name].rows]
    near = nearest_value(text, known)
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
    cells = _complete_claim(view, passage, values, claim)
    resource = view.package.by_name["claims"]
    links = list(_make_links(view, claim_id, cells, lines, values))
    cites = list(_make_citations(claim_id, values))
    if cells["evidence_type"] in ("none_stated", "citation_only"):
        cells["evidence_type"] = "citation_only" if cites else "none_stated"
    record = make_record(resource, {**cells, "claim_id": claim_id, "passage_id": passage.key})
    filled.add("claims", claim.cells if claim else None, record)
    for line in lines:
        _add_entity(view, passage, filled, line)
    _add_links(view, filled, [*links, *cites], claim)


def _complete_claim(view: DraftView, passage: Row, values: Values, claim: Row | None) -> Values:
    """The cells of a claim, with those that follow from others."""
    cells = {name: values.get(name, "").strip() for name in TYPED}
    if values.get("meant"):
        cells["about"] = DRUG
        antecedent = find_antecedent(view, passage)
        if antecedent and not cells["antecedent_passage_id"]:
            cells["antecedent_passage_id"] = antecedent.key
            cells["note"] = cells["note"] or tell_distance(view, antecedent, passage)
    if not cells["quote_occurrence"] and count_occurrences(cells["quote"], passage["text"]) > 1:
        cells["quote_occurrence"] = "1"
    cells["focus"] = cells["focus"] or cells["quote"]
    # Some types say what their claims are about.
    cells["about"] = SUBJECTS.get(cells["claim_type"], cells["about"] or "other")
    cells["certainty"] = "hedged" if cells["hedge"] else "asserted"
    cells["voice"] = "attributed" if cells["attributed_to"] else "own"
    cells["evidence_type"] = cells["evidence_type"] or "none_stated"
    cells["extraction"] = claim["extraction"] if claim else "one_reader"
    return cells


def tell_distance(view: DraftView, antecedent: Row, passage: Row) -> str:
    """Where the drug is named that a claim is about without naming it."""
    far = view.running.index(passage) - view.running.index(antecedent) if passage in view.running else 1
    where = "in the sentence before" if far == 1 else f"{COUNTED.get(far, str(far))} sentences before"
    return f"{DRUG.capitalize()} is named {where}."


Made = tuple[str, Values, str]


def _make_links(
    view: DraftView, claim_id: str, claim: Values, lines: list[LinkLine], values: Values
) -> Iterator[Made]:
    """The rows that link a claim: their table, cells and place in the form."""
    roles = learn_roles(view.corpus)
    linked = {line.entity.key for line in lines}
    if values.get("meant") and DRUG not in linked:
        subject = {"concept_id": DRUG, "role": "subject", "mention": "", "mention_type": "context"}
        yield "claim_concepts", {"claim_id": claim_id, **subject}, "meant."
    for line in lines:
        table = LINKING[line.entity.table]
        cells = {name: value for name, value in line.values.items() if name in view.tables[table].positions}
        cells |= {"claim_id": claim_id, key_field(view, table): line.entity.key}
        cells["role"] = cells["role"] or roles.find(table, line.entity.key, claim["claim_type"])
        cells["mention_type"] = cells["mention_type"] or guess_mention_type(view, line)
        if cells["role"] != "outcome":
            cells.pop("direction", None)
        yield table, cells, line.prefix


def guess_mention_type(view: DraftView, line: "LinkLine") -> str:
    """How words usually name what they are linked to: by a known name, a pronoun, or a part of the name."""
    mention = line.values["mention"].lower()
    if not mention:
        return "context"
    if mention in POINTING_WORDS:
        return "anaphoric"
    row = view.tables[line.entity.table].get(line.entity.key)
    return "named" if row is None or mention in list_names(view, row) else "elliptical"


def list_names(view: DraftView, row: Row) -> set[str]:
    """What an entity is called, in lower case: its label, and the words that named it in claims."""
    link_table = LINKING[row.table.resource.name]
    links = view.tables[link_table].group(key_field(view, link_table)).get(row.key, ())
    named = {link["mention"].lower() for link in links if link["mention_type"] == "named" and link["mention"]}
    label = row["label"].lower()
    return {label, label.removesuffix("s"), f"{label}s", *named}


def find_mention(view: DraftView, quote: str, entity: Entity, label: str) -> str:
    """The words of a quote that name an entity, as printed; empty when none does."""
    row = view.tables[entity.table].get(entity.key)
    names = list_names(view, row) if row else {(label or entity.key.replace("-", " ")).lower()}
    for name in sorted(names, key=len, reverse=True):
        at = quote.lower().find(name)
        if at >= 0 and not cuts_word(quote, at) and not cuts_word(quote, at + len(name)):
            return quote[at : at + len(name)]
    return ""


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
    mention = line.values["mention"]
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


def reject(view: DraftView, passage: Row, filled: Filled, table: str, words: str, key: str) -> None:
    """Adds what is remembered of a rejected suggestion."""
    row = (passage.key, *rejection_of(view, table, {key_field(view, table): key, "mention": words}))
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
