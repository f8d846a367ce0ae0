"""What operators see under /ops/: every table of theirs, written out once."""

from django.contrib.admin import ModelAdmin
from django.db.models import Model

import accounts.admin
import content.admin
import lifecycle.admin
import servers.admin
from accounts.operators_site import OperatorSite

TABLES: dict[type[Model], type[ModelAdmin]] = {
    **lifecycle.admin.TABLES,
    **content.admin.TABLES,
    **servers.admin.TABLES,
    **accounts.admin.TABLES,
}

ops = OperatorSite("ops", servers.admin.PAGES)
for model, table in TABLES.items():
    ops.register(model, table)
