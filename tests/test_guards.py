"""No act without its entry: which tables the database watches, and that it does."""

import pytest
from django.db import connection

from audit.guards import GUARDED

pytestmark = pytest.mark.requirement("R5")


@pytest.mark.django_db
def test_the_guards_that_stand_are_the_guards_that_are_listed():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger"
            " WHERE tgname = 'audit_required'"
        )
        standing = {
            table: definition.split("AFTER ")[1].split(" ON ")[0] for table, definition in cursor
        }
    assert standing == GUARDED
