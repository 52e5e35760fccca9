"""Registers the pages of this data set with packpress: every route, template and variable."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from packpress.web.pages import Pages, Route

from ketamine_site import (
    cells,
    comparison,
    descriptions,
    facts,
    home,
    quoted_claims,
    quoted_passages,
    searches,
)
from ketamine_site.claims import citation, claims
from ketamine_site.documents import reader
from ketamine_site.entities import entities, indexes, references, source_sections
from ketamine_site.evidence import charts, disagreements, maps

HERE = Path(__file__).parent
STEP = "[^/.]+"

ROUTES = (
    Route("/sources", reader.list_sources, is_listed=True),
    Route(
        "/sources/{source_id}",
        reader.show_source,
        list_paths=reader.list_paths,
        find_arguments=reader.find_part,
    ),
    Route(f"/{{path:{'|'.join(indexes.INDEXES)}}}", indexes.show_index, list_paths=indexes.list_paths),
    Route("/map", maps.show_map, is_listed=True),
    Route(f"/map/{{path:{STEP}}}", maps.show_map, list_paths=maps.list_paths),
    Route("/map.svg", maps.download_map, "file"),
    Route(f"/map/{{path:{STEP}}}.svg", maps.download_map, "file"),
    Route("/charts", charts.show_charts, is_listed=True),
    Route(f"/charts/{{name:{STEP}}}.svg", charts.download_chart, "file"),
    Route("/disagreements", disagreements.show_disagreements, is_listed=True),
    Route("/compare", comparison.choose_sources, is_listed=True),
    Route("/compare/{first}/{second}", comparison.show_comparison, list_paths=comparison.list_paths),
    Route("/cite/{claim_id}.{form:txt|bib|ris|json}", citation.show_citation, "file"),
)


# Tables, views, queries and pages that belong to an entry of the navigation; all other data belong to "Data".
SECTIONS = {
    path: entry
    for entry, paths in {
        "/sources": (
            *("/compare", "/{database}/sources", "/{database}/passages", "/{database}/coverage"),
            *("/{database}/source_reporting", "/{database}/not_stated"),
        ),
        "/conditions": ("/{database}/conditions", "/{database}/support_for_condition"),
        "/adverse-effects": ("/{database}/adverse_effects", "/{database}/named_adverse_effects"),
        "/routes": ("/{database}/routes",),
        "/{database}/claims_flat": ("/{database}/claims",),
        "/disagreements": (
            *("/{database}/disagreements", "/{database}/claim_pairs", "/{database}/claim_relations"),
            *("/{database}/questions", "/{database}/contradictions", "/{database}/tensions"),
            *("/{database}/pairs_of_sources", "/{database}/qualifications", "/{database}/complements"),
        ),
        "/map": (
            *("/charts", "/{database}/condition_evidence", "/{database}/adverse_effects_by_source"),
            "/{database}/routes_by_source",
        ),
        "/{database}": ("/dictionary", "/downloads"),
        "": ("/{database}/search",),
    }.items()
    for path in paths
}


# The pictures of the types of pages, by the first part of their address or by their table.
PICTURES = ("sources", "claims", "conditions", "map", "disagreements")


def find_picture(datasette: Datasette, path: str) -> str:
    """The name of the picture that other sites show for a page."""
    parts = path.removeprefix(datasette.setting("base_url")).strip("/").split("/")
    kind = parts[1] if len(parts) > 2 and parts[0] == datasette.get_database().name else parts[0]
    return f"share-{kind if kind in PICTURES else 'home'}.png"


def list_names(datasette: Datasette) -> Mapping[str, Any]:
    """Functions for templates, besides those of packpress."""
    return {
        "citation_forms": citation.FORMS,
        "count_documents": partial(home.count_documents, datasette),
        "count_relation": disagreements.count_relation,
        "describe_documents": partial(facts.describe_documents, datasette),
        "describe_search": searches.describe_search,
        "draw_chip": maps.draw_chip,
        "draw_relation": cells.draw_relation,
        "draw_glyph": cells.draw_glyph,
        "draw_small_map": partial(home.draw_small_map, datasette),
        "explain_beside": maps.explain_beside,
        "find_index": indexes.PATHS.get,
        "find_issue_form": claims.find_issue_form,
        "frame_words": cells.frame_words,
        "group_lines": maps.group_lines,
        "is_search_cut": searches.is_cut,
        "list_search_pages": partial(searches.list_search_pages, datasette),
        "list_start_questions": partial(home.list_start_questions, datasette),
        "name_field": references.name_field,
        "name_anchor": indexes.name_anchor,
        "name_kind": maps.name_kind,
        "name_relation": disagreements.name_relation,
        "read_card": partial(claims.read_card, datasette),
        "read_entity": partial(entities.read_entity, datasette),
        "read_facts": partial(facts.read_facts, datasette),
        "read_hits": partial(searches.read_hits, datasette),
        "read_question": partial(disagreements.read_question, datasette),
        "read_nearest": partial(searches.read_nearest, datasette),
        "read_reference": partial(references.read_reference, datasette),
        "relation_meanings": disagreements.MEANINGS,
        "say_claims": entities.say_claims,
        "show_claim": partial(source_sections.show_claim, datasette),
        "show_empty": cells.show_empty,
        "show_signs": indexes.show_signs,
        "show_passage": partial(quoted_passages.show_passage, datasette),
        "show_said": partial(source_sections.show_said, datasette),
        "show_stance": cells.show_stance,
        "show_statement": partial(quoted_claims.show_statement, datasette),
        "show_tags": quoted_claims.show_tags,
        "show_words": partial(quoted_claims.show_words, datasette),
        "source_path": partial(facts.source_path, datasette),
        "spell_number": references.spell_number,
        "stance_class": cells.stance_class,
        "write_suggestion": claims.write_suggestion,
    }


PAGES = Pages(
    routes=ROUTES,
    templates=HERE / "templates",
    stylesheets=(HERE / "static" / "ketamine.css",),
    static=HERE / "static",
    navigation=(
        ("Sources", "/sources"),
        ("Conditions", "/conditions"),
        ("Effects", "/adverse-effects"),
        ("Routes", "/routes"),
        ("Claims", "/{database}/claims_flat"),
        ("Disagreements", "/disagreements"),
        ("Map", "/map"),
        ("Data", "/{database}"),
        ("Method", "/method"),
    ),
    sections=SECTIONS,
    search="/{database}/search",
    placeholder="Words or a question",
    browsed="claims_flat",
    row_tables=(
        "sources",
        "claims",
        "conditions",
        "routes",
        "adverse_effects",
        "concepts",
        "references",
        "questions",
    ),
    aliases={"claims_flat": "claims"},
    row_paths={"sources": "sources"},
    single=frozenset({"claim_id", "passage_id"}),
    first_columns=cells.FIRST_COLUMNS,
    show_cell=cells.show_cell,
    prepare=facts.read_facts,
    find_picture=find_picture,
    list_companions=cells.list_companions,
    names=list_names,
    describe_row=descriptions.describe_row,
    list_forms=citation.list_forms,
)
