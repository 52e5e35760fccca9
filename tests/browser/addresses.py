"""The pages that are opened in a browser: at least one of every kind, by what it is; and what is no page."""

DATABASE = "/ketamine_pain"
PAGES = {
    "home": "/",
    "documents": "/sources",
    "reader": "/sources/fpm-ketamine",
    "reader of a record": "/sources/pmid-34746491",
    "reader with a filter": "/sources/clinic-ketamine?stance=against",
    "map of conditions": "/map",
    "map of adverse effects": "/map/adverse-effects",
    "map of routes": "/map/routes",
    "charts": "/charts",
    "disagreements": "/disagreements",
    "contradictions": "/disagreements?relation=contradicts",
    "method": "/method",
    "protocol": "/method/curation",
    "using the data": "/method/using-the-data",
    "dictionary": "/dictionary",
    "downloads": "/downloads",
    "database": DATABASE,
    "database with link tables": f"{DATABASE}?_show_hidden=1",
    "claims": f"{DATABASE}/claims_flat",
    "claims of a condition": f"{DATABASE}/claims_flat?_condition_id=complex-regional-pain-syndrome",
    "claims with a filter": f"{DATABASE}/claims_flat?certainty=hedged&_facet=voice&_search=pain",
    "all columns": f"{DATABASE}/claims_flat?_all=1&_size=5",
    "no claim": f"{DATABASE}/claims_flat?claim_type=nothing",
    "claim": f"{DATABASE}/claims/fpm-ketamine-c037",
    "claim that is narrowed": f"{DATABASE}/claims/article-ketamine-c048",
    "claim that cites": f"{DATABASE}/claims/fpm-ketamine-c013",
    "condition": f"{DATABASE}/conditions/complex-regional-pain-syndrome",
    "condition of one source": f"{DATABASE}/conditions/phantom-limb-pain",
    "route": f"{DATABASE}/routes/intravenous",
    "adverse effect": f"{DATABASE}/adverse_effects/bladder-inflammation",
    "concept": f"{DATABASE}/concepts/opioid-receptor",
    "reference": f"{DATABASE}/references/fpm-ketamine-r06",
    "reference to a record": f"{DATABASE}/references/pmid-34746491-record",
    "passage": f"{DATABASE}/passages/fpm-ketamine-p005",
    "mapping": f"{DATABASE}/mappings",
    "conditions by source": f"{DATABASE}/condition_evidence",
    "question": f"{DATABASE}/support_for_condition",
    "search": f"{DATABASE}/search?q=fibromyalgia",
    "search for nonsense": f"{DATABASE}/search?q=xyzzy%22-",
    "search for nothing": f"{DATABASE}/search",
    "SQL": f"{DATABASE}?sql=select+stance,+quote+from+claims_flat+limit+9",
    "settings": "/-/settings",
    "nowhere": "/nowhere",
}
# Long pages of a kind that a shorter one stands for where every element costs time.
LONG = {"reader", "disagreements", "claims", "database with link tables"}
# Pictures that a browser shows by themselves.
PICTURES = ["/map.svg", "/map/routes.svg", "/charts/claims-by-type.svg", "/charts/reference-years.svg"]
# Files, which a browser saves or shows as they are.
FILES = [
    "/cite/fpm-ketamine-c001.bib",
    "/ketamine_pain/claims.parquet",
    "/-/datapackage.json",
    "/-/LICENSE-DATA.md",
    "/sitemap.xml",
    "/robots.txt",
    "/-/patterns",
]
