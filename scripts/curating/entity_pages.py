"""Pages on conditions, routes, effects and concepts that the draft names first: to correct or remove one."""

from collections.abc import Mapping
from typing import Any

from packpress.editing.format import make_record
from packpress.editing.row_edits import RowEdit
from packpress.tables.rows import Row

from scripts.curating.app import Request, Response, Values
from scripts.curating.desk import DraftView, MissingRowError, StalePageError, hash_rows
from scripts.curating.forms import ENTITY, LINKING, Filled
from scripts.curating.workbench import Attempt, Workbench


def show_entity(bench: Workbench, request: Request) -> Response:
    """The row of an entity that the draft names first."""
    return _answer_entity(bench, request, {})


def _answer_entity(bench: Workbench, request: Request, values: Values, *attempt: Attempt) -> Response:
    view = bench.desk.read()
    row = find_entity_row(view, request)
    table = row.table.resource.name
    used = view.tables[LINKING[table]].group(row.table.resource.primary_key[0]).get(row.key, ())
    return bench.answer(
        "entity.html",
        view,
        *attempt,
        title=row["label"],
        here="",
        path=f"/entities/{table}/{row.key}",
        row=row.named,
        key=row.key,
        table=row.table.resource.title,
        fields=describe_fields(view, row, values),
        used=[(link["claim_id"], view.corpus.passage(link)) for link in used],
        narrower=[other.key for other in row.table.rows if other["broader_id"] == row.key],
        version=hash_rows([row.cells]),
    )


def find_entity_row(view: DraftView, request: Request) -> Row:
    """The row that an address names; MissingRowError unless the draft is where it is named first."""
    table, key = request.parts[1:3]
    row = view.tables[table].get(key) if table in LINKING else None
    if row is None or view.corpus.source_id(row) != view.source_id:
        raise MissingRowError(key)
    return row


def describe_fields(view: DraftView, row: Row, values: Mapping[str, str]) -> list[dict[str, Any]]:
    """The fields of the form on an entity: all but its key, which `make rename` changes."""
    resource = row.table.resource
    fields = []
    for field in resource.fields:
        if field.name in resource.primary_key:
            continue
        options = list(field.enum_descriptions.items())
        if field.name == "passage_id":
            options = [(passage.key, passage["text"]) for passage in view.passages]
        if field.name == "broader_id":
            options = [("", ""), *((one.key, one["label"]) for one in row.table.rows if one.key != row.key)]
        value = values.get(field.name, row[field.name])
        fields.append({"name": field.name, "title": field.title, "options": options, "value": value})
    return fields


def save_entity(bench: Workbench, request: Request) -> Response:
    """Saves the row of an entity."""

    def fill_entity(view: DraftView) -> Filled:
        row = _require_version(view, request)
        given = {name: request.form.get(name, row[name]).strip() for name in row.table.resource.field_names}
        given |= {name: row[name] for name in row.table.resource.primary_key}
        filled = Filled()
        filled.add(row.table.resource.name, row.cells, make_record(row.table.resource, given), ENTITY)
        return filled

    attempt = bench.save(f"{request.parts[2]} in {request.parts[1]}", fill_entity)
    if attempt.outcome:
        return bench.tell(attempt.outcome, f"/{request.path}")
    return _answer_entity(bench, request, request.form, attempt)


def remove_entity(bench: Workbench, request: Request) -> Response:
    """Removes an entity that no claim is linked to."""

    def fill_removal(view: DraftView) -> Filled:
        row = _require_version(view, request)
        return Filled([RowEdit(row.table.resource.name, row.cells, None)])

    attempt = bench.save(f"{request.parts[2]} removed from {request.parts[1]}", fill_removal)
    return bench.tell(attempt.outcome, "/left") if attempt.outcome else bench.refuse(attempt)


def _require_version(view: DraftView, request: Request) -> Row:
    row = find_entity_row(view, request)
    if request.form.get("version") != hash_rows([row.cells]):
        raise StalePageError
    return row


ROUTES = {
    ("GET", "entities/*/*"): show_entity,
    ("POST", "entities/*/*"): save_entity,
    ("POST", "entities/*/*/remove"): remove_entity,
}
