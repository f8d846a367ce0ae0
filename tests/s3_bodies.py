"""What only a bucket can do wrong: size, privacy, versions, keys, parts that no listing shows."""

import io
import logging
import socket
import tracemalloc
import urllib.error
import urllib.request
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils.module_loading import import_string

from content import blobs, tasks
from content.arrival import Arrival, CutShort
from content.buckets import PART
from content.models import EncryptedObject
from content.partitions import utc_today
from enigm_command.devstack import swift
from enigm_command.lib import clock
from servers.regions import Region, storage_alias
from tests.buckets import named
from tests.factories import DeletionOrderFactory, ServerFactory
from tests.objects import LARGE, available, files_of, in_storage, member_of, sealed, store
from tests.test_content_api import Phone, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def bucket(server):
    return blobs.storage_of(server.pk)


@pytest.fixture
def name(server):
    return str(blobs.BlobName(utc_today() + timedelta(days=2), server.pk, uuid4()))


def opened(region, address):
    """A storage by an address that an administrator might have written."""
    described = named(region, address)
    return import_string(described["BACKEND"])(**described["OPTIONS"])


class Endless(io.RawIOBase):
    """A body of any size that lies nowhere, and ends when it is told to."""

    def __init__(self, size):
        self.left = size

    def read(self, size=-1, /):
        chunk = b"\0" * min(size, self.left)
        self.left -= len(chunk)
        return chunk


def unfinished(bucket):
    """Uploads in parts that are neither complete nor given up."""
    return list(bucket._unfinished())


class TestPuttingDown:
    """In parts, private, and over nothing."""

    def test_a_large_body_goes_and_comes_without_being_held_whole(self, bucket, name):
        bucket.exists(name)  # so that the client is there
        tracemalloc.start()
        bucket.save(name, Arrival(Endless(size := 8 * PART + 1), size))
        assert tracemalloc.get_traced_memory()[1] < 5 * PART  # however large it is
        tracemalloc.reset_peak()
        body = bucket.read_from(name, 0, size)
        assert sum(len(chunk) for chunk in iter(lambda: body.read(65_536), b"")) == size
        assert tracemalloc.get_traced_memory()[1] < 2 * PART
        tracemalloc.stop()
        body.close()
        assert unfinished(bucket) == []

    @pytest.mark.parametrize("size", [10, PART + 1])
    def test_nothing_is_put_over_another(self, bucket, name, size):
        bucket.save(name, ContentFile(b"first"))
        with pytest.raises(FileExistsError):
            bucket.save(name, Arrival(Endless(size), size))
        assert bucket.read_from(name, 0, 5).read() == b"first"
        assert unfinished(bucket) == []

    def test_a_body_that_ends_early_leaves_no_part_of_it(self, bucket, name):
        with pytest.raises(CutShort):
            bucket.save(name, Arrival(Endless(2 * PART), 3 * PART))
        assert (bucket.exists(name), unfinished(bucket)) == (False, [])

    def test_nobody_reads_it_without_a_key(self, bucket, name):
        bucket.save(name, ContentFile(b"sealed"))
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{bucket.endpoint_url}/{bucket.bucket_name}/{name}")
        with refused.value:
            assert b"sealed" not in refused.value.read()

    @pytest.mark.requirement("R9")
    def test_one_regions_key_opens_no_other_regions_bucket(self, s3_server):
        for region in Region.values:
            for other in set(Region.values) - {region}:
                with pytest.raises(ImproperlyConfigured, match="no such bucket"):
                    opened(region, s3_server.url(region, f"bodies-{other}")).check()


class TestForgetting:
    """By a thousand names a call, and nothing is believed to be gone that is not."""

    def test_more_than_a_call_takes(self, bucket, server, name):
        bucket.save(name, ContentFile(b"one"))
        nowhere = [f"{name}-{n}" for n in range(1_100)]
        bucket.delete_many([*nowhere, name])
        assert not bucket.exists(name)

    def test_a_past_day_goes_whole_with_parts_of_uploads(self, bucket, server):
        yesterday = utc_today() - timedelta(days=1)
        stray = blobs.BlobName(yesterday, server.pk, uuid4())
        bucket.save(str(stray), ContentFile(b"stray"))
        bucket.client.create_multipart_upload(Bucket=bucket.bucket_name, Key=f"{stray}-part")
        list(blobs.delete_day(yesterday))
        assert (files_of(server), unfinished(bucket)) == ([], [])

    @pytest.mark.requirement("R22")
    def test_the_reconciler_gives_up_parts_whose_sender_is_gone(self, bucket, name):
        bucket.client.create_multipart_upload(Bucket=bucket.bucket_name, Key=name)
        bucket.forget_unfinished(clock.now() - timedelta(minutes=10))
        assert len(unfinished(bucket)) == 1
        bucket.forget_unfinished(clock.now() + timedelta(minutes=1))
        assert unfinished(bucket) == []


class TestStart:
    """What is wrong is said in words before anything is served."""

    @pytest.mark.parametrize(
        ("account", "bucket", "secret", "says"),
        [
            ("us", "bodies-us", "guessed", "its key and secret do not fit"),
            ("us", "nothing-here", swift.SECRET, "there is no such bucket"),
            ("nobody", "bodies-us", swift.SECRET, "its key"),
        ],
    )
    def test_a_bucket_that_cannot_work_stops_it(self, s3_server, account, bucket, secret, says):
        wrong = opened("us", s3_server.url(account, bucket, secret=secret))
        with pytest.raises(
            ImproperlyConfigured, match=f"^OBJECTS_US_URL is wrong: .*{says}"
        ) as said:
            wrong.check()
        assert secret not in str(said.value)

    def test_a_bucket_that_is_away_is_told_of(self, caplog):
        away = opened("asia", "s3+http://key:hidden@127.0.0.1:9/bodies-asia?region=test")
        away.check()
        (said,) = caplog.messages
        assert said == "the bucket of OBJECTS_ASIA_URL does not answer: EndpointConnectionError"

    def test_all_three_are_well(self):
        blobs.check()


def test_no_key_is_written_to_a_log(server, uma, caplog):
    with caplog.at_level(logging.INFO):
        store(uma, sealed(size=LARGE))
        files_of(server)[0].unlink()
        tasks.reconcile()
    assert swift.SECRET not in caplog.text
    assert ":enigm" not in caplog.text


@pytest.mark.requirement("R9")
@pytest.mark.requirement("R18")
def test_two_regions_each_keep_their_own_through_a_whole_life(settings):
    settings.DATABASE_REGION = "asia"
    us, europe = ServerFactory(region="us"), ServerFactory(region="europe")
    uma, emil = member_of(us), member_of(europe, "emil")
    body = sealed(size=LARGE)
    phone, stored, kept = Phone(us), store(uma, body), store(emil, sealed())
    assert (len(files_of(us, "us")), len(files_of(us, "europe"))) == (1, 0)
    assert (len(files_of(europe, "us")), len(files_of(europe, "europe"))) == (0, 1)

    path = f"{phone.objects}/{stored.public_id}"
    part = phone.get(path, headers={"Range": "bytes=100-199"})
    assert (part.status_code, b"".join(part)) == (206, body[100:200])
    order = DeletionOrderFactory(server=us)
    assert phone.get(path).status_code == 404
    tasks.purge(str(order.pk))
    assert (files_of(us), in_storage(us)) == ([], 0)

    assert available(emil) == {kept.id}
    list(blobs.delete_day(kept.expires_on))
    assert files_of(europe) == []
    assert EncryptedObject.objects.filter(server_id=europe.pk).exists()
    assert set(storages.backends) > {f"objects-{region}" for region in Region.values}


@pytest.fixture
def nobody_listens(server, settings):
    """Where the bucket of the server's region was, no connection is taken any more."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    gone = named(server.region, f"s3+http://key:secret@127.0.0.1:{port}/bodies?region=here")
    settings.STORAGES = settings.STORAGES | {storage_alias(server.region): gone}


def test_of_a_bucket_that_is_away_devices_are_told_to_try_again(server, uma, nobody_listens):
    answer = Phone(server).send(sealed(size=LARGE))
    assert refusal(answer) == (503, "storage_unavailable")
    assert available(uma) == set()


def test_what_lies_in_a_bucket_that_is_away_is_not_said_to_be_lost(server, uma, request):
    stored = store(uma, sealed(size=LARGE))
    request.getfixturevalue("nobody_listens")
    phone = Phone(server)
    answer = phone.get(f"{phone.objects}/{stored.public_id}")
    assert refusal(answer) == (503, "storage_unavailable")
