"""The policy page: choose, see what would be lost, confirm; and what held before."""

from datetime import timedelta

import pytest
from django.urls import reverse

from enigm_command.lib import clock
from servers.actions import set_policy_bound
from servers.models import PolicyVersion
from servers.policy import bound_for, codes_of
from tests.browser import Browser
from tests.codes import fresh_code, wrong_code
from tests.factories import OperatorFactory
from tests.objects import available, member_of, store
from tests.policies import DAY, HOUR, MONTH, change
from tests.support import actions_of, events_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R23")]


class Panel(Browser):
    """Ada at the policy of her server."""

    def choose(self, server, **codes):
        """The review of what is in force but for these."""
        chosen = codes_of(PolicyVersion.objects.in_force(server.pk)) | codes
        return self.get(reverse("policy-review", args=[server.pk]), chosen)

    def confirm(self, shown, **typed):
        """Save what was reviewed."""
        return self.press(shown, "Save policy", **{"code": fresh_code(self.account), **typed})


@pytest.fixture
def panel(ada):
    panel = Panel().sign_in(ada.warrant.account)
    panel.account = ada.warrant.account
    return panel


@pytest.fixture
def url(server):
    return reverse("policy", args=[server.pk])


def in_force(server):
    return PolicyVersion.objects.in_force(server.pk)


def words_of(answer):
    return " ".join(answer.content.decode().split())


def test_the_page_shows_every_setting_as_it_is(panel, url):
    text = words_of(panel.get(url))
    for words in (
        "Messages live at most",
        '<option value="2592000" selected>30 days',
        '<option value="3600">1 hour',
        "Asking again after a rejection",
        "Made with the server",
        "No rule lets an object live longer than 30 days",
    ):
        assert words in text


def test_the_review_counts_and_changes_nothing(panel, server, uma):
    for _ in range(2):
        store(uma, authored_at=clock.now() - timedelta(hours=2))
    shown = panel.choose(server, message_lifetime=HOUR)
    assert "Save policy and lose 2 objects" in words_of(shown)
    assert '30 days</td><td data-label="Then">1 hour' in words_of(shown)
    assert (in_force(server).number, len(available(member_of(server)))) == (1, 2)
    assert not events_of(server)


def test_confirming_does_it(panel, server, uma):
    store(uma, authored_at=clock.now() - timedelta(hours=2))
    answer = panel.confirm(panel.choose(server, message_lifetime=HOUR))
    assert answer.url == reverse("policy", args=[server.pk])
    assert "Version 2 of the policy is in force." in words_of(panel.get(answer.url))
    assert available(member_of(server)) == set()
    assert events_of(server)[0].data["unavailable"] == 1


def test_what_takes_nothing_away_is_reviewed_without_a_red_number(panel, server):
    shown = panel.choose(server, joins_open=0)
    assert "become unavailable" not in words_of(shown)
    assert 'open</td><td data-label="Then">paused' in words_of(shown)
    panel.confirm(shown)
    assert not in_force(server).joins_open


def test_a_wrong_code_changes_nothing_and_is_in_the_log(panel, server, ada):
    device = ada.warrant.account.encryptedtotpdevice_set.get()
    answer = panel.confirm(panel.choose(server, joins_open=0), code=wrong_code(device))
    assert answer.status_code == 200
    assert in_force(server).number == 1
    assert actions_of(server) == ["policy.changed refused"]


def test_a_confirmation_is_for_exactly_the_version_that_was_shown(panel, server):
    shown = panel.choose(server, joins_open=0)
    held = {"confirmation": shown.context["form"].confirmation.pk}
    other = reverse(
        "policy-review",
        args=[server.pk],
        query=codes_of(in_force(server)) | {"message_lifetime": HOUR},
    )
    answer = panel.post(other, {**held, "code": fresh_code(panel.account)})
    assert (answer.status_code, in_force(server).number) == (200, 1)


def test_a_review_from_before_anothers_change_is_asked_anew(panel, server, oren):
    shown = panel.choose(server, joins_open=0)
    change(server, by=oren, queue_cap=50)
    answer = panel.confirm(shown)
    assert (answer.status_code, in_force(server).number) == (200, 2)
    assert "50 people" in words_of(answer)  # it would undo the other's change, and says so


def test_the_same_again_is_said_and_not_asked(panel, server, url):
    answer = panel.choose(server)
    assert answer.url == url
    assert "Nothing was changed." in words_of(panel.get(url))


@pytest.mark.parametrize("typed", [{"message_lifetime": 31 * DAY}, {"queue_cap": "many"}])
def test_what_is_not_offered_is_said_at_its_field(panel, server, typed):
    chosen = codes_of(in_force(server)) | typed
    answer = panel.get(reverse("policy-review", args=[server.pk]), chosen)
    assert "There is a problem" in words_of(answer)
    assert "choose one of the values offered." in words_of(answer)


def test_what_the_address_does_not_say_stays_as_it_is(panel, server):
    answer = panel.get(reverse("policy-review", args=[server.pk]), {"message_lifetime": DAY})
    assert [each.setting.name for each in answer.context["draft"].changes] == ["message_lifetime"]
    nothing = panel.get(reverse("policy-review", args=[server.pk]))
    assert "There is a problem" not in words_of(nothing)


# --- history --------------------------------------------------------------------------------------
def test_the_history_says_who_when_and_old_and_new(panel, server, url, oren):
    change(server, by=oren, message_lifetime=7 * DAY)
    text = words_of(panel.get(url))
    assert "Messages live at most: 30 days → 7 days" in text
    assert ">oren</a>" in text
    assert "Put back<span" in text


def test_an_old_version_is_put_back_by_way_of_the_review_and_revives_nothing(
    panel, server, uma, oren, url
):
    store(uma, authored_at=clock.now() - timedelta(hours=2))
    change(server, by=oren, message_lifetime=HOUR, queue_cap=50)
    line = panel.get(url).context["history"].lines[-1]
    shown = panel.get(f"{reverse('policy-review', args=[server.pk])}?{line.query}")
    assert "Nothing that is gone comes back." in words_of(shown)
    panel.confirm(shown)
    assert codes_of(in_force(server)) == codes_of(line.version)
    assert (in_force(server).number, available(member_of(server))) == (3, set())


def test_a_long_history_goes_on_on_the_next_page(panel, server, url, oren, monkeypatch):
    monkeypatch.setattr("lifecycle.policy_history.SIZE", 2)
    for state in (0, 1, 0):
        change(server, by=oren, joins_open=state)
    first = panel.get(url).context["history"]
    second = panel.get(url, {"before": first.before}).context["history"]
    numbers = [[line.version.number for line in page.lines] for page in (first, second)]
    assert (numbers, second.before) == ([[4, 3], [2, 1]], None)
    assert second.lines[-1].event is None


@pytest.mark.requirement("R28")
def test_the_log_shows_old_and_new_in_words(panel, server, oren):
    change(server, by=oren, media_lifetime=DAY)
    for address in (
        reverse("log", args=[server.pk]),
        reverse("log-entry", args=[server.pk, 0]),
    ):
        text = words_of(panel.get(address))
        assert "changed the policy: version 2" in text
        assert "30 days → 1 day" in text
    table = panel.post(reverse("log-table", args=[server.pk])).getvalue().decode()
    assert "Media live at most: 30 days to 1 day" in table


# --- bounds ---------------------------------------------------------------------------------------
@pytest.fixture
def bounded(db):
    def say(name, **said):
        set_policy_bound(bound_for(name, **said), by=OperatorFactory().authority)

    return say


def test_a_locked_setting_is_shown_as_such_and_cannot_be_sent(panel, server, url, bounded):
    bounded("message_lifetime", default=MONTH, least=HOUR, most=MONTH, locked=True)
    text = words_of(panel.get(url))
    assert "Fixed by the platform." in text
    panel.confirm(panel.choose(server, message_lifetime=HOUR, joins_open=0))
    assert in_force(server).message_lifetime == timedelta(days=30)
    assert not in_force(server).joins_open


def test_only_steps_within_the_bounds_are_offered_and_the_one_in_force(panel, url, bounded):
    bounded("message_lifetime", default=DAY, least=DAY, most=7 * DAY, locked=False)
    form = panel.get(url).context["form"]
    assert [code for code, _ in form.fields["message_lifetime"].choices] == [DAY, 7 * DAY, MONTH]


def test_a_bound_that_moved_meanwhile_is_said(panel, server, bounded):
    shown = panel.choose(server, message_lifetime=14 * DAY)
    bounded("message_lifetime", default=DAY, least=DAY, most=7 * DAY, locked=False)
    answer = panel.confirm(shown)
    assert "There is a problem" in words_of(answer)
    assert in_force(server).number == 1


# --- what it decides elsewhere --------------------------------------------------------------------
@pytest.mark.requirement("R14")
def test_a_removal_suggests_what_the_policy_says(panel, server, uma, oren):
    address = reverse("member-removal", args=[server.pk, uma.membership.pk])
    keeps = words_of(panel.get(address))
    change(server, by=oren, removal_deletes=1)
    deletes = words_of(panel.get(address))
    mark = "Suggested by your policy"
    assert keeps.index(mark) < keeps.index("Others can still open it")
    assert deletes.index(mark) > deletes.index("Others can still open it")


def test_the_settings_lead_to_the_policy(panel, server, url):
    assert f'href="{url}"' in words_of(panel.get(reverse("settings", args=[server.pk])))
