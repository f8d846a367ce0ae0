"""Work that one process carries on at a time, and that survives the process."""

from datetime import timedelta

import pytest

from enigm_command.lib.clock import LONG_AGO, ClockNow
from enigm_command.lib.leases import LeaseLost
from enigm_command.lib.models import SweepRun
from enigm_command.lib.sweeps import sweep

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R22")]


@pytest.fixture
def row(db):
    return SweepRun.objects.create(name="tests.work")


def let_time_pass(row):
    SweepRun.objects.filter(pk=row.pk).update(lease_until=LONG_AGO)


def test_only_one_holds_a_lease(row):
    assert SweepRun.objects.claim(row.pk)
    assert SweepRun.objects.claim(row.pk) is None


def test_a_lease_that_ran_out_is_taken_over_with_a_higher_fence(row):
    first = SweepRun.objects.claim(row.pk)
    let_time_pass(row)
    second = SweepRun.objects.claim(row.pk)
    assert second.fence > first.fence


def test_whoever_slept_through_the_lease_changes_nothing_more(row):
    slept = SweepRun.objects.claim(row.pk)
    let_time_pass(row)
    SweepRun.objects.claim(row.pk)
    with pytest.raises(LeaseLost):
        slept.renew(ended_at=ClockNow())
    row.refresh_from_db()
    assert row.ended_at is None


def test_what_is_not_there_cannot_be_claimed(db):
    assert SweepRun.objects.claim("tests.nothing") is None


def test_a_sweep_runs_once_at_a_time_and_notes_its_end(db):
    seen = []

    @sweep
    def tidy(run):
        seen.append(inner())

    def inner():
        return tidy.__name__, SweepRun.objects.claim(NAME)

    NAME = "tests.tidy"
    assert tidy() is True
    assert seen == [("tidy", None)]
    assert SweepRun.objects.get(pk=NAME).ended_at is not None


def test_a_sweep_held_elsewhere_is_left_alone(db):
    @sweep
    def tidy(run):
        raise AssertionError("must not run")

    SweepRun.objects.create(name="tests.tidy")
    SweepRun.objects.claim("tests.tidy")
    assert tidy() is False


def test_a_sweep_that_breaks_is_run_again_after_its_lease(db):
    @sweep
    def tidy(run):
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        tidy()
    run = SweepRun.objects.get(pk="tests.tidy")
    assert run.ended_at is None
    let_time_pass(run)
    with pytest.raises(ValueError, match="broken"):
        tidy()


def test_a_sweep_is_late_after_two_periods_and_the_grace(row):
    periods = {row.name: timedelta(minutes=1)}
    assert SweepRun.objects.late(periods, timedelta(minutes=3)) == []
    SweepRun.objects.update(ended_at=ClockNow() - timedelta(minutes=6))
    assert SweepRun.objects.late(periods, timedelta(minutes=3)) == [row.name]
    assert SweepRun.objects.late({"tests.never": timedelta(1)}, timedelta(0)) == ["tests.never"]
