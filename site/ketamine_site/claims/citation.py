"""Citations of a claim as text, BibTeX, RIS and CSL-JSON, at `/cite/<claim_id>.txt|.bib|.ris|.json`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from datasette.app import Datasette
from datasette.utils.asgi import NotFound, Request, Response
from packpress.publish.catalogues.citation_formats import Item, write_bibtex, write_csl, write_ris
from packpress.web.about.linked_data import lasting_address, read_package
from packpress.web.facts import Row, read_rows, row_path

from ketamine_site.facts import read_facts

CLAIM = """
select
  claims.claim_id,
  claims.statement,
  sources.short_name,
  sources.title,
  anchors.start_offset,
  anchors.end_offset
from claims
join passages using (passage_id)
join sources using (source_id)
join anchors
  on anchors.table_name = 'claims'
  and anchors.row_id = claims.claim_id
  and anchors.field_name = 'quote'
where claims.claim_id = :claim_id
"""


@dataclass(frozen=True)
class Citation:
    """The contents of a citation of one claim; `url` is empty while the data has no public address."""

    claim_id: str
    statement: str
    # The quoted source, and the span of the quote in its document.
    source: str
    start: int
    end: int
    # Organisations or people as the descriptor names them.
    authors: tuple[str, ...]
    title: str
    version: str
    # Year, month and day; empty when the descriptor has no date.
    date: tuple[int, ...]
    url: str = ""

    @property
    def name(self) -> str:
        """The title of the data with the claim."""
        return f"{self.title}, claim {self.claim_id}"

    @property
    def note(self) -> str:
        """The position of the quote."""
        return f"Quoting: {self.source}, characters {self.start} to {self.end}"


async def read_citation(datasette: Datasette, claim_id: str) -> Citation:
    """The citation of a claim; NotFound when there is no such claim."""
    return await write_citation(datasette, claim_id, await read_rows(datasette, CLAIM, claim_id=claim_id))


async def write_citation(datasette: Datasette, claim_id: str, rows: list[Row]) -> Citation:
    """The citation from the row of `CLAIM`; NotFound when there is none."""
    if not rows:
        raise NotFound(f"No claim is called {claim_id}")
    (row,) = rows
    package = await read_package(datasette)
    authors = [
        str(body["title"])
        for body in package.get("contributors") or ()
        if "creator" in (body.get("roles") or ()) and body.get("title")
    ]
    path = row_path(datasette, await read_facts(datasette), "claim_id", claim_id)
    return Citation(
        claim_id=claim_id,
        statement=row["statement"],
        source=f"{row['title']} ({row['short_name']})" if row["title"] else row["short_name"],
        start=row["start_offset"],
        end=row["end_offset"],
        authors=tuple(authors),
        title=str(datasette.metadata("title") or ""),
        version=str(datasette.metadata("version") or ""),
        date=read_date(str(datasette.metadata("created") or "")),
        url=lasting_address(datasette, path or "") or "",
    )


def read_date(text: str) -> tuple[int, ...]:
    """Year, month and day of an ISO date; empty for anything else.

    >>> read_date("2024-03-01"), read_date("")
    ((2024, 3, 1), ())
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return ()
    return day.year, day.month, day.day


def write_text(citation: Citation) -> str:
    """The citation as a sentence, and the position of the quote."""
    year = f"({citation.date[0]})" if citation.date else ""
    author = " ".join(filter(None, (", ".join(citation.authors), year)))
    version = f"Version {citation.version}." if citation.version else ""
    parts = (f"{author}." if author else "", f"{citation.name}.", version, citation.url)
    return " ".join(filter(None, parts)) + f"\n{citation.note}.\n"


def make_item(citation: Citation) -> Item:
    """The citation as an item of CSL-JSON."""
    return {
        "id": citation.claim_id,
        "type": "dataset",
        "author": [{"literal": author} for author in citation.authors],
        "title": citation.name,
        "issued": {"date-parts": [list(citation.date)]} if citation.date else {},
        "version": citation.version,
        "note": citation.note,
        "abstract": citation.statement,
        "URL": citation.url,
    }


@dataclass(frozen=True)
class CitationForm:
    """One citation format."""

    name: str
    write: Callable[[Citation], str]
    media_type: str


FORMS = {
    "txt": CitationForm("Text", write_text, "text/plain; charset=utf-8"),
    "bib": CitationForm(
        "BibTeX", lambda citation: write_bibtex([make_item(citation)]), "application/x-bibtex; charset=utf-8"
    ),
    "ris": CitationForm(
        "RIS",
        lambda citation: write_ris([make_item(citation)]),
        "application/x-research-info-systems; charset=utf-8",
    ),
    "json": CitationForm(
        "CSL-JSON",
        lambda citation: write_csl([make_item(citation)]),
        "application/vnd.citationstyles.csl+json",
    ),
}


def list_forms(table: str, keys: Sequence[str]) -> list[tuple[str, str]]:
    """The path and the media type of each form in which a claim is cited; none for rows of other tables."""
    if table != "claims":
        return []
    return [(f"/cite/{keys[0]}.{ending}", form.media_type) for ending, form in FORMS.items()]


async def show_citation(request: Request, datasette: Datasette) -> Response:
    """The citation of a claim, in the format of the address's extension."""
    claim_id, form = request.url_vars["claim_id"], FORMS[request.url_vars["form"]]
    return Response(form.write(await read_citation(datasette, claim_id)), content_type=form.media_type)
