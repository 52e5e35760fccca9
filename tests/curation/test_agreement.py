"""Agreement is what the formulas say: checked on small cases worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packpress.problems import CannotReadError

from scripts.curation.agreement import measure_kappa, pair_rows, read_relations

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
    file = tmp_path / "reader.csv"
    rows = ["b-c1,a-c1,harm,?,agrees,x", "a-c2,b-c1,harm,?,qualifies,x", "a-c1,gone-c1,dose,?,agrees,x"]
    file.write_text(READING + "\n".join(rows) + "\n", encoding="utf-8")
    passages = {"a-c1": "a-p1", "a-c2": "a-p1", "b-c1": "b-p1"}
    assert read_relations(file, passages) == {
        ("a-p1", "b-p1", "harm"): "agrees and qualifies",
        ("a-p1", "gone-c1", "dose"): "agrees",
    }


def test_a_reading_of_relations_without_a_topic_is_refused(tmp_path):
    file = tmp_path / "reader.csv"
    file.write_text(READING.replace("topic,", ""), encoding="utf-8")
    with pytest.raises(CannotReadError, match="has no column topic"):
        read_relations(file, {})
