"""Web pages: the main content of a saved page as lines of text, its headings, lists and tables kept."""

import codecs
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from packpress.problems import CannotRunError

from scripts.curation.addition import MARKS, decode_bytes
from scripts.curation.originals import (
    PAGE,
    ExtractedText,
    count_of,
    import_reader,
    name_extractor,
    shorten_text,
    state_rights,
)

# An element of the parsed page, of a class of the reader.
Node = Any

# What is never text that people read, with the word for it.
UNSEEN = {
    **dict.fromkeys(("script", "style", "link", "meta", "template", "noscript"), "scripts and styles"),
    **dict.fromkeys(("img", "picture", "svg", "canvas", "map"), "pictures"),
    **dict.fromkeys(("iframe", "object", "embed", "video", "audio"), "embedded media"),
    **dict.fromkeys(("form", "button", "input", "select", "textarea", "dialog"), "forms and buttons"),
}
FURNITURE = {"nav": "navigation", "footer": "page footer", "aside": "aside", "header": "page header"}
ROLES = {
    "navigation": "navigation",
    "banner": "page header",
    "contentinfo": "page footer",
    "complementary": "aside",
    "search": "search form",
    "dialog": "dialogue",
    "alertdialog": "dialogue",
    "menu": "navigation",
}
# Words in classes and identifiers that tell what a part is for.
PURPOSES = {
    **dict.fromkeys(("cookie", "cookies", "consent", "gdpr", "onetrust"), "cookie notice"),
    **dict.fromkeys(
        ("nav", "navbar", "menu", "breadcrumb", "breadcrumbs", "skip", "pagination"), "navigation"
    ),
    **dict.fromkeys(("share", "sharing", "social", "newsletter", "subscribe"), "sharing and newsletter"),
    **dict.fromkeys(("advert", "advertisement", "ads", "ad", "promo", "sponsored"), "advertisement"),
    **dict.fromkeys(("sidebar", "related", "comments", "popup", "modal", "masthead"), "aside"),
}
HEADINGS = {f"h{level}" for level in range(1, 7)}
BLOCKS = {
    *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl"),
    *("dt", "fieldset", "figcaption", "figure", "footer", "header", "hr", "li", "main", "nav", "ol", "p"),
    *("pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul", *HEADINGS),
}
# Blocks that stand apart from what is before and after them.
APART = {"p", "ul", "ol", "dl", "table", "blockquote", "pre", "figure", "hr", *HEADINGS}
# White space that browsers collapse; a no-break space is none of it.
COLLAPSED = re.compile(r"[ \t\n\r\f]+")
DECLARED = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
# What browsers read for what these names say.
AS_BROWSERS = {"iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin-1": "cp1252", "ascii": "cp1252"}
SAVED_FROM = re.compile(r"saved from url=\(\d+\)(\S+)")
LANGUAGE = re.compile(r"[a-z]{2}(?:-[A-Z]{2})?")
COPYRIGHT = re.compile(r"(?:©|\(c\)|Copyright\b)[^\n]{3,120}", re.IGNORECASE)
# The shares of a page's words that make a part its main content, or keep it whatever its class.
MOST = 0.75
HALF = 0.5


@dataclass
class Lines:
    """The lines of a page as they are written, an empty one before what stands apart, and what they hold.

    `places` has the number of the last item of each numbered list.
    """

    lines: list[str] = field(default_factory=list)
    open: str = ""
    marker: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    places: dict[int, int] = field(default_factory=dict)

    def write(self, text: str) -> None:
        """Adds words to the open line, their white space collapsed as browsers do."""
        words = COLLAPSED.sub(" ", text)
        if not self.open or self.open.endswith(" "):
            words = words.removeprefix(" ")
        if words and not self.open:
            words, self.marker = self.marker + words, ""
        self.open += words

    def close(self, is_apart: bool = False) -> None:
        """Ends the open line, and leaves a line empty after it if it stands apart."""
        if self.open.strip():
            self.lines.append(self.open.strip(" "))
        self.open = ""
        if is_apart and self.lines and self.lines[-1]:
            self.lines.append("")


def extract_page(data: bytes, name: str, encoding: str = "") -> ExtractedText:
    """The main content of a page as text; CannotRunError when it cannot be decoded or has no words."""
    html, encoding, said = decode_page(data, name, encoding)
    page = import_reader("selectolax.lexbor", "selectolax", PAGE).LexborHTMLParser(html)
    if page.body is None or not page.body.text().strip():
        raise CannotRunError(f"{name}: a page without words; save it again once it is shown in full")
    cells = read_facts(page)
    left_out = remove_parts(page.body)
    content, found_as = find_content(page.body)
    try:
        lines = write_content(page.body, content)
    except RecursionError:
        message = "its elements are nested too deeply; save its text in a separate file"
        raise CannotRunError(f"{name}: {message}") from None
    left_out += find_outside(page.body, content)
    kept = [f"encoding {encoding} ({said})", f"main content: {found_as}", *describe_counts(lines)]
    text = "\n".join(lines.lines).strip("\n") + "\n"
    return ExtractedText(text, name_extractor("selectolax"), kept, left_out, cells)


def write_content(body: Node, content: Node) -> Lines:
    """The main content as lines, below the heading of the page if that stands outside of it."""
    lines = Lines()
    heading = next((node for node in body.css("h1") if node.text().strip()), None)
    if heading is not None and not any(node.text().strip() for node in content.css("h1")):
        write_node(heading, lines)
        lines.close(is_apart=True)
    write_node(content, lines)
    lines.close()
    return lines


def decode_page(data: bytes, name: str, encoding: str) -> tuple[str, str, str]:
    """The decoded page, its encoding, and how that is known: by a mark, a declaration, or the bytes.

    >>> decode_page(b'<meta charset="latin-1"><p>na\\xefve', "page.html", "")[1:]
    ('cp1252', 'declared')
    """
    declared = DECLARED.search(data[:4096])
    if encoding:
        said = "given"
    elif found := next((known for mark, known in MARKS if data.startswith(mark)), ""):
        encoding, said = found, "byte order mark"
    elif declared:
        label = declared[1].decode("ascii", "replace").lower()
        encoding, said = AS_BROWSERS.get(label, label), "declared"
    else:
        return _decode_undeclared(data, name)
    try:
        codecs.lookup(encoding)
        return data.decode(encoding), encoding, said
    except (LookupError, UnicodeDecodeError):
        if said == "declared":
            return _decode_undeclared(data, name)
        message = f"cannot be decoded as {encoding} ({said}); name its encoding"
        raise CannotRunError(f"{name}: {message}") from None


def _decode_undeclared(data: bytes, name: str) -> tuple[str, str, str]:
    encoding, text = decode_bytes(data, name)
    return text, encoding, "detected"


def read_facts(page: Node) -> dict[str, str]:
    """What a page says of itself, as cells of its source: address, language, and whose it is."""
    facts = {"text_extent": "article_text"}
    root = page.css_first("html")
    language = (root.attributes.get("lang") or "").replace("_", "-") if root is not None else ""
    if LANGUAGE.fullmatch(language):
        facts["language"] = language
    addresses = [node.attributes.get("href") for node in page.css("link[rel=canonical]")]
    addresses += [node.attributes.get("content") for node in page.css('meta[property="og:url"]')]
    addresses += SAVED_FROM.findall(page.html or "")
    if address := next((found for found in addresses if re.match(r"https?://\S+$", found or "")), ""):
        facts["url"] = str(address)
        facts["note"] = "The address is the one that the saved page names."
    if owned := COPYRIGHT.search(page.body.text(separator="\n")):
        facts["rights"] = state_rights("page", owned[0])
    return facts


def remove_parts(body: Node) -> list[str]:
    """Takes out what is no content, and says what it was; a part with half of all words stays."""
    counts, parts = Counter[str](), list[str]()
    for node in take_out(body, lambda node: node.tag in UNSEEN):
        counts[UNSEEN[node.tag]] += 1
    whole = max(1, count_prose(body))
    for node in take_out(body, lambda node: name_purpose(node) and count_prose(node) < HALF * whole):
        if words := node.text(separator=" ").strip():
            parts.append(f"{name_purpose(node)}: {shorten_text(words)}")
    return [*parts, *(f"{what}: {count}" for what, count in counts.items())]


def take_out(body: Node, is_taken: Callable[[Node], object]) -> Iterator[Node]:
    """The outermost elements for which a condition holds, each of which is destroyed after its turn."""
    waiting = deque([body])
    while waiting:
        for node in list(waiting.popleft().iter()):
            if is_taken(node):
                yield node
                node.decompose()
            else:
                waiting.append(node)


def name_purpose(node: Node) -> str:
    """What an element is for if it is no content: by its tag, role or class, or that it is hidden."""
    attributes = node.attributes
    if "hidden" in attributes or re.search(r"display\s*:\s*none", attributes.get("style") or ""):
        return "hidden"
    if role := ROLES.get(attributes.get("role") or ""):
        return role
    if node.tag in FURNITURE and not (node.tag in ("header", "footer") and is_in_article(node)):
        return FURNITURE[node.tag]
    if node.tag in HEADINGS or node.tag in ("html", "body", "main"):
        return ""
    named = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", named).lower())
    return next((PURPOSES[word] for word in words if word in PURPOSES), "")


def is_in_article(node: Node) -> bool:
    """Whether an element is the header or footer of an article rather than of the page."""
    while (node := node.parent) is not None:
        if node.tag in ("article", "main"):
            return True
    return False


def count_prose(node: Node) -> int:
    """The number of characters of an element that are not in links.

    White space does not count.
    """
    linked = sum(len("".join(link.text().split())) for link in node.css("a"))
    return max(0, len("".join(node.text().split())) - linked)


def find_content(body: Node) -> tuple[Node, str]:
    """The element with the main content, and how it was found."""
    whole = count_prose(body)
    for selector in ("main", "[role=main]", "article"):
        found = [node for node in body.css(selector) if count_prose(node) >= HALF * whole]
        if found:
            return found[0], f"<{found[0].tag}>" if selector[0] != "[" else selector
    node = body
    while (child := _dominant(node, whole)) is not None:
        node = child
    return node, f"the <{node.tag}> that holds most of the words"


def _dominant(node: Node, whole: int) -> Node | None:
    children = [
        child
        for child in node.iter()
        if child.tag in ("div", "section", "article", "table", "tbody", "tr", "td")
    ]
    return next((child for child in children if count_prose(child) >= MOST * whole), None)


def find_outside(body: Node, content: Node) -> list[str]:
    """What stood beside the main content, in its outermost parts."""
    parts, node = list[str](), content
    while node is not None and node.mem_id != body.mem_id and node.parent is not None:
        for other in node.parent.iter():
            if (
                other.mem_id != node.mem_id
                and other.tag != "h1"
                and (words := other.text(separator=" ").strip())
            ):
                parts.append(f"outside the main content: {shorten_text(words)}")
        node = node.parent
    return parts


def write_node(node: Node, lines: Lines) -> None:
    """Writes an element and what is in it as lines."""
    tag = node.tag or ""
    if tag == "-text":
        lines.write(node.text(deep=False))
    elif tag == "br":
        lines.close()
    elif tag == "tr":
        _write_row(node, lines)
    elif tag == "pre":
        _write_preformatted(node, lines)
    elif tag == "q":
        lines.write(f"“{node.text()}”")
    elif not tag.startswith(("-", "!")):
        _write_element(node, tag, lines)


def _write_element(node: Node, tag: str, lines: Lines) -> None:
    is_nested = tag in ("ul", "ol") and any(parent.tag == "li" for parent in _parents(node))
    is_apart = tag in APART and not is_nested and not any(parent.tag == "li" for parent in _parents(node))
    if tag in BLOCKS:
        lines.close(is_apart)
    if tag == "li":
        lines.marker = _marker(node, lines.places)
    lines.counts[_name_block(tag)] += 1
    for child in node.iter(include_text=True):
        write_node(child, lines)
    if tag in BLOCKS:
        lines.close(is_apart)
    if tag == "li":
        lines.marker = ""


def _parents(node: Node) -> Iterator[Node]:
    while (node := node.parent) is not None:
        yield node


def _marker(item: Node, places: dict[int, int]) -> str:
    """The marker that a browser prints before an item of a list, which is the next of its list."""
    parent = item.parent
    if parent is None or parent.tag != "ol":
        return "• "
    first = parent.attributes.get("start") or "1"
    before = int(first) - 1 if first.isdecimal() else 0
    places[parent.mem_id] = places.get(parent.mem_id, before) + 1
    return f"{places[parent.mem_id]}. "


def _write_row(row: Node, lines: Lines) -> None:
    """Writes a row of a table as one line, with tabs between its cells."""
    cells = []
    for cell in row.iter():
        inner = Lines()
        write_node(cell, inner)
        inner.close()
        cells.append(" ".join(line for line in inner.lines if line))
    lines.close()
    if any(cells):
        lines.lines.append("\t".join(cells).strip("\t"))
        lines.counts["row"] += 1


def _write_preformatted(node: Node, lines: Lines) -> None:
    lines.close(is_apart=True)
    lines.lines += [line.rstrip() for line in node.text().split("\n")]
    lines.close(is_apart=True)


def _name_block(tag: str) -> str:
    names = {"p": "paragraph", "li": "list item", "table": "table"}
    return "heading" if tag in HEADINGS else names.get(tag, "")


def describe_counts(lines: Lines) -> list[str]:
    """What the lines hold, in one phrase."""
    names = ("heading", "paragraph", "list item", "table", "row")
    found = ", ".join(count_of(lines.counts[name], name) for name in names if lines.counts[name])
    return [found] if found else []
