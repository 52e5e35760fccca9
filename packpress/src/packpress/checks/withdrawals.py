"""Withdrawals: the register of rows that were published and later removed, and of their replacements."""

from collections.abc import Iterator, Mapping

from packpress.package.descriptor import Package
from packpress.problems import Problem
from packpress.similar import nearest_value
from packpress.tables.rows import Row, Table, Tables

TABLE, ROW, REPLACED = "table_name", "row_id", "replaced_by"
VERSION, REASON = "version", "reason"


def find_register(package: Package, tables: Mapping[str, Table]) -> Table | None:
    """The register, if the package has one and it could be read."""
    return tables.get(package.register)


def find_withdrawn(package: Package, tables: Mapping[str, Table]) -> dict[str, dict[str, Row]]:
    """The entries of the register by table and key; none when the package has no register."""
    withdrawn: dict[str, dict[str, Row]] = {}
    register = find_register(package, tables)
    if register and {TABLE, ROW} <= {*register.resource.field_names}:
        for entry in register.rows:
            withdrawn.setdefault(entry[TABLE], {})[entry[ROW]] = entry
    return withdrawn


def check_register(package: Package, tables: Tables) -> Iterator[Problem]:
    """Checks that no row has a withdrawn key, and that replacements exist."""
    name = package.register
    if name and name not in package.by_name:
        message = f'validation.register names "{name}", which is not a table; declare it or remove it'
        yield Problem(package.path.name, 0, message, code="register/unknown")
    register = find_register(package, tables)
    keys: dict[str, dict[str, Row]] = {}
    for row in register or ():
        table = tables.get(row[TABLE])
        if table is None:
            # A declared table that could not be read is reported there.
            if row[TABLE] not in package.by_name:
                yield row.problem(TABLE, f"no such table; {_offer(row[TABLE], package)}", "register/table")
            continue
        if table.resource.name not in keys:
            keys[table.resource.name] = {other.key: other for other in table.rows}
        standing = keys[table.resource.name].get(row[ROW])
        if standing:
            message = (
                f"withdrawn, but {standing.path}:{standing.line} uses it; give that row a new identifier"
            )
            yield row.problem(ROW, message, "register/reused")
        if REPLACED in row.table.positions and row[REPLACED] not in {"", *keys[table.resource.name]}:
            message = f"no row of {table.resource.name} has this key; correct it or leave it empty"
            yield row.problem(REPLACED, message, "register/replaced")


def _offer(name: str, package: Package) -> str:
    nearest = nearest_value(name, list(package.by_name))
    return f'use "{nearest}"' if nearest else "name one that is declared"
