"""Former members, for as long as anything they sent is stored."""

from django.db.models import Exists, OuterRef, QuerySet

from membership.models import FormerMember
from servers.models import Server

from .models import EncryptedObject


def with_content(server: Server) -> QuerySet[FormerMember]:
    """Those of one server of whose content something lies in storage, the latest first."""
    sent = EncryptedObject.objects.filter(server_id=server.pk, author=OuterRef("handle"))
    return FormerMember.objects.of(server).filter(Exists(sent)).order_by("-ended_at", "pk")
