"""The claim card: every part of it equals what the tables say, and what is copied from it can be read again."""

import dataclasses
import io
import json
import re
from calendar import month_name
from collections import defaultdict
from urllib.parse import parse_qs, urlsplit

import jsonschema
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ketamine_site.cells import show_empty
from ketamine_site.claims.citation import FORMS, Citation, read_date, write_text
from ketamine_site.claims.claims import arrange_passages
from ketamine_site.entities.references import spell_number
from ketamine_site.highlights import Quoted

from tests.conftest import build_edition
from tests.site_client import Page, Site

pytestmark = pytest.mark.long

LINKS = {
    "conditions": ("claim_conditions", "condition_id"),
    "routes": ("claim_routes", "route_id"),
    "adverse_effects": ("claim_adverse_effects", "adverse_effect_id"),
    "concepts": ("claim_concepts", "concept_id"),
}
# Columns of a link that hold the source's own words.
LINK_WORDS = ("mention", "qualifier", "formulation", "frequency", "course")
DIRECTIONS = {"not_stated": "direction not stated"}
RELATION_WORDS = {
    "contradicts": "Contradicts",
    "in_tension": "In tension",
    "agrees": "Agrees",
    "complements": "Complements",
}
TYING = {
    "cause": ("Because", "A cause of"),
    "purpose": ("So that", "An aim of"),
    "concession": ("Although", "Conceded to"),
    "example": ("For example", "An example of"),
}
CSL = jsonschema.Draft202012Validator(
    {
        "type": "array",
        "minItems": 1,
        "maxItems": 1,
        "items": {
            "type": "object",
            "required": ["id", "type", "title"],
            "additionalProperties": False,
            "properties": {
                **dict.fromkeys(("id", "title", "version", "note", "abstract", "URL"), {"type": "string"}),
                "type": {"const": "dataset"},
                "author": {
                    "type": "array",
                    "items": {"properties": {"literal": {"type": "string"}}, "required": ["literal"]},
                },
                "issued": {
                    "properties": {
                        "date-parts": {
                            "items": {"type": "array", "items": {"type": "integer"}, "maxItems": 3}
                        }
                    },
                    "required": ["date-parts"],
                },
            },
        },
    }
)
TEX_NAMES = {
    "textbackslash": "\\",
    "textbraceleft": "{",
    "textbraceright": "}",
    "textasciitilde": "~",
    "textasciicircum": "^",
}
# Signs that mean something to BibTeX come often enough to meet each other.
signs = st.one_of(st.sampled_from("{}\\%$&#_~^ \nab"), st.characters(exclude_categories=["Cs"]))
words = st.text(signs, min_size=1, max_size=12).filter(str.strip)
citations = st.builds(
    Citation,
    claim_id=st.sampled_from(["guidance-c009", "x1"]),
    statement=words,
    source=words,
    start=st.integers(0, 10**6),
    end=st.integers(0, 10**6),
    authors=st.lists(words, max_size=2).map(tuple),
    title=words,
    version=st.one_of(st.just(""), words),
    date=st.one_of(st.just(()), st.dates().map(lambda day: (day.year, day.month, day.day))),
    url=st.one_of(st.just(""), words.map(lambda text: f"https://example.org/{text}")),
)


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    return Site(root, package, built)


@pytest.fixture(scope="module")
def tables(site) -> dict[str, list[dict]]:
    names = ["claims", "claims_flat", "passages", "claim_references", "corrections", "claim_relations"]
    names += ["claim_reasons"]
    names += ["references", "questions", "classifications", *(link for link, _ in LINKS.values())]
    return {name: site.rows(f"{name}.json?_labels=off") for name in names}


@pytest.fixture(scope="module")
def cards(site, tables) -> dict[str, Page]:
    """The card of every claim."""
    return {row["claim_id"]: card(site, row["claim_id"]) for row in tables["claims"]}


def card(site: Site, claim_id: str) -> Page:
    return site.page(f"{site.database}/claims/{claim_id}")


def words_of(text: str) -> str:
    """The text with each run of white space as one space, as a browser shows it."""
    return " ".join(text.split())


def text_of(page: Page, tag: str, **wanted: str) -> str:
    return words_of(" ".join(page.texts(tag, **wanted)))


def facts_of(page: Page) -> dict[str, str]:
    """What is recorded, by its names on the card."""
    terms, values = page.texts("dt"), page.texts("dd")
    assert len(terms) == len(values)
    found: dict[str, str] = {}
    for term, value in zip(terms, values, strict=True):
        found.setdefault(term, words_of(value))
    return found


def gather(rows: list[dict], key: str) -> dict[str, list[dict]]:
    found = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return found


def test_every_card_shows_statement_quote_stance_and_voice(cards, tables):
    passages = {row["passage_id"]: row for row in tables["passages"]}
    for row in tables["claims"]:
        page = cards[row["claim_id"]]
        assert page.texts("h1") == [row["statement"]]
        passage = passages[row["passage_id"]]
        for anchor in (f"p{passage['position']}", row["claim_id"]):
            assert f"/sources/{passage['source_id']}#{anchor}" in page.attributes("href", "a")
        assert page.texts("mark")[0] == row["quote"]
        tags = words_of(page.texts("p", class_="tags")[0])
        assert (row["stance"] or "no stance") in tags
        assert (f"hedged: {row['hedge']}" if row["hedge"] else row["certainty"]) in tags
        assert (f"in the name of {row['attributed_to']}" if row["attributed_to"] else "own voice") in tags


def test_every_quote_stands_in_its_passage_among_its_neighbours(cards, tables):
    by_id = {row["passage_id"]: row for row in tables["passages"]}
    by_place = {(row["source_id"], row["position"]): row for row in tables["passages"]}
    for row in tables["claims"]:
        own = by_id[row["passage_id"]]
        quoted = words_of(cards[row["claim_id"]].texts("blockquote")[0])
        wanted = [own]
        for step in (-1, 1):
            other = by_place.get((own["source_id"], own["position"] + step))
            if other and other["kind"] == "sentence" and other["section"] == own["section"]:
                wanted.append(other)
        if row["antecedent_passage_id"]:
            wanted.append(by_id[row["antecedent_passage_id"]])
            assert f"subject of the claim stands in passage {wanted[-1]['position']}" in quoted
        for passage in wanted:
            assert words_of(passage["text"]) in quoted


def test_every_card_frames_doubt_and_limit_and_says_when_there_are_none(cards, tables):
    for row in tables["claims"]:
        page = cards[row["claim_id"]]
        facts = facts_of(page)
        for name, term in (("hedge", "Hedged by"), ("qualifier", "Limited by")):
            assert facts.get(term) == (words_of(row[name]) if row[name] else None)
            if row[name]:
                assert row[name] in page.texts("em", class_=name)
        for name, term in (("dose", "Dose"), ("duration_of_effect", "Duration of effect")):
            assert facts.get(term) == (words_of(row[name]) if row[name] else None)
        silent = {
            word
            for words in page.texts("p", class_="unstated")
            for word in words.removeprefix("Not stated: ").removesuffix(".").split(", ")
        }
        names = {
            "hedge": "doubt",
            "qualifier": "limit",
            "dose": "dose",
            "duration_of_effect": "duration of effect",
        }
        assert {word for name, word in names.items() if not row[name]} == silent & {*names.values()}
        assert ("evidence" in silent) == (row["evidence_type"] == "none_stated")
        assert facts["Focus"] == (
            "the whole quote" if row["focus"] == row["quote"] else words_of(row["focus"])
        )


def test_every_card_links_what_the_claim_names_with_role_and_words(cards, tables):
    for name, (link, key) in LINKS.items():
        of_claim = gather(tables[link], "claim_id")
        term = name.replace("_", " ").capitalize()
        for claim_id, page in cards.items():
            value = facts_of(page).get(term)
            unstated = "".join(page.texts("p", class_="unstated"))
            assert (value is None) == (not of_claim[claim_id]) == (f" {term[:-1].lower()}" in unstated)
            for row in of_claim[claim_id]:
                assert f"/ketamine_pain/{name}/{row[key]}" in page.attributes("href", "a")
                assert row["role"].replace("_", " ") in value
                if direction := row.get("direction"):
                    assert f"outcome, {DIRECTIONS.get(direction, direction)}" in value
                assert all(words_of(row[column]) in value for column in LINK_WORDS if row.get(column))


def test_every_card_expands_its_markers_into_references_and_corrections(cards, tables):
    of_claim = gather(tables["claim_references"], "claim_id")
    corrections = gather(tables["corrections"], "reference_id")
    for claim_id, page in cards.items():
        notes = text_of(page, "aside")
        rows = of_claim[claim_id]
        links = page.attributes("href", "a")
        for marker, cited in gather(rows, "marker").items():
            count = f"{spell_number(len(cited))} reference{'s' if len(cited) != 1 else ''}"
            assert f"Printed marker “{marker}”: {count}" in notes
        for row in rows:
            assert f"/ketamine_pain/references/{row['reference_id']}" in links
            for correction in corrections[row["reference_id"]]:
                assert f"/ketamine_pain/corrections/{correction['correction_id']}" in links
                assert correction["corrected"] in notes
                printed = words_of(correction["printed"] or "")
                assert f"“{printed}”" in notes or correction["kind"] == "completion"
        if not rows:
            assert "No reference" in notes


def test_a_correction_names_printed_form_corrected_form_and_basis(site):
    flags = [words_of(text) for text in card(site, "guidance-c009").texts("div", class_="flag")]
    assert (
        "Corrected by an outside source: printed “Invented Journal of Pain & Quiet”, "
        "the journal or series is Invented Journal of Pain and Stillness."
    ) in flags
    assert "Supplied by an outside source: DOI 10.5555/quiet.268; PubMed 90000022." in flags


def test_every_relation_stands_on_both_of_its_cards_with_its_reason(cards, tables):
    of_claim = defaultdict(list)
    for row in tables["claim_relations"]:
        ends = (row["claim_id"], "Qualifies"), (row["related_claim_id"], "Is qualified by")
        for (claim_id, word), (other, _) in (ends, ends[::-1]):
            of_claim[claim_id].append((RELATION_WORDS.get(row["relation"], word), other, row))
    statements = {row["claim_id"]: row["statement"] for row in tables["claims"]}
    questions = {row["question_id"]: row["question"] for row in tables["questions"]}
    classifications = {row["mapping_id"]: row["classification"] for row in tables["classifications"]}
    for claim_id, page in cards.items():
        sections = [words_of(text) for text in page.texts("div", class_="beside")]
        assert len(sections) == len(of_claim[claim_id])
        for word, other, row in of_claim[claim_id]:
            told = (
                statements[other],
                questions[row["question_id"]],
                row["reason"],
                classifications.get(row["mapping_id"], ""),
            )
            (_,) = [text for text in sections if text.startswith(word) and all(said in text for said in told)]
            assert f"/ketamine_pain/claims/{other}" in page.attributes("href", "a")
        silent = text_of(page, "p", class_="beside")
        has_contradiction = any(word == "Contradicts" for word, _, _ in of_claim[claim_id])
        assert ("No contradiction recorded." in silent) is not has_contradiction


def test_what_a_sentence_ties_together_stands_on_both_cards(cards, tables):
    ties = defaultdict(list)
    for row in tables["claim_reasons"]:
        first, second = TYING[row["kind"]]
        ties[row["claim_id"]].append((first, row["reason_claim_id"], row["connective"]))
        ties[row["reason_claim_id"]].append((second, row["claim_id"], row["connective"]))
    statements = {row["claim_id"]: row["statement"] for row in tables["claims"]}
    for claim_id, page in cards.items():
        (shown,) = page.texts("ul", class_="ties") if ties[claim_id] else [""]
        for words, other, connective in ties[claim_id]:
            assert f"{words}: {statements[other]} · tied by {connective}" in words_of(shown)
            assert f"/ketamine_pain/claims/{other}" in page.attributes("href", "a")
        silence = "No cause, aim, concession or example is recorded."
        assert (silence in page.texts("p", class_="sil")) is not bool(ties[claim_id])


def test_every_column_of_a_row_is_on_its_page(cards, tables, package):
    names = package.by_name["claims"].field_names
    for row in tables["claims"]:
        page = cards[row["claim_id"]]
        described = list(zip(page.texts("dt"), page.texts("dd"), strict=True))
        # The last list says what the columns mean.
        values = dict(described[-2 * len(names) : -len(names)])
        assert list(values) == list(names)
        for name in names:
            # A passage is shown by its place; the link to it is tested above.
            if row[name] and not name.endswith("passage_id"):
                shown = words_of(values[name])
                # The values of lists are words there.
                assert words_of(str(row[name])) in shown or str(row[name]).replace("_", " ") == shown
            if not row[name]:
                assert words_of(values[name]) == words_of(show_empty(name).striptags())


def test_a_row_of_the_flat_table_leads_to_the_card(site, package):
    """A claim has one page and one address; as data, both tables answer with their own columns."""
    moved = site.get(f"{site.database}/claims_flat/guidance-c009?_all=1")
    assert moved.status_code == 301
    assert moved.headers["location"] == f"{site.database}/claims/guidance-c009?_all=1"
    for table in ("claims", "claims_flat"):
        (row,) = site.get(f"{site.database}/{table}/guidance-c009.json?_shape=objects").json()["rows"]
        assert list(row) == list(package.by_name[table].field_names)
    lists = site.page(f"{site.database}/claims_flat?_all=1").attributes("href", "a")
    assert f"{site.database}/claims/guidance-c009" in lists
    assert not [href for href in lists if href.startswith(f"{site.database}/claims_flat/")]


def test_codes_have_the_address_that_the_descriptor_gives(site, package):
    page = card(site, "guidance-c003")
    codes = facts_of(page)["Codes elsewhere"]
    assert "nearly the same as ICD-11 XX99 ache of playing" in codes
    assert "narrower than HPO 9990003 Elbow ache" in codes
    for prefix, code in (("HP", "9990003"), ("icd11.code", "XX99")):
        assert package.prefixes[prefix] + code in page.attributes("href", "a")


def test_a_card_is_headed_in_order_and_explains_its_colours(cards):
    for page in cards.values():
        levels = [int(tag[1]) for tag, _, _ in page.elements if re.fullmatch(r"h\d", tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(later <= earlier + 1 for earlier, later in zip(levels, levels[1:], strict=False))
        assert page.texts("ul", class_="key")


def test_data_of_one_claim_can_be_taken_away(site):
    page = card(site, "guidance-c009")
    links = {
        words_of(text): href for text, href in zip(page.texts("a"), page.attributes("href", "a"), strict=True)
    }
    assert site.get(links["JSON"]).json()[0]["claim_id"] == "guidance-c009"
    assert site.get(links["CSV"]).text.splitlines()[1].startswith("guidance-c009,")
    taken = pq.read_table(io.BytesIO(site.get(links["Parquet"]).content)).to_pylist()
    assert [row["claim_id"] for row in taken] == ["guidance-c009"]
    assert links["Permanent address"] == "/ketamine_pain/claims/guidance-c009"
    shown = page.texts("pre")
    assert [site.get(links[name]).text for name in ("Text", "BibTeX", "RIS", "CSL-JSON")] == shown[:4]


def test_a_suggestion_is_a_text_to_copy_as_long_as_there_is_no_repository(site, package):
    page = card(site, "guidance-c009")
    suggestion = page.texts("pre")[-1]
    for asked in (
        "Field:",
        "What it says now:",
        "What it should say:",
        "Words of the document that show it:",
    ):
        assert f"\n{asked}\n" in suggestion
    assert suggestion.startswith("Table: claims\nRow: guidance-c009\n")
    assert "\nstance: mixed\n" in suggestion
    assert all(f"\n{field.name}:" in suggestion for field in package.by_name["claims"].fields)
    assert not [href for href in page.attributes("href", "a") if "issues/new" in href]


def test_a_suggestion_opens_an_issue_and_a_citation_has_an_address_when_the_descriptor_names_them(
    root, package, built
):
    raw = {**package.raw, "repository": "https://example.org/code/", "homepage": "https://example.org/data/"}
    site = Site(root, dataclasses.replace(package, raw=raw), built)
    page = card(site, "guidance-c009")
    (href,) = [href for href in page.attributes("href", "a") if "issues/new" in href]
    assert href.startswith("https://example.org/code/issues/new?")
    asked = parse_qs(urlsplit(href).query)
    assert asked == {"title": ["Correction: claims guidance-c009"], "body": [page.texts("pre")[-1]]}
    address = "https://example.org/data/ketamine_pain/claims/guidance-c009"
    row = next(row for row in site.rows("claims.json?_labels=off") if row["claim_id"] == "guidance-c009")
    metas = {
        attrs.get("property") or attrs.get("name"): attrs.get("content")
        for tag, attrs, _ in page.elements
        if tag == "meta"
    }
    assert metas["og:url"] == address
    assert metas["og:title"].startswith(row["statement"].rstrip("."))
    assert row["quote"][:40] in words_of(metas["og:description"])
    assert metas["og:image"] == "https://example.org/data/pages/share-claims.png"
    assert address in page.attributes("href", "a")
    assert f" {address}\n" in site.get("/cite/guidance-c009.txt").text
    assert read_bibtex(site.get("/cite/guidance-c009.bib").text)["url"] == f"{{{address}}}"
    assert site.get("/cite/guidance-c009.json").json()[0]["URL"] == address


def characters(site: Site, field: str) -> str:
    """Where words of the claim that the tests look at stand in their document."""
    asked = f"table_name=claims&row_id=guidance-c009&field_name={field}"
    (anchor,) = site.rows(f"anchors.json?{asked}&_labels=off")
    return f"characters {anchor['start_offset']} to {anchor['end_offset']}"


def test_citations_tell_author_date_version_and_place_and_no_address_of_their_own(site, package):
    text = site.get("/cite/guidance-c009.txt").text
    (author,) = [person["title"] for person in package.raw["contributors"]]
    year, month, day = read_date(package.raw["created"][:10])
    assert text == (
        f"{author} ({year}). {package.raw['title']}, claim guidance-c009. Version {package.version}.\n"
        f"Quoting: Ketamine for aches (Guild guidance), {characters(site, 'quote')}.\n"
    )
    entry = read_bibtex(site.get("/cite/guidance-c009.bib").text)
    assert entry["author"] == f"{{{{{author}}}}}"
    assert (entry["year"], entry["month"]) == (f"{{{year}}}", month_name[month][:3].lower())
    (item,) = site.get("/cite/guidance-c009.json").json()
    assert item["issued"] == {"date-parts": [[year, month, day]]}
    assert "url" not in entry
    assert "URL" not in item


@pytest.mark.parametrize("form", ["txt", "bib", "ris", "json"])
def test_every_claim_can_be_cited_in_every_form(site, tables, form):
    for row in tables["claims"][::7]:
        answer = site.get(f"/cite/{row['claim_id']}.{form}")
        assert answer.status_code == 200
        assert row["claim_id"] in answer.text
    for path in (f"/cite/nobody.{form}", "/cite/guidance-c009.xml", "/cite/guidance-c009"):
        assert site.get(path).status_code == 404


@given(citations)
@settings(deadline=None)
def test_bibtex_can_be_read_back(citation):
    text = FORMS["bib"].write(citation)
    assert text.startswith(f"@misc{{{citation.claim_id},\n")
    assert count_depth(text) == 0
    entry = read_bibtex(text)
    assert words_of(unescape(entry["title"][2:-2])) == words_of(citation.name)
    assert words_of(unescape(entry["abstract"][1:-1])) == words_of(citation.statement)
    assert words_of(unescape(entry["note"][1:-1])).endswith(words_of(citation.note))
    authors = split_names(entry["author"][1:-1]) if citation.authors else []
    assert [words_of(unescape(name[1:-1])) for name in authors] == [
        words_of(name) for name in citation.authors
    ]
    assert ("url" in entry) is bool(citation.url)


@given(citations)
@settings(deadline=None)
def test_csl_json_is_a_list_of_one_dataset(citation):
    items = json.loads(FORMS["json"].write(citation))
    CSL.validate(items)
    assert items[0]["title"] == citation.name
    assert [author["literal"] for author in items[0].get("author", ())] == list(citation.authors)


@given(citations)
@settings(deadline=None)
def test_a_citation_as_text_is_a_sentence_and_a_place(citation):
    text = write_text(citation)
    assert text.endswith(f"\n{citation.note}.\n")
    assert f"{citation.name}." in text


@given(citations)
@settings(deadline=None)
def test_ris_is_one_record_of_tags(citation):
    *lines, end = FORMS["ris"].write(citation).split("\r\n")
    assert end == ""
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line) for line in lines)
    assert (lines[0], lines[-1]) == ("TY  - DATA", "ER  - ")
    read = [line.split("  - ", 1) for line in lines]
    assert [words_of(words) for tag, words in read if tag == "AU"] == [
        words_of(author) for author in citation.authors
    ]
    assert [words_of(words) for tag, words in read if tag == "TI"] == [words_of(citation.name)]


def test_a_date_is_read_or_left_out():
    assert read_date("2026-11-21") == (2026, 11, 21)
    assert read_date("2026-13-01") == read_date("soon") == read_date("") == ()


def test_passages_that_do_not_follow_each_other_are_apart():
    row = {"passage_id": "p6", "antecedent_passage_id": "p2", "section": "A"}
    passages = [
        {
            "passage_id": f"p{place}",
            "position": place,
            "section": section,
            "kind": kind,
            "text": f"Text {place}.",
        }
        for place, section, kind in [
            (2, None, "heading"),
            (5, "A", "sentence"),
            (6, "A", "sentence"),
            (7, "B", "sentence"),
        ]
    ]
    runs = arrange_passages(Quoted(row, "Text 6."), passages)  # type: ignore[arg-type]
    assert [[piece.position for piece in run] for run in runs] == [[2], [5, 6]]
    assert [piece.is_antecedent for run in runs for piece in run] == [True, False, False]


@pytest.mark.long
@pytest.mark.parametrize("edition", ["quotes", "none"])
def test_a_card_without_the_words_says_where_they_stand(root, package, tmp_path, edition):
    site = Site(root, package, build_edition(package, tmp_path / "build", edition))
    for row in site.rows("claims.json?_labels=off")[::5]:
        page = card(site, row["claim_id"])
        if edition == "quotes":
            assert page.texts("mark")[0] == row["quote"]
        else:
            assert not page.texts("mark")
    page = card(site, "guidance-c009")
    narrowed = {"quotes": "limited", "none": f"withheld; {characters(site, 'qualifier')}"}
    assert facts_of(page)["Limited by"] == narrowed[edition]
    assert (f"Withheld; {characters(site, 'quote')}" in text_of(page, "blockquote")) is (edition == "none")


def read_bibtex(text: str) -> dict[str, str]:
    """The fields of one entry, as they stand, braces and all."""
    fields, rest = {}, text.partition(",\n")[2]
    while match := re.match(r"  (\w+) = ", rest):
        end = next(
            place
            for place in range(match.end(), len(rest))
            if rest.startswith(",\n", place) and not count_depth(rest[match.end() : place])
        )
        fields[match[1]], rest = rest[match.end() : end], rest[end + 2 :]
    assert rest == "}\n"
    return fields


def count_depth(text: str) -> int:
    """How many braces are open at the end; BibTeX counts those behind a backslash too."""
    depth = 0
    for sign in text:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    return depth


def split_names(text: str) -> list[str]:
    """The names of an author field; an `and` within braces belongs to a name."""
    names, start = [], 0
    for match in re.finditer(" and ", text):
        if not count_depth(text[: match.start()]):
            names.append(text[start : match.start()])
            start = match.end()
    return [*names, text[start:]]


def unescape(text: str) -> str:
    """The text that a field means, in which no sign stands bare that means something else to TeX."""
    escape = re.compile(r"\\([a-z]+)\{\}|\\([$&%#_{}])")
    # A tie is a no-break space.
    text = text.replace("~", "\u00a0")
    assert not re.search(r"[\\{}$&%#_^]", escape.sub("", text))
    return escape.sub(lambda match: match[2] or TEX_NAMES[match[1]], text)
