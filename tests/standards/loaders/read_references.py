"""Prints what bibtexparser, rispy and citeproc-py read of a bibliography: `read_references.py STEM`."""

import json
import sys
from pathlib import Path

import bibtexparser
import rispy
from bibtexparser.middlewares import LatexDecodingMiddleware, SeparateCoAuthors, SplitNameParts
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from pylatexenc.latex2text import LatexNodes2Text


def read_bibtex(file: Path) -> list[dict[str, object]]:
    """The entries with their TeX decoded, and their names divided."""
    decoding = [SeparateCoAuthors(), SplitNameParts(), LatexDecodingMiddleware()]
    library = bibtexparser.parse_string(file.read_text(encoding="utf-8"), append_middleware=decoding)
    assert not library.failed_blocks, library.failed_blocks
    entries = ({name: field.value for name, field in entry.fields_dict.items()} for entry in library.entries)
    # The middleware leaves a name in braces as it is.
    decode = LatexNodes2Text().latex_to_text
    return [
        fields | {"author": [decode(name.merge_last_name_first) for name in fields.get("author", [])]}
        for fields in entries
    ]


def render(items: list[dict[str, str]]) -> list[str]:
    """Each work as a style prints it in a list of references."""
    source, style = CiteProcJSON(items), CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = CitationStylesBibliography(style, source, formatter.plain)
    for item in items:
        bibliography.register(Citation([CitationItem(item["id"])]))
    return [str(entry) for entry in bibliography.bibliography()]


stem = sys.argv[1]
items = json.loads(Path(f"{stem}.csl.json").read_text(encoding="utf-8"))
found = {
    "bibtex": read_bibtex(Path(f"{stem}.bib")),
    "ris": rispy.loads(Path(f"{stem}.ris").read_text(encoding="utf-8")),
    "rendered": render(items),
}
json.dump(found, sys.stdout)
