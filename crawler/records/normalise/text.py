"""Text as sources write it -> plain text: the source's words without its markup and without personal contact data."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape

_BLOCKS = (
    "address|article|blockquote|body|caption|center|dd|div|dl|dt|figcaption|figure|h[1-6]|hr|html|li|main|ol|p|pre"
    "|section|table|tbody|td|tfoot|th|thead|tr|ul"
)
_INLINE = (
    "a|abbr|acronym|b|big|cite|code|del|em|font|i|img|ins|kbd|label|mark|nobr|q|s|samp|small|span|strike|strong|sub|sup|tt"
    "|u|var|wbr|(?:o|st1|w):[a-z]+"  # the latter as word processors write them
)
# Only names that HTML knows, with attributes that have values: "children (<16 years) > x" and "a <b and b> a" are text.
_ATTRIBUTES = r"""(?:\s+(?:[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+)|compact|nowrap))*\s*/?"""
_BLOCK = re.compile(rf"</?(?:{_BLOCKS}){_ATTRIBUTES}>", re.IGNORECASE)
_BR = re.compile(r"<br\s*/?>\n?", re.IGNORECASE)
_TAG = re.compile(rf"</?(?:{_INLINE}){_ATTRIBUTES}>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_HIDDEN = re.compile(r"<(script|style)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_CONTROL = re.compile("[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u200b\u2060\ufeff]|([\ud800-\udfff])")
# Some write it so that programs do not see it. White space is collapsed before, and a line may end within an address.
_WRITTEN_AT = re.compile(r"[\[({]\s?at\s?[\])}]", re.IGNORECASE)
_EMAIL = re.compile(
    rf"""(?:mailto:)? [\w.!#$%&'*+/=?^`{{|}}~-]{{1,64}}
        \s{{0,2}} (?: [@\uff20] | &\#64; | {_WRITTEN_AT.pattern} ) \s{{0,2}}
        (?:[\w-]{{1,63}} (?: \. | \s?[\[({{]\s?dot\s?[\])}}]\s? ) ){{1,8}} [^\W\d_]{{2,24}}\b""",
    re.IGNORECASE | re.VERBOSE,
)
_AT = ("@", "\uff20", "&#64;")
_PHONE = re.compile(
    r"""(?: \+ | \b(?:tel|telephone|phone|fax|mobile)\b [.:]? \s? (?:(?:no|number)\b [.:]? \s?)? \+? )
        \(?\d (?: [\s()./-]{0,3} \d ){8,14} (?!\d)""",
    re.IGNORECASE | re.VERBOSE,
)
_PHONES = ("+", "tel", "phone", "fax", "mobile")
# What keeps a text from being plain already. Most have none of it; to look for each in turn is quicker than a pattern.
_UNCLEAN = ("<", "&", *_AT, "  ", " \n", "\n ", "\n\n\n")
EMAIL_REMOVED = "[e-mail address removed]"
PHONE_REMOVED = "[telephone number removed]"


def plain_text(value: str) -> str | None:
    r"""Return a text without HTML, its paragraphs kept and other runs of white space collapsed; None when it is empty.

    >>> plain_text("<p>Aims &amp; scope:\n of  (<16 years)</p><p>Since 1970</p>")
    'Aims & scope:\nof (<16 years)\n\nSince 1970'
    >>> plain_text("Ask someone@example.org.")
    'Ask [e-mail address removed].'
    >>> plain_text(" &nbsp;") is None
    True
    """
    if _is_plain(value):
        return value or None
    if "<" in value:
        value = _TAG.sub("", _BLOCK.sub("\n\n", _BR.sub("\n", _HIDDEN.sub("", value))))
    if "&" in value:
        value = unescape(value)
    if not value.isprintable():
        value = _CONTROL.sub(lambda match: "\ufffd" if match[1] else "", value)
    lines = [" ".join(line.split()) for line in value.splitlines()]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    if any(sign in text for sign in _AT) or _WRITTEN_AT.search(text):
        text = _EMAIL.sub(EMAIL_REMOVED, text)
    if _may_hold_phone(text):
        text = _PHONE.sub(PHONE_REMOVED, text)
    return text or None


def _is_plain(value: str) -> bool:
    return (
        value.replace("\n", " ").isprintable()
        and value == value.strip()
        and not any(sign in value for sign in _UNCLEAN)
        and not _WRITTEN_AT.search(value)
        and not _may_hold_phone(value)
    )


def _may_hold_phone(text: str) -> bool:
    """Tell whether a text is worth a search for telephone numbers: most have no word of them."""
    lowered = text.lower()
    return any(sign in lowered for sign in _PHONES)


@lru_cache(maxsize=1 << 14)  # names and labels of variables recur on the pages of all files of a study
def line(value: str) -> str | None:
    r"""Return a text as `plain_text` does, on a single line.

    >>> line("Road  accidents,<br/>2010\n")
    'Road accidents, 2010'
    """
    text = plain_text(value)
    return " ".join(text.split()) if text and "\n" in text else text


def keyword(value: str) -> str | None:
    """Return a keyword on a single line, or None for the markup that takes a keyword's place in some sources.

    >>> keyword(" ACADEMIC  ACHIEVEMENT"), keyword("<a title=")
    ('ACADEMIC ACHIEVEMENT', None)
    """
    return None if value.lstrip().startswith("<") or "<a title=" in value else line(value)
