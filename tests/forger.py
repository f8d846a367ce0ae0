"""Whoever has the superuser's password and the platform's key: what a log must withstand."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg

from audit import kept, tree

TABLES = ("audit_event", "audit_node", "audit_private", "audit_stream", "audit_checkpoint")
Leaf = dict[str, Any]
Row = tuple[Any, ...]


class Forger:
    """Changes one log past every guard: triggers do not fire in this session."""

    def __init__(self, session: psycopg.Connection[Any], stream: UUID) -> None:
        self.session, self.stream = session, stream
        session.execute("SET session_replication_role = replica")

    def sql(self, statement: str) -> None:
        """Change rows by hand. STREAM stands for the log's id."""
        self.session.execute(statement.replace("STREAM", f"'{self.stream}'"))

    # --- the whole of it, consistently ------------------------------------------------------------
    def rewrite(self, change: Callable[[list[Leaf]], list[Leaf]]) -> None:
        """Change the entries and make everything else fit: numbers, tree, personal values.

        Nothing in the database shows it afterwards; what was kept elsewhere does.
        """
        values = self._values()
        leaves = change(self._leaves())
        self.remove()
        self._write(leaves, values)

    def _leaves(self) -> list[Leaf]:
        rows = self.session.execute(
            "SELECT convert_from(leaf, 'UTF8')::json FROM audit_event WHERE stream_id = %s"
            " ORDER BY seq",
            [self.stream],
        )
        return [leaf for (leaf,) in rows]

    def _values(self) -> dict[int, list[Row]]:
        """The personal values, by the number of the entry that they stand beside."""
        found: dict[int, list[Row]] = {}
        query = "SELECT seq, field, sealed, mark FROM audit_private WHERE stream_id = %s"
        for seq, *value in self.session.execute(query, [self.stream]):
            found.setdefault(seq, []).append(tuple(value))
        return found

    def _write(self, leaves: list[Leaf], values: dict[int, list[Row]]) -> None:
        roots: list[bytes] = []
        for seq, leaf in enumerate(leaves):
            for value in values.get(leaf["seq"], []):
                self._insert("audit_private", "seq, field, sealed, mark", seq, *value)
            leaf["seq"] = seq
            self._write_leaf(leaf, roots)
        last = leaves[-1]["at"]
        frontier = b"".join(roots)
        self._insert("audit_stream", "size, frontier, last_at", len(leaves), frontier, last)

    def _write_leaf(self, leaf: Leaf, roots: list[bytes]) -> None:
        text = json.dumps(leaf, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        written = leaf["seq"], text, leaf["action"], leaf["data"].get("capacity"), leaf["at"]
        self._insert("audit_event", "seq, leaf, filed_as, filed_by, filed_at", *written)
        n, level, hashed = leaf["seq"], 0, tree.leaf_hash(text)
        while n & 1:
            n, level, hashed = n >> 1, level + 1, tree.node_hash(roots.pop(), hashed)
            if level % tree.TILE_LEVELS == 0:
                self._insert("audit_node", "level, n, hash", level, n, hashed)
        roots.append(hashed)

    def _insert(self, table: str, columns: str, *values: Any) -> None:
        marks = ", ".join(["%s"] * (1 + len(values)))
        statement = f"INSERT INTO {table} (stream_id, {columns}) VALUES ({marks})"
        if table == "audit_stream":
            statement = statement.replace("stream_id", "id")
        self.session.execute(statement, [self.stream, *values])

    def remove(self) -> None:
        """The log is gone, as if it had never been."""
        for table in TABLES:
            self.sql(f"DELETE FROM {table} WHERE {self._key(table)} = STREAM")

    # --- a backup ---------------------------------------------------------------------------------
    def back_up(self) -> dict[str, list[Row]]:
        """Every row of the log as it is now."""
        return {table: self._rows(table) for table in TABLES}

    def restore(self, backup: dict[str, list[Row]]) -> None:
        """Put the log back to what it was. What lies outside the database stays as it is."""
        for table, rows in backup.items():
            self.sql(f"DELETE FROM {table} WHERE {self._key(table)} = STREAM")
            for (row,) in rows:
                self.session.execute(
                    f"INSERT INTO {table} ({self._columns(table)}) SELECT {self._columns(table)}"
                    f" FROM json_populate_record(NULL::{table}, %s)",
                    [json.dumps(row)],
                )

    def _rows(self, table: str) -> list[Row]:
        query = f"SELECT to_json({table}) FROM {table} WHERE {self._key(table)} = %s"
        return self.session.execute(query, [self.stream]).fetchall()

    def _columns(self, table: str) -> str:
        rows = self.session.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND attgenerated = ''",
            [table],
        )
        return ", ".join(name for (name,) in rows)

    def _key(self, table: str) -> str:
        return "id" if table == "audit_stream" else "stream_id"

    # --- signing with the real key ----------------------------------------------------------------
    def forget_signatures(self) -> None:
        """Whoever can rewrite the database can also empty the platform's folder of checkpoints."""
        self.sql("DELETE FROM audit_checkpoint WHERE stream_id = STREAM")
        kept._file(self.stream).unlink(missing_ok=True)
