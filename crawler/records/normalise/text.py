"""Text as sources write it -> plain text: the source's words without its markup and without personal contact data."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape

_BLOCKS = "address|article|blockquote|dd|div|dl|dt|h[1-6]|hr|li|ol|p|pre|section|table|tbody|td|th|thead|tr|ul"
_INLINE = "a|abbr|b|big|center|cite|code|em|font|i|img|q|s|small|span|strong|sub|sup|tt|u"
# Only names that HTML knows, with attributes that have values: "children (<16 years) > x" and "a <b and b> a" are text.
_ATTRIBUTES = r"""(?:\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+))*\s*/?"""
_BLOCK = re.compile(rf"</?(?:{_BLOCKS}){_ATTRIBUTES}>", re.IGNORECASE)
_BR = re.compile(r"<br\s*/?>\n?", re.IGNORECASE)
_TAG = re.compile(rf"</?(?:{_INLINE}){_ATTRIBUTES}>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_HIDDEN = re.compile(r"<(script|style)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_CONTROL = re.compile("[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u200b\u2060\ufeff]|([\ud800-\udfff])")
_EMAIL = re.compile(
    r"""(?:mailto:)? [\w.!#$%&'*+/=?^`{|}~-]{1,64}
        (?: \s?[@\uff20]\s? | \s?[\[({]at[\])}]\s? )          # some write it so that programs do not see it
        (?:[\w-]{1,63}\.){1,8} [^\W\d_]{2,24}\b""",
    re.IGNORECASE | re.VERBOSE,
)
_AT = ("@", "\uff20")
_WRITTEN_AT = re.compile(r"[\[({]at[\])}]", re.IGNORECASE)
# What keeps a text from being plain already. Most have none of it; to look for each in turn is quicker than a pattern.
_UNCLEAN = ("<", "&", *_AT, "  ", " \n", "\n ", "\n\n\n")
EMAIL_REMOVED = "[e-mail address removed]"


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
    if any(sign in value for sign in _AT) or _WRITTEN_AT.search(value):
        value = _EMAIL.sub(EMAIL_REMOVED, value)
    lines = [" ".join(line.split()) for line in value.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() or None


def _is_plain(value: str) -> bool:
    return (
        value.replace("\n", " ").isprintable()
        and value == value.strip()
        and not any(sign in value for sign in _UNCLEAN)
        and not _WRITTEN_AT.search(value)
    )


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
