"""Addresses that others wrote: which of them may become a link."""

import re

# Whoever follows a link to such an address runs what it says, or sees a page of somebody else for ours.
CODE = re.compile(r"(?:javascript|vbscript|data):", re.IGNORECASE)
# Browsers leave these out, the first wherever they stand, the others at the start.
DROPPED = re.compile(r"[\t\n\r]|\A[\x00-\x20]+")
# What a link may lead to.
LINKED = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)


def runs_code(address: str) -> bool:
    r"""Whether the scheme of an address runs code where the address becomes a link.

    >>> runs_code("JavaScript:alert(1)"), runs_code(" java\tscript:alert(1)"), runs_code("data:text/html,x")
    (True, True, True)
    >>> runs_code("https://example.org/?q=javascript:1"), runs_code("javascript.md")
    (False, False)
    """
    return bool(CODE.match(DROPPED.sub("", DROPPED.sub("", address))))


def may_link(address: str) -> bool:
    """Whether an address with a scheme may become a link: one of the web, or of mail.

    >>> may_link("https://example.org/"), may_link("mailto:ida@example.org"), may_link("ftp://example.org/")
    (True, True, False)
    """
    return bool(LINKED.match(address))
