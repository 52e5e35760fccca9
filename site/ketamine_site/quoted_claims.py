"""Quotes as HTML: a claim's words in their passage, its statement, and what it says of itself.

A page shows dozens of claims. They are written here because a template takes several times as long for each.
"""

from datasette.app import Datasette
from markupsafe import Markup, escape
from packpress.web.facts import row_path

from ketamine_site.cells import list_limits, show_stance
from ketamine_site.facts import read_facts, source_path
from ketamine_site.highlights import Quoted


def show_words(datasette: Datasette, quoted: Quoted) -> Markup:
    """The words of a claim in their passage, with a link to their position in the document."""
    row = quoted.row
    withheld = f"Withheld; characters {row['start_offset']} to {row['end_offset']}"
    words = quoted.words or f'<span class="ours q3">{withheld}</span>'
    path = escape(source_path(datasette, row["source_id"], row["claim_id"]))
    place = f"{escape(row['short_name'])}, passage {row['passage_position']}"
    return Markup(
        f'<blockquote class="src">{words}\n<p class="by"><a href="{path}">{place}</a></p></blockquote>'
    )


def show_statement(datasette: Datasette, quoted: Quoted) -> Markup:
    """The statement of a claim, with a link to its page."""
    path = row_path(datasette, read_facts.known(datasette), "claim_id", quoted.row["claim_id"])
    return Markup(f'<p class="ours"><a href="{escape(path or "")}">{escape(quoted.row["statement"])}</a></p>')


def show_tags(quoted: Quoted) -> Markup:
    """The stance and type of a claim, what hedges and limits it, and in whose name it is made."""
    row = quoted.row
    stance = show_stance(row["stance"], quoted.is_hedged)
    tags = [escape(row["claim_type"].replace("_", " "))]
    tags += list_limits(row["hedge"] if quoted.is_hedged else None, row["qualifier"], quoted.is_hedged)
    if row["attributed_to"]:
        tags.append(Markup(f'in the name of <span class="src">{escape(row["attributed_to"])}</span>'))
    return Markup(f'<p class="tags">{stance}{"".join(f"<span>{tag}</span>" for tag in tags)}</p>')
