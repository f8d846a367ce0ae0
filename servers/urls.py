from django.urls import path

from servers.views import buying, invite, log, settings

urlpatterns = [
    path("new/", buying.checkout, name="checkout"),
    path("new/<uuid:purchase_id>/pay/", buying.pay, name="pay"),
    path("servers/<uuid:server_id>/settings/", settings.settings, name="settings"),
    path("servers/<uuid:server_id>/audit/", log.log, name="log"),
    path("servers/<uuid:server_id>/audit/download/", log.log_download, name="log-download"),
    path("servers/<uuid:server_id>/invite/", invite.invite, name="invite"),
]
