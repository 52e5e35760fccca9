"""Prints the triples that sssom and sssom-pydantic read of an SSSOM file: `read_mappings.py FILE`."""

import json
import sys

import sssom_pydantic
from sssom.parsers import parse_sssom_table

TRIPLE = ("subject_id", "predicate_id", "object_id")
file = sys.argv[1]
table = parse_sssom_table(file).df
mappings = sssom_pydantic.read(file).mappings
found = {
    "sssom": table[[*TRIPLE]].to_numpy().tolist(),
    "sssom_pydantic": [
        [reference.curie for reference in (mapping.subject, mapping.predicate, mapping.object)]
        for mapping in mappings
    ],
    "rights": [mapping.extensions["rights"].value if mapping.extensions else "" for mapping in mappings],
}
json.dump(found, sys.stdout)
