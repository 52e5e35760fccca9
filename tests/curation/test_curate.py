"""The workbench in the browser, asked in this process: who may ask, what a save writes, and what is refused."""

import asyncio
import html
import json
import re
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest

from scripts.curating.app import App, Gate
from scripts.curating.desk import Desk
from scripts.curating.page_routes import list_routes
from scripts.curating.workbench import Workbench
from tests.curation.commands import EXERCISE, add_source, read_data, run_command

PORT = 8002


class Fields(HTMLParser):
    """What the form with the button to save would send, and the messages at its fields."""

    def __init__(self, page, action):
        super().__init__()
        self.values, self.wrong, self.action = {}, {}, action
        self.inside, self.area, self.select, self.at = False, "", "", ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        name = found.get("name", "")
        if tag == "form":
            self.inside = found.get("action") == self.action
        if not self.inside:
            return
        is_box = found.get("type") in ("checkbox", "radio")
        if tag == "input" and name and (not is_box or "checked" in found):
            self.values[name] = found.get("value", "on")
        self.area = name if tag == "textarea" else self.area
        if tag == "textarea":
            self.values[name] = ""
        if tag == "select":
            self.select = name
            self.values[name] = None
        if tag == "option" and self.select and ("selected" in found or self.values[self.select] is None):
            self.values[self.select] = found.get("value", "")
        self.at = found.get("data-wrong", "") if tag == "span" else self.at

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        if tag == "textarea":
            self.area = ""
        if tag == "select":
            self.select = ""
        if tag == "span":
            self.at = ""

    def handle_data(self, data):
        if self.area:
            self.values[self.area] += data
        if self.at:
            self.wrong[self.at] = data


class Browser:
    """Asks the workbench as a browser would, without one."""

    def __init__(self, descriptor, source_id="exercise", reader="", gate=None):
        self.gate = gate or Gate(PORT)
        self.workbench = Workbench(Desk(descriptor, source_id, reader), self.gate, list_routes(reader))
        self.app = App(self.gate, self.workbench.find_handler, self.workbench.show_error)
        self.headers = {"host": f"127.0.0.1:{PORT}", "cookie": f"{self.gate.cookie}={self.gate.token}"}

    def ask(self, method, path, form=None, client="127.0.0.1", **headers):
        """Status, headers and text of an answer."""
        path, _, query = path.partition("?")
        sent = {**self.headers, **headers}
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in sent.items() if value],
            "client": (client, 50000),
        }
        messages = []
        body = {"type": "http.request", "body": urlencode(form or {}).encode(), "more_body": False}

        async def receive():
            return body

        async def send(message):
            messages.append(message)

        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, self.app(scope, receive, send)).result()
        head = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
        return messages[0]["status"], head, messages[1]["body"].decode()

    def open(self, path):
        status, _, page = self.ask("GET", path)
        assert status == 200, page
        return page

    def post(self, path, form=None, status=303):
        found, head, page = self.ask("POST", path, {"form_token": self.gate.form_token, **(form or {})})
        told = re.findall(r'data-wrong="[^"]*">([^<]+)<|<li>([^<]*)</li>', page)
        assert found == status, [first or second for first, second in told]
        self.location = head.get("location", "")
        return re.sub(r"\?said=[\w-]+", "", self.location) or page

    def follow(self):
        """The page to which the last form led."""
        return self.open(self.location.partition("#")[0])

    def fill(self, path, **values):
        """What the form of a page would send with some fields changed."""
        action = path.partition("?")[0]
        form = Fields(self.open(path), action).values
        return {**form, **{name.replace("__", "."): value for name, value in values.items()}}

    def save(self, path, status=303, **values):
        return self.post(path.partition("?")[0], self.fill(path, **values), status)


@pytest.fixture
def draft(exercise_copy):
    """A copy of the invented data set with the exercise as a draft."""
    return exercise_copy


@pytest.fixture
def browser(draft):
    return Browser(draft.descriptor)


STATEMENT = "Some patients whose elbow hurts may get relief from ketamine."


def save_efficacy(browser, **values):
    given = {
        "statement": STATEMENT,
        "claim_type": "efficacy",
        "stance": "supports",
        "qualifier": "in some patients",
    }
    given |= values
    return browser.save("/passages/exercise-p005", **given)


def find_sentence(copy, words):
    return next(
        row["passage_id"]
        for row in copy.rows("passages")
        if words in row["text"] and row["source_id"] == "exercise"
    )


# ---- who may ask ----


def test_the_token_is_exchanged_for_a_cookie(browser):
    status, head, _ = browser.ask("GET", f"/?token={browser.gate.token}", cookie="")
    assert (status, head["location"]) == (303, "/")
    assert head["set-cookie"].startswith(
        f"curate-{PORT}={browser.gate.token}; Path=/; HttpOnly; SameSite=Strict"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"cookie": ""},
        {"cookie": f"curate-{PORT}=guessed"},
        {"cookie": f"curate-{PORT}=\N{SNOWMAN}".encode().decode("latin-1")},
        {"host": "evil.example"},
        {"host": f"evil.example:{PORT}"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"client": "192.0.2.1"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/", pytest.param("/static/site.css", marks=pytest.mark.long)])
def test_whoever_comes_from_elsewhere_is_refused(change, path, browser):
    status, head, page = browser.ask("GET", path, **change)
    assert status == 403
    assert "Quiet" not in page
    assert "exercise" not in page.lower()
    assert head["cache-control"] == "no-store"


def test_a_wrong_token_is_refused(browser):
    assert browser.ask("GET", "/?token=guessed", cookie="")[0] == 403


def test_a_form_of_another_server_is_refused(browser, draft):
    before = read_data(draft)
    form = browser.fill("/passages/exercise-p005", statement=STATEMENT)
    form["form_token"] = "guessed"
    status, _, page = browser.ask("POST", "/passages/exercise-p005", form)
    assert status == 403
    assert "go back, reload the page and save again" in page
    assert read_data(draft) == before


def test_a_form_that_is_too_long_is_refused(browser):
    form = {"form_token": browser.gate.form_token, "statement": "x" * 1_000_001}
    assert browser.ask("POST", "/passages/exercise-p005", form)[0] == 413


def test_other_methods_and_pages_are_refused(browser):
    assert browser.ask("DELETE", "/")[0] == 405
    for path in ("/nowhere", "/passages/nowhere", "/static/../desk.py", "/static/base.html", "/claims/x"):
        assert browser.ask("GET", path)[0] == 404


def test_no_page_may_run_or_load_what_is_not_ours(browser):
    policy = browser.ask("GET", "/")[1]["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for path in ("/", "/passages/exercise-p005", "/left", "/checklist"):
        page = browser.open(path)
        assert re.findall(r"<script[^>]*>", page) == ['<script src="/static/curate.js" defer>']
        assert not re.search(r"<style|style=|\son[a-z]+=", page)


# ---- what a save writes ----


def test_a_form_knows_what_can_be_known(browser):
    form = browser.fill("/passages/exercise-p005")
    assert form["quote"] == "Ketamine may relieve harp elbow in some patients"
    assert (form["hedge"], form["about"]) == ("may", "ketamine")
    assert "exercise-c001" in browser.open("/passages/exercise-p005")


def test_a_claim_is_saved_with_its_links(browser, draft):
    assert save_efficacy(browser) == "/passages/exercise-p006"
    (claim,) = (row for row in draft.rows("claims") if row["claim_id"] == "exercise-c001")
    assert claim["statement"] == STATEMENT
    assert (claim["certainty"], claim["voice"], claim["extraction"]) == ("hedged", "own", "one_reader")
    assert claim["focus"] == claim["quote"]
    links = [row for row in draft.rows("claim_concepts") if row["claim_id"] == "exercise-c001"]
    assert ("ketamine", "subject") in {(row["concept_id"], row["role"]) for row in links}


@pytest.mark.long
def test_a_save_is_on_disk_before_it_is_confirmed(browser, draft):
    before = read_data(draft)
    save_efficacy(browser)
    changed = {name for name, data in read_data(draft).items() if before.get(name) != data}
    assert {"data/claims.csv", "data/claim_concepts.csv"} <= changed
    assert "Saved: a claim of exercise-p005." in browser.follow()
    assert "Saved:" not in browser.open("/")


def test_a_wrong_form_changes_nothing_and_says_why_at_the_field(browser, draft):
    before = read_data(draft)
    page = browser.save(
        "/passages/exercise-p005",
        422,
        statement=STATEMENT,
        claim_type="efficacy",
        stance="supports",
        qualifier="in some patients",
        hedge="perhaps",
    )
    wrong = Fields(page, "/passages/exercise-p005").wrong
    assert "not in" in wrong["hedge"]
    assert read_data(draft) == before


@pytest.mark.long
def test_what_was_typed_is_still_in_the_form_that_was_refused(browser):
    page = browser.save(
        "/passages/exercise-p005", 422, statement=STATEMENT, claim_type="mechanism", stance="supports"
    )
    form = Fields(page, "/passages/exercise-p005")
    assert form.values["statement"] == STATEMENT
    assert form.wrong["stance"] == "mechanism claims have no stance; leave it empty or correct claim_type"


@pytest.mark.long
def test_errors_stand_at_their_fields_as_one_types_and_nothing_is_written(browser, draft):
    before = read_data(draft)
    form = browser.fill(
        "/passages/exercise-p005", statement=STATEMENT, claim_type="mechanism", stance="supports"
    )
    answer = browser.post("/check/exercise-p005", form, 200)
    assert "mechanism claims have no stance; leave it empty or correct claim_type" in answer
    assert read_data(draft) == before


@pytest.mark.long
def test_damage_that_a_workbook_would_refuse_is_refused(browser, draft):
    before = read_data(draft)
    page = browser.save(
        "/passages/exercise-p005",
        422,
        statement="#REF!",
        claim_type="efficacy",
        stance="supports",
        qualifier="in some patients",
    )
    assert (
        Fields(page, "/passages/exercise-p005").wrong["statement"]
        == "a spreadsheet error; write the real value"
    )
    assert read_data(draft) == before


@pytest.mark.long
def test_a_new_condition_is_made_with_its_link(browser, draft):
    page_id = find_sentence(draft, "moss fever")
    browser.save(
        f"/passages/{page_id}",
        statement="Against moss fever, ketamine is not recommended.",
        claim_type="recommendation",
        stance="against",
        link__7__entity="conditions/itching",
        link__7__role="not_recommended",
        link__7__mention="recommended",
        link__7__kind="pain_condition",
        link__7__definition="What itches.",
    )
    (condition,) = (row for row in draft.rows("conditions") if row["condition_id"] == "itching")
    assert (condition["label"], condition["passage_id"], condition["quote"]) == (
        "itching",
        page_id,
        "recommended",
    )


@pytest.mark.long
def test_an_unknown_entity_is_not_made_by_accident(browser, draft):
    before = read_data(draft)
    page = browser.save(
        "/passages/exercise-p005",
        422,
        statement=STATEMENT,
        claim_type="efficacy",
        stance="supports",
        qualifier="in some patients",
        link__7__entity="conditions/neuropathc",
    )
    assert "no row has this identifier" in Fields(page, "/passages/exercise-p005").wrong["link.7.entity"]
    assert read_data(draft) == before


@pytest.mark.long
def test_a_claim_is_changed_in_place(browser, draft):
    save_efficacy(browser)
    browser.save("/passages/exercise-p005?claim=exercise-c001", note="Read twice.")
    claims = [row for row in draft.rows("claims") if row["claim_id"].startswith("exercise")]
    assert [(row["claim_id"], row["note"]) for row in claims] == [("exercise-c001", "Read twice.")]


@pytest.mark.long
def test_a_removed_claim_takes_its_links_along_and_can_be_brought_back(browser, draft):
    before = read_data(draft)
    save_efficacy(browser)
    saved = read_data(draft)
    page = browser.open("/passages/exercise-p005")
    version = re.search(r'name="version" value="(\w+)"', page)[1]
    browser.post("/claims/exercise-c001/remove", {"version": version})
    assert read_data(draft) == before
    browser.post("/undo")
    assert read_data(draft) == saved
    browser.post("/undo")
    assert read_data(draft) == before
    assert "there is nothing to undo" in browser.post("/undo", status=409)


@pytest.mark.long
def test_a_reason_accounts_for_a_passage(browser, draft):
    form = Fields(browser.open("/passages/exercise-p003"), "/passages/exercise-p003/reason").values
    assert (
        browser.post("/passages/exercise-p003/reason", {**form, "reason": "Warns."})
        == "/passages/exercise-p005"
    )
    assert "Warns." in {row["reason"] for row in draft.rows("passages")}


@pytest.mark.long
def test_a_claim_ends_the_reason_for_having_none(browser, draft):
    form = Fields(browser.open("/passages/exercise-p005"), "/passages/exercise-p005/reason").values
    browser.post("/passages/exercise-p005/reason", {**form, "reason": "Says nothing."})
    save_efficacy(browser)
    assert {row["reason"] for row in draft.rows("passages") if row["passage_id"] == "exercise-p005"} == {""}
    browser.post("/undo")
    assert "Says nothing." in {row["reason"] for row in draft.rows("passages")}


@pytest.mark.long
def test_a_list_becomes_one_claim_an_item(browser, draft):
    text = EXERCISE.read_text(encoding="utf-8").replace(
        "It is not recommended for moss fever.", "Ketamine can cause hiccups and yawning."
    )
    file = draft.root / "list.txt"
    file.write_text(text, encoding="utf-8")
    run_command(add_source, draft, file, "listed", draft.descriptor)
    other = Browser(draft.descriptor, "listed")
    passage = next(row["passage_id"] for row in draft.rows("passages") if "hiccups" in row["text"])
    form = other.fill(
        f"/passages/{passage}",
        statement="Hiccups are an effect of ketamine: hiccups.",
        claim_type="safety",
        each="on",
    )
    assert form["items"] == "hiccups; yawning"
    for number, word in enumerate(("hiccups", "yawning"), 7):
        form |= {
            f"link.{number}.entity": f"adverse_effects/{word}",
            f"link.{number}.mention": word,
            f"link.{number}.role": "reported",
            f"link.{number}.kind": "not_specified",
            f"link.{number}.definition": f"What is called {word}.",
        }
    other.post(f"/passages/{passage}", {**form, "statement": "Ketamine may set off …."})
    claims = [row for row in draft.rows("claims") if row["claim_id"].startswith("listed")]
    assert [(row["claim_id"], row["focus"], row["statement"]) for row in claims] == [
        ("listed-c001", "hiccups", "Ketamine may set off hiccups."),
        ("listed-c002", "yawning", "Ketamine may set off yawning."),
    ]
    effects = [
        (row["claim_id"], row["adverse_effect_id"])
        for row in draft.rows("claim_adverse_effects")
        if row["claim_id"].startswith("listed")
    ]
    assert effects == [("listed-c001", "hiccups"), ("listed-c002", "yawning")]


@pytest.mark.long
def test_the_document_and_the_checklist_are_saved_whole(browser, draft):
    browser.save("/document", rights="Written for tests.", publisher="Nobody")
    (source,) = (row for row in draft.rows("sources") if row["source_id"] == "exercise")
    assert (source["rights"], source["publisher"], source["status"]) == (
        "Written for tests.",
        "Nobody",
        "in_progress",
    )
    page = browser.save("/document", 422, published_date="soon")
    assert "not of type date" in Fields(page, "/document").wrong["published_date"]
    browser.save("/checklist")
    items = {
        row["item"]: row["stated"] for row in draft.rows("source_reporting") if row["source_id"] == "exercise"
    }
    assert set(items) == {*draft.read().by_name["source_reporting"].field("item").enum}
    stale = browser.fill("/checklist")
    browser.save("/checklist", authors_named__note="Looked twice.")
    assert "was changed since" in browser.post("/checklist", stale, 409)


# ---- two windows, stale pages, rejected suggestions ----


@pytest.mark.long
def test_two_browsers_work_on_two_passages(draft):
    one, other = Browser(draft.descriptor), Browser(draft.descriptor)
    first = Fields(one.open("/passages/exercise-p003"), "/passages/exercise-p003/reason").values
    second = other.fill(
        "/passages/exercise-p005",
        statement=STATEMENT,
        claim_type="efficacy",
        stance="supports",
        qualifier="in some patients",
    )
    one.post("/passages/exercise-p003/reason", {**first, "reason": "Warns."})
    other.post("/passages/exercise-p005", second)
    assert "exercise-c001" in {row["claim_id"] for row in draft.rows("claims")}
    assert "Warns." in {row["reason"] for row in draft.rows("passages")}


def test_a_stale_page_saves_nothing_and_keeps_what_was_typed(draft):
    one, other = Browser(draft.descriptor), Browser(draft.descriptor)
    stale = other.fill(
        "/passages/exercise-p005",
        statement="Patients get relief from ketamine.",
        claim_type="efficacy",
        stance="supports",
        qualifier="in some patients",
    )
    save_efficacy(one)
    before = read_data(draft)
    page = other.post("/passages/exercise-p005", stale, 409)
    assert "was changed since, in another window or by another command; nothing was saved" in page
    assert Fields(page, "/passages/exercise-p005").values["statement"] == "Patients get relief from ketamine."
    assert STATEMENT in html.unescape(page)
    assert read_data(draft) == before
    again = Fields(page, "/passages/exercise-p005").values
    other.post("/passages/exercise-p005", {**again, "focus": "may relieve harp elbow"})
    assert {"exercise-c001", "exercise-c002"} <= {row["claim_id"] for row in draft.rows("claims")}


@pytest.mark.long
def test_a_rejected_suggestion_does_not_return(browser, draft):
    form = browser.fill(
        "/passages/exercise-p005",
        statement=STATEMENT,
        claim_type="efficacy",
        stance="supports",
        qualifier="in some patients",
    )
    place = next(name.removesuffix("entity") for name, value in form.items() if value == "concepts/ketamine")
    del form[f"{place}keep"]
    form["about"] = "other"
    form["stance"] = "neutral"
    browser.post("/passages/exercise-p005", form)
    rejected = (draft.root / "data/curation/rejected/exercise.csv").read_text(encoding="utf-8")
    assert rejected == "passage_id,table_name,row_id,words\nexercise-p005,claim_concepts,ketamine,ketamine\n"
    last = find_sentence(draft, "by intravenous infusion")
    assert "concepts/ketamine" not in browser.fill(f"/passages/{last}").values()
    browser.post("/undo")
    assert "concepts/ketamine" in browser.fill(f"/passages/{last}").values()


@pytest.mark.long
def test_one_key_rejects_the_whole_suggestion(browser, draft):
    page = browser.open("/")
    assert 'action="/passages/exercise-p003/accept"' in page
    version = re.search(r'exercise-p003/accept">.*?name="version" value="(\w+)"', page, re.DOTALL)[1]
    assert browser.post("/passages/exercise-p003/reject", {"version": version}) == "/#exercise-p003"
    assert 'action="/passages/exercise-p003/accept"' not in browser.open("/")


@pytest.mark.long
def test_one_key_accepts_a_suggestion_and_says_what_is_open(browser, draft):
    version = re.search(
        r'exercise-p005/accept">.*?name="version" value="(\w+)"', browser.open("/"), re.DOTALL
    )[1]
    browser.post("/passages/exercise-p005/accept", {"version": version})
    page = browser.follow()
    assert "Saved: a suggestion of exercise-p005. Still open: " in page
    assert "exercise-c001" in {row["claim_id"] for row in draft.rows("claims")}
    assert "/passages/exercise-p005?claim=exercise-c001" in browser.open("/left")


@pytest.mark.long
def test_a_published_source_is_not_curated_here(package_copy):
    status, _, page = Browser(package_copy.descriptor, "leaflet").ask("GET", "/")
    assert status == 409
    assert "leaflet: published, and only drafts are curated here" in page


@pytest.mark.parametrize("fault", [StopIteration, ZeroDivisionError])
def test_a_fault_of_ours_is_said_to_both_and_ends_nothing(browser, monkeypatch, capsys, fault):
    def fail(bench, request):
        raise fault

    monkeypatch.setattr(browser.workbench, "routes", {**browser.workbench.routes, ("GET", "left"): fail})
    status, _, page = browser.ask("GET", "/left")
    assert status == 500
    assert "The workbench itself failed; nothing was saved by this." in page
    assert fault.__name__ in capsys.readouterr().err
    assert browser.ask("GET", "/")[0] == 200


# ---- what follows from the type and the links ----


def check_usual(browser, passage_id, **values):
    """What the form of a passage would fill in, as its script is told."""
    form = browser.fill(f"/passages/{passage_id}", **values)
    return json.loads(browser.post(f"/check/{passage_id}", form, 200))["usual"]


def test_a_stance_is_guessed_where_the_type_nearly_always_has_it(browser):
    claims = browser.workbench.desk.read().tables["claims"].rows
    stances = {claim["stance"] for claim in claims if claim["claim_type"] == "efficacy"}
    for claim_type, expected in (("efficacy", stances), ("recommendation", {""}), ("mechanism", {""})):
        found = check_usual(browser, "exercise-p005", statement=STATEMENT, claim_type=claim_type)
        assert {found["stance"]} <= expected | {""}, claim_type
    assert "guess from the type</option>" in browser.open("/passages/exercise-p005")


def test_the_antecedent_follows_the_links_that_are_kept(browser, draft):
    form = browser.fill("/passages/exercise-p006", statement="Ketamine is not advised.")
    assert form["antecedent_passage_id"] == ""
    assert check_usual(browser, "exercise-p006")["antecedent_passage_id"] == "exercise-p005"
    place = next(name.removesuffix("entity") for name, value in form.items() if value == "concepts/ketamine")
    dropped = {name: value for name, value in form.items() if name != f"{place}keep"}
    answer = json.loads(browser.post("/check/exercise-p006", dropped, 200))
    assert answer["usual"]["antecedent_passage_id"] == ""
    browser.save(
        "/passages/exercise-p006", statement="Ketamine is not advised.", antecedent_passage_id="none"
    )
    (claim,) = (row for row in draft.rows("claims") if row["claim_id"] == "exercise-c001")
    assert claim["antecedent_passage_id"] == ""
    again = browser.fill("/passages/exercise-p006?claim=exercise-c001")
    assert again["antecedent_passage_id"] == "none"


def test_what_a_claim_leaves_out_is_named_in_a_note(browser):
    form = browser.fill("/passages/exercise-p010", link__7__entity="conditions/harp-elbow")
    usual = json.loads(browser.post("/check/exercise-p010", form, 200))["usual"]
    assert usual["link.7.mention_type"] == "context"
    assert usual["antecedent_passage_id"] == "exercise-p005"
    assert usual["note"].startswith("Harp elbow is named ")


@pytest.mark.long
def test_what_is_suggested_as_several_claims_is_ticked_as_a_list(draft):
    file = draft.root / "list.txt"
    file.write_text("Ketamine\n\nKetamine can cause hiccups and yawning.\n", encoding="utf-8")
    run_command(add_source, draft, file, "listed", draft.descriptor)
    other = Browser(draft.descriptor, "listed")
    passage = next(row["passage_id"] for row in draft.rows("passages") if "hiccups" in row["text"])
    form = other.fill(f"/passages/{passage}", statement="Ketamine has effects.", claim_type="safety")
    assert (form["each"], form["items"]) == ("on", "hiccups; yawning")
    page = other.post(f"/passages/{passage}", form, 422)
    assert Fields(page, f"/passages/{passage}").wrong["statement"].startswith("alike for all items; write … ")


@pytest.mark.long
def test_the_last_sentence_leads_to_the_checklist_and_that_to_publishing(draft):
    file = draft.root / "short.txt"
    file.write_text("Short text\n\nThis is an exercise.\n", encoding="utf-8")
    run_command(
        add_source, draft, file, "short", draft.descriptor, "--short-name", "Short", "--rights", "None."
    )
    other = Browser(draft.descriptor, "short")
    (passage,) = (
        row["passage_id"] for row in draft.rows("passages") if row["text"] == "This is an exercise."
    )
    form = Fields(other.open(f"/passages/{passage}"), f"/passages/{passage}/reason").values
    assert other.post(f"/passages/{passage}/reason", {**form, "reason": "Says what it is."}) == "/checklist"
    other.save("/checklist", publish="on")
    assert "Sentences without a claim or a reason" in other.open("/left")
    form = other.fill("/checklist", publish="on")
    form |= {name: "no" for name in form if name.endswith(".stated")}
    assert "Short is published" in other.post("/checklist", form, 200)


@pytest.mark.long
def test_what_is_meant_and_not_named_is_linked_with_its_antecedent(draft):
    file = draft.root / "meant.txt"
    file.write_text("Ketamine\n\nKetamine is old. Blood is tested twice.\n", encoding="utf-8")
    run_command(add_source, draft, file, "meant", draft.descriptor)
    other = Browser(draft.descriptor, "meant")
    first, last = (
        row["passage_id"]
        for row in draft.rows("passages")
        if row["passage_id"] > "meant-p001" and row["source_id"] == "meant"
    )
    form = other.fill(
        f"/passages/{last}", statement="Blood is tested twice when ketamine is given.", meant="on"
    )
    form = {name: value for name, value in form.items() if not name.endswith(".keep")}
    other.post(f"/passages/{last}", form)
    (claim,) = (row for row in draft.rows("claims") if row["passage_id"] == last)
    assert (claim["about"], claim["antecedent_passage_id"]) == ("ketamine", first)
    assert claim["note"] == "Ketamine is named in the sentence before."
    links = [row for row in draft.rows("claim_concepts") if row["claim_id"] == claim["claim_id"]]
    assert [(row["concept_id"], row["role"], row["mention"], row["mention_type"]) for row in links] == [
        ("ketamine", "subject", "", "context")
    ]


def test_the_role_of_a_new_row_follows_its_kind(browser):
    kinds = browser.workbench.desk.read().package.by_name["concepts"].field("kind").enum
    new = {"link__7__entity": "concepts/brand-new", "link__7__definition": "New.", "claim_type": "use"}
    guessed = {
        check_usual(browser, "exercise-p005", **new, link__7__kind=kind)["link.7.role"] for kind in kinds
    }
    assert len(guessed) > 1


@pytest.mark.long
def test_a_link_of_a_saved_claim_goes_when_it_is_not_kept(browser, draft):
    save_efficacy(browser)
    path = "/passages/exercise-p005"
    form = browser.fill(f"{path}?claim=exercise-c001")
    (place,) = (name for name, value in form.items() if value == "conditions/harp-elbow")
    del form[place.replace("entity", "keep")]
    browser.post(path, form)
    assert "exercise-c001" not in {row["claim_id"] for row in draft.rows("claim_conditions")}


@pytest.mark.long
def test_a_typed_link_stays_ticked_when_a_save_is_refused(browser):
    path = "/passages/exercise-p005"
    form = browser.fill(path, statement=STATEMENT, claim_type="mechanism", stance="supports")
    blank = next(name for name, value in form.items() if name.endswith(".entity") and not value)
    link = {blank: "conditions/moss-fever", blank.replace("entity", "mention_type"): "context"}
    page = browser.post(path, {**form, **link}, 422)
    assert Fields(page, path).values[blank.replace("entity", "keep")] == "on"


@pytest.mark.long
def test_an_untouched_form_is_no_claim(browser, draft):
    before = read_data(draft)
    page = browser.save("/passages/exercise-p005", 422)
    assert "empty, and so is the type" in Fields(page, "/passages/exercise-p005").wrong["statement"]
    assert read_data(draft) == before


def test_a_claim_that_does_not_exist_has_no_form(browser):
    assert browser.ask("GET", "/passages/exercise-p005?claim=nothing")[0] == 404


@pytest.mark.long
def test_what_the_first_claim_of_a_passage_leaves_out_is_offered_to_the_second(browser, draft):
    path = "/passages/exercise-p005"
    form = browser.fill(
        path, statement=STATEMENT, claim_type="efficacy", stance="supports", qualifier="in some patients"
    )
    (place,) = (name for name, value in form.items() if value == "conditions/harp-elbow")
    del form[place.replace("entity", "keep")]
    browser.post(path, form)
    rejected = draft.root / "data/curation/rejected/exercise.csv"
    assert "exercise-p005,claim_conditions,harp-elbow,harp elbow" in rejected.read_text(encoding="utf-8")
    again = browser.fill(
        path,
        statement="Ketamine may ease harp elbow in patients.",
        claim_type="efficacy",
        focus="harp elbow",
        stance="supports",
        qualifier="in some patients",
    )
    assert "conditions/harp-elbow" in again.values()
    browser.post(path, again)
    assert "harp-elbow" not in rejected.read_text(encoding="utf-8")


@pytest.mark.long
def test_an_entity_of_the_draft_is_corrected_and_removed_on_its_page(browser, draft):
    path = "/passages/exercise-p005"
    form = browser.fill(
        path, statement=STATEMENT, claim_type="efficacy", stance="supports", qualifier="in some patients"
    )
    new = {
        "entity": "concepts/less-ache",
        "definition": "Less pain.",
        "kind": "outcome",
        "mention": "relieve",
        "role": "outcome",
    }
    browser.post(
        path,
        {**form, **{f"link.9.{name}": value for name, value in new.items()}, "link.9.direction": "improves"},
    )
    page = "/entities/concepts/less-ache"
    assert "exercise-c001" in browser.open(page)
    assert f'href="{page}"' in browser.open(f"{path}?claim=exercise-c001")
    assert "no such" not in browser.save(page, definition="That pain is less.")
    assert {row["definition"] for row in draft.rows("concepts") if row["concept_id"] == "less-ache"} == {
        "That pain is less."
    }
    wrong = browser.save(page, 422, quote="never printed")
    assert "not in passage" in html.unescape(Fields(wrong, page).wrong["quote"])
    assert f"{page}/remove" not in browser.open(page)
    form = browser.fill(f"{path}?claim=exercise-c001")
    (place,) = (name for name, value in form.items() if value == "concepts/less-ache")
    del form[place.replace("entity", "keep")]
    browser.post(path, form)
    version = Fields(browser.open(page), f"{page}/remove").values
    browser.post(f"{page}/remove", version)
    assert "less-ache" not in {row["concept_id"] for row in draft.rows("concepts")}
    assert browser.ask("GET", "/entities/concepts/ketamine")[0] == 404


@pytest.mark.long
def test_a_row_elsewhere_that_a_save_would_make_wrong_is_called_by_its_name(browser, draft):
    save_efficacy(browser)
    browser.save("/checklist", condition_named__stated="yes", condition_named__passage_id="exercise-p005")
    path = "/passages/exercise-p005"
    form = browser.fill(f"{path}?claim=exercise-c001")
    (place,) = (name for name, value in form.items() if value == "conditions/harp-elbow")
    del form[place.replace("entity", "keep")]
    page = html.unescape(browser.post(path, form, 422))
    assert "Source reporting, exercise,condition_named: stated" in page
    assert "source_reporting.csv:" not in page
