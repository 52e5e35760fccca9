"""DataCite 4.5: what a repository asks when a data set is deposited, as JSON. No identifier is invented."""

import json
from collections.abc import Collection

from packpress.package.contributors import Contributor, list_creators, list_publishers, read_contributors
from packpress.package.descriptor import Package
from packpress.package.licences import Licence, read_licences, read_terms
from packpress.publish.catalogues.schema_org import Json, without_empty
from packpress.tables.values import Content

DATACITE = "datacite.json"
SCHEMA = "http://datacite.org/schema/kernel-4"
SPDX = {"rightsIdentifierScheme": "SPDX", "schemeUri": "https://spdx.org/licenses/"}
# What DataCite calls the roles of those who neither created nor publish the package.
ROLES = {
    "contact": "ContactPerson",
    "editor": "Editor",
    "funder": "Sponsor",
    "maintainer": "DataManager",
    "wrangler": "DataCurator",
}
# The media types of what a build has, by format.
MEDIA_TYPES = {
    "sqlite": "application/vnd.sqlite3",
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}


def list_undeposited(package: Package) -> list[str]:
    """What the descriptor lacks of what DataCite requires, in words."""
    required = {
        "a creator (contributors)": list_creators(package.contributors),
        "a publisher (contributors)": list_publishers(package.contributors),
        "a date (created)": package.created,
    }
    return [words for words, value in required.items() if not value]


def render_datacite(package: Package, contents: Collection[Content], formats: Collection[str]) -> str:
    """The text of `datacite.json` for a package that has all that DataCite requires."""
    publisher = list_publishers(package.contributors)[0]
    described = without_empty(
        {
            "schemaVersion": SCHEMA,
            "doi": package.doi,
            "url": package.homepage,
            "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Data package"},
            "creators": [_describe_person(person) for person in list_creators(package.contributors)],
            "titles": [{"title": package.title}],
            "publisher": {"name": publisher.name},
            "publicationYear": package.created[:4],
            "dates": [{"date": package.created[:10], "dateType": "Issued"}],
            "version": package.declared_version,
            "language": package.languages[0] if package.languages else "",
            "subjects": [{"subject": word} for word in dict.fromkeys(package.keywords)],
            "contributors": _list_others(package),
            "alternateIdentifiers": _list_identifiers(package),
            "relatedIdentifiers": [
                {"relatedIdentifier": path, "relatedIdentifierType": "URL", "relationType": "IsDerivedFrom"}
                for source in package.sources
                if "://" in (path := str(source.get("path") or ""))
            ],
            "relatedItems": [
                {
                    "titles": [{"title": source["title"]}],
                    "relatedItemType": "Other",
                    "relationType": "IsDerivedFrom",
                }
                for source in package.sources
                if source.get("title")
            ],
            "descriptions": _list_descriptions(package),
            "rightsList": _list_rights(package),
            "sizes": [f"{len(contents):,} tables", f"{sum(map(len, contents)):,} rows"],
            "formats": [kind for name, kind in MEDIA_TYPES.items() if name in formats],
        }
    )
    return json.dumps(described, ensure_ascii=False, indent=2) + "\n"


def _describe_person(person: Contributor) -> Json:
    return without_empty(
        {
            "name": f"{person.family_name}, {person.given_name}".strip(", ")
            if person.has_personal_name
            else person.name,
            "nameType": "Personal" if person.is_person else "",
            "givenName": person.given_name,
            "familyName": person.family_name,
            "affiliation": [{"name": person.organization}] if person.organization else [],
            "nameIdentifiers": [_describe_orcid(person.orcid)] if person.orcid else [],
        }
    )


def _describe_orcid(address: str) -> Json:
    return {"nameIdentifier": address, "nameIdentifierScheme": "ORCID", "schemeUri": "https://orcid.org"}


def _list_others(package: Package) -> list[Json]:
    """Those who neither created nor publish the package, each in its first role."""
    named = (*list_creators(package.contributors), *list_publishers(package.contributors))
    return [
        _describe_person(person)
        | {"contributorType": next((ROLES[role] for role in person.roles if role in ROLES), "Other")}
        for person in read_contributors(package.contributors)
        if person not in named
    ]


def _list_identifiers(package: Package) -> list[Json]:
    if not package.id or package.doi:
        return []
    return [{"alternateIdentifier": package.id, "alternateIdentifierType": "Data Package id"}]


def _list_descriptions(package: Package) -> list[Json]:
    """The abstract and the methods, as far as the descriptor has them."""
    told = package.responsible_ai
    methods = [
        text if isinstance(text, str) else " ".join(text)
        for name in ("dataCollection", "dataAnnotationProtocol", "dataAnnotationAnalysis")
        if (text := told.get(name))
    ]
    abstract = " ".join(filter(None, (package.description, package.describe_set_aside())))
    texts = {"Abstract": abstract, "Methods": " ".join(methods)}
    return [{"description": text, "descriptionType": kind} for kind, text in texts.items() if text]


def _list_rights(package: Package) -> list[Json]:
    """The licences, then the terms of what they do not cover."""
    return [_describe_licence(item) for item in (*read_licences(package.licenses), *read_terms(package))]


def _describe_licence(licence: Licence) -> Json:
    identified = {"rightsIdentifier": licence.spdx.lower(), **SPDX} if licence.spdx else {}
    # A path below the descriptor is no address, but tells whoever has the package where to read on.
    words = licence.title if licence.address else str(licence)
    return without_empty({"rights": words, "rightsUri": licence.address, **identified})
