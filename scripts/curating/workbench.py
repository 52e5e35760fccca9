"""The pages of the workbench, and what their forms save."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from packpress.editing.format import find_problems, make_changes, make_record, replace_row
from packpress.editing.row_edits import RowEdit
from packpress.problems import CannotRunError, Problem
from packpress.tables.rows import Row

from scripts.curating.app import Gate, Handler, Request, Response, Values, answer_json, redirect
from scripts.curating.consensus import (
    FIRST,
    SECOND,
    Pair,
    agree,
    decide,
    folder_of,
    is_settled,
    keep_first_reading,
    list_pairs,
    list_reasons,
    measure_agreement,
    read_claims,
    read_links,
)
from scripts.curating.desk import (
    Desk,
    Outcome,
    RefusedError,
    StalePageError,
    View,
    check_as_typed,
    hash_rows,
    render_tables,
)
from scripts.curating.forms import (
    DETAILS,
    KIND_FIELDS,
    LINKING,
    Filled,
    fill,
    find_entity,
    flatten_claim,
    flatten_offer,
    give_reason,
    list_lines,
    reject,
    remove_claim,
)
from scripts.curating.prefill import (
    DRUG,
    Offer,
    is_about_drug,
    is_rejected,
    list_entities,
    list_offers,
    next_claim_id,
    offer_claim,
)
from scripts.curation.agreement import list_judged_fields
from scripts.curation.corpus import ENTITY_LINKS, build_corpus
from scripts.curation.curation_progress import publish_all
from scripts.curation.suggestions import suggest_rows
from scripts.rules import RULE_SET

HERE = Path(__file__).parent
# Style sheets that are the site's, by the name under which pages ask for them.
SHARED = {
    "site.css": ("packpress.web.theme", "static/site.css"),
    "ketamine.css": ("ketamine_site", "static/ketamine.css"),
    "favicon.svg": ("packpress.web.theme", "static/favicon.svg"),
}
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
# Beyond the lines that are filled in, a form of a claim has so many.
BLANK_LINES = 2
STALE = (
    "What this page shows was changed since, in another window or by another command; nothing was saved. "
    "What you typed is still in the form, and the rows beside it are those of now: look, and save again."
)
NEARBY = 2
WHO = ("First reader", "Second reader")
MORE = ("quote_occurrence", "antecedent_passage_id", "attributed_to", "evidence_basis", "dose")
MORE_FIELDS = (*MORE, "duration_of_effect", "note", "evidence_type", "focus")


class Workbench:
    """The pages on one reader's desk."""

    def __init__(self, desk: Desk, gate: Gate) -> None:
        self.desk = desk
        self.gate = gate
        self.said = ""
        self.templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )

    def find_handler(self, request: Request) -> Handler | None:
        """The function that answers a request; None when there is no such page."""
        parts = request.path.split("/")
        ways: dict[tuple[str, str, int], Callable[..., Response]] = {
            ("GET", "", 1): self.show_reader,
            ("GET", "passages", 2): self.show_passage,
            ("POST", "passages", 2): self.save_claim,
            ("POST", "check", 2): self.check,
            ("POST", "claims", 3): self.remove,
            ("POST", "undo", 1): self.undo,
            ("GET", "left", 1): self.show_left,
            ("GET", "checklist", 1): self.show_checklist,
            ("POST", "checklist", 1): self.save_checklist,
            ("POST", "rows", 2): self.add_references,
            ("GET", "compare", 1): self.show_readings,
            ("POST", "compare", 1): self.begin_consensus,
            ("POST", "decide", 2): self.decide,
            ("POST", "publish", 1): self.publish,
            ("GET", "static", 2): self.send_file,
        }
        if request.method == "POST" and len(parts) == 3 and parts[0] == "passages":
            own = {"reason": self.save_reason, "accept": self.accept, "reject": self.reject}
            return own.get(parts[2])
        return ways.get((request.method, parts[0], len(parts)))

    def render(self, template: str, view: View | None, **values: Any) -> str:
        """A page of a view; what was said of the last save is shown once."""
        said, self.said = self.said, ""
        places = [("Text", "/"), ("What is left", "/left"), ("Checklist", "/checklist")]
        if not self.desk.reader:
            places.append(("Two readings", "/compare"))
        running = view.running if view else []
        common = {
            "source": view.source.named if view else None,
            "reader": self.desk.reader,
            "places": places,
            "here": "",
            "said": said,
            "form_token": self.gate.form_token,
            "all": len(running),
            "done": sum(view.is_accounted(row) for row in running) if view else 0,
        }
        return self.templates.get_template(template).render({**common, **values})

    def show_error(self, status: int, message: str, lines: list[str]) -> str:
        """The page of a message."""
        title = {403: "Not from here", 404: "No such page"}.get(status, "Nothing was saved")
        return self.render("message.html", None, title=title, message=message, lines=lines)

    def send_file(self, request: Request) -> Response:
        """A style sheet, the script or the icon."""
        name = request.path.split("/")[1]
        own = HERE / "static" / name
        if name in SHARED:
            package, path = SHARED[name]
            data = files(package).joinpath(path).read_bytes()
        elif name in {"curate.css", "curate.js"}:
            data = own.read_bytes()
        else:
            return self._miss()
        return Response(data, media_type=MEDIA_TYPES[Path(name).suffix])

    def _miss(self) -> Response:
        return Response(self.show_error(404, "There is no such page; go to the start.", []), 404)

    # ---- the text ----

    def show_reader(self, request: Request) -> Response:
        """The text with its claims, and a suggestion beside each sentence that has none."""
        view = self.desk.read()
        corpus = build_corpus(view.package, publish_all(view.tables))
        offers = {offer.claim["passage_id"]: offer for offer in list_offers(corpus, view.source_id)}
        rows = [describe_passage(view, row, offers.get(row.key)) for row in view.passages]
        found = {"references": len(self._find_references(view))}
        undo = view.saves[-1].label if view.saves else ""
        page = self.render(
            "reader.html",
            view,
            title="Text",
            here="/",
            rows=rows,
            found=found,
            undo=undo,
            next=find_next_passage(view),
        )
        return Response(page)

    def _find_references(self, view: View) -> list[RowEdit]:
        corpus = build_corpus(view.package, publish_all(view.tables))
        rows = suggest_rows(corpus, view.source_id).rows
        return [
            RowEdit(name, None, make_record(view.package.by_name[name], cells))
            for name in ("references", "reference_authors")
            for cells in rows.get(name, ())
        ]

    def add_references(self, request: Request) -> Response:
        """Adds the works that the document prints."""
        if request.path != "rows/references":
            return self._miss()
        if self.desk.reader:
            raise CannotRunError("references are printed, and only the first reader adds them")
        self._tell(self.desk.save("references that the document prints", self._find_references))
        return redirect("/")

    # ---- one passage ----

    def show_passage(self, request: Request) -> Response:
        """The form of a claim: of one that exists, of some words, or of what is suggested."""
        view = self.desk.read()
        passage = self._find_passage(view, request)
        if passage is None:
            return self._miss()
        claim = view.corpus["claims"].get(request.query.get("claim", ""))
        if claim and claim["passage_id"] == passage.key:
            return self._answer_form(view, passage, flatten_claim(view, claim), claim)
        quote = request.query.get("quote", "")
        offer = offer_claim(
            view, passage, quote if quote in passage["text"] else "", request.query.get("occurrence", "")
        )
        return self._answer_form(view, passage, flatten_offer(view, offer), None)

    def _find_passage(self, view: View, request: Request) -> Row | None:
        try:
            return view.require_passage(request.path.split("/")[1])
        except KeyError:
            return None

    def _answer_form(
        self,
        view: View,
        passage: Row,
        values: Values,
        claim: Row | None,
        errors: Mapping[str, str] | None = None,
        general: Sequence[str] = (),
        stale: str = "",
    ) -> Response:
        context = describe_form(view, passage, values, claim)
        title = f"Passage {passage['position']}"
        page = self.render(
            "passage.html",
            view,
            title=title,
            errors=errors or {},
            general=general,
            stale=stale,
            reason=values.get("reason", passage["reason"]),
            **context,
        )
        return Response(page, 409 if stale else 422 if errors or general else 200)

    def save_claim(self, request: Request) -> Response:
        """Saves a claim with its links, or one for each item of a list."""
        return self._save_form(request, lambda view, passage, claim: fill(view, passage, request.form, claim))

    def save_reason(self, request: Request) -> Response:
        """Saves why a passage has no claim."""

        def make(view: View, passage: Row, claim: Row | None) -> Filled:
            filled = Filled()
            if not request.form.get("reason", "").strip() and not passage["reason"]:
                filled.errors["reason"] = "empty; say why the passage has no claim"
            for edit in give_reason(passage, request.form.get("reason", "")):
                filled.add(edit.table, edit.before, edit.after)
            return filled

        return self._save_form(request, make)

    def _save_form(self, request: Request, make: Callable[[View, Row, Row | None], Filled]) -> Response:
        filled = Filled()

        def make_edits(view: View) -> list[RowEdit]:
            nonlocal filled
            passage = view.require_passage(request.path.split("/")[1])
            if request.form.get("version") != view.version(passage):
                raise StalePageError
            filled = make(view, passage, view.corpus["claims"].get(request.form.get("claim", "")))
            if filled.errors:
                raise RefusedError(())
            return filled.edits

        errors, general, stale = dict[str, str](), list[str](), ""
        try:
            outcome = self.desk.save(describe_save(request), make_edits)
        except KeyError:
            return self._miss()
        except StalePageError:
            stale = STALE
        except RefusedError as refused:
            errors, general = sort_messages(filled, refused.problems)
        else:
            self._tell(outcome)
            view = self.desk.read()
            return redirect(follow(view, view.require_passage(request.path.split("/")[1]), request.form))
        view = self.desk.read()
        passage = view.require_passage(request.path.split("/")[1])
        claim = view.corpus["claims"].get(request.form.get("claim", ""))
        return self._answer_form(view, passage, request.form, claim, errors, general, stale)

    def _tell(self, outcome: Outcome) -> None:
        """Says of the next page what was saved, and what it leaves open."""
        if not outcome.save.edits:
            self.said = "Nothing was changed."
            return
        names = dict.fromkeys(problem.field or "a link" for problem, edit in outcome.left_open if edit)
        still = f" Still open: {', '.join(name.replace('_', ' ') for name in names)}." if names else ""
        self.said = f"Saved: {outcome.save.label}.{still}"

    def check(self, request: Request) -> Response:
        """What is wrong with a form as it is now, by its fields; for the script, while somebody types."""
        view = self.desk.read()
        passage = self._find_passage(view, request)
        if passage is None:
            return self._miss()
        claim = view.corpus["claims"].get(request.form.get("claim", ""))
        filled = fill(view, passage, request.form, claim)
        errors = dict(filled.errors)
        try:
            found = check_as_typed(self.desk, view, filled.edits)
        except CannotRunError as error:
            return answer_json({"errors": errors, "general": [str(error)]})
        by_field, general = sort_messages(filled, [(problem, edit) for problem, edit in found])
        return answer_json(
            {"errors": {**by_field, **errors}, "general": general, "usual": list_usual(view, filled)}
        )

    # ---- with one key ----

    def accept(self, request: Request) -> Response:
        """Saves the suggestion for a passage as it is; what only a reader knows stays open."""

        def make(view: View, passage: Row, claim: Row | None) -> Filled:
            return fill(view, passage, flatten_offer(view, offer_claim(view, passage)), None)

        return self._save_form(
            Request("POST", request.path, request.query, {**request.form, "to": "text"}), make
        )

    def reject(self, request: Request) -> Response:
        """Rejects the suggestion for a passage: its links are not suggested for these words again."""

        def make(view: View, passage: Row, claim: Row | None) -> Filled:
            filled, offer = Filled(), offer_claim(view, passage)
            reject(view, passage, filled, "claims", offer.words, "")
            for table, cells in offer.links:
                if table in ENTITY_LINKS:
                    key = cells[view.package.by_name[table].primary_key[1]]
                    reject(view, passage, filled, table, cells.get("mention", ""), key)
            return filled

        return self._save_form(
            Request("POST", request.path, request.query, {**request.form, "to": "text"}), make
        )

    def remove(self, request: Request) -> Response:
        """Removes a claim with its links."""
        claim_id, act = request.path.split("/")[1:]
        if act != "remove":
            return self._miss()
        place = "/"

        def make_edits(view: View) -> list[RowEdit]:
            nonlocal place
            claim = view.corpus["claims"].get(claim_id)
            passage = claim and view.corpus.passage(claim)
            if not claim or not passage or request.form.get("version") != view.version(passage):
                raise StalePageError
            place = f"/passages/{view.require_passage(passage.key).key}"
            return remove_claim(view, claim)

        try:
            self._tell(self.desk.save(f"{claim_id} removed", make_edits))
        except StalePageError:
            return Response(self.show_error(409, STALE, []), 409)
        except RefusedError as refused:
            lines = [str(problem) for problem, _ in refused.problems]
            return Response(self.show_error(409, f"{refused}.", lines), 409)
        return redirect(place)

    def undo(self, request: Request) -> Response:
        """Undoes the last save."""
        try:
            self.said = f"Undone: {self.desk.undo()}."
        except RefusedError as refused:
            lines = [str(problem) for problem, _ in refused.problems]
            return Response(self.show_error(409, f"{refused}.", lines), 409)
        return redirect("/")

    # ---- what is left ----

    def show_left(self, request: Request) -> Response:
        """What keeps the draft from being published, as links that lead to the place."""
        view = self.desk.read()
        groups = list_left(view)
        claims = sum(len(view.corpus.claims_of(row)) for row in view.passages)
        can_publish = not any(items for _, items in groups) and not self.desk.reader
        page = self.render(
            "left.html",
            view,
            title="What is left",
            here="/left",
            groups=groups,
            claims=claims,
            can_publish=can_publish,
        )
        return Response(page)

    def publish(self, request: Request) -> Response:
        """Publishes the draft, once it follows all rules for published sources."""
        from packpress.transaction import hold_for_editing

        if self.desk.reader:
            raise CannotRunError("only the first reader publishes a draft")
        with hold_for_editing(self.desk.read().package.root):
            view = self.desk.read()
            row = view.corpus["sources"].get(view.source_id)
            if row is None:
                return self._miss()
            data = replace_row(row, row.with_cell("status", "published"))
            outcome = f"{row['short_name']} stays a draft"
            make_changes(view.package, {row.path: data}, RULE_SET, outcome)
        message = (
            f"{row['short_name']} is published. Run make generate and make build, and end this with Ctrl-C."
        )
        return Response(self.render("message.html", None, title="Published", message=message, lines=[]))

    # ---- the checklist ----

    def show_checklist(self, request: Request) -> Response:
        """The checklist: what is recorded of each item, or else what was found."""
        return self._answer_checklist(self.desk.read(), {}, {}, [], "")

    def _answer_checklist(
        self, view: View, values: Values, errors: Mapping[str, str], general: Sequence[str], stale: str
    ) -> Response:
        resource = view.package.by_name["source_reporting"]
        items = list_items(view)
        for item in items:
            for name in ("stated", "passage_id", "note"):
                item[name] = values.get(f"{item['name']}.{name}", item[name])
        page = self.render(
            "checklist.html",
            view,
            title="Checklist",
            here="/checklist",
            items=items,
            stated=resource.field("stated").enum,
            passages=view.passages,
            errors=errors,
            general=general,
            stale=stale,
            version=version_of_checklist(view),
        )
        return Response(page, 409 if stale else 422 if errors or general else 200)

    def save_checklist(self, request: Request) -> Response:
        """Saves every item of the checklist."""
        filled = Filled()

        def make_edits(view: View) -> list[RowEdit]:
            if request.form.get("version") != version_of_checklist(view):
                raise StalePageError
            table = view.tables["source_reporting"]
            old = {row["item"]: row for row in table.group("source_id").get(view.source_id, ())}
            for name in table.resource.field("item").enum:
                cells = {
                    field: request.form.get(f"{name}.{field}", "").strip()
                    for field in ("stated", "passage_id", "note")
                }
                record = make_record(table.resource, {"source_id": view.source_id, "item": name, **cells})
                before = old[name].cells if name in old else None
                filled.add("source_reporting", before, record, f"{name}.")
            return filled.edits

        errors, general, stale = dict[str, str](), list[str](), ""
        try:
            self._tell(self.desk.save("the checklist", make_edits))
            return redirect("/left")
        except StalePageError:
            stale = STALE
        except RefusedError as refused:
            errors, general = sort_messages(filled, refused.problems)
        return self._answer_checklist(self.desk.read(), request.form, errors, general, stale)

    # ---- two readings ----

    def show_readings(self, request: Request) -> Response:
        """Both readings beside each other, passage by passage, with their agreement."""
        return self._answer_readings(self.desk.read(), [])

    def _answer_readings(self, view: View, general: Sequence[str]) -> Response:
        if self.desk.reader:
            return self._miss()
        second = len(read_claims(view.package.root / folder_of(SECOND, view.source_id)))
        is_begun = bool(second and read_claims(view.package.root / folder_of(FIRST, view.source_id)))
        context: dict[str, Any] = {"second": second, "is_begun": is_begun, "general": general}
        if is_begun:
            context |= describe_readings(view)
        page = self.render("compare.html", view, title="Two readings", here="/compare", **context)
        return Response(page, 422 if general else 200)

    def begin_consensus(self, request: Request) -> Response:
        """Keeps the first reading, and marks what both readers recorded alike."""
        if self.desk.reader:
            return self._miss()
        keep_first_reading(self.desk)
        return self._decide("what both readers recorded alike", agree)

    def _decide(self, label: str, make_edits: Callable[[View], Sequence[RowEdit]]) -> Response:
        try:
            self._tell(self.desk.save(label, make_edits))
        except StalePageError:
            return self._answer_readings(self.desk.read(), [STALE])
        except RefusedError as refused:
            return self._answer_readings(self.desk.read(), [str(problem) for problem, _ in refused.problems])
        return redirect("/compare")

    def decide(self, request: Request) -> Response:
        """Settles a pair on the claim of one reader, on one that was written anew, or on none."""
        if self.desk.reader:
            return self._miss()
        errors: list[str] = []

        def make_edits(view: View) -> list[RowEdit]:
            passage = view.require_passage(request.path.split("/")[1])
            if request.form.get("version") != view.version(passage):
                raise StalePageError
            pairs = {pair.name: pair for pair in list_pairs(view)}
            pair = pairs.get(request.form.get("pair", ""))
            if pair is None:
                raise StalePageError
            filled = decide(view, pair, request.form.get("choice", ""), request.form.get("reason", ""))
            errors.extend(filled.errors.values())
            return [] if filled.errors else filled.edits

        response = self._decide(f"the decision on {request.form.get('pair', '')}", make_edits)
        return self._answer_readings(self.desk.read(), errors) if errors else response


def describe_readings(view: View) -> dict[str, Any]:
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
    return {"passages": passages, "agreement": agreement, "settled": settled, "total": len(pairs)}


def describe_pair(
    view: View, pair: Pair, judged: Sequence[str], links: Sequence[Mapping[str, Any]]
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


def version_of_checklist(view: View) -> str:
    """A hash of the rows of the checklist."""
    return hash_rows(
        row.cells for row in view.tables["source_reporting"].group("source_id").get(view.source_id, ())
    )


def list_items(view: View) -> list[dict[str, str]]:
    """Each item of the checklist, as it is recorded or suggested."""
    table = view.tables["source_reporting"]
    field = table.resource.field("item")
    recorded = {row["item"]: row.named for row in table.group("source_id").get(view.source_id, ())}
    corpus = build_corpus(view.package, publish_all(view.tables))
    found = {
        cells["item"]: cells
        for cells in suggest_rows(corpus, view.source_id).rows.get("source_reporting", ())
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


def list_usual(view: View, filled: Filled) -> dict[str, str]:
    """What follows for links from the type and the words, by the field of the form that was left empty."""
    return {
        f"{filled.prefixes[edit.table, edit.after]}{name}": edit.after[
            view.tables[edit.table].positions[name]
        ]
        for edit in filled.edits
        if edit.after and edit.table in ENTITY_LINKS
        for name in ("role", "mention_type", "mention")
    }


def describe_save(request: Request) -> str:
    """A save in words."""
    place = request.path.split("/")
    acts = {"reason": "a reason", "accept": "a suggestion", "reject": "a rejected suggestion"}
    what = acts[place[2]] if len(place) > 2 else request.form.get("claim") or "a claim"
    return f"{what} of {place[1]}" if len(place) > 2 or not request.form.get("claim") else what


def follow(view: View, passage: Row, form: Values) -> str:
    """The page after a save: the next passage without a claim or a reason, or the text."""
    if form.get("to") == "text" or form.get("claim"):
        return f"/#{passage.key}"
    found = find_next_passage(view, passage)
    return f"/passages/{found}" if found else "/"


def find_next_passage(view: View, after: Row | None = None) -> str:
    """The next passage of running text without a claim or a reason, the first ones coming last; empty without one."""
    open_ones = [row for row in view.running if not view.is_accounted(row)]
    later = [row for row in open_ones if after and view.corpus.stands_before(after, row)]
    found = later or open_ones
    return found[0].key if found else ""


def describe_passage(view: View, passage: Row, offer: Offer | None) -> dict[str, Any]:
    """What the page of the text shows of a passage."""
    claims = [describe_claim(view, claim) for claim in view.corpus.claims_of(passage)]
    shown = None
    if offer and not is_whole_rejected(view, offer):
        links = [
            show_link(view, table, cells)
            for table, cells in offer.links
            if not is_rejected(view, table, cells)
        ]
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


def is_whole_rejected(view: View, offer: Offer) -> bool:
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


def describe_claim(view: View, claim: Row) -> dict[str, Any]:
    """What pages show of a claim that exists."""
    links = view.corpus.links_of(claim, *ENTITY_LINKS)
    shown = [show_link(view, link.table.resource.name, link.named) for link in links]
    return {**claim.named, "id": claim.key, "short": claim.key.rpartition("-")[2], "links": shown}


def show_link(view: View, table: str, cells: Mapping[str, str]) -> str:
    """A link in a few words."""
    if table not in ENTITY_LINKS:
        return f"cites {cells['reference_id']}"
    key = cells[view.package.by_name[table].primary_key[1]]
    row = view.tables[ENTITY_LINKS[table]].get(key)
    role = cells.get("role", "").replace("_", " ")
    return f"{row['label'] if row else key}{f' ({role})' if role else ''}"


def describe_form(view: View, passage: Row, values: Values, claim: Row | None) -> dict[str, Any]:
    """What the page of a passage is made from."""
    resource = view.package.by_name["claims"]
    at = view.passages.index(passage)
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
            (row.key, row["text"]) for row in view.running if view.corpus.stands_before(row, passage)
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
        "can_mean": is_about_drug(view)
        and not any(values.get(f"link.{n}.entity") == f"concepts/{DRUG}" for n in numbers),
        "more_open": any(values.get(name) for name in MORE)
        or values.get("focus", "") != values.get("quote", ""),
        "found": "",
        "reasons": sorted({row["reason"] for row in view.running if row["reason"]}),
    }


def list_kinds(view: View) -> list[tuple[str, str]]:
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


def describe_line(view: View, prefix: str, values: Values) -> dict[str, Any]:
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


def _list_details(view: View, tables: Sequence[str]) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    for name in DETAILS:
        for table in tables:
            if name in view.tables[table].positions:
                field = view.package.by_name[table].field(name)
                yield name, field.title, list(field.enum_descriptions.items())
                break


def list_left(view: View) -> list[tuple[str, list[dict[str, str]]]]:
    """What is left, in groups: sentences, claims, entities, the checklist, and the rest that rules require."""
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


def find_open(view: View) -> list[Problem]:
    """The problems that keep the draft from being published, as the reader sees the tables."""
    files = render_tables(publish_all(view.tables))
    rows = {(row.path, row.line): row for table in view.tables.values() for row in table.rows}
    found = (
        (problem, rows.get((problem.path, problem.line)))
        for problem in find_problems(view.package, files, RULE_SET)
    )
    return [problem for problem, row in found if row and view.corpus.source_id(row) == view.source_id]


def _find_heading(view: View, row: Row, problem: Problem) -> tuple[str, str]:
    """The group of what is left to which a problem belongs, and the page where it is mended."""
    name = row.table.resource.name
    passage = view.corpus.passage(row)
    claim = row.key if name == "claims" else row["claim_id"] if "claim_id" in row.table.positions else ""
    if claim and passage:
        return "Claims", f"/passages/{passage.key}?claim={claim}"
    if name == "passages":
        return "Sentences without a claim or a reason", f"/passages/{row.key}"
    if name in LINKING and passage:
        return "Conditions, routes, effects and concepts", f"/passages/{passage.key}"
    if name == "source_reporting" or problem.code == "rules/checklist_is_complete":
        return "The checklist", "/checklist"
    return "Other rows", ""
