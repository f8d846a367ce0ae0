"""What the state of a subscription changes: this table, and nothing beside it.

The checkout prints it, the billing page follows it, and the firewall's tests hold that nothing else
asks. Whatever the state, who is a member, who may read and write, whom one may approve and how long
content lives stay as they are.
"""

from dataclasses import dataclass

from servers.models.subscription import (
    UNTIL_CLOSED,
    UNTIL_GRACE,
    UNTIL_LAPSED,
    Subscription,
)

State = Subscription.State


@dataclass(frozen=True, slots=True)
class Consequences:
    """Of one state: when it holds, and what it changes."""

    when: str
    owner_is_reminded: bool = False
    plan_can_change: bool = False
    retirement_is_announced: bool = False

    @property
    def words(self) -> str:
        """What it changes, as people read it."""
        said = [words for name, words in WORDS.items() if getattr(self, name)]
        return " ".join(said) or "Nothing else changes."


WORDS = {
    "owner_is_reminded": "The owner is reminded to pay. The plan cannot be changed.",
    "plan_can_change": "The owner can change the plan.",
    "retirement_is_announced": (
        "The end of the server is announced at least 30 days ahead, in its log, as an act of its"
        " own that can be called off."
    ),
}
TABLE: dict[State, Consequences] = {
    State.PAID: Consequences("The payments arrive.", plan_can_change=True),
    State.GRACE: Consequences(
        f"A payment failed, or is {UNTIL_GRACE.days} days late.", owner_is_reminded=True
    ),
    State.LAPSED: Consequences(
        f"A payment is {UNTIL_LAPSED.days} days late.", owner_is_reminded=True
    ),
    State.CLOSED: Consequences(
        f"You cancelled and the paid month is over, or a payment is {UNTIL_CLOSED.days} days late.",
        retirement_is_announced=True,
    ),
}


def of(subscription: Subscription) -> Consequences:
    """What this subscription's state changes."""
    return TABLE[State(subscription.state)]


def that(consequence: str) -> list[State]:
    """The states that have this consequence, by its name in `Consequences`."""
    return [state for state, row in TABLE.items() if getattr(row, consequence)]


def rows() -> list[tuple[str, Consequences]]:
    """The table as a page prints it."""
    return [(state.label, row) for state, row in TABLE.items()]
