"""A part of a body is asked for, read and sent as a part."""

from hashlib import sha256

import pytest

from content.ranges import OutOfRange, Stretch
from tests.objects import LARGE, sealed, store
from tests.test_content_api import Phone, refusal

pytestmark = pytest.mark.requirement("R16")


@pytest.mark.parametrize(
    ("header", "start", "length"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 10),
        ("bytes=10-", 10, 90),
        ("bytes=-10", 90, 10),
        ("bytes=-1000", 0, 100),
        ("bytes=90-1000", 90, 10),
        ("bytes=99-99", 99, 1),
        ("bytes= 10 - 19", 10, 10),
    ],
)
def test_one_range_is_understood(header, start, length):
    assert Stretch.asked_for(header, 100) == (start, length, 100)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-2",
        "bytes=0-1,4-5",
        "lines=0-1",
        "bytes=--1",
        "bytes=²-",
    ],
)
def test_what_cannot_be_read_asks_for_the_whole(header):
    assert Stretch.asked_for(header, 100) == (0, 100, 100)


@pytest.mark.parametrize(
    "header", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=" + "9" * 18 + "-"]
)
def test_what_lies_beyond_the_end_is_refused(header):
    with pytest.raises(OutOfRange):
        Stretch.asked_for(header, 100)


@pytest.mark.django_db
@pytest.mark.parametrize("size", [0, LARGE])
class TestFetching:
    """GET /servers/{locator}/objects/{id} with Range"""

    @pytest.fixture
    def body(self, size):
        return sealed("Meet me at noon", size=size)

    @pytest.fixture
    def fetch(self, server, uma, body):
        phone = Phone(server)
        path = f"{phone.objects}/{store(uma, body).public_id}"
        return lambda **headers: phone.get(path, headers=headers)

    def test_parts_make_up_the_whole(self, fetch, body):
        middle = len(body) // 3
        parts = [fetch(Range=f"bytes={asked}") for asked in (f"0-{middle - 1}", f"{middle}-")]
        assert [part.status_code for part in parts] == [206, 206]
        assert b"".join(b"".join(part) for part in parts) == body
        assert parts[1].headers["Content-Range"] == f"bytes {middle}-{len(body) - 1}/{len(body)}"
        assert parts[1].headers["Content-Length"] == str(len(body) - middle)
        assert parts[1].headers["Cache-Control"] == "no-store"

    def test_the_whole_says_that_parts_can_be_had(self, fetch, body):
        whole = fetch()
        assert (whole.status_code, b"".join(whole)) == (200, body)
        assert whole.headers["Accept-Ranges"] == "bytes"
        assert "Content-Range" not in whole.headers

    def test_beyond_the_end_the_size_is_told(self, fetch, body):
        answer = fetch(Range=f"bytes={len(body)}-")
        assert refusal(answer) == (416, "out_of_range")
        assert answer.headers["Content-Range"] == f"bytes */{len(body)}"

    def test_a_device_goes_on_only_with_the_body_it_began_with(self, fetch, body):
        same = fetch(Range="bytes=5-9", If_Range=f'"{sha256(body).hexdigest()}"')
        assert (same.status_code, b"".join(same)) == (206, body[5:10])
        other = fetch(Range="bytes=5-9", If_Range='"another"')
        assert (other.status_code, b"".join(other)) == (200, body)
