"""Rules for corrections: what they correct still exists and is wrong, and nothing is corrected twice."""

from collections.abc import Iterator

from packpress.checks.rules import rule
from packpress.problems import Problem
from packpress.tables.rows import Row

from scripts.curation.corpus import Corpus
from scripts.curation.words import split_words


@rule("corrections")
def check_correction_has_a_cell(corpus: Corpus) -> Iterator[Problem]:
    """A correction of an author gives the author's position, and no other correction gives a position."""
    for row in corpus["corrections"]:
        if row["field"] in _author_fields(corpus):
            if corpus["references"].get(row["reference_id"]) and not _cell(row, corpus):
                message = f"{row['reference_id']} has no author there; give the place of the author"
                yield row.problem("position", message)
        elif row["position"]:
            yield row.problem("position", f"{row['field']} is not a field of an author; leave position empty")


@rule("corrections")
def check_correction_still_fits(corpus: Corpus) -> Iterator[Problem]:
    """The printed value of a correction equals the corrected cell, and differs from the new value."""
    for row in corpus["corrections"]:
        cell = _cell(row, corpus)
        if cell and row["field"] in cell.table.positions and cell[row["field"]] != row["printed"]:
            what = f'{cell.table.resource.place} has "{cell[row["field"]]}" for {cell.key}'
            yield row.problem("printed", f"{what}; correct printed, or remove the correction")
        elif row["corrected"] == row["printed"]:
            yield row.problem("corrected", "equal to what is printed; nothing is corrected, remove the row")


@rule("corrections")
def check_completion_fills_an_empty_cell(corpus: Corpus) -> Iterator[Problem]:
    """A correction has no printed value exactly when it is a completion."""
    for row in corpus["corrections"]:
        if (row["kind"] == "completion") == bool(row["printed"]):
            expected = "misprint" if row["printed"] else "completion"
            message = f"{'something' if row['printed'] else 'nothing'} is printed; write {expected}"
            yield row.problem("kind", message)


# Words that names of journals leave out.
LEFT_OUT = {"and", "the", "of", "for", "in"}


@rule("corrections")
def check_abbreviation_is_no_misprint(corpus: Corpus) -> Iterator[Problem]:
    """The name of a journal that is only abbreviated, or printed with an ampersand, is no misprint."""
    for row in corpus["corrections"]:
        if (row["field"], row["kind"]) != ("container_title", "misprint"):
            continue
        printed, corrected = ([*_full_words(row[name])] for name in ("printed", "corrected"))
        if len(printed) == len(corrected) and all(map(str.startswith, corrected, printed)):
            message = (
                "only abbreviated; remove the correction, and say the full name in note if it is in doubt"
            )
            yield row.problem("printed", message)


def _full_words(name: str) -> Iterator[str]:
    return (word for word in split_words(name) if word not in LEFT_OUT)


@rule("corrections")
def check_cell_is_corrected_once(corpus: Corpus) -> Iterator[Problem]:
    """No cell is corrected twice."""
    first: dict[tuple[str, ...], Row] = {}
    for row in corpus["corrections"]:
        other = first.setdefault((row["reference_id"], row["position"], row["field"]), row)
        if other is not row:
            yield row.problem("field", f"{other['correction_id']} corrects the same cell; keep one")


def _author_fields(corpus: Corpus) -> set[str]:
    table = corpus["reference_authors"]
    return set(table.positions) - set(table.resource.primary_key)


def _cell(row: Row, corpus: Corpus) -> Row | None:
    """The row with the corrected cell, or None when there is none."""
    if row["field"] not in _author_fields(corpus):
        return corpus["references"].get(row["reference_id"])
    authors = corpus["reference_authors"].group("reference_id").get(row["reference_id"], [])
    return next((author for author in authors if author.number("position") == row.number("position")), None)
