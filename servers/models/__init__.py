"""Servers, who administers them and by which policy; what was bought stands in `.purchase`.

What is commercial (`invoice`, `payment`, `procurement`, `purchase`, `subscription`) is deliberately
not re-exported: whoever reads it has to name its module, so the firewall between paying and access
can be seen, and tested, in the imports.
"""

from servers.models import invoice as invoice
from servers.models import payment as payment
from servers.models import procurement as procurement
from servers.models import purchase as purchase
from servers.models import subscription as subscription
from servers.models.administrator import Administrator
from servers.models.invitation import Invitation
from servers.models.policy import PolicyBound, PolicyVersion
from servers.models.server import FormerLocator, Server, Standing
from servers.models.terms import Acceptance
from servers.regions import Region

__all__ = [
    "Acceptance",
    "Administrator",
    "FormerLocator",
    "Invitation",
    "PolicyBound",
    "PolicyVersion",
    "Region",
    "Server",
    "Standing",
]
