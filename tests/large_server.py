"""A server as large as any: what its pages are asked for may not grow with it.

A default test has seconds. So what a page reads as a sum is made as that sum: 1,000,000 objects are
the sixty rows in which they were counted, and beside these lie 3,000 real ones. A proof in the log
reads its tiles in one question whatever their number: 1,000 entries have two levels of them, as
100,000 have. The 10,000 users are there; behind the first page their names do not open, each being
sealed for its own row. Of all else there is more than a page shows.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

from django.db import connection

from accounts.models import Notice
from accounts.notices import Kind as Told
from audit import private
from audit.authority import Authority
from content.models import ObjectCount
from content.partitions import utc_today
from content.scope import Kind
from enigm_command.lib import clock
from enigm_command.lib.paging import SIZE
from membership.models import FormerMember, JoinRequest, Membership
from servers.models import Server
from tests.factories import (
    AdministratorFactory,
    AuthenticatorFactory,
    BlockFactory,
    DeletionOrderFactory,
    DeviceFactory,
    InvitationFactory,
    JoinRequestFactory,
    PasskeyFactory,
    RecoveryFactory,
    WithholdingFactory,
)
from tests.support import excused

MEMBERS, OBJECTS, STORED, ENTRIES = 10_000, 1_000_000, 3000, 1000
MORE = SIZE + 3  # than a page shows
FEW = 12  # of what is shown all at once
STORE = """
INSERT INTO content_encryptedobject
  (expires_on, server_id, id, author, kind, size, sha256,
   authored_at, received_at, effective_at, expires_at, state, body)
SELECT ((at + interval '30 days') AT TIME ZONE 'UTC')::date, handled.server_id, gen_random_uuid(),
  handled.handle, %(kind)s, 8, sha256('sealed'), at, at, at, at + interval '30 days', 'ready', ''
FROM (
  SELECT server_id, handle,
    date_trunc('second', now() - interval '29 days' * (row_number() OVER ()::float / %(all)s)) AS at
  FROM {table} WHERE server_id = %(server)s LIMIT %(all)s
) handled
"""
CROWD = """
INSERT INTO membership_membership (id, server_id, handle, display_name, words, since)
SELECT gen_random_uuid(), server_id, gen_random_uuid(), display_name, words,
  now() + after * interval '1 second'
FROM generate_series(1, %s) after,
  (SELECT * FROM membership_membership WHERE server_id = %s LIMIT 1) one
"""
APPEND = """
SELECT count(audit_append(%s, 'server.renamed', '{"capacity": "administrator"}', %s))
FROM generate_series(1, %s)
"""


def fill(server: Server, by: Authority) -> None:
    """Fill a server with all that its pages show."""
    _people(server)
    _content(server)
    _administration(server, by)
    _log(server)


def _people(server: Server) -> None:
    with excused():
        Membership.objects.bulk_create(
            Membership(server=server, handle=uuid4(), display_name=f"Uma {number}")
            for number in range(MORE)
        )
        with connection.cursor() as cursor:
            cursor.execute(CROWD, [MEMBERS, server.pk])
        FormerMember.objects.bulk_create(
            FormerMember(server=server, handle=uuid4()) for _ in range(MORE)
        )
    asking = JoinRequestFactory.create_batch(2 * MORE, server=server)
    for answered in asking[MORE:]:
        with excused():
            JoinRequest.objects.decide(answered, JoinRequest.Decision.REJECTED)
    BlockFactory.create_batch(MORE, server=server)


def _content(server: Server) -> None:
    for table, kind in ((Membership, Kind.MESSAGE), (FormerMember, Kind.MEDIA)):
        said = {"server": server.pk, "kind": kind, "all": STORED}
        with connection.cursor() as cursor:
            cursor.execute(STORE.format(table=table._meta.db_table), said)
    ObjectCount.objects.bulk_create(_counts(server))
    authors = Membership.objects.of(server).values_list("handle", flat=True)
    for author in authors[:FEW]:
        WithholdingFactory(server=server, author=author)
    for author in authors[:MORE]:
        DeletionOrderFactory(server=server, author=author)
    DeviceFactory.create_batch(MORE, server_id=server.pk)


def _counts(server: Server) -> Iterator[ObjectCount]:
    held, today = OBJECTS // (30 * len(Kind)), utc_today()
    for days in range(30):
        for kind in Kind:
            yield ObjectCount(
                server_id=server.pk,
                expires_on=today + timedelta(days=days),
                kind=kind,
                objects_held=held,
                bytes_held=held * 4096,
                oldest_at=clock.now() - timedelta(days=30 - days),
            )


def _administration(server: Server, by: Authority) -> None:
    account = by.warrant.account
    for power in AdministratorFactory.create_batch(FEW, server=server):
        AuthenticatorFactory(user=power.account)
        RecoveryFactory(account=power.account)
    InvitationFactory.create_batch(FEW, inviter=by.warrant)
    PasskeyFactory.create_batch(FEW, user=account)
    with excused():
        for _ in range(MORE):
            Notice.objects.tell([account], Told.RECOVERY_CODES_MADE)


def _log(server: Server) -> None:
    values = json.dumps({"actor": private.commit(server.pk, "actor", "Ada Ferrer")})
    with connection.cursor() as cursor:
        cursor.execute(APPEND, [server.pk, values, ENTRIES])
