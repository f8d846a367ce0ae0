"""What people type to get in."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest

from accounts import usernames
from accounts.factors import CODE
from accounts.models import Account, UsernameTaken

LONGEST_PASSWORD = 128


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


class RecoveryCodeForm(forms.Form):
    """One of the codes that were shown when the second factor was set up."""

    code = forms.CharField(
        label="Recovery code",
        max_length=60,
        help_text="24 letters and digits. Each code works once.",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={"required": "Enter one of your recovery codes."},
    )


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
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password."},
    )

    def find_account(self, request: HttpRequest) -> Account | None:
        """Whose name and password these are. The error is the same for every reason."""
        account = authenticate(request, **self.cleaned_data)
        if account is None:
            self.add_error("username", "The username or the password is wrong.")
        return account


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
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters. A few unrelated words are good.",
        error_messages={"required": "Choose a password."},
    )
    email = forms.EmailField(
        label="E-mail",
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text="Stored encrypted. You never need it to sign in.",
        error_messages={"invalid": "Enter an address such as name@example.org, or leave it empty."},
    )

    def clean_password(self) -> str:
        """Refuse what is short, common or like the username."""
        password: str = self.cleaned_data["password"]
        validate_password(password, Account(username=self.cleaned_data.get("username", "")))
        return password

    def create_account(self) -> Account | None:
        """The account; None, and an error at the field, when the username is taken."""
        try:
            return Account.objects.create_user(**self.cleaned_data)
        except UsernameTaken:
            self.add_error("username", "This username is taken. Choose another one.")
        return None
