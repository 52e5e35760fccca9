"""Extensions: what a data set adds to packpress, registered as one object at an entry point.

A distribution registers it, as in this part of a pyproject.toml:

    [project.entry-points."packpress.extensions"]
    fleet = "fleet_tools.extension:EXTENSION"

and a descriptor names it: `"validation": {"rules": "fleet"}`. Only the one that is named is loaded, and
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
    """What a data set adds; whatever it leaves out is as for any other package.

    Every function takes the package and its tables, which are valid.
    """

    # What its tables are held to beyond what any package is.
    rules: RuleSet | None = None
    # The records of a derived table, by its name; a derived table that is not here is filled by SQL.
    derivations: Mapping[str, Callable[[Package, Tables], Iterable[Record]]] = field(default_factory=dict)
    # The tables without what is not to be published yet.
    select_rows: Callable[[Package, Tables], Tables] = lambda _, tables: tables
    # The keys of the rows that were never published, by table; they may go without a trace.
    find_drafts: Callable[[Package, Tables], Mapping[str, set[str]]] = lambda _, __: {}
    # Files that the zip carries, each as a resource of the descriptor.
    list_files: Callable[[Package, Tables], list[dict[str, Any]]] = lambda _, __: []
    # What stands between `<!-- name -->` and `<!-- /name -->` in the texts, in Markdown, by name.
    list_figures: Callable[[Package, Tables], Mapping[str, str]] = lambda _, __: {}
    # Paths of the texts that hold figures, relative to the descriptor.
    texts: tuple[str, ...] = ()
    # Loads the data set's own pages of the site, which takes long.
    pages: Callable[[], Any] | None = None

    def with_drafts(self) -> "Extension":
        """The same, but all rows are published."""
        return replace(self, select_rows=lambda _, tables: tables)


def find_extension(package: Package) -> Extension | None:
    """The extension that the package names; None when it names none, or one that is not installed.

    CannotRunError when two distributions register its name, or when it cannot be loaded.
    """
    return load_extension(package.rule_set) if package.rule_set else None


@cache
def load_extension(name: str) -> Extension | None:
    """The extension of that name, or None; CannotRunError as for `find_extension`."""
    from importlib.metadata import entry_points  # only for packages that name an extension

    found = list(entry_points(group=GROUP, name=name))
    if not found:
        return None
    if len(found) > 1:
        owners = " and ".join(sorted(str(point.dist and point.dist.name) for point in found))
        raise CannotRunError(f"extension {name}: {owners} both register it; uninstall one of them")
    try:
        extension = found[0].load()
    except Exception as error:  # whatever somebody else's module does while it is imported
        message = f"{found[0].value} cannot be loaded: {type(error).__name__}: {error}"
        raise CannotRunError(f"extension {name}: {show_line(message)}; install it anew") from error
    if not isinstance(extension, Extension):
        raise CannotRunError(f"extension {name}: {found[0].value} is no packpress.extension.Extension")
    return extension
