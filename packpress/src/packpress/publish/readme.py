"""READMEs: of the zip, what the package is and how to load it; of a release, which file is for whom."""

from collections.abc import Iterable

from packpress.package.descriptor import Package
from packpress.package.dictionary import FIELDS
from packpress.publish.content import Content

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
FILES = """\
## Which file

None of the first six needs a program of ours.

- `{name}.xlsx`: a workbook for Excel, LibreOffice and others. A sheet for each table; what the package is
  stands on the first, what each column and each value means on the last ones.
- `csv/`: a file for each table, UTF-8 with commas. In Excel take Data, From Text/CSV, and Text as the type
  of each column, so that nothing is made a date.
- `{database}.db`: all tables with their keys, views and search in one SQLite database, for DB Browser for
  SQLite, DBeaver or the `sqlite3` shell. What each column means stands in its table `{dictionary}`.
- `parquet/`: a typed file for each table, for R, Julia, DuckDB, Spark and pandas.
- `{name}-{version}.zip`: a Data Package, that is the CSV with a descriptor of types, keys and meanings.
- `checks.sql`: every key and constraint as a query that finds the rows which break it.
- `NOTES.md`: what is new.
- `site.json`: what `packpress serve` shows of the package beside its rows.
- `SHA256SUMS`: shows whether all of it arrived whole: `sha256sum -c SHA256SUMS`; on a Mac
  `shasum -a 256 -c SHA256SUMS`; on Windows `certutil -hashfile FILE SHA256`, to be compared by eye.
- `LOGICAL_SHA256`: a hash of the rows of each table, whatever the format.
"""


def write_readme(package: Package, contents: Iterable[Content]) -> str:
    """The text in Markdown, all of it from the descriptor; who read and what it is not for stands there."""
    lines = [*_introduce(package), "## Tables", ""]
    for content in contents:
        name, title = content.resource.name, content.resource.title
        lines.append(f"- `data/{name}.csv`: {title}, {len(content):,} rows")
    return "\n".join(lines) + "\n\n" + LOADING.format(path=f"data/{package.resources[0].name}.csv")


def write_guide(package: Package) -> str:
    """The text in Markdown for whoever has the folder of a build and wonders which file to open."""
    files = FILES.format(
        name=package.name,
        database=package.database_name,
        version=package.version,
        dictionary=FIELDS.name,
    )
    return "\n".join([*_introduce(package), files])


def _introduce(package: Package) -> list[str]:
    lines = [f"# {package.title}", "", f"Version {package.version}.", ""]
    lines += [package.description, ""] if package.description else []
    if edition := describe_edition(package):
        lines += [edition, ""]
    if licences := describe_licences(package):
        lines += [f"Licence: {licences}", ""]
    return lines


def describe_edition(package: Package) -> str:
    """How many of the sources' own words there are; nothing for a package that has none in any edition."""
    if not any(field.verbatim for resource in package.by_name.values() for field in resource.fields):
        return ""
    return f"{EDITIONS[package.edition]} No licence of ours covers a source's own words."


def describe_licences(package: Package) -> str:
    """The licences of the package in one line; nothing when it declares none."""
    licences = [
        f"{item.get('title') or item.get('name') or ''} {item.get('path', '')}".strip()
        for item in package.licenses
    ]
    terms = "Files and rows that name their own terms have those."
    return f"{'; '.join(licences)}. {terms}" if licences else ""
