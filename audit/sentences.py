"""What an entry says in words, made from the vocabulary and the entry's public data."""

import re
from datetime import datetime
from typing import Any

from enigm_command.lib import wording

from .vocabulary import ERASED, ERASED_SENTENCE, Action, Capacity

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")  # as acts enter it


def _plain(label: str) -> str:
    return re.split(r"[:{]", label)[0].removesuffix(" D-").removesuffix(" in ").strip()


# what a page offers to filter by: each act in words, without what an entry fills in
ACTIONS = sorted(
    [(ERASED, "erased personal values"), *((act.value, _plain(act.label)) for act in Action)],
    key=lambda choice: choice[1],
)

TEMPLATES = {ERASED: ERASED_SENTENCE, **{act.value: act.label for act in Action}}


class _Filled(dict[str, Any]):
    """What an entry's data fill into its sentence, each as it is asked for."""

    def __getitem__(self, key: str) -> str:
        return _shown(self.get(key, "?"))


def sentence(action: str, data: dict[str, Any]) -> str:
    """The entry's sentence without its subject: "ordered deletion D-7: 4,318 objects"."""
    if data.get("outcome") == "refused":
        why = f" ({data['why']})" if "why" in data else ""
        return f"was refused: {_plain(_template(action))}{why}"
    said = _template(action).format_map(_Filled(data))
    return f"{said}{_grounds(data)}"


def _grounds(data: dict[str, Any]) -> str:
    """On what an operator acted: the code of the reason, with its words apart."""
    if data.get("capacity") != Capacity.OPERATOR or "reason" not in data:
        return ""
    return f" ({data['reason'].replace('_', ' ')})"


def _template(action: str) -> str:
    return TEMPLATES.get(action, action)


def _shown(value: Any) -> str:
    if isinstance(value, str) and MOMENT.fullmatch(value):
        return wording.utc(datetime.fromisoformat(value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
