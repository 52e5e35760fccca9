"""What SQL needs of SQLite: a version of it, or what not every SQLite has."""

import re
from collections.abc import Iterator, Mapping

# Words of SQL that an SQLite older than the version does not know; STRICT tables came with 3.37.
NEWER = {
    "3.38": r"->|\bunixepoch\b|\bformat\s*\(|'auto'",
    "3.39": r"\b(?:right|full)\s+(?:outer\s+)?join\b|\bis\s+(?:not\s+)?distinct\s+from\b",
    "3.41": r"\bunhex\s*\(",
    "3.43": r"\boctet_length\s*\(|\btimediff\s*\(|\bcontentless_delete\b",
    "3.44": r"\bconcat(?:_ws)?\s*\(|\bstring_agg\s*\(|\bgroup_concat\s*\([^()]*\border\s+by\b",
    "3.45": r"\bjsonb\w*\s*\(",
    "3.46": r"\d_\d|\bstrftime\s*\(\s*'[^']*%[GgVU]",
    "3.47": r"\bpercentile\w*\s*\(|\bmedian\s*\(|\btokendata\b|\blocale\s*=",
    "3.48": r"\bif\s*\(",
}
# What needs more than the library itself has when nothing is compiled in or loaded.
EXTENSIONS = r"\bregexp\b|\bload_extension\b|\bjson_\w+\s*\(|\bgenerate_series\b|\busing\s+(?!fts5)\w+\s*\("


def without_texts(sql: str) -> str:
    return re.sub(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*", "''", sql)


def find_needs(statements: Mapping[str, str]) -> Iterator[str]:
    """What each statement, by its name, needs beyond the SQLite that first had STRICT tables."""
    for name, sql in statements.items():
        for version, words in (*NEWER.items(), ("an extension", EXTENSIONS)):
            if re.search(words, without_texts(sql).lower()):
                yield f"{name} needs {version}"
