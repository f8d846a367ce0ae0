"""What people type to get in."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.http import HttpRequest
from django_otp import verify_token

from accounts import passwords, stepup, tries, usernames
from accounts.confirmations import Confirmation
from accounts.factors import CODE, RecoveryDevice
from accounts.models import Account, NewAddress, UsernameTaken
from enigm_command.lib import throttle
from enigm_command.lib.http import network
from enigm_command.lib.text import Unprintable, clean_line

CHANGED = "Five minutes have passed, or it has changed. Nothing has happened: look at it once more."
PASSKEY_ONLY = "Confirm with your passkey first. Your browser has to run JavaScript for that."


class CodeInput(forms.TextInput):
    """Never shows what was typed again: a refused code is of no more use."""

    def format_value(self, value: Any) -> None:
        return None


class CodeField(forms.CharField):
    """Six digits from an authenticator app, with or without spaces."""

    widget = CodeInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"})
    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": "Enter the 6 digits that your authenticator app shows.",
        "invalid": "A code is 6 digits, as your authenticator app shows them.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{"label": "Code from your authenticator app", "max_length": 16, **kwargs}
        )

    def clean(self, value: Any) -> str:
        """The six digits alone."""
        digits = "".join(super().clean(value).split())
        if not CODE.fullmatch(digits):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return digits


class CodeForm(forms.Form):
    """A code of the authenticator app, and nothing else."""

    code = CodeField()


class ConfirmingForm(forms.Form):
    """A fresh code for exactly one act, unless a passkey has confirmed it already."""

    code = CodeField(help_text="Asked for again: it confirms this and nothing else.")

    def __init__(self, *args: Any, confirmation: Confirmation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.confirmation = confirmation
        self.ways = stepup.ways(confirmation.account)
        if confirmation.proved_at or not self.ways.app:
            del self.fields["code"]

    def clean(self) -> dict[str, Any]:
        """The answer must be to what is asked now, not to what another page had shown."""
        cleaned = super().clean() or {}
        if self.data.get("confirmation") != str(self.confirmation.pk):
            raise forms.ValidationError(CHANGED)
        if "code" not in self.fields and not self.confirmation.proved_at:
            raise forms.ValidationError(PASSKEY_ONLY)
        return cleaned


class PasskeyForm(forms.Form):
    """What a person calls a passkey, to tell it from their others."""

    name = forms.CharField(
        label="Name",
        max_length=40,
        initial="Passkey",
        help_text="For example where it is kept: a phone, a security key. Stored encrypted.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Enter a name for the passkey."},
    )

    def clean_name(self) -> str:
        """One line, without characters that cannot be seen."""
        try:
            return clean_line(self.cleaned_data["name"])
        except Unprintable as error:
            raise forms.ValidationError(str(error)) from error


def _username(**attributes: str) -> forms.TextInput:
    return forms.TextInput(
        attrs={
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
            **attributes,
        }
    )


class SignInForm(forms.Form):
    """The first step in."""

    username = forms.CharField(
        max_length=100, widget=_username(), error_messages={"required": "Enter your username."}
    )
    password = forms.CharField(
        strip=False,
        max_length=passwords.MOST,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password."},
    )

    def find_account(self, request: HttpRequest) -> Account | None:
        """Whose name and password these are. The error is the same for every reason."""
        username = self.cleaned_data["username"]
        tries.password(request, username)
        account = authenticate(request, **self.cleaned_data)
        if account is None:
            self.add_error("username", "The username or the password is wrong.")
            return None
        tries.password_was_right(request, username)
        return account


class RecoverySignInForm(SignInForm):
    """Both steps at once, with one of the codes that were shown when the factor was set up.

    No code can be guessed, so whoever has one need not wait for those who guess at passwords.
    """

    code = forms.CharField(
        label="Recovery code",
        max_length=60,
        help_text="24 letters and digits. Each code works once.",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={"required": "Enter one of your recovery codes."},
    )

    def use_code(self, request: HttpRequest) -> RecoveryDevice | None:
        """Whose name, password and code these are; the code is used up by it."""
        code, username = self.cleaned_data.pop("code"), self.cleaned_data["username"]
        device = RecoveryDevice.objects.with_code(username, code)
        tries.recovery_code(request, device)
        if device and authenticate(request, **self.cleaned_data) and _used_up(device, code):
            tries.recovery_code_was_right(device)
            return device
        self.add_error("username", "The username, the password or the recovery code is wrong.")
        return None


def _used_up(device: RecoveryDevice, code: str) -> bool:
    return bool(verify_token(device.user, device.persistent_id, code))


class SignUpForm(forms.Form):
    """A new account. An e-mail address is welcome and never needed."""

    username = forms.CharField(
        max_length=usernames.MOST,
        validators=[usernames.validate],
        widget=_username(),
        help_text="3 to 40 letters, digits, dots, dashes and underscores.",
        error_messages={"required": "Choose a username."},
    )
    password = forms.CharField(
        strip=False,
        max_length=passwords.MOST,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters. A few unrelated words are good.",
        error_messages={"required": "Choose a password."},
    )
    email = forms.EmailField(
        label="E-mail",
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=(
            "For notices, once you have opened the link that is mailed to it within an hour. Stored"
            " encrypted, and you never need it to sign in."
        ),
        error_messages={"invalid": "Enter an address such as name@example.org, or leave it empty."},
    )

    def clean_password(self) -> str:
        """Refuse what is short, common or like the username."""
        password: str = self.cleaned_data["password"]
        validate_password(password, Account(username=self.cleaned_data.get("username", "")))
        return password

    def create_account(self, request: HttpRequest) -> Account | None:
        """The account; None, and an error at the field, when the username is taken."""
        throttle.hit("sign-up", network(request))
        chosen = self.cleaned_data
        try:
            with transaction.atomic():
                account = Account.objects.create_user(chosen["username"], chosen["password"])
                if chosen["email"]:
                    NewAddress.objects.ask(account, chosen["email"])
                return account
        except UsernameTaken:
            self.add_error("username", "This username is taken. Choose another one.")
        return None
