"""The log's page of 50 entries, through the whole stack, at different lengths of the log."""

from functools import partial
from statistics import median

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.factors import EncryptedTOTPDevice
from audit.authority import Authority
from benchmarks.measure import Figure, interleaved, medians, milliseconds

TIMES = 10  # in one round
SECTION = "Pages: the log's page of 50 entries"


def figures(logs: dict[int, Authority]) -> list[Figure]:
    """Time and queries of the newest page, and of one in the middle of the longest log."""
    shortest, longest = min(logs), max(logs)
    visits = {f"newest, {size:,} entries": _visit(by) for size, by in logs.items()}
    middle = f"from the middle, {longest:,} entries"
    visits[middle] = _visit(logs[longest], before=longest // 2)
    times = medians(interleaved({name: partial(time_of, *visit) for name, visit in visits.items()}))
    rows = [Figure(SECTION, name, ms, "ms") for name, ms in times.items()]
    for name, visit in visits.items():
        rows.append(Figure(SECTION, f"queries, {name}", queries_of(*visit), "", at_most=8))
    flat = times[f"newest, {longest:,} entries"] / times[f"newest, {shortest:,} entries"]
    deep = times[middle] / times[f"newest, {shortest:,} entries"]
    return [
        *rows,
        Figure(SECTION, f"newest, {longest:,} ÷ {shortest:,}", flat, "", at_most=1.5),
        Figure(SECTION, f"middle of {longest:,} ÷ newest of {shortest:,}", deep, "", at_most=1.5),
    ]


Visit = tuple[Client, str]


def _visit(by: Authority, before: int | None = None) -> Visit:
    """The administrator's browser, and the page's address."""
    address = reverse("log", args=[by.server_id])
    return signed_in(by), address if before is None else f"{address}?before={before}"


def signed_in(by: Authority) -> Client:
    """The browser of an administrator who has shown both factors."""
    client, account = Client(), by.warrant.account
    device, _ = EncryptedTOTPDevice.objects.get_or_create(user=account, name="app", confirmed=True)
    client.force_login(account)
    session = client.session
    session["otp_device_id"] = device.persistent_id
    session.save()
    return client


def time_of(client: Client, address: str) -> float:
    """Milliseconds until the page is there; the median of some visits."""
    return median(milliseconds(partial(_open, client, address)) for _ in range(TIMES))


def queries_of(client: Client, address: str) -> int:
    """How many questions to the database it takes."""
    _open(client, address)  # keys are looked up anew after a minute, whatever page comes first
    with CaptureQueriesContext(connection) as asked:
        _open(client, address)
    return len(asked)


def _open(client: Client, address: str) -> None:
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
