"""What is refused before any page is asked, and how errors leave."""

import json
import logging

import pytest
from django.db import DataError, OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enigm_command.lib import locator, throttle
from enigm_command.lib.throttle import LIMITS
from membership.models import JoinRequest
from tests.app import App
from tests.browser import Browser
from tests.factories import AccountFactory
from tests.test_headers import failing_with

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R30")]

STATUS = "/api/v1/join-requests/" + "A" * 43
ASK = "/api/v1/join-requests"


@pytest.fixture
def visitor():
    return Browser(raise_request_exception=False)


@pytest.fixture
def phone():
    app = App("uma")
    app.raise_request_exception = False
    return app


@pytest.fixture
def signed_in():
    return Browser(raise_request_exception=False).sign_in(AccountFactory())


# --- methods --------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PUT", "PATCH", "CONNECT", "BREW"])
@pytest.mark.parametrize("path", ["/", "/servers/", STATUS, "/static/css/app.css", "/nowhere/"])
def test_methods_that_nothing_here_takes_are_refused_everywhere(visitor, method, path):
    answer = visitor.generic(method, path, "body", headers={"x-secret": "repeated"})
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, POST, DELETE"
    assert b"repeated" not in answer.content


def test_the_api_says_which_method_an_address_takes(phone):
    answer = phone.get(ASK)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert answer.json()["code"] == "method_not_allowed"


def test_the_address_of_a_form_shows_a_page_with_a_way_out(signed_in):
    answer = signed_in.get(reverse("sign-out"))
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert 'href="/servers/"' in answer.content.decode()


# --- hosts and proxies ----------------------------------------------------------------------------
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "a b", "", "x:y:z"])
def test_another_host_name_is_answered_nothing(visitor, phone, host):
    assert visitor.get("/", headers={"host": host}).status_code == 400
    answer = phone.get(STATUS, headers={"host": host})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_host")


def test_a_forwarded_host_is_never_believed(visitor):
    answer = visitor.get("/servers/", headers={"x-forwarded-host": "evil.example"})
    assert "evil" not in answer.url + answer.content.decode()


@pytest.mark.parametrize(("proxies", "status"), [(0, 301), (1, 200)])
def test_only_a_trusted_proxy_says_that_a_request_came_by_https(settings, proxies, status):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = proxies and ("HTTP_X_FORWARDED_PROTO", "https")
    assert Client().get("/", headers={"x-forwarded-proto": "https"}).status_code == status


def test_the_api_refuses_to_be_asked_in_the_clear(settings, phone):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_SSL_HOST = True, "command.example.org"
    answer = phone.get(STATUS)
    assert (answer.status_code, answer.json()["code"]) == (403, "https_needed")
    assert "Location" not in answer.headers
    assert phone.get(STATUS, secure=True).status_code == 200


# --- other sites ----------------------------------------------------------------------------------
LINK = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
FRAME = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}
PICTURE = {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}
FETCH = {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_on_another_site_leads_here_and_nothing_else_does(signed_in, site):
    assert signed_in.get("/servers/", headers={"sec-fetch-site": site, **LINK}).status_code == 200
    for how in (FRAME, PICTURE, FETCH, {}):
        answer = signed_in.get("/servers/", headers={"sec-fetch-site": site, **how})
        assert answer.status_code == 403
        assert "Another site asked for this" in answer.content.decode()


@pytest.mark.parametrize("how", [LINK, FRAME, FETCH])
@pytest.mark.parametrize("method", ["post", "delete"])
def test_nothing_is_changed_for_another_site(signed_in, method, how):
    headers = {"sec-fetch-site": "cross-site", **how}
    assert getattr(signed_in, method)(reverse("sign-out"), headers=headers).status_code == 403
    assert signed_in.get("/servers/").status_code == 200


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_our_own_pages_and_what_people_type_are_answered(signed_in, site):
    for how in (LINK, FETCH):
        assert (
            signed_in.get("/servers/", headers={"sec-fetch-site": site, **how}).status_code == 200
        )


def test_the_api_takes_no_cookies_and_so_answers_anywhere(signed_in, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = signed_in.get("/api/v1/openapi.json", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 200
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert signed_in.get(STATUS).status_code == 401


# --- bodies ---------------------------------------------------------------------------------------
UNREADABLE = {
    "not JSON": ("{", "it is not JSON from character 1 on"),
    "a name given twice": ('{"a": 1, "a": 2}', "a name is repeated in it"),
    "a number that is none": ('{"a": NaN}', "NaN is no number of JSON"),
    "nested without end": ("[" * 40_000, "it is nested too deeply"),
    "in another encoding": ('{"a": "é"}'.encode("latin-1"), "byte 7 is not UTF-8"),
}


@pytest.mark.parametrize(("body", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_refused_with_the_reason(phone, body, reason):
    answer = phone.post(ASK, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable_body")
    assert answer.json()["detail"] == f"The body cannot be read: {reason}."


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/json-patch", "application/json; x=y", "text/json", ""]
)
def test_json_is_taken_under_its_own_name_only(phone, kind):
    answer = phone.post(ASK, "{}", content_type=kind)
    assert (answer.status_code, answer.json()["code"]) == (415, "not_json")


@pytest.mark.parametrize("size", [70_000, 3_000_000])
def test_too_long_a_body_is_refused_with_its_own_status(phone, visitor, size):
    answer = phone.post(ASK, '"' + "x" * size + '"', content_type="application/json")
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_too_long_a_form_is_answered_by_a_page(visitor):
    answer = visitor.post(reverse("sign-in"), {"username": "x" * 3_000_000})
    assert answer.status_code == 413
    assert "That was too large" in answer.content.decode()


# --- our own failures -----------------------------------------------------------------------------
@pytest.mark.parametrize("debug", [False, True])
def test_a_bug_in_the_api_tells_nothing_of_itself(phone, settings, debug, caplog):
    settings.DEBUG = debug
    with failing_with(DataError("row contents")):
        answer = phone.get(STATUS)
    assert answer.status_code == 500
    assert answer.json() == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "Something went wrong on our side. The error has been noted.",
        "code": "internal_server_error",
    }
    assert "Internal Server Error" in caplog.text


def test_a_bug_in_a_page_tells_nothing_of_itself(signed_in):
    with failing_with(DataError("row contents")):
        answer = signed_in.get("/servers/")
    assert answer.status_code == 500
    assert "row contents" not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("debug", [False, True])
def test_without_its_database_everything_says_so_and_nothing_opens(settings, debug, caplog):
    settings.DEBUG = debug
    browser = Browser(raise_request_exception=False).sign_in(AccountFactory())
    phone = App("uma")
    address = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nowhere"
    try:
        page, form = (
            browser.get("/servers/"),
            browser.post(reverse("sign-in"), {"username": "a", "password": "b"}),
        )
        answer = phone.get(STATUS)
        assert Client().get("/").status_code == Client().get("/healthz").status_code == 200
    finally:
        connection.settings_dict["HOST"] = address
    for each in (page, form):
        assert each.status_code == 503
        assert "Not available for a moment" in each.content.decode()
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == page.headers["Retry-After"] == "30"
    assert "the database did not answer: OperationalError (no connection)" in caplog.text


def test_what_may_not_be_counted_may_not_be_tried(visitor, phone, server):
    """The counting fails, and nothing else: the door stays closed all the same."""

    def fail(execute, sql, params, many, context):
        if "lib_throttlebucket" in sql:
            raise OperationalError("disk full")
        return execute(sql, params, many, context)

    account = AccountFactory(username="ada")
    with connection.execute_wrapper(fail):
        typed = {"username": account.username, "password": "correct horse battery"}
        assert visitor.post(reverse("sign-in"), typed).status_code == 503
        assert phone.ask(server.locator).status_code == 503
    assert not JoinRequest.objects.exists()


# --- waiting --------------------------------------------------------------------------------------
def test_a_person_reads_how_long_to_wait_and_a_program_is_told(visitor, phone, monkeypatch):
    monkeypatch.setitem(LIMITS, "sign-up", throttle.Limit(1, throttle.HOUR))
    monkeypatch.setitem(LIMITS, "join-subject", throttle.Limit(1, throttle.HOUR))
    for number in range(2):
        typed = {"username": f"nora{number}", "password": "seven unlikely words"}
        page = visitor.post(reverse("sign-up"), typed)
        visitor.logout()
        answer = phone.ask(locator.make())
    assert page.status_code == answer.status_code == 429
    assert "Please wait 1 hour before you try again" in page.content.decode()
    assert 3590 <= int(page.headers["Retry-After"]) <= 3600
    assert answer.json()["code"] == "too_many"
    assert 3590 <= int(answer.headers["Retry-After"]) <= 3600


# --- reports of the content policy ----------------------------------------------------------------
PLACE = "http://testserver/servers/0e6fbd6a-5d3d-4d6b-8a35-5b25bd2c2a3a/content/?after=secret#x"
OLDER = {
    "csp-report": {
        "document-uri": PLACE,
        "effective-directive": "script-src-elem",
        "blocked-uri": "https://evil.example/secret",
        "script-sample": "secret",
    }
}
NEWER = [
    {
        "type": "csp-violation",
        "url": PLACE,
        "user_agent": "secret",
        "body": {"documentURL": PLACE, "effectiveDirective": "script-src-elem", "sample": "secret"},
    }
] * 2


def report(client, body, kind="application/reports+json"):
    return client.post(reverse("content-policy-reports"), body, content_type=kind)


@pytest.mark.parametrize("body", [OLDER, NEWER], ids=["older", "newer"])
def test_of_a_report_the_log_keeps_the_directive_and_the_kind_of_page(signed_in, caplog, body):
    with caplog.at_level(logging.WARNING):
        assert report(signed_in, json.dumps(body)).status_code == 204
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "the content policy stopped script-src-elem on /servers/<uuid:server_id>/content/"
    ]


def test_a_report_about_no_page_of_ours_names_none(visitor, caplog):
    told = {"document-uri": "https://evil.example/secret", "effective-directive": "img-src"}
    assert report(visitor, json.dumps({"csp-report": told})).status_code == 204
    assert "stopped img-src on no page of ours" in caplog.text
    assert "secret" not in caplog.text


def test_who_reports_is_not_asked_and_not_told_anything(signed_in):
    """No session is looked up and no token is needed: a browser sends none by itself."""
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = signed_in.cookies
    with CaptureQueriesContext(connection) as asked:
        answer = report(
            careful, '{"csp-report": {"document-uri": "/", "effective-directive": "a-b"}}'
        )
    assert (answer.status_code, answer.content) == (204, b"")
    assert not answer.cookies
    assert not [query for query in asked if "accounts_" in query["sql"]]


NO_REPORT = [
    *["", "{", "5", "[]x", '{"csp-report": 5}', '[{"body": null}]', '{"csp-report": {}}', "[[]]"],
    '{"csp-report": {"document-uri": "/", "effective-directive": "x\\ny"}}',
]


@pytest.mark.parametrize("body", NO_REPORT)
def test_what_is_no_report_is_refused(visitor, body, caplog):
    assert report(visitor, body).status_code == 400
    assert "stopped" not in caplog.text


def test_reports_do_not_flood_the_log(visitor, caplog):
    body = '{"csp-report": {"document-uri": "/", "effective-directive": "img-src"}}'
    answers = [report(visitor, body).status_code for _ in range(25)]
    assert answers == [204] * 20 + [429] * 5
    assert caplog.text.count("stopped") == 20
