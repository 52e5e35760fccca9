"""Rules on what sources report: the checklist is complete, and agrees with what claims and links show."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from packpress.checks.rules import rule
from packpress.problems import Problem
from packpress.tables.rows import Row

from scripts.curation.corpus import Corpus

FILLED = r".+"
IN_FIGURES = r".*[0-9].*"


@dataclass(frozen=True)
class Trace:
    """What a stated item leaves in a column: values that show it, and others that merely allow it."""

    table: str
    column: str
    shows: str = ""
    allows: str = ""

    def find(self, rows: list[Row], pattern: str) -> Row | None:
        """The first of the rows whose cell matches the pattern."""
        return next((row for row in rows if pattern and re.fullmatch(pattern, row[self.column])), None)


# Items that leave no trace in the other tables are left out: effect_size, number_of_patients and the like.
TRACES = {
    "condition_named": Trace("claim_conditions", "role", "treated|studied|recommended", "population"),
    "route_named": Trace("claim_routes", "role", "for_pain", "other_use|product_form|comparator"),
    "comparator_named": Trace("claim_concepts", "role", allows="comparator"),
    "setting_named": Trace("claim_concepts", "role", allows="setting"),
    "contraindication_named": Trace("claim_conditions", "role", "contraindication"),
    "adverse_effect_named": Trace("claim_adverse_effects", "role", "reported", "concern|managed"),
    "adverse_effect_frequency": Trace("claim_adverse_effects", "frequency", FILLED),
    "monitoring_described": Trace("claims", "claim_type", "monitoring"),
    "licensing_status": Trace("claims", "claim_type", "regulatory"),
    "evidence_limits_admitted": Trace("claims", "claim_type", allows="evidence_quality|research_need"),
    "dose_in_figures": Trace("claims", "dose", IN_FIGURES),
    "duration_of_effect": Trace("claims", "duration_of_effect", FILLED),
    "references_listed": Trace("references", "listed_as", "reference_list"),
    "publication_date": Trace("sources", "published_date", FILLED),
}


@rule("sources")
def check_checklist_is_complete(corpus: Corpus) -> Iterator[Problem]:
    """Every published source has a row for every item of the checklist."""
    items = corpus["source_reporting"].resource.field("item").enum
    for source in corpus["sources"]:
        rows = corpus["source_reporting"].group("source_id").get(source["source_id"], [])
        missing = [item for item in items if item not in {row["item"] for row in rows}]
        if missing and source["status"] == "published":
            place = corpus["source_reporting"].resource.place
            message = f"{place} has no row of it for {', '.join(missing)}; add it"
            yield source.problem("source_id", message)


@rule("source_reporting")
def check_stated_item_has_its_passage(corpus: Corpus) -> Iterator[Problem]:
    """An item names a passage of its source exactly when the source states it or touches on it."""
    for row in corpus["source_reporting"]:
        passage = corpus.passage(row)
        if row["stated"] == "no" and row["passage_id"]:
            message = "the item is not stated; leave it empty, or write yes or unspecific in stated"
            yield row.problem("passage_id", message)
        elif row["stated"] != "no" and not row["passage_id"]:
            message = f"stated is {row['stated']}; name a passage that shows it, or write no"
            yield row.problem("passage_id", message)
        elif passage and passage["source_id"] != row["source_id"]:
            message = f"a passage of {passage['source_id']}; name one of {row['source_id']}"
            yield row.problem("passage_id", message)


@rule("source_reporting")
def check_stated_agrees_with_the_tables(corpus: Corpus) -> Iterator[Problem]:
    """What a source is said to state or not to state is what its claims, links and references show."""
    rows = rows_by_source(corpus)
    for row in corpus["source_reporting"]:
        trace = TRACES.get(row["item"])
        if not trace:
            continue
        rows_of_source = rows.get((trace.table, row["source_id"]), [])
        shown, place = trace.find(rows_of_source, trace.shows), corpus[trace.table].resource.place
        if row["stated"] == "no" and shown:
            message = f"{place} shows it at {shown.key}; write yes or unspecific, or correct that"
            yield row.problem("stated", message)
        elif row["stated"] == "yes" and not (shown or trace.find(rows_of_source, trace.allows)):
            what = f"{trace.column} in {place} does not show it"
            message = f"{what}; write no or unspecific, or add what shows it"
            yield row.problem("stated", message)


def rows_by_source(corpus: Corpus) -> dict[tuple[str, str], list[Row]]:
    """The rows of the tables in which items leave a trace, by table and source."""
    rows: dict[tuple[str, str], list[Row]] = {}
    for name in {trace.table for trace in TRACES.values()}:
        for row in corpus[name].rows:
            rows.setdefault((name, corpus.source_id(row)), []).append(row)
    return rows
