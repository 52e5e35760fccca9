"""Agreement is what the formulas say: checked on small cases worked out by hand."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packpress.problems import CannotReadError
from packpress.tables.rows import read_tables

from scripts.curation.agreement import Extraction, group_relations, measure_kappa, pair_rows, read_relations
from scripts.curation.corpus import build_corpus
from scripts.curation.double_annotation import read_tables_as_extraction
from scripts.curation.figures import compare_readers, compare_relations

PASSAGES = {"p": "Ketamine relieves pain and may cause floating.", "q": "It is used."}


def claim(quote, passage="p", focus="", **cells):
    return {"passage_id": passage, "quote": quote, "quote_occurrence": "", "focus": focus or quote, **cells}


def test_rows_pair_when_they_share_half_of_the_shorter():
    pairing = pair_rows([claim("Ketamine relieves pain")], [claim("relieves pain and")], PASSAGES)
    assert len(pairing.pairs) == 1
    assert pairing.f1 == 1


def test_rows_of_other_passages_or_other_words_do_not_pair():
    first = [claim("Ketamine relieves"), claim("It is used", "q")]
    second = [claim("may cause floating"), claim("relieves pain")]
    assert len(pair_rows(first, second, PASSAGES).pairs) == 1
    assert pair_rows(first, second, PASSAGES).f1 == 0.5


def test_claims_on_one_quote_pair_by_focus():
    whole = PASSAGES["p"]
    first = [claim(whole, focus="pain"), claim(whole, focus="floating")]
    second = [claim(whole, focus="floating"), claim(whole, focus="pain")]
    assert all(left["focus"] == right["focus"] for left, right in pair_rows(first, second, PASSAGES).pairs)


def test_nothing_against_nothing_has_no_measure():
    assert pair_rows([], [], PASSAGES).f1 is None
    assert measure_kappa([]) == (None, 0)


def test_kappa_of_a_worked_example():
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed 0.7, expected 0.5, kappa 0.4.
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    kappa, count = measure_kappa(pairs)
    assert kappa == pytest.approx(0.4)
    assert count == 50


def test_kappa_says_nothing_when_both_always_say_the_same():
    assert measure_kappa([("y", "y")] * 9) == (None, 9)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1))
def test_kappa_is_at_most_one_and_symmetric(pairs):
    kappa, _ = measure_kappa(pairs)
    turned, _ = measure_kappa([(right, left) for left, right in pairs])
    assert (kappa is None) == (turned is None)
    assert kappa is None or (kappa <= 1 and kappa == pytest.approx(turned))


READING = "claim_id,related_claim_id,topic,question,relation,reason\n"


def test_relations_are_compared_by_passages_and_topic(tmp_path):
    rows = ["b-c1,a-c1,harm,?,agrees,x", "a-c2,b-c1,harm,?,qualifies,x", "a-c1,gone-c1,dose,?,agrees,x"]
    # The first documents of a reader are in one file, each later one in a folder.
    (tmp_path / "reader.csv").write_text(READING + "\n".join(rows[:2]) + "\n", encoding="utf-8")
    (tmp_path / "reader" / "late").mkdir(parents=True)
    (tmp_path / "reader" / "late" / "relations.csv").write_text(READING + rows[2] + "\n", encoding="utf-8")
    passages = {"a-c1": "a-p1", "a-c2": "a-p1", "b-c1": "b-p1"}
    assert group_relations(read_relations(tmp_path, "reader"), passages) == {
        ("a-p1", "b-p1", "harm"): "agrees and qualifies",
        ("a-p1", "gone-c1", "dose"): "agrees",
    }


def test_a_reading_of_relations_without_a_topic_is_refused(tmp_path):
    file = tmp_path / "reader.csv"
    file.write_text(READING.replace("topic,", ""), encoding="utf-8")
    with pytest.raises(CannotReadError, match="has no column topic"):
        read_relations(tmp_path, "reader")


@pytest.fixture
def corpus(package_copy):
    package = package_copy.read()
    return build_corpus(package, read_tables(package))


def leave_out(reading, *sources):
    """A reading without what it has of some sources."""
    tables = {
        name: [row for row in rows if not row["passage_id"].startswith(tuple(f"{each}-" for each in sources))]
        for name, rows in reading.tables.items()
    }
    return Extraction("B", tables)


def test_a_document_with_one_reading_counts_neither_for_itself_nor_in_the_total(corpus):
    whole = read_tables_as_extraction(corpus)
    head, *lines = compare_readers(corpus, whole, leave_out(whole, "leaflet"))
    assert head[-1] == "all read twice (3 of 4)"
    place = head.index("Valley leaflet")
    assert {line[place] for line in lines} == {"one reading"}
    others = [source for source in corpus.sources if source["source_id"] != "leaflet"]
    expected = list(compare_readers(corpus, whole, whole, others))[1:]
    assert [line[:place] + line[place + 1 :] for line in lines] == expected


def test_a_reading_of_half_a_document_counts_as_it_is(corpus):
    whole = read_tables_as_extraction(corpus)
    less = {
        **whole.tables,
        "claims": [row for row in whole.tables["claims"] if row["claim_id"] != "leaflet-c001"],
    }
    head, claims, *_ = compare_readers(corpus, whole, replace(whole, tables=less))
    assert head[-1] == "all read twice (4 of 4)"
    assert claims[head.index("Valley leaflet")] == "0.97 (17, 16, 16)"


def test_where_nobody_has_read_twice_there_is_no_measure(corpus):
    whole = read_tables_as_extraction(corpus)
    first, second = (
        leave_out(whole, "leaflet", "guidance"),
        leave_out(whole, "leaflet", "clinic-page", "abstract-2001"),
    )
    head, *lines = compare_readers(corpus, first, second)
    assert head[-1] == "all read twice (0 of 4)"
    shown = {name: {line[place] for line in lines} for place, name in enumerate(head)}
    assert shown["Valley leaflet"] == {"no reading"}
    assert shown["Guild guidance"] == shown["Hedge Clinic page"] == {"one reading"}
    assert shown[head[-1]] == {"– (0, 0, 0)", "– (0)"}


def test_relations_count_only_between_documents_that_both_readers_read(corpus):
    shared = {("clinic-page-p004", "guidance-p003", "harm"): "agrees"}
    alone = {
        ("guidance-p003", "leaflet-p001", "harm"): "agrees",
        ("leaflet-p001", "leaflet-p002", "dose"): "agrees",
    }
    lines = {line[0]: line[1:] for line in compare_relations(corpus, shared | alone, shared)}
    assert lines["harm"] == lines["all (2 of 4 documents)"] == ("1.00 (1, 1, 1)", "all alike (1)")
    assert lines["dose"] == ("– (0, 0, 0)", "– (0)")


def test_readers_of_relations_differ_where_only_one_has_a_pair(corpus):
    shared = {("clinic-page-p004", "guidance-p003", "harm"): "agrees"}
    more = {("clinic-page-p004", "guidance-p004", "harm"): "agrees"}
    lines = {line[0]: line[1:] for line in compare_relations(corpus, shared, shared | more)}
    assert lines["harm"] == ("0.67 (1, 2, 1)", "all alike (1)")
