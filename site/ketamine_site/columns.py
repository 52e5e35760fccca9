"""Columns: which of a wide table or answer are shown first."""

# The rest is one link away.
FIRST_COLUMNS = {
    name: tuple(columns.split())
    for name, columns in {
        "claims_flat": "claim_id statement quote stance hedge claim_type short_name",
        "claims": "claim_id passage_id statement quote stance hedge claim_type",
        "references": "reference_id source_id listed_as ordinal title container_title year doi",
        "sources": "source_id short_name title source_type text_extent publisher published_date",
        "passages": "passage_id source_id section kind text reason",
        "conditions": "condition_id label broader_id kind definition quote",
        "routes": "route_id label broader_id definition quote",
        "adverse_effects": "adverse_effect_id label broader_id body_system definition quote",
        "concepts": "concept_id label kind definition quote",
        "mappings": "mapping_id table_name row_id predicate_id object_id object_label object_source",
        "bibliography": "reference_id source authors year title container_title corrected_fields",
        "disagreements": "question relation first_source first_quote second_source second_quote reason",
        "adverse_effects_by_source": "adverse_effect source role frequency course quote statement",
        "routes_by_source": "route source role formulation stance quote statement",
        "uncited_claims": "claim_id statement quote stance certainty claim_type source",
        "claims_by_reference": "reference_id reference year marker statement quote stance",
        "contradictions": "question first_source first_quote second_source second_quote reason",
        "qualifications": "question limiting_source limiting_quote limited_source limited_quote reason",
        "support_for_condition": "source finding quote hedge qualifier statement cited_references",
        "claims_without_reference": "source prints_markers quote statement evidence_type stance claim_type",
        "bibliography_by_year": "year authors title container_title study_design source claims",
        "advice_against": "source for_whom quote hedge attributed_to statement stance",
        "named_adverse_effects": "adverse_effect source role frequency course quote statement",
    }.items()
}
