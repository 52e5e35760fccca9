"""Descriptions in the vocabulary of schema.org, which pages and the catalogue Croissant share."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from packpress.package.contributors import Contributor, list_creators, list_publishers
from packpress.package.descriptor import Package
from packpress.package.licences import Licence, read_licences, read_terms

Json = dict[str, Any]
# Returns the address at which a file of the package is found.
Locate = Callable[[str], str]


def describe_package(package: Package, locate: Locate = str) -> Json:
    """The properties of a schema.org Dataset that the descriptor declares; nothing else is filled in.

    >>> from packpress import read_package
    >>> describe_package(read_package("fleet"))
    {'name': 'A small fleet', 'alternateName': 'fleet', 'version': '1.0.0'}
    """
    return without_empty(
        {
            "name": package.title,
            "alternateName": package.name if package.title != package.name else "",
            "description": package.description,
            "url": package.homepage,
            "identifier": f"https://doi.org/{package.doi}" if package.doi else package.id,
            "version": package.declared_version,
            "datePublished": package.created[:10],
            "keywords": [*package.keywords],
            "inLanguage": [*package.languages],
            "creator": [*map(describe_contributor, list_creators(package.contributors))],
            "publisher": [*map(describe_contributor, list_publishers(package.contributors))],
            "license": describe_licences(package.licenses, locate),
            "usageInfo": describe_terms(package, locate),
            "isBasedOn": [
                {"@type": "CreativeWork"}
                | without_empty({"name": source.get("title"), "url": source.get("path")})
                for source in package.sources
            ],
        }
    )


def describe_contributor(contributor: Contributor) -> Json:
    """A contributor as a Person or an Organization."""
    return without_empty(
        {
            "@type": "Person" if contributor.is_person else "Organization",
            "@id": contributor.orcid,
            "name": contributor.name,
            "givenName": contributor.given_name,
            "familyName": contributor.family_name,
            "affiliation": {"@type": "Organization", "name": contributor.organization}
            if contributor.organization
            else {},
            "url": contributor.address,
        }
    )


def describe_licences(declared: Iterable[Mapping[str, Any]], locate: Locate = str) -> list[str | Json]:
    """The licences, each as its address if it has one on the web.

    >>> describe_licences([{"name": "CC0-1.0", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}])
    ['https://creativecommons.org/publicdomain/zero/1.0/']
    """
    return [licence.address or _describe_terms(licence, locate) for licence in read_licences(declared)]


def describe_terms(package: Package, locate: Locate = str) -> list[Json]:
    """The terms of text copied from sources; empty when the package has no such text."""
    return [_describe_terms(terms, locate) for terms in read_terms(package)]


def _describe_terms(licence: Licence, locate: Locate) -> Json:
    address = licence.address or (locate(licence.path) if licence.path else "")
    return without_empty({"@type": "CreativeWork", "name": licence.title, "url": address})


def state_rights(package: Package) -> str:
    """The licences and what they do not cover, as a text; empty when the descriptor names none.

    >>> from packpress import read_package
    >>> state_rights(read_package("fleet").replaced(licenses=[{"name": "CC0-1.0"}]))
    'CC0-1.0.'
    """
    stated = (*read_licences(package.licenses), *read_terms(package))
    return " ".join(f"{terms}." for terms in stated)


def cite_package(package: Package) -> str:
    """The citation of the package in words; empty when the descriptor names nobody to cite.

    >>> from packpress import read_package
    >>> people = [{"title": "A. Crew"}]
    >>> cite_package(read_package("fleet").replaced(contributors=people, created="2024-05-06T00:00:00Z"))
    'A. Crew (2024). A small fleet. Version 1.0.0.'
    """
    creators = ", ".join(person.name for person in list_creators(package.contributors))
    if not creators:
        return ""
    year = f" ({package.created[:4]})" if package.created else ""
    version = f"Version {package.declared_version}." if package.declared_version else ""
    address = f"https://doi.org/{package.doi}" if package.doi else package.homepage
    return " ".join(filter(None, (f"{creators}{year}.", f"{package.title}.", version, address)))


def without_empty(values: Json) -> Json:
    """The properties that have a value.

    >>> without_empty({"name": "fleet", "keywords": [], "version": ""})
    {'name': 'fleet'}
    """
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}
