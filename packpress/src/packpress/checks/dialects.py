"""Checks of what dialects declare: whether any file can be read by it."""

from collections import Counter
from collections.abc import Iterator

from packpress.package.resource import Resource
from packpress.package.shape import COUNT_FROM_1, FLAG, SCALAR, TEXT, Shape, check_shape, is_list_of
from packpress.package.vocabulary import DIALECT_KEYS
from packpress.similar import offer_nearest

CHARACTER = (lambda value: isinstance(value, str) and len(value) == 1, "one character")
CHARACTERS = (lambda value: isinstance(value, str) and bool(value), "one character or more")
ROWS = (is_list_of(COUNT_FROM_1[0]), "a list of numbers of rows, from 1")
DIALECT: Shape = {
    "header": FLAG,
    "headerRows": (lambda value: bool(value) and ROWS[0](value), ROWS[1]),
    "headerJoin": TEXT,
    "commentRows": ROWS,
    "commentChar": CHARACTERS,
    "delimiter": CHARACTERS,
    "lineTerminator": CHARACTERS,
    "quoteChar": CHARACTER,
    "doubleQuote": FLAG,
    "escapeChar": CHARACTER,
    "nullSequence": TEXT,
    "skipInitialSpace": FLAG,
    "caseSensitiveHeader": FLAG,
    "headerCase": FLAG,
    "csvddfVersion": SCALAR,
}
SIGNS = {"delimiter": ",", "quoteChar": '"', "escapeChar": ""}


def check_dialect(resource: Resource) -> Iterator[str]:
    """What the dialect of a table asks for that cannot be."""
    where = f"the dialect of {resource.name}"
    yield from (f"{fault}; mend it" for fault in check_shape(where, resource.dialect, DIALECT))
    for name, value in resource.dialect.items():
        if name not in DIALECT_KEYS:
            offer = offer_nearest(name, DIALECT_KEYS, "write the file without it", likeness=0.8)
            yield f"{where} has {name} {value}, which is not known; {offer}"
    used = [str(resource.dialect.get(name, default)) for name, default in SIGNS.items()]
    if any(count > 1 for sign, count in Counter(used).items() if sign):
        yield f"{where} uses one character in two ways; give each its own"
