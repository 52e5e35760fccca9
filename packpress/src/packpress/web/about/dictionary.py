"""The data dictionary as a page: every table of the served database with its columns, values and keys."""

from collections.abc import Iterable
from dataclasses import dataclass

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from packpress.web.facts import Row, ask_once, read_facts, read_rows

# The dictionary's own tables, which it does not describe.
OWN_TABLES = ("data_dictionary_tables", "data_dictionary", "data_dictionary_values", "package")
KINDS = {"table": "Tables", "derived table": "Derived tables", "view": "Views"}


@dataclass(frozen=True)
class Column:
    """One column: what it holds, which values it can take, and which table's key it is."""

    # Columns of data_dictionary.
    row: Row
    values: tuple[Row, ...]
    # An earlier table whose column of the same name has the same values, which are told there.
    values_of: str | None
    # The table whose key it holds.
    links_to: str | None


@dataclass(frozen=True)
class Table:
    """One table or view with its columns in their order."""

    # Columns of data_dictionary_tables.
    row: Row
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    # Table and column of each key that points here.
    linked_from: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """Name of the table in every format."""
        return str(self.row["table_name"])


@ask_once
async def read_dictionary(datasette: Datasette) -> dict[str, Table]:
    """Every table and view by its name, in the order in which they are declared."""
    database = datasette.get_database()
    keys = await database.get_all_foreign_keys()
    rows = await read_rows(datasette, "select * from data_dictionary_tables")
    declared = list(datasette.metadata(database=(await read_facts(datasette)).database).get("tables") or ())
    places = {name: place for place, name in enumerate(declared)}
    rows.sort(key=lambda row: (list(KINDS).index(row["kind"]), places.get(row["table_name"], len(places))))
    columns = _group(await read_rows(datasette, "select * from data_dictionary order by rowid"))
    values = _group(await read_rows(datasette, "select * from data_dictionary_values order by rowid"))
    told: dict[tuple[object, ...], str] = {}
    tables = {}
    for row in rows:
        name = row["table_name"]
        linked = keys.get(name, {"incoming": [], "outgoing": []})
        targets = {key["column"]: key["other_table"] for key in linked["outgoing"]}
        tables[name] = Table(
            row,
            tuple(await database.primary_keys(name)) if row["kind"] != "view" else (),
            _read_columns(columns.get(name, []), values.get(name, []), targets, told),
            tuple(sorted((key["other_table"], key["other_column"]) for key in linked["incoming"])),
        )
    return tables


def _group(rows: Iterable[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["table_name"], []).append(row)
    return groups


def _read_columns(
    rows: list[Row], values: list[Row], targets: dict[str, str], told: dict[tuple[object, ...], str]
) -> tuple[Column, ...]:
    columns = []
    for row in rows:
        own = tuple(value for value in values if value["field_name"] == row["field_name"])
        same = (row["field_name"], *((value["value"], value["meaning"]) for value in own))
        first = told.setdefault(same, row["table_name"])
        values_of = first if own and first != row["table_name"] else None
        columns.append(Column(row, own, values_of, targets.get(row["field_name"])))
    return tuple(columns)


async def show_dictionary(request: Request, datasette: Datasette) -> Response:
    """The page of the data dictionary; each table and each column has its own address in it."""
    tables = await read_dictionary(datasette)
    groups = {
        heading: [table for table in tables.values() if table.row["kind"] == kind]
        for kind, heading in KINDS.items()
    }
    context = {"groups": groups, "own_tables": OWN_TABLES}
    return Response.html(await datasette.render_template("dictionary.html", context, request=request))
