"""What the files of deploy/ set in the environment of a crawl, to hold it to the settings that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

OF_BOTO3 = {"AWS_ENDPOINT_URL_S3", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


def settings_of(environment: Iterable[str]) -> set[str]:
    """Return the names of an environment that must be settings: none that boto3 or the shell reads.

    >>> settings_of({"EXPORT_URI": "", "AWS_DEFAULT_REGION": "", "RUN_ID": ""})
    {'EXPORT_URI'}
    """
    return set(environment) - OF_BOTO3 - {"RUN_ID", "TMPDIR"}
