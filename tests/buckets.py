"""A real S3 server, and every region's storage in a bucket of it: for `manage.py test --s3` alone.

Each region's bucket has a key of its own. The same tests that run on folders run on these.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.files.storage import storages

from enigm_command.devstack import swift
from enigm_command.devstack.supervisor import Supervisor
from enigm_command.environment import bodies
from servers.regions import Region, storage_alias


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[swift.Swift]:
    """Swift, for as long as the tests run."""
    server = swift.prepare(tmp_path_factory.mktemp("swift"), Region.values)
    with Supervisor() as supervisor:
        for program in server.programs():
            supervisor.start(program)
        yield server


@pytest.fixture(scope="session", autouse=True)
def every_region_in_a_bucket(own_state: Path, s3_server: swift.Swift) -> Iterator[None]:
    """In place of folders; no connection outlives the tests."""
    for region in Region.values:
        address = s3_server.url(region, f"bodies-{region}")
        project.STORAGES[storage_alias(region)] = named(region, address)
    for region in Region.values:
        storage = in_bucket(region)
        storage.client.create_bucket(Bucket=storage.bucket_name)
    yield
    for region in Region.values:
        in_bucket(region).client.close()


@pytest.fixture(autouse=True)
def emptied() -> Iterator[None]:
    """What a test leaves is no stray of the next one's."""
    yield
    for storage in map(in_bucket, Region.values):
        for day in storage.days():
            list(storage.delete_day(day))


def in_bucket(region: str) -> Any:
    """A region's storage as the product has it."""
    return storages[storage_alias(region)]


def named(region: str, address: str) -> dict[str, Any]:
    """A region's storage as settings would have it, had they been given this address."""
    return bodies(f"OBJECTS_{region.upper()}_URL", address, Path("not used"))
