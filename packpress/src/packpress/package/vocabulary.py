"""The property names that a descriptor may use: the standard's (v1 and v2) and our extensions."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PACKAGE_KEYS = (
    _words("""
    $schema profile name id title description homepage version created keywords image contributors
    licenses sources resources
""")
    | _words("license readme url datapackage_version")
    | _words("validation derived edition repository publishing")
)  # ours

RESOURCE_KEYS = _words("""
    $schema profile name type path data title description format mediatype encoding bytes hash sources
    licenses schema dialect homepage compression url
""") | _words("minimumRows publishing rowCount")  # ours

# The standard knows tables; the others are of frictionless.
RESOURCE_TYPES = _words("""
    table file text json image article chart document map view catalog checklist detector dialect inquiry
    jsonschema package pipeline report resource schema
""")

SCHEMA_KEYS = _words("""
    $schema profile name title description homepage version created keywords image contributors licenses
    sources fields fieldsMatch primaryKey uniqueKeys foreignKeys missingValues
""")

FIELD_KEYS = _words("""
    name type format title description example examples constraints rdfType missingValues categories
    categoriesOrdered itemType bareNumber groupChar decimalChar trueValues falseValues delimiter arrayItem
""") | _words("enumDescriptions verbatim printed emptyCountsAs")  # ours

CONSTRAINT_KEYS = _words("""
    required unique enum pattern minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum
    jsonSchema
""")

TYPES = _words("""
    string number integer boolean date time datetime year yearmonth duration geopoint geojson object array
    list any
""")

# The dialects of both versions. What is for spreadsheets, databases and JSON says nothing of text.
DIALECT_KEYS = _words("""
    $schema name type title description header headerRows headerJoin commentRows commentChar delimiter
    lineTerminator quoteChar doubleQuote escapeChar nullSequence skipInitialSpace csvddfVersion
    caseSensitiveHeader property itemType itemKeys sheetNumber sheetName table
""") | _words("headerCase")  # of frictionless

FOREIGN_KEY_KEYS = _words("fields reference")
REFERENCE_KEYS = _words("resource fields") | _words("package datapackage")  # refused
LICENCE_KEYS = _words("name path title")
SOURCE_KEYS = _words("title path email version")
CONTRIBUTOR_KEYS = _words("title givenName familyName path email roles role organization")

MOMENTS = _words("date time datetime")
# Formats of the types that have such; those of moments may also be patterns. wkt is of frictionless.
FORMATS = {
    "string": ("default", "email", "uri", "binary", "uuid", "wkt"),
    "geopoint": ("default", "array", "object"),
    "geojson": ("default", "topojson"),
}
ITEM_TYPES = ("string", "integer", "boolean", "number", "datetime", "date", "time")

# What our groups of extensions may hold: publishing of the package, of a table, and validation.
PACKAGE_PUBLISHING_KEYS = _words("texts")
PUBLISHING_KEYS = _words("label facets linkedFacets facetSize size search sort hidden")
VALIDATION_KEYS = _words("rules lint otherFiles register")
