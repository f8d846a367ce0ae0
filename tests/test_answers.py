"""What is said after an act was tried: that it is done, or why it was refused."""

import pytest
from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import RequestFactory

from enigm_command.lib.answers import answering

SAID = {KeyError: "It is not there.", (TypeError, ValueError): "It does not fit."}


@pytest.fixture
def request_():
    request = RequestFactory().post("/")
    request._messages = CookieStorage(request)
    return request


def said_of(request):
    return [(message.level_tag, str(message)) for message in messages.get_messages(request)]


def act(request, error=None):
    with answering(request, SAID):
        if error:
            raise error
        messages.success(request, "It is done.")


def test_what_is_done_is_said(request_):
    act(request_)
    assert said_of(request_) == [("success", "It is done.")]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KeyError(), "It is not there."),
        (ValueError(), "It does not fit."),
        (UnicodeError(), "It does not fit."),  # a kind of ValueError
    ],
)
def test_a_refusal_is_said_in_its_own_words_and_nothing_else(request_, error, words):
    act(request_, error)
    assert said_of(request_) == [("warning", words)]


def test_any_other_error_goes_on(request_):
    with pytest.raises(ZeroDivisionError):
        act(request_, ZeroDivisionError())
    assert said_of(request_) == []
