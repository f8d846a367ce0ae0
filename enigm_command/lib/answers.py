"""What is said, on the next page, to somebody whose act was refused."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.contrib import messages
from django.http import HttpRequest

Refusals = type[Exception] | tuple[type[Exception], ...]


@contextmanager
def answering(request: HttpRequest, said: Mapping[Refusals, str]) -> Iterator[None]:
    """Try an act, and within it say that it is done. Where it is refused in one of these ways, the
    rest is left out and the refusal's own sentence is said; any other error goes on.
    """
    try:
        yield
    except Exception as error:
        words = next((said[kinds] for kinds in said if isinstance(error, kinds)), None)
        if words is None:
            raise
        messages.warning(request, words)
