"""A package of a harbour's reading room: books on knots, codes for knots, and where a manual names them.

Everything that can go wrong in a bibliography, in mappings or in annotations is in it once.
"""

from pathlib import Path
from typing import Any

from invented.packages import field, table, write_package

MANUAL = (
    "Of knots\n"
    "The bowline holds. A bowline is a loop; “a bowline” is no hitch.\n"
    "Naïve sailors call it ⚓ a knot of 100 % trust.\n"
)
WORKS = """\
work_id,kind,name,year,journal,volume,pages,publisher,doi,article
w1,paper,Knots & bends: 50 % of {all} _ties_ ~ #1,1998,Größe & Güte,12,358-73,,10.1000/a(b)<c>;d,
w2,book,The bowline,,,,,Harbour Press,,
w3,notice,On hitches,2001-03,,,,,,PMC77
w4,paper,Splices again,20001,Ropes,3,e12,,,78
"""
WRITERS = """\
work_id,place,surname,forename,body
w1,1,Nuñez Ångström,Zoë,
w1,2,O'Neill and Sons,B.,
w1,10,,,"Society for Knots, Bends and Hitches"
w1,3,van der Rope,C,
w2,1,Ashley,,
w3,1,,,Harbour & Co
"""
ERRATA = """\
erratum_id,work_id,place,column,right
e1,w4,,year,2000
e2,w1,1,surname,Núñez Ångström
e3,w2,,year,1944
e4,w4,,journal,Ropes & Lines
"""
KNOTS = "knot_id,label,broader\nbowline,Bowline,\nclove hitch,Clove hitch,\nrunning-bowline,Running bowline,bowline\n"
CODES = """\
code_id,knot_id,relation,code,called,how,remark
c1,bowline,skos:exactMatch,ABOK:1010,"The ""king"" of knots",semapv:ManualMappingCuration,a\ttab
c2,clove hitch,skos:closeMatch,ABOK:1178,,semapv:LexicalMatching,CC0 1.0
c3,running-bowline,skos:broadMatch,https://example.org/abok/10#11,,semapv:ManualMappingCuration,
"""
TEXTS = "text_id,file,charset,language,owner,words\nmanual,texts/a manual.txt,utf-8,en,The harbour owns it.,Of knots\n"
SPOTS = """\
table,row,column,text_id,from,to
knots,bowline,label,manual,13,20
knots,clove hitch,label,manual,67,72
texts,manual,words,manual,0,8
"""
BIBLIOGRAPHY: dict[str, Any] = {
    "type": {"field": "kind", "values": {"paper": "article-journal", "book": "book", "notice": "webpage"}},
    "fields": {
        "title": "name",
        "issued": "year",
        "container-title": "journal",
        "volume": "volume",
        "page": "pages",
        "publisher": "publisher",
        "DOI": "doi",
        "PMCID": "article",
    },
    "authors": {
        "resource": "writers",
        "family": "surname",
        "given": "forename",
        "literal": "body",
        "position": "place",
    },
    "corrections": {"resource": "errata", "field": "column", "corrected": "right", "position": "place"},
}
MAPPINGS: dict[str, Any] = {
    "subject": {"row": "knot_id"},
    "fields": {
        "predicate_id": "relation",
        "object_id": "code",
        "object_label": "called",
        "mapping_justification": "how",
        "rights": "remark",
    },
}
ANNOTATIONS: dict[str, Any] = {
    "body": {"table": "table", "row": "row", "field": "column"},
    "target": {
        "row": "text_id",
        "path": "file",
        "encoding": "charset",
        "language": "language",
        "rights": "owner",
    },
    "start": "from",
    "end": "to",
}


def write_reading_room(folder: Path, hints: dict[str, Any] | None = None, **properties: Any) -> Path:
    """The package in a folder; its descriptor. `hints` are those for publishing, by table."""
    hints = {
        "works": {"bibliography": BIBLIOGRAPHY},
        "codes": {"mappings": MAPPINGS},
        "spots": {"annotations": ANNOTATIONS},
        **(hints or {}),
    }
    (folder / "texts").mkdir(parents=True, exist_ok=True)
    (folder / "texts" / "a manual.txt").write_text(MANUAL, encoding="utf-8", newline="")
    tables = [
        table("works", WORKS, [field(name) for name in _names(WORKS)], primaryKey="work_id"),
        table(
            "writers",
            WRITERS,
            [field(name, "integer" if name == "place" else "string") for name in _names(WRITERS)],
            primaryKey=["work_id", "place"],
            foreignKeys=[_key("work_id", "works")],
        ),
        table(
            "errata",
            ERRATA,
            [field(name, "integer" if name == "place" else "string") for name in _names(ERRATA)],
            primaryKey="erratum_id",
            foreignKeys=[_key("work_id", "works")],
        ),
        table(
            "knots",
            KNOTS,
            [field("knot_id"), field("label", verbatim="quote"), field("broader")],
            primaryKey="knot_id",
            publishing={"label": "label"},
        ),
        table(
            "codes",
            CODES,
            [field(name, required=name in _names(CODES)[:4] + ["how"]) for name in _names(CODES)],
            primaryKey="code_id",
            foreignKeys=[_key("knot_id", "knots")],
        ),
        table(
            "texts",
            TEXTS,
            [
                field("text_id"),
                field("file", required=True),
                field("charset"),
                field("language"),
                field("owner"),
                field("words", verbatim="document"),
            ],
            primaryKey="text_id",
        ),
        table(
            "spots",
            SPOTS,
            [
                field(name, "integer" if name in {"from", "to"} else "string", required=True)
                for name in _names(SPOTS)
            ],
            primaryKey=["table", "row", "column"],
            foreignKeys=[_key("text_id", "texts")],
        ),
    ]
    for item in tables:
        item["publishing"] = item.get("publishing", {}) | hints.get(item["name"], {})
    facts = {
        "name": "reading-room",
        "title": "The reading room",
        "created": "2024-05-06T07:08:09Z",
        "contributors": [{"title": "The harbour", "roles": ["creator"]}],
        "licenses": [{"name": "CC0-1.0", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}],
        "prefixes": {"ABOK": "https://example.org/abok/"},
    }
    return write_package(folder, *tables, **facts | properties)


def _names(text: str) -> list[str]:
    return text.split("\n", 1)[0].split(",")


def _key(name: str, target: str) -> dict[str, Any]:
    return {"fields": name, "reference": {"resource": target, "fields": name}}
