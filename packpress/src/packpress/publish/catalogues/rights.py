"""Rights in what is exported of a table: the licence that has an address, and all terms in words."""

from packpress.package.descriptor import Package
from packpress.package.licences import read_licences, read_terms
from packpress.package.resource import Resource


def find_licence(package: Package, resource: Resource) -> str:
    """The address of the licence of a table, or the empty string.

    A table with licences of its own has only those; the licence of the package says nothing of it.
    """
    licences = read_licences(resource.licenses or package.licenses)
    return next((licence.address for licence in licences if licence.address), "")


def describe_rights(package: Package, resource: Resource) -> str:
    """The licences of a table, and apart from them the terms of words copied from sources.

    >>> from packpress import read_package
    >>> package = read_package("fleet").replaced(licenses=[{"name": "CC0-1.0"}])
    >>> describe_rights(package, package.by_name["boats"])
    'Licence: CC0-1.0.'
    """
    licences = "; ".join(map(str, read_licences(resource.licenses or package.licenses)))
    terms = "; ".join(map(str, read_terms(package)))
    said = (
        f"Licence: {licences}." if licences else "",
        f"Words copied from sources: {terms}." if terms else "",
    )
    return " ".join(filter(None, said))
