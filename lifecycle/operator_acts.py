"""The acts of operators, as lists offer them. What each does and when it is refused, stands in the
acts themselves; how much of it one operator does alone, in `operating`."""

from typing import Any

from accounts.operators_acts import act_page
from audit.authority import Authority
from content.actions import set_room as resize
from content.room import LessThanHeld
from enigm_command.lib.throttle import TooMany
from lifecycle import actions, operating
from lifecycle.models import AlreadyInForce, Hold, NothingToLift, NotInThisStanding, ProposedAct
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


@act_page(
    "Restrict", f"Nobody joins and nothing is stored any more. {ALONE}", GroundsForm, REFUSALS
)
def restrict(server: Server, form: GroundsForm, *, by: Authority) -> str:
    """Restrict it, or propose to."""
    return _done_or_proposed(Act.RESTRICT, "restricted", server, form, by)


@act_page("Lift the restriction", "People join and store again.", refusals=REFUSALS)
def lift_restriction(server: Server, form: Any, *, by: Authority) -> str:
    """Lift what operators placed."""
    actions.lift_restriction(server, by=by)
    return "the restriction is lifted."


@act_page("Suspend", f"Nobody reads or writes there. {ALONE}", GroundsForm, REFUSALS)
def suspend(server: Server, form: GroundsForm, *, by: Authority) -> str:
    """Suspend it, or propose to."""
    return _done_or_proposed(Act.SUSPEND, "suspended", server, form, by)


@act_page("Resume", "People read and write again.", refusals=REFUSALS)
def resume(server: Server, form: Any, *, by: Authority) -> str:
    """Lift the suspension that operators placed."""
    actions.resume_server(server, by=by)
    return "resumed."


@act_page("Retire", f"In 30 days the server deletes itself. {ALONE}", GroundsForm, REFUSALS)
def retire(server: Server, form: GroundsForm, *, by: Authority) -> str:
    """Retire it, or propose to."""
    return _done_or_proposed(Act.RETIRE, "retires from now on", server, form, by)


@act_page("Call off the retirement", "The server lives on.", refusals=REFUSALS)
def call_off_retirement(server: Server, form: Any, *, by: Authority) -> str:
    """Call off what operators began."""
    actions.call_off_retirement(server, by=by)
    return "the retirement is called off."


@act_page(
    "Propose to delete",
    "Nothing happens until a second operator agrees; then nobody reads or writes there, and after"
    " the delay of its policy it is destroyed. One operator proposes two of these in a day.",
    GroundsForm,
    REFUSALS,
)
def propose_deletion(server: Server, form: GroundsForm, *, by: Authority) -> str:
    """Ask a second operator."""
    operating.propose_deletion(server, form.grounds, by=by)
    return "its deletion is proposed. A second operator must agree."


@act_page("Call off the deletion", "The server is again what it was.", refusals=REFUSALS)
def call_off_deletion(server: Server, form: Any, *, by: Authority) -> str:
    """Call off what operators ordered."""
    actions.call_off_server_deletion(server, by=by)
    return "the deletion is called off."


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
@act_page("Lift", "What waited is erased. It enters the server’s log.", refusals=REFUSALS)
def lift_hold(hold: Hold, form: Any, *, by: Authority) -> str:
    """Lift it before its day."""
    actions.lift_hold(hold, by=by)
    return "lifted."


@act_page("Agree, and have it done", "It is done at once, by you.", refusals=REFUSALS)
def agree(proposed: ProposedAct, form: Any, *, by: Authority) -> str:
    """Do what another operator proposed."""
    operating.agree(proposed, by=by)
    return "done, as it was proposed."


@act_page("Decline", "Nothing is done.", refusals=REFUSALS)
def decline(proposed: ProposedAct, form: Any, *, by: Authority) -> str:
    """Refuse what another operator proposed."""
    actions.decline_proposal(proposed, by=by)
    return "declined."


@act_page("Withdraw", "Nothing is done.", refusals=REFUSALS)
def withdraw(proposed: ProposedAct, form: Any, *, by: Authority) -> str:
    """Take back what one proposed oneself."""
    actions.withdraw_proposal(proposed, by=by)
    return "withdrawn."


def _done_or_proposed(act: Act, done: str, server: Server, form: GroundsForm, by: Authority) -> str:
    if operating.act_or_propose(act, server, form.grounds, by=by) is None:
        return f"{done}."
    return "your 20 of today are used: it is proposed, and a second operator must agree."
