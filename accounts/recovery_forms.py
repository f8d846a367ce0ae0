"""What people type who cannot sign in."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from accounts.forms import CodeField, ConfirmingForm, RecoverySignInForm, SignInForm
from accounts.models import Account
from accounts.profile_forms import NewPasswordField
from accounts.recovery import KEY, SPOKEN
from enigm_command.lib.typed import Code, Mistyped

AS_WRITTEN = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


class TypedCodeField(forms.CharField):
    """A code on paper or by telephone: a typing error is told before anything is looked up."""

    def __init__(self, kind: Code, **kwargs: Any) -> None:
        self.kind = kind
        kwargs.setdefault("label", kind.name.capitalize())
        kwargs.setdefault("error_messages", {"required": f"Enter the {kind.name}."})
        kwargs.setdefault("widget", forms.TextInput(attrs=AS_WRITTEN))
        super().__init__(max_length=60, **kwargs)

    def clean(self, value: Any) -> str:
        """Its one spelling."""
        try:
            return self.kind.parse(super().clean(value))
        except Mistyped as mistake:
            raise forms.ValidationError(str(mistake), code="mistyped") from mistake


class NameForm(forms.Form):
    """Whose way in is lost."""

    username = SignInForm.base_fields["username"]


class ResetForm(NameForm):
    """A recovery code, and the password that it is to be spent for."""

    code = RecoverySignInForm.base_fields["code"]
    password = NewPasswordField()

    def clean_password(self) -> str:
        """Refuse what is short, common or like the username, whether somebody has it or not."""
        password: str = self.cleaned_data["password"]
        validate_password(password, Account(username=self.cleaned_data.get("username", "")))
        return password


class KeyForm(forms.Form):
    """The recovery key that was shown when the recovery began."""

    key = TypedCodeField(KEY)


class SpokenCodeForm(forms.Form):
    """What a fellow administrator, who can no longer sign in, has said."""

    spoken = TypedCodeField(SPOKEN, help_text="They say it to you. Do not ask for anything else.")


class VouchingForm(ConfirmingForm):
    """A fresh factor: whoever vouches gives somebody an account."""

    code = CodeField(help_text="Asked for again because your word gives somebody this account.")


class FinishForm(KeyForm):
    """The new password, and a code that shows that the new seed is in an app."""

    key = TypedCodeField(KEY, widget=forms.HiddenInput)
    seed = forms.CharField(max_length=200, widget=forms.HiddenInput)
    password = NewPasswordField()
    code = CodeField()

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account

    def clean_password(self) -> str:
        """Refuse what is short, common or like the username."""
        password: str = self.cleaned_data["password"]
        validate_password(password, self.account)
        return password
