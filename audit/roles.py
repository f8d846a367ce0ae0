"""Two database roles: the owner migrates; the application role runs and cannot touch the log.

What must never happen: the role behind a web request rewrites history, drops content that is alive,
or switches a guard off. What prevents it: it owns nothing. It holds row privileges on the product's
tables, SELECT on the log, and EXECUTE on the functions named here.
"""

from django.db import connections
from psycopg import sql

CALLABLE = (
    "audit_add_checkpoint",
    "audit_add_cosignature",
    "audit_anchor",
    "audit_append",
    "audit_erase_aged",
    "audit_erase_marked",
    "audit_erase_stream",
    "content_drop_partition",
    "content_make_partition",
)
LOG = (
    "audit_anchored",
    "audit_checkpoint",
    "audit_cosignature",
    "audit_event",
    "audit_node",
    "audit_private",
    "audit_stream",
)
READ_ONLY = (*LOG, "django_migrations")


def grant(role: str, *, using: str) -> None:
    """Give `role` exactly what it needs, as the owner behind `using`. Safe to repeat."""
    statements = [
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        "GRANT USAGE ON SCHEMA public TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
        *(f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {{role}}" for table in READ_ONLY),
    ]
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT proname FROM pg_proc WHERE proname = ANY(%s)", [list(CALLABLE)])
        statements += [f"GRANT EXECUTE ON FUNCTION {name} TO {{role}}" for (name,) in cursor]
        for statement in statements:
            cursor.execute(sql.SQL(statement).format(role=sql.Identifier(role)))
