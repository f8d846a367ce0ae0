from django.urls import path

from . import views

QUEUE = "servers/<uuid:server_id>/join-requests/"

urlpatterns = [
    path(QUEUE, views.join_requests, name="join-requests"),
    path(f"{QUEUE}approvals/", views.approvals, name="approvals"),
    path(f"{QUEUE}rejections/", views.rejections, name="rejections"),
    path(f"{QUEUE}<uuid:pk>/approval/", views.approval, name="approval"),
    path(f"{QUEUE}<uuid:pk>/rejection/", views.rejection, name="rejection"),
]
