"""What a radio button says when it is drawn as a card."""

from dataclasses import dataclass


@dataclass(frozen=True)  # a tuple would be taken for a group of choices
class CardLabel:
    """The label of a form's choice: a heading, a sentence below it, and a word beside it."""

    heading: str
    detail: str = ""
    aside: str = ""

    def __str__(self) -> str:
        return self.heading
