"""The list of references: two forms of the same entries, filters that files follow, and what cites each."""

import re
from html import unescape
from urllib.parse import parse_qsl, urlencode

import pytest
from ketamine_site.entities import bibliography
from ketamine_site.entities.bibliography import EntryForm, compose_line
from ketamine_site.entities.references import LISTS, REASONS, spell_number

from tests.conftest import build_edition
from tests.site_client import Page, Site

pytestmark = pytest.mark.long

ENDINGS = ("", ".csv", ".json", ".parquet")
FORMS = ("", "corrected")
IDENTIFIERS = ("doi", "pmid", "pmcid")


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    return Site(root, package, built)


@pytest.fixture(scope="module")
def tables(site) -> dict[str, list[dict]]:
    names = ("references", "bibliography", "corrections", "claim_references", "reference_authors", "sources")
    return {name: site.rows(f"{name}.json?_labels=off") for name in names}


def read_text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def read_entries(page: Page) -> dict[str, str]:
    """The HTML of each entry of a page, by its id."""
    rows = re.findall(r'<tr role="row" id="([^"]+)">(.*?)</tr>', page.html, re.S)
    assert len(rows) == len(dict(rows))
    return dict(rows)


def list_tabs(page: Page) -> list[tuple[str, str, bool]]:
    """The tabs of a page: label, address, and whether it is the one that is shown."""
    (tabs,) = re.findall(r'<ul class="tabs".*?</ul>', page.html, re.S)
    return [
        (text, unescape(href), bool(current))
        for href, current, text in re.findall(r'<a href="([^"]+)"( aria-current="page")?>([^<]+)</a>', tabs)
    ]


def find_facet(page: Page, name: str) -> dict[str, tuple[str, int]]:
    """The values of a facet: label to address and count; a chosen one leads to the page without it."""
    (facet,) = re.findall(rf'id="facet-{name}">(.*?)(?=<div class="facet-info|</section>)', page.html, re.S)
    found = {}
    for item in re.findall(r"<li(?: class=\"on\")?>((?:(?!<li).)*?)</li>", facet, re.S):
        if "<summary>" not in item and (count := re.search(r"<span>([\d,]+)</span>$", item)):
            (href,) = re.findall(r'href="([^"]+)"', item)
            label = read_text(item[: count.start()]).removesuffix(" ✕")
            found[label] = unescape(href), int(count[1].replace(",", ""))
    return found


def write_name(author: dict) -> str:
    return " ".join(filter(None, (author["family"], author["initials"])))


def describe_form(tables: dict[str, list[dict]], form: str) -> dict[str, dict]:
    """What each filter compares of every entry in a form, computed from the tables alone."""
    rows = {row["reference_id"]: row for row in tables["bibliography" if form else "references"]}
    names = {row["source_id"]: row["short_name"] for row in tables["sources"]}
    mended = {
        (row["reference_id"], row["position"], row["field"]): row["corrected"]
        for row in tables["corrections"]
    }
    found = {}
    for reference_id, row in rows.items():
        authors = [
            {
                field: mended.get((reference_id, author["position"], field), author[field])
                if form
                else author[field]
                for field in ("family", "initials")
            }
            for author in tables["reference_authors"]
            if author["reference_id"] == reference_id
        ]
        found[reference_id] = {
            "source": [names[row["source_id"]]],
            "list": [row["listed_as"]],
            "identifier": [name for name in IDENTIFIERS if row[name]] or ["none"],
            "journal": [row["container_title"]] if row["container_title"] else [],
            "author": [write_name(author) for author in authors],
            "year": [str(row["year"])] if row["year"] else [],
        }
    return found


def test_the_switch_counts_both_forms_from_the_data(site, tables):
    entries = len(tables["references"])
    corrected = len({row["reference_id"] for row in tables["corrections"]})
    assert 0 < corrected < entries
    for number, address in enumerate(("/references", "/references?form=corrected")):
        page = site.page(address)
        assert list_tabs(page) == [
            (f"As printed, {entries} entries", "/references", number == 0),
            (f"Corrected, {corrected} of {entries} entries", "/references?form=corrected", number == 1),
        ]
        assert {*read_entries(page)} == {row["reference_id"] for row in tables["references"]}


def test_what_is_printed_stands_in_one_form_and_what_is_correct_in_the_other(site, tables):
    printed, corrected = (read_entries(site.page(f"/references?form={form}")) for form in FORMS)
    for row in tables["corrections"]:
        kind = "Corrected" if row["kind"] == "misprint" else "Supplied"
        one, other = printed[row["reference_id"]], corrected[row["reference_id"]]
        assert '<ins class="mend">' not in one
        assert f"<b>{kind.lower()}</b>" in one
        assert f"<b>{kind}</b>" in other
        if row["printed"]:
            assert row["printed"] in unescape(one)
            assert f'printed <span class="src">{row["printed"]}</span>' in unescape(other)
        if row["field"] != "publisher" or row["printed"]:
            assert any(row["corrected"] in unescape(words) for words in find_mended(other)), row
    for row in tables["references"]:
        name = " ".join((row["title"] or row["number"]).split())
        assert name in read_text(printed[row["reference_id"]])
    whole = {row["reference_id"] for row in tables["references"]} - {
        row["reference_id"] for row in tables["corrections"]
    }
    assert whole and not any(find_mended(corrected[reference_id]) for reference_id in whole)


def find_mended(html: str) -> list[str]:
    return re.findall(r'<ins class="mend">([^<]+)</ins>', html)


@pytest.mark.parametrize("form", FORMS)
def test_every_facet_counts_and_finds_what_the_tables_hold(site, tables, form):
    """Every value of every facet, with the entries that its page lists."""
    values = describe_form(tables, form)
    page = site.page(f"/references?form={form}")
    for name in bibliography.FILTERS:
        wanted: dict[str, set[str]] = {}
        for reference_id, filters in values.items():
            for value in filters[name]:
                wanted.setdefault(value, set()).add(reference_id)
        shown = {
            dict(parse_qsl(href.partition("?")[2]))[name]: (href, count)
            for href, count in find_facet(page, name).values()
        }
        assert {value: count for value, (_, count) in shown.items()} == {
            value: len(found) for value, found in wanted.items()
        }
        for value, (href, _) in shown.items():
            narrowed = site.page(href)
            assert {*read_entries(narrowed)} == wanted[value], (name, value)
            assert ("form", "corrected") in parse_qsl(href.partition("?")[2]) or not form


@pytest.mark.parametrize(
    "chosen",
    [
        {"source": "Guild guidance"},
        {"list": "citing_list"},
        {"journal": "Invented Pain"},
        {"author": "Fern G."},
        {"identifier": "doi"},
        {"identifier": "none"},
        {"year": "2001"},
        {"source": "Guild guidance", "identifier": "pmid", "form": "corrected"},
        {"author": "Thorne S.", "form": "corrected"},
        {"author": "Roe RA.", "year": "1997", "form": "corrected"},
        {"journal": "Invented Journal of Pain and Stillness", "form": "corrected"},
        {"list": "in_text", "source": "Guild guidance", "form": "corrected"},
        {"author": "Doe J.", "identifier": "none", "list": "reference_list", "source": "Guild guidance"},
    ],
    ids=lambda chosen: " ".join(chosen.values()),
)
def test_files_follow_the_filters(site, tables, chosen):
    values = describe_form(tables, chosen.get("form", ""))
    wanted = {
        reference_id
        for reference_id, found in values.items()
        if all(value in found[name] for name, value in chosen.items() if name != "form")
    }
    page = site.page(f"/references?{urlencode(chosen)}")
    assert wanted and wanted != {*values}
    assert {*read_entries(page)} == wanted
    (links,) = re.findall(r'<p class="export-links">This data.*?</p>', page.html, re.S)
    hrefs = [unescape(href) for href in re.findall(r'href="([^"]+)"', links)][: len(ENDINGS)]
    for href, ending in zip(hrefs, ENDINGS, strict=True):
        assert href.partition("?")[0].endswith(ending or href.partition("?")[0])
        answer = site.get(href)
        assert answer.status_code == 200
        if ending == ".json":
            assert {row["reference_id"] for row in answer.json()} == wanted
        if ending == ".csv":
            assert answer.text.count("\n") == len(wanted) + 1


@pytest.mark.parametrize("form", FORMS)
def test_the_query_has_the_values_of_its_form(site, tables, form):
    wanted = {row["reference_id"]: row for row in tables["bibliography" if form else "references"]}
    for row in site.rows(f"listed_references.json?form={form}"):
        expected = wanted[row["reference_id"]]
        for name in ("title", "year", "container_title", "issue", *IDENTIFIERS, "url", "publisher"):
            assert row[name] == expected[name], (row["reference_id"], name)
        authors = describe_form(tables, form)[row["reference_id"]]["author"]
        assert (row["authors"] or "") == ", ".join(authors)


@pytest.mark.parametrize("value", ["zz' \" --", "%", "\u0000", "🙂", "none' or 1=1 --"])
def test_nonsense_finds_nothing_and_can_be_taken_back(site, value):
    for name in bibliography.FILTERS:
        query = urlencode({name: value})
        page = site.page(f"/references?{query}")
        assert "No entry matches." in read_text(page.html)
        assert not read_entries(page)
        assert "/references" in re.findall(r'<p class="removals"><a href="([^"]+)"', page.html)
        assert site.rows(f"listed_references.json?{query}") == []
    assert len(read_entries(site.page(f"/references?{urlencode({'from': value, 'form': value})}"))) > 10


def test_filters_are_kept_when_the_form_is_switched(site):
    page = site.page("/references?source=Guild+guidance&list=reference_list&identifier=doi")
    (_, own, _), (_, other, _) = list_tabs(page)
    chosen = parse_qsl(own.partition("?")[2])
    assert len(chosen) == 3
    assert parse_qsl(other.partition("?")[2]) == [("form", "corrected"), *chosen]
    assert list_tabs(site.page(other))[0][1] == own


@pytest.mark.parametrize(
    ("name", "printed", "corrected"),
    [
        ("journal", "Invented Journal of Pain & Quiet", "Invented Journal of Pain and Stillness"),
        ("author", "Thorn S.", "Thorne S."),
        ("year", "1996", "1997"),
    ],
)
def test_a_misprinted_name_is_followed_to_the_corrected_one_and_back(site, name, printed, corrected):
    first = site.page(f"/references?{urlencode({name: printed})}")
    there = list_tabs(first)[1][1]
    assert dict(parse_qsl(there.partition("?")[2])) == {"form": "corrected", name: corrected}
    second = site.page(there)
    assert {*read_entries(first)} == {*read_entries(second)} != set()
    back = list_tabs(second)[0][1]
    assert dict(parse_qsl(back.partition("?")[2])) == {name: printed}


def test_what_is_only_supplied_is_found_in_one_form_and_counted_in_the_other(site):
    label = list_tabs(site.page("/references?form=corrected&identifier=pmcid"))
    rows = site.rows("references.json?pmcid__notnull=1"), site.rows("bibliography.json?pmcid__notnull=1")
    assert len(rows[0]) < len(rows[1])
    assert label[0][0] == f"As printed, {len(rows[0])} entries"
    assert label[1][0].endswith(f"of {len(rows[1])} entries")


def count_places(tables: dict[str, list[dict]], site: Site) -> dict[str, set[tuple[str, str]]]:
    """The passage and marker of every place that cites a reference; no passage prints a marker twice."""
    passages = {row["claim_id"]: row["passage_id"] for row in site.rows("claims.json?_labels=off")}
    found: dict[str, set[tuple[str, str]]] = {}
    for link in tables["claim_references"]:
        found.setdefault(link["reference_id"], set()).add((passages[link["claim_id"]], link["marker"]))
    return found


def test_places_and_claims_are_counted_beside_each_other_and_lead_there(site, tables):
    places = count_places(tables, site)
    claims = [row["reference_id"] for row in tables["claim_references"]]
    for reference_id, html in read_entries(site.page("/references")).items():
        count, resting = len(places.get(reference_id, ())), claims.count(reference_id)
        text = read_text(html)
        if not resting:
            continue
        said = spell_number(count).capitalize(), spell_number(resting).capitalize()
        assert f"{said[0]} place{'s cite' if count > 1 else ' cites'} it" in text
        assert (
            f"{said[1]} claim{'s' if resting > 1 else ''} {'rest' if resting > 1 else 'rests'} on it" in text
        )
        for passage_id, marker in places[reference_id]:
            source_id, _, position = passage_id.rpartition("-p")
            there = f"/sources/{source_id}#p{int(position)}"
            assert (
                f'<a href="{there}">passage {int(position)}</a> as <span class="src">{marker}</span>' in html
            )
            assert f'id="p{int(position)}"' in site.page(f"/sources/{source_id}").html
        (page,) = set(re.findall(r'href="([^"]+)#claims"', html))
        assert "claims" in site.page(page).attributes("id", "h2")


def test_the_page_of_a_reference_names_the_places_that_cite_it(site, tables):
    places = count_places(tables, site)
    for row in tables["references"]:
        page = site.page(f"{site.database}/references/{row['reference_id']}")
        (section,) = re.findall(r"<h2>Where it is cited</h2>(.*?)</section>", page.html, re.S)
        found = places.get(row["reference_id"], set())
        assert section.count("<li>") == len(found)
        assert section.count("passage ") == len(found)
        assert ("Nowhere in " in section) == (not found)
        numbers = [int(number) for number in re.findall(r"(\d+) claims?</li>", section)]
        links = [link for link in tables["claim_references"] if link["reference_id"] == row["reference_id"]]
        assert sum(numbers) == len(links)


def test_what_nothing_cites_says_so_in_words_and_which_way_it_points(site, tables):
    cited = {row["reference_id"] for row in tables["claim_references"]}
    entries = read_entries(site.page("/references"))
    for row in tables["bibliography"]:
        said = f"Cited nowhere. {REASONS[row['listed_as']].format(source=row['source'])}"
        assert (said in read_text(entries[row["reference_id"]])) == (row["reference_id"] not in cited)
    silent = {row["listed_as"] for row in tables["bibliography"] if row["reference_id"] not in cited}
    assert silent == {"citing_list", "this_record", "reference_list"}


def test_entries_stand_by_source_and_list_and_silent_sources_are_named(site, tables):
    page = site.page("/references")
    rows = {row["reference_id"]: row for row in tables["bibliography"]}
    groups = [(rows[key]["source"], rows[key]["listed_as"]) for key in read_entries(page)]
    order = [row["short_name"] for row in sorted(tables["sources"], key=lambda row: row["position"])]
    assert groups == sorted(groups, key=lambda group: (order.index(group[0]), [*LISTS].index(group[1])))
    heads = re.findall(r'<tr role="row" class="kind">(.*?)</tr>', page.html, re.S)
    assert [read_text(head) for head in heads] == [
        f"{source} : {LISTS[listed_as]} {count} entr{'y' if count == 1 else 'ies'}"
        + (", works that cite it" if listed_as == "citing_list" else "")
        for source, listed_as in dict.fromkeys(groups)
        for count in [groups.count((source, listed_as))]
    ]
    silent = [name for name in order if name not in {source for source, _ in groups}]
    assert silent and f"No work is listed or named by: {', '.join(silent)}." in "".join(page.texts("main"))


def test_a_work_in_two_lists_says_where_else_it_is(root, package_copy, tmp_path):
    """One entry prints the number, and in the other it is supplied, in other letters."""
    package_copy.add_all()
    package_copy.edit("corrections", "guidance-r02-doi", corrected="10.5555/PAIN.639")
    built = build_edition(package_copy.read(), tmp_path / "build")
    site = Site(root, package_copy.read(), built)
    for path in ("/references", "/references?form=corrected"):
        entries = read_entries(site.page(path))
        assert {key for key, html in entries.items() if "The same work:" in html} == {
            "guidance-r02",
            "abstract-2001-r02",
        }
        assert "The same work: Review 2001, list of references, number 2" in read_text(
            entries["guidance-r02"]
        )
        assert f'href="{site.database}/references/guidance-r02"' in entries["abstract-2001-r02"]
    page = site.page(f"{site.database}/references/guidance-r02")
    assert f"{site.database}/references/abstract-2001-r02" in page.attributes("href", "a")
    assert "Guild guidance, list of references, number 2" in site.page("/compare/guidance/abstract-2001").html


def test_a_long_list_is_cut_into_pages_and_an_entry_is_found_in_its_own(site, tables, monkeypatch):
    monkeypatch.setattr(bibliography, "SIZE", 4)
    path, seen = "/references?form=corrected", []
    while path:
        page = site.page(path)
        seen += read_entries(page)
        following = [
            attrs["href"] for _, attrs, texts in page.elements if "".join(texts) == "Next" and "href" in attrs
        ]
        path = following[0] if following else ""
    assert sorted(seen) == sorted(row["reference_id"] for row in tables["references"])
    row = site.page(f"{site.database}/references/{seen[-1]}")
    (there,) = [
        attrs["href"]
        for _, attrs, texts in row.elements
        if "".join(texts) == "In the list of all references" and attrs.get("href")
    ]
    assert seen[-1] in read_entries(site.page(there)) and there.endswith(f"#{seen[-1]}")


def test_many_values_and_places_are_cut(site, monkeypatch):
    monkeypatch.setattr(bibliography, "MOST_VALUES", 3)
    monkeypatch.setattr(bibliography, "MOST_PLACES", 1)
    page = site.page("/references")
    assert len(find_facet(page, "author")) == 3
    assert "and 1 more" in read_text(read_entries(page)["guidance-r02"])


def test_a_static_site_offers_one_filter_at_a_time(site, monkeypatch):
    monkeypatch.setattr(bibliography, "is_static", lambda datasette: True)
    assert 'class="rail"' in site.page("/references?form=corrected").html
    assert 'class="rail"' not in site.page("/references?year=2001").html


def test_the_rail_is_that_of_the_tables(site):
    one, other = site.page("/references"), site.page(f"{site.database}/references")
    for page in (one, other):
        assert page.attributes("class", "section").count("rail") == 1
        assert page.texts("details", class_="fold")
        assert page.texts("div", class_="facet-results")


@pytest.mark.parametrize("edition", ["quotes", "none"])
def test_editions_list_the_same_entries_and_say_what_is_withheld(site, root, package, tmp_path, edition):
    other = Site(root, package, build_edition(package, tmp_path / "build", edition))
    for path in ("/references", "/references?form=corrected"):
        entries, shown = read_entries(site.page(path)), read_entries(other.page(path))
        assert [*shown] == [*entries]
        for reference_id, html in entries.items():
            assert html.count("#p") == shown[reference_id].count("#p")
            if edition == "quotes":
                assert read_text(html) == read_text(shown[reference_id])
    withheld = read_text(other.page("/references?form=corrected").html)
    assert ("the printed form is withheld" in withheld) == (edition == "none")


def test_pages_lead_to_the_list(site):
    for path in ("/sources", site.database):
        assert "/references" in site.page(path).attributes("href", "a")


def test_a_line_needs_no_title_and_doubles_no_stop():
    row = dict.fromkeys(("title", "number", "year", "volume", "issue", "locator"))
    row |= {"number": "AB12", "year": 2001, "issue": "3"}
    pieces = compose_line(EntryForm(row, ("Ash A.", "Bay B."), frozenset({2, "year"})))
    line = "".join(piece.before + piece.words + piece.after for piece in pieces)
    assert line == "Ash A., Bay B. AB12. 2001 (3)"
    assert [piece.words for piece in pieces if piece.is_name] == ["AB12"]
    assert [piece.words for piece in pieces if piece.is_corrected] == ["Bay B.", "2001"]
