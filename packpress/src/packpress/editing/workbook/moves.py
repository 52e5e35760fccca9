"""Moves: values that change rows in bulk, as when one column of a sheet is sorted without the others."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, pairwise

from openpyxl.utils import get_column_letter

from packpress.editing.workbook.book import Book
from packpress.editing.workbook.edits import Edited
from packpress.problems import Problem, name_option, shorten_value
from packpress.tables.csv import Record
from packpress.tables.types import type_of

# So many rows with each other's values are no correction by hand.
FEWEST_MOVED = 5

# A value that a spreadsheet program counts up when it is dragged.
SERIES = re.compile(r"(.*?[^\d.])(\d{1,9})", re.DOTALL)

Pairs = Sequence[tuple[Record, Record]]


def check_moved(book: Book, edited: Edited) -> Iterator[Problem]:
    """Checks that no column was sorted, shifted, filled, or exchanged with another, without the others.

    Sorting whole rows moves nothing, since rows are found by their keys.
    """
    names = edited.page.resource.field_names
    if len(edited.before) >= FEWEST_MOVED and not edited.records:
        yield _refuse(book, edited, 0, f"all {len(edited.before)} rows are gone; restore them")
        return
    pairs = _pair(edited)[0]
    exchanged = _find_exchanged(pairs, range(len(names)))
    for (place, other), count in exchanged.items():
        what = f'the columns "{names[place]}" and "{names[other]}" seem to have been exchanged: '
        what += f"{count} rows have the cells of one in the other; exchange them back"
        yield _refuse(book, edited, place, what)
    if exchanged:
        return  # what else moved comes of that
    moved = _find_moved(edited)
    for place, count in sorted(moved.items()):
        is_sorted = _is_sorted([record[place] for record in edited.records])
        done = "sorted" if is_sorted else "sorted, shifted or pasted"
        what = f'the column "{names[place]}" seems to have been {done} on its own: {count} rows have '
        yield _refuse(book, edited, place, f"{what}each other's values; undo that, or sort whole rows")
    for place in () if moved else range(len(names)):
        if filled := _find_filled(edited, pairs, place):
            what = f'the column "{names[place]}" seems to have been filled with {filled}'
            yield _refuse(book, edited, place, f"{what}; restore these")


def _refuse(book: Book, edited: Edited, place: int, what: str) -> Problem:
    message = f"{what}; if it is meant, import with {name_option('moved')}"
    return book.problem(edited.page.sheet, f"{get_column_letter(place + 1)}1", message)


def _find_exchanged(pairs: Pairs, places: Sequence[int]) -> dict[tuple[int, int], int]:
    """The pairs of columns whose cells were exchanged, with the number of rows concerned.

    Few values that recur, such as truth values, count only if every row in which they differed was exchanged.
    """
    found = {}
    changed = {place: sum(old[place] != new[place] for old, new in pairs) for place in places}
    for one, other in combinations([place for place in places if changed[place] >= FEWEST_MOVED], 2):
        differing = [(old, new) for old, new in pairs if old[one] != old[other]]
        moved = [old for old, new in differing if (new[one], new[other]) == (old[other], old[one])]
        is_most = 2 * len(moved) >= max(changed[one], changed[other])
        is_varied = len({(old[one], old[other]) for old in moved}) >= FEWEST_MOVED
        if len(moved) >= FEWEST_MOVED and is_most and (is_varied or len(moved) == len(differing)):
            found[one, other] = len(moved)
    return found


def _find_filled(edited: Edited, pairs: Pairs, place: int) -> str:
    """What a column was filled with, as a phrase, or the empty string.

    It was filled if one value, or a series of numbers, replaced values that were filled in and most of which
    differed from each other. In a closed list, or where values recur, many rows are also set by hand.
    """
    field = edited.page.resource.fields[place]
    if field.choices:
        return ""
    is_counted = type_of(field).in_spreadsheet != "whole"
    replaced: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for at, (old, new) in enumerate((old[place], new[place]) for old, new in pairs):
        if old and new and old != new:
            replaced.setdefault((new, -1), []).append((old, new))
            match, was = SERIES.fullmatch(new), SERIES.fullmatch(old)
            if is_counted and match and not (was and was[2] == match[2]):
                # In a series, the number grows with the place, so that their difference stays the same.
                replaced.setdefault((match[1], at - int(match[2])), []).append((old, new))
    for cells in replaced.values():
        values = {old for old, _ in cells}
        # Rows of which many had the same value before are those that somebody chose.
        if len(values) >= FEWEST_MOVED and 2 * len(values) > len(cells):
            is_series = len({new for _, new in cells}) > 1
            what = (
                f'a series from "{shorten_value(cells[0][1])}" on'
                if is_series
                else f'"{shorten_value(cells[0][1])}"'
            )
            return f"{what}: {len(cells)} rows had different values"
    return ""


def _find_moved(edited: Edited) -> dict[int, int]:
    """The places of columns that were moved against the others, with the number of rows concerned."""
    names, key = edited.page.resource.field_names, edited.page.resource.primary_key
    keys = [names.index(name) for name in key]
    others = [place for place in range(len(names)) if place not in keys]
    pairs, gone, come = _pair(edited)
    moved = {place: count for place in others if (count := _count_moved(edited, pairs, place))}
    differing = [place for place in others if any(old[place] != new[place] for old, new in pairs)]
    if len(keys) == 1 and len(differing) > 1 and (count := _count_common(pairs, _choose(others))):
        # All other cells moved together: it was the key that moved.
        return {keys[0]: count}
    for place in keys if len(keys) > 1 else () if keys else others:
        if count := _count_torn(edited, gone, come, place):
            moved[place] = count
    return moved


def _pair(edited: Edited) -> tuple[Pairs, list[Record], list[Record]]:
    """The old and new record of each key, and the records before and after that have no partner."""
    if not edited.page.resource.primary_key:
        before, after = Counter(edited.before), Counter(edited.records)
        return [], [*(before - after).elements()], [*(after - before).elements()]
    old = {edited.key_of(record): record for record in edited.before}
    new = [(edited.key_of(record), record) for record in edited.records]
    found = {key for key, _ in new}
    return (
        [(old[key], record) for key, record in new if key in old],
        [record for key, record in old.items() if key not in found],
        [record for key, record in new if key not in old],
    )


def _count_moved(edited: Edited, pairs: Pairs, place: int) -> int:
    """How many rows have a value of the column that another row lost; 0 unless these are the rule."""
    changed = [pair for pair in pairs if pair[0][place] != pair[1][place]]
    left, right = (Counter(pair[side][place] for pair in changed) for side in (0, 1))
    common = left & right
    common.pop("", None)
    count = common.total()
    if count < FEWEST_MOVED or 2 * count < len(changed):
        return 0
    # Few values that recur, and numbers that give an order, are also exchanged by hand.
    is_whole = type_of(edited.page.resource.fields[place]).in_spreadsheet == "whole"
    if len(common) >= FEWEST_MOVED and not is_whole:
        return len(changed)
    is_sorted = left == right and _is_sorted([record[place] for record in edited.records])
    return len(changed) if is_sorted and not (is_whole and _is_rearranged(edited)) else 0


def _count_common(pairs: Pairs, choose: Callable[[Record], tuple[str, ...]]) -> int:
    """How many rows have the chosen cells of another row; 0 unless these are the rule."""
    changed = [pair for pair in pairs if choose(pair[0]) != choose(pair[1])]
    left, right = (Counter(choose(pair[side]) for pair in changed) for side in (0, 1))
    count = (left & right).total()
    return count if count >= FEWEST_MOVED and 2 * count >= len(changed) else 0


def _count_torn(edited: Edited, gone: Sequence[Record], come: Sequence[Record], place: int) -> int:
    """How many new records are an old one but for a value of the column that another old one had."""
    rest = _choose([other for other in range(len(come[0])) if other != place] if come else [])
    left, right = (Counter(record[place] for record in side) for side in (gone, come))
    values, rests = left & right, Counter(map(rest, gone)) & Counter(map(rest, come))
    count = min(values.total(), rests.total())
    if count < FEWEST_MOVED or 2 * count < len(come):
        return 0
    is_sorted = left == right and _is_sorted([record[place] for record in edited.records])
    return count if len(values) >= FEWEST_MOVED or is_sorted else 0


def _choose(places: Sequence[int]) -> Callable[[Record], tuple[str, ...]]:
    return lambda record: tuple(record[place] for place in places)


def _is_sorted(values: Sequence[str]) -> bool:
    """Whether values stand in an order in which spreadsheet programs sort; blank cells come last anyway.

    >>> _is_sorted(["ada", "Ida", ""]), _is_sorted(["9", "10"]), _is_sorted(["b", "c", "a"])
    (True, True, False)
    """
    filled = [value for value in values if value]
    orders: list[Callable[[str], str | float]] = [str, str.casefold]
    if all(value.isdecimal() for value in filled):
        orders.append(float)
    for order in orders:
        keys = [order(value) for value in filled]
        steps = [(one > other, one < other) for one, other in pairwise(keys)]  # type: ignore[operator]
        if not any(down for down, _ in steps) or not any(up for _, up in steps):
            return True
    return False


def _is_rearranged(edited: Edited) -> bool:
    """Whether the rows stand in another order than when they were exported."""
    order = {edited.key_of(record): place for place, record in enumerate(edited.before)}
    places = [order[key] for record in edited.records if (key := edited.key_of(record)) in order]
    return places != sorted(places)
