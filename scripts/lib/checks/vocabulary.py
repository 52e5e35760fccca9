"""The property names that a descriptor may use: the standard's (v1 and v2) and our extensions."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PACKAGE_KEYS = (
    _words("""
    $schema profile name id title description homepage version created keywords image contributors
    licenses sources resources
""")
    | _words("license readme")
    | _words("validation derived edition repository")
)  # ours

RESOURCE_KEYS = _words("""
    $schema profile name type path data title description format mediatype encoding bytes hash sources
    licenses schema dialect homepage compression
""") | _words("minimumRows publishing rowCount")  # ours

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

# What is known of the dialects of both versions, and what else a dialect may say when it changes nothing.
DIALECT_KEYS = _words("""
    $schema name title description header delimiter lineTerminator quoteChar doubleQuote escapeChar
    skipInitialSpace csvddfVersion caseSensitiveHeader
""")
DIALECT_DEFAULTS = {"headerRows": [1], "headerJoin": " ", "commentRows": []}

# What our two groups of extensions may hold.
PUBLISHING_KEYS = _words("label facets linkedFacets facetSize search sort hidden")
VALIDATION_KEYS = _words("rules lint otherFiles register")
