"""Headlines: what the rows of a list come to, in a sentence that counts findings instead of rows."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from datasette.app import Datasette
from packpress.web.facts import Row, ask_once, read_all

from ketamine_site.entities.claim_counts import count_claims
from ketamine_site.entities.references import spell_number
from ketamine_site.entities.summaries import count_all
from ketamine_site.entities.topics import TOPICS, Topic
from ketamine_site.evidence.evidence import SUBJECTS, MapLine, join_words, read_map
from ketamine_site.facts import read_facts

STATED = """
select
  source_reporting.item,
  source_reporting.stated,
  sources.source_id,
  sources.short_name
from source_reporting
join sources using (source_id)
"""
CONTRAINDICATION = "contraindication"


@dataclass(frozen=True)
class Headline:
    """How many of what there are, and the sentence that tells more of them."""

    count: int
    noun: str
    sentence: str


# What is asked of a list: the site, and the source whose rows alone are listed, or an empty text.
Count = Callable[[Datasette, str], Awaitable[Headline | None]]


async def find_headline(
    datasette: Datasette, name: str, asked: Mapping[str, str], is_filtered: bool = False
) -> str:
    """The sentence above a table, view or query; empty when it has none.

    It is true of all rows, and says so above some of them, unless it tells of the source that is asked for.
    """
    source_id = (asked.get("source_id") or "") if name in OF_SOURCE else ""
    found = await read_headline(datasette, name, source_id)
    if not found:
        return ""
    if not is_filtered or source_id:
        return found.sentence
    return f"Without the filter, {found.sentence[:1].lower()}{found.sentence[1:]}"


async def read_headline(datasette: Datasette, name: str, source_id: str = "") -> Headline | None:
    """The headline of a list; None when it has none."""
    return await HEADLINES[name](datasette, source_id) if name in HEADLINES else None


async def count_things(datasette: Datasette, _: str, table: str) -> Headline:
    """How many things of a table documents name, and how many of them only one does."""
    topic = TOPICS[table]
    lines = await read_map(datasette, table)
    return Headline(sum(bool(line.named_by) for line in lines), topic.noun, say_named(topic, lines))


def say_named(topic: Topic, lines: Iterable[MapLine]) -> str:
    """How many of these things documents name, how many only one does, and how many in their first role."""
    named = [line for line in lines if line.named_by]
    if not named:
        return f"No document names any {topic.noun}."
    speaking = count_speaking(named)
    several = sum(line.named_by > 1 for line in named)
    by = name_documents(speaking, len(named[0].cells))
    split = split_named(several, len(named)) if speaking > 1 else ""
    sentence = f"{begin(count_nouns(len(named), topic.noun))} {be(len(named))} named, {by}{split}."
    if not topic.roles:
        return sentence
    role, words = next(iter(topic.roles.items()))
    count = sum(any(chip.role == role for cell in line.cells for chip in cell.chips) for line in named)
    return f"{sentence} {begin(count_some(count, len(named)))} named {words}."


async def count_contraindications(datasette: Datasette, _: str) -> Headline:
    """How many conditions are reasons not to give ketamine, in how many documents, and in hedged words."""
    given = [
        [
            (cell.short_name, chip)
            for cell in line.cells
            for chip in cell.chips
            if chip.role == CONTRAINDICATION
        ]
        for line in await read_map(datasette, "conditions")
    ]
    found = [chips for chips in given if chips]
    hedged = sum(all(chip.is_hedged for _, chip in chips) for chips in found)
    names = [sorted({name for name, _ in chips}) for chips in found]
    sources = len((await read_facts(datasette)).sources)
    return Headline(len(found), "condition", say_contraindications(names, sources, hedged))


def say_contraindications(found: Sequence[Sequence[str]], sources: int, hedged: int = 0) -> str:
    """The sentence about these conditions, each with the documents that name it as a contraindication.

    `hedged` is the number of those that are named so in hedged words only.

    >>> say_contraindications([["Leaflet"], ["Leaflet", "Guidance"]], 2)
    'Two conditions are named as contraindications, by both documents: one by more than one, one by only one.'
    >>> say_contraindications([["Leaflet"]], 5, hedged=1)
    'One condition is named as a contraindication, in hedged words, by one of the five documents: Leaflet.'
    """
    if not found:
        return "No document names a condition as a contraindication."
    names = {name for names in found for name in names}
    what = "a contraindication" if len(found) == 1 else "contraindications"
    share = f"{spell_number(hedged)} of them only " if hedged < len(found) else "all " if hedged > 1 else ""
    doubt = f", {share}in hedged words" if hedged else ""
    several = sum(len(of_one) > 1 for of_one in found)
    by = name_documents(len(names), sources)
    split = f": {names.pop()}" if len(names) == 1 else split_named(several, len(found))
    counted = begin(count_nouns(len(found), "condition"))
    return f"{counted} {be(len(found))} named as {what}{doubt}, {by}{split}."


async def count_stated(datasette: Datasette, source_id: str) -> Headline | None:
    """How many items of the checklist no document states, or how many a source states and leaves out."""
    rows = await read_stated(datasette)
    items = len({row["item"] for row in rows})
    if not source_id:
        return Headline(items, "item", say_stated(rows))
    own = [row for row in rows if row["source_id"] == source_id]
    return Headline(items, "item", say_own(own)) if own else None


@ask_once
async def read_stated(datasette: Datasette) -> list[Row]:
    """Each item of the checklist with what each document does with it."""
    return await read_all(datasette, STATED)


def say_stated(rows: Iterable[Row]) -> str:
    """How many items no document states, and of these, how many none even touches on.

    >>> say_stated([{"item": item, "stated": stated} for item in "ab" for stated in ("no", "yes")])
    'Each of the two things asked is stated by some document; none is stated by all.'
    """
    items: dict[str, set[str]] = {}
    for row in rows:
        items.setdefault(row["item"], set()).add(row["stated"])
    unstated = [stated for stated in items.values() if "yes" not in stated]
    everywhere = sum(stated == {"yes"} for stated in items.values())
    by_all = f"{count_some(everywhere, len(items))} stated by all"
    if not unstated:
        return f"Each of the {count_items(items)} is stated by some document; {by_all}."
    left_out = sum(stated == {"no"} for stated in unstated)
    ways = [
        f"{count_some(number, len(unstated))} {words}"
        for number, words in (
            (left_out, "left out by all"),
            (len(unstated) - left_out, "only touched on"),
        )
        if number
    ]
    counted = begin(spell_number(len(unstated)))
    return (
        f"{counted} of the {count_items(items)} {be(len(unstated))} stated by no document:"
        f" {' and '.join(ways)}. {begin(by_all)}."
    )


def say_own(rows: Sequence[Row]) -> str:
    """What one document does with the items of the checklist.

    >>> say_own([{"short_name": "Leaflet", "item": item, "stated": "no"} for item in "ab"])
    'Leaflet states none of the two things asked: it leaves out both.'
    """
    counts = Counter(row["stated"] for row in rows)
    stated = spell_number(counts["yes"]) if counts["yes"] else "none"
    rest = [
        f"{verb} {count_all(counts[name], len(rows))}"
        for name, verb in (("unspecific", "only touches on"), ("no", "leaves out"))
        if counts[name]
    ]
    of_all = f"{rows[0]['short_name']} states {stated} of the {count_items({row['item'] for row in rows})}"
    return f"{of_all}: it {' and '.join(rest)}." if rest else f"{of_all}."


async def count_single(datasette: Datasette, source_id: str) -> Headline | None:
    """How many things of each table a single document names; any document, or the one that is asked for."""
    names = {source_id: name for name, source_id in (await read_facts(datasette)).sources.items()}
    if source_id and source_id not in names:
        return None
    shares, single = [], 0
    for topic in TOPICS.values():
        counts = [counted.counts for counted in (await count_claims(datasette, topic.linked)).values()]
        alone = sum(len(found) == 1 and (not source_id or source_id in found) for found in counts)
        single += alone
        if alone:
            shares.append(f"{spell_number(alone)} of the {count_nouns(len(counts), topic.noun)}")
    if source_id:
        named = join_words(shares) or "nothing: another document names each of its things too"
        return Headline(single, "thing", f"{names[source_id]} alone names {named}.")
    named = begin(join_words(shares) or "nothing")
    return Headline(single, "thing", f"{named} {be(single or 1)} named by only one document.")


def count_speaking(lines: Iterable[MapLine]) -> int:
    """How many documents name any of these things."""
    return len({cell.source_id for line in lines for cell in line.cells if cell.chips})


def split_named(several: int, named: int) -> str:
    """How many of several things more than one document names, and how many only one does.

    >>> split_named(1, 13), split_named(0, 6), split_named(2, 2), split_named(1, 1)
    (': one by more than one, 12 by only one', ': each by only one', ': each by more than one', '')
    """
    if named == 1:
        return ""
    if not several or several == named:
        return ": each by more than one" if several else ": each by only one"
    return f": {spell_number(several)} by more than one, {spell_number(named - several)} by only one"


def name_documents(count: int, whole: int) -> str:
    """The documents that do something, of all.

    >>> name_documents(3, 5), name_documents(2, 2), name_documents(1, 1)
    ('by three of the five documents', 'by both documents', 'by the only document')
    """
    if whole == 1:
        return "by the only document"
    of_all = "" if count == whole else f" of the {spell_number(whole)}"
    return f"by {count_all(count, whole)}{of_all} documents"


def count_some(count: int, whole: int) -> str:
    """How many of some things are so, with the verb.

    >>> count_some(0, 5), count_some(1, 5), count_some(5, 5)
    ('none is', 'one is', 'all five are')
    """
    return f"{count_all(count, whole)} {be(count)}" if count else "none is"


def count_nouns(count: int, noun: str) -> str:
    """A number of things.

    >>> count_nouns(1, "route"), count_nouns(1200, "route")
    ('one route', '1200 routes')
    """
    return f"{spell_number(count)} {noun}{'s' if count != 1 else ''}"


def count_items(items: Iterable[str]) -> str:
    """The number of items of the checklist."""
    count = len({*items})
    return f"{spell_number(count)} thing{'s' if count != 1 else ''} asked"


def be(count: int) -> str:
    """The verb for a number of things."""
    return "is" if count == 1 else "are"


def begin(words: str) -> str:
    """The words at the beginning of a sentence."""
    return words[:1].upper() + words[1:]


# The lists that may be of one source.
OF_SOURCE = ("source_reporting", "named_by_one_source")
HEADLINES: dict[str, Count] = {
    **{subject.view: partial(count_things, table=table) for table, subject in SUBJECTS.items()},
    "named_adverse_effects": partial(count_things, table="adverse_effects"),
    "contraindications": count_contraindications,
    "not_stated": count_stated,
    "source_reporting": count_stated,
    "named_by_one_source": count_single,
}
