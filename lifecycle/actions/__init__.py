"""Acts that begin, hold back or end a server, by noun. Each changes its standing by a record."""

from lifecycle.actions.creation import create_server
from lifecycle.actions.deletion import (
    agree_to_server_deletion,
    call_off_server_deletion,
    delete_server,
    order_agreed_server_deletion,
    order_server_deletion,
)
from lifecycle.actions.hold import lift_hold, place_hold
from lifecycle.actions.policy import change_policy
from lifecycle.actions.proposal import (
    decline_proposal,
    propose_act,
    propose_server_deletion,
    withdraw_proposal,
)
from lifecycle.actions.restraint import (
    lift_restriction,
    restrict_server,
    resume_server,
    suspend_server,
)
from lifecycle.actions.retirement import (
    announce_retirement,
    begin_retirement,
    call_off_retirement,
    delete_dry_server,
    retire_server,
)

__all__ = [
    "agree_to_server_deletion",
    "announce_retirement",
    "begin_retirement",
    "call_off_retirement",
    "call_off_server_deletion",
    "change_policy",
    "create_server",
    "decline_proposal",
    "delete_dry_server",
    "delete_server",
    "lift_hold",
    "lift_restriction",
    "order_agreed_server_deletion",
    "order_server_deletion",
    "place_hold",
    "propose_act",
    "propose_server_deletion",
    "restrict_server",
    "resume_server",
    "retire_server",
    "suspend_server",
    "withdraw_proposal",
]
