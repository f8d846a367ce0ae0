from django.urls import path

from servers.views import (
    buying,
    invite,
    leaving,
    log,
    payment_code,
    recovery,
    settings,
    vouching,
)

urlpatterns = [
    path("new/", buying.checkout, name="checkout"),
    path("new/<uuid:purchase_id>/pay/", buying.pay, name="pay"),
    path("new/<uuid:purchase_id>/payment-code/", payment_code.payment_code, name="payment-code"),
    path(
        "new/<uuid:purchase_id>/payment-code/kept/",
        payment_code.payment_code_kept,
        name="payment-code-kept",
    ),
    path("account/data/", leaving.own_data_page, name="own-data"),
    path("account/closing/", leaving.close_account, name="close-account"),
    path("recover/key/", recovery.recovery, name="recovery"),
    path("recover/finish/", recovery.recovery_finish, name="recovery-finish"),
    path("stop-paying/", payment_code.stop_paying, name="stop-paying"),
    path("servers/<uuid:server_id>/settings/", settings.settings, name="settings"),
    path("servers/<uuid:server_id>/audit/", log.log, name="log"),
    path("servers/<uuid:server_id>/audit/export/", log.log_export, name="log-export"),
    path("servers/<uuid:server_id>/audit/table/", log.log_table, name="log-table"),
    path("servers/<uuid:server_id>/audit/<int:seq>/", log.log_entry, name="log-entry"),
    path("servers/<uuid:server_id>/audit/<int:seq>/proof/", log.log_proof, name="log-proof"),
    path(
        "servers/<uuid:server_id>/audit/<int:seq>/erasure/<slug:name>/",
        log.value_erasure,
        name="value-erasure",
    ),
    path("servers/<uuid:server_id>/vouching/", vouching.vouching, name="vouching"),
    path("servers/<uuid:server_id>/vouching/<uuid:pk>/", vouching.vouch, name="vouch"),
    path(
        "servers/<uuid:server_id>/vouching/<uuid:pk>/calling-off/",
        vouching.recovery_calling_off,
        name="recovery-calling-off",
    ),
    path("servers/<uuid:server_id>/invite/", invite.invite, name="invite"),
]
