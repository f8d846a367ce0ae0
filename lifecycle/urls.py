from django.urls import path

from lifecycle.views import creation, endings

urlpatterns = [
    path("new/<uuid:purchase_id>/", creation.creation, name="creation"),
    path("new/<uuid:purchase_id>/progress/", creation.creation_progress, name="creation-progress"),
    path("servers/<uuid:server_id>/suspension/", endings.suspension, name="suspension"),
    path("servers/<uuid:server_id>/resumption/", endings.resumption, name="resumption"),
    path("servers/<uuid:server_id>/deletion/", endings.server_deletion, name="server-deletion"),
    path(
        "servers/<uuid:server_id>/deletion/calling-off/",
        endings.server_deletion_calling_off,
        name="server-deletion-calling-off",
    ),
]
