"""The compare code: what the app and the panel both show, for two people to compare by voice.

An administrator who knows the person asks them, on another channel, to read out the code in their
app. If it is the code of the request, the request was made with that person's identity key. That is
all it says: it establishes no Device Trust, admits nobody, and is no secret.

Sixteen digits in groups of four, because digits are read out alike in every language, by people who
spell nothing else, and are not taken for a handle or a Server ID. They are 53 bits: whoever wants
to pass for someone else has to try some 2^53 identity keys, and for this one server alone, since
its Server ID goes into the digest.
"""

import hashlib

DOMAIN = "enigm compare code 1"
DIGITS, GROUP = 16, 4


def code(fingerprint: str, server_id: str) -> str:
    """The code of an identity key on a server: "4108 7720 6635 9352".

    `fingerprint` is the claim of the app token as it stands there; `server_id` is the Server ID
    that the person asked with, in its one spelling. The first 8 bytes of SHA-256 over the parts,
    with a zero byte between them, as a number (big-endian), modulo 10^16.
    """
    digest = hashlib.sha256("\0".join((DOMAIN, server_id, fingerprint)).encode()).digest()
    digits = f"{int.from_bytes(digest[:8]) % 10**DIGITS:0{DIGITS}}"
    return " ".join(digits[at : at + GROUP] for at in range(0, DIGITS, GROUP))
