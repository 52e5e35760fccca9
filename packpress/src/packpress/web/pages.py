"""What an extension adds to the site of a build: addresses, templates and navigation."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from datasette.app import Datasette
from datasette.utils.asgi import Request
from markupsafe import Markup

from packpress.extension import load_extension

# The key under which Datasette's metadata holds our settings.
NAME = "packpress"
PART = re.compile(r"\{(\w+)(?::([^{}]*))?\}")

Arguments = list[tuple[str, str]]
Page = Callable[..., Awaitable[Any]]
ShowCell = Callable[[Datasette, Any, Any, str], Markup | None]
DescribeRow = Callable[[Datasette, Request, str, Sequence[str]], Awaitable[dict[str, Any]]]
# Called with the exported site, a path and its arguments; returns the arguments that select a page of their
# own.
FindArguments = Callable[[Any, str, Arguments], Awaitable[Arguments]]


@dataclass(frozen=True)
class Route:
    """One address of a site, or a family of addresses, and the view that answers it.

    `path` is the address as visitors see it. Parts in braces, such as `/boats/{name}`, are passed to `view`;
    after a colon, a regular expression may say what they match, by default one segment of the path.

    >>> import re
    >>> bool(re.search(Route("/boats/{name}", print).pattern, "/boats/ida"))
    True
    """

    path: str
    view: Page
    # In a static export: a page with links, a file, or left out.
    kind: str = "page"
    # Whether navigation leads there. Listed pages are rendered before the first visitor comes, and appear in
    # sitemaps.
    is_listed: bool = False
    # The paths of a family that are listed.
    list_paths: Callable[[Datasette], Awaitable[Sequence[str]]] | None = None
    find_arguments: FindArguments | None = None

    @cached_property
    def pattern(self) -> str:
        """The regular expression with which Datasette matches the address."""
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
    """The pages of an extension. Everything is optional."""

    # Tried before those of packpress, so that a route with the same path replaces it.
    routes: tuple[Route, ...] = ()
    # A folder of templates. They replace templates of the same name, which remain available as
    # `packpress:name.html`. In addition, `_symbols.html` and `_notice.html` are included on every page, and
    # `_row_head.html` and `_row_foot.html` on pages of rows.
    templates: Path | None = None
    # Style sheets appended to that of packpress, and a folder of files to serve below /static/.
    stylesheets: tuple[Path, ...] = ()
    static: Path | None = None
    # Labels and paths of the navigation on every page; {database} stands for the name of the database.
    navigation: tuple[tuple[str, str], ...] = ()
    # Paths that belong to an entry of the navigation without being below it, each with the path of that
    # entry, or with an empty one for pages that belong to none. What is below a path belongs with it.
    sections: Mapping[str, str] = field(default_factory=dict)
    # The path of a full-text search of everything, and the placeholder of its input.
    search: str = ""
    placeholder: str = ""
    # The table to browse first.
    browsed: str = ""
    # Tables whose rows have custom pages, and tables whose rows are shown as those of another.
    row_tables: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    # Path prefixes for tables whose rows are shown elsewhere than on Datasette's row pages.
    row_paths: Mapping[str, str] = field(default_factory=dict)
    # Columns of the browsed table whose filters are not exported as pages, because each matches a single row.
    single: frozenset[str] = frozenset()
    # The columns of wide tables and query results that are shown first, by table or query name.
    first_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # Renders a cell; returns None for the default rendering. A page has hundreds of cells, so that what this
    # function needs to know of the data is read before, by `prepare`.
    show_cell: ShowCell | None = None
    # Called once, before the first request.
    prepare: Callable[[Datasette], Awaitable[Any]] | None = None
    # The other columns of a row that `show_cell` reads to render a cell of this column.
    list_companions: Callable[[str], Iterable[str]] = lambda column: ()
    # Further variables for templates.
    names: Callable[[Datasette], Mapping[str, Any]] | None = None
    # The picture, among the static files, that other sites show for the page at a path.
    find_picture: Callable[[Datasette, str], str] | None = None
    # What the row of a table is, in properties of schema.org, by the table's name and the values of its key.
    # They replace those of a page about a row.
    describe_row: DescribeRow | None = None
    # The paths and media types of further forms of a row, such as citations, by the same arguments.
    list_forms: Callable[[str, Sequence[str]], Iterable[tuple[str, str]]] | None = None


# The settings of each site; Datasette would assemble them anew for every cell of a page.
_SETTINGS: WeakKeyDictionary[Datasette, Mapping[str, Any]] = WeakKeyDictionary()


def read_settings(datasette: Datasette) -> Mapping[str, Any]:
    """The settings with which the site was opened; they never change."""
    if datasette not in _SETTINGS:
        _SETTINGS[datasette] = datasette.plugin_config(NAME) or {}
    return _SETTINGS[datasette]


def find_pages(datasette: Datasette) -> Pages:
    """The pages of the extension that the served build names; empty when it is not installed."""
    return load_pages(str(read_settings(datasette).get("extension") or ""))


def is_static(datasette: Datasette) -> bool:
    """Whether the pages are exported as files, so that no server will answer forms."""
    return bool(read_settings(datasette).get("is_static"))


@lru_cache(maxsize=8)
def load_pages(name: str) -> Pages:
    """The pages of an extension; empty when it has none or is not installed."""
    extension = load_extension(name) if name else None
    return extension.pages() if extension and extension.pages else Pages()
