"""Prints what PyLD makes of Web Annotations, and the terms that it drops: `expand_annotations.py FILE [CONTEXT]`.

Without a copy of the context of Web Annotations, only the terms are known that are written here, from its
vocabulary.
"""

import json
import sys
from pathlib import Path

from pyld import jsonld

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
PREFIXES = {
    "as": "http://www.w3.org/ns/activitystreams#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "dctypes": "http://purl.org/dc/dcmitype/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "oa": "http://www.w3.org/ns/oa#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
CLASSES = {
    "oa": "Annotation FragmentSelector SpecificResource TextPositionSelector TextQuoteSelector",
    "dctypes": "Text",
    "foaf": "Organization Person",
}
LINKS = {
    "oa": {"body": "hasBody", "selector": "hasSelector", "source": "hasSource", "target": "hasTarget"},
    "as": {"first": "first", "partOf": "partOf"},
    "dcterms": {"creator": "creator", "rights": "rights"},
}
TEXTS = {
    "oa": "exact prefix suffix",
    "dc": "format language",
    "foaf": "name",
    "rdf": "value",
    "rdfs": "label",
}
NUMBERS = {"oa": ("start", "end"), "as": ("startIndex",)}
OWN = {
    **PREFIXES,
    **{name: f"{prefix}:{name}" for prefix, names in CLASSES.items() for name in names.split()},
    **{name: f"{prefix}:{name}" for prefix, names in TEXTS.items() for name in names.split()},
    **{
        term: {"@id": f"{prefix}:{name}", "@type": "@id"}
        for prefix, names in LINKS.items()
        for term, name in names.items()
    },
    **{
        name: {"@id": f"{prefix}:{name}", "@type": "xsd:nonNegativeInteger"}
        for prefix, names in NUMBERS.items()
        for name in names
    },
    "id": "@id",
    "type": "@type",
    "AnnotationCollection": "as:OrderedCollection",
    "AnnotationPage": "as:OrderedCollectionPage",
    "items": {"@id": "as:items", "@type": "@id", "@container": "@list"},
    "total": {"@id": "as:totalItems", "@type": "xsd:nonNegativeInteger"},
    "created": {"@id": "dcterms:created", "@type": "xsd:dateTime"},
    "motivation": {"@id": "oa:motivatedBy", "@type": "@vocab"},
    "linking": "oa:linking",
}

file, *copies = map(Path, sys.argv[1:])
known = json.loads(copies[0].read_text(encoding="utf-8")) if copies else {"@context": OWN}


def load(url: str, _: object) -> dict[str, object]:
    """The context, and nothing from the web."""
    assert url == CONTEXT, url
    return {"contextUrl": None, "documentUrl": url, "document": known, "contentType": "application/ld+json"}


dropped: list[str] = []
document = json.loads(file.read_text(encoding="utf-8"))
expanded = jsonld.expand(document, {"documentLoader": load}, on_property_dropped=dropped.append)
json.dump({"dropped": dropped, "expanded": expanded}, sys.stdout)
