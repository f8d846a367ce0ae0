"""`python -m benchmarks.storing SERVER-ID SUBJECT`: a member's devices, which store without end."""

import io
import sys
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import count

import django
import pyrage


def main(locator: str, subject: str) -> None:
    """Say so once the first object is stored."""
    from benchmarks.filling import token_of
    from content import intake
    from content.arrival import Arrival
    from enigm_command.lib import clock
    from membership.access import Purpose, admit

    may = partial(admit, token_of(subject), locator, Purpose.STORE)
    body = pyrage.encrypt(b"." * 256, [pyrage.x25519.Identity.generate().to_public()])
    for number in count():
        offer = intake.Offer(kind="message", authored_at=clock.now(), lasting=timedelta(days=30))
        with suppress(intake.AlreadyDeleted):  # an order overtook it: it waited at the gate
            intake.store(offer, Arrival(io.BytesIO(body), len(body)), may)
        if number == 0:
            print("stored", flush=True)


if __name__ == "__main__":
    django.setup()
    main(*sys.argv[1:])
