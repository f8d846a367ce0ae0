"""The only form in which bodies are taken in: an age file, version 1 (C2SP, `age.md`).

The header is read as its grammar has it: the version line, one or more recipient stanzas (each a
line of arguments and a body in lines of 64 base64 characters, the last one shorter, maybe empty),
and the line with the MAC. The payload after it begins with 16 bytes of nonce and holds at least
one authentication tag. Base64 must be canonical and unpadded.

This catches accidents, such as a client that forgot to seal. It proves no encryption: only keys
could, and the server has none.
"""

import re

VERSION_LINE = b"age-encryption.org/v1\n"
LONGEST_HEADER = 256 * 1024  # some 2,500 recipients
NONCE, TAG = 16, 16

_CHARACTER = rb"[A-Za-z0-9+/]"
_REST = rb"(?:%b[AQgw]|%b{2}[AEIMQUYcgkosw048])" % (_CHARACTER, _CHARACTER)
_FULL_LINE = rb"%b{64}\n" % _CHARACTER
_LAST_LINE = rb"(?:%b{4}){0,15}%b?\n" % (_CHARACTER, _REST)
_STANZA = rb"-> [!-~]+(?: [!-~]+)*\n(?:%b)*%b" % (_FULL_LINE, _LAST_LINE)
_MAC_LINE = rb"--- (?:%b{4}){10}%b{2}[AEIMQUYcgkosw048]\n" % (_CHARACTER, _CHARACTER)
_HEADER = re.compile(re.escape(VERSION_LINE) + rb"(?:%b)+%b" % (_STANZA, _MAC_LINE))


class NotAnEnvelope(ValueError):
    """This is not the beginning of a sealed body."""


def check(head: bytes, size: int) -> None:
    """Raise NotAnEnvelope unless a body of `size` bytes that begins with `head` can be one."""
    header = _HEADER.match(head, 0, LONGEST_HEADER)
    if header is None or size - header.end() < NONCE + TAG:
        raise NotAnEnvelope
