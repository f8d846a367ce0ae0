"""Who asks to join a server, who was admitted, and who is kept from asking again."""

from membership.replay import Spent

from .blocks import AlreadyLifted, Block
from .join_requests import (
    KEPT,
    LONGEST_NAME,
    LONGEST_NOTE,
    WAITS,
    AlreadyDecided,
    JoinRequest,
)
from .memberships import (
    REMEMBERED,
    AlreadyRemoved,
    FormerMember,
    Membership,
    NotTakingMembers,
)

__all__ = [
    "KEPT",
    "LONGEST_NAME",
    "LONGEST_NOTE",
    "REMEMBERED",
    "WAITS",
    "AlreadyDecided",
    "AlreadyLifted",
    "AlreadyRemoved",
    "Block",
    "FormerMember",
    "JoinRequest",
    "Membership",
    "NotTakingMembers",
    "Spent",
]
