"""Dates, times and date-times in any format, parsed independently of today's date and the local time zone.

The library that parses dates of any format completes them from today's date, assumes the current century
for two-digit years, and asks the machine about the names of time zones. Therefore each text is parsed
twice, with two defaults that differ in every part: where the results differ, the text lacks something.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from typing import Any

Moment = date | time | datetime
Clock = datetime | time

# They differ in year, month, day and hour. Minutes and seconds may be omitted, as in `3 pm`.
STARTS = (datetime(2000, 1, 1), datetime(2001, 2, 15, 1))
# It differs in all its parts from the moment from which `strptime` completes others, and is in the afternoon.
PROBE = datetime(2001, 2, 15, 13, tzinfo=UTC)
PARTS = ("year", "month", "day", "hour")
# The names of the only zone that is the same everywhere; other names are ambiguous.
ZONE_NAMES = frozenset({"UTC", "GMT", "Z", "z"})
NUMERIC = re.compile(r"(?<![0-9])([0-9]{1,4})[-/. ]([0-9]{1,2})[-/. ]([0-9]{1,4})(?![0-9])")
DIRECTIVE = re.compile(r"%(.)", re.DOTALL)
# Decimal places of a second.
MICROSECOND, NANOSECOND = 6, 9
# Seconds with more than six significant decimal places.
FINE = re.compile(r":[0-9]{2}[.,]([0-9]{6})([0-9]*[1-9])")


class _Fine:
    """A date-time or time more precise than a microsecond, unlike Python's own types.

    `digits` are the decimal places after the sixth, without trailing zeros; comparisons include them.
    """

    digits = ""

    def __new__(cls, *parts: Any, digits: str = "", **more: Any) -> Any:
        made = super().__new__(cls, *parts, **more)
        made.digits = digits
        return made

    def _take_parts(self) -> tuple[Any, str]:
        raise NotImplementedError

    def isoformat(self, *_: Any, **__: Any) -> str:
        """The value in ISO 8601, with all its digits."""
        plain, digits = self._take_parts()
        head, point, rest = plain.isoformat(timespec="microseconds").partition(".")
        return f"{head}{point}{rest[:6]}{digits}{rest[6:]}"

    __str__ = isoformat

    def __hash__(self) -> int:
        return hash(self._take_parts()[0])

    def __eq__(self, other: object) -> bool:
        return self._take_parts() == _take_parts(other)

    def __ne__(self, other: object) -> bool:
        return self._take_parts() != _take_parts(other)

    def __lt__(self, other: Any) -> bool:
        return self._take_parts() < _take_parts(other)

    def __le__(self, other: Any) -> bool:
        return self._take_parts() <= _take_parts(other)

    def __gt__(self, other: Any) -> bool:
        return self._take_parts() > _take_parts(other)

    def __ge__(self, other: Any) -> bool:
        return self._take_parts() >= _take_parts(other)


class FineDatetime(_Fine, datetime):
    """A date-time more precise than a microsecond.

    >>> str(keep_digits(datetime(2024, 3, 1, 12, 0, 0, 123456), "12:00:00.1234567"))
    '2024-03-01T12:00:00.1234567'
    """

    def _take_parts(self) -> tuple[datetime, str]:
        return datetime.combine(self.date(), self.time(), self.tzinfo), self.digits


class FineTime(_Fine, time):
    """A time of day more precise than a microsecond.

    >>> keep_digits(time(12), "12:00:00.0000001") > time(12)
    True
    """

    def _take_parts(self) -> tuple[time, str]:
        return time(self.hour, self.minute, self.second, self.microsecond, self.tzinfo), self.digits


def _take_parts(moment: Any) -> tuple[Any, str]:
    """The value to the microsecond, and the digits after it."""
    return moment._take_parts() if isinstance(moment, _Fine) else (moment, "")


def _add_digits(moment: Any, digits: str) -> Any:
    if not digits:
        return moment
    clock = (moment.hour, moment.minute, moment.second, moment.microsecond, moment.tzinfo)
    if isinstance(moment, datetime):
        return FineDatetime(moment.year, moment.month, moment.day, *clock, digits=digits)
    return FineTime(*clock, digits=digits)


def keep_digits(moment: Any, text: str) -> Any:
    """The value parsed from a text, with those decimal places of the text that are finer than a microsecond.

    >>> keep_digits(time(10, 0, 0, 123456), "10:00:00.1234567890").isoformat()
    '10:00:00.123456789'
    """
    match = FINE.search(text)
    is_read = match and isinstance(moment, datetime | time) and int(match[1]) == moment.microsecond
    return _add_digits(moment, match[2]) if match and is_read else moment


def count_nanoseconds(moment: datetime) -> int:
    """Nanoseconds since 1 January 1970, in UTC if there is a time zone; finer digits are truncated.

    >>> count_nanoseconds(keep_digits(datetime(1970, 1, 1, 0, 0, 1), "00:00:01.0000000019"))
    1000000001
    >>> count_nanoseconds(datetime.fromisoformat("9999-12-31T10:00:00-14:00")) // 10**9
    253402300800
    """
    plain, digits = _take_parts(moment)
    # In this order, because the first and the last day of the calendar have no neighbour.
    since = plain.replace(tzinfo=None) - datetime(1970, 1, 1) - (plain.utcoffset() or timedelta())
    nanoseconds: int = since // timedelta(microseconds=1) * 1000 + int(digits[:3].ljust(3, "0"))
    return nanoseconds


def count_decimals(moment: Clock) -> int:
    """The number of decimal places of the second; never fewer than six.

    >>> count_decimals(time(12)), count_decimals(keep_digits(time(12), "12:00:00.00000001"))
    (6, 8)
    """
    return MICROSECOND + len(_take_parts(moment)[1])


@dataclass
class MomentSpan:
    """The time zones, decimal places and years that the type of a date-time column must support.

    >>> span = MomentSpan()
    >>> span.add(datetime(2024, 3, 1))
    >>> span.kept_decimals
    6
    """

    zones: set[bool] = field(default_factory=set)
    decimals: int = MICROSECOND
    # Whether a date-time is too far from 1970 for nanoseconds of 64 bits.
    is_far: bool = False

    def add(self, moment: datetime) -> None:
        """Takes another date-time into account."""
        self.zones.add(moment.tzinfo is not None)
        self.decimals = max(self.decimals, count_decimals(moment))
        # Many programs use the smallest 64-bit number for a missing value.
        self.is_far = self.is_far or not -(2**63) < count_nanoseconds(moment) < 2**63

    @property
    def kept_decimals(self) -> int | None:
        """The decimal places that Parquet keeps; None if it has text, as only some values have a zone."""
        if len(self.zones) > 1:
            return None
        return NANOSECOND if self.decimals > MICROSECOND and not self.is_far else MICROSECOND


@cache
def _load_parser() -> Callable[..., datetime]:
    """The library's parser, but without two-digit years, because their century is unknown."""
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
    """The date, time or datetime that a text represents in any format; None if it lacks a part.

    In numeric dates the month comes first, unless it cannot be one. Time zones are UTC, GMT, or an offset.

    >>> read_any("26 Jan 2024", "date")
    datetime.date(2024, 1, 26)
    >>> read_any("Jan 2024", "date")
    """
    parse = _load_parser()
    try:
        first, second = (_take(parse(text, default=start, tzinfos=_find_zone), kind) for start in STARTS)
    except Exception:  # the library may raise anything for an odd text
        return None
    return keep_digits(first, text) if first == second else None


def _take(moment: datetime, kind: str) -> Moment:
    return moment.date() if kind == "date" else moment.timetz() if kind == "time" else moment


def name_order(text: str, value: Moment) -> str:
    """The order in which a numeric date was parsed; empty if every order gives the same date.

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
    """A function that parses texts with a `strptime` pattern; it returns None for texts of another form.

    >>> make_pattern_reader("%d/%m/%Y", "date")("01/03/2024")
    datetime.date(2024, 3, 1)
    """
    # Which zone names strptime knows depends on the machine, so it never parses any.
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


def find_lacking_part(pattern: str, kind: str) -> str:
    """The part of a date, time or date-time that a `strptime` pattern does not name; empty if it names all.

    `strptime` completes it from 1 January 1900, midnight. Minutes and seconds may be omitted.

    >>> find_lacking_part("%d %b", "date"), find_lacking_part("%d %b %y", "date")
    ('year', '')
    """
    read = make_pattern_reader(pattern, "datetime")
    try:
        found = read(PROBE.strftime(pattern))
    except ValueError:
        return ""
    parts = {"date": PARTS[:3], "time": PARTS[3:]}.get(kind, PARTS)
    lacking = next((part for part in parts if found and getattr(found, part) != getattr(PROBE, part)), "")
    return "half of the day (%p)" if lacking == "hour" and "%I" in pattern else lacking


def _name_zone(pattern: str, name: str) -> str:
    return DIRECTIVE.sub(lambda match: name if match[1] == "Z" else match[0], pattern)


def find_utc(moment: Clock) -> Clock:
    """The same time in UTC; unchanged without a time zone; OverflowError beyond the years 1 to 9999.

    >>> find_utc(time(0, 30, tzinfo=timezone(timedelta(hours=1)))).isoformat()
    '23:30:00+00:00'
    """
    if moment.tzinfo is None:
        return moment
    plain, digits = _take_parts(moment)
    if isinstance(plain, datetime):
        found: Clock = plain.astimezone(UTC)
    else:
        found = datetime.combine(date(2000, 1, 2), plain).astimezone(UTC).timetz()
    made: Clock = _add_digits(found, digits)
    return made
