from django.urls import path

from membership.views import blocks, join_requests

SERVER = "servers/<uuid:server_id>/"
QUEUE = f"{SERVER}join-requests/"

urlpatterns = [
    path(QUEUE, join_requests.join_requests, name="join-requests"),
    path(f"{QUEUE}approvals/", join_requests.approvals, name="approvals"),
    path(f"{QUEUE}decided/", join_requests.join_requests_decided, name="join-requests-decided"),
    path(f"{QUEUE}rejections/", join_requests.rejections, name="rejections"),
    path(f"{QUEUE}<uuid:pk>/approval/", join_requests.approval, name="approval"),
    path(f"{QUEUE}<uuid:pk>/rejection/", join_requests.rejection, name="rejection"),
    path(f"{SERVER}blocks/", blocks.blocks, name="blocks"),
    path(f"{SERVER}blocks/<uuid:pk>/lifting/", blocks.block_lifting, name="block-lifting"),
    path(f"{SERVER}members/former/<uuid:pk>/block/", blocks.block, name="block"),
]
