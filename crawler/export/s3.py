"""The store that is a bucket of S3, or of any other server that speaks as S3 does."""

from __future__ import annotations

import re
import zlib
from base64 import b64encode
from contextlib import closing, contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from boto3.session import Session
from botocore import exceptions as boto
from botocore.config import Config
from botocore.handlers import add_expect_header
from botocore.parsers import ResponseParserError
from urllib3.exceptions import SSLError

from crawler.errors import AlreadyExists, StoreError, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.client import BaseClient

_CONNECT_SECONDS, _READ_SECONDS = 5, 30
_THREADS = 32
"""So many may use one store at once without waiting for a connection."""

_AGAIN = "start the same run_id again"
_ALLOW = (
    "allow these credentials s3:PutObject, s3:GetObject and s3:ListBucket there, or set EXPORT_URI to another bucket"
)
_LOG_IN = f"renew the credentials, then {_AGAIN}"
_REGION = "set AWS_DEFAULT_REGION to the bucket's region"
_ENDPOINT = "look whether AWS_ENDPOINT_URL_S3 is the address of an S3 store"
_ADVICE = {  # by error code; one without a body has its HTTP status for a code
    "NoSuchBucket": "create that bucket, or set EXPORT_URI to another one",
    "InvalidBucketName": "set EXPORT_URI to another bucket",
    "NoSuchKey": "it is not there: look whether something removes objects under EXPORT_URI",
    "AccessDenied": _ALLOW,
    "AllAccessDisabled": _ALLOW,
    "403": _ALLOW,
    "ExpiredToken": _LOG_IN,
    "TokenRefreshRequired": _LOG_IN,
    "InvalidToken": "set AWS_SESSION_TOKEN to the token that was given with the key, or unset it",
    "InvalidAccessKeyId": "the store does not know that key: set AWS_ACCESS_KEY_ID, or AWS_PROFILE",
    "SignatureDoesNotMatch": "set AWS_SECRET_ACCESS_KEY to the secret of that AWS_ACCESS_KEY_ID",
    "RequestTimeTooSkewed": f"set the clock of this machine, then {_AGAIN}",
    "RequestExpired": f"set the clock of this machine, then {_AGAIN}",
    "BadDigest": f"its bytes changed on the way: look at the network and this machine's memory, then {_AGAIN}",
    "PermanentRedirect": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "301": _REGION,
    "NotImplemented": "it must know conditional writes (If-None-Match) and CRC32: set EXPORT_URI to another store",
    "404": _ENDPOINT,
    "405": _ENDPOINT,
}
_CAUSES = {  # of what never became an answer
    boto.NoCredentialsError: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run it under a role",
    boto.PartialCredentialsError: "set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    boto.ProfileNotFound: "set AWS_PROFILE to one that the AWS configuration has, or unset it",
    boto.CredentialRetrievalError: _LOG_IN,
    boto.TokenRetrievalError: _LOG_IN,
    boto.SSOError: _LOG_IN,
    boto.LoginError: _LOG_IN,
    boto.InvalidRegionError: _REGION,
    boto.FlexibleChecksumError: "the object is damaged, or was on the way: look at the store's disks and the network",
    boto.SSLError: "set AWS_CA_BUNDLE to a file with the certificate of the authority that vouches for the store",
    ValueError: "set AWS_ENDPOINT_URL_S3 to http(s)://host or http(s)://host:port",
}
_PASSING_CODES = {
    "ConditionalRequestConflict",  # two creates at once; the winner is known the next time
    "InternalError",
    "OperationAborted",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
}
_PASSING_STATUS = {429, 500, 502, 503, 504}
_PASSING_CAUSES = (
    boto.ConnectionError,
    boto.HTTPClientError,
    boto.IncompleteReadError,
    SSLError,  # what boto3 lets through: a record that was damaged in the middle of an answer
)


class S3Store:
    """A store below a prefix in a bucket; credentials, region and endpoint are what boto3 finds (AWS_*).

    It asks once: what may pass is StoreUnavailable, for the caller to ask again. Threads may share it.
    """

    def __init__(self, bucket: str, prefix: str = "") -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        try:
            self._client = _client()
        except (boto.BotoCoreError, ValueError) as error:  # ValueError: an endpoint that is no address
            raise _failure("AWS_*", self.uri("").removesuffix("/"), error) from error

    def put(self, key: str, data: bytes) -> None:
        with self._errors(key):
            self._client.put_object(**self._object(key, data))

    def create(self, key: str, data: bytes) -> None:
        with self._errors(key):
            self._client.put_object(**self._object(key, data), IfNoneMatch="*")

    def get(self, key: str) -> bytes:
        with (
            self._errors(key),
            closing(self._client.get_object(Bucket=self._bucket, Key=self._prefix + key)["Body"]) as body,
        ):
            data: bytes = body.read()
        return data

    def exists(self, key: str) -> bool:
        return key in self.list(key)  # a HEAD says nothing of why: an absent bucket is 404, an expired token 400

    def list(self, prefix: str) -> list[str]:
        with self._errors(prefix):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix
            )
            found: list[str] = [found["Key"] for page in pages for found in page.get("Contents", ())]
        # a console makes empty objects whose key ends with "/", to show a folder
        return sorted(key.removeprefix(self._prefix) for key in found if not key.endswith("/"))

    def uri(self, key: str) -> str:
        return f"s3://{self._bucket}/{self._prefix}{key}"

    def _object(self, key: str, data: bytes) -> dict[str, object]:
        """Return what to put, with its checksum: boto3's own comes after the body over TLS, which fewer stores know."""
        crc32 = b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()
        found: dict[str, object] = {
            "Bucket": self._bucket,
            "Key": self._prefix + key,
            "Body": data,
            "ChecksumCRC32": crc32,
        }
        if key.endswith(".html"):
            found["ContentType"] = "text/html; charset=utf-8"  # else a browser saves it, and does not show it
        return found

    @contextmanager
    def _errors(self, key: str) -> Iterator[None]:
        where = self.uri("").removesuffix("/")
        try:
            yield
        except boto.ClientError as error:
            raise _refusal(key, where, error) from error
        except (boto.BotoCoreError, ResponseParserError, SSLError) as error:
            raise _failure(key, where, error) from error


def _client() -> BaseClient:
    """Make the client; a session of its own, as boto3's common one keeps the environment of its first use."""
    client = Session().client(
        "s3",
        config=Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": 1},
            max_pool_connections=_THREADS,
            response_checksum_validation="when_supported",
        ),
    )
    client.meta.events.unregister("before-call.s3", add_expect_header)  # it costs every put a second round trip
    return client


def _refusal(key: str, where: str, error: boto.ClientError) -> StoreError:
    """Return what an answer of the store that is an error means to the caller."""
    told, answer = error.response["Error"], error.response["ResponseMetadata"]
    status = answer["HTTPStatusCode"]
    if status == HTTPStatus.PRECONDITION_FAILED:
        return AlreadyExists(key)
    code = told.get("Code") or str(status)
    words = ": ".join(word for word in (code, _one_line(told.get("Message", ""))) if word)
    what = f"{error.operation_name} in {where} was answered {status} ({words})"
    if code in _PASSING_CODES or status in _PASSING_STATUS:
        return StoreUnavailable(key, what)
    advice = _ADVICE.get(code, f"see to it, then {_AGAIN}")
    region = told.get("Region") or answer["HTTPHeaders"].get("x-amz-bucket-region")
    if advice == _REGION and region:
        advice = f"{advice}, {region}"
    return StoreError(key, f"{what}; {advice}")


def _failure(key: str, where: str, error: Exception) -> StoreError:
    """Return what it means to the caller that no answer came, or none that could be used."""
    what = f"{where}: {_one_line(str(error))}"
    if isinstance(error, ResponseParserError):
        return StoreUnavailable(key, f"{where} does not answer as S3 does, or was cut short; {_ENDPOINT}")
    untrusted = isinstance(error, boto.SSLError) and "EOF occurred" not in what
    if isinstance(error, _PASSING_CAUSES) and not untrusted:
        return StoreUnavailable(key, what)
    advice = next((advice for kind, advice in _CAUSES.items() if isinstance(error, kind)), f"see to it, then {_AGAIN}")
    return StoreError(key, f"{what}; {advice}")


def _one_line(text: str) -> str:
    r"""Return the beginning of what boto3 or the store says, without the user and password that an address may hold.

    >>> _one_line("Could not connect to http://me:secret@127.0.0.1/\n")
    'Could not connect to http://127.0.0.1/'
    """
    return re.sub(r"//[^/@\s]*@", "//", " ".join(text.split()))[:300]
