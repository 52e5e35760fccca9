"""Pages on the document as a whole: what is left, the checklist, what is known of it, and publishing it."""

from typing import Any

from packpress.editing.format import find_problems, make_changes, make_record, replace_row
from packpress.editing.row_edits import RowEdit
from packpress.problems import Problem
from packpress.tables.rows import Row
from packpress.transaction import hold_for_editing

from scripts.curating.app import Request, Response, Values
from scripts.curating.consensus import ITEM_FIELDS
from scripts.curating.desk import DraftView, MissingRowError, StalePageError, hash_rows, render_tables
from scripts.curating.forms import LINKING, Filled
from scripts.curating.readings import joins_claim_of
from scripts.curating.workbench import Attempt, Workbench
from scripts.curation.curation_progress import publish_all
from scripts.curation.suggestions import suggest_rows
from scripts.rules import RULE_SET

# What a curator says of a document; the rest was written when it was added.
OF_DOCUMENT = (
    *("short_name", "source_type", "publisher", "published_date", "url", "retrieved_date", "language"),
    *("text_extent", "declared_citing_count", "rights", "note"),
)


# ---- the printed references ----


def find_references(view: DraftView) -> list[RowEdit]:
    """The rows of works that the document prints and no table has."""
    rows = suggest_rows(view.as_published, view.source_id).rows
    return [
        RowEdit(name, None, make_record(view.package.by_name[name], cells))
        for name in ("references", "reference_authors")
        for cells in rows.get(name, ())
    ]


def add_references(bench: Workbench, request: Request) -> Response:
    """Adds the works that the document prints."""
    attempt = bench.save("references that the document prints", lambda view: Filled(find_references(view)))
    return bench.tell(attempt.outcome, "/") if attempt.outcome else bench.refuse(attempt)


# ---- what is left ----


def show_left(bench: Workbench, request: Request) -> Response:
    """What keeps the draft from being published, as links that lead to the place."""
    view = bench.desk.read()
    groups = list_left(view)
    claims = sum(len(view.corpus.claims_of(row)) for row in view.passages)
    can_publish = not any(items for _, items in groups) and not bench.desk.reader
    relations = [
        row for row in view.tables["claim_relations"].rows if joins_claim_of(view.corpus, row, view.source_id)
    ]
    shown: dict[str, Any] = {"groups": groups, "claims": claims, "can_publish": can_publish}
    shown["relations"] = len(relations)
    return bench.answer("left.html", view, title="What is left", here="/left", **shown)


def publish(bench: Workbench, request: Request) -> Response:
    """Publishes the draft, once it follows all rules for published sources."""
    with hold_for_editing(bench.desk.read().package.root):
        view = bench.desk.read()
        row = view.corpus["sources"].get(view.source_id)
        if row is None:
            raise MissingRowError(view.source_id)
        data = replace_row(row, row.with_cell("status", "published"))
        outcome = f"{row['short_name']} stays a draft"
        make_changes(view.package, {row.path: data}, RULE_SET, outcome)
    message = f"{row['short_name']} is published. Run make generate and make build, and end this with Ctrl-C."
    return Response(bench.render("message.html", None, title="Published", message=message, lines=[]))


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
        return "Conditions, routes, effects and concepts", f"/entities/{name}/{row.key}"
    if name == "source_reporting" or problem.code == "rules/checklist_is_complete":
        return "The checklist", "/checklist"
    return "Other rows", "/document" if name == "sources" else ""


# ---- the checklist ----


def show_checklist(bench: Workbench, request: Request) -> Response:
    """The checklist: what is recorded of each item, or else what was found."""
    return _answer_checklist(bench, {})


def _answer_checklist(bench: Workbench, values: Values, *attempt: Attempt) -> Response:
    view = bench.desk.read()
    items = list_items(view)
    for item in items:
        item |= {name: values.get(f"{item['name']}.{name}", item[name]) for name in ITEM_FIELDS}
    shown: dict[str, Any] = {"items": items, "passages": view.passages, "version": version_of_checklist(view)}
    stated = view.package.by_name["source_reporting"].field("stated").enum
    return bench.answer(
        "checklist.html", view, *attempt, title="Checklist", here="/checklist", stated=stated, **shown
    )


def save_checklist(bench: Workbench, request: Request) -> Response:
    """Saves every item of the checklist, and publishes the draft if that is asked and nothing is left."""

    def fill_items(view: DraftView) -> Filled:
        if request.form.get("version") != version_of_checklist(view):
            raise StalePageError
        filled, old = Filled(), group_items(view)
        resource = view.package.by_name["source_reporting"]
        for name in resource.field("item").enum:
            cells = {field: request.form.get(f"{name}.{field}", "").strip() for field in ITEM_FIELDS}
            record = make_record(resource, {"source_id": view.source_id, "item": name, **cells})
            filled.add(resource.name, old[name].cells if name in old else None, record, f"{name}.")
        return filled

    attempt = bench.save("the checklist", fill_items)
    wants_out = attempt.outcome and request.form.get("publish") and not bench.desk.reader
    if wants_out and not find_open(bench.desk.read()):
        return publish(bench, request)
    if attempt.outcome:
        return bench.tell(attempt.outcome, "/left")
    return _answer_checklist(bench, request.form, attempt)


def group_items(view: DraftView) -> dict[str, Row]:
    """The rows of the checklist of the draft, by item."""
    rows = view.tables["source_reporting"].group("source_id").get(view.source_id, ())
    return {row["item"]: row for row in rows}


def version_of_checklist(view: DraftView) -> str:
    """A hash of the rows of the checklist."""
    return hash_rows(row.cells for row in group_items(view).values())


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


# ---- the document ----


def show_document(bench: Workbench, request: Request) -> Response:
    """What is known of the document itself."""
    return _answer_document(bench, {})


def _answer_document(bench: Workbench, values: Values, *attempt: Attempt) -> Response:
    view = bench.desk.read()
    shown: dict[str, Any] = {
        "fields": describe_document(view, values),
        "version": hash_rows([view.source.cells]),
    }
    return bench.answer("document.html", view, *attempt, title="Document", here="/document", **shown)


def save_document(bench: Workbench, request: Request) -> Response:
    """Saves what is known of the document itself."""

    def fill_document(view: DraftView) -> Filled:
        if request.form.get("version") != hash_rows([view.source.cells]):
            raise StalePageError
        given = {name: request.form.get(name, "").strip() for name in OF_DOCUMENT}
        after = make_record(view.package.by_name["sources"], {**view.source.named, **given})
        filled = Filled()
        filled.add("sources", view.source.cells, after)
        return filled

    attempt = bench.save("the document", fill_document)
    if attempt.outcome:
        return bench.tell(attempt.outcome, "/left")
    return _answer_document(bench, request.form, attempt)


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


ROUTES = {
    ("GET", "left"): show_left,
    ("GET", "checklist"): show_checklist,
    ("POST", "checklist"): save_checklist,
}
OF_FIRST_READER = {
    ("POST", "rows/references"): add_references,
    ("POST", "publish"): publish,
    ("GET", "document"): show_document,
    ("POST", "document"): save_document,
}
