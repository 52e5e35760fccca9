"""Regular CSV: bytes about which every reader agrees, so that the fastest may cut them into cells.

Quotes stand only around whole cells or doubled inside such, every line end is a line feed with or
without a carriage return before it, no line is blank, and no byte is NUL.
"""

import numpy as np
import numpy.typing as npt

from packpress.tables.dialect import Form

FEED, RETURN = 10, 13
# How many line ends inside the last cell of a block are passed over when looking for the last record.
MOST_TRIES = 1000


def find_line_feeds(data: bytes, form: Form) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Where the line feeds stand in regular data that begins with a record, and which of them end one."""
    values = np.frombuffer(data, np.uint8)
    feeds = np.flatnonzero(values == FEED)
    if data.find(form.quote) < 0:
        return feeds, np.ones(len(feeds), np.bool_)
    quotes = np.flatnonzero(values == form.quote)
    return feeds, np.searchsorted(quotes, feeds) % 2 == 0


def find_regular(data: bytes, is_last: bool, form: Form) -> int:
    """How many bytes of whole records at the beginning of the data are regular; 0 when any of them is not."""
    quotes = (
        np.flatnonzero(np.frombuffer(data, np.uint8) == form.quote) if data.find(form.quote) >= 0 else None
    )
    size = len(data) if is_last else _find_last_end(data, quotes)
    if not size or data.find(b"\0", 0, size) >= 0:
        return 0
    has_returns = data.find(b"\r", 0, size) >= 0
    if has_returns and data.count(b"\r", 0, size) != data.count(b"\r\n", 0, size):
        return 0
    if quotes is not None and not _are_quotes_regular(
        data, size, quotes[: np.searchsorted(quotes, size)], form
    ):
        return 0
    return 0 if _has_blank_lines(data, size, form, has_returns) else size


def _find_last_end(data: bytes, quotes: npt.NDArray[np.int64] | None) -> int:
    """The place behind the last line feed that stands outside quotes."""
    end = data.rfind(b"\n")
    for _ in range(MOST_TRIES):
        if end < 0 or quotes is None or np.searchsorted(quotes, end) % 2 == 0:
            return end + 1
        end = data.rfind(b"\n", 0, end)
    return 0


def _are_quotes_regular(data: bytes, size: int, quotes: npt.NDArray[np.int64], form: Form) -> bool:
    if len(quotes) % 2:
        return False
    values = np.frombuffer(data, np.uint8, size)
    opening, closing = quotes[0::2], quotes[1::2]
    before = values[opening - 1]  # of an opening quote at the very beginning: the last byte, not looked at
    is_doubled = np.zeros(len(opening), np.bool_)
    is_doubled[1:] = opening[1:] == closing[:-1] + 1
    opens = is_doubled | (before == form.delimiter) | (before == FEED) | (opening == 0)
    after = values[np.minimum(closing + 1, size - 1)]
    closes = (after == form.delimiter) | (after == FEED) | (after == RETURN) | (closing + 1 == size)
    closes[:-1] |= is_doubled[1:]
    return bool(opens.all() and closes.all())


def _has_blank_lines(data: bytes, size: int, form: Form, has_returns: bool) -> bool:
    may = data.startswith((b"\n", b"\r\n")) or _has_two_feeds(data, size)
    if not may and not (has_returns and data.find(b"\n\r\n", 0, size) >= 0):
        return False
    feeds, is_end = find_line_feeds(data[:size], form)
    ends = feeds[is_end]
    lengths = np.diff(ends, prepend=-1)
    values = np.frombuffer(data, np.uint8)
    return bool(((lengths == 1) | ((lengths == 2) & (values[ends - 1] == RETURN))).any())


def _has_two_feeds(data: bytes, size: int) -> bool:
    """Whether two line feeds stand together, found four times as fast as `bytes.find` would."""
    pairs = (np.frombuffer(data, np.uint16, (size - start) // 2, start) for start in (0, 1) if size > start)
    return any(bool((pair == FEED << 8 | FEED).any()) for pair in pairs)
