"""Titles of columns: what pages call them, where files, addresses and tooltips keep their names."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from datasette.app import Datasette

from packpress.web.facts import Row, ask_once, read_rows

TITLES = """
select
  table_name,
  field_name,
  title,
  description,
  type,
  unit
from data_dictionary
"""
# Columns whose values are from a closed list; where a list is of words, a page writes them with blanks.
CLOSED = "select distinct table_name, field_name from data_dictionary_values"
LABELLED = """
select
  table_name,
  field_name,
  value,
  label
from data_dictionary_values
where label is not null and label <> value
"""
WORDS = re.compile(r"[^\W\d_]+(?:_[^\W\d_]+)+")
TRUTH = {"0": "no", "1": "yes"}
# The words of a key, when what is shown is the label of the row that it refers to.
KEY = re.compile(r"(?<=\w)[ _]id$", re.IGNORECASE)


# What SQLite calls the number of a row; it is the key of a table that declares none.
ROW_NUMBER = "rowid"


@dataclass(frozen=True)
class ColumnTitles:
    """The titles of the columns of each table and view, as the descriptor declares them."""

    # By table and column, without those that repeat the name.
    declared: Mapping[tuple[str, str], str]
    # By column, the title that most tables give it.
    shared: Mapping[str, str]
    descriptions: Mapping[tuple[str, str], str]
    # Tables and columns with closed lists, and those that are true or false.
    closed: frozenset[tuple[str, str]] = frozenset()
    booleans: frozenset[tuple[str, str]] = frozenset()
    units: Mapping[tuple[str, str], str] = field(default_factory=dict)
    # By table, column and value.
    labels: Mapping[tuple[str, str, str], str] = field(default_factory=dict)

    def unit(self, table: str | None, column: str) -> str:
        """The unit of the numbers of a column, or the empty string."""
        return self.units.get((table or "", column), "")

    def name(self, table: str | None, column: str) -> str:
        """The title of a column; that of other tables, or the name in words, when it has none of its own."""
        return self.declared.get((table or "", column)) or self.shared.get(column) or self._derive(column)

    def name_with_unit(self, table: str | None, column: str) -> str:
        """The title of a column, with the unit of its numbers if it has one."""
        unit = self.unit(table, column)
        return self.name(table, column) + (f" ({unit})" if unit else "")

    def _derive(self, column: str) -> str:
        """The name in words; `first_quote` is named after `quote`, of which it is one."""
        if column == ROW_NUMBER:
            return "Row"
        head, _, rest = column.partition("_")
        while head and rest:
            if rest in self.shared:
                return f"{capitalise(head)} {lower_first(self.shared[rest])}"
            more, _, rest = rest.partition("_")
            head = f"{head}_{more}"
        return capitalise(column)

    def mention(self, table: str | None, column: str) -> str:
        """The title inside a sentence."""
        return lower_first(self.name(table, column))

    def name_target(self, table: str | None, column: str) -> str:
        """What a key refers to, for places that show the label of the row.

        >>> ColumnTitles({}, {}, {}).name_target("boats", "home_port_id")
        'Home port'
        """
        return KEY.sub("", self.name(table, column))

    def explain(self, table: str | None, column: str, description: str | None = "") -> str:
        """The tooltip of a column: its name in files, and what it contains."""
        words = description or self.descriptions.get((table or "", column)) or ""
        return f"{column}: {words}" if words else column

    def show_value(self, table: str | None, column: str, value: str) -> str:
        """A value as pages write it: with its label, closed lists without underscores, truth as yes and no.

        >>> titles = ColumnTitles({}, {}, {}, booleans=frozenset({("boats", "is_afloat")}))
        >>> titles.show_value("boats", "is_afloat", "1")
        'yes'
        """
        if (table or "", column) in self.booleans:
            return TRUTH.get(value, value)
        if label := self.labels.get((table or "", column, value)):
            return f"{value} · {label}"
        is_listed = (table or "", column) in self.closed and WORDS.fullmatch(value)
        return value.replace("_", " ") if is_listed else value


def capitalise(name: str) -> str:
    """The name in words, with a capital.

    >>> capitalise("landed_on"), capitalise("_hidden"), capitalise("__")
    ('Landed on', 'Hidden', '__')
    """
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:] if words else name


def lower_first(title: str) -> str:
    """The title as it stands inside a sentence: without its capital, unless it is an abbreviation.

    >>> lower_first("Home port"), lower_first("DOI"), lower_first("A side")
    ('home port', 'DOI', 'a side')
    """
    return title if title[1:2].isupper() or title[1:2].isdigit() else title[:1].lower() + title[1:]


def arrange_titles(rows: Iterable[Row], closed: Iterable[Row], labelled: Iterable[Row] = ()) -> ColumnTitles:
    """The titles from the rows of the data dictionary.

    >>> told = {"table_name": "catches", "field_name": "kg", "title": "Weight", "type": "number"}
    >>> titles = arrange_titles([told], [])
    >>> titles.name("catches", "kg"), titles.name(None, "first_kg"), titles.name(None, "landed_on")
    ('Weight', 'First weight', 'Landed on')
    """
    declared, descriptions, booleans, units = {}, {}, set(), {}
    given: dict[str, Counter[str]] = {}
    for row in rows:
        table, column, title = row["table_name"], row["field_name"], row["title"]
        descriptions[table, column] = row.get("description") or ""
        if unit := row.get("unit"):
            units[table, column] = unit
        if row["type"] == "boolean":
            booleans.add((table, column))
        if title and title != column:
            declared[table, column] = title
            given.setdefault(column, Counter())[title] += 1
    return ColumnTitles(
        declared,
        {column: titles.most_common(1)[0][0] for column, titles in given.items()},
        descriptions,
        frozenset((row["table_name"], row["field_name"]) for row in closed),
        frozenset(booleans),
        units,
        {(row["table_name"], row["field_name"], row["value"]): row["label"] for row in labelled},
    )


@ask_once
async def read_titles(datasette: Datasette) -> ColumnTitles:
    """The titles of all columns of the served data; a key of a table without labels is a closed list too."""
    database = datasette.get_database()
    unlabelled = [
        {"table_name": table, "field_name": key["column"]}
        for table, keys in (await database.get_all_foreign_keys()).items()
        for key in keys["outgoing"]
        if datasette.table_metadata(database.name, key["other_table"]).get("label_column")
        in (None, key["other_column"])
    ]
    closed = [*await read_rows(datasette, CLOSED), *unlabelled]
    labelled = await read_rows(datasette, LABELLED)
    return arrange_titles(await read_rows(datasette, TITLES), closed, labelled)
