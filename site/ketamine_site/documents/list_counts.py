"""List counts: how many works each document lists, beside the number that it declares."""

from collections.abc import Iterable
from dataclasses import dataclass

from datasette.app import Datasette
from packpress.web.facts import Row, ask_once, read_all

# A document declares only how many works cite it.
LISTS = """
select
  sources.source_id,
  lists.listed_as,
  count("references".reference_id) as listed,
  iif(lists.listed_as = 'citing_list', sources.declared_citing_count, null) as declared
from sources
cross join (select 'reference_list' as listed_as union all select 'citing_list') as lists
left join "references"
  on "references".source_id = sources.source_id
  and "references".listed_as = lists.listed_as
group by
  sources.source_id,
  lists.listed_as
order by
  sources.position,
  lists.listed_as desc
"""
NOUNS = {"reference_list": "reference", "citing_list": "citing article"}


@dataclass(frozen=True)
class ListCount:
    """One list of a document: the number of its entries, and the one that the document declares, if any.

    >>> ListCount("citing_list", 5, 13).words, ListCount("reference_list", 1).words
    ('5 of the 13 citing articles it declares', '1 reference')
    """

    listed_as: str
    listed: int
    declared: int | None = None

    @property
    def noun(self) -> str:
        """What its entries are, as many as it has or declares."""
        count = self.declared if self.declared is not None else self.listed
        return f"{NOUNS[self.listed_as]}{'s' if count != 1 else ''}"

    @property
    def words(self) -> str:
        """What the document lists, as the object of a sentence."""
        declares = f"{self.noun} it declares"
        if self.declared is None or not (self.listed or self.declared):
            return f"{self.listed or 'no'} {self.noun}"
        if self.listed > self.declared:
            return f"{self.listed - self.declared} more than the {self.declared} {declares}"
        if self.listed == self.declared:
            return f"the one {declares}" if self.listed == 1 else f"all {self.listed} {declares}"
        if self.declared == 1:
            return f"not the one {declares}"
        return f"{self.listed or 'none'} of the {self.declared} {declares}"

    @property
    def note(self) -> str:
        """Why the two numbers differ, or that one is not there; empty when there is nothing to explain.

        >>> ListCount("citing_list", 5, 13).note, ListCount("citing_list", 3, 3).note
        ('The other 8 are not in its text, so no row here has them.', '')
        """
        if self.listed_as != "citing_list" or self.listed == (self.declared or 0):
            return ""
        if self.declared is None:
            return f"It declares no number of {NOUNS[self.listed_as]}s."
        if self.listed > self.declared:
            return "Every entry that its text prints is a row here."
        left = self.declared - self.listed
        if left == 1:
            return f"{'The other one' if self.listed else 'It'} is not in its text, so no row here has it."
        return (
            f"{f'The other {left}' if self.listed else 'They'} are not in its text, so no row here has them."
        )


@ask_once
async def read_list_counts(datasette: Datasette) -> dict[str, tuple[ListCount, ...]]:
    """The lists of each source, those that it cites first."""
    return arrange_counts(await read_all(datasette, LISTS))


def arrange_counts(rows: Iterable[Row]) -> dict[str, tuple[ListCount, ...]]:
    """The lists by source, from the rows of `LISTS`."""
    found: dict[str, tuple[ListCount, ...]] = {}
    for row in rows:
        one = ListCount(row["listed_as"], row["listed"], row["declared"])
        found[row["source_id"]] = (*found.get(row["source_id"], ()), one)
    return found
