"""The README of the zip: what the package is, its licence, its tables and how to load them."""

from collections.abc import Iterable

from scripts.lib.descriptor import Package
from scripts.lib.publish.content import Content

EDITIONS = {
    "full": "This edition carries every word that the tables hold, and the documents.",
    "quotes": "This edition leaves out the running text of the documents; the quotes are there.",
    "none": "This edition leaves out every field that holds a source's own words.",
}
LOADING = """\
## Loading

`datapackage.json` declares types, keys and meanings. `frictionless validate datapackage.json` checks
the package against it. In Python, for example:

    import pandas
    pandas.read_csv("{path}", dtype="string", keep_default_na=False, na_values=[""])
"""


def write_readme(package: Package, contents: Iterable[Content]) -> str:
    """The text in Markdown, all of it from the descriptor; who read and what it is not for stands there."""
    raw = package.raw
    lines = [f"# {raw.get('title') or package.name}", "", f"Version {package.version}.", ""]
    lines += [raw["description"], ""] if raw.get("description") else []
    if edition := describe_edition(package):
        lines += [edition, ""]
    if licences := describe_licences(package):
        lines += [f"Licence: {licences}", ""]
    lines += ["## Tables", ""]
    for content in contents:
        name, title = content.resource.name, content.resource.title
        lines.append(f"- `data/{name}.csv`: {title}, {len(content):,} rows")
    return "\n".join(lines) + "\n\n" + LOADING.format(path=f"data/{package.resources[0].name}.csv")


def describe_edition(package: Package) -> str:
    """How many of the sources' own words there are; nothing for a package that has none in any edition."""
    if not any(field.verbatim for resource in package.by_name.values() for field in resource.fields):
        return ""
    return f"{EDITIONS[package.raw['edition']]} No licence of ours covers a source's own words."


def describe_licences(package: Package) -> str:
    """The licences of the package in one line; nothing when it declares none."""
    licences = [
        f"{item.get('title') or item.get('name') or ''} {item.get('path', '')}".strip()
        for item in package.raw.get("licenses") or ()
    ]
    terms = "Files and rows that name their own terms have those."
    return f"{'; '.join(licences)}. {terms}" if licences else ""
