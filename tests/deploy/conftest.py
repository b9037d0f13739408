"""A bucket that was set up by the steps of docs/operations.md, and who may do what with it."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from crawler.export.s3 import S3Store
from tests.deploy.steps import BUCKET, COPY, PREFIX, steps, succeed
from tests.servers.s3 import NOBODY, Server, seaweed

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class Cloud:
    """A server of S3 and IAM on which the bucket is set up."""

    server: Server
    store: S3Store
    """The export, for one who may do all."""
    key: dict[str, str]
    """The key of the crawl's user, as IAM has told it."""

    @property
    def operator(self) -> dict[str, str]:
        """The AWS_* variables of one who may do all."""
        return {**self.server.environment, "AWS_ENDPOINT_URL_IAM": self.server.endpoint}

    @property
    def crawler(self) -> dict[str, str]:
        """The AWS_* variables of the crawl."""
        return as_whom(self.server, self.key)

    def client(self, service: str = "s3", key: dict[str, str] | None = None) -> Any:  # noqa: ANN401 - boto3 makes the class
        """Return a client, for a `with`, of one who may do all, or of whoever has a key of IAM's."""
        from boto3.session import Session  # noqa: PLC0415 - takes 0.3 s, and every run of pytest imports this module

        all_mighty = {"AccessKeyId": self.server.access_key, "SecretAccessKey": self.server.secret_key}
        who = key or all_mighty
        session = Session(who["AccessKeyId"], who["SecretAccessKey"], region_name=NOBODY["AWS_DEFAULT_REGION"])
        return closing(session.client(service, endpoint_url=self.server.endpoint))


def as_whom(server: Server, key: dict[str, str]) -> dict[str, str]:
    """Return the AWS_* variables of whoever has a key of IAM's."""
    return Server(
        endpoint=server.endpoint, access_key=key["AccessKeyId"], secret_key=key["SecretAccessKey"]
    ).environment


def keys_in(told: str) -> list[dict[str, str]]:
    r"""Return the keys of IAM's that a command, among others, has printed as JSON.

    >>> keys_in('{"User": {}}\n{"AccessKey": {"AccessKeyId": "AKIA"}}\n')
    [{'AccessKeyId': 'AKIA'}]
    """
    decoder, found, told = json.JSONDecoder(), [], told.strip()
    while told:
        value, end = decoder.raw_decode(told)
        found += [value["AccessKey"]] if "AccessKey" in value else []
        told = told[end:].strip()
    return found


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with seaweed() as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        cloud = Cloud(server, S3Store(BUCKET, PREFIX), {})
        with cloud.client() as client:
            client.create_bucket(Bucket=BUCKET)
            client.create_bucket(Bucket=COPY)
        (set_up,) = steps("The bucket")
        (cloud.key,) = keys_in(succeed(set_up, cloud.operator))
        yield cloud
