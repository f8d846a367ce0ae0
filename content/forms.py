"""What administrators fill in about content, and about those who sent it."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django import forms

from accounts.forms import ConfirmingForm
from content.models import EncryptedObject
from content.object_ids import NotAnObjectId, typed_public_id
from content.review import Review
from content.scope import EVERYTHING, Kind, Scope
from enigm_command.lib import clock
from enigm_command.lib.cards import CardLabel
from enigm_command.lib.text import Unprintable, clean_line
from membership.models import Membership
from servers.models import Server

LONGEST_REASON = 140
NO_ID = "This is not an object ID: copy it in the app."
NO_OBJECT = "No object with this ID is stored on this server."
REACHES = [
    ("object", CardLabel("One object", "By its object ID: in the app, “Copy ID”.")),
    ("member", CardLabel("One user", "What one person has sent, all of it or one kind.")),
    ("kind", CardLabel("One kind", "All messages, or all media, of everyone.")),
    ("everything", CardLabel("Everything", "All encrypted content of this server.")),
]
NEEDED = {"object": "object_id", "member": "member", "kind": "kind"}


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
    )
    kind = forms.ChoiceField(
        label="Kind",
        help_text="For one kind, or for one kind of one user.",
        choices=[("", "Every kind"), *Kind.choices],
        error_messages={"required": "Choose a kind."},
    )

    def __init__(self, *args: Any, server: Server, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.server = server
        self.fields["member"].choices = [  # type: ignore[attr-defined]
            ("", "Choose a user"),
            *_choices(Membership.objects.of(server).oldest_first()),
        ]
        if self.is_bound:
            reaches = self.data.get("reaches", "")
            for name in ("object_id", "member", "kind"):
                self.fields[name].required = name == NEEDED.get(reaches)

    def clean(self) -> dict[str, Any]:
        """With them `scope`: what the fields that the chosen reach needs come to."""
        cleaned = super().clean() or {}
        reaches = cleaned.get("reaches")
        if reaches and NEEDED.get(reaches) not in self.errors:
            cleaned["scope"] = getattr(self, f"_{reaches}")(cleaned)
        return cleaned

    def _everything(self, cleaned: dict[str, Any]) -> Scope:
        return EVERYTHING

    def _kind(self, cleaned: dict[str, Any]) -> Scope:
        return Scope(kind=cleaned["kind"])

    def _member(self, cleaned: dict[str, Any]) -> Scope:
        member = Membership.objects.of(self.server).get(pk=UUID(cleaned["member"]))
        return Scope(author=member.handle, kind=cleaned.get("kind", ""))

    def _object(self, cleaned: dict[str, Any]) -> Scope | None:
        try:
            expires_on, object_id = typed_public_id(cleaned["object_id"])
        except NotAnObjectId:
            return self.add_error("object_id", NO_ID)
        scope = Scope(object_id=object_id, expires_on=expires_on)
        if EncryptedObject.objects.covered(self.server.pk, scope, clock.now()).exists():
            return scope
        return self.add_error("object_id", NO_OBJECT)


def _choices(members: Iterable[Membership]) -> Iterator[tuple[str, str]]:
    """Two people may have typed the same name: the handle tells them apart."""
    for member in members:
        yield str(member.pk), f"{member.shown_name} ({member.short_handle})"


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
