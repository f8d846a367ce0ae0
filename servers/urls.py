from django.urls import path

from servers.views import buying, invite, log, settings

urlpatterns = [
    path("new/", buying.checkout, name="checkout"),
    path("new/<uuid:purchase_id>/pay/", buying.pay, name="pay"),
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
    path("servers/<uuid:server_id>/invite/", invite.invite, name="invite"),
]
