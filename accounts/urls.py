from django.urls import path

from accounts.views.account import account
from accounts.views.confirm_you import confirm_you
from accounts.views.notices import notices, notices_read
from accounts.views.passkeys import (
    passkey_confirm,
    passkey_confirm_options,
    passkey_register,
    passkey_register_options,
    passkey_sign_in,
    passkey_sign_in_options,
)
from accounts.views.profile import email, email_proof, email_removal, password
from accounts.views.recovery import password_reset, recover, recovery_begin
from accounts.views.second_factor import recovery_codes, second_factor
from accounts.views.security import (
    authenticator,
    authenticator_removal,
    new_authenticator,
    new_passkey,
    new_recovery_codes,
    passkey_name,
    passkey_removal,
    security,
)
from accounts.views.sessions import session_end, sessions_end
from accounts.views.sign_in import (
    sign_in,
    sign_in_code,
    sign_in_recovery_code,
    sign_out,
    sign_up,
)

urlpatterns = [
    path("sign-up/", sign_up, name="sign-up"),
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-in/code/", sign_in_code, name="sign-in-code"),
    path("sign-in/recovery-code/", sign_in_recovery_code, name="sign-in-recovery-code"),
    path("sign-out/", sign_out, name="sign-out"),
    path("recover/", recover, name="recover"),
    path("recover/password/", password_reset, name="password-reset"),
    path("recover/begin/", recovery_begin, name="recovery-begin"),
    path("confirm-you/", confirm_you, name="confirm-you"),
    path("second-factor/", second_factor, name="second-factor"),
    path("recovery-codes/", recovery_codes, name="recovery-codes"),
    path("account/", account, name="account"),
    path("account/email/", email, name="email"),
    path("account/email/removal/", email_removal, name="email-removal"),
    path("account/email/<str:token>/", email_proof, name="email-proof"),
    path("account/notices/", notices, name="notices"),
    path("account/notices/read/", notices_read, name="notices-read"),
    path("account/password/", password, name="password"),
    path("account/sessions/end/", sessions_end, name="sessions-end"),
    path("account/sessions/<uuid:pk>/end/", session_end, name="session-end"),
    path("account/security/", security, name="security"),
    path("account/security/authenticator/", authenticator, name="authenticator"),
    path("account/security/authenticator/new/", new_authenticator, name="new-authenticator"),
    path(
        "account/security/authenticator/removal/",
        authenticator_removal,
        name="authenticator-removal",
    ),
    path("account/security/passkeys/new/", new_passkey, name="new-passkey"),
    path("account/security/passkeys/<uuid:pk>/name/", passkey_name, name="passkey-name"),
    path("account/security/passkeys/<uuid:pk>/removal/", passkey_removal, name="passkey-removal"),
    path("account/security/recovery-codes/", new_recovery_codes, name="new-recovery-codes"),
    path("passkeys/register/", passkey_register, name="passkey-register"),
    path("passkeys/register/options/", passkey_register_options, name="passkey-register-options"),
    path("passkeys/sign-in/", passkey_sign_in, name="passkey-sign-in"),
    path("passkeys/sign-in/options/", passkey_sign_in_options, name="passkey-sign-in-options"),
    path("passkeys/confirm/", passkey_confirm, name="passkey-confirm"),
    path("passkeys/confirm/options/", passkey_confirm_options, name="passkey-confirm-options"),
]
