"""Sessions at rest: of the key only a digest, and the contents sealed.

A copy of the table signs nobody in, and says neither who was signed in nor what they were told.
"""

import json
from base64 import b64decode, b64encode
from hashlib import blake2b
from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from enigm_command.lib import vault


class SessionStore(db.SessionStore):
    """Django's database sessions, with what is stored closed to whoever reads the table."""

    def load(self) -> dict[str, Any]:
        """The contents; empty when the session is over, unknown or no longer opens."""
        stored = self.model.objects.filter(
            pk=digest_of(self.session_key or ""), expire_date__gt=timezone.now()
        ).first()
        if stored is None:
            self._session_key = None
            return {}
        return self.decode(stored.session_data)

    def exists(self, session_key: str) -> bool:
        """Whether this key is in use."""
        return super().exists(digest_of(session_key))

    def delete(self, session_key: str | None = None) -> None:
        """End the session on the server; its key opens nothing any more."""
        if key := session_key or self.session_key:
            super().delete(digest_of(key))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """The row to be stored."""
        row = super().create_model_instance(data)
        row.session_key = digest_of(row.session_key)
        return row

    def encode(self, session_dict: dict[str, Any]) -> str:
        """The contents, sealed to this very session."""
        sealed = vault.seal(vault.PLATFORM, self._place(), json.dumps(session_dict))
        return b64encode(sealed).decode()

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """The contents again; nothing when they were changed or moved from another session."""
        try:
            opened = vault.unseal(vault.PLATFORM, self._place(), b64decode(session_data))
        except (vault.Unreadable, ValueError):
            return {}
        contents: dict[str, Any] = json.loads(opened)
        return contents

    def _place(self) -> str:
        return f"django_session.session_data|{digest_of(self.session_key or '')}"


def digest_of(session_key: str) -> str:
    """Under which name a session is stored."""
    return blake2b(session_key.encode(), digest_size=20).hexdigest()  # the column has 40 places
