"""The register of records: every column the service has, once.

Requirement R27: what is kept has a purpose and a time, both are published, and the time is kept.
`/knows/`, `/knows.json` and docs/records.md are drawn from this one list; `enigm_command.retention`
is what it obliges us to.
"""

import accounts.records
import audit.records
import content.records
import enigm_command.records
import lifecycle.records
import membership.records
import servers.purchase.records
import servers.records
from enigm_command.lib.records import Record

PARTS: tuple[tuple[str, tuple[Record, ...]], ...] = (
    ("Encrypted content", content.records.RECORDS),
    ("Members, and who asks to be one", membership.records.RECORDS),
    ("Servers and who administers them", servers.records.RECORDS),
    ("How servers begin and end", lifecycle.records.RECORDS),
    ("The audit log", audit.records.RECORDS),
    ("People who sign in to the panel", accounts.records.RECORDS),
    ("Buying and paying", servers.purchase.records.RECORDS),
    ("The service itself", enigm_command.records.RECORDS),
)
REGISTER: tuple[Record, ...] = tuple(record for _, records in PARTS for record in records)
