"""Handles: how a server knows a member without knowing the account.

A handle is made from the app's subject under the server's own key. The same person has another
handle on every server, and once a server's key is destroyed its handles lead to nobody.
"""

from uuid import UUID

from enigm_command.lib import locator, vault

BITS, GROUP = 5, 4


def member_handle(server_id: UUID, subject: str) -> UUID:
    """The handle of this subject on this server; vault.Unreadable when the server has no key."""
    return vault.handle(server_id, f"member:{subject}")


def short(handle: UUID) -> str:
    """The first 40 bits as people read them out to each other: "K7Q2-9F4M". Never a key."""
    number = handle.int >> (128 - 2 * GROUP * BITS)
    places = reversed(range(2 * GROUP))
    shown = "".join(locator.ALPHABET[number >> BITS * place & 31] for place in places)
    return f"{shown[:GROUP]}-{shown[GROUP:]}"
