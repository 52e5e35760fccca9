"""Durations as XML Schema has them: months and seconds, between which there is only a partial order."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

FORM = re.compile(
    r"(-?)P(?=[0-9T])(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)D)?"
    r"(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]+)?)S)?)?"
)
# A month is longer than another; the standard compares durations by what they make of these four days.
STARTS = (date(1696, 9, 1), date(1697, 2, 1), date(1903, 3, 1), date(1903, 7, 1))
DAY = 86_400


@dataclass(frozen=True)
class Duration:
    """So many months and so many seconds, both of one sign."""

    months: int
    seconds: Decimal

    def _ends(self) -> list[Decimal]:
        """How many seconds the duration lasts from each of the four days."""
        return [Decimal(_add_months(start, self.months)) * DAY + self.seconds for start in STARTS]

    def __le__(self, other: "Duration") -> bool:
        return all(mine <= theirs for mine, theirs in zip(self._ends(), other._ends(), strict=True))

    def __lt__(self, other: "Duration") -> bool:
        return all(mine < theirs for mine, theirs in zip(self._ends(), other._ends(), strict=True))

    def __ge__(self, other: "Duration") -> bool:
        return other <= self

    def __gt__(self, other: "Duration") -> bool:
        return other < self


def read_duration(text: str) -> Duration | None:
    """The duration that a text writes in the extended format, or None."""
    match = FORM.fullmatch(text)
    if not match:
        return None
    sign = -1 if match[1] else 1
    years, months, days, hours, minutes = (int(part or 0) for part in match.groups()[1:6])
    seconds = ((days * 24 + hours) * 60 + minutes) * 60 + Decimal(match[7] or 0)
    return Duration(sign * (12 * years + months), sign * seconds)


def _add_months(start: date, months: int) -> int:
    """Days from a start, which is the first of a month, to the same day so many months on.

    Counted by the rule of leap years, for calendars of Python end with the year 9999.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return _count_days(year, month + 1) - _count_days(start.year, start.month)


def _count_days(year: int, month: int) -> int:
    """Days from a fixed day to the first of a month, in a year of any size."""
    cycles, rest = divmod(year - 2000, 400)
    return cycles * 146_097 + date(2000 + rest, month, 1).toordinal()
