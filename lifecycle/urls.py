from django.urls import path

from lifecycle.views import creation, deletion, endings, operator_actions, policy, retirement

urlpatterns = [
    path("new/<uuid:purchase_id>/", creation.creation, name="creation"),
    path("new/<uuid:purchase_id>/progress/", creation.creation_progress, name="creation-progress"),
    path("servers/<uuid:server_id>/policy/", policy.policy, name="policy"),
    path("servers/<uuid:server_id>/policy/review/", policy.policy_review, name="policy-review"),
    path("servers/<uuid:server_id>/endings/", endings.endings, name="endings"),
    path("servers/<uuid:server_id>/suspension/", endings.suspension, name="suspension"),
    path("servers/<uuid:server_id>/resumption/", endings.resumption, name="resumption"),
    path(
        "servers/<uuid:server_id>/operator-actions/",
        operator_actions.operator_actions,
        name="operator-actions",
    ),
    path("servers/<uuid:server_id>/deletion/", deletion.server_deletion, name="server-deletion"),
    path(
        "servers/<uuid:server_id>/deletion/progress/",
        deletion.server_deletion_progress,
        name="server-deletion-progress",
    ),
    path(
        "servers/<uuid:server_id>/deletion/calling-off/",
        deletion.server_deletion_calling_off,
        name="server-deletion-calling-off",
    ),
    path(
        "servers/<uuid:server_id>/deletion/agreement/",
        deletion.server_deletion_agreement,
        name="server-deletion-agreement",
    ),
    path(
        "servers/<uuid:server_id>/deletion/receipt/", deletion.server_receipt, name="server-receipt"
    ),
    path(
        "servers/<uuid:server_id>/deletion/receipt.json",
        deletion.server_receipt_document,
        name="server-receipt-document",
    ),
    path("servers/<uuid:server_id>/retirement/", retirement.retirement, name="retirement"),
    path(
        "servers/<uuid:server_id>/retirement/calling-off/",
        retirement.retirement_calling_off,
        name="retirement-calling-off",
    ),
]
