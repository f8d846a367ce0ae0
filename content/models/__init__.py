"""What the content app keeps. There are no foreign keys to other apps: a server is its id."""

from .comparisons import Comparison
from .counts import AgeReached, CountedDay, ObjectCount
from .cutoffs import Cutoff, ObjectDeletion, OwnCutoff
from .devices import Device
from .feed import FeedEntry
from .gate import Gate
from .intake_keys import IntakeKey
from .objects import EncryptedObject, KindCount, State
from .orders import AlreadyPlaced, DeletionOrder, NotUnderWay
from .receipts import Receipt
from .withholdings import AlreadyReleased, AlreadyWithheld, Withholding

__all__ = [
    "AgeReached",
    "AlreadyPlaced",
    "AlreadyReleased",
    "AlreadyWithheld",
    "Comparison",
    "CountedDay",
    "Cutoff",
    "DeletionOrder",
    "Device",
    "EncryptedObject",
    "FeedEntry",
    "Gate",
    "IntakeKey",
    "KindCount",
    "NotUnderWay",
    "ObjectCount",
    "ObjectDeletion",
    "OwnCutoff",
    "Receipt",
    "State",
    "Withholding",
]
