"""Counts: the answers of the questions behind the charts, as tables of figures."""

from collections.abc import Callable, Iterable
from urllib.parse import urlencode

from packpress.web.facts import Row

from ketamine_site.evidence.pictures import NOT_VOTES, Band, Column, Grid, Mark, PictureRow, Shape
from ketamine_site.evidence.subjects import sort_known
from ketamine_site.stances import NO_STANCE, STANCES, stance_class

EVIDENCE = (
    *("systematic_review", "randomised_trial", "observational", "case_report", "narrative_review"),
    *(
        "guideline",
        "clinical_practice",
        "preclinical",
        "unspecified_research",
        "citation_only",
        "none_stated",
    ),
)
# How the place where a reference is listed is told, the last one pointing the other way.
LISTED = {
    "reference_list": "in the reference list",
    "in_text": "only in the text",
    "this_record": "the record itself",
    "citing_list": "in the list of citing works",
}
STANCE_KEY = (
    *((Shape(stance_class(stance)), stance) for stance in STANCES),
    (Shape(stance_class(None)), NO_STANCE),
)
# Makes the address of the rows that a filter leaves.
Link = Callable[[str], str]


def count_types(rows: list[Row], link: Link) -> Grid:
    """Claims by type and source, with a bar for each stance."""
    largest = max(row["claims"] for row in rows)

    def make_mark(row: Row) -> Mark:
        stance = {"stance": row["stance"]} if row["stance"] else {"stance__isnull": "1"}
        url = link(urlencode({"claim_type": row["claim_type"], "source_id": row["source_id"], **stance}))
        shape, spoken = (
            Shape(stance_class(row["stance"])),
            f"{row['claims']:,} {row['stance'] or 'without stance'}",
        )
        return Mark(f"{row['claims']:,}", shape, share=row["claims"] / largest, spoken=spoken, url=url)

    rows = sorted(rows, key=lambda row: (*STANCES, None).index(row["stance"]))
    bands = [
        Band(heading, fill_rows(judging, "claim_type", (), list_sources(rows), make_mark))
        for judges, heading in ((1, "Types that judge"), (0, "Types that do not judge"))
        if (judging := [row for row in rows if row["carries_stance"] == judges])
    ]
    total, judged = (sum(row["claims"] for row in rows if row["carries_stance"] >= least) for least in (0, 1))
    note = f"{judged:,} of {total:,} claims are of a type that judges ketamine for pain. Bars have one scale."
    title = "What kinds of claim each source makes, and with which stance"
    return draw_grid(title, (note, NOT_VOTES), list_sources(rows), bands, STANCE_KEY)


def count_hedged(rows: list[Row], link: Link) -> Grid:
    """Hedged claims of each source, with a bar that shows them as part of all its claims."""
    lines = []
    for row in rows:
        of_all = f"{row['hedged']:,} of {row['claims']:,}"
        url = link(urlencode({"source_id": row["source_id"], "certainty": "hedged"}))
        share = row["hedged"] / row["claims"] if row["claims"] else 0
        mark = Mark(of_all, share=share, is_of_all=True, spoken=f"{of_all} claims hedged", url=url)
        lines.append(PictureRow(row["source"], 0, ((mark,),)))
    notes = (
        "The frame is all claims of a source, the bar those in which a word such as “may” doubts the claim.",
        "A share of claims, not a degree of certainty.",
        NOT_VOTES,
    )
    columns = (Column("Hedged, of all claims", 620, 96),)
    bands = (Band("", tuple(lines)),)
    words = tuple(say_rows(bands, ["hedged"]))
    return Grid("How many of its claims each source hedges", words, notes, columns, bands, ())


def count_evidence(rows: list[Row], link: Link) -> Grid:
    """Claims by the kind of evidence that their words name."""
    largest = max(row["claims"] for row in rows)

    def make_mark(row: Row) -> Mark:
        url = link(urlencode({"evidence_type": row["evidence_type"], "short_name": row["source"]}))
        spoken = f"{row['claims']:,} claim{'s' if row['claims'] != 1 else ''}"
        return Mark(f"{row['claims']:,}", share=row["claims"] / largest, spoken=spoken, url=url)

    bands = [Band("", fill_rows(rows, "evidence_type", EVIDENCE, list_sources(rows), make_mark))]
    notes = (
        "The kind of evidence that the words of a claim name. What a cited paper is does not count here.",
        "Bars have one scale.",
        NOT_VOTES,
    )
    return draw_grid("Which kinds of evidence the sources name", notes, list_sources(rows), bands, ())


def count_years(rows: list[Row], link: Link) -> Grid:
    """Printed references by year and source, as figures without bars."""

    def make_mark(row: Row) -> Mark:
        year = {"year": row["year"]} if row["year"] else {"year__isnull": "1"}
        url = link(urlencode({"source_id": row["source_id"], **year, "listed_as": row["listed_as"]}))
        word = LISTED.get(row["listed_as"]) or str(row["listed_as"])
        return Mark(str(row["entries"]), word=word, spoken=f"{row['entries']} {word}", url=url)

    counted = [{**row, "claims": row["entries"], "when": str(row["year"] or "no year")} for row in rows]
    named = [row for row in counted if row["entries"]]
    rows_by_year = fill_rows(named, "when", (), list_sources(rows), make_mark)
    notes = (
        "Works that the source cites stand above the line, works that cite it below.",
        "Printed references, with corrections applied; a work that two sources list counts in both.",
    )
    title = "From which years the references of each source are"
    return draw_grid(title, notes, list_sources(rows), [Band("", rows_by_year)], ())


def draw_grid(
    title: str,
    notes: tuple[str, ...],
    sources: list[str],
    bands: list[Band],
    key: tuple[tuple[Shape, str], ...],
) -> Grid:
    """A table with a column for each source."""
    words = tuple(say_rows(bands, sources))
    return Grid(title, words, notes, tuple(map(Column, sources)), tuple(bands), key, silence="0")


def fill_rows(
    rows: list[Row], key: str, known: tuple[str, ...], sources: list[str], make_mark: Callable[[Row], Mark]
) -> tuple[PictureRow, ...]:
    """A row for each value of the key, with the figures of each source."""
    found: dict[tuple[str, str], list[Mark]] = {}
    for row in rows:
        marks = found.setdefault((row[key], row["source"]), [])
        if row["claims"]:
            marks.append(make_mark(row))
    return tuple(
        PictureRow(
            value.replace("_", " ").capitalize(),
            0,
            tuple(tuple(found.get((value, source), ())) for source in sources),
        )
        for value in sort_known((row[key] for row in rows), known)
    )


def list_sources(rows: list[Row]) -> list[str]:
    """The sources in the order in which they come."""
    return list(dict.fromkeys(row["source"] for row in rows))


def say_rows(bands: Iterable[Band], columns: list[str]) -> list[str]:
    """Each row as a sentence."""
    return [
        f"{row.name}: "
        + "; ".join(
            f"{column} {', '.join(mark.spoken for mark in marks) or 'none'}"
            for column, marks in zip(columns, row.cells, strict=True)
        )
        + "."
        for band in bands
        for row in band.rows
    ]
