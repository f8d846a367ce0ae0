"""What administrators fill in about content, and about those who sent it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms

from accounts.forms import ConfirmingForm
from content.former import with_content
from content.models import EncryptedObject
from content.object_ids import NotAnObjectId, typed_public_id
from content.removal import Asking, Removal, Sent
from content.review import Review
from content.scope import EVERYTHING, Kind, Scope
from enigm_command.lib import clock
from enigm_command.lib.cards import CardLabel
from enigm_command.lib.text import Unprintable, clean_line
from enigm_command.lib.widgets import LongSelect
from enigm_command.lib.wording import counted
from membership.forms import LASTING, NO_DAY, ReasonField, UntilField
from membership.models import FormerMember, Membership
from servers.models import Server

LONGEST_REASON = 140
NO_ID = "This is not an object ID: copy it in the app."
NO_OBJECT = "No object with this ID is stored on this server."
REACHES = [
    ("object", CardLabel("One object", "By its object ID: in the app, “Copy ID”.")),
    ("member", CardLabel("One user", "What one person has sent, all of it or one kind.")),
    ("kind", CardLabel("One kind", "All messages, or all media, of everyone.")),
    ("older", CardLabel("What is older", "What everyone has sent up to some days ago.")),
    ("everything", CardLabel("Everything", "All encrypted content of this server.")),
]
TAKES = {  # which fields say more of a reach; without the first one it says nothing
    "object": ("object_id",),
    "member": ("member", "kind", "older_than"),
    "kind": ("kind", "older_than"),
    "older": ("older_than", "kind"),
    "everything": (),
}
NARROWING = dict.fromkeys(name for taken in TAKES.values() for name in taken)
NOT_TAKEN = "{} does not go with this choice. Leave it empty, or choose otherwise."
AGES = [(days, f"Older than {counted(days, 'day')}") for days in (1, 7, 14, 21)]


class ScopeForm(forms.Form):
    """What a deletion is to reach. A link can fill it in: it is sent by GET and changes nothing."""

    use_required_attribute = False  # what is needed depends on what is chosen
    reaches = forms.ChoiceField(
        label="What to delete",
        choices=REACHES,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what to delete."},
    )
    object_id = forms.CharField(
        label="Object ID",
        error_messages={"required": "Enter the object’s ID."},
        help_text="For one object.",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    member = forms.ChoiceField(
        label="User",
        help_text="For one user.",
        error_messages={"required": "Choose a user."},
        widget=LongSelect,
    )
    kind = forms.ChoiceField(
        label="Kind",
        help_text="For one kind: of everyone, of one user, or of what is older.",
        choices=[("", "Every kind"), *Kind.choices],
        error_messages={"required": "Choose a kind."},
    )
    older_than = forms.TypedChoiceField(
        label="Age",
        help_text="For what is older: of everyone, of one user, or of one kind.",
        choices=[("", "Of every age"), *AGES],
        coerce=int,
        empty_value=None,
        error_messages={"required": "Choose from what age on."},
    )

    def __init__(self, *args: Any, server: Server, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.server = server
        self.fields["member"].choices = [  # type: ignore[attr-defined]
            ("", "Choose a user"),
            *_choices(Membership.objects.of(server).oldest_first()),
            *_former(with_content(server)),
        ]
        if self.is_bound:
            taken = TAKES.get(self.data.get("reaches", ""), ())
            for name in self.fields.keys() & NARROWING.keys():
                self.fields[name].required = name in taken[:1]

    def clean(self) -> dict[str, Any]:
        """With them `scope`: what the fields that the chosen reach needs come to."""
        cleaned = super().clean() or {}
        if reaches := cleaned.get("reaches"):
            self._take_nothing_else(TAKES[reaches], cleaned)
        if not self.errors:
            cleaned["scope"] = getattr(self, f"_{reaches}")(cleaned)
        return cleaned

    def _take_nothing_else(self, taken: tuple[str, ...], cleaned: dict[str, Any]) -> None:
        """To pass over a field that was filled in would delete more than was meant."""
        for name in NARROWING:
            if name not in taken and cleaned.get(name):
                self.add_error(name, NOT_TAKEN.format(self.fields[name].label))

    def _everything(self, cleaned: dict[str, Any]) -> Scope:
        return EVERYTHING

    def _kind(self, cleaned: dict[str, Any]) -> Scope:
        return Scope(kind=cleaned["kind"], older_than=_ago(cleaned))

    _older = _kind

    def _member(self, cleaned: dict[str, Any]) -> Scope:
        pk = UUID(cleaned["member"])
        member = Membership.objects.of(self.server).filter(pk=pk).first()
        author = member or FormerMember.objects.of(self.server).get(pk=pk)
        return Scope(author=author.handle, kind=cleaned["kind"], older_than=_ago(cleaned))

    def _object(self, cleaned: dict[str, Any]) -> Scope | None:
        try:
            expires_on, object_id = typed_public_id(cleaned["object_id"])
        except NotAnObjectId:
            return self.add_error("object_id", NO_ID)
        scope = Scope(object_id=object_id, expires_on=expires_on)
        if EncryptedObject.objects.covered(self.server.pk, scope, clock.now()).exists():
            return scope
        return self.add_error("object_id", NO_OBJECT)


def _ago(cleaned: dict[str, Any]) -> datetime | None:
    days: int | None = cleaned.get("older_than")
    return clock.now() - timedelta(days=days) if days else None


def _choices(members: Iterable[Membership]) -> Iterator[tuple[str, str]]:
    """Two people may have typed the same name: the handle tells them apart."""
    for member in members:
        yield str(member.pk), f"{member.shown_name} ({member.short_handle})"


def _former(people: Iterable[FormerMember]) -> Iterator[tuple[str, str]]:
    """Their names went with their memberships."""
    for former in people:
        yield str(former.pk), f"Former user ({former.short_handle})"


AT_ONCE = CardLabel("At once", "They wait for approval like everyone else.")
SUGGESTED = "Suggested by your policy"


class RemovalForm(ConfirmingForm):
    """What ends with a membership besides access. Nothing is chosen beforehand."""

    use_required_attribute = False
    asking = forms.ChoiceField(
        label="When may they ask to join again?",
        choices=[(Asking.AT_ONCE, AT_ONCE), *LASTING],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose when they may ask again."},
    )
    until = UntilField(label="From this day", help_text="If after a date.")
    sent = forms.ChoiceField(
        label="What becomes of what they have sent?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what becomes of what they have sent."},
    )
    reason = ReasonField(help_text="Stored encrypted, for administrators to read.")

    field_order = ("asking", "until", "sent", "reason", "code")

    def __init__(self, *args: Any, objects: int, suggests_deletion: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sent"].choices = _fates(objects, suggests_deletion)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A day is needed, and counts, only if they may ask after a date."""
        cleaned = super().clean()
        if cleaned.get("asking") != Asking.LATER:
            cleaned["until"] = None
        elif "until" not in self.errors and not cleaned.get("until"):
            self.add_error("until", NO_DAY)
        return cleaned

    @property
    def removal(self) -> Removal:
        """What was decided."""
        said = self.cleaned_data
        return Removal(
            sent=Sent(said["sent"]),
            asking=Asking(said["asking"]),
            until=said["until"],
            reason=said["reason"],
        )


def _fates(objects: int, suggests_deletion: bool) -> list[tuple[str, CardLabel]]:
    """What can become of what was sent; the one that the policy suggests says so."""
    sent, suggested = counted(objects, "object"), Sent.DELETE if suggests_deletion else Sent.KEEP
    details = {
        Sent.KEEP: ("Keep it until it expires", f"Others can still open it: {sent}."),
        Sent.WITHHOLD: (
            "Withhold it",
            "Nobody can open it until an administrator releases it. It expires as ever.",
        ),
        Sent.DELETE: (
            f"Delete {sent}",
            "Nobody can open it from now on, and it is erased. This cannot be undone.",
        ),
    }
    return [
        (fate, CardLabel(*words, SUGGESTED if fate == suggested else ""))
        for fate, words in details.items()
    ]


class ConfirmationForm(ConfirmingForm):
    """A fresh factor, and for much at once the server's name, typed."""

    name = forms.CharField(
        label="Type the server name",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
        error_messages={"required": "Type the server name to confirm."},
    )
    reason = forms.CharField(
        label="Reason",
        help_text="Shown in the audit log. Leave out personal details.",
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, review: Review, **kwargs: Any) -> None:
        super().__init__(*args, confirmation=review.confirmation, **kwargs)
        self.review = review
        self.fields["name"].help_text = f"Type {review.server.name}"
        if not review.needs_name:
            del self.fields["name"]

    def clean_name(self) -> str:
        """Exactly the server's name."""
        name: str = self.cleaned_data["name"]
        if name != self.review.server.name:
            raise forms.ValidationError("This is not the name of this server.")
        return name

    def clean_reason(self) -> str:
        """One line that shows what it holds."""
        try:
            return clean_line(self.cleaned_data["reason"])
        except Unprintable as error:
            raise forms.ValidationError(str(error)) from error
