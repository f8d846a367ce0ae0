"""The one thing that paying changes about a server: it is to be retired when nobody pays any more.

Buying knows nothing of it. What is decided here is read from a fact of the subscription; what is
done about it is a separate act of the schedule, dated, in the server's own log, and to be called
off there.
"""

from django.db.models import QuerySet

from lifecycle.models import Retirement
from lifecycle.models.records import SUBSCRIPTION_ENDED
from servers.models import Server, Standing
from servers.purchase import consequences

ENDING = (Standing.RETIRING, Standing.DELETING, Standing.DELETED)


def servers_to_retire() -> QuerySet[Server]:
    """Those whose subscription has come to its end, and which do not end already.

    What an operator called off is not announced again: a person has decided.
    """
    states = consequences.that("retirement_is_announced")
    closed = Server.objects.filter(purchase__subscription__state__in=states)
    told = Retirement.objects.filter(code=SUBSCRIPTION_ENDED)
    retiring = Retirement.objects.open()
    known = (told | retiring).values("server")
    return closed.exclude(standing__in=ENDING).exclude(pk__in=known)
