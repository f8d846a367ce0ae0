"""A whole day of the product with real processes, over HTTP: the story of the demo, and more."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from base64 import b32encode
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.request import HTTPCookieProcessor

from accounts.models import EncryptedTOTPDevice
from enigm_command.demo import story
from enigm_command.demo.app import App
from enigm_command.demo.authenticator import STEP, present
from enigm_command.demo.browser import Browser, Page
from enigm_command.demo.buying import RECOVERY_CODE
from enigm_command.demo.people import People
from enigm_command.demo.wire import Answer, Line, wait_for
from enigm_command.devstack import issuer
from tests import processes
from tests.smtp import MailServer

ADDRESS = "203.0.113.77"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0 wilhelmina"
TYPED = {
    "display name": "Wilhelmina Canary",
    "note": "I am the aunt of the person with the yellow scarf",
    "e-mail": "paula.of.the.studio@canary.example",
    "server name": "Aviary of Saint Columba",
    "wrong password": "not the password that it was",
    "wrong server name": "Aviary of Saint Colomba",
    "reason": "Because of the feathers in the corridor",
    "device": "device-of-wilhelmina-0042",
    "address": ADDRESS,
    "browser": BROWSER,
    "browser's label": "Firefox on Linux",
}


class Product:
    """A web server and a worker of the product, that write down all they are told to."""

    def __init__(self, folder: Path) -> None:
        self.logs, self.post = folder, MailServer()
        self.port = free_port()
        self.site = f"http://localhost:{self.port}"
        self.environment = processes.environment(
            SITE_URL=self.site,
            LOG_LEVEL="DEBUG",
            BEHIND_PROXY="1",
            EMAIL_URL=self.post.url,
        )

    def __enter__(self) -> "Product":
        bind = ["--bind", f"127.0.0.1:{self.port}"]
        threads = ["--worker-class", "gthread", "--threads", "4", "--no-control-socket"]
        web = ["-m", "gunicorn", "enigm_command.wsgi", *bind, *threads, "--log-level", "debug"]
        self.running = [
            self.start("web", web),
            self.start("worker", [*processes.WORKER, "--loglevel", "DEBUG"]),
        ]
        wait_for("the web server", self.answers)
        return self

    def __exit__(self, *raised: object) -> None:
        for process in self.running:
            process.send_signal(signal.SIGTERM)
        for process in self.running:
            process.wait(30)
        self.post.shutdown()
        self.post.server_close()

    def start(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        with (self.logs / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, *command],
                cwd=processes.ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def answers(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class Watched(Browser):
    """A browser whose every page is looked at for what must not be found afterwards."""

    def __init__(self, day: "Day") -> None:
        super().__init__(day.product.site)
        self.day = day
        day.seen_from(self.line)

    @property
    def cookies(self) -> CookieJar:
        (jar,) = (
            each.cookiejar
            for each in self.line._opener.handlers
            if isinstance(each, HTTPCookieProcessor)
        )
        return jar

    def _show(self, answer: Answer) -> Page:
        page = super()._show(answer)
        self.day.remember(self)
        return page


class Day:
    """What happens, and everything in it that must not be found afterwards."""

    def __init__(self, product: Product) -> None:
        self.product, self.secrets = product, dict(TYPED)
        self.codes: set[str] = set()  # of the authenticator: six digits stand in any noise
        self.people = People(product.site)
        for app in (self.people.lena, self.people.ines, self.people.marek):
            self.known_as(app)
        self.people.paula = Watched(self)

    def goes_by(self) -> None:
        """The demo's story, with what the demo leaves out."""
        for step in story.STEPS:
            self.codes_are_good_again()
            step(self.people)
        self.people_mistype()
        self.an_address_is_added()
        self.somebody_joins_and_is_removed()
        self.remember_the_people()

    def people_mistype(self) -> None:
        """A wrong password, a wrong code, and then one of the recovery codes."""
        other = Watched(self)
        other.open("/sign-in/")
        username = self.people.username
        other.press("Continue", username=username, password=TYPED["wrong password"])
        other.press("Continue", username=username, password=self.people.password)
        other.press("Sign in", code="000000")
        other.open("/sign-in/recovery-code/")
        known = {"username": username, "password": self.people.password}
        other.press("Sign in", **known, code=self.recovery_codes[0])
        other.press("Sign out")

    def an_address_is_added(self) -> None:
        paula = self.people.paula
        paula.open("/account/email/")
        paula.press("Mail me the link", address=TYPED["e-mail"])
        (mail,) = wait_for("the mail", lambda: self.product.post.taken)
        link = re.search(r"/account/email/([^/\s]+)/", mail.get_body(("plain",)).get_content())
        self.secrets["link in a mail"] = link[1]
        paula.open(link[0])
        paula.press("Confirm the address")

    def somebody_joins_and_is_removed(self) -> None:
        people, app = self.people, App(self.product.site, "subject-7714", TYPED["display name"])
        self.known_as(app)
        wish = {"server_id": people.server_id, "secret": app.secret}
        told = {"display_name": TYPED["display name"], "note": TYPED["note"]}
        app._call("POST", "/join-requests", json.dumps(wish | told).encode(), type="json").expect(
            202
        )
        paula = people.paula
        paula.open(f"{people.server}join-requests/")
        paula.press(f"Approve {app.name}")
        paula.open(f"{people.server}members/")
        paula.follow(f"Remove {app.name}")
        paula.press(f"Remove {app.name}")
        paula.open(f"{people.server}settings/")
        paula.press("Save", name=TYPED["server name"])

    def server_ends(self) -> None:
        """Deleted by its owner, and the days until then are over at once."""
        people, paula = self.people, self.people.paula
        paula.open(f"{people.server}deletion/")
        for name in (TYPED["wrong server name"], TYPED["server name"]):
            self.codes_are_good_again()
            code = people.authenticator.code()
            paula.press("Delete this server", name=name, code=code)

    def codes_are_good_again(self) -> None:
        """As if the last one had been long ago: nobody waits half a minute."""
        EncryptedTOTPDevice.objects.update(last_t=-1, drift=0, throttling_failure_count=0)
        if authenticator := getattr(self.people, "authenticator", None):
            authenticator._last = 0
            step = int(time.time()) // STEP
            self.codes |= {present(authenticator._key, step + apart) for apart in (-1, 0, 1)}

    def known_as(self, app: App) -> None:
        """This app's device has a name of its own, and its line looks like any other."""
        subject = f"subject-of-{app.name.lower().replace(' ', '-')}"
        app.token = issuer.issue(subject, device=f"{TYPED['device']}-{subject}")
        self.secrets |= {f"subject {app.name}": subject, f"secret of {app.name}": app.secret}
        self.secrets |= {f"name of {app.name}": app.name, f"token of {app.name}": app.token}
        self.seen_from(app.line)

    def seen_from(self, line: Line) -> None:
        """Every request names the address and the browser it comes from."""
        line._opener.addheaders = [("User-Agent", BROWSER), ("X-Forwarded-For", ADDRESS)]

    def remember(self, browser: Watched) -> None:
        """The keys of the session, the form's token, and codes: as they are on this page."""
        seen = [each.value for each in browser.cookies]
        seen += re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.page.answer.text)
        if browser.page.path == "/recovery-codes/":
            self.recovery_codes = re.findall(RECOVERY_CODE, browser.page.words)
            seen += [*self.recovery_codes, *(code.replace(" ", "") for code in self.recovery_codes)]
        self.secrets |= {f"{text[:8]}… of {browser.page.path}": text for text in seen}

    def remember_the_people(self) -> None:
        people = self.people
        self.secrets["password"] = people.password
        self.secrets["set-up key"] = b32encode(people.authenticator._key).decode()
        self.secrets["key of the conversation"] = str(people.talk.identity)
        self.secrets |= {
            f"plaintext {number}": sent.plain.decode()
            for number, sent in enumerate(people.sent.values())
            if len(sent.plain) < 100
        }
