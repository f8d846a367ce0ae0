"""An authenticator app: codes of six digits by time (RFC 6238), as a phone computes them."""

import hmac
import time
from base64 import b32decode

STEP = 30  # seconds


class Authenticator:
    """Holds one set-up key. The panel takes each code once, so each call gives a later one."""

    def __init__(self, seed: str) -> None:
        self._key = b32decode(seed.replace(" ", ""))
        self._last = 0

    def code(self) -> str:
        """The next unused code, one step back to one ahead: so far the panel lets clocks differ."""
        self._last = max(self._last + 1, _now() - 1)
        while self._last > _now() + 1:
            time.sleep(0.2)
        return present(self._key, self._last)


def present(key: bytes, step: int | None = None) -> str:
    """The code of a step; of the present one unless another is named (RFC 4226, section 5.3)."""
    counter = _now() if step is None else step
    digest = hmac.digest(key, counter.to_bytes(8, "big"), "sha1")
    at = digest[-1] & 15
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def _now() -> int:
    return int(time.time()) // STEP
