"""Rules for the tax line of a price: a rule takes the net amount and gives the line.

`TAX_RULE` names the one in use, so an installation can bring its own. Which tax is owed by whom is
the seller's to know; nothing here guesses it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Tax:
    """The tax line of a price: what it is called, and how many cents it adds."""

    label: str
    cents: int


TaxRule = Callable[[int], Tax]


def in_force() -> TaxRule:
    """The rule of this installation."""
    try:
        rule: TaxRule = import_string(settings.TAX_RULE)
    except ImportError as error:
        raise ImproperlyConfigured("TAX_RULE must be the dotted name of a function.") from error
    return rule


def none(net_cents: int) -> Tax:
    """No tax is added."""
    return Tax("No tax added", 0)


def flat(net_cents: int) -> Tax:
    """One rate for everybody: `TAX_PERCENT` of the net amount, half a cent rounded up."""
    rate = Decimal(settings.TAX_PERCENT)
    cents = (net_cents * rate / 100).quantize(Decimal(1), ROUND_HALF_UP)
    return Tax(f"{settings.TAX_NAME} {rate.normalize():f}%", int(cents))
