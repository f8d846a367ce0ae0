"""The acts of operators, as lists offer them. What each does and when it is refused, stands in the
acts themselves; how much of it one operator does alone, in `operating`."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model
from django.forms import Form

from accounts.operators_acts import act_page
from audit.authority import Authority
from content.actions import set_room as resize
from content.room import LessThanHeld
from enigm_command.lib.throttle import TooMany
from lifecycle import actions, operating
from lifecycle.models import AlreadyInForce, NothingToLift, NotInThisStanding
from lifecycle.operating import Act
from lifecycle.operator_forms import GroundsForm, HoldForm, RoomForm
from servers.models import Server

REFUSALS = {
    AlreadyInForce: "this is in force already.",
    LessThanHeld: "it holds more than that. Nothing was changed.",
    NothingToLift: "there is nothing that operators placed and can lift.",
    NotInThisStanding: "as the server stands, this is not possible.",
    TooMany: "one operator proposes no more server deletions in a day. Another one can.",
}
ALONE = (
    "One operator does this and the like 20 times a day; from then on it is only proposed, and a"
    " second one must agree. Its administrators are told, and read the grounds in their log."
)


def _measure(act: Act, words: str, effect: str, done: str) -> Any:
    """An act that one operator takes twenty times a day, and from then on proposes."""

    def taken(server: Server, form: GroundsForm, *, by: Authority) -> str:
        if operating.act_or_propose(act, server, form.grounds, by=by) is None:
            return f"{done}."
        return "your 20 of today are used: it is proposed, and a second operator must agree."

    taken.__name__ = act.name.lower()
    return act_page(words, f"{effect} {ALONE}", GroundsForm, REFUSALS, stops=True)(taken)


def _plain(
    name: str,
    act: Callable[..., object],
    words: str,
    effect: str,
    done: str,
    *,
    stops: bool = False,
) -> Any:
    """An act that takes nothing but the row it is about."""

    def taken(row: Model, form: Form, *, by: Authority) -> str:
        act(row, by=by)
        return f"{done}."

    taken.__name__ = name
    return act_page(words, effect, refusals=REFUSALS, stops=stops)(taken)


# --- acts on servers ------------------------------------------------------------------------------
restrict = _measure(
    Act.RESTRICT, "Restrict", "Nobody joins and nothing is stored any more.", "restricted"
)
suspend = _measure(Act.SUSPEND, "Suspend", "Nobody reads or writes there.", "suspended")
retire = _measure(
    Act.RETIRE, "Retire", "In 30 days the server deletes itself.", "retires from now on"
)

lift_restriction = _plain(
    "lift_restriction",
    actions.lift_restriction,
    "Lift the restriction",
    "People join and store again.",
    "the restriction is lifted",
)
resume = _plain(
    "resume", actions.resume_server, "Resume", "People read and write again.", "resumed"
)
call_off_retirement = _plain(
    "call_off_retirement",
    actions.call_off_retirement,
    "Call off the retirement",
    "The server lives on.",
    "the retirement is called off",
)
call_off_deletion = _plain(
    "call_off_deletion",
    actions.call_off_server_deletion,
    "Call off the deletion",
    "The server is again what it was.",
    "the deletion is called off",
)


@act_page(
    "Propose to delete",
    "Nothing happens until a second operator agrees; then nobody reads or writes there, and after"
    " the delay of its policy it is destroyed. One operator proposes two of these in a day.",
    GroundsForm,
    REFUSALS,
    stops=True,
)
def propose_deletion(server: Server, form: GroundsForm, *, by: Authority) -> str:
    """Ask a second operator."""
    operating.propose_deletion(server, form.grounds, by=by)
    return "its deletion is proposed. A second operator must agree."


@act_page(
    "Place a hold",
    "What is deleted from now on is unavailable at once and physically erased only when the hold"
    " ends. Nothing becomes readable, and no object lives past its 30 days.",
    HoldForm,
    REFUSALS,
)
def place_hold(server: Server, form: HoldForm, *, by: Authority) -> str:
    """Hold what would be destroyed."""
    actions.place_hold(server, form.wish, by=by)
    return "the hold is placed."


@act_page(
    "Set the storage room",
    "What is there stays. When the room is full, nothing more is stored until something expires or"
    " is deleted. Its administrators see the room and read this act in their log.",
    RoomForm,
    REFUSALS,
)
def set_room(server: Server, form: RoomForm, *, by: Authority) -> str:
    """Say how much it may hold."""
    reference = form.cleaned_data["reference"]
    return f"it holds {resize(server, form.room_bytes, reference=reference, by=by).words}."


# --- acts on holds and proposals ------------------------------------------------------------------
lift_hold = _plain(
    "lift_hold",
    actions.lift_hold,
    "Lift",
    "What waited is erased. It enters the server’s log.",
    "lifted",
)
agree = _plain(
    "agree",
    operating.agree,
    "Agree, and have it done",
    "It is done at once, by you.",
    "done, as it was proposed",
    stops=True,
)
decline = _plain("decline", actions.decline_proposal, "Decline", "Nothing is done.", "declined")
withdraw = _plain(
    "withdraw", actions.withdraw_proposal, "Withdraw", "Nothing is done.", "withdrawn"
)
