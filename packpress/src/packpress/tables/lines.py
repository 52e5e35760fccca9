"""The physical lines of a file, handed out one by one from its pieces."""

from collections.abc import Iterator

from packpress.problems import CannotReadError

# A line longer than this is refused before it fills the memory.
LONGEST_LINE = 1 << 25
# A fault of the encoding is looked for so far behind another fault, which it may have caused.
MOST_DRAINED = 1 << 26


class LineFeeder:
    """The physical lines of a file, one by one; what has not been handed out yet stays in `data`.

    `line` is the number of the line that comes next, `passed` how many bytes have been handed out.
    A `terminator` of its own takes the place of line ends.
    """

    def __init__(self, pieces: Iterator[bytes], path: str, terminator: bytes = b"") -> None:
        self._pieces = pieces
        self._terminator = terminator
        self.path = path
        self.data = b""
        self.position = 0
        self.passed = 0
        self.line = 1
        self.has_ended = False

    def fill(self, size: int) -> None:
        """Reads on until so many bytes lie ahead, or the file ends."""
        if self.position:
            self.data, self.position = self.data[self.position :], 0
        parts, length = [self.data], len(self.data)
        while length < size and not self.has_ended:
            piece = next(self._pieces, b"")
            self.has_ended = not piece
            parts.append(piece)
            length += len(piece)
        self.data = b"".join(parts) if len(parts) > 1 else self.data

    def skip(self, size: int, lines: int) -> None:
        """Goes forward by so many bytes, which hold so many lines."""
        self.position += size
        self.passed += size
        self.line += lines

    def drain(self) -> bool:
        """Reads the rest of the file, so that a fault of its encoding is found before any other.

        Whether it was the whole rest: of a file that is too long, some is left unread.
        """
        passed, self.has_ended = 0, True
        for piece in self._pieces:
            passed += len(piece)
            if passed > MOST_DRAINED:
                return False
        return True

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """The next line with its end: a line feed, a carriage return, or both."""
        end = self._find_end()
        while end < 0 and not self.has_ended:
            ahead = len(self.data) - self.position
            if ahead > LONGEST_LINE:
                message = "longer than 32 MB, which is no line of a table; break it into records"
                raise CannotReadError(self.path, self.line, message, "file/too-long")
            self.fill(2 * ahead + 1024)
            end = self._find_end()
        if end < 0:
            end = len(self.data)
        if end == self.position:
            raise StopIteration
        line = self.data[self.position : end].decode("utf-8")
        self.skip(end - self.position, 1)
        return line

    def _find_end(self) -> int:
        """The place behind the next line end; -1 when it does not lie in what has been read."""
        if self._terminator:
            found = self.data.find(self._terminator, self.position)
            return found + len(self._terminator) if found >= 0 else -1
        feed = self.data.find(b"\n", self.position)
        carriage = self.data.find(b"\r", self.position, feed if feed >= 0 else len(self.data))
        if carriage < 0 or carriage == feed - 1:
            return feed + 1 if feed >= 0 else -1
        if carriage + 1 == len(self.data) and not self.has_ended:
            return -1  # a line feed may follow
        return carriage + 1
