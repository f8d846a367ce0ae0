"""A test browser that proofreads every page it is shown."""

import re
from datetime import datetime
from typing import Any

import html5lib
from django.test import Client

from accounts import stepup
from enigm_command.lib import clock


class Browser(Client):
    """Django's test client, signed in the way a person is, reading strictly."""

    def sign_in(self, account: Any) -> "Browser":
        """Password and second factor are behind this person."""
        from accounts.factors import EncryptedTOTPDevice

        device = EncryptedTOTPDevice.objects.filter(user=account, confirmed=True).first()
        if device is None:
            device = EncryptedTOTPDevice.objects.create(user=account, name="app", confirmed=True)
        return self.sign_in_with(account, device)

    def sign_in_with(self, account: Any, device: Any) -> "Browser":
        """The same, with a second factor that is known."""
        self.force_login(account)
        return self.remember(
            otp_device_id=device.persistent_id,
            **{stepup.PROVED: [clock.now().isoformat(), account.auth_epoch]},
        )

    def grow_stale(self) -> "Browser":
        """Five minutes pass in which no factor is proved."""
        proved_at, epoch = self.session[stepup.PROVED]
        long_ago = datetime.fromisoformat(proved_at) - stepup.FRESH
        return self.remember(**{stepup.PROVED: [long_ago.isoformat(), epoch]})

    def remember(self, **what: Any) -> "Browser":
        """Change what the session holds."""
        session = self.session
        session.update(what)
        session.save()
        return self

    def press(self, page: Any, words: str, /, **typed: str) -> Any:
        """Press the button with these words on a page that was shown, having typed the rest."""
        html = html5lib.parse(page.content.decode(), namespaceHTMLElements=False)
        form = next(
            form
            for form in html.iter("form")
            if any(words in "".join(button.itertext()) for button in form.iter("button"))
        )
        held: dict[str, list[str]] = {}
        for field in form.iter("input"):
            if field.get("type") == "hidden":
                held.setdefault(field.get("name"), []).append(field.get("value", ""))
        return self.post(form.get("action"), {**held, **typed})

    def request(self, **request: Any) -> Any:
        """Every HTML answer is read before the test sees it."""
        response = super().request(**request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if is_page and response.content:  # a redirect has nothing to read
            proofread_once(response.content.decode())
        return response


VARYING = re.compile(r"[0-9A-Za-z_-]{32,}|[0-9]+")  # tokens, IDs, times and counts
_proofread: set[str] = set()


def proofread_once(html: str) -> None:
    """Read a page, unless one was read that differs in nothing but what varies by itself."""
    shape = VARYING.sub("0", html)
    if shape not in _proofread:
        proofread(html)
        _proofread.add(shape)


def proofread(html: str) -> None:
    """What must hold on every page, errors included."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    page = parser.parse(html)
    assert not parser.errors, parser.errors
    headings = page.findall(".//h1")
    assert len(headings) == 1, f"a page has one h1, this has {len(headings)}"
    said = " ".join("".join(headings[0].itertext()).split())
    title = page.findtext(".//title").removeprefix("Error: ")
    assert title.startswith(said), f"the title {title!r} begins with the h1 {said!r}"
    _nothing_inline(page)
    _forms_are_complete(page)
    _ids_are_unique(page)


def _nothing_inline(page: Any) -> None:
    assert not page.findall(".//*[@style]"), "no style attributes"
    for element in page.iter():
        handlers = [name for name in element.attrib if str(name).startswith("on")]
        assert not handlers, f"no inline handlers: {handlers}"
    inline = [
        s for s in page.iter("script") if not s.get("src") and s.get("type") != "application/json"
    ]
    assert not inline, "no inline scripts"
    assert not list(page.iter("style")), "no inline styles"


def _forms_are_complete(page: Any) -> None:
    for form in page.iter("form"):
        assert form.get("action"), "a form says where it goes"
        if form.get("method", "get").lower() == "post":
            names = {field.get("name") for field in form.iter("input")}
            assert "csrfmiddlewaretoken" in names, "a form that changes something carries its token"


def _ids_are_unique(page: Any) -> None:
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), "ids are unique"
