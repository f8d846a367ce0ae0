"""Handles: how a server knows a member, and a member's devices, without knowing the account.

A handle is made from what the token says under the server's own key. The same person, and the same
device, has another handle on every server; once a server's key is destroyed they lead to nobody.
"""

from uuid import UUID

from enigm_command.lib import locator, vault

BITS, GROUP = 5, 4


def member_handle(server_id: UUID, subject: str) -> UUID:
    """The handle of this subject on this server; vault.Unreadable when the server has no key."""
    return vault.handle(server_id, f"member:{subject}")


def device_handle(server_id: UUID, subject: str, device: str) -> UUID:
    """The handle of one device of this subject on this server.

    Devices are told apart within an account alone: two people whose apps call theirs "phone" have
    two handles, and a telephone that two people use has two as well.
    """
    return vault.handle(server_id, f"device:{subject}\0{device}")


def short(handle: UUID) -> str:
    """The first 40 bits as people read them out to each other: "K7Q2-9F4M". Never a key."""
    number = handle.int >> (128 - 2 * GROUP * BITS)
    places = reversed(range(2 * GROUP))
    shown = "".join(locator.ALPHABET[number >> BITS * place & 31] for place in places)
    return f"{shown[:GROUP]}-{shown[GROUP:]}"
