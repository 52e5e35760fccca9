"""What an extension adds to the site of a build: addresses, templates, and what of them people are led to."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from datasette.app import Datasette
from markupsafe import Markup

from packpress.extension import load_extension

# The name under which Datasette's metadata holds what a site of ours is told.
NAME = "packpress"
PART = re.compile(r"\{(\w+)(?::([^{}]*))?\}")

Arguments = list[tuple[str, str]]
Page = Callable[..., Awaitable[Any]]
ShowCell = Callable[[Datasette, Any, Any, str], Awaitable[Markup | None]]
# Asked with the site that is exported, a path and its arguments: those of them that make a page of its own.
FindArguments = Callable[[Any, str, Arguments], Awaitable[Arguments]]


@dataclass(frozen=True)
class Route:
    """One address of a site, or a family of addresses, and what answers there.

    `path` is as people see it; what stands in braces is handed to `view`, such as `/boats/{name}`, with an
    expression for what it may be behind a colon, where that is more or less than one step of a path.
    """

    path: str
    view: Page
    # Whether a folder of files has it as a page with links, as a file of its own, or not at all.
    kind: str = "page"
    # Whether every page leads there, so that it is made before the first visitor comes, and sitemaps list it.
    is_listed: bool = False
    # The paths of a family that are listed in the same way.
    list_paths: Callable[[Datasette], Awaitable[Sequence[str]]] | None = None
    find_arguments: FindArguments | None = None

    @cached_property
    def pattern(self) -> str:
        """The expression by which Datasette finds the address."""
        pieces, place = [], 0
        for part in PART.finditer(self.path):
            pieces += [
                re.escape(self.path[place : part.start()]),
                f"(?P<{part[1]}>{part[2] or '[^/]+'})",
            ]
            place = part.end()
        return f"^{''.join(pieces)}{re.escape(self.path[place:])}$"


@dataclass(frozen=True)
class Pages:
    """The pages of an extension. Everything is optional: what is left out is as for any package."""

    # Before those of packpress, so that one of the same path takes its place.
    routes: tuple[Route, ...] = ()
    # Templates that take the place of those of the same name, which remain as `packpress:name.html`. Besides,
    # `_symbols.html` and `_notice.html` stand on every page, `_row_head.html` and `_row_foot.html` on rows.
    templates: Path | None = None
    # Sheets laid over the one of packpress, and a folder of files below /static/.
    stylesheets: tuple[Path, ...] = ()
    static: Path | None = None
    # Labels and paths in the head of every page; {database} stands for the name of the database.
    navigation: tuple[tuple[str, str], ...] = ()
    # Path of what answers a search of everything, and what may be typed there.
    search: str = ""
    placeholder: str = ""
    # The table that people browse first.
    browsed: str = ""
    # The tables whose rows are pages of their own making, and whose rows are shown as those of another.
    row_tables: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    # Where the rows of a table are read, if that is not the page of the row: a path, in front of the key.
    row_paths: Mapping[str, str] = field(default_factory=dict)
    # Columns of the browsed table whose filters are no pages of a folder of files, as each has but one row.
    single: frozenset[str] = frozenset()
    # Which columns of a wide table or answer are shown first, by its name.
    first_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # How a cell is shown; None where the way of packpress will do.
    show_cell: ShowCell | None = None
    # Further names for templates.
    names: Callable[[Datasette], Mapping[str, Any]] | None = None
    # What machines are told of rights beside the licence.
    rights: str = ""


# What each site was told, which Datasette would put together anew for each cell of a page.
_SETTINGS: WeakKeyDictionary[Datasette, Mapping[str, Any]] = WeakKeyDictionary()


def read_settings(datasette: Datasette) -> Mapping[str, Any]:
    """The settings with which the site was opened; they never change."""
    if datasette not in _SETTINGS:
        _SETTINGS[datasette] = datasette.plugin_config(NAME) or {}
    return _SETTINGS[datasette]


def find_pages(datasette: Datasette) -> Pages:
    """The pages that the extension of the served build adds; none where it is not installed."""
    return load_pages(str(read_settings(datasette).get("extension") or ""))


def is_static(datasette: Datasette) -> bool:
    """Whether the pages are written into a folder, so that nobody will be there to answer a form."""
    return bool(read_settings(datasette).get("is_static"))


@lru_cache(maxsize=8)
def load_pages(name: str) -> Pages:
    """The pages of an extension by its name; none where it has none, or is not installed."""
    extension = load_extension(name) if name else None
    return extension.pages() if extension and extension.pages else Pages()
