"""Bodies in an S3 bucket for each region: the twin of `content.folders`.

What must never happen: a body that was deleted goes on lying in the bucket. What prevents it: no
rule of the bucket's own is relied on, a bucket that keeps versions is refused, deletions that the
bucket did not carry out are errors, and parts of uploads that never ended are given up by the
reconciler, since no listing shows them. A body that is read or written is never in memory whole.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from itertools import islice
from typing import Any, BinaryIO

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import cached_property
from storages.backends.s3 import S3Storage

from .arrival import Arrival
from .blob_names import BlobName, Lying, parse_day

PART = 5 * 2**20  # bytes: the least that S3 takes as one of many
AT_ONCE = 1000  # names that S3 takes in one call
HABITS = Config(
    connect_timeout=5,
    read_timeout=60,  # a thousand names take a while
    retries={"mode": "standard", "total_max_attempts": 3},
    signature_version="s3v4",
    s3={"addressing_style": "path"},
    request_checksum_calculation="when_required",  # not every server knows the newer ones
    response_checksum_validation="when_required",
)
GONE = {"NoSuchKey", "NoSuchUpload", "404"}
FILES = {"PreconditionFailed": FileExistsError}
WRONG = {
    "NoSuchBucket": "there is no such bucket",
    "AccessDenied": "its key may not list it, or not ask whether it keeps versions",
    "InvalidAccessKeyId": "its key is unknown",
    "SignatureDoesNotMatch": "its key and secret do not fit each other",
}
log = logging.getLogger(__name__)


class ObjectBucket(S3Storage):
    """A bucket that can forget many names at once. `setting` is what an administrator must mend."""

    def __init__(self, *, setting: str, **options: Any) -> None:
        super().__init__(client_config=HABITS, **options)
        self.setting = setting

    @cached_property
    def connection(self) -> Any:
        """One for all threads: of it only the client is used, which may be shared."""
        session = boto3.Session(self.access_key, self.secret_key, region_name=self.region_name)
        return session.resource("s3", endpoint_url=self.endpoint_url, config=self.client_config)

    @property
    def client(self) -> Any:
        """What speaks to the bucket."""
        return self.connection.meta.client

    def check(self) -> None:
        """ImproperlyConfigured if it can never work; a bucket that is away is only told of."""
        try:
            self._look()
        except ClientError as error:
            why = WRONG.get(_code(error), f"it answers {_code(error)}")
            raise ImproperlyConfigured(f"{self.setting} is wrong: {why}") from None
        except BotoCoreError as error:
            log.warning("the bucket of %s does not answer: %s", self.setting, type(error).__name__)
        finally:
            self.client.close()  # a process that forks must not share what is open

    def _save(self, name: str, content: Arrival) -> str:
        """Whole or not at all, under exactly this name, over nothing."""
        place = {"Bucket": self.bucket_name, "Key": name}
        with _as_of_files(name):
            if content.size > PART:
                self._save_in_parts(place, content)
            else:
                body = b"".join(content.chunks())
                self.client.put_object(**place, Body=body, IfNoneMatch="*")
        return name

    def read_from(self, name: str, start: int, length: int) -> BinaryIO:
        """The `length` bytes from `start` on; FileNotFoundError when they are gone."""
        wanted = f"bytes={start}-{start + length - 1}"
        with _as_of_files(name):
            answer = self.client.get_object(Bucket=self.bucket_name, Key=name, Range=wanted)
        body: BinaryIO = answer["Body"]
        return body

    def delete_many(self, names: Iterable[str]) -> None:
        """Forget these; what is gone already is no error, what is kept is one."""
        left = iter(names)
        while batch := [{"Key": name} for name in islice(left, AT_ONCE)]:
            wish = {"Objects": batch, "Quiet": True}
            with _as_of_files(batch[0]["Key"]):
                answer = self.client.delete_objects(Bucket=self.bucket_name, Delete=wish)
            kept = [each for each in answer.get("Errors", []) if each["Code"] not in GONE]
            if kept:
                raise OSError(f"the bucket kept {len(kept)} bodies: {kept[0]['Code']}")

    def delete_day(self, day: date) -> Iterator[None]:
        """Forget everything of a day, a call at a time, so that a long work is seen to go on."""
        prefix = f"{day:%Y-%m-%d}/"
        for page in self._pages(Prefix=prefix):
            self.delete_many(each["Key"] for each in page.get("Contents", []))
            yield
        self._abort(each for each in self._unfinished(Prefix=prefix))

    def days(self) -> list[date]:
        """The days of which something lies here, oldest first."""
        pages = self._pages(Delimiter="/")
        found = [each["Prefix"] for page in pages for each in page.get("CommonPrefixes", [])]
        return sorted(day for text in found if (day := parse_day(text.rstrip("/"))))

    def listed(self, day: date, after: str, most: int) -> list[Lying]:
        """The first of a day's bodies after this name, in the order of names."""
        pages = self._pages(Prefix=f"{day:%Y-%m-%d}/", StartAfter=after)
        found = (
            Lying(name, each["LastModified"])
            for page in pages
            for each in page.get("Contents", [])
            if (name := BlobName.parse(each["Key"]))
        )
        return list(islice(found, most))

    def forget_unfinished(self, before: datetime) -> None:
        """Give up uploads in parts that began before this: whoever sent them is gone."""
        self._abort(each for each in self._unfinished() if each["Initiated"] < before)

    def _look(self) -> None:
        self.client.list_objects_v2(Bucket=self.bucket_name, MaxKeys=1)
        versions = self.client.get_bucket_versioning(Bucket=self.bucket_name)
        if versions.get("Status") == "Enabled":
            raise ImproperlyConfigured(
                f"{self.setting} is wrong: its bucket keeps versions of what is deleted"
            )

    def _save_in_parts(self, place: dict[str, str], content: Arrival) -> None:
        begun = self.client.create_multipart_upload(**place)
        upload = place | {"UploadId": begun["UploadId"]}
        try:
            sent = [self._send(upload, *part) for part in enumerate(_parts(content), 1)]
            self.client.complete_multipart_upload(
                **upload, MultipartUpload={"Parts": sent}, IfNoneMatch="*"
            )
        except BaseException:
            with suppress(OSError):  # else the reconciler does
                self._abort([upload])
            raise

    def _send(self, upload: dict[str, str], number: int, body: bytes) -> dict[str, Any]:
        answer = self.client.upload_part(**upload, PartNumber=number, Body=body)
        return {"PartNumber": number, "ETag": answer["ETag"]}

    def _pages(self, **which: str) -> Iterator[dict[str, Any]]:
        pages = self.client.get_paginator("list_objects_v2")
        yield from pages.paginate(Bucket=self.bucket_name, **which)

    def _unfinished(self, **which: str) -> Iterator[dict[str, Any]]:
        pages = self.client.get_paginator("list_multipart_uploads")
        for page in pages.paginate(Bucket=self.bucket_name, **which):
            yield from page.get("Uploads", [])

    def _abort(self, uploads: Iterable[dict[str, Any]]) -> None:
        for each in list(uploads):
            with suppress(FileNotFoundError), _as_of_files(each["Key"]):
                self.client.abort_multipart_upload(
                    Bucket=self.bucket_name, Key=each["Key"], UploadId=each["UploadId"]
                )


@contextmanager
def _as_of_files(name: str) -> Iterator[None]:
    """A bucket's errors as a folder has them: nothing there, something there already, or away."""
    try:
        yield
    except ClientError as error:
        kind = FileNotFoundError if _code(error) in GONE else FILES.get(_code(error), OSError)
        raise kind(f"{name}: {_code(error)}") from error
    except BotoCoreError as error:
        raise OSError(f"the bucket does not answer: {type(error).__name__}") from error


def _code(error: ClientError) -> str:
    return str(error.response["Error"].get("Code", ""))


def _parts(content: Arrival) -> Iterator[bytes]:
    """The body in parts of PART bytes or a little more; the last one is what is left."""
    held: list[bytes] = []
    size = 0
    for chunk in content.chunks():
        held.append(chunk)
        size += len(chunk)
        if size >= PART:
            size = 0
            yield _taken(held)
    if held:
        yield _taken(held)


def _taken(held: list[bytes]) -> bytes:
    """What is held, in one piece, and held no longer."""
    body = b"".join(held)
    held.clear()
    return body
