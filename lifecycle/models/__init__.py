"""Records about a server: how it came to be, what holds it back, how it ends.

The open ones are the reasons of `Server.standing`; `lifecycle.standing` draws the conclusion.
"""

from lifecycle.models.creation import Creation
from lifecycle.models.deletion import ServerDeletion, ServerReceipt
from lifecycle.models.hold import Hold
from lifecycle.models.proposed import ProposedAct
from lifecycle.models.records import (
    AlreadyInForce,
    Grounds,
    NothingToLift,
    NotInThisStanding,
    Party,
    Reason,
    Ungrounded,
)
from lifecycle.models.restraints import Restriction, Suspension
from lifecycle.models.retirement import Retirement

__all__ = [
    "AlreadyInForce",
    "Creation",
    "Grounds",
    "Hold",
    "NotInThisStanding",
    "NothingToLift",
    "Party",
    "ProposedAct",
    "Reason",
    "Restriction",
    "Retirement",
    "ServerDeletion",
    "ServerReceipt",
    "Suspension",
    "Ungrounded",
]
