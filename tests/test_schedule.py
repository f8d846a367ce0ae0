"""What happens by the clock: listed once, runs, and is seen when it does not."""

from datetime import timedelta
from io import StringIO

import pytest
from celery import current_app
from django.core.management import CommandError, call_command
from django.db import connection

from enigm_command.lib.clock import ClockNow
from enigm_command.lib.models import SweepRun
from enigm_command.schedule import SWEEPS

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R22")]


def test_every_sweep_of_the_schedule_is_a_task_and_runs_by_hand():
    said = StringIO()
    call_command("sweep", stdout=said)
    assert said.getvalue().splitlines() == [f"{name}: done" for name in SWEEPS]
    assert set(SweepRun.objects.exclude(ended_at=None).values_list("pk", flat=True)) >= set(SWEEPS)


def test_every_sweep_that_is_written_is_in_the_schedule():
    current_app.loader.import_default_modules()
    written = {name for name, task in current_app.tasks.items() if hasattr(task.run, "is_sweep")}
    assert written == set(SWEEPS)


def test_a_sweep_that_is_none_is_refused_with_the_list():
    with pytest.raises(CommandError, match=r"content\.expire"):
        call_command("sweep", "content.nothing")


def test_a_process_that_answers_is_alive(client):
    assert client.get("/healthz").content == b"alive\n"


def test_ready_means_migrated_and_no_sweep_late(listed, client):
    assert client.get("/readyz").json() == {"ready": True, "wrong": []}


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer_is_named(client):
    address = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nowhere"
    try:
        answer = client.get("/readyz")
    finally:
        connection.settings_dict["HOST"] = address
    assert answer.status_code == 503
    assert answer.json()["wrong"] == ["the database does not answer as it should: OperationalError"]


def test_a_late_sweep_is_named(listed, client):
    late = {
        "listed_at": ClockNow() - timedelta(hours=3),
        "ended_at": ClockNow() - timedelta(hours=3),
    }
    SweepRun.objects.filter(pk="content.expire").update(**late)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["wrong"]) == (503, ["sweep content.expire is late"])
