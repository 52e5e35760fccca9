"""Addresses of the rows and files of a package in its exports, whether or not it is on the web.

A row has the path of its page below the home page of the site. Without a home page, everything is below an
address of the scheme arcp, which is for what is inside a package: it names the package and leads nowhere, so
nothing is claimed that nobody owns.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote

from packpress.package.descriptor import Package
from packpress.package.exports import NamedRow, find_key
from packpress.package.resource import Resource
from packpress.problems import CannotRunError, shorten_value
from packpress.tables.values import Cells

# What a CURIE can have as its prefix.
NOT_IN_PREFIXES = re.compile(r"[^A-Za-z0-9_.-]")


def find_base(package: Package) -> str:
    """The address, with a final slash, below which the files of a package are.

    >>> from packpress import read_package
    >>> find_base(read_package("fleet"))
    'arcp://name,fleet/'
    """
    return f"arcp://name,{quote(package.name, safe='')}/"


def find_table_address(package: Package, name: str) -> str:
    """The address, with a final slash, below which the rows of a table are.

    >>> from packpress import read_package
    >>> find_table_address(read_package("fleet"), "boats")
    'arcp://name,fleet/fleet/boats/'
    >>> find_table_address(read_package("fleet").replaced(homepage="https://example.org"), "boats")
    'https://example.org/fleet/boats/'
    """
    home = f"{package.homepage.rstrip('/')}/" if package.homepage else find_base(package)
    return f"{home}{escape_key(package.database_name)}/{escape_key(name)}/"


def name_prefix(package: Package, name: str) -> str:
    """The prefix of a CURIE for the rows of a table; that of the package is in it, so it is not taken.

    >>> from packpress import read_package
    >>> name_prefix(read_package("fleet"), "boats")
    'fleet.boats'
    """
    return NOT_IN_PREFIXES.sub("_", f"{package.name}.{name}")


def join_cells(cells: Cells, fields: Iterable[str]) -> str:
    """The key of a row from its cells: the values of some fields, joined by commas.

    >>> join_cells({"boat_id": "ada", "day": "2"}, ("boat_id", "day"))
    'ada,2'
    """
    return ",".join(cells.get(name, "") for name in fields)


def place_row(cells: Cells, fields: Iterable[str]) -> str:
    """The last part of the address of a row, from its cells: the values of its key.

    >>> place_row({"boat_id": "ada, of Wick", "day": "2"}, ("boat_id", "day"))
    'ada~2C+of+Wick,2'
    """
    return ",".join(escape_key(cells.get(name, "")) for name in fields)


def place_key(resource: Resource, key: str) -> str:
    """The last part of the address of a row, from its key, whose values are joined by commas.

    >>> from packpress import read_package
    >>> place_key(read_package("fleet").by_name["boats"], "ada of Wick, 2")
    'ada+of+Wick~2C+2'
    """
    parts = key.split(",") if len(resource.primary_key) > 1 else [key]
    return ",".join(map(escape_key, parts))


def find_row(package: Package, resource: Resource, named: NamedRow, cells: Cells) -> tuple[Resource, str]:
    """The table and the key of the row that a row names.

    Raises CannotRunError when there is no such table.
    """
    if named.table:
        name = cells.get(named.table, "")
    else:
        link = find_key(resource, named.row)
        name = link.resource if link else ""
    if name not in package.by_name:
        where = f'{resource.place}: {named.table}="{shorten_value(name)}"'
        raise CannotRunError(f"{where}: not a table of the package; correct it")
    return package.by_name[name], cells.get(named.row, "")


def escape_key(text: str) -> str:
    """The text as Datasette writes it in a path: a blank as a plus, other signs as `~` and their bytes.

    >>> escape_key("a b/c")
    'a+b~2Fc'
    """
    return re.sub(rb"[^A-Za-z0-9_-]", _escape_byte, text.encode("utf-8")).decode("ascii")


def _escape_byte(match: re.Match[bytes]) -> bytes:
    return b"+" if match[0] == b" " else b"~%02X" % ord(match[0])
