from django.urls import path

from content.views import (
    content,
    deletion,
    emptying,
    members,
    orders,
    removal,
    retention,
    withholding,
)

SERVER = "servers/<uuid:server_id>/"

urlpatterns = [
    path(f"{SERVER}content/", content.content, name="content"),
    path(f"{SERVER}content/delete/", deletion.delete, name="delete"),
    path(f"{SERVER}content/delete/review/", deletion.delete_review, name="delete-review"),
    path(f"{SERVER}content/withhold/", withholding.withhold, name="withhold"),
    path(f"{SERVER}content/withhold/review/", withholding.withhold_review, name="withhold-review"),
    path(f"{SERVER}content/withheld/<uuid:pk>/release/", withholding.release, name="release"),
    path(f"{SERVER}content/emptying/refusal/", emptying.emptying_refusal, name="emptying-refusal"),
    path(
        f"{SERVER}content/emptying/withdrawal/",
        emptying.emptying_withdrawal,
        name="emptying-withdrawal",
    ),
    path(f"{SERVER}retention/", retention.retention, name="retention"),
    path(f"{SERVER}orders/", orders.orders, name="orders"),
    path(f"{SERVER}orders/receipts/", orders.kept_receipts, name="kept-receipts"),
    path(f"{SERVER}orders/<uuid:pk>/", orders.order, name="order"),
    path(f"{SERVER}orders/<uuid:pk>/progress/", orders.order_progress, name="order-progress"),
    path(f"{SERVER}orders/<uuid:pk>/receipt.json", orders.receipt, name="receipt"),
    path(f"{SERVER}members/", members.members, name="members"),
    path(f"{SERVER}members/former/", members.former_members, name="former-members"),
    path(f"{SERVER}members/removal/", removal.member_removals, name="member-removals"),
    path(f"{SERVER}members/<uuid:pk>/", members.member, name="member"),
    path(f"{SERVER}members/<uuid:pk>/removal/", removal.member_removal, name="member-removal"),
]
