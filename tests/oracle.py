"""Do two answers tell whoever asked the same? What they say, and how long they take to say it."""

import re
import statistics
import time
from collections.abc import Callable
from typing import Any

TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]+')


def told(response: Any, *typed: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and body, without what differs at each request and what was `typed`."""
    body = TOKEN.sub(r"\1", response.content.decode())
    for text in typed:
        body = body.replace(text, "(typed)")
    cookies = {f"cookie {name}": "set" for name in response.cookies}
    headers = {name: value for name, value in response.items() if name != "Content-Length"}
    return response.status_code, headers | cookies, body


def apart(tries: dict[str, Callable[[], Any]], rounds: int = 9) -> float:
    """How many times longer the slowest takes than the quickest, by medians taken in turns."""
    took: dict[str, list[float]] = {name: [] for name in tries}
    for _ in range(rounds):
        for name, attempt in tries.items():
            began = time.perf_counter()
            attempt()
            took[name].append(time.perf_counter() - began)
    medians = [statistics.median(times) for times in took.values()]
    return max(medians) / min(medians)
