"""Two documents from saved file to published claims in the browser, with the rows that a workbook makes of the same."""

import re
import subprocess
import sys

import pytest

from packpress import read_package
from scripts.rules.claims import SUBJECTS
from tests.browser.workbench import Curator, open_workbench
from tests.data.test_curation_guide import GUIDE, copy_project
from tests.data.test_curation_guide import fill_in as fill_in_sheet
from tests.data.test_walks import FILES, NO_CLAIMS, read_rows, walked  # noqa: F401

pytestmark = pytest.mark.long
LINKS = {
    "claim_conditions": "conditions",
    "claim_routes": "routes",
    "claim_adverse_effects": "adverse_effects",
    "claim_concepts": "concepts",
}
TYPED = ("statement", "claim_type", "about", "quote", "hedge", "qualifier", "dose", "duration_of_effect")
# What the form fills in from the type and the links, as it shows before anything is saved.
FOLLOWS = ("stance", "antecedent_passage_id", "note")
DETAILS = ("qualifier", "formulation", "frequency", "course", "direction")


def run(folder, *words):
    line = [sys.executable, "-m", *map(str, words)]
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def list_tables(package):
    """The tables that have files, in the order of their keys."""
    return [resource.name for resource in package.resources]


def rename_claims(folder, source_id):
    """Every row of a document by table, its claims numbered in the order in which the browser makes them."""
    package = read_package(folder / "datapackage.json")
    tables = {name: read_rows(folder / "data" / f"{name}.csv") for name in list_tables(package)}
    order = {row["passage_id"]: int(row["position"]) for row in tables["passages"]}
    claims = [row for row in tables["claims"] if row["claim_id"].rpartition("-")[0] == source_id]
    claims.sort(key=lambda row: (order[row["passage_id"]], row["quote"].find(row["focus"])))
    names = {row["claim_id"]: f"{source_id}-c{number:03}" for number, row in enumerate(claims, 1)}
    for rows in tables.values():
        for row in rows:
            for field in ("claim_id", "note"):
                if field in row:
                    row[field] = re.sub(
                        rf"{source_id}-c\d+", lambda match: names.get(match[0], match[0]), row[field]
                    )
    return tables


def by_claim(tables, source_id):
    """Each claim with its links, those of one quote together as a list."""
    own = sorted(
        (row for row in tables["claims"] if row["claim_id"].rpartition("-")[0] == source_id),
        key=lambda row: row["claim_id"],
    )
    groups = []
    for row in own:
        if (
            groups
            and groups[-1][0]["quote"] == row["quote"]
            and groups[-1][0]["passage_id"] == row["passage_id"]
        ):
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def links_of(tables, claims):
    found = {}
    for table, entities in LINKS.items():
        key = f"{entities.removesuffix('s') if entities != 'adverse_effects' else 'adverse_effect'}_id"
        for row in tables[table]:
            if row["claim_id"] in {claim["claim_id"] for claim in claims}:
                found.setdefault((f"{entities}/{row[key]}", row["mention"]), row)
    return found


def list_lines(curator):
    """What stands in the lines of links: entity by prefix."""
    fields = curator.page.locator("[name^='link.'][name$='.entity']")
    return {field.get_attribute("name").removesuffix("entity"): field.input_value() for field in fields.all()}


def read_usual(curator, name):
    """What is typed or chosen, or what is usual where nothing is; an antecedent that is not wanted is none."""
    field = curator.page.locator(f'[name="{name}"]')
    value = field.input_value()
    if value:
        return "" if value == "none" else value
    if field.evaluate("field => field.tagName") != "SELECT":
        return field.get_attribute("placeholder") or ""
    return field.locator("option:checked").text_content().partition(": ")[2].replace(" ", "_")


def make_claim(curator, tables, claims, new):
    claim, first = claims[0], claims[0]["focus"]
    is_list = len(claims) > 1
    wanted = {name: claim[name] for name in TYPED}
    if is_list:
        pattern = re.sub(first, "…", claim["statement"], count=1, flags=re.IGNORECASE)
        made = [pattern.replace("…", row["focus"]) for row in claims]
        is_alike = [row["statement"].lower() for row in claims] == [text.lower() for text in made]
        wanted["statement"] = pattern if is_alike else "\n".join(row["statement"] for row in claims)
    links = links_of(tables, claims)
    meant = next((link for key, link in links.items() if key == ("concepts/ketamine", "")), None)
    drug = [value for value in list_lines(curator).values() if value == "concepts/ketamine"]
    if meant and not drug:
        curator.tick("meant")
        links.pop(("concepts/ketamine", ""))
        wanted.pop("about")
    curator.set("statement", wanted.pop("statement"))
    for name in set(wanted) - ({"about"} if claim["claim_type"] in SUBJECTS else set()):
        curator.set(name, wanted[name])
    curator.tick("each", is_list)
    if is_list:
        curator.set("items", "; ".join(row["focus"] for row in claims))
    elif claim["focus"] != claim["quote"]:
        curator.set("focus", claim["focus"])
    set_links(curator, links, new)
    for name in FOLLOWS:
        if read_usual(curator, name) != claim[name]:
            curator.set(name, claim[name] or ("none" if name == "antecedent_passage_id" else ""))


def set_links(curator, links, new):
    placed = {}
    lines = list_lines(curator)
    blank = [prefix for prefix, value in lines.items() if not value]
    left = dict(links)
    for prefix, value in lines.items():
        mention = curator.page.locator(f'[name="{prefix}mention"]').input_value()
        options = [key for key in left if key[0] == value]
        key = next((key for key in options if key[1] == mention), options[0] if options else None)
        if value and key is None:
            curator.tick(f"{prefix}keep", False)
        elif value:
            placed[prefix] = left.pop(key)
    names = {prefix: entity for prefix, (entity, _) in zip(blank, left, strict=False)}
    for prefix, entity in names.items():
        placed[prefix] = left.pop(next(key for key in left if key[0] == entity))
        curator.set(f"{prefix}entity", entity)
    for prefix, entity in {**lines, **names}.items():
        if entity in new and prefix in placed:
            row = new.pop(entity)
            curator.set(f"{prefix}definition", row["definition"])
            curator.set(f"{prefix}kind", row.get("kind") or row.get("body_system") or "")
            curator.set(f"{prefix}broader_id", row["broader_id"])
    curator.await_check()
    set_lines(curator, placed)


def set_lines(curator, placed):
    before = curator.total
    for prefix, link in placed.items():
        mention = curator.page.locator(f'[name="{prefix}mention"]')
        if (mention.input_value() or mention.get_attribute("placeholder") or "") != link["mention"]:
            curator.set(f"{prefix}mention", link["mention"])
    if curator.total > before:
        curator.await_check()
    for prefix, link in placed.items():
        for name in ("mention_type", "role", *(["direction"] if link.get("direction") else [])):
            if read_usual(curator, f"{prefix}{name}") != link[name]:
                curator.set(f"{prefix}{name}", link[name])
        for name in DETAILS:
            if link.get(name) and name != "direction":
                curator.set(f"{prefix}{name}", link[name])


def save(curator):
    curator.press("#statement", "Control+Enter")
    curator.page.wait_for_load_state()
    assert curator.wrongs() == []


def curate(curator, tables, source_id, known):
    """Goes through the text as a curator does: a claim or a reason for each sentence, the checklist, and out."""
    new = {
        f"{table}/{row[list(row)[0]]}": row
        for table in LINKS.values()
        for row in tables[table]
        if row[list(row)[0]] not in known[table]
    }
    button = curator.page.locator("form[action='/rows/references'] button")
    if button.count():
        curator.click("form[action='/rows/references'] button")
    curator.click("text=Go on with the next sentence")
    groups = by_claim(tables, source_id)
    while "/passages/" in curator.page.url:
        passage = curator.page.url.rpartition("/")[2].partition("?")[0]
        if (source_id, passage) == (source_id, NO_CLAIMS.get(source_id, ("",))[0]):
            curator.set("reason", NO_CLAIMS[source_id][1])
            curator.press("#reason", "Enter")
            curator.page.wait_for_load_state()
            continue
        own = groups.pop(0)
        assert own[0]["passage_id"] == passage
        make_claim(curator, tables, own, new)
        save(curator)
    assert groups == []


def settle(curator, tables, source_id):
    assert "/checklist" in curator.page.url
    for row in tables["source_reporting"]:
        if row["source_id"] == source_id:
            for name in ("stated", "passage_id", "note"):
                curator.set(f"{row['item']}.{name}", row[name])
    curator.click("text=Save, and publish if nothing is left")
    curator.page.wait_for_selector("text=is published")


@pytest.fixture(scope="module")
def expected(walked):  # noqa: F811
    folder, _, _ = walked
    return {source_id: rename_claims(folder, source_id) for source_id in FILES}


@pytest.fixture(scope="module")
def curated(tmp_path_factory, browser, expected):
    """A copy of the project in which both are published in the browser, and what it took for each."""
    folder = tmp_path_factory.mktemp("browser_walk")
    copy_project(folder)
    counts = {}
    for source_id, file in sorted(FILES.items(), reverse=True):
        run(folder, "scripts.add_source", file, source_id, "--short-name", source_id, "--yes")
        known = {
            table: {row[list(row)[0]] for row in read_rows(folder / "data" / f"{table}.csv")}
            for table in LINKS.values()
        }
        with open_workbench(folder / "datapackage.json", source_id) as (_, address):
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            curator = Curator(context.new_page(), address)
            curate(curator, expected[source_id], source_id, known)
            settle(curator, expected[source_id], source_id)
            counts[source_id] = dict(curator.counts)
            context.close()
    return folder, counts


def test_both_are_published(curated):
    folder, _ = curated
    sources = {row["source_id"]: row["status"] for row in read_rows(folder / "data" / "sources.csv")}
    assert {sources[source_id] for source_id in FILES} == {"published"}
    run(folder, "packpress", "validate", "--require-rules")


def test_the_rows_are_those_that_a_workbook_makes(curated, expected, tmp_path):
    folder, _ = curated
    copy_project(tmp_path)
    package = read_package(tmp_path / "datapackage.json")
    for source_id, file in sorted(FILES.items(), reverse=True):
        run(tmp_path, "scripts.add_source", file, source_id, "--short-name", source_id, "--yes")
        run(tmp_path, "packpress", "workbook", "--only", f"sources={source_id}")
        book = tmp_path / "dist" / f"ketamine-pain-{source_id}-workbook.xlsx"
        for name in list_tables(package):
            resource = package.by_name[name]
            before = {tuple(row.values()) for row in read_rows(tmp_path / "data" / f"{name}.csv")}
            rows = [
                row
                for row in list_own(expected[source_id], name, source_id)
                if tuple(row.values()) not in before
            ]
            if rows:
                fill_in_sheet(book, name, rows, resource.primary_key)
        run(tmp_path, "packpress", "import", "--yes", str(book))
        run(tmp_path, "scripts.publish_source", source_id)
    for name in list_tables(package):
        file = f"data/{name}.csv"
        assert (folder / file).read_bytes() == (tmp_path / file).read_bytes(), name


def list_own(tables, name, source_id):
    """The rows of a table that belong to a document, and are not the mechanism's."""
    if name in ("sources",):
        return []
    prefix = f"{source_id}-"
    return [
        row
        for row in tables[name]
        if any(row.get(field, "").startswith(prefix) for field in ("claim_id", "passage_id", "reference_id"))
        or row.get("source_id") == source_id
    ]


def test_the_guide_says_what_it_took(curated):
    _, counts = curated
    words = " ".join(GUIDE.split())
    told = []
    for source_id in FILES:
        found = counts[source_id]
        fields = found.get("typed", 0) + found.get("chosen", 0)
        told.append((source_id, sum(found.values()), fields, found.get("clicks", 0), found.get("keys", 0)))
    page, record = (
        next(item for item in told if item[0] == name) for name in ("quiet-valley", "pmid-90000011")
    )
    sentence = "{1} actions for the page ({2} fields, {3} clicks, {4} keys)".format(*page)
    assert sentence in words, told
    assert "{1} for the record ({2}, {3}, {4})".format(*record) in words, told
