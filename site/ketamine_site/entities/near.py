"""Near: what a source that does not name a thing says of broader or narrower ones, which is not counted."""

import json
from dataclasses import replace

from datasette.app import Datasette
from packpress.web.facts import read_rows

from ketamine_site.entities.bands import Band, Near
from ketamine_site.entities.kin import Kin
from ketamine_site.entities.surveys import survey_claims
from ketamine_site.entities.topics import Topic

MOST_NEAR = 2
STATEMENTS = """
select
  claim_id,
  source_id,
  statement,
  stance,
  certainty
from claims_flat
where claim_id in (select value from json_each(:claim_ids))
order by claim_id
"""
NARROWER = """
select
  links.{key} as row_id,
  claims_flat.source_id,
  count(distinct claims_flat.claim_id) as claims
from {links} as links
join claims_flat using (claim_id)
where links.{key} in (select value from json_each(:row_ids))
group by
  links.{key},
  claims_flat.source_id
order by links.{key}
"""


async def find_near(
    datasette: Datasette, topic: Topic, silent: list[Band], broader: list[Kin], narrower: list[Kin]
) -> list[Band]:
    """The silent sources, each with its claims on the nearest broader thing and on narrower ones."""
    near: dict[str, list[Near]] = {band.source["source_id"]: [] for band in silent}
    for kin in reversed(broader):
        waiting = {source_id for source_id, found in near.items() if not found}
        if not waiting:
            break
        survey = await survey_claims(datasette, topic.linked, kin.row_id)
        wanted = [claim for source_id in waiting for claim in survey.shown.get(source_id, ())[:MOST_NEAR]]
        rows = await read_rows(datasette, STATEMENTS, claim_ids=json.dumps(wanted)) if wanted else []
        for source_id in waiting & survey.counts.keys():
            shown = tuple(row for row in rows if row["source_id"] == source_id)
            near[source_id].append(Near(kin.label, kin.row_id, survey.counts[source_id], shown))
    if silent and narrower:
        labels = {kin.row_id: kin.label for kin in narrower}
        sql = NARROWER.format(links=topic.links, key=topic.key)
        for row in await read_rows(datasette, sql, row_ids=json.dumps(list(labels))):
            if row["source_id"] in near:
                found = Near(labels[row["row_id"]], row["row_id"], row["claims"], ())
                near[row["source_id"]].append(found)
    return [replace(band, near=tuple(near[band.source["source_id"]])) for band in silent]
