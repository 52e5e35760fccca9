"""What the pages of the workbench show, as the values of their templates."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from packpress.editing.format import find_problems
from packpress.editing.row_edits import RowEdit
from packpress.problems import Problem
from packpress.tables.rows import Row

from scripts.curating.app import Request, Values
from scripts.curating.consensus import (
    FIRST,
    SECOND,
    PairedClaims,
    folder_of,
    is_settled,
    list_pairs,
    list_reasons,
    measure_agreement,
    read_links,
)
from scripts.curating.desk import (
    DraftView,
    hash_rows,
    render_tables,
)
from scripts.curating.forms import (
    DETAILS,
    KIND_FIELDS,
    LINKING,
    NO_ANTECEDENT,
    Filled,
    find_entity,
    list_lines,
)
from scripts.curating.prefill import ClaimOffer, is_about_subject, list_entities, next_claim_id
from scripts.curation.agreement import list_judged_fields
from scripts.curation.corpus import ENTITY_LINKS
from scripts.curation.curation_progress import publish_all
from scripts.curation.suggestions import suggest_rows
from scripts.rules import RULE_SET

# Beyond the lines that are filled in, a form of a claim has so many.
BLANK_LINES = 2
NEARBY = 2
WHO = ("First reader", "Second reader")
# What is filled in where it is left empty.
FOLLOWS = {
    "claims": ("stance", "antecedent_passage_id", "note"),
    **dict.fromkeys(ENTITY_LINKS, ("role", "direction", "mention_type", "mention")),
}
MORE = ("quote_occurrence", "antecedent_passage_id", "attributed_to", "evidence_basis", "dose")


def describe_readings(view: DraftView) -> dict[str, Any]:
    """What the page of two readings shows."""
    judged = [*list_judged_fields(view.package.by_name["claims"]), "note"]
    links = [read_links(view.package, folder_of(reader, view.source_id)) for reader in (FIRST, SECOND)]
    pairs = list_pairs(view)
    reasons = {passage.key: (one, other) for passage, one, other in list_reasons(view)}
    passages = []
    for row in view.running:
        own = [describe_pair(view, pair, judged, links) for pair in pairs if pair.passage_id == row.key]
        given = [(who, why) for who, why in zip(WHO, reasons.get(row.key, ("", "")), strict=True) if why]
        if own or given:
            shown = {
                "id": row.key,
                "position": row["position"],
                "text": row["text"],
                "version": view.version(row),
            }
            passages.append({**shown, "pairs": own, "reasons": given})
    settled = sum(is_settled(view, pair) for pair in pairs)
    agreement = measure_agreement(view)
    printed = {field.name for field in view.package.by_name["claims"].fields if field.verbatim}
    counts = {"settled": settled, "total": len(pairs)}
    return {"passages": passages, "agreement": agreement, "printed": printed, **counts}


def describe_pair(
    view: DraftView, pair: PairedClaims, judged: Sequence[str], links: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """What the page of two readings shows of a pair."""
    sides: list[tuple[str, dict[str, Any] | None]] = []
    for who, side, of in zip(WHO, pair.sides, links, strict=True):
        if side:
            shown = [(name, side[name]) for name in judged if side[name] or name in pair.differing]
            told = ", ".join(show_link(view, table, cells) for table, cells in of[side["claim_id"]])
            sides.append((who, {**side, "shown": [*shown, ("links", told)]}))
        else:
            sides.append((who, None))
    log = [row for row in view.adjudicated if pair.claim and row[1] == pair.claim.key]
    return {
        "name": pair.name,
        "sides": sides,
        "differing": pair.differing,
        "settled": is_settled(view, pair),
        "claim": pair.claim.key if pair.claim else "",
        "extraction": pair.claim["extraction"] if pair.claim else "",
        "why": log[-1][6] if log else "",
    }


def version_of_checklist(view: DraftView) -> str:
    """A hash of the rows of the checklist."""
    return hash_rows(
        row.cells for row in view.tables["source_reporting"].group("source_id").get(view.source_id, ())
    )


def list_items(view: DraftView) -> list[dict[str, str]]:
    """Each item of the checklist, as it is recorded or suggested."""
    table = view.tables["source_reporting"]
    field = table.resource.field("item")
    recorded = {row["item"]: row.named for row in table.group("source_id").get(view.source_id, ())}
    found = {
        cells["item"]: cells
        for cells in suggest_rows(view.as_published, view.source_id).rows.get("source_reporting", ())
    }
    items = []
    for name in field.enum:
        row = recorded.get(name) or found.get(name) or {"stated": "no"}
        cells = {key: row.get(key, "") for key in ("stated", "passage_id", "note")}
        items.append({"name": name, "what": field.enum_descriptions.get(name, ""), **cells})
    return items


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


def list_usual(view: DraftView, filled: Filled) -> dict[str, str]:
    """What follows from the type, the links and the words, by the field of the form that was left empty."""
    return {
        f"{filled.prefixes[edit.table, edit.after]}{name}": edit.after[positions[name]]
        for edit in filled.edits
        if edit.after and edit.table in FOLLOWS
        for positions in (view.tables[edit.table].positions,)
        for name in FOLLOWS[edit.table]
        if name in positions
    }


def describe_save(request: Request) -> str:
    """A save in words."""
    place = request.path.split("/")
    acts = {"reason": "a reason", "accept": "a suggestion", "reject": "a rejected suggestion"}
    what = acts[place[2]] if len(place) > 2 else request.form.get("claim") or "a claim"
    return f"{what} of {place[1]}" if len(place) > 2 or not request.form.get("claim") else what


def follow(view: DraftView, passage: Row, form: Values) -> str:
    """The page after a save: the next open passage, then the checklist or what is left; or the text."""
    if form.get("to") == "text" or form.get("claim"):
        return f"/#{passage.key}"
    found = find_next_passage(view, passage)
    if found:
        return f"/passages/{found}"
    return "/left" if view.tables["source_reporting"].group("source_id").get(view.source_id) else "/checklist"


def find_next_passage(view: DraftView, after: Row | None = None) -> str:
    """The next passage that has neither a claim nor a reason, from the beginning again; empty without one."""
    open_ones = [row for row in view.running if not view.is_accounted(row)]
    later = [row for row in open_ones if after and view.corpus.stands_before(after, row)]
    found = later or open_ones
    return found[0].key if found else ""


def describe_passage(view: DraftView, passage: Row, offer: ClaimOffer | None) -> dict[str, Any]:
    """What the page of the text shows of a passage."""
    claims = [describe_claim(view, claim) for claim in view.corpus.claims_of(passage)]
    shown = None
    if offer and not is_whole_rejected(view, offer):
        links = [show_link(view, table, cells) for table, cells in offer.links]
        shown = {"links": links, "hedge": offer.claim.get("hedge"), "qualifier": offer.claim.get("qualifier")}
    return {
        "id": passage.key,
        "position": passage["position"],
        "kind": passage["kind"],
        "starts": passage["starts_line"] == "true",
        "running": passage in view.running,
        "pieces": mark_quotes(passage["text"], [claim["quote"] for claim in view.corpus.claims_of(passage)]),
        "claims": claims,
        "reason": passage["reason"],
        "offer": shown,
        "version": view.version(passage),
    }


def is_whole_rejected(view: DraftView, offer: ClaimOffer) -> bool:
    """Whether a suggestion was rejected as a whole."""
    words = offer.claim["quote"].lower()
    return any(
        row[0] == offer.claim["passage_id"] and row[1] == "claims" and row[3] == words
        for row in view.rejected
    )


def mark_quotes(text: str, quotes: Sequence[str]) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether a quote covers it.

    >>> mark_quotes("It may help.", ["may help"])
    [('It ', False), ('may help', True), ('.', False)]
    """
    covered = [False] * len(text)
    for quote in quotes:
        start = text.find(quote)
        for at in range(start, start + len(quote)) if start >= 0 else ():
            covered[at] = True
    pieces: list[tuple[str, bool]] = []
    for letter, is_claimed in zip(text, covered, strict=True):
        if pieces and pieces[-1][1] == is_claimed:
            pieces[-1] = pieces[-1][0] + letter, is_claimed
        else:
            pieces.append((letter, is_claimed))
    return pieces


def describe_claim(view: DraftView, claim: Row) -> dict[str, Any]:
    """What pages show of a claim that exists."""
    links = view.corpus.links_of(claim, *ENTITY_LINKS)
    shown = [show_link(view, link.table.resource.name, link.named) for link in links]
    return {**claim.named, "id": claim.key, "short": claim.key.rpartition("-")[2], "links": shown}


def show_link(view: DraftView, table: str, cells: Mapping[str, str]) -> str:
    """A link in a few words."""
    if table not in ENTITY_LINKS:
        return f"cites {cells['reference_id']}"
    key = cells[view.package.by_name[table].primary_key[1]]
    row = view.tables[ENTITY_LINKS[table]].get(key)
    role = cells.get("role", "").replace("_", " ")
    return f"{row['label'] if row else key}{f' ({role})' if role else ''}"


def describe_form(view: DraftView, passage: Row, values: Values, claim: Row | None) -> dict[str, Any]:
    """What the page of a passage is made from."""
    resource = view.package.by_name["claims"]
    at, subject = view.passages.index(passage), view.guesses.subject
    numbers = list_lines(values, "link")
    lines = [describe_line(view, f"link.{number}.", values) for number in numbers]
    filled = [line for line in lines if line["label"]]
    first = max(numbers, default=-1) + 1
    blank = [describe_line(view, f"link.{first + more}.", values) for more in range(BLANK_LINES)]
    claims = [describe_claim(view, row) for row in view.corpus.claims_of(passage)]
    return {
        "passage": passage.named,
        "before": view.passages[max(0, at - NEARBY) : at],
        "after": view.passages[at + 1 : at + 1 + NEARBY],
        "rows": 1 + len(passage["text"]) // 60,
        "claims": claims,
        "claim": describe_claim(view, claim) if claim else None,
        "claim_id": claim.key if claim else next_claim_id(view),
        "version": view.version(passage),
        "values": values,
        "types": [(row.key, row["definition"]) for row in view.tables["claim_types"].rows],
        "stances": list(resource.field("stance").enum_descriptions.items()),
        "abouts": list(resource.field("about").enum_descriptions.items()),
        "evidence": [
            item
            for item in resource.field("evidence_type").enum_descriptions.items()
            if item[0] not in {"none_stated", "citation_only"}
        ],
        "earlier": [
            (NO_ANTECEDENT, "No other passage is needed to know what the claim is about."),
            *((row.key, row["text"]) for row in view.running if view.corpus.stands_before(row, passage)),
        ],
        "mention_types": list(
            view.package.by_name["claim_conditions"].field("mention_type").enum_descriptions.items()
        ),
        "kinds": list_kinds(view),
        "entities": [(f"{entity.table}/{entity.key}", label) for entity, label in list_entities(view.corpus)],
        "lines": [*filled, *blank],
        "references": [
            (row.key, row["title"])
            for row in view.tables["references"].rows
            if row["source_id"] == view.source_id
        ],
        "cites": list_cites(values),
        "can_mean": is_about_subject(view)
        and not any(find_entity(view, values.get(f"link.{n}.entity", "")) == subject for n in numbers),
        "more_open": any(values.get(name, "") not in ("", NO_ANTECEDENT) for name in MORE)
        or values.get("focus", "") != values.get("quote", ""),
        "reasons": sorted({row["reason"] for row in view.running if row["reason"]}),
    }


def list_kinds(view: DraftView) -> list[tuple[str, str]]:
    """Every kind of a condition, a concept, or the system of an effect."""
    return [
        item
        for table, name in KIND_FIELDS.items()
        for item in view.package.by_name[table].field(name).enum_descriptions.items()
    ]


def list_cites(values: Values) -> list[tuple[str, str]]:
    """The lines of citations, the last of them blank."""
    numbers = list_lines(values, "cite")
    filled = [number for number in numbers if values.get(f"cite.{number}.reference_id")]
    lines = [(f"cite.{number}.", f"Citation {place}") for place, number in enumerate(filled, 1)]
    return [*lines, (f"cite.{max(numbers, default=-1) + 1}.", "Another citation")]


def describe_line(view: DraftView, prefix: str, values: Values) -> dict[str, Any]:
    """What the form shows of one link: all that its table has, or all that any has while it is blank."""
    text = values.get(f"{prefix}entity", "")
    entity = find_entity(view, text) if text else None
    tables = [LINKING[entity.table]] if entity else [*ENTITY_LINKS]
    row = view.tables[entity.table].get(entity.key) if entity else None
    roles = dict(
        item
        for table in tables
        for item in view.package.by_name[table].field("role").enum_descriptions.items()
    )
    details = list(_list_details(view, tables))
    given = (*DETAILS, "definition", "kind", "label", "broader_id")
    return {
        "prefix": prefix,
        "label": row["label"] if row else text,
        "roles": list(roles.items()),
        "details": details,
        "is_new": row is None,
        "is_open": any(values.get(f"{prefix}{name}") for name in given) or bool(text and row is None),
    }


def _list_details(view: DraftView, tables: Sequence[str]) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    for name in DETAILS:
        for table in tables:
            if name in view.tables[table].positions:
                field = view.package.by_name[table].field(name)
                yield name, field.title, list(field.enum_descriptions.items())
                break


def list_left(view: DraftView) -> list[tuple[str, list[dict[str, str]]]]:
    """What is left, in groups: sentences, claims, entities, the checklist, and what else rules require."""
    open_ones = [row for row in view.running if not view.is_accounted(row)]
    sentences = [
        {"path": f"/passages/{row.key}", "where": row["position"], "what": row["text"]} for row in open_ones
    ]
    groups: dict[str, list[dict[str, str]]] = {
        "Sentences without a claim or a reason": sentences,
        "Claims": [],
        "Conditions, routes, effects and concepts": [],
        "The checklist": [],
        "Other rows": [],
    }
    rows = {(row.path, row.line): row for table in view.tables.values() for row in table.rows}
    covered = {row.key for row in open_ones}
    for problem in find_open(view):
        row = rows.get((problem.path, problem.line))
        if row is None or (
            row.table.resource.name == "passages" and row.key in covered and problem.field == "reason"
        ):
            continue
        heading, path = _find_heading(view, row, problem)
        groups[heading].append({"path": path, "where": row.key, "what": f"{problem.cell}{problem.message}"})
    return list(groups.items())


def find_open(view: DraftView) -> list[Problem]:
    """The problems that keep the draft from being published, as the reader sees the tables."""
    files = render_tables(publish_all(view.tables))
    rows = {(row.path, row.line): row for table in view.tables.values() for row in table.rows}
    found = (
        (problem, rows.get((problem.path, problem.line)))
        for problem in find_problems(view.package, files, RULE_SET)
    )
    return [problem for problem, row in found if row and view.corpus.source_id(row) == view.source_id]


def _find_heading(view: DraftView, row: Row, problem: Problem) -> tuple[str, str]:
    """The group of what is left to which a problem belongs, and the page where it is mended."""
    name = row.table.resource.name
    passage = view.corpus.passage(row)
    claim = row.key if name == "claims" else row["claim_id"] if "claim_id" in row.table.positions else ""
    if claim and passage:
        return "Claims", f"/passages/{passage.key}?claim={claim}"
    if name == "passages":
        is_running = row in view.running
        heading = "Sentences without a claim or a reason" if is_running else "Other rows"
        return heading, f"/passages/{row.key}" if is_running else f"/#{row.key}"
    if name in LINKING and passage:
        return "Conditions, routes, effects and concepts", f"/passages/{passage.key}"
    if name == "source_reporting" or problem.code == "rules/checklist_is_complete":
        return "The checklist", "/checklist"
    return "Other rows", "/document" if name == "sources" else ""


# What a curator says of a document; the rest was written when it was added.
OF_DOCUMENT = (
    *("short_name", "source_type", "publisher", "published_date", "url", "retrieved_date", "language"),
    *("text_extent", "declared_citing_count", "rights", "note"),
)


def describe_document(view: DraftView, values: Values) -> list[dict[str, Any]]:
    """The fields of the form on the document itself."""
    resource = view.package.by_name["sources"]
    return [
        {
            "name": name,
            "title": resource.field(name).title,
            "options": list(resource.field(name).enum_descriptions.items()),
            "value": values.get(name, view.source[name]),
        }
        for name in OF_DOCUMENT
    ]
