"""What the content app keeps. There are no foreign keys to other apps: a server is its id."""

from .comparisons import Comparison
from .counts import CountedDay, ObjectCount
from .cutoffs import Cutoff, ObjectDeletion, OwnCutoff
from .devices import Device
from .feed import FeedEntry
from .gate import Gate
from .intake_keys import IntakeKey
from .objects import EncryptedObject, KindCount, State
from .orders import AlreadyPlaced, DeletionOrder
from .receipts import Receipt
from .withholdings import AlreadyReleased, AlreadyWithheld, Withholding

__all__ = [
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
    "ObjectCount",
    "ObjectDeletion",
    "OwnCutoff",
    "Receipt",
    "State",
    "Withholding",
]
