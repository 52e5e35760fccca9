"""Dates, times and moments in any form: read from the text alone, whatever the day, the zone and the machine.

The library that reads dates of any form takes what a text lacks from today's date, two digits of a year from
this century, and the names of zones from the machine. Here a text is read twice, from two starting points
that have no part in common: what comes out differently was never written.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from typing import Any

Moment = date | time | datetime

# They differ in year, month, day and hour. Minutes and seconds may be left out, as in `3 pm`.
STARTS = (datetime(2000, 1, 1), datetime(2001, 2, 15, 1))
# The names of the one zone that is the same everywhere; all others mean something else elsewhere.
ZONE_NAMES = frozenset({"UTC", "GMT", "Z", "z"})
NUMERIC = re.compile(r"(?<![0-9])([0-9]{1,4})[-/. ]([0-9]{1,2})[-/. ]([0-9]{1,4})(?![0-9])")
DIRECTIVE = re.compile(r"%(.)", re.DOTALL)


@cache
def _load_parser() -> Callable[..., datetime]:
    """The library's parser, which takes no year of two digits, for nobody knows the century."""
    from dateutil.parser import parser, parserinfo  # slow to import, so only when needed

    info = parserinfo()
    info.convertyear = _keep_year
    parse: Callable[..., datetime] = parser(info).parse
    return parse


def _keep_year(year: int, century_specified: bool = False) -> int:
    if year < 100 and not century_specified:
        raise ValueError(year)
    return year


def _find_zone(name: str | None, seconds: int | None) -> tzinfo | None:
    if seconds:
        return timezone(timedelta(seconds=seconds))
    if name is None and seconds is None:
        return None
    if name is None or name in ZONE_NAMES:
        return UTC
    raise ValueError(name)


def read_any(text: str, kind: str) -> Moment | None:
    """The date, time or datetime that a text writes in any form; None where it lacks a part.

    Of numbers the month comes first, unless it cannot be one. Zones are UTC, GMT, or so many hours from it.

    >>> read_any("26 Jan 2024", "date")
    datetime.date(2024, 1, 26)
    >>> read_any("Jan 2024", "date")
    """
    parse = _load_parser()
    try:
        first, second = (_take(parse(text, default=start, tzinfos=_find_zone), kind) for start in STARTS)
    except Exception:  # whatever an odd text does to the library
        return None
    return first if first == second else None


def _take(moment: datetime, kind: str) -> Moment:
    return moment.date() if kind == "date" else moment.timetz() if kind == "time" else moment


def name_order(text: str, value: Moment) -> str:
    """In which order day, month and year of a numeric date were read; empty where all orders say the same.

    >>> name_order("13/02/2020", date(2020, 2, 13))
    'day, month, year'
    """
    match = NUMERIC.search(text)
    if not match or not isinstance(value, date):
        return ""
    starts_with_year = len(match[1]) > 2
    pair = tuple(map(int, match.groups()[1:] if starts_with_year else match.groups()[:2]))
    orders = {(value.month, value.day): "month, day", (value.day, value.month): "day, month"}
    if len(orders) < 2 or pair not in orders:
        return ""
    return f"year, {orders[pair]}" if starts_with_year else f"{orders[pair]}, year"


def make_pattern_reader(pattern: str, kind: str) -> Callable[[str], Moment | None]:
    """A function that reads moments by a pattern of `strptime`; None for what has another form."""
    # Which names of zones strptime knows depends on the machine, so it gets none to read.
    has_zone_name = any(match[1] == "Z" for match in DIRECTIVE.finditer(pattern))
    patterns = [_name_zone(pattern, name) for name in ("UTC", "GMT")] if has_zone_name else [pattern]

    def read(text: str) -> Any:
        for one in patterns:
            try:
                moment = datetime.strptime(text, one)
            except (ValueError, re.error):
                continue
            if has_zone_name and moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            return _take(moment, kind)
        return None

    return read


def _name_zone(pattern: str, name: str) -> str:
    return DIRECTIVE.sub(lambda match: name if match[1] == "Z" else match[0], pattern)


def find_utc(moment: datetime | time) -> datetime | time:
    """The same moment in UTC; itself without a zone, OverflowError beyond the years 1 to 9999.

    >>> find_utc(time(0, 30, tzinfo=timezone(timedelta(hours=1)))).isoformat()
    '23:30:00+00:00'
    """
    if moment.tzinfo is None:
        return moment
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    return datetime.combine(date(2000, 1, 2), moment).astimezone(UTC).timetz()
