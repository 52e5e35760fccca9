"""The site as a folder of files: whole, without a dead link, the same each time, and within its edition."""

import csv
import hashlib
import json
import os
import re
import sqlite3
from html.parser import HTMLParser
from posixpath import join, normpath
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from packpress.tables.rows import read_tables

from tests.conftest import ROOT, run

pytestmark = pytest.mark.long
ROOT_PATH = "/static/"
# Elements within which words go on: the rest begins a text of its own.
INLINE = frozenset(["a", "abbr", "b", "code", "em", "i", "mark", "span", "sup", "svg", "use", "wbr"])
HAVE_SCRIPTS = {"search/index.html": "search.js", "sql/index.html": "sql.js"}


class Reader(HTMLParser):
    """What a page leads to, which anchors it has, and its texts."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors, self.elements, self.texts, self.spoken = [], set(), [], [""], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.elements.append((tag, values))
        self.links += [values[name] for name in ("href", "src", "action") if name in values]
        if "id" in values:
            self.anchors.add(values["id"])
        self.spoken += [value for name, value in attrs if value and name not in ("href", "class")]
        if tag not in INLINE:
            self.texts.append("")

    def handle_endtag(self, tag):
        if tag not in INLINE:
            self.texts.append("")

    def handle_data(self, data):
        self.texts[-1] += data


@pytest.fixture(scope="module")
def pages(static_folder):
    """Every page, by the path of its file."""
    files = sorted(static_folder.rglob("*.html"))
    return {
        path.relative_to(static_folder).as_posix(): Reader(path.read_text(encoding="utf-8")) for path in files
    }


def test_a_key_explains_gaps_where_there_are_some_and_nowhere_else(pages):
    found = set()
    for page, reader in pages.items():
        has_gaps = any(values.get("class") == "gap" and "role" in values for _, values in reader.elements)
        assert has_gaps == any("words left out here" in text for text in reader.texts), page
        found.add(has_gaps)
    assert found == {True, False}


def test_no_link_is_dead(static_folder, pages):
    """Every link of every page leads to a file of the folder, and to an anchor that is there."""
    files = {
        path.relative_to(static_folder).as_posix() for path in static_folder.rglob("*") if path.is_file()
    }
    dead, counted = [], 0
    for page, reader in pages.items():
        for link in reader.links:
            url = urlsplit(link)
            if url.scheme or url.netloc:
                continue
            counted += 1
            place = (
                url.path.removeprefix(ROOT_PATH) if url.path.startswith("/") else join(page, "..", url.path)
            )
            file = page if not url.path else normpath(unquote(place or "."))
            if url.path.endswith("/"):
                file = normpath(join(file, "index.html"))
            if file not in files or (url.fragment and unquote(url.fragment) not in pages[file].anchors):
                dead.append((page, link))
    assert dead == []
    assert counted > 10_000


def test_nothing_is_loaded_from_elsewhere(pages):
    for page, reader in pages.items():
        for tag, values in reader.elements:
            for name in ("href", "src", "action"):
                url = urlsplit(values.get(name) or "")
                # What a link in the head names as its type or licence is not loaded.
                if (url.scheme or url.netloc) and values.get("rel") not in ("type", "license"):
                    assert (tag, name) == ("a", "href"), (page, values)
                    assert url.scheme in ("http", "https"), (page, values)
    everything = "".join("".join(reader.texts) for reader in pages.values())
    assert "http://localhost" not in everything


def test_every_page_says_what_it_may_load_and_only_two_run_scripts(pages):
    for page, reader in pages.items():
        (policy,) = [
            v["content"] for t, v in reader.elements if v.get("http-equiv") == "Content-Security-Policy"
        ]
        scripts = [v for t, v in reader.elements if t == "script" and "json" not in v.get("type", "")]
        allowed = HAVE_SCRIPTS.get(page)
        assert [v["src"].rpartition("/")[2] for v in scripts] == ([allowed] if allowed else []), page
        assert ("script-src 'self' 'wasm-unsafe-eval'" if allowed else "script-src 'none'") in policy
        assert "form-action 'self'" in policy
        assert "frame-ancestors" not in policy
        assert not [
            v for t, v in reader.elements if t == "style" or "style" in v or any(n[:2] == "on" for n in v)
        ], page


def test_every_thing_has_its_page(pages, package):
    tables = read_tables(package)
    for name in ("claims", "conditions", "routes", "adverse_effects", "concepts", "references", "sources"):
        for row in tables[name].rows:
            assert f"ketamine_pain/{name}/{row.key}/index.html" in pages
    for row in tables["sources"].rows:
        assert f"sources/{row['source_id']}/index.html" in pages
    queries = [path.stem for path in (ROOT / "sql" / "queries").glob("*.sql")]
    views = [path.stem for path in (ROOT / "sql" / "views").glob("*.sql")]
    for name in [*(set(queries) - {"search"}), *views, *package.by_name]:
        assert f"ketamine_pain/{name}/index.html" in pages


def test_every_claim_is_in_the_list_of_claims(pages, package):
    listed = [
        page
        for page in pages
        if re.match(r"ketamine_pain/claims_flat/(?:_next=[^/]*,_sort=[^/,]*/)?index.html", page)
    ]
    linked = {unquote(link).rstrip("/").rpartition("/")[2] for page in listed for link in pages[page].links}
    assert {row["claim_id"] for row in read_tables(package)["claims"].rows} <= linked


def test_forms_ask_pages_that_can_answer(pages, static_folder):
    for page, reader in pages.items():
        for tag, values in reader.elements:
            if tag == "form" and "action" in values:
                assert re.fullmatch(r"(?:(?:\.\./)*(?:search|sql)|\.)/|/static/search/", values["action"]), (
                    page,
                    values,
                )


def test_a_filter_has_the_rows_that_it_counts(static_folder):
    folder = static_folder / "ketamine_pain" / "claims_flat"
    checked = 0
    for file in folder.glob("*/rows.csv"):
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        assert len(rows) == len(json.loads((file.parent / "rows.json").read_text(encoding="utf-8")))
        page = file.parent / "index.html"
        count = re.search(r"<h2>([\d,]+) claims?\b", page.read_text(encoding="utf-8"))
        assert int(count[1].replace(",", "")) == len(rows), file
        checked += 1
    assert checked > 20


def test_a_statement_in_a_link_runs(pages, static_folder):
    """Every link to the page of SQL holds a statement that runs on the published database."""
    statements = {}
    for page, reader in pages.items():
        for link in reader.links:
            url = urlsplit(link)
            if url.path.endswith("sql/") and url.query:
                arguments = {name: values[0] for name, values in parse_qs(url.query).items()}
                statements.setdefault(arguments.pop("sql"), (page, arguments))
    assert len(statements) > 100
    found = 0
    db = sqlite3.connect(f"file:{static_folder}/files/ketamine_pain.db?mode=ro", uri=True)
    for sql, (page, arguments) in statements.items():
        names = dict.fromkeys(re.findall(r":(\w+)", sql), "")
        try:
            found += db.execute(sql, {**names, **arguments}).fetchone() is not None
        except sqlite3.Error as error:
            raise AssertionError(f"{page}: {sql}") from error
    # Some say that there is nothing of a kind.
    assert found > 0.9 * len(statements)


def test_the_sums_and_the_descriptor_fit_the_files(static_folder):
    lines = (static_folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    named = {line.split("  ", 1)[1]: line.split("  ", 1)[0] for line in lines}
    files = {
        path.relative_to(static_folder).as_posix() for path in static_folder.rglob("*") if path.is_file()
    }
    assert files == {*named, "SHA256SUMS"}
    for name, expected in named.items():
        assert hashlib.sha256((static_folder / name).read_bytes()).hexdigest() == expected
    descriptor = json.loads((static_folder / "datapackage.json").read_text(encoding="utf-8"))
    assert descriptor["resources"]
    for resource in descriptor["resources"]:
        data = (static_folder / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert (static_folder / ".nojekyll").exists()
    # Without a homepage no page has a lasting address.
    assert not {"robots.txt", "sitemap.xml"} & files


def test_a_second_writing_gives_the_same_bytes(static_folder, tmp_path):
    other = {"PYTHONHASHSEED": "7", "TZ": "Pacific/Chatham", "LC_ALL": "C"}
    line = (
        "static",
        str(static_folder / "files"),
        "--output",
        str(tmp_path / "other"),
        "--base-path",
        "static",
    )
    done = run(*line, env={**os.environ, **other})
    assert done.returncode == 0, done.stderr
    size = sum(path.stat().st_size for path in static_folder.rglob("*") if path.is_file())
    assert f"{size:,} bytes\n" in done.stdout
    ours, theirs = ((folder / "SHA256SUMS").read_text() for folder in (static_folder, tmp_path / "other"))
    assert {*ours.splitlines()} ^ {*theirs.splitlines()} == set()


def test_the_texts_of_a_page_are_read_block_by_block():
    page = Reader("<p>one two <mark>three <em>four</em></mark> five</p><p title='six'>seven</p>")
    assert [text for text in page.texts if text] == ["one two three four five", "seven"]
    assert page.spoken == ["six"]


def test_a_folder_of_somebody_elses_is_not_replaced(built, tmp_path):
    (tmp_path / "letter.txt").write_text("Dear all", encoding="utf-8")
    done = run("static", str(built), "--output", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == f"{tmp_path}: contains files that no build wrote; empty it or choose another --output\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("base_path", ["https://pain.example/k", "a b", '"', "/a//b"])
def test_a_base_path_that_is_none_is_refused(built, base_path):
    done = run("static", str(built), "--base-path", base_path)
    assert done.returncode == 2
    assert done.stderr == f'--base-path="{base_path}": not a path; write it as /boats/\n'
