"""Extensions: what a data set adds to packpress, registered as one object at an entry point.

A distribution registers its extension in `pyproject.toml`:

    [project.entry-points."packpress.extensions"]
    fleet = "fleet_tools.extension:EXTENSION"

A descriptor asks for it by name: `"validation": {"rules": "fleet"}`. Only that extension is loaded, and
nothing in a descriptor is ever a path to code.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from packpress.checks.rules import RuleSet
from packpress.package.descriptor import Package
from packpress.problems import CannotRunError, show_line
from packpress.tables.csv import Record
from packpress.tables.rows import Tables

GROUP = "packpress.extensions"


@dataclass(frozen=True)
class Extension:
    """What a data set adds to packpress; every part is optional.

    The functions are called with the package and its tables, after validation has found no problems.

    >>> from packpress import Extension
    >>> extension = Extension(texts=("docs/method.md",), list_figures=lambda package, tables: {"boats": "3"})
    >>> extension.list_figures(None, {})
    {'boats': '3'}
    """

    # Checks beyond the standard's types, constraints and keys.
    rules: RuleSet | None = None
    # Functions that compute derived tables, by table name. Other derived tables are filled by SQL.
    derivations: Mapping[str, Callable[[Package, Tables], Iterable[Record]]] = field(default_factory=dict)
    # Returns the tables without the rows that are not to be published yet.
    select_rows: Callable[[Package, Tables], Tables] = lambda _, tables: tables
    # Keys of the rows that were never published, by table name; they may be deleted without an entry in the
    # register of withdrawals.
    find_drafts: Callable[[Package, Tables], Mapping[str, set[str]]] = lambda _, __: {}
    # Returns the cells of a row whose key has changed as they are to be stored, such as a pair in its order.
    # Called with the name of the table and the cells by field.
    arrange_row: Callable[[str, Mapping[str, str]], Mapping[str, str]] = lambda _, cells: cells
    # Further files for the zip, each described as a resource of a descriptor.
    list_files: Callable[[Package, Tables], list[dict[str, Any]]] = lambda _, __: []
    # Markdown to put between `<!-- name -->` and `<!-- /name -->` in the texts, by name.
    list_figures: Callable[[Package, Tables], Mapping[str, str]] = lambda _, __: {}
    # Paths of the texts with such figures, relative to the descriptor.
    texts: tuple[str, ...] = ()
    # Returns the data set's own pages of the site. A function, because importing pages is slow.
    pages: Callable[[], Any] | None = None

    def with_drafts(self) -> "Extension":
        """The same extension, with all rows published."""
        return replace(self, select_rows=lambda _, tables: tables)


def find_extension(package: Package) -> Extension:
    """The extension that the package names; one without parts when it names none or it is not installed.

    Raises CannotRunError when two distributions register the name, or when the extension cannot be loaded.
    """
    return (load_extension(package.rule_set) if package.rule_set else None) or Extension()


@cache
def load_extension(name: str) -> Extension | None:
    """The extension registered under a name, or None; raises CannotRunError as `find_extension` does."""
    from importlib.metadata import entry_points  # imported only for packages that name an extension

    found = list(entry_points(group=GROUP, name=name))
    if not found:
        return None
    if len(found) > 1:
        owners = " and ".join(sorted(str(point.dist and point.dist.name) for point in found))
        raise CannotRunError(f"extension {name}: {owners} both register it; uninstall one of them")
    try:
        extension = found[0].load()
    except Exception as error:  # importing third-party code can raise anything
        message = f"{found[0].value} cannot be loaded: {type(error).__name__}: {error}"
        raise CannotRunError(f"extension {name}: {show_line(message)}; reinstall it") from error
    if not isinstance(extension, Extension):
        raise CannotRunError(f"extension {name}: {found[0].value} is not a packpress.Extension")
    return extension
