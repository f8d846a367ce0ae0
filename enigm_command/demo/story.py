"""The story that `manage.py demo` tells, step by step: each over HTTP, each checked.

Paula buys a server. Lena, Ines and Marek ask to join; Marek is not let in. Lena and Ines store what
only they can open. Paula has all of Lena's deleted, watches it go, and checks receipt and log.
"""

from collections.abc import Callable, Iterator
from functools import partial

from . import buying, deleting, joining, ruling, storing
from .people import People
from .table import Told
from .table import tell as tell_one

Step = Callable[[People], str]

STEPS: tuple[Step, ...] = (
    buying.sign_up,
    buying.be_kept_out,
    buying.set_up_second_factor,
    buying.sign_in_again,
    buying.choose,
    buying.pay,
    buying.look_around,
    joining.mistype,
    joining.ask,
    joining.answer,
    joining.hear,
    storing.send,
    storing.refuse_plaintext,
    storing.fetch,
    storing.refuse_stranger,
    deleting.review,
    deleting.confirm,
    deleting.be_refused,
    deleting.offer_again,
    deleting.watch,
    deleting.read_receipt,
    ruling.suspend,
    ruling.resume,
    ruling.read_log,
    ruling.check_log,
)


def tell(site: str) -> Iterator[Told]:
    """Take the steps in their order, up to the first that fails."""
    people = People(site)
    for step in STEPS:
        told = tell_one(step.__doc__ or step.__name__, partial(step, people))
        yield told
        if not told.went_well:
            return
