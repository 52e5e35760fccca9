"""The source reader: the document as printed, with every claim beside its words."""

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ketamine_site import facts  # noqa: E402
from ketamine_site.highlights import Frame, Highlight, cut_text, mark_text, mix_stances  # noqa: E402

from tests.conftest import build_edition
from tests.site_client import Page, Site

pytestmark = pytest.mark.long

SOURCES = ["guidance", "clinic-page", "leaflet", "abstract-2001"]


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    return Site(root, package, built)


def rows_of(site: Site, table: str, source_id: str) -> list[dict]:
    return site.rows(f"{table}.json?source_id={source_id}&_labels=off")


@pytest.mark.parametrize("source_id", SOURCES)
def test_every_passage_stands_there_as_printed(site, source_id):
    page = site.page(f"/sources/{source_id}")
    passages = sorted(rows_of(site, "passages", source_id), key=lambda row: row["position"])
    assert page.texts(class_="txt") == [row["text"] for row in passages]


@pytest.mark.parametrize("source_id", SOURCES)
def test_every_passage_and_every_claim_has_an_address(site, source_id):
    page = site.page(f"/sources/{source_id}")
    ids = page.attributes("id")
    assert len(ids) == len({*ids})
    claims = {row["claim_id"] for row in rows_of(site, "claims_flat", source_id)}
    assert claims <= {*ids}
    assert {f"p{row['position']}" for row in rows_of(site, "passages", source_id)} <= {*ids}
    links = page.attributes("href", "a")
    assert {f"/ketamine_pain/claims/{claim_id}" for claim_id in claims} <= {*links}
    assert {href.removeprefix("#") for href in links if href.startswith("#")} <= {*ids}


@pytest.mark.parametrize("source_id", SOURCES)
def test_a_passage_without_a_claim_says_why(site, source_id):
    page = site.page(f"/sources/{source_id}")
    for row in rows_of(site, "passages", source_id):
        if row["reason"]:
            assert any(row["reason"] in text for text in page.texts("p", class_="why"))


@pytest.mark.parametrize("source_id", SOURCES)
def test_the_account_counts_every_passage_once(site, source_id):
    page = site.page(f"/sources/{source_id}")
    counted = [
        int(text.split()[0])
        for text in page.texts("li")
        if "hold" in text or text.strip().endswith("bibliography")
    ]
    assert sum(counted) == len(rows_of(site, "passages", source_id))


def test_a_document_that_is_on_the_web_leads_there(site):
    for source in site.rows("sources.json"):
        page = site.page(f"/sources/{source['source_id']}")
        assert (source["url"] in page.attributes("href", "a")) is bool(source["url"])


def test_marks_of_one_claim_cover_its_quote(site):
    claim = next(row for row in rows_of(site, "claims_flat", "guidance") if row["stance"] == "against")
    page = site.page("/sources/guidance")
    assert claim["quote"] in page.texts("mark")


def test_a_filter_fades_and_removes_nothing(site):
    whole, part = site.page("/sources/clinic-page"), site.page("/sources/clinic-page?stance=against")
    assert part.texts(class_="txt") == whole.texts(class_="txt")
    assert not whole.texts(class_="faded")
    assert part.texts("li", class_="cl faded")
    against = [row for row in rows_of(site, "claims_flat", "clinic-page") if row["stance"] == "against"]
    assert f"against ({len(against)})" in part.texts("option")
    assert f"{len(against)} of" in "".join(part.texts(class_="sum"))


def test_every_stance_is_offered_even_without_a_claim(site):
    options = site.page("/sources/abstract-2001").texts("option")
    for stance in ("supports", "against", "mixed", "neutral", "no stance"):
        assert any(option.startswith(f"{stance} (") for option in options)


def test_a_filter_that_leaves_nothing_says_so_and_can_be_removed(site):
    page = site.page('/sources/guidance?type=<b>zz"&certainty=hedged')
    removals = "".join(page.texts(class_="removals"))
    assert "No claim matches." in removals
    assert 'Remove type = <b>zz"' in removals
    assert "/sources/guidance?certainty=hedged" in page.attributes("href", "a")


@pytest.mark.parametrize("source_id", SOURCES)
def test_a_filter_offers_each_value_with_its_number_of_claims(site, source_id):
    options = site.page(f"/sources/{source_id}").texts("option")
    claims = rows_of(site, "claims_flat", source_id)
    for column in ("stance", "certainty", "claim_type"):
        for value, count in Counter(claim[column] or "no stance" for claim in claims).items():
            assert f"{value.replace('_', ' ')} ({count})" in options
    conditions = Counter(
        label for claim in claims if claim["conditions"] for label in claim["conditions"].split("; ")
    )
    assert {f"{label} ({count})" for label, count in conditions.items()} <= {*options}


@pytest.fixture
def site_in_parts(root, package, built, monkeypatch) -> Site:
    """The site as it is when a document is long: here everything beyond five passages."""
    monkeypatch.setattr(facts, "PART", 5)
    return Site(root, package, built)


def test_a_long_document_is_shown_in_parts_that_leave_nothing_out(site_in_parts):
    passages = rows_of(site_in_parts, "passages", "leaflet")
    texts, address = [], "/sources/leaflet"
    while address:
        page = site_in_parts.page(address)
        texts += page.texts(class_="txt")
        assert len(page.texts(class_="txt")) <= 5
        following = [
            attrs["href"] for _, attrs, inside in page.elements if inside == ["Next"] and "href" in attrs
        ]
        address = following[0] if following else None
    assert texts == [row["text"] for row in sorted(passages, key=lambda row: row["position"])]


def test_an_address_leads_into_the_part_that_holds_the_place(site_in_parts):
    page = site_in_parts.page("/ketamine_pain/uncited_claims?source_id=leaflet&_size=200")
    places = {href for href in page.attributes("href", "a") if href.startswith("/sources/leaflet?")}
    claims = {row["claim_id"] for row in rows_of(site_in_parts, "uncited_claims", "leaflet")}
    assert claims
    assert {href.partition("#")[2] for href in places} >= claims
    for href in sorted(places)[::7]:
        there = site_in_parts.page(href)
        assert href.partition("#")[2] in there.attributes("id"), href
    assert facts.source_path(site_in_parts.datasette, "leaflet", 13).endswith("?at=p13#p13")


def test_a_filter_of_a_long_document_counts_all_of_it_and_keeps_the_part(site_in_parts):
    page = site_in_parts.page("/sources/leaflet?at=p13&stance=supports")
    supports = [
        row for row in rows_of(site_in_parts, "claims_flat", "leaflet") if row["stance"] == "supports"
    ]
    assert f"{len(supports)} of" in "".join(page.texts(class_="sum"))
    assert "p11" in page.attributes("id")
    assert "/sources/leaflet?at=11" in page.attributes("href", "a")
    assert "/sources/leaflet?stance=supports&at=16" in page.attributes("href", "a")
    assert [attrs["value"] for tag, attrs, _ in page.elements if attrs.get("name") == "at"] == ["11"]


@pytest.mark.parametrize(
    ("at", "first"),
    [("p0", 1), ("-3", 1), ("guidance-c001", 1), ("9" * 5000, 1), ("999", 16), ("p16", 16)],
)
def test_a_place_that_makes_no_sense_is_the_nearest_part(site_in_parts, at, first):
    assert f"p{first}" in site_in_parts.page(f"/sources/leaflet?at={at}").attributes("id")


def test_a_short_document_needs_no_parts(site):
    page = site.page("/sources/leaflet")
    assert not page.texts("nav", class_="parts")
    assert facts.source_path(site.datasette, "leaflet", 13) == "/sources/leaflet#p13"


def test_a_claim_that_does_not_judge_shows_its_type_alone(site):
    page = site.page("/sources/abstract-2001?stance=none")
    shown = [text for text in page.texts("li", class_="cl") if "review scope" in text]
    assert shown
    assert not any("neutral" in text for text in shown)


def test_a_bibliography_is_folded_and_counted(site):
    page = site.page("/sources/abstract-2001")
    summaries = page.texts("summary")
    assert [text.split(" (")[0] for text in summaries] == [
        "Citing Articles, 3 entries",
        "References, 3 entries",
    ]


@pytest.fixture(scope="module")
def quotes_site(root, package, tmp_path_factory) -> Site:
    """The site of the edition that keeps the quotes and leaves out the running text."""
    return Site(root, package, build_edition(package, tmp_path_factory.mktemp("quotes") / "build", "quotes"))


# Characters around a quote that the edition has kept since its first release, cut or not.
MOST_CONTEXT = 40


def list_disclosed(site: Site, source_id: str) -> set[int]:
    """The places of characters of a document that the tables of the edition hold."""
    bounds = {row["passage_id"]: row for row in rows_of(site, "passages", source_id)}
    claims = {row["claim_id"]: row["passage_id"] for row in rows_of(site, "claims_flat", source_id)}
    titles = [row for row in bounds.values() if row["kind"] == "title"]
    places = {place for row in titles for place in range(row["start_offset"], row["end_offset"])}
    for row in rows_of(site, "anchors", source_id):
        if (row["table_name"], row["field_name"]) == ("passages", "text"):
            continue
        start, end = row["start_offset"], row["end_offset"]
        if (row["table_name"], row["field_name"]) == ("claims", "quote"):
            passage = bounds[claims[row["row_id"]]]
            start = max(start - MOST_CONTEXT, passage["start_offset"])
            end = min(end + MOST_CONTEXT, passage["end_offset"])
        places.update(range(start, end))
    return places


@pytest.mark.parametrize("source_id", SOURCES)
def test_the_edition_with_quotes_shows_them_in_place_and_no_other_words(site, quotes_site, source_id):
    page, full = quotes_site.page(f"/sources/{source_id}"), site.page(f"/sources/{source_id}")
    disclosed = list_disclosed(quotes_site, source_id)
    shown = re.findall(r'(?s)<(?:p|h3) class="txt[^"]*">(.*?)</(?:p|h3)>', page.html)
    passages = sorted(rows_of(site, "passages", source_id), key=lambda row: row["position"])
    assert len(shown) == len(passages)
    for words, passage in zip(shown, passages, strict=True):
        if words.startswith("Withheld; "):
            continue
        known = list(measure_gaps(words))
        assert len(known) == len(passage["text"])
        for place, (sign, printed) in enumerate(zip(known, passage["text"], strict=True)):
            assert sign in (None, printed), (passage["passage_id"], place)
            assert sign is None or passage["start_offset"] + place in disclosed
    # What is quoted is marked and linked as where the whole text stands.
    assert page.texts("mark") == full.texts("mark")
    assert page.attributes("href", "a", class_="k") == full.attributes("href", "a", class_="k")


def measure_gaps(html: str) -> Iterator[str | None]:
    """Each character of a passage as shown, and None for each that a gap stands for."""
    for part in re.split(r"(<[^>]*>)", html):
        if gap := re.search(r'class="gap".* title="([0-9]+) character', part):
            yield from [None] * int(gap[1])
        elif not part.startswith("<"):
            yield from unescape(part)


def test_context_ends_with_whole_words(quotes_site, site):
    texts = {row["passage_id"]: row["text"] for row in site.rows("passages.json?_labels=off")}
    cut = 0
    for row in quotes_site.rows("claims_flat.json?_labels=off"):
        before, after = row["context_before"] or "", row["context_after"] or ""
        around = before + row["quote"] + after
        text = texts[row["passage_id"]]
        starts = [place for place in range(len(text)) if text.startswith(around, place)]
        assert any(
            (not before or before[0] == " " or place == 0 or text[place - 1] == " ")
            and (not after or after[-1] == " " or text[place + len(around) :][:1] in ("", " "))
            for place in starts
        ), row["claim_id"]
        cut += around not in (text, row["quote"])
    assert cut > 5


def test_the_key_explains_what_is_there_and_nothing_else(site, quotes_site):
    pages = [(shown, source_id) for shown in (site, quotes_site) for source_id in SOURCES]
    for shown, source_id in pages:
        page = shown.page(f"/sources/{source_id}")
        (key,) = re.findall(r'(?s)<ul class="key" aria-label="Key">(.*?)</ul>', page.html)
        rows = rows_of(shown, "claims_flat", source_id)
        assert ("hedged" in key) == any(row["certainty"] == "hedged" for row in rows)
        for stance in ("supports", "against", "mixed", "neutral"):
            assert (f"</svg>{stance}<" in key) == any(row["stance"] == stance for row in rows)
        assert ("left out here" in key) == ('class="gap"' in page.html.replace(key, ""))


def list_pages_with_quotes(site: Site) -> list[str]:
    """Addresses of every kind of page that prints words of the documents, besides the reader."""
    keys = {
        "claims": "claim_id",
        "conditions": "condition_id",
        "routes": "route_id",
        "concepts": "concept_id",
    }
    keys |= {"adverse_effects": "adverse_effect_id", "questions": "question_id", "references": "reference_id"}
    rows = [
        f"{site.database}/{table}/{row[key]}"
        for table, key in keys.items()
        for row in site.rows(f"{table}.json?_labels=off")
    ]
    pairs = [f"/compare/{first}/{second}" for first, second in combinations(SOURCES, 2)]
    return [*rows, *pairs, "/disagreements", "/disagreements?relation=agrees"]


@pytest.mark.parametrize("is_whole", [True, False], ids=["full", "quotes"])
def test_every_key_explains_gaps_where_there_are_some_and_nowhere_else(site, quotes_site, is_whole):
    found = set()
    shown = site if is_whole else quotes_site
    for path in list_pages_with_quotes(shown):
        page = shown.page(path)
        has_gaps = "img" in page.attributes("role", "span", class_="gap")
        explained = [text for text in page.texts("li") if text == "words left out here"]
        assert len(explained) == has_gaps, path
        found.add((path.rsplit("/", 1)[0], has_gaps))
    kinds = {kind for kind, _ in found}
    assert all((kind, False) in found for kind in kinds) if is_whole else len(found) > len(kinds)
    assert any(has_gaps for _, has_gaps in found) != is_whole


@pytest.mark.parametrize("source_id", SOURCES)
def test_printed_markers_are_raised_and_lead_to_what_they_cite(site, source_id):
    page = site.page(f"/sources/{source_id}")
    cited = {
        row["marker"]
        for row in site.rows("claim_references.json?_labels=off")
        if row["claim_id"] in {claim["claim_id"] for claim in rows_of(site, "claims_flat", source_id)}
    }
    assert {*page.texts("sup", class_="cite")} == cited
    assert cited or source_id != "guidance"
    for address in re.findall(r'<sup class="cite"><a href="([^"]*)"', page.html):
        path, _, anchor = address.partition("#")
        assert anchor in site.page(path).attributes("id") if anchor else site.page(path)


def test_a_filtered_document_leads_to_its_first_match(site):
    for row in rows_of(site, "claims_flat", "guidance"):
        asked = f"certainty={row['certainty']}&type={row['claim_type']}"
        page = site.page(f"/sources/guidance?{asked}")
        (first,) = [
            href for href in page.attributes("href", "a") if href.startswith(f"/sources/guidance?{asked}#")
        ]
        matching = [
            other["claim_id"]
            for other in rows_of(site, "claims_flat", "guidance")
            if (other["certainty"], other["claim_type"]) == (row["certainty"], row["claim_type"])
        ]
        ids = [name for name in page.attributes("id") if name in matching]
        assert first.partition("#")[2] == ids[0]
    assert "To the first" not in site.page("/sources/guidance").html


def test_what_is_withheld_is_not_called_unstated(quotes_site):
    passage = rows_of(quotes_site, "passages", "guidance")[2]
    page = quotes_site.page(f"{quotes_site.database}/passages/{passage['passage_id']}")
    recorded = list(zip(page.texts("dt"), page.texts("dd"), strict=False))
    assert ("Text", "withheld in this edition") in recorded
    assert not [words for name, words in recorded if name == "Text" and words == "not stated"]


@pytest.mark.parametrize("edition", ["quotes", "none"])
def test_an_edition_without_the_text_says_so(root, package, tmp_path, edition):
    site = Site(root, package, build_edition(package, tmp_path / "build", edition))
    page = site.page("/sources/guidance")
    for row in rows_of(site, "passages", "guidance"):
        withheld = f"Withheld; characters {row['start_offset']} to {row['end_offset']}" in page.texts("p")
        assert withheld == (row["kind"] != "title") if edition == "none" else True
    assert "None" not in "".join(page.texts("li", class_="cl"))
    quotes = [text for text in page.texts("p", class_="txt") if "a limited role in" in text]
    assert bool(quotes) == (edition == "quotes")
    for name in site.metadata["databases"]["ketamine_pain"]["queries"]:
        site.page(f"/ketamine_pain/{name}?q=ketamine")
    for name in site.metadata["databases"]["ketamine_pain"]["tables"]:
        site.page(f"/ketamine_pain/{name}?_size=2")
    for path in ("/", "/sources", "/disagreements", "/ketamine_pain"):
        site.page(path)
    pairs = site.page("/disagreements?relation=contradicts")
    assert bool(pairs.texts("mark")) == (edition == "quotes")
    assert ("Withheld; characters" in pairs.html) == (edition == "none")
    assert "There are few" not in site.get("/ketamine_pain/search.json?q=few+trials").text


words = st.text(alphabet="ab <&\"'é𝄞\u00a0", min_size=0, max_size=30)
spans = st.tuples(
    st.integers(0, 30), st.integers(1, 12), st.sampled_from(["supports", "against", "neutral", None])
)


@given(words, st.lists(spans, max_size=6))
def test_marking_adds_no_character(text, found):
    inside = [
        (start, min(start + length, len(text)), stance)
        for start, length, stance in found
        if start < len(text)
    ]
    marks = [
        Highlight(a, b, stance, False, f"c{n}", "a", "claim", False)
        for n, (a, b, stance) in enumerate(inside)
    ]
    frames = [Frame(a, b, "hedge" if n % 2 else "qualifier") for n, (a, b, _) in enumerate(inside)]
    page = Page(f'<p class="txt">{mark_text(text, marks, frames)}</p>')
    assert page.texts("p") == [text]
    assert len(page.texts("a", class_="k")) == len(marks)


def test_overlapping_quotes_are_cut_at_their_boundaries():
    one, other = Frame(0, 5, "one"), Frame(3, 8, "other")
    stretches = cut_text(0, 10, [one, other])
    assert [(s.start, s.end, s.spans, s.ending) for s in stretches] == [
        (0, 3, (one,), ()),
        (3, 5, (one, other), (one,)),
        (5, 8, (other,), (other,)),
        (8, 10, (), ()),
    ]


@pytest.mark.parametrize(
    ("stances", "shown"),
    [
        (("supports",), "supports"),
        (("supports", "against"), "mixed"),
        (("supports", "neutral"), "supports"),
        (("neutral", None), "neutral"),
        ((None,), None),
    ],
)
def test_two_judgements_together_look_mixed(stances, shown):
    marks = tuple(Highlight(0, 1, stance, False, "c", "", "", False) for stance in stances)
    assert mix_stances(marks) == shown


def test_an_entry_says_whether_it_is_corrected_or_only_completed(site):
    kinds: dict[str, set[str]] = {}
    for row in site.rows("corrections.json"):
        kinds.setdefault(row["reference_id"], set()).add(row["kind"])
    words = {
        reference_id: "Corrected" if "misprint" in found else "Details supplied"
        for reference_id, found in kinds.items()
    }
    assert {*words.values()} == {"Corrected", "Details supplied"}
    for row in site.rows("references.json"):
        if row["listed_as"] == "in_text":
            continue
        notes = site.page(f"/sources/{row['source_id']}").texts("p", class_="why")
        (said,) = [note for note in notes if note.split()[:2] == ["Reference", row["reference_id"]]]
        assert " ".join(said.split()[2:]) == words.get(row["reference_id"], "")
