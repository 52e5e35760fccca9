"""What strangers may send to a public site: each with the status that it deserves, and nobody is worse off for it."""

import json
from urllib.parse import quote

DATABASE = "/ketamine_pain"
FLAT = f"{DATABASE}/claims_flat"


def ask(path: str, *arguments: str) -> str:
    """An address with arguments, given as `name=value`."""
    pairs = (argument.partition("=") for argument in arguments)
    return path + "?" + "&".join(f"{quote(name)}={quote(value)}" for name, _, value in pairs)


def through(table: str, column: str) -> str:
    return "_through=" + json.dumps({"table": table, "column": column, "value": "1"})


# By status. What cannot do harm is answered; what asks for too much, or for what is not there, is told so.
ADDRESSES: dict[int, dict[str, str]] = {
    403: {
        "sql": ask(DATABASE, "sql=select 1"),
        "sql as json": ask(f"{DATABASE}.json", "sql=select printf('%.*c', 900000000, 'x')"),
        "sql as csv": ask(f"{DATABASE}.csv", "sql=select zeroblob(1000000000)"),
        "sql as parquet": ask(f"{DATABASE}.parquet", "sql=select randomblob(1000000000)"),
        "a condition in sql": ask(FLAT, "_where=1=1"),
        "a condition that never ends": ask(
            FLAT, "_where=1 in (with recursive c(n) as (select 1 union all select n from c) select n from c)"
        ),
        "Datasette's own database": "/_internal",
    },
    400: {
        "a sort order that is sql": ask(FLAT, "_sort=random()"),
        "two sort orders": ask(FLAT, "_sort=quote", "_sort_desc=quote"),
        "a facet of an expression": ask(FLAT, "_facet=upper(quote)"),
        "a facet as sql": ask(FLAT, '_facet={"column": "quote) from claims --"}'),
        "too many facets": ask(FLAT, *["_facet=quote"] * 11),
        "a facet of another kind": ask(FLAT, "_facet_x=quote"),
        "a facet of lists that are none": ask(FLAT, "_facet_array=quote"),
        "a link that is none": ask(FLAT, "_facet_linked=quote"),
        "through what is no json": ask(FLAT, "_through=[[[["),
        "through deep json": ask(FLAT, f"_through={'[' * 400}"),
        "through nothing": ask(FLAT, "_through={}"),
        "through a list": ask(FLAT, "_through=[1]"),
        "through the schema": ask(f"{DATABASE}/claims", through("sqlite_master", "name")),
        "through a column that is sql": ask(
            f"{DATABASE}/claims", through("claim_conditions", 'x"] or 1=1 --')
        ),
        "raw words for the index": ask(FLAT, "_searchmode=raw", "_search=NEAR(a b, 999999)"),
        "another index": ask(FLAT, "_fts_table=passages", "_search=a"),
        "another key": ask(FLAT, "_fts_pk=1 or 1", "_search=a"),
        "a column that is not indexed": ask(FLAT, "_search_nothing=a"),
        "a misspelt search": ask(FLAT, "_searchx=a"),
        "unclosed quotes": ask(FLAT, '_search="""'),
        "words with an end in them": FLAT + "?_search=a%00b",
        "a long pattern": ask(FLAT, f"quote__like={'%a' * 160}"),
        "a list that is none": ask(FLAT, "quote__arraycontains=x"),
        "a comparison that is none": ask(FLAT, "quote__sql=1"),
        "a column that is sql": ask(FLAT, "quote) or 1=1 --=x"),
        "a link in the wrong place": ask(FLAT, "condition_id=wandering-pain"),
        "a size beyond all": ask(FLAT, f"_size={'9' * 20}"),
        "a size beyond a page": ask(FLAT, "_size=500"),
        "the largest page": ask(FLAT, "_size=max"),
        "a size below nothing": ask(FLAT, "_size=-1"),
        "a size in another script": f"{FLAT}?_size=%C2%B2",
        "a time that is none": ask(FLAT, "_timelimit=abc"),
        "a copy's age that is none": f"{FLAT}?_ttl=%C2%B2",
        "a shape that is none": ask(f"{FLAT}.json", "_shape=circle"),
        "columns that are none": ask(FLAT, "_col=sql"),
        "no key": ask(FLAT, "_nocol=claim_id"),
        "a place beyond all": ask(f"{DATABASE}/disagreements", f"_next={'9' * 30}"),
        "a place that is none": ask(f"{DATABASE}/disagreements", "_next=abc"),
        "too many arguments": "/?" + "a=1&" * 100,
        "a piece of nothing": ask(f"{DATABASE}/search.blob", "_blob_column=quote", "_blob_hash=x"),
        "keys too many": f"{DATABASE}/claim_conditions/a,b",
        "a backslash": "/\\example.org/",
        "a backslash behind": "/ketamine_pain\\..\\..",
    },
    404: {
        "a table that is sql": f"{DATABASE}/{quote('claims; drop table claims')}",
        "a table in brackets": f"{DATABASE}/{quote('claims] where 1=1 --')}",
        "the schema": f"{DATABASE}/sqlite_master",
        "where the file lies": f"{DATABASE}/pragma_database_list",
        "a table of a function": f"{DATABASE}/json_each",
        "pages of the file": f"{DATABASE}/dbstat",
        "memory": "/_memory",
        "another database": "/other.db",
        "our own code": "/static/../../plugin.py",
        "our own code, hidden": "/static/%2e%2e/%2e%2e/plugin.py",
        "our own code, well hidden": "/static/..%2f..%2fplugin.py",
        "the code of Datasette": "/-/static/../app.py",
        "a file of the machine": "/static//etc/passwd",
        "a name no file can have": "/static/" + "a" * 1000,
        "a name with an end in it": "/static/a%00b",
        "beside the build": "/files/../datapackage.json",
        "beside the build, hidden": "/files/%2e%2e/%2e%2e/datapackage.json",
        "a lock": "/files/.build.lock",
        "a file elsewhere": "/files//etc/passwd",
        "a parquet file elsewhere": "/..%2f..%2fetc%2fpasswd.parquet",
        "a text elsewhere": "/method/..%2f..%2fREADME",
        "a citation elsewhere": "/cite/..%2f..%2fx.json",
        "a map of nothing": "/map/" + "a" * 500,
        "a key with an end in it": f"{DATABASE}/claims/a~00b",
        "where files lie": "/-/databases",
        "where files lie, as json": "/-/databases.json",
        "what runs here": "/-/versions.json",
        "threads": "/-/threads.json",
        "a way in": "/-/auth-token?token=" + "a" * 64,
        "rights": "/-/permissions",
        "a database in a format of pages": f"{DATABASE}.html",
        "a database in a format that nobody writes": f"{DATABASE}.bib",
        "a table in a format that nobody writes": f"{FLAT}.svg",
        "a plug-in's files": "/-/static-plugins/packpress/../plugin.py",
    },
    414: {
        "a long path": "/" + "a" * 3000,
        "a long argument": "/?" + "a" * 3000,
        "a list of everything": ask(FLAT, f"claim_id__in={json.dumps(list(range(500)))}"),
        "a long search": ask(f"{DATABASE}/search", f"q={'ketamine ' * 300}"),
    },
    200: {
        # Of few rows; what more of them cost is bounded by the cost of a page, which packpress tests.
        "ten facets of the largest size": ask(
            f"{DATABASE}/passages",
            *(f"_facet={name}" for name in ("passage_id", "section", "kind", "text", "reason")),
            *(f"_facet_date={name}" for name in ("passage_id", "section", "kind", "text", "reason")),
            "_facet_size=max",
        ),
        "a pattern that goes back": ask(FLAT, f"quote__like={'%a' * 140}b"),
        "a pattern with classes": ask(FLAT, f"quote__glob={'*[^b]' * 40}"),
        "all filters at once": ask(f"{DATABASE}/passages", *["text__contains=%e%e%e%e%e"] * 38),
        "all facets at once": ask(
            FLAT, *(f"_facet={name}" for name in ("quote", "statement", "note", "focus"))
        ),
        "the largest facet": ask(FLAT, "_facet=quote", "_facet_size=max"),
        "all links at once": ask(
            FLAT, *(f"_facet_linked={name}_id" for name in ("condition", "concept", "reference"))
        ),
        "all ties at once": ask(FLAT, *(f"_condition_id=x{number}" for number in range(38))),
        "beginnings": ask(FLAT, f"_search={' OR '.join(['a*'] * 100)}"),
        "a column of the index": ask(FLAT, "_search_quote=a* OR b*"),
        "words in brackets": ask(f"{DATABASE}/search", f"q={'(' * 300}"),
        "words in quotes": ask(f"{DATABASE}/search", 'q=""""""""""""""""""" OR "'),
        "words beyond letters": ask(f"{DATABASE}/search", f"q={'🦊' * 60}"),
        "a kind that is none": f"{DATABASE}/search?q=pain&kind=%00",
        "a question about sql": ask(f"{DATABASE}/support_for_condition", "condition_id=' or 1=1 --"),
        "sql of a visitor, not asked for": ask(f"{DATABASE}/hedged_claims", "sql=select 1"),
        "a relation that is sql": ask("/disagreements", "relation=x' or 1=1 --"),
        "a page beyond all": ask("/disagreements", f"page={'9' * 30}"),
        "a place in a text beyond all": ask("/sources/guidance", f"at=p{'9' * 400}"),
        "a stance that is a script": ask("/sources/guidance", "stance=<script>alert(1)</script>"),
        "a next page of nothing": ask(FLAT, f"_next={'~7E' * 300}"),
        "debugging": ask(FLAT, "_trace=1", "_context=1"),
        "debugging a file": ask(f"{FLAT}.csv", "_trace=1"),
        "everything as json": ask(f"{FLAT}.json", "_size=max"),
        "everything as csv": ask(f"{FLAT}.csv", "_stream=on", "_size=max"),
        "everything as parquet": f"{FLAT}.parquet",
        "a cell": ask(f"{DATABASE}/claims/guidance-c001.blob", "_blob_column=quote"),
    },
}
CASES = [(status, name, path) for status, paths in ADDRESSES.items() for name, path in paths.items()]
