"""Figures of the method page and the guide, computed from the tables and the raw extractions."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, partial

from packpress.package.descriptor import Package
from packpress.tables.rows import Row, Tables

from scripts.curation.agreement import (
    ENTITY_TABLES,
    JUDGED_FIELDS,
    READERS,
    READINGS,
    RELATION_READERS,
    Comparison,
    Extraction,
    Pairing,
    group_relations,
    measure_kappa,
    pair_rows,
    read_extraction,
    read_relations,
)
from scripts.curation.comparisons import evaluate_comparisons
from scripts.curation.corpus import RUNNING_TEXT, Corpus, build_corpus
from scripts.curation.drafts import drop_drafts
from scripts.curation.evaluation import evaluate, render_scores, render_texts
from scripts.curation.rejections import read_rejected

# Texts of other layouts that are no sources, with what they say.
TEXTS = "tests/data/gold"
# What stands in place of a measure where fewer than two have read.
UNREAD = {0: "no reading", 1: "one reading"}
Line = tuple[str, ...]


@dataclass(frozen=True)
class Scope:
    """The documents of one column of figures, and the rows of two readers in them, paired once per table."""

    passages: list[Row]
    readers: tuple[Extraction, Extraction]

    @cached_property
    def texts(self) -> dict[str, str]:
        """The text of each passage, by id."""
        return {row["passage_id"]: row["text"] for row in self.passages}

    @cached_property
    def readings(self) -> int:
        """How many of the two readers read the documents; nothing is read twice as well as once."""
        return sum(reader.has_read(self.texts) or not self.texts for reader in self.readers)

    @cached_property
    def claims(self) -> Pairing:
        """The claims of both readers, paired."""
        return self.pair("claims")

    def pair(self, table: str) -> Pairing:
        """The rows of both readers in one table, paired."""
        first, second = (reader.rows(table, self.texts) for reader in self.readers)
        return pair_rows(first, second, self.texts)


def list_figures(package: Package, tables: Tables) -> dict[str, str]:
    """The figures in the documents about curation, as Markdown tables by name.

    Drafts are left out, as in a build.
    """
    published = drop_drafts(package, tables)
    known = {row["source_id"] for row in published["sources"].rows}
    rejected = {name: rows for name, rows in read_rejected(package.root).items() if name in known}
    corpus = build_corpus(package, published, rejected)
    figures = {
        "counts": render_table(count_sources(corpus)),
        "relations": render_table(count_relations(corpus)),
        "relations-by-source": render_table(count_pairs_of_sources(corpus)),
        "suggestions": render_table(render_scores(evaluate(corpus))),
        "suggested-comparisons": render_table(evaluate_comparisons(corpus)),
    }
    if (package.root / TEXTS).is_dir():
        figures["suggestions-texts"] = render_table(render_texts(corpus, package.root / TEXTS))
    folder = package.root / READINGS
    if folder.is_dir():
        first, second = (read_extraction(package, folder / reader) for reader in READERS)
        figures["agreement"] = render_table(compare_readers(corpus, first, second))
        passages = {row["claim_id"]: row["passage_id"] for row in corpus["claims"].rows}
        one, other = (
            group_relations(read_relations(folder / "relations", reader), passages)
            for reader in RELATION_READERS
        )
        figures["relations-agreement"] = render_table(compare_relations(corpus, one, other))
    return figures


def count_sources(corpus: Corpus) -> Iterator[Line]:
    """The numbers for each source: passages, sentences, claims, and claims by stance."""
    stances = corpus["claims"].resource.field("stance").enum
    yield "source", "passages", "sentences", "with claims", "claims", *stances, "hedged"
    for source in corpus.sources:
        passages = corpus.passages.get(source["source_id"], [])
        sentences = [row for row in passages if row["kind"] in RUNNING_TEXT]
        claims = [claim for row in passages for claim in corpus.claims_of(row)]
        counts = (
            len(passages),
            len(sentences),
            sum(bool(corpus.claims_of(row)) for row in sentences),
            len(claims),
            *(sum(claim["stance"] == stance for claim in claims) for stance in stances),
            sum(claim["certainty"] == "hedged" for claim in claims),
        )
        yield source["short_name"], *map(str, counts)


def count_relations(corpus: Corpus) -> Iterator[Line]:
    """The number of relations by topic and kind."""
    kinds = corpus["claim_relations"].resource.field("relation").enum
    topics = corpus["questions"].resource.field("topic").enum
    of_question = {row.key: row["topic"] for row in corpus["questions"].rows}
    counts = Counter(
        (of_question[row["question_id"]], row["relation"]) for row in corpus["claim_relations"].rows
    )
    yield "topic", *kinds, "all"
    for topic in topics:
        numbers = [counts[topic, kind] for kind in kinds]
        yield topic, *map(str, numbers), str(sum(numbers))
    totals = [sum(counts[topic, kind] for topic in topics) for kind in kinds]
    yield "all", *map(str, totals), str(sum(totals))


def count_pairs_of_sources(corpus: Corpus) -> Iterator[Line]:
    """The number of relations by the two sources that they join; each pair of sources stands there twice."""
    of_claim = {row["claim_id"]: corpus.source_id(row) for row in corpus["claims"].rows}
    counts = Counter(
        frozenset((of_claim[row["claim_id"]], of_claim[row["related_claim_id"]]))
        for row in corpus["claim_relations"].rows
    )
    sources = corpus.sources
    yield "source", *(source["short_name"] for source in sources)
    for source in sources:
        numbers = (counts[frozenset((source["source_id"], other["source_id"]))] for other in sources)
        yield source["short_name"], *map(str, numbers)


def compare_relations(
    corpus: Corpus,
    first: Mapping[Comparison, str],
    second: Mapping[Comparison, str],
    read_twice: Set[str] = frozenset(),
) -> Iterator[Line]:
    """The agreement of two readers of relations, by topic and for all topics.

    Only pairs in documents that both have read count: those given, or those of which both have a relation.
    """
    topics = corpus["questions"].resource.field("topic").enum
    documents = [{_source_of(corpus, place) for pair in one for place in pair[:2]} for one in (first, second)]
    # A withdrawn claim's document is unknown; it counts, as the reader did record it.
    twice = (read_twice or documents[0] & documents[1]) | {""}
    first, second = (
        {pair: one[pair] for pair in one if {_source_of(corpus, each) for each in pair[:2]} <= twice}
        for one in (first, second)
    )
    yield (
        "topic",
        "pairs of passages, F1 (pairs of C, of D, shared)",
        "relation on shared pairs, kappa (pairs)",
    )
    everything = f"all ({len(twice - {''})} of {len(corpus.sources)} documents)"
    for topic in (*topics, everything):
        one, other = (
            {pair: relation for pair, relation in reader.items() if topic in (everything, pair[2])}
            for reader in (first, second)
        )
        shared = sorted(one.keys() & other.keys())
        count = len(one) + len(other)
        f1 = _show(2 * len(shared) / count if count else None)
        kappa = _show_kappa((one[pair], other[pair]) for pair in shared)
        yield topic, f"{f1} ({len(one)}, {len(other)}, {len(shared)})", kappa


def _source_of(corpus: Corpus, passage_id: str) -> str:
    """The source of a passage; empty for a claim that is withdrawn since the reading."""
    passage = corpus["passages"].get(passage_id)
    return passage["source_id"] if passage else ""


def compare_readers(
    corpus: Corpus,
    first: Extraction,
    second: Extraction,
    sources: Sequence[Row] = (),
    within: Set[str] | None = None,
) -> Iterator[Line]:
    """The agreement of two readers, one measure per line, for each document and for all together.

    Only documents that both have read count; one that has no second reading cannot agree with itself. While
    they are still reading, `within` has the ids of the passages that both have read.
    """
    sources = sources or corpus.sources
    passages = [
        [
            row
            for row in corpus.passages.get(source["source_id"], ())
            if within is None or row["passage_id"] in within
        ]
        for source in sources
    ]
    scopes = [Scope(rows, (first, second)) for rows in passages]
    head = ["measure", *(source["short_name"] for source in sources)]
    if len(sources) > 1:
        twice = [scope for scope in scopes if scope.readings == len(scope.readers)]
        head.append(f"all read twice ({len(twice)} of {len(sources)})")
        scopes.append(Scope([row for scope in twice for row in scope.passages], (first, second)))
    yield tuple(head)
    yield _measure(
        "claims found, F1 (claims of A, of B, pairs)", scopes, lambda scope: _show_pairing(scope.claims)
    )
    yield _measure("sentence has a claim, kappa (sentences)", scopes, _measure_holding)
    for field in JUDGED_FIELDS:
        yield _measure(f"{field}, kappa (pairs)", scopes, partial(_measure_judgement, field))
    for table in ENTITY_TABLES:
        yield _measure(f"{table}, F1 (rows of A, of B, pairs)", scopes, partial(_measure_rows, table))


def _measure(title: str, scopes: Iterable[Scope], measure: Callable[[Scope], str]) -> Line:
    """One measure of each scope; where two have not read, how many have."""
    return title, *(UNREAD.get(scope.readings, "") or measure(scope) for scope in scopes)


def _measure_holding(scope: Scope) -> str:
    drawn = [{row["passage_id"] for row in reader.rows("claims", scope.texts)} for reader in scope.readers]
    sentences = [row["passage_id"] for row in scope.passages if row["kind"] in RUNNING_TEXT]
    return _show_kappa((str(passage in drawn[0]), str(passage in drawn[1])) for passage in sentences)


def _measure_judgement(field: str, scope: Scope) -> str:
    return _show_kappa((left[field], right[field]) for left, right in scope.claims.pairs)


def _measure_rows(table: str, scope: Scope) -> str:
    return _show_pairing(scope.pair(table))


def _show_pairing(pairing: Pairing) -> str:
    return f"{_show(pairing.f1)} ({pairing.first}, {pairing.second}, {len(pairing.pairs)})"


def _show(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _show_kappa(pairs: Iterable[tuple[str, str]]) -> str:
    kappa, count = measure_kappa(pairs)
    return f"{'all alike' if kappa is None and count else _show(kappa)} ({count})"


def render_table(lines: Iterable[Line]) -> str:
    """A Markdown table; the first line is its header.

    >>> print(render_table([("measure", "all"), ("claims", "12")]))
    | measure | all |
    | --- | --: |
    | claims | 12 |
    """
    head, *rows = lines
    marks = ("---", *("--:" for _ in head[1:]))
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, marks, *rows))
