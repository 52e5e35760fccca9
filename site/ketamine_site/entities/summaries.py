"""Summaries: one plain sentence on how the sources judge a thing, computed from its links to claims."""

from collections.abc import Iterable
from dataclasses import dataclass

from packpress.web.facts import Row

from ketamine_site.cells import SIDES
from ketamine_site.entities.references import spell_number
from ketamine_site.entities.topics import Topic
from ketamine_site.evidence.evidence import join_words

# What sources do, as phrases: for one source, for several, and for the only one.
PHRASES = {
    "supports": ("supports ketamine {}", "support ketamine {}", "and supports ketamine {}"),
    "against": (
        "advises against ketamine {}",
        "advise against ketamine {}",
        "and advises against ketamine {}",
    ),
    "mixed": (
        "takes a mixed stance on ketamine {}",
        "take a mixed stance on ketamine {}",
        "and takes a mixed stance on ketamine {}",
    ),
    # Not "mixed", which is the stance of a single claim: sources have no stance of their own.
    "several": (
        "differs from claim to claim on ketamine {}",
        "differ from claim to claim on ketamine {}",
        "and differs from claim to claim on ketamine {}",
    ),
    "contraindication": (
        "gives it as a reason against ketamine",
        "give it as a reason against ketamine",
        "as a reason against ketamine",
    ),
    "beside": (
        "names it only as context or population of what it judges",
        "name it only as context or population of what they judge",
        "only as context or population of what it judges",
    ),
    "neutral": (
        "names it without taking a side",
        "name it without taking a side",
        "without taking a side",
    ),
}
HEDGED = (*SIDES, "several", "contraindication")


@dataclass(frozen=True)
class Judgement:
    """How one source judges a thing, and whether all or only some of those claims are hedged."""

    name: str
    is_hedged: bool
    is_partly_hedged: bool


def state_finding(topic: Topic, rows: Iterable[Row], sources: int) -> str:
    """The summary; a row is a combination of source_id, role, stance and certainty that occurs in claims."""
    by_source: dict[str, list[Row]] = {}
    for row in rows:
        by_source.setdefault(row["source_id"], []).append(row)
    if not by_source:
        return "No source names it."
    if not topic.roles:
        return state_judgements(topic, [judge(topic, found) for found in by_source.values()], sources)
    named = state_roles(topic, list(by_source.values()), sources)
    if not topic.judged:
        return named
    judgements = [judge(topic, found) for found in by_source.values()]
    told = [part for name in (*SIDES, "several") if (part := tell_group(topic, name, judgements))]
    return f"{named} {join_sentence(told, '; ') if told else f'None judges ketamine {topic.judged_words}.'}"


def judge(topic: Topic, rows: list[Row]) -> Judgement:
    """How one source judges the thing; only stances on the thing itself count."""
    about = [row for row in rows if row["role"] in topic.judged and row["stance"] in SIDES]
    stances = {row["stance"] for row in about}
    if stances:
        name = stances.pop() if len(stances) == 1 else "several"
    elif about := [row for row in rows if row["role"] == "contraindication"]:
        name = "contraindication"
    else:
        name = "beside" if any(row["stance"] in SIDES for row in rows) else "neutral"
    hedged = [row["certainty"] == "hedged" for row in about]
    return Judgement(name, bool(hedged) and all(hedged), any(hedged) and not all(hedged))


def state_judgements(topic: Topic, judgements: list[Judgement], sources: int) -> str:
    """How many sources name the thing, and how they judge ketamine for it."""
    named = name_sources(len(judgements), sources)
    names = {judgement.name for judgement in judgements}
    if len(judgements) == 1:
        (only,) = judgements
        words = PHRASES[only.name][2].format(topic.judged_words)
        return f"{named}, {words}{tell_hedges(judgements)}."
    if names == {"neutral"}:
        return f"{named}. {'Neither' if len(judgements) == 2 else 'None'} takes a side."
    told = [part for name in PHRASES if (part := tell_group(topic, name, judgements))]
    return f"{named}. {join_sentence(told, '; ')}"


def tell_group(topic: Topic, name: str, judgements: list[Judgement]) -> str:
    """The phrase for sources with the same judgement; empty when there are none."""
    group = [judgement for judgement in judgements if judgement.name == name]
    if not group:
        return ""
    number = count_all(len(group), len(judgements)) if len(group) > 1 else "one"
    words = PHRASES[name][len(group) > 1].format(topic.judged_words)
    return f"{number} {words}{tell_hedges(group)}"


def tell_hedges(group: list[Judgement]) -> str:
    """How many sources of a group hedge all claims behind their judgement."""
    if not group or group[0].name not in HEDGED:
        return ""
    hedged = sum(judgement.is_hedged for judgement in group)
    if len(group) == 1:
        return ", in hedged words" if hedged else ", partly in hedged words" * group[0].is_partly_hedged
    if hedged == len(group):
        return f", {'both' if hedged == 2 else 'all'} in hedged words"
    return f", {spell_number(hedged)} of them in hedged words only" if hedged else ""


def state_roles(topic: Topic, by_source: list[list[Row]], sources: int) -> str:
    """How many sources name the thing, and how many in each role."""
    roles = [{row["role"] for row in rows} for rows in by_source]
    counts = {role: sum(role in found for found in roles) for role in topic.roles}
    named = name_sources(len(by_source), sources)
    if len(by_source) == 1:
        words = [topic.roles[role] for role, count in counts.items() if count]
    else:
        words = [
            f"{count_all(count, len(by_source))} {topic.roles[role]}"
            for role, count in counts.items()
            if count
        ]
    # Numbers whose sum exceeds the number of sources need an explanation.
    is_puzzling = 1 < len(by_source) < sum(counts.values()) and min(filter(None, counts.values())) < len(
        by_source
    )
    return f"{named}: {join_words(words)}.{' A source can do so in more than one way.' * is_puzzling}"


def name_sources(named: int, sources: int) -> str:
    """The beginning of a summary: how many of the sources name the thing."""
    verb = "names it" if named == 1 else "name it"
    if named == sources:
        return f"All {spell_number(sources)} sources {verb}" if sources > 1 else f"The only source {verb}"
    return f"{spell_number(named).capitalize()} of {spell_number(sources)} sources {verb}"


def count_all(count: int, whole: int) -> str:
    """The count in words, or that it is all of them."""
    if count == whole and count > 1:
        return "both" if count == 2 else f"all {spell_number(count)}"
    return spell_number(count)


def join_sentence(parts: list[str], joint: str) -> str:
    """The parts as one sentence."""
    sentence = joint.join(parts)
    return f"{sentence[:1].upper()}{sentence[1:]}."
