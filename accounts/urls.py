from django.urls import path

from accounts.views.account import account, new_recovery_codes
from accounts.views.second_factor import recovery_codes, second_factor
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
    path("second-factor/", second_factor, name="second-factor"),
    path("recovery-codes/", recovery_codes, name="recovery-codes"),
    path("account/", account, name="account"),
    path("account/recovery-codes/", new_recovery_codes, name="new-recovery-codes"),
]
