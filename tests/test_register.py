"""The register of records names every column once, and says of each what is so."""

import re
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, models

from audit.vocabulary import Action
from content import partitions
from enigm_command.lib.fields import SealedText, WordMarks
from enigm_command.lib.records import FOR_GOOD, Class, Column, Reader, Record
from enigm_command.register import PARTS, REGISTER
from enigm_command.retention import BY_THE_CLOCK, ending_with_their_server
from enigm_command.schedule import SWEEPS
from servers.records import RETENTION

pytestmark = pytest.mark.requirement("R27")

ROOT = Path(__file__).resolve().parent.parent
WITH_MODEL = [record for record in REGISTER if not isinstance(record.model, str)]
SEALED_ELSEWHERE = {"lib_datakey.wrapped", "audit_private.sealed"}  # by the vault, not by a field
NUMBERS = (models.IntegerField, models.DurationField)
FITTING: dict[Class, tuple[type[models.Field], ...]] = {
    Class.CIPHERTEXT: (models.BinaryField,),
    Class.HANDLE: (models.UUIDField, models.CharField),
    Class.KEYED_HASH: (WordMarks, models.BinaryField, models.UUIDField, models.CharField),
    Class.COARSE_TIME: (models.DateField,),  # times among them
    Class.COUNT: NUMBERS,
    Class.PERSON: (models.ForeignKey, models.CharField),
}


def each(records: list[Record]) -> list[tuple[str, Column, models.Field]]:
    """Every column of these tables: its name, what is said of it, and what it is."""
    return [
        (f"{record.table}.{name}", column, record.model._meta.get_field(name))
        for record in records
        for name, column in record.columns.items()
    ]


COLUMNS = each(WITH_MODEL)


def registered() -> list[tuple[str, str]]:
    return [(record.table, fact.name) for record in REGISTER for fact in record.facts]


# --- every column, once ---------------------------------------------------------------------------
@pytest.mark.django_db
def test_every_column_of_the_database_is_in_the_register_and_nothing_else_is():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name NOT LIKE %s",
            [f"{partitions.TABLE}\\_%"],  # the days repeat what their parent says
        )
        standing = set(cursor.fetchall())
    assert set(registered()) == standing


def test_every_field_of_every_model_is_in_the_register():
    fields = {
        (model._meta.db_table, field.column)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
    }
    assert fields <= set(registered())


def test_no_column_is_in_the_register_twice():
    twice = [name for name, times in Counter(registered()).items() if times > 1]
    assert not twice


def test_a_record_that_names_no_column_fails():
    wrong = Record(
        WITH_MODEL[0].model,
        "Wrong",
        (Reader.PROGRAM,),
        FOR_GOOD,
        {"no_such_column": Column(Class.COUNT, "nothing")},
    )
    with pytest.raises(Exception, match="no_such_column"):
        list(wrong.facts)


# --- every class fits -----------------------------------------------------------------------------
def fits(name: str, column: Column, field: models.Field) -> bool:
    if isinstance(field, SealedText) or name in SEALED_ELSEWHERE:
        return column.kind is Class.SEALED
    is_fitting = isinstance(field, FITTING.get(column.kind, models.Field))
    return is_fitting and column.kind is not Class.SEALED


def test_a_column_is_what_its_class_says():
    assert not [each[0] for each in COLUMNS if not fits(*each)]


@pytest.mark.requirement("R29")
def test_an_account_is_a_person_wherever_a_row_points_to_it():
    account = apps.get_model(settings.AUTH_USER_MODEL)
    wrong = [
        name
        for name, column, field in COLUMNS
        if (field.related_model is account) > (column.kind is Class.PERSON)
    ]
    assert not wrong


@pytest.mark.requirement("R15")
def test_a_person_of_a_server_is_known_by_nothing_but_handles_and_sealed_words():
    outside = {"Membership", "JoinRequest", "EncryptedObject", "IntakeKey", "OwnCutoff"}
    about_members = each([r for r in WITH_MODEL if r.model.__name__ in outside])
    assert not [name for name, column, _ in about_members if column.kind is Class.PERSON]


def test_a_coarse_time_is_a_day_or_says_how_coarse_it_is():
    exact = [
        name
        for name, column, field in COLUMNS
        if column.kind is Class.COARSE_TIME
        and isinstance(field, models.DateTimeField)
        and not re.search("to the (second|minute|day)", column.purpose)
    ]
    assert not exact


def test_every_class_is_explained_and_occurs():
    assert {fact.kind for record in REGISTER for fact in record.facts} == set(Class)
    assert all(kind.meaning for kind in Class)


# --- every lifetime is kept -----------------------------------------------------------------------
LIFETIMES = {fact.kept for record in REGISTER for fact in record.facts}


@pytest.mark.parametrize("lifetime", sorted(LIFETIMES, key=str), ids=lambda kept: kept.words)
def test_a_lifetime_is_ended_by_sweeps_and_acts_that_there_are(lifetime):
    assert set(lifetime.ended_by) <= {*SWEEPS, *Action}
    assert lifetime.ended_by or lifetime == FOR_GOOD


def test_nothing_that_says_something_about_a_person_is_kept_for_good():
    telling = {Class.PERSON, Class.SEALED, Class.HANDLE, Class.BILLING, Class.CIPHERTEXT}
    wrong = [
        f"{record.table}.{fact.name}"
        for record in REGISTER
        for fact in record.facts
        if fact.kept == FOR_GOOD and fact.kind in telling
    ]
    assert not wrong


def test_the_retention_sweep_knows_every_table_that_relies_on_it():
    relying = {
        record.table
        for record in REGISTER
        if any(RETENTION in fact.kept.ended_by for fact in record.facts)
    }
    swept = {model._meta.db_table for model in BY_THE_CLOCK}
    with_their_server = {record.table for record in ending_with_their_server()}
    assert relying == swept | with_their_server | {"servers_server"}


def test_what_ends_with_an_account_goes_with_it():
    account = apps.get_model(settings.AUTH_USER_MODEL)
    for record in WITH_MODEL:
        if record.kept.ended_by == (Action.ACCOUNT_CLOSED,) and record.model is not account:
            assert leads_to(record.model, account), record.table


def leads_to(model: type[models.Model], goal: type[models.Model]) -> bool:
    """Does a row go when the row that it belongs to, or that one's, does?"""
    return any(
        field.related_model is goal or leads_to(field.related_model, goal)
        for field in model._meta.concrete_fields
        if field.remote_field and field.remote_field.on_delete is models.CASCADE
    )


@pytest.mark.requirement("R29")
def test_what_is_sealed_for_one_server_ends_with_it_at_the_latest():
    for record in WITH_MODEL:
        for fact, field in zip(record.facts, record.columns, strict=True):
            sealed = record.model._meta.get_field(field)
            if isinstance(sealed, SealedText) and isinstance(sealed.scope, str):
                assert Action.SERVER_DELETED in fact.kept.ended_by, f"{record.table}.{field}"


# --- in words -------------------------------------------------------------------------------------
def test_purposes_are_said_in_the_same_way():
    for _, records in PARTS:
        for record in records:
            assert record.title[0].isupper()
            assert not record.title.endswith(".")
            for fact in record.facts:
                assert not fact.purpose[0].isupper(), fact
                assert not fact.purpose.endswith("."), fact


def test_the_document_says_what_the_register_says():
    told = StringIO()
    call_command("records", stdout=told)
    assert told.getvalue() == (ROOT / "docs" / "records.md").read_text(), (
        "write it anew: manage.py records > docs/records.md"
    )
