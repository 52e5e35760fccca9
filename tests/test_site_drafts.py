"""A build with drafts says on every page that it has some, and stands apart from the published one."""

import pytest
from packpress.tables.rows import read_tables

from scripts.curation.figures import list_figures
from tests.conftest import INVENTED, PackageCopy, run
from tests.site_client import Site

PAGES = [
    "/",
    "/sources",
    "/sources/exercise",
    "/map",
    "/conditions",
    "/compare/guidance/exercise",
    "/ketamine_pain/claims_flat",
    "/ketamine_pain/sources/exercise",
]

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def drafted(tmp_path_factory):
    copy = PackageCopy(tmp_path_factory.mktemp("drafted"))
    copy.add_all()
    run("add_source", str(INVENTED / "exercise.txt"), "exercise", str(copy.descriptor))
    return copy


@pytest.fixture(scope="module")
def site(drafted, root):
    done = run("build", "--drafts", str(drafted.descriptor), "--output", str(drafted.root / "drafts"))
    assert done.returncode == 0, done.stderr
    assert (drafted.root / "drafts" / f"ketamine-pain-{drafted.read().version}-drafts.zip").is_file()
    return Site(root, drafted.read(), drafted.root / "drafts")


def test_a_build_with_a_draft_is_the_build_without_it(drafted, built):
    done = run("build", str(drafted.descriptor), "--output", str(drafted.root / "build"))
    assert done.returncode == 0, done.stderr
    for name in ("LOGICAL_SHA256", "SHA256SUMS"):
        assert (drafted.root / "build" / name).read_bytes() == (built / name).read_bytes()


def test_the_figures_of_the_documents_leave_drafts_out(drafted, package):
    figures = list_figures(drafted.read(), read_tables(drafted.read()))
    assert figures == list_figures(package, read_tables(package))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_that_there_are_drafts(site, path):
    page = site.page(path)
    assert (
        "This build holds sources in progress, which published builds leave out: Exercise."
        in page.texts("p", class_="message")[0]
    )


def test_a_draft_is_marked_where_it_stands(site):
    assert site.page("/sources/exercise").texts("h1") == ["Exercise draft"]
    assert site.page("/sources/guidance").texts("h1") == ["Guild guidance"]
    assert len(site.page("/sources").texts("b", class_="draft")) == 2
    assert site.page("/compare/guidance/exercise").texts("h1") == ["Guild guidance beside Exercise draft"]


def test_a_draft_is_shown_passage_by_passage(site):
    page = site.page("/sources/exercise")
    assert "Ketamine may relieve harp elbow in some patients." in page.texts(class_="txt")


def test_published_pages_know_of_no_draft(root, package, built):
    for path in ("/", "/sources"):
        assert Site(root, package, built).page(path).texts("b", class_="draft") == []
    assert Site(root, package, built).get("/compare/guidance/exercise").status_code == 404
