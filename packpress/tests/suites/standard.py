"""The properties that the standard's own profiles know, by version and by kind of object.

From https://github.com/frictionlessdata/datapackage at 6a201af8, `datapackage.json` of profiles 1.0 and 2.0.
"""

OF_BOTH = {
    "package": "name id title description homepage created contributors keywords image licenses sources resources",
    "contributor": "title path email organization",
    "license": "name path title",
    "source": "title path email",
    "resource": (
        "name path data title description homepage format mediatype encoding bytes hash licenses sources schema"
        " dialect"
    ),
    "schema": "fields primaryKey foreignKeys missingValues",
    "field": (
        "name title description example type format constraints rdfType bareNumber decimalChar groupChar"
        " trueValues falseValues"
    ),
    "constraints": "required unique enum pattern minLength maxLength minimum maximum",
    "foreignKey": "fields reference",
    "reference": "resource fields",
    "dialect": (
        "header commentChar delimiter lineTerminator quoteChar doubleQuote escapeChar nullSequence"
        " skipInitialSpace"
    ),
}
MORE = {
    "1.0": {
        "package": "profile",
        "contributor": "role",
        "resource": "profile",
        "dialect": "caseSensitiveHeader csvddfVersion",
    },
    "2.0": {
        "package": "$schema version",
        "contributor": "givenName familyName roles",
        "source": "version",
        "resource": "$schema type",
        "schema": "$schema fieldsMatch uniqueKeys",
        "field": "missingValues categories categoriesOrdered",
        "constraints": "exclusiveMinimum exclusiveMaximum jsonSchema",
        "dialect": (
            "$schema headerRows headerJoin commentRows property itemType itemKeys sheetNumber sheetName table"
        ),
    },
}
PROPERTIES = {
    version: {kind: f"{names} {more.get(kind, '')}".strip() for kind, names in OF_BOTH.items()}
    for version, more in MORE.items()
}
# Where the objects of a kind stand, in both schemas of a package.
KINDS = {
    "contributors": "contributor",
    "licenses": "license",
    "sources": "source",
    "resources": "resource",
    "schema": "schema",
    "fields": "field",
    "constraints": "constraints",
    "foreignKeys": "foreignKey",
    "reference": "reference",
    "dialect": "dialect",
}


def list_properties(schema, kind="package"):
    """The properties that a JSON Schema of a package has, by kind of object."""
    found = {}
    for part in [schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())]:
        properties = part.get("properties", {})
        if kind and properties:
            found.setdefault(kind, set()).update(properties)
        for name, value in properties.items():
            inner = value.get("items", value)
            for other, names in list_properties(inner, KINDS.get(name, "")).items():
                found.setdefault(other, set()).update(names)
    return found
