"""Servers, who administers them and by which policy; what was bought stands in `.purchase`.

Purchases are deliberately not re-exported: whoever reads one has to name that module, so the
firewall between paying and access can be seen, and tested, in the imports.
"""

from servers.models import purchase as purchase
from servers.models.administrator import Administrator
from servers.models.policy import PolicyVersion
from servers.models.server import Server, Standing
from servers.regions import Region

__all__ = ["Administrator", "PolicyVersion", "Region", "Server", "Standing"]
