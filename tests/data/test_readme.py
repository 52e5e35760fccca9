"""What the README tells people to type works as it stands, and what documents name is there."""

import re
from importlib.util import find_spec

import duckdb
import pytest
from packpress.cli import main

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
# Those of packpress are held by its own tests.
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("*/README.md"), *ROOT.glob(".github/*.md")]
)
PAGES.remove(ROOT / "packpress" / "README.md")
FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
# What stands in backticks and is a path of this repository: no address, no placeholder, no pattern.
PATH = re.compile(
    r"\.?[\w-][\w.-]*(?:/[\w.-]+)*(?:/|\.(?:py|md|yml|json|sql|csv|css|js|toml|txt|html|svg|cff))"
)
# From where a page may name a path: the repository, its own folder, and what that folder is about.
ROOMS = {
    "site": ("site/ketamine_site", "packpress/src/packpress/web"),
    ".": ("packpress/src/packpress",),
}
# What commands make, is not committed.
MADE = re.compile(
    r"(?:build|dist|csv|parquet|bibliography|\.venv(?:-spark|-standards)?|files)/|\.csl\.json$|data/sources/exercise\.txt$|(?:checks(?:-spark)?\.sql|(?:site|croissant|datacite)\.json|404\.html|index\.html|robots\.txt)$"
)
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

# Targets that are verbs of English, and tables whose names are words of the standard.
COMMON = {"check", "types"}
WORDS = {
    *("sources", "references", "position", "field_name", "table_name", "row_id", "names", "withdrawals"),
    *("mappings", "corrections"),
}


def snippet(language, built):
    (code,) = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return code.replace("build/", f"{built}/")


def test_the_pandas_lines_find_hedged_claims(built):
    lines = snippet("python", built).rstrip().split("\n")
    names = {}
    exec("\n".join([*lines[:-1], f"answer = {lines[-1]}"]), names)
    assert len(names["answer"]) > 0
    assert list(names["answer"].columns) == ["short_name", "quote", "hedge"]
    assert names["answer"]["hedge"].notna().all()


def test_the_duckdb_lines_find_the_same(built):
    answer = duckdb.sql(snippet("sql", built)).fetchall()
    names = {}
    exec(snippet("python", built), names)
    claims = names["claims"]
    assert len(answer) == (claims["certainty"] == "hedged").sum() > 0


def name_page(page):
    return page.relative_to(ROOT).as_posix()


def read_prose(page):
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def list_code(page):
    """What stands in backticks and in blocks: whatever people may type."""
    text = page.read_text(encoding="utf-8")
    return [
        *SPAN.findall(FENCE.sub("", text)),
        *(line for block in FENCE.findall(text) for line in block.split("\n")),
    ]


def find_named(page, path):
    """Whether a path that a page names is there."""
    folder = page.parent.relative_to(ROOT).as_posix()
    return any((ROOT / room / path).exists() for room in (".", folder, *ROOMS.get(folder, ())))


@pytest.mark.parametrize("page", PAGES, ids=name_page)
def test_every_link_leads_to_a_file(page):
    for link in re.findall(r"\]\((?!\w+:)([^)#\s]+)[^)]*\)", read_prose(page)):
        assert (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=name_page)
def test_every_path_that_is_named_is_there(page):
    named = [span for span in SPAN.findall(read_prose(page)) if PATH.fullmatch(span) and not MADE.match(span)]
    assert [path for path in named if not find_named(page, path)] == []


@pytest.mark.parametrize("page", PAGES, ids=name_page)
def test_every_command_that_is_named_is_there(page):
    for code in list_code(page):
        for target in re.findall(r"^(?:.*&& )?make ([a-z-]+)", code):
            assert target in TARGETS, code
        for verb in re.findall(r"^(?:\.venv/bin/)?packpress ([a-z-]+)", code):
            assert verb in main.commands, code
        for module in re.findall(r"^(?:\.venv/bin/)?python -m ((?:scripts|benchmarks)\.\w+)", code):
            assert find_spec(module), code


def test_every_command_of_packpress_is_called_or_named_here():
    known = README + (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [verb for verb in main.commands if f"packpress {verb}" not in known] == []


@pytest.mark.parametrize(
    "page", sorted((ROOT / "packpress").rglob("*.md")), ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_documents_of_packpress_name_nothing_of_this_data_set(page, package):
    text = page.read_text(encoding="utf-8")
    assert "ketamine" not in text.lower()
    assert not [target for target in re.findall(r"\bmake ([a-z-]+)", text) if target in TARGETS - COMMON]
    ours = {name for table in package.resources for name in (table.name, *table.primary_key)} - WORDS
    assert not ours & set(re.findall(r"`([\w/.-]+)`", text))
