"""Mail: with its act or not at all, once, and nothing in it but sentences of ours."""

import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F

from accounts import mail as post
from accounts.mail import WORTH, Letter, Mail
from accounts.models import Notice
from accounts.notices import LINES, Kind
from enigm_command.lib.clock import LONG_AGO
from tests import processes
from tests.factories import AccountFactory
from tests.smtp import MailServer

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R22")]

LETTER = Letter("Subject", "What happened.", "Open the panel", "/account/notices/")
ADDRESS = "ada@example.org"
FACTS = {"browser": "Firefox on Linux", "factor": "passkey", "left": 9, "due_at": "25 Nov 2026"}


@pytest.fixture
def account():
    return AccountFactory(username="ada", email=ADDRESS)


@pytest.fixture
def smtp(settings):
    """A mail server that this process sends by, for once."""
    server = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
    settings.EMAIL_TIMEOUT = 5
    yield server
    server.shutdown()
    server.server_close()


def post_one(address=ADDRESS):
    Mail.objects.post(address, LETTER)
    return Mail.objects.get().pk


# --- what is sent ---------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", Kind)
def test_a_mail_names_nobody_no_server_and_no_code(account, mailoutbox, server, kind):
    Notice.objects.tell([account], kind, server_id=server.pk, **FACTS)
    post.send(Mail.objects.get().pk)
    (sent,) = mailoutbox
    html = sent.alternatives[0].content
    html = re.sub(r"(?s)<style>.*</style>", "", html)
    for text in (sent.subject, sent.body, html):
        assert not re.search(r"\bada\b|oren|Atelier North|EN-|[0-9]{6}", text)
        assert str(server.pk) not in text
        assert "{" not in text
    assert kind.label in html
    assert sent.to == [ADDRESS]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_its_sentence_and_a_short_heading(kind):
    assert LINES[kind].endswith(".")
    assert 0 < len(kind.label) <= 50


def test_a_mail_is_text_and_html_loads_nothing_and_asks_for_no_answer(
    account, mailoutbox, settings
):
    Notice.objects.tell([account], Kind.PASSWORD_CHANGED)
    mail = Mail.objects.get()
    post.send(mail.pk)
    (sent,) = mailoutbox
    html = sent.alternatives[0].content
    assert sent.alternatives[0].mimetype == "text/html"
    assert not re.search(r"<img|src=|url\(|@import|<script|<link", html)
    assert set(re.findall(r'href="(.*?)"', html)) == {f"{settings.SITE_URL}/account/notices/"}
    assert f"{settings.SITE_URL}/account/notices/" in sent.body
    headers = sent.message()
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Message-ID"].startswith(f"<{mail.pk}@")


@pytest.mark.parametrize(
    "planted", ["ada@example.org\nBcc: mallory@example.org", "ada@example.org\r\nX: y"]
)
def test_an_address_with_a_line_break_is_never_sent_to(planted, mailoutbox):
    post.send(post_one(planted))
    assert not mailoutbox
    assert not Mail.objects.exists()


def test_a_line_break_in_a_subject_is_never_sent(mailoutbox):
    Mail.objects.post(ADDRESS, Letter("Subject\nBcc: mallory@example.org", "", "", "/"))
    post.send(Mail.objects.get().pk)
    assert not mailoutbox


@pytest.mark.requirement("R29")
def test_nothing_of_a_mail_lies_readable_and_nothing_stays(account, mailoutbox):
    Notice.objects.tell([account], Kind.NEW_SIGN_IN, **FACTS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(mail::text, '') FROM accounts_mail mail")
        (kept,) = cursor.fetchone()
    for word in ("example.org", "Firefox", "browser", "notices"):
        assert word not in kept
        assert word.encode().hex() not in kept
    post.send(Mail.objects.get().pk)
    assert mailoutbox
    assert not Mail.objects.exists()


def test_without_an_address_nothing_is_mailed():
    Notice.objects.tell([AccountFactory()], Kind.PASSWORD_CHANGED)
    assert Notice.objects.exists()
    assert not Mail.objects.exists()


# --- when -----------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_an_act_that_is_undone_is_never_told(account, rung):
    with transaction.atomic():
        Notice.objects.tell([account], Kind.PASSWORD_CHANGED)
        transaction.set_rollback(True)
    assert not Notice.objects.exists()
    assert not Mail.objects.exists()
    assert not rung


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_woken_at_commit_and_again_by_the_sweep(account, rung):
    Notice.objects.tell([account], Kind.PASSWORD_CHANGED)
    mail = Mail.objects.get()
    assert rung == [("accounts.send", str(mail.pk))]
    call_command("sweep", "accounts.mails")
    assert rung == [("accounts.send", str(mail.pk))] * 2
    Mail.objects.claim(mail.pk)
    call_command("sweep", "accounts.mails")
    assert len(rung) == 2, "somebody is at it"


@pytest.mark.django_db(transaction=True)
def test_of_many_who_send_a_mail_at_once_one_does(smtp):
    pk = post_one()
    smtp.stalls_at = b"DATA"

    def send():
        post.send(pk)
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(send) for _ in range(8)]
        assert smtp.asked.wait(10)
        smtp.willing.set()
    assert all(each.exception() is None for each in done)
    assert len(smtp.taken) == 1
    assert not Mail.objects.exists()


def sending(pk, smtp):
    """A process of its own that sends one mail."""
    code = (
        "import django; django.setup(); from uuid import UUID; from accounts import mail;"
        f" mail.send(UUID('{pk}'))"
    )
    environment = processes.environment() | {"EMAIL_URL": smtp.url}
    return subprocess.Popen([sys.executable, "-c", code], cwd=processes.ROOT, env=environment)


def kill_while_sending(pk, smtp, word):
    """A power cut, once the mail server has heard this word; then a worker that takes over."""
    smtp.stalls_at = word
    killed = sending(pk, smtp)
    assert smtp.asked.wait(30)
    post.send(pk)  # another worker finds it taken
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    smtp.willing.set()
    assert Mail.objects.filter(pk=pk).update(lease_until=LONG_AGO)
    assert sending(pk, smtp).wait(30) == 0
    assert not Mail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_while_sending_costs_no_mail_and_doubles_none(smtp):
    kill_while_sending(post_one(), smtp, b"RCPT")
    assert [mail["To"] for mail in smtp.taken] == [ADDRESS]


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_was_handed_over_as_its_worker_died_is_known_by_its_id(smtp):
    """Whether it was taken nobody can know, so it is sent again: as the very same mail."""
    pk = post_one()
    kill_while_sending(pk, smtp, b"DATA")
    assert {mail["Message-ID"].split("@")[0] for mail in smtp.taken} == {f"<{pk}"}


def test_a_try_that_failed_is_repeated_after_its_lease(smtp, caplog):
    pk = post_one()
    smtp.server_close()
    smtp.shutdown()
    post.send(pk)
    assert Mail.objects.filter(pk=pk).exists()
    assert not Mail.objects.free().exists()
    assert ADDRESS not in caplog.text
    assert str(pk) in caplog.text


def test_a_mailbox_that_does_not_exist_is_given_up_at_once(smtp, caplog):
    smtp.refuses = True
    post.send(post_one())
    assert not Mail.objects.exists()
    assert ADDRESS not in caplog.text


def test_what_could_not_be_sent_for_a_day_is_given_up(rung):
    old = post_one()
    Mail.objects.update(posted_at=F("posted_at") - WORTH - timedelta(minutes=1))
    Mail.objects.post(ADDRESS, LETTER)
    new = Mail.objects.exclude(pk=old).get()
    call_command("sweep", "accounts.mails")
    assert list(Mail.objects.all()) == [new]
