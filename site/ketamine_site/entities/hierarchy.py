"""The hierarchy: broader and narrower rows, each with the number of claims that name it."""

from dataclasses import dataclass

from datasette.app import Datasette
from packpress.web.facts import keep_answers, read_rows

from ketamine_site.entities.topics import Topic

BROADER = """
with recursive found(row_id, depth) as (
  select
    broader_id,
    1
  from {table}
  where {key} = :row_id
  union all
  select
    things.broader_id,
    found.depth + 1
  from found
  join {table} as things on things.{key} = found.row_id
)
select
  found.row_id,
  found.depth,
  things.label,
  (select count(distinct claim_id) from {links} as links where links.{key} = found.row_id) as claims
from found
join {table} as things on things.{key} = found.row_id
order by found.depth desc
"""
NARROWER = """
with recursive found(row_id, depth, path) as (
  select
    {key},
    1,
    label
  from {table}
  where broader_id = :row_id
  union all
  select
    things.{key},
    found.depth + 1,
    found.path || char(9) || things.label
  from found
  join {table} as things on things.broader_id = found.row_id
)
select
  found.row_id,
  found.depth,
  things.label,
  (select count(distinct claim_id) from {links} as links where links.{key} = found.row_id) as claims
from found
join {table} as things on things.{key} = found.row_id
order by found.path
"""


@dataclass(frozen=True)
class Relative:
    """A broader or narrower row, its distance, and the number of claims that name it."""

    row_id: str
    depth: int
    label: str
    claims: int


@keep_answers
async def list_relatives(
    datasette: Datasette, topic: Topic, row_id: str
) -> tuple[list[Relative], list[Relative]]:
    """The broader rows, broadest first, and the narrower ones, parents before children."""
    names = {"table": topic.table, "key": topic.key, "links": topic.links}
    broader, narrower = [
        [Relative(**row) for row in await read_rows(datasette, sql.format(**names), row_id=row_id)]
        for sql in (BROADER, NARROWER)
    ]
    return broader, narrower
