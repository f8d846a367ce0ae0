"""Pages travel compressed; nothing else that is made for one reader does."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressedPages(GZipMiddleware):
    """HTML alone: what the app API says keeps its length, and files were compressed before.

    What a length could tell of a page (BREACH) is blurred: each answer is padded by up to a hundred
    random bytes and masks its form token anew, and no other site's request carries the session.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Compressed, if it is a page and the browser takes it so."""
        if response.headers.get("Content-Type", "").startswith("text/html"):
            return super().process_response(request, response)
        return response
