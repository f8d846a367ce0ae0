"""The demo's own instruments: a check is worth what its scales are worth."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest
from django_otp.oath import hotp

from enigm_command.demo import authenticator, story
from enigm_command.demo.authenticator import Authenticator
from enigm_command.demo.browser import Browser
from enigm_command.demo.wire import Surprise

SEED = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"  # RFC 6238, appendix B
FORM = """<!doctype html><html><head><title>Form</title></head><body><h1>Form</h1>
<form method="post" action="/sent?way=plain" id="main"><input type="hidden" name="token" value="t1">
<input name="name" value="before"><textarea name="note">\nas it was</textarea>
<input type="radio" name="plan" value="team"><input type="radio" name="plan" value="solo" checked>
<input type="checkbox" name="accepts"><input type="checkbox" name="kept" checked>
<select name="member"><option value="">Choose</option><option value="7">Lena <b>Hoff</b></option>
</select><p>Unclosed<button name="go" value="1">Send it</button></form>
<input type="checkbox" form="many" name="pick" value="3">
<form id="many" method="post" action="/sent"><button formaction="/sent?way=other">Do many</button>
</form></body></html>"""


class Site(BaseHTTPRequestHandler):
    """A form, what was sent by it, and nothing else."""

    def do_GET(self) -> None:
        if self.path == "/":
            self.answer(200, FORM)
        else:
            self.answer(404, "<!doctype html><title>No</title><h1>Nothing &amp; nobody here</h1>")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.answer(200, f"{urlsplit(self.path).query} {parse_qsl(body, keep_blank_values=True)}")

    def answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_browser_sends_what_a_person_would(site):
    browser = Browser(site)
    browser.open("/")
    sent = browser.press("Send it", name="Quay", plan="team", accepts=True, member="Lena Hoff")

    assert sent.words == "way=plain " + str(
        [
            ("token", "t1"),
            ("name", "Quay"),
            ("note", "as it was"),
            ("plan", "team"),
            ("accepts", "on"),
            ("kept", "on"),
            ("member", "7"),
            ("go", "1"),
        ]
    )


def test_fields_and_buttons_may_stand_outside_their_form(site):
    browser = Browser(site)
    browser.open("/")

    assert browser.press("Do many", pick="3").words == "way=other [('pick', '3')]"


def test_a_surprise_says_where_it_was_and_what_was_seen(site):
    browser = Browser(site)
    with pytest.raises(Surprise, match=r"GET /nowhere → 404 .*: expected 200.*Nothing & nobody"):
        browser.open("/nowhere")
    browser.open("/")
    with pytest.raises(Surprise, match="there is no button 'Delete all'"):
        browser.press("Delete all")
    with pytest.raises(Surprise, match="the form has no field price"):
        browser.press("Send it", price="0")


def test_the_story_ends_with_the_first_step_that_fails(site, capsys, settings):
    settings.DEBUG = True
    (told,) = story.tell(site)

    assert not told.went_well
    assert "FAILED  Paula signs up" in capsys.readouterr().out


def test_codes_are_those_of_any_authenticator_and_never_repeat(monkeypatch):
    now = 1_900_000_000
    monkeypatch.setattr(authenticator.time, "time", lambda: now)
    app = Authenticator(SEED)
    codes = [app.code() for _ in range(3)]

    steps = [now // 30 + apart for apart in (-1, 0, 1)]
    assert codes == [f"{hotp(b'12345678901234567890', step):06}" for step in steps]
