"""The app API: what the Enigm App may ask, under /api/v1/. JSON in, JSON or ciphertext out."""

from ninja import NinjaAPI

from content.api import router as content
from content.feed_api import router as feed
from content.leaving import router as leaving
from content.retention_api import router as retention
from enigm_command.lib import problems
from enigm_command.lib.strict_json import StrictParser
from membership.api import router as membership
from membership.tokens import AppBearer

api = NinjaAPI(
    title="Enigm Command, app API",
    version="1",
    urls_namespace="app-api",
    auth=AppBearer(),
    docs_url=None,
    parser=StrictParser(),
)
problems.install(api)
api.add_router("", membership)
api.add_router("", content)
api.add_router("", feed)
api.add_router("", retention)
api.add_router("", leaving)
