"""Evaluation: how good the suggestions for each source would have been before it was read.

For each source in turn, everything extracted from it is removed from the tables, and the suggestions learned
from the other sources are compared with what was removed.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from packpress.editing.format import make_record
from packpress.tables.rows import Row, Table, Tables

from scripts.curation.antecedents import NamesInText
from scripts.curation.corpus import ENTITY_LINKS, Corpus, Entity, build_corpus
from scripts.curation.drafts import drop_hanging
from scripts.curation.guesses import Situation, learn_guesses
from scripts.curation.learned_counts import ELLIPTICAL, HEDGE, NAMED, QUALIFIER, learn
from scripts.curation.segmentation import propose_passages
from scripts.curation.suggestions import OUTCOME, suggest_rows, trim_claim
from scripts.curation.words import split_words

# Values of a claim or a link that express rejection.
REFUSALS = {"against", "mixed", "not_recommended", "contraindication"}
WORK_FIELDS = ("title", "year", "container_title", "volume", "issue", "locator", "doi", "pmid", "pmcid")
# What texts that were written for a purpose have none of.
BIBLIOGRAPHIC = ("citation", "bibliographic", "their ")
# Columns of claims that are guessed.
GUESSED = ("about", "voice", "evidence_type")
Items = Set[tuple[str, ...]]
Cells = dict[str, str]


@dataclass(frozen=True)
class Score:
    """What was suggested of one kind, what the tables have, and what of that could be known beforehand.

    >>> sorted(Score({"a", "b"}, {"b", "c"}, {"b"}).right)
    ['b']
    """

    suggested: Items
    curated: Items
    knowable: Items

    @property
    def right(self) -> Items:
        """The correct suggestions."""
        return self.suggested & self.curated

    def __or__(self, other: "Score") -> "Score":
        return Score(
            self.suggested | other.suggested, self.curated | other.curated, self.knowable | other.knowable
        )


def evaluate(corpus: Corpus) -> dict[str, Score]:
    """The score of each kind of suggestion over all sources, each left out once."""
    scores: dict[str, Score] = {}
    for source in corpus.sources:
        rejected = {name: rows for name, rows in corpus.rejected.items() if name != source["source_id"]}
        unread = build_corpus(corpus.package, forget_source(corpus, source["source_id"]), rejected)
        trial = _Trial(corpus, unread, source["source_id"])
        for kind, score in trial.score():
            scores[kind] = scores[kind] | score if kind in scores else score
    return scores


def evaluate_text(corpus: Corpus, file: Path) -> dict[str, Score]:
    """The score of each kind of suggestion for a text that is no source, against what it says.

    That stands in a folder with the name of the file without its ending: claims and links, as CSV files with
    the columns that are compared. Rows that they link and no table has count as named by this text alone.
    """
    source_id = file.stem
    text = file.read_text(encoding="utf-8")
    source = {"source_id": source_id, "position": "0", "status": "published"}
    unread = add_rows(corpus, {"sources": [source], "passages": propose_passages(text, source_id)})
    said = {
        table.stem: list(csv.DictReader(table.open(encoding="utf-8")))
        for table in file.with_suffix("").iterdir()
    }
    trial = _Trial(add_rows(unread, said), unread, source_id)
    return {
        kind: score for kind, score in trial.score() if score.curated and not kind.startswith(BIBLIOGRAPHIC)
    }


def add_rows(corpus: Corpus, added: Mapping[str, Iterable[Cells]]) -> Corpus:
    """The corpus with more rows in its tables; the documents stay."""
    tables = dict(corpus.tables)
    for name, rows in added.items():
        table = tables[name] = Table(corpus[name].resource, corpus[name].rows)
        records = (make_record(table.resource, cells) for cells in rows)
        table.rows.extend(Row(table, "", 0, record) for record in records)
    return Corpus(corpus.package, tables, corpus.documents, corpus.rejected)


def forget_source(corpus: Corpus, source_id: str) -> Tables:
    """The tables as they were before the source was read: its passages, and nothing learned from them.

    Gone are its claims with all that hangs on them, the reasons of its passages, entities that only it names,
    and labels taken from it: a row that others name too is called as these do, or as a terminology does.
    """
    kept = dict(corpus.tables)
    for name in ("claims", "references", "source_reporting"):
        table = corpus[name]
        kept[name] = Table(table.resource, [row for row in table.rows if corpus.source_id(row) != source_id])
    kept["passages"] = _change_rows(
        corpus["passages"], lambda row: row.with_cell("reason", "") if row["source_id"] == source_id else row
    )
    kept = drop_hanging(corpus.package, kept)
    for link_table, entities in ENTITY_LINKS.items():
        names = _name_elsewhere(corpus, kept[link_table], kept["mappings"])
        kept[entities] = _change_rows(kept[entities], partial(_rename, corpus, source_id, names))
    return kept


def _rename(corpus: Corpus, source_id: str, names: Mapping[str, str], row: Row) -> Row:
    """A row that is quoted from the source under another label, which is empty where there is none."""
    is_from_there = corpus.source_id(row) == source_id
    return row.with_cell("label", names.get(row.key, "")) if is_from_there else row


def _change_rows(table: Table, change: Callable[[Row], Row]) -> Table:
    """The table with rows changed by a function."""
    changed = Table(table.resource)
    changed.rows.extend(replace(change(row), table=changed) for row in table.rows)
    return changed


def _name_elsewhere(corpus: Corpus, links: Table, mappings: Table) -> dict[str, str]:
    """What terminologies, or else the links that are left, call each row, by its id."""
    table = ENTITY_LINKS[links.resource.name]
    named = {
        corpus.entity(link).key: link["mention"] for link in links.rows if link["mention_type"] == "named"
    }
    mapped = {
        row["row_id"]: row["object_label"]
        for row in mappings.rows
        if row["table_name"] == table and row["predicate_id"] == "skos:exactMatch"
    }
    return named | mapped


class _Trial:
    """One source left out: what the tables have of it, and what is suggested without that."""

    def __init__(self, corpus: Corpus, unread: Corpus, source_id: str) -> None:
        self.corpus = corpus
        self.unread = unread
        self.source_id = source_id
        self.claims = [row for row in corpus["claims"].rows if corpus.source_id(row) == source_id]
        suggestions = suggest_rows(unread, source_id)
        self.learned, self.guesses = learn(unread), learn_guesses(unread)
        self.findings, self.rows = suggestions.findings, suggestions.rows
        # Passages of suggested and of curated claims, which may have the same ids.
        self.suggested_at = {row["claim_id"]: row["passage_id"] for row in self.rows.get("claims", ())}
        self.curated_at = {row["claim_id"]: row["passage_id"] for row in self.claims}

    def score(self) -> Iterator[tuple[str, Score]]:
        for link_table, table in ENTITY_LINKS.items():
            yield table.replace("_", " "), self.score_names(link_table, table)
        for link_table, table in ENTITY_LINKS.items():
            yield f"roles of {table.replace('_', ' ')}, where found", self.score_roles(link_table, table)
        yield "directions, where found", self.score_directions()
        for name in GUESSED:
            yield f"{name} of a claim", self.score_guesses(name)
        for name, kind in ((HEDGE, "words that doubt"), (QUALIFIER, "words that narrow")):
            yield kind, self.score_cues(name)
        yield "negations, for claims that refuse", self.score_negations()
        yield "lists of effects, a claim for each", self.score_lists()
        yield "stances, the type known", self.score_stances()
        yield "roles, the type and the row known", self.score_usual_roles()
        yield "directions, the outcome known", self.score_usual_directions()
        yield "naming words, the row known", self.score_naming_words()
        yield "how rows are named, the words known", self.score_mention_types()
        yield "antecedents, the links known", self.score_antecedents()
        yield "citation markers", self.score_markers()
        yield "bibliographic entries", self.score_works("")
        for name in WORK_FIELDS:
            yield f"their {name}", self.score_works(name)
        yield "their authors", self.score_authors()

    def links(self, table: str) -> list[Row]:
        return [link for claim in self.claims for link in self.corpus.links_of(claim, table)]

    def score_names(self, link_table: str, table: str) -> Score:
        key = self.corpus[table].resource.primary_key[0]
        curated = {(self.curated_at[link["claim_id"]], link[key]) for link in self.links(link_table)}
        known = {row.key for row in self.unread[table].rows}
        rows = self.rows.get(link_table, ())
        suggested = {(self.suggested_at[row["claim_id"]], row[key]) for row in rows}
        return Score(suggested, curated, {item for item in curated if item[1] in known})

    def score_roles(self, link_table: str, table: str) -> Score:
        """The roles of rightly found rows; a role counts as right if any claim of the passage has it."""
        found = self.score_names(link_table, table).right
        return self.score_cells(link_table, table, "role", found)

    def score_directions(self) -> Score:
        """The directions of rightly found outcomes."""
        found = self.score_names("claim_concepts", "concepts").right
        return self.score_cells("claim_concepts", "concepts", "direction", found)

    def score_cells(self, link_table: str, table: str, name: str, found: Items) -> Score:
        """The cells of a column of links, those of the found rows only."""
        key = self.corpus[table].resource.primary_key[0]

        def items(rows: Iterable[Cells], passages: Mapping[str, str]) -> Items:
            places = ((passages[row["claim_id"]], row[key], row.get(name, "")) for row in rows)
            return {place for place in places if place[:2] in found and place[2]}

        curated = items((link.named for link in self.links(link_table)), self.curated_at)
        return Score(items(self.rows.get(link_table, ()), self.suggested_at), curated, curated)

    def score_guesses(self, name: str) -> Score:
        """The cells of a column of claims, by the passage."""
        curated = {(claim["passage_id"], claim[name]) for claim in self.claims if claim[name]}
        rows = self.rows.get("claims", ())
        suggested = {(row["passage_id"], row.get(name, "")) for row in rows if row.get(name)}
        return Score(suggested, curated, curated)

    def score_cues(self, name: str) -> Score:
        """The words that doubt or narrow and that others record so; where there are none, the whole span."""
        curated, known = set(), set()
        for claim in self.claims:
            cues_of = self.learned.cues
            words = [word for word in split_words(claim[name]) if word in cues_of and cues_of[word][name]]
            cues = [(claim["passage_id"], word) for word in words]
            known.update(cues)
            curated.update(cues or ([(claim["passage_id"], claim[name])] if claim[name] else []))
        suggested = {
            (item.passage.key, cue)
            for item in self.findings
            for cue in item.cues[name]
            # Others are suggested only because a rule demands them, and its list knows these documents.
            if cue in self.learned.cues
        }
        return Score(suggested, curated, known)

    def score_negations(self) -> Score:
        refused = {
            (claim["passage_id"],)
            for claim in self.claims
            if REFUSALS
            & {claim["stance"], *(link["role"] for link in self.corpus.links_of(claim, *ENTITY_LINKS))}
        }
        return Score({(item.passage.key,) for item in self.findings if item.negations}, refused, refused)

    def score_lists(self) -> Score:
        """Passages that are suggested as a claim for each of several effects, and those that have that."""
        suggested = Counter(row["passage_id"] for row in self.rows.get("claims", ()))
        effects: dict[str, set[tuple[str, str]]] = {}
        for link in self.links("claim_adverse_effects"):
            found = effects.setdefault(self.curated_at[link["claim_id"]], set())
            found.add((link["claim_id"], self.corpus.entity(link).key))
        curated = {
            (passage,)
            for passage, found in effects.items()
            if min(len(names) for names in map(set, zip(*found, strict=True))) > 1
        }
        return Score({(passage,) for passage, count in suggested.items() if count > 1}, curated, curated)

    # What a form fills in once a reader has said the rest; read from the claims as they are.

    def read_situation(self, claim: Row) -> Situation:
        passage = self.corpus["passages"].group("passage_id")[claim["passage_id"]][0]
        entities = frozenset(self.corpus.entity(link) for link in self.links_of(claim))
        return Situation(claim["quote"] or trim_claim(passage["text"]), passage["section"], entities)

    def links_of(self, claim: Row) -> list[Row]:
        return self.corpus.links_of(claim, *ENTITY_LINKS)

    def list_links(self) -> Iterator[tuple[Row, Row, Entity, Situation]]:
        """Each link with its claim, what it links, and what is known of the claim."""
        for claim in self.claims:
            situation = self.read_situation(claim)
            for link in self.links_of(claim):
                yield claim, link, self.corpus.entity(link), situation

    def score_stances(self) -> Score:
        suggested = {
            (claim.key, stance)
            for claim in self.claims
            if (
                stance := self.guesses.guess_stance(
                    self.read_situation(claim), claim["claim_type"], claim["about"]
                )
            )
        }
        curated = {(claim.key, claim["stance"]) for claim in self.claims if claim["stance"]}
        return Score(suggested, curated, curated)

    def score_usual_roles(self) -> Score:
        suggested, curated = set(), set()
        for claim, link, entity, situation in self.list_links():
            row = self.corpus[entity.table].get(entity.key)
            kind = row["kind"] if row and "kind" in row.table.positions else ""
            role = self.guesses.guess_role(entity, situation, claim["claim_type"], kind)
            suggested |= {(claim.key, str(entity), role)} if role else set()
            curated.add((claim.key, str(entity), link["role"]))
        return Score(suggested, curated, curated)

    def score_usual_directions(self) -> Score:
        suggested, curated = set(), set()
        for claim, link, entity, situation in self.list_links():
            if link["role"] == OUTCOME:
                direction = self.guesses.guess_direction(entity, situation)
                suggested |= {(claim.key, str(entity), direction)} if direction else set()
                curated.add((claim.key, str(entity), link["direction"]))
        return Score(suggested, curated, curated)

    def score_naming_words(self) -> Score:
        """The words of rows that others name too; known are those that another document names them by."""
        suggested, curated = set(), set()
        for claim, link, entity, situation in self.list_links():
            if self.unread[entity.table].get(entity.key):
                naming = self.learned.find_naming(situation.words, entity)
                suggested |= {(claim.key, str(entity), naming.words)} if naming else set()
                is_named = link["mention_type"] in (NAMED, ELLIPTICAL)
                curated |= {(claim.key, str(entity), link["mention"])} if is_named else set()
        return Score(suggested, curated, curated)

    def score_mention_types(self) -> Score:
        suggested, curated = set(), set()
        for claim, link, entity, _ in self.list_links():
            row = self.unread[entity.table].get(entity.key)
            if row and link["mention_type"] in (NAMED, ELLIPTICAL):
                way = self.learned.guess_mention_type(link["mention"], entity, row["label"])
                suggested.add((claim.key, str(entity), link["mention"], way))
                curated.add((claim.key, str(entity), link["mention"], link["mention_type"]))
        return Score(suggested, curated, curated)

    def score_antecedents(self) -> Score:
        before, suggested, curated = NamesInText(self.unread, self.learned), set(), set()
        for claim in self.claims:
            passage = self.unread["passages"].group("passage_id")[claim["passage_id"]][0]
            links = [(self.corpus.entity(link), link["mention_type"]) for link in self.links_of(claim)]
            if found := before.find_antecedent(passage, links, self.guesses.subject):
                suggested.add((claim.key, found.passage.key))
            named = claim["antecedent_passage_id"]
            curated |= {(claim.key, named)} if named else set()
        return Score(suggested, curated, curated)

    def score_markers(self) -> Score:
        called = {row["reference_id"]: row for row in self.rows.get("references", ())}
        suggested = {
            (self.suggested_at[row["claim_id"]], _name_work(called[row["reference_id"]]))
            for row in self.rows.get("claim_references", ())
        }
        references = self.corpus["references"].group("reference_id")
        curated = {
            (self.curated_at[link["claim_id"]], _name_work(references[link["reference_id"]][0].named))
            for link in self.links("claim_references")
        }
        return Score(suggested, curated, curated)

    def score_works(self, name: str) -> Score:
        """Entries by the passage in which they begin, with one of their fields when a name is given."""

        def items(rows: Iterable[Cells]) -> Items:
            return {(self.entry_of(row), row.get(name, "")) for row in rows if not name or row.get(name, "")}

        curated = items(row.named for row in self.references())
        return Score(items(self.rows.get("references", ())), curated, curated)

    def score_authors(self) -> Score:
        entries = {row["reference_id"]: self.entry_of(row) for row in self.rows.get("references", ())}
        authors = self.corpus["reference_authors"].group("reference_id")
        curated = {
            (self.entry_of(row.named), *_name_author(author.named))
            for row in self.references()
            for author in authors.get(row.key, ())
        }
        suggested = {
            (entries[row["reference_id"]], *_name_author(row))
            for row in self.rows.get("reference_authors", ())
        }
        return Score(suggested, curated, curated)

    def references(self) -> list[Row]:
        return self.corpus["references"].group("source_id").get(self.source_id, [])

    def entry_of(self, cells: Cells) -> str:
        passage = self.corpus["passages"].group("passage_id")[cells["passage_id"]][0]
        return passage["part_of"] or passage.key


def _name_work(cells: Cells) -> str:
    return cells.get("ordinal") or cells.get("number") or ""


def _name_author(cells: Cells) -> tuple[str, str, str]:
    return cells["position"], cells["family"], cells["initials"]


def render_scores(scores: Mapping[str, Score]) -> Iterator[tuple[str, ...]]:
    """A line for each kind: the number of suggestions, of correct ones, and of rows in the tables.

    >>> list(render_scores({"claims": Score({"a", "b"}, {"b"}, {"b"})}))[1]
    ('claims', '2', '1', '1', '1', '0.50', '1.00', '1.00')
    """
    yield (
        "kind",
        "suggested",
        "right",
        "in the tables",
        "known",
        "precision",
        "recall",
        "recall of known",
    )
    for kind, score in scores.items():
        shares = (
            (len(score.right), len(score.suggested)),
            (len(score.right), len(score.curated)),
            (len(score.suggested & score.knowable), len(score.knowable)),
        )
        yield (
            kind,
            *map(str, map(len, (score.suggested, score.right, score.curated, score.knowable))),
            *(f"{part / whole:.2f}" if whole else "–" for part, whole in shares),
        )


def render_texts(corpus: Corpus, folder: Path) -> Iterator[tuple[str, ...]]:
    """The lines of the scores for each text in a folder, which the first column names."""
    for number, file in enumerate(sorted(folder.glob("*.txt"))):
        head, *lines = render_scores(evaluate_text(corpus, file))
        if not number:
            yield ("text", *head)
        yield from ((file.stem, *line) for line in lines)
