"""What is valid and yet does not fit into every format: notices, for a build refuses it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pyarrow as pa

from packpress.checks.storage import find_unfit
from packpress.package.descriptor import Package
from packpress.package.field import Field
from packpress.package.resource import Resource
from packpress.problems import CannotRunError, Problem
from packpress.tables.cells import make_reader
from packpress.tables.fast.arrays import bytes_within, integers_of, longest_cell
from packpress.tables.types import type_of

REFUSED = "build/refused"
# Whatever is written with no more bytes, all of them digits, points and minus signs, fits.
ALWAYS_FITS = 18


def check_names(package: Package) -> Iterator[Problem]:
    """A notice for each name by which a build would refuse the package."""
    for message in find_unfit(package):
        yield Problem(package.path.name, 0, _explain(message), code=REFUSED, is_notice=True)


def refuse(notices: Iterable[Problem]) -> None:
    """CannotRunError with the first of the notices that this module makes, if there is one."""
    refused = [notice for notice in notices if notice.code == REFUSED]
    if refused:
        more = f" (and {len(refused) - 1:,} more, which validate lists)" if len(refused) > 1 else ""
        raise CannotRunError(f"{replace(refused[0], is_notice=False)}{more}")


class FitCheck:
    """Finds the numbers of a field that are right and do not fit in 64 bits."""

    def __init__(self, field: Field, resource: Resource) -> None:
        self.field = field
        self._read = make_reader(field, resource)

    def find_refused(self, column: pa.Array) -> Iterator[tuple[int, str]]:
        """Place and message of each value that a build would refuse."""
        if self.field.type not in {"integer", "number"}:
            return
        data = bytes_within(column)
        if not len(data) or (
            data.min() >= ord("-") and data.max() <= ord("9") and longest_cell(column) <= ALWAYS_FITS
        ):
            return
        encoded = column.dictionary_encode()
        messages = [self._describe(text) for text in encoded.dictionary.to_pylist()]
        if any(messages):
            for place, code in enumerate(integers_of(encoded.indices).tolist()):
                if code >= 0 and messages[code]:
                    yield place, messages[code]

    def _describe(self, text: str) -> str:
        value, message = self._read(text)
        if message or value is None:
            return ""
        try:
            type_of(self.field).convert(value, text)
        except (ValueError, OverflowError) as error:
            return _explain(str(error))
        return ""


def _explain(message: str) -> str:
    return f"a build refuses it: {message}"
