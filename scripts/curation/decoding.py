"""Decoding: the encoding that a document is in, and its text, without changing a byte of it."""

import codecs
import unicodedata

import chardet
from packpress.problems import CannotRunError

# The longer ones first, for one begins with another.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What is text by its bytes, and yet no document as people read it.
MARKUP = ("{\\rtf", "<!doctype", "<html", "<?xml")
SAVE_AS_TEXT = "save its text in a file of its own, in UTF-8"


def decode_document(data: bytes, name: str, encoding: str = "") -> tuple[str, str]:
    """The encoding and the text of a document; CannotRunError when it holds none.

    UTF-8 is tried first, then what a byte order mark says, then what the bytes look like.
    """
    if not data.strip():
        raise CannotRunError(f"{name}: empty; name a document with text in it")
    encoding = encoding or _detect_encoding(data, name)
    try:
        text = data.decode(encoding)
    except LookupError:
        raise CannotRunError(f"{name}: {encoding} is not a known encoding; name one such as utf-8") from None
    except ValueError:
        raise CannotRunError(
            f"{name}: cannot be decoded as {encoding}; name the encoding it was saved in"
        ) from None
    if text.lstrip()[:9].lower().startswith(MARKUP):
        raise CannotRunError(f"{name}: holds markup, not plain text; {SAVE_AS_TEXT}")
    if not text.strip():
        raise CannotRunError(f"{name}: empty; name a document with text in it")
    for character in text:
        if unicodedata.category(character) == "Cc" and not character.isspace():
            what = f"holds U+{ord(character):04X}, which no text does"
            raise CannotRunError(f"{name}: {what}; {SAVE_AS_TEXT}, or name its encoding")
    return encoding, text


def _detect_encoding(data: bytes, name: str) -> str:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return encoding
    try:
        data.decode("utf-8")
    except ValueError:
        found = chardet.detect(data)
        if not found["encoding"]:
            raise CannotRunError(
                f"{name}: no text but {found['mime_type'] or 'binary data'}; {SAVE_AS_TEXT}"
            ) from None
        return codecs.lookup(found["encoding"]).name
    return "utf-8"
