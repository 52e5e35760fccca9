"""The pages of the workbench, and what their forms save."""

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from packpress.editing.format import make_changes, make_record, replace_row
from packpress.editing.row_edits import RowEdit
from packpress.problems import CannotRunError
from packpress.tables.rows import Row
from packpress.transaction import hold_for_editing

from scripts.curating.app import Gate, Handler, Request, Response, Values, answer_json, redirect
from scripts.curating.consensus import (
    FIRST,
    SECOND,
    agree,
    decide,
    folder_of,
    keep_first_reading,
    list_pairs,
    read_claims,
)
from scripts.curating.contents import (
    OF_DOCUMENT,
    describe_document,
    describe_form,
    describe_passage,
    describe_readings,
    describe_save,
    find_next_passage,
    find_open,
    follow,
    list_items,
    list_left,
    list_usual,
    sort_messages,
    version_of_checklist,
)
from scripts.curating.desk import (
    Desk,
    DraftView,
    Outcome,
    RefusedError,
    StalePageError,
    check_as_typed,
    hash_rows,
)
from scripts.curating.forms import (
    Filled,
    fill,
    flatten_claim,
    flatten_offer,
    give_reason,
    reject,
    remove_claim,
)
from scripts.curating.prefill import (
    list_offers,
    offer_claim,
)
from scripts.curation.corpus import ENTITY_LINKS
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
STALE = (
    "What this page shows was changed since, in another window or by another command; nothing was saved. "
    "What you typed is still in the form, and the rows beside it are those of now: look, and save again."
)


class Workbench:
    """The pages on one reader's desk."""

    def __init__(self, desk: Desk, gate: Gate) -> None:
        self.desk = desk
        self.gate = gate
        # What is said of a save on the page that follows it, by a name in the address of that page.
        self.notices: dict[str, str] = {}
        self.thread = threading.local()
        self.templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )

    def find_handler(self, request: Request) -> Handler | None:
        """The function that answers a request; None when there is no such page."""
        handler = self._choose_handler(request)

        def answer(request: Request) -> Response:
            self.thread.said = self.notices.pop(request.query.get("said", ""), "")
            return handler(request) if handler else self._miss()

        return handler and answer

    def _choose_handler(self, request: Request) -> Handler | None:
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
            ("GET", "document", 1): self.show_document,
            ("POST", "document", 1): self.save_document,
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

    def render(self, template: str, view: DraftView | None, **values: Any) -> str:
        """A page of a view."""
        places = [("Text", "/"), ("What is left", "/left"), ("Checklist", "/checklist")]
        if not self.desk.reader:
            places += [("Document", "/document"), ("Two readings", "/compare")]
        running = view.running if view else []
        common = {
            "source": view.source.named if view else None,
            "reader": self.desk.reader,
            "places": places,
            "here": "",
            "said": getattr(self.thread, "said", ""),
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
        offers = {
            offer.claim["passage_id"]: offer for offer in list_offers(view.as_published, view.source_id)
        }
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

    def _find_references(self, view: DraftView) -> list[RowEdit]:
        rows = suggest_rows(view.as_published, view.source_id).rows
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
        return self._tell(self.desk.save("references that the document prints", self._find_references), "/")

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

    def _find_passage(self, view: DraftView, request: Request) -> Row | None:
        try:
            return view.require_passage(request.path.split("/")[1])
        except KeyError:
            return None

    def _answer_form(
        self,
        view: DraftView,
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

        def make(view: DraftView, passage: Row, claim: Row | None) -> Filled:
            filled = Filled()
            if not request.form.get("reason", "").strip() and not passage["reason"]:
                filled.errors["reason"] = "empty; say why the passage has no claim"
            for edit in give_reason(passage, request.form.get("reason", "")):
                filled.add(edit.table, edit.before, edit.after)
            return filled

        return self._save_form(request, make)

    def _save_form(self, request: Request, make: Callable[[DraftView, Row, Row | None], Filled]) -> Response:
        filled = Filled()

        def make_edits(view: DraftView) -> list[RowEdit]:
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
            view = self.desk.read()
            passage = view.require_passage(request.path.split("/")[1])
            return self._tell(outcome, follow(view, passage, request.form))
        view = self.desk.read()
        passage = view.require_passage(request.path.split("/")[1])
        claim = view.corpus["claims"].get(request.form.get("claim", ""))
        return self._answer_form(view, passage, request.form, claim, errors, general, stale)

    def _tell(self, outcome: Outcome, path: str) -> Response:
        """Leads to a page that says what was saved, and what it leaves open."""
        if not outcome.save.edits:
            return self._say("Nothing was changed.", path)
        names = dict.fromkeys(problem.field or "a link" for problem, edit in outcome.left_open if edit)
        still = f" Still open: {', '.join(name.replace('_', ' ') for name in names)}." if names else ""
        return self._say(f"Saved: {outcome.save.label}.{still}", path)

    def _say(self, notice: str, path: str) -> Response:
        """Leads to a page that says something, once, and to nobody else."""
        name = secrets.token_urlsafe(6)
        self.notices[name] = notice
        path, hash_sign, place = path.partition("#")
        return redirect(f"{path}?said={name}{hash_sign}{place}")

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

        def make(view: DraftView, passage: Row, claim: Row | None) -> Filled:
            return fill(view, passage, flatten_offer(view, offer_claim(view, passage)), None)

        return self._save_form(
            Request("POST", request.path, request.query, {**request.form, "to": "text"}), make
        )

    def reject(self, request: Request) -> Response:
        """Rejects the suggestion for a passage: its links are not suggested for these words again."""

        def make(view: DraftView, passage: Row, claim: Row | None) -> Filled:
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

        def make_edits(view: DraftView) -> list[RowEdit]:
            nonlocal place
            claim = view.corpus["claims"].get(claim_id)
            passage = claim and view.corpus.passage(claim)
            if not claim or not passage or request.form.get("version") != view.version(passage):
                raise StalePageError
            place = f"/passages/{view.require_passage(passage.key).key}"
            return remove_claim(view, claim)

        try:
            outcome = self.desk.save(f"{claim_id} removed", make_edits)
        except StalePageError:
            return Response(self.show_error(409, STALE, []), 409)
        except RefusedError as refused:
            lines = [str(problem) for problem, _ in refused.problems]
            return Response(self.show_error(409, f"{refused}.", lines), 409)
        return self._tell(outcome, place)

    def undo(self, request: Request) -> Response:
        """Undoes the last save."""
        try:
            label = self.desk.undo()
        except RefusedError as refused:
            lines = [str(problem) for problem, _ in refused.problems]
            return Response(self.show_error(409, f"{refused}.", lines), 409)
        return self._say(f"Undone: {label}.", "/")

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
        self, view: DraftView, values: Values, errors: Mapping[str, str], general: Sequence[str], stale: str
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

        def make_edits(view: DraftView) -> list[RowEdit]:
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
            outcome = self.desk.save("the checklist", make_edits)
            if request.form.get("publish") and not find_open(self.desk.read()):
                return self.publish(request)
            return self._tell(outcome, "/left")
        except StalePageError:
            stale = STALE
        except RefusedError as refused:
            errors, general = sort_messages(filled, refused.problems)
        return self._answer_checklist(self.desk.read(), request.form, errors, general, stale)

    # ---- the document ----

    def show_document(self, request: Request) -> Response:
        """What is known of the document itself."""
        return self._answer_document(self.desk.read(), {}, {}, [], "")

    def _answer_document(
        self, view: DraftView, values: Values, errors: Mapping[str, str], general: Sequence[str], stale: str
    ) -> Response:
        if self.desk.reader:
            return self._miss()
        page = self.render(
            "document.html",
            view,
            title="Document",
            here="/document",
            fields=describe_document(view, values),
            errors=errors,
            general=general,
            stale=stale,
            version=hash_rows([view.source.cells]),
        )
        return Response(page, 409 if stale else 422 if errors or general else 200)

    def save_document(self, request: Request) -> Response:
        """Saves what is known of the document itself."""
        filled = Filled()

        def make_edits(view: DraftView) -> list[RowEdit]:
            if self.desk.reader or request.form.get("version") != hash_rows([view.source.cells]):
                raise StalePageError
            given = {name: request.form.get(name, "").strip() for name in OF_DOCUMENT}
            after = make_record(view.package.by_name["sources"], {**view.source.named, **given})
            filled.add("sources", view.source.cells, after)
            return filled.edits

        errors, general, stale = dict[str, str](), list[str](), ""
        try:
            return self._tell(self.desk.save("the document", make_edits), "/left")
        except StalePageError:
            stale = STALE
        except RefusedError as refused:
            errors, general = sort_messages(filled, refused.problems)
        return self._answer_document(self.desk.read(), request.form, errors, general, stale)

    # ---- two readings ----

    def show_readings(self, request: Request) -> Response:
        """Both readings beside each other, passage by passage, with their agreement."""
        return self._answer_readings(self.desk.read(), [])

    def _answer_readings(self, view: DraftView, general: Sequence[str]) -> Response:
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

    def _decide(self, label: str, make_edits: Callable[[DraftView], Sequence[RowEdit]]) -> Response:
        try:
            return self._tell(self.desk.save(label, make_edits), "/compare")
        except StalePageError:
            return self._answer_readings(self.desk.read(), [STALE])
        except RefusedError as refused:
            return self._answer_readings(self.desk.read(), [str(problem) for problem, _ in refused.problems])

    def decide(self, request: Request) -> Response:
        """Settles a pair on the claim of one reader, on one that was written anew, or on none."""
        if self.desk.reader:
            return self._miss()
        errors: list[str] = []

        def make_edits(view: DraftView) -> list[RowEdit]:
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
