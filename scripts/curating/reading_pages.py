"""Pages on two readings of the draft: what they show beside each other, and what their forms decide."""

from collections.abc import Mapping, Sequence
from typing import Any

from scripts.curating.app import Request, Response
from scripts.curating.claim_pages import show_link
from scripts.curating.consensus import (
    CHECKLIST,
    ENOUGH,
    FIRST,
    SECOND,
    ComparedCells,
    PairedClaims,
    agree,
    count_unread,
    decide,
    decide_cells,
    find_decisions,
    folder_of,
    is_settled,
    keep_first_claims,
    list_compared_items,
    list_compared_reasons,
    list_pairs,
    measure_agreement,
    measure_so_far,
    read_both_reasons,
    read_claims,
    read_links,
)
from scripts.curating.desk import DraftView, StalePageError, hash_rows
from scripts.curating.forms import Filled
from scripts.curating.workbench import Attempt, Workbench
from scripts.curation.agreement import list_judged_fields

WHO = ("First reader", "Second reader")


def show_readings(bench: Workbench, request: Request) -> Response:
    """Both readings beside each other, passage by passage, with their agreement."""
    return _answer_readings(bench)


def _answer_readings(bench: Workbench, *attempt: Attempt) -> Response:
    view = bench.desk.read()
    second = len(read_claims(view.package.root / folder_of(SECOND, view.source_id)))
    is_begun = bool(second and read_claims(view.package.root / folder_of(FIRST, view.source_id)))
    shown: dict[str, Any] = {"second": second, "is_begun": is_begun, "enough": ENOUGH}
    if is_begun:
        shown |= describe_readings(view)
    elif second:
        shown["agreement"], shown["both"] = measure_so_far(view)
        shown["unread"] = count_unread(view)
    return bench.answer("compare.html", view, *attempt, title="Two readings", here="/compare", **shown)


def begin_consensus(bench: Workbench, request: Request) -> Response:
    """Keeps the first reading, and marks what both readers recorded alike."""
    keep_first_claims(bench.desk, is_sure="sure" in request.form)
    attempt = bench.save("what both readers recorded alike", lambda view: Filled(agree(view)))
    return _tell(bench, attempt)


def decide_pair(bench: Workbench, request: Request) -> Response:
    """Settles a pair on the claim of one reader, on one that was written anew, or on none."""

    def fill_decision(view: DraftView) -> Filled:
        passage = view.require_passage(request.parts[1])
        if request.form.get("version") != view.version(passage):
            raise StalePageError
        pairs = {pair.name: pair for pair in list_pairs(view)}
        pair = pairs.get(request.form.get("pair", ""))
        if pair is None:
            raise StalePageError
        return decide(view, pair, request.form.get("choice", ""), request.form.get("reason", ""))

    attempt = bench.save(f"the decision on {request.form.get('pair', '')}", fill_decision)
    return _tell(bench, attempt)


def decide_compared(bench: Workbench, request: Request) -> Response:
    """Settles why a passage has no claim, or an item of the checklist."""

    def fill_decision(view: DraftView) -> Filled:
        found = {compared.name: compared for compared in list_compared(view)}
        compared = found.get(request.form.get("pair", ""))
        if compared is None or request.form.get("version") != version_of_cells(compared):
            raise StalePageError
        return decide_cells(view, compared, request.form.get("choice", ""), request.form.get("reason", ""))

    attempt = bench.save(f"the decision on {request.form.get('pair', '')}", fill_decision)
    return _tell(bench, attempt)


def _tell(bench: Workbench, attempt: Attempt) -> Response:
    if attempt.outcome:
        return bench.tell(attempt.outcome, "/compare")
    return _answer_readings(bench, attempt)


def list_compared(view: DraftView) -> list[ComparedCells]:
    """The reasons and items of the checklist in which the two readers differ."""
    both = (*list_compared_reasons(view), *list_compared_items(view))
    return [compared for compared in both if compared.differing]


def version_of_cells(compared: ComparedCells) -> str:
    """A hash of what both readers wrote of something, and the tables have."""
    rows = enumerate((*compared.sides, compared.current))
    return hash_rows((str(place), *cells.values()) for place, cells in rows)


ROUTES = {
    ("GET", "compare"): show_readings,
    ("POST", "compare"): begin_consensus,
    ("POST", "decide/*"): decide_pair,
    ("POST", "compare/cells"): decide_compared,
}


def describe_readings(view: DraftView) -> dict[str, Any]:
    """What the page of two readings shows."""
    judged = [*list_judged_fields(view.package.by_name["claims"]), "note"]
    links = [read_links(view.package, folder_of(reader, view.source_id)) for reader in (FIRST, SECOND)]
    pairs = list_pairs(view)
    reasons = read_both_reasons(view)
    compared = [describe_cells(view, one) for one in list_compared(view)]
    passages = []
    for row in view.running:
        own = [describe_pair(view, pair, judged, links) for pair in pairs if pair.passage_id == row.key]
        given = [(who, of[row.key]) for who, of in zip(WHO, reasons, strict=True) if row.key in of]
        if own or given:
            shown = {"id": row.key, "position": row["position"], "text": row["text"]}
            both = [one for one in compared if one["key"] == row.key]
            passages.append(
                {**shown, "version": view.version(row), "pairs": own, "reasons": given, "cells": both}
            )
    items = [one for one in compared if one["table"] == CHECKLIST]
    needed = [one for one in items if one["needed"]]
    return {
        "passages": passages,
        "items": items,
        "agreement": measure_agreement(view),
        "printed": {field.name for field in view.package.by_name["claims"].fields if field.verbatim},
        "settled": sum(is_settled(view, pair) for pair in pairs),
        "total": len(pairs),
        "items_settled": sum(one["settled"] for one in needed),
        "items_total": len(needed),
    }


def describe_cells(view: DraftView, compared: ComparedCells) -> dict[str, Any]:
    """What the page of two readings shows of something that both wrote otherwise."""
    decisions = find_decisions(view, compared)
    return {
        "name": compared.name,
        "table": compared.table,
        "key": compared.key,
        "sides": list(zip(WHO, compared.sides, strict=True)),
        "current": compared.current,
        "differing": compared.differing,
        "needed": bool(compared.undecided),
        "settled": set(compared.undecided) <= set(decisions),
        "why": next((row[6] for row in decisions.values()), ""),
        "version": version_of_cells(compared),
    }


def describe_pair(
    view: DraftView, pair: PairedClaims, judged: Sequence[str], links: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """What the page of two readings shows of a pair."""
    sides: list[tuple[str, dict[str, Any] | None]] = []
    for who, side, of in zip(WHO, pair.sides, links, strict=True):
        if side:
            shown = [(name, side[name]) for name in judged if side[name] or name in pair.differing]
            told = ", ".join(show_link(view, table, cells) for table, cells in of[side["claim_id"]])
            sides.append((who, {**side, "shown": [*shown, ("links", told)]}))
        else:
            sides.append((who, None))
    log = [row for row in view.adjudicated if pair.claim and row[1] == pair.claim.key]
    return {
        "name": pair.name,
        "sides": sides,
        "differing": pair.differing,
        "settled": is_settled(view, pair),
        "claim": pair.claim.key if pair.claim else "",
        "extraction": pair.claim["extraction"] if pair.claim else "",
        "why": log[-1][6] if log else "",
    }
