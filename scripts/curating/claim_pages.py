"""Pages on the text and its claims: what they show, and what their forms save."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from packpress.problems import CannotRunError
from packpress.tables.rows import Row

from scripts.curating.app import Request, Response, Values, answer_json
from scripts.curating.desk import DraftView, MissingRowError, RefusedError, StalePageError, check_as_typed
from scripts.curating.forms import (
    DETAILS,
    KIND_FIELDS,
    LINKING,
    NO_ANTECEDENT,
    Filled,
    fill,
    find_entity,
    flatten_claim,
    flatten_offer,
    give_reason,
    list_lines,
    reject,
    remove_claim,
    sort_messages,
)
from scripts.curating.prefill import (
    ClaimOffer,
    is_about_subject,
    list_entities,
    list_offers,
    next_claim_id,
    offer_claim,
)
from scripts.curating.source_pages import find_references
from scripts.curating.workbench import Attempt, Workbench
from scripts.curation.corpus import ENTITY_LINKS

# Beyond the lines that are filled in, a form of a claim has so many.
BLANK_LINES = 3
NEARBY = 2
# What is filled in where it is left empty.
FOLLOWS = {
    "claims": ("stance", "antecedent_passage_id", "note"),
    **dict.fromkeys(ENTITY_LINKS, ("role", "direction", "mention_type", "mention")),
}
MORE = ("quote_occurrence", "antecedent_passage_id", "attributed_to", "evidence_basis", "dose")


# ---- the text ----


def show_reader(bench: Workbench, request: Request) -> Response:
    """The text with its claims, and a suggestion beside each sentence that has none."""
    view = bench.desk.read()
    offers = {offer.claim["passage_id"]: offer for offer in list_offers(view.as_published, view.source_id)}
    return bench.answer(
        "reader.html",
        view,
        title="Text",
        here="/",
        rows=[describe_passage(view, row, offers.get(row.key)) for row in view.passages],
        found={"references": sum(edit.table == "references" for edit in find_references(view))},
        undo=view.saves[-1].label if view.saves else "",
        next=find_next_passage(view),
    )


def undo(bench: Workbench, request: Request) -> Response:
    """Undoes the last save."""
    try:
        label = bench.desk.undo()
    except RefusedError as refused:
        lines = [str(problem) for problem, _ in refused.problems]
        return Response(bench.show_error(409, f"{refused}.", lines), 409)
    return bench.say(f"Undone: {label}.", "/")


# ---- one passage ----


def show_passage(bench: Workbench, request: Request) -> Response:
    """The form of a claim: of one that exists, of some words, or of what is suggested."""
    view = bench.desk.read()
    passage = view.require_passage(request.parts[1])
    asked = request.query.get("claim", "")
    claim = view.corpus["claims"].get(asked)
    if asked and (claim is None or claim["passage_id"] != passage.key):
        raise MissingRowError(asked)
    if claim:
        return _answer_form(bench, view, passage, flatten_claim(view, claim), claim)
    quote = request.query.get("quote", "")
    words = quote if quote in passage["text"] else ""
    offer = offer_claim(view, passage, words, request.query.get("occurrence", ""))
    return _answer_form(bench, view, passage, flatten_offer(view, offer), None)


def _answer_form(
    bench: Workbench,
    view: DraftView,
    passage: Row,
    values: Values,
    claim: Row | None,
    *attempt: Attempt,
) -> Response:
    reason = values.get("reason", passage["reason"])
    shown = describe_form(view, passage, values, claim)
    title = f"Passage {passage['position']}"
    return bench.answer("passage.html", view, *attempt, title=title, reason=reason, **shown)


def save_claim(bench: Workbench, request: Request) -> Response:
    """Saves a claim with its links, or one for each item of a list."""

    def fill_form(view: DraftView, passage: Row, claim: Row | None) -> Filled:
        filled = fill(view, passage, request.form, claim)
        if not request.form.get("statement", "").strip() and not request.form.get("claim_type"):
            filled.errors["statement"] = (
                "empty, and so is the type; write what the claim says, or give a reason"
            )
        return filled

    return _save(bench, request, fill_form)


def save_reason(bench: Workbench, request: Request) -> Response:
    """Saves why a passage has no claim."""

    def fill_reason(view: DraftView, passage: Row, claim: Row | None) -> Filled:
        filled = Filled()
        if not request.form.get("reason", "").strip() and not passage["reason"]:
            filled.errors["reason"] = "empty; say why the passage has no claim"
        for edit in give_reason(passage, request.form.get("reason", "")):
            filled.add(edit.table, edit.before, edit.after)
        return filled

    return _save(bench, request, fill_reason)


def accept(bench: Workbench, request: Request) -> Response:
    """Saves the suggestion for a passage as it is; what only a reader knows stays open."""

    def fill_offer(view: DraftView, passage: Row, claim: Row | None) -> Filled:
        return fill(view, passage, flatten_offer(view, offer_claim(view, passage)), None)

    return _save(bench, request, fill_offer, "/")


def reject_offer(bench: Workbench, request: Request) -> Response:
    """Rejects the suggestion for a passage: its links are not suggested for these words again."""

    def fill_rejections(view: DraftView, passage: Row, claim: Row | None) -> Filled:
        filled, offer = Filled(), offer_claim(view, passage)
        reject(view, passage, filled, "claims", offer.words, "")
        for table, cells in offer.links:
            if table in ENTITY_LINKS:
                key = cells[view.package.by_name[table].primary_key[1]]
                reject(view, passage, filled, table, cells.get("mention", ""), key)
        return filled

    return _save(bench, request, fill_rejections, "/")


def _save(
    bench: Workbench,
    request: Request,
    make: Callable[[DraftView, Row, Row | None], Filled],
    page_after: str = "",
) -> Response:
    def fill_passage(view: DraftView) -> Filled:
        passage = view.require_passage(request.parts[1])
        if request.form.get("version") != view.version(passage):
            raise StalePageError
        return make(view, passage, view.corpus["claims"].get(request.form.get("claim", "")))

    attempt = bench.save(describe_save(request), fill_passage)
    view = bench.desk.read()
    passage = view.require_passage(request.parts[1])
    if attempt.outcome:
        return bench.tell(attempt.outcome, find_page_after(view, passage, request.form, page_after))
    claim = view.corpus["claims"].get(request.form.get("claim", ""))
    return _answer_form(bench, view, passage, request.form, claim, attempt)


def check(bench: Workbench, request: Request) -> Response:
    """What is wrong with a form as it is now, by its fields; for the script, while somebody types."""
    view = bench.desk.read()
    passage = view.require_passage(request.parts[1])
    claim = view.corpus["claims"].get(request.form.get("claim", ""))
    filled = fill(view, passage, request.form, claim)
    errors = dict(filled.errors)
    try:
        found = check_as_typed(bench.desk, view, filled.edits)
    except CannotRunError as error:
        return answer_json({"errors": errors, "general": [str(error)]})
    by_field, general = sort_messages(filled, [(problem, edit) for problem, edit in found])
    usual = list_usual(view, filled)
    return answer_json({"errors": {**by_field, **errors}, "general": general, "usual": usual})


def remove(bench: Workbench, request: Request) -> Response:
    """Removes a claim with its links."""
    claim_id, place = request.parts[1], "/"

    def fill_removal(view: DraftView) -> Filled:
        nonlocal place
        claim = view.corpus["claims"].get(claim_id)
        passage = claim and view.corpus.passage(claim)
        if not claim or not passage or request.form.get("version") != view.version(passage):
            raise StalePageError
        place = f"/passages/{view.require_passage(passage.key).key}"
        return Filled(remove_claim(view, claim))

    attempt = bench.save(f"{claim_id} removed", fill_removal)
    return bench.tell(attempt.outcome, place) if attempt.outcome else bench.refuse(attempt)


ROUTES = {
    ("GET", ""): show_reader,
    ("POST", "undo"): undo,
    ("GET", "passages/*"): show_passage,
    ("POST", "passages/*"): save_claim,
    ("POST", "passages/*/reason"): save_reason,
    ("POST", "passages/*/accept"): accept,
    ("POST", "passages/*/reject"): reject_offer,
    ("POST", "check/*"): check,
    ("POST", "claims/*/remove"): remove,
}


# ---- what they show ----


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


def find_page_after(view: DraftView, passage: Row, form: Values, wanted: str) -> str:
    """The page after a save: the text where it is wanted; the next open passage, then what is left to do."""
    if wanted or form.get("claim"):
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
        # What the draft names first is corrected on a page of its own.
        "path": f"/entities/{row.table.resource.name}/{row.key}"
        if row and view.corpus.source_id(row) == view.source_id
        else "",
        "is_open": any(values.get(f"{prefix}{name}") for name in given) or bool(text and row is None),
    }


def _list_details(view: DraftView, tables: Sequence[str]) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    for name in DETAILS:
        for table in tables:
            if name in view.tables[table].positions:
                field = view.package.by_name[table].field(name)
                yield name, field.title, list(field.enum_descriptions.items())
                break
