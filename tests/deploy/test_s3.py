"""deploy/s3/: what the crawl needs and no more, as a server sees it that knows users and policies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from crawler.export import layout
from crawler.export.probe import PROBE
from sandbox.server import serving
from tests.conftest import ROOT
from tests.crawl import small
from tests.crawl.crawling import FAST, Ended, scrapy
from tests.deploy.conftest import Cloud, as_whom
from tests.deploy.steps import BUCKET, PREFIX, URI

if TYPE_CHECKING:
    from collections.abc import Callable

POLICY: dict[str, Any] = json.loads((ROOT / "deploy/s3/policy.json").read_text())
LIFECYCLE: dict[str, Any] = json.loads((ROOT / "deploy/s3/lifecycle.json").read_text())
ASKED = {"s3:PutObject": "PutObject", "s3:GetObject": "GetObject", "s3:ListBucket": "ListObjectsV2"}
"""What the crawl does that needs a permission."""


def crawl(exports: str, environment: dict[str, str]) -> Ended:
    with serving(tree=small.tree()) as mirror:
        return scrapy("crawl", "harmony", *FAST, mirror=mirror, exports=exports, **environment)


def test_a_crawl_with_the_policy_publishes(cloud: Cloud) -> None:
    ended = crawl(URI, cloud.crawler)
    assert ended.code == 0, ended.log


@pytest.mark.parametrize("permission", ASKED)
def test_a_crawl_without_one_of_its_permissions_says_so(cloud: Cloud, permission: str) -> None:
    statements = [
        {**statement, "Action": [action for action in _actions(statement) if action != permission]}
        for statement in POLICY["Statement"]
    ]
    less = {**POLICY, "Statement": [statement for statement in statements if statement["Action"]]}
    name = permission.rpartition(":")[2].lower()
    with cloud.client("iam") as iam:
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=json.dumps(less))
        key = iam.create_access_key(UserName=name)["AccessKey"]
    ended = crawl(f"{URI}/v1/{name}", as_whom(cloud.server, key))  # which the policy allows as well
    assert ended.code == 4, ended.log
    assert f"{ASKED[permission]} in " in ended.error
    assert permission in ended.error


@pytest.mark.parametrize(
    "request_of",
    [
        lambda s3: s3.put_object(Bucket=BUCKET, Key=f"{PREFIX}/x", Body=b""),
        lambda s3: s3.get_object(Bucket=BUCKET, Key=f"{PREFIX}/x"),
        lambda s3: s3.list_objects_v2(Bucket=BUCKET),
        lambda s3: s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{PREFIX}/"),
        lambda s3: s3.delete_object(Bucket=BUCKET, Key=f"{PREFIX}/{PROBE}"),
    ],
    ids=["write elsewhere", "read elsewhere", "list all", "list more", "delete its own"],
)
def test_it_may_do_no_more(cloud: Cloud, request_of: Callable[[Any], object]) -> None:
    with cloud.client(key=cloud.key) as s3, pytest.raises(ClientError, match="AccessDenied"):
        request_of(s3)


def test_the_log_expires_and_nothing_else(cloud: Cloud) -> None:
    with cloud.client() as client:
        applied = client.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    assert applied == LIFECYCLE["Rules"]
    (rule,) = applied
    assert rule["Status"] == "Enabled"
    assert rule["Expiration"] == {"Days": 30}
    prefix = rule["Filter"]["Prefix"]
    log = [layout.logs("a"), layout.log("a", "b", 1), layout.process_stats("a", "b"), layout.plan("a", 1), PROBE]
    of_a_run = (layout.manifest, layout.changes, layout.ledger, layout.schema, layout.stats, layout.report)
    parts = (layout.records_parquet, layout.records_jsonl, layout.sightings)
    kept = [layout.CURRENT, layout.COMMITS, layout.commit(1), layout.RUNS]
    kept += [key(run) for key in of_a_run for run in ("a", "log")] + [key("log", 0) for key in parts]
    assert all(f"{PREFIX}/{key}".startswith(prefix) for key in log)
    assert not any(f"{PREFIX}/{key}".startswith(prefix) for key in kept)


def _actions(statement: dict[str, Any]) -> list[str]:
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else actions
