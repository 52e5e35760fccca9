"""The workbench: what all pages have, how their forms are saved, and what is said of a save."""

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from packpress.problems import Problem
from packpress.tables.rows import Row

from scripts.curating.app import Gate, Handler, Request, Response, redirect
from scripts.curating.desk import Desk, DraftView, MissingRowError, Outcome, RefusedError, StalePageError
from scripts.curating.forms import Filled, sort_messages

HERE = Path(__file__).parent
# Style sheets that are the site's, by the name under which pages ask for them.
SHARED = {
    "site.css": ("packpress.web.theme", "static/site.css"),
    "ketamine.css": ("ketamine_site", "static/ketamine.css"),
    "favicon.svg": ("packpress.web.theme", "static/favicon.svg"),
}
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
TITLES = {403: "Not from here", 404: "No such page", 409: "Not possible now", 500: "A fault of the workbench"}
STALE = (
    "What this page shows was changed since, in another window or by another command; nothing was saved. "
    "What you typed is still in the form, and the rows beside it are those of now: look, and save again."
)


@dataclass(frozen=True)
class Attempt:
    """What became of a form that was sent: what was saved, or else why nothing was.

    `errors` has messages by the field of the form, `general` those that stand at no field.
    """

    outcome: Outcome | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    general: tuple[str, ...] = ()
    stale: str = ""

    @property
    def status(self) -> int:
        """The status of the page that shows the form again."""
        return 409 if self.stale else 422 if self.errors or self.general else 200


# The pages that every page leads to, as far as the reader has them.
PLACES = (
    *(("Text", "/"), ("What is left", "/left"), ("Checklist", "/checklist"), ("Relations", "/relations")),
    *(("Document", "/document"), ("Two readings", "/compare")),
)
Page = Callable[["Workbench", Request], Response]
# What answers, by method and path; a star stands for any one part.
Routes = Mapping[tuple[str, str], Page]


class Workbench:
    """The pages on one reader's desk."""

    def __init__(self, desk: Desk, gate: Gate, routes: Routes) -> None:
        self.desk = desk
        self.routes = routes
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
        page = self._choose_page(request)
        if page is None:
            return None

        def answer(request: Request) -> Response:
            self.thread.said = self.notices.pop(request.query.get("said", ""), "")
            try:
                return page(self, request)
            except MissingRowError:
                return self.miss()

        return answer

    def _choose_page(self, request: Request) -> Page | None:
        for (method, pattern), page in self.routes.items():
            if method == request.method and _matches(pattern.split("/"), request.path.split("/")):
                return page
        return None

    def render(self, template: str, view: DraftView | None, **values: Any) -> str:
        """A page of a view."""
        pages = ((self.routes.get(("GET", path.strip("/"))), name, path) for name, path in PLACES)
        # A page that is also the start is led to once.
        places = [*{page: (name, path) for page, name, path in pages if page}.values()]
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

    def answer(
        self,
        template: str,
        view: DraftView,
        attempt: Attempt = Attempt(),
        **values: Any,  # noqa: B008
    ) -> Response:
        """A page with a form, and what is wrong with what was sent."""
        told = {"errors": attempt.errors, "general": attempt.general, "stale": attempt.stale}
        return Response(self.render(template, view, **told, **values), attempt.status)

    def show_error(self, status: int, message: str, lines: list[str]) -> str:
        """The page of a message."""
        title = TITLES.get(status, "Nothing was saved")
        return self.render("message.html", None, title=title, message=message, lines=lines)

    def miss(self) -> Response:
        """The answer where there is no page."""
        return Response(self.show_error(404, "There is no such page; go to the start.", []), 404)

    def save(self, label: str, fill: Callable[[DraftView], Filled]) -> Attempt:
        """Saves what a form asks for, all or nothing; `fill` is called with the rows as they are then."""
        filled = Filled()

        def make_edits(view: DraftView) -> list[Any]:
            nonlocal filled
            filled = fill(view)
            if filled.errors:
                raise RefusedError(())
            return filled.edits

        try:
            return Attempt(self.desk.save(label, make_edits))
        except StalePageError:
            return Attempt(stale=STALE)
        except RefusedError as refused:
            rows = self.desk.read().list_rows_by_place({edit.table for edit in filled.edits})
            errors, general = sort_messages(filled, refused.problems, partial(tell_elsewhere, rows))
            return Attempt(None, errors, tuple(general))

    def refuse(self, attempt: Attempt) -> Response:
        """The answer to a button without a form of its own, when nothing was saved."""
        lines = [*attempt.errors.values(), *attempt.general]
        message = attempt.stale or f"{len(lines)} to correct; nothing was saved."
        return Response(self.show_error(409, message, lines), 409)

    def tell(self, outcome: Outcome, path: str) -> Response:
        """Leads to a page that says what was saved, and what it leaves open."""
        if not outcome.save.edits:
            return self.say("Nothing was changed.", path)
        names = dict.fromkeys(problem.field or "a link" for problem, edit in outcome.left_open if edit)
        still = f" Still open: {', '.join(name.replace('_', ' ') for name in names)}." if names else ""
        return self.say(f"Saved: {outcome.save.label}.{still}", path)

    def say(self, notice: str, path: str) -> Response:
        """Leads to a page that says something, once, and to nobody else."""
        name = secrets.token_urlsafe(6)
        self.notices[name] = notice
        path, hash_sign, place = path.partition("#")
        joint = "&" if "?" in path else "?"
        return redirect(f"{path}{joint}said={name}{hash_sign}{place}")


def tell_elsewhere(rows: Mapping[tuple[str, int], Row], problem: Problem) -> str:
    """A problem of a row that a form does not change, by what the row is rather than by its line."""
    row = rows.get((problem.path, problem.line))
    if row is None:
        return str(problem)
    return f"{row.table.resource.title}, {row.key}: {problem.cell}{problem.message}"


def _matches(pattern: list[str], parts: list[str]) -> bool:
    return len(pattern) == len(parts) and all(
        one in ("*", part) for one, part in zip(pattern, parts, strict=True)
    )


def send_file(bench: Workbench, request: Request) -> Response:
    """A style sheet, the script or the icon."""
    name = request.parts[1]
    if name in SHARED:
        package, path = SHARED[name]
        data = files(package).joinpath(path).read_bytes()
    elif name in {"curate.css", "curate.js"}:
        data = (HERE / "static" / name).read_bytes()
    else:
        return bench.miss()
    return Response(data, media_type=MEDIA_TYPES[Path(name).suffix])
