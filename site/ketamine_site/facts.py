"""Facts about the served documents that many pages need, read once because the database is immutable."""

from dataclasses import dataclass

from datasette.app import Datasette
from packpress.web import facts
from packpress.web.facts import ask_once, read_all

# Longer documents are shown in parts of this many passages.
PART = 200


@dataclass(frozen=True)
class Facts(facts.Facts):
    """How the tables relate, and where passages and documents are."""

    # Source and position of each passage.
    passages: dict[str, tuple[str, int]]
    # The position of the last passage of each source.
    lengths: dict[str, int]
    # Short names of the sources in display order, by id.
    sources: dict[str, str]
    # Short names of the sources in progress, by id; a published build has none.
    drafts: dict[str, str]


@ask_once
async def read_facts(datasette: Datasette) -> Facts:
    """The facts, including those that packpress reads of any database."""
    found = await facts.read_facts(datasette)
    passages = await read_all(
        datasette, "select passage_id, source_id, position from passages order by source_id, position"
    )
    sources = await read_all(datasette, "select source_id, short_name, status from sources order by position")
    return Facts(
        found.database,
        found.key_tables,
        {row["passage_id"]: (row["source_id"], row["position"]) for row in passages},
        {row["source_id"]: row["position"] for row in passages},
        {row["short_name"]: row["source_id"] for row in sources},
        {row["source_id"]: row["short_name"] for row in sources if row["status"] == "in_progress"},
    )


def source_path(datasette: Datasette, source_id: str, place: int | str | None = None) -> str:
    """The address of a document, or of a position in it: a passage number or the id of a claim."""
    path = str(datasette.urls.path(f"/sources/{source_id}"))
    if not place:
        return path
    anchor = f"p{place}" if isinstance(place, int) else place
    # The fragment after # does not reach the server, which must know which part of a long document to show.
    is_long = read_facts.known(datasette).lengths.get(source_id, 0) > PART
    return path + (f"?at={anchor}" if is_long else "") + f"#{anchor}"


async def describe_documents(datasette: Datasette) -> dict[str, object]:
    """What a static page needs for links to positions in documents."""
    return {"lengths": (await read_facts(datasette)).lengths, "part": PART}
