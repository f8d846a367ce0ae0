"""Every route of the product. Who may use each stands in tests/test_access.py."""

from django.urls import include, path

from enigm_command.api import api
from enigm_command.operators import ops

urlpatterns = [
    path("", include("enigm_command.panel.urls")),
    path("", include("accounts.urls")),
    path("", include("servers.urls")),
    path("", include("membership.urls")),
    path("", include("content.urls")),
    path("", include("lifecycle.urls")),
    path("ops/", ops.urls),
    path("api/v1/", api.urls),
]
handler500 = "enigm_command.lib.refusals.failed"
