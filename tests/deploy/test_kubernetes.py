"""deploy/kubernetes/: sound for the versions that it is for, with no right too many, and fit for how a crawl ends."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from kubernetes_validate import validate

from crawler import __version__, errors
from crawler.export.layout import valid_run_id
from crawler.spiders.arguments import Arguments
from crawler.spiders.harmony import HarmonySpider
from tests.conftest import ROOT
from tests.crawl.test_signals import IN_TIME
from tests.deploy.dockerfile import default_command, user
from tests.deploy.environment import settings_of
from tests.docs.test_shell import FROM_ENVIRONMENT

OLDEST, NEWEST = "1.31", "1.37"
"""The first has podFailurePolicy for good; the second is the newest whose schemas are at hand."""
FOLDER = ROOT / "deploy/kubernetes"
RESOURCES: dict[str, dict[str, Any]] = {
    f"{path.stem}/{resource['kind']}": resource
    for path in sorted(FOLDER.glob("*.yaml"))
    for resource in yaml.safe_load_all(path.read_text())
}
CRONJOB = RESOURCES["cronjob/CronJob"]["spec"]
JOBS = {"cronjob": CRONJOB["jobTemplate"]["spec"], "workers": RESOURCES["workers/Job"]["spec"]}
PODS = {name: job["template"]["spec"] for name, job in JOBS.items()}
PODS["frontier"] = RESOURCES["frontier/Deployment"]["spec"]["template"]["spec"]
of_each_job = pytest.mark.parametrize("name", JOBS)
of_each_pod = pytest.mark.parametrize("name", PODS)


def container(name: str) -> dict[str, Any]:
    (only,) = PODS[name]["containers"]
    found: dict[str, Any] = only
    return found


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("resource", RESOURCES)
def test_every_resource_is_sound(resource: str, version: str) -> None:
    validate(RESOURCES[resource], version, strict=True)


@of_each_pod
def test_a_pod_is_one_that_the_restricted_standard_admits(name: str) -> None:
    """The pod security standard's strictest level, and a root file system that is read-only."""
    pod, of_container = PODS[name], container(name)["securityContext"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert of_container["capabilities"] == {"drop": ["ALL"]}
    assert (of_container["allowPrivilegeEscalation"], of_container["readOnlyRootFilesystem"]) == (False, True)
    assert not pod["automountServiceAccountToken"]
    assert {next(iter(volume.keys() - {"name"})) for volume in pod.get("volumes", ())} <= {"emptyDir"}
    assert container(name)["resources"].keys() == {"requests", "limits"}


@of_each_job
def test_the_image_is_that_of_this_version(name: str) -> None:
    assert container(name)["image"].endswith(f"/study-crawler:{__version__}")


@of_each_job
def test_the_image_names_a_user_that_is_not_root(name: str) -> None:
    assert "runAsUser" not in PODS[name]["securityContext"]
    assert user() > 0  # a name would not do: the kubelet must see that it is not root


@of_each_job
def test_a_failure_that_passes_is_tried_again_and_no_other(name: str) -> None:
    raised = [error for error in vars(errors).values() if isinstance(error, type)]
    codes = {error.exit_code for error in raised if issubclass(error, errors.CrawlerError)}
    again = {errors.CrawlFailed.exit_code, errors.StoreError.exit_code}
    ignored, failing = JOBS[name]["podFailurePolicy"]["rules"]
    assert ignored["action"] == "Ignore"
    assert failing["action"] == "FailJob"
    assert failing["onExitCodes"]["containerName"] == container(name)["name"]
    assert set(failing["onExitCodes"]["values"]) == codes - again
    assert PODS[name]["restartPolicy"] == "Never"  # else there is no policy
    assert JOBS[name]["backoffLimit"] > 0


@of_each_job
def test_a_pod_is_given_the_time_that_a_stop_takes(name: str) -> None:
    assert PODS[name]["terminationGracePeriodSeconds"] > IN_TIME


@of_each_job
def test_all_pods_of_a_job_have_one_run(name: str) -> None:
    (variable,) = (each for each in container(name)["env"] if each["name"] == "RUN_ID")
    assert variable["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.labels['batch.kubernetes.io/job-name']"
    command, spider, _, argument = container(name)["args"]
    assert [command, spider] == default_command()
    longest = argument.replace("$(RUN_ID)", "study-crawler-workers-".ljust(63, "0"))  # as long as a label may be
    run_id = Arguments.parse(dict([longest.split("=", 1)]), HarmonySpider.names).run_id
    assert valid_run_id(run_id) == run_id == longest.removeprefix("run_id=")


@of_each_job
def test_what_it_is_told_are_settings_of_the_project(name: str) -> None:
    told = {each["name"] for each in container(name)["env"]} | RESOURCES["config/ConfigMap"]["data"].keys()
    assert settings_of(told) <= FROM_ENVIRONMENT
    config, key = container(name)["envFrom"]
    assert config["configMapRef"]["name"] == RESOURCES["config/ConfigMap"]["metadata"]["name"]
    assert f"secret generic {key['secretRef']['name']} " in (FOLDER / "config.yaml").read_text()


@of_each_job
def test_nothing_but_the_temporary_folder_can_be_written(name: str) -> None:
    assert [mount["mountPath"] for mount in container(name)["volumeMounts"]] == ["/tmp"]  # noqa: S108 - the container's


def test_no_two_crawls_of_the_schedule_run_at_once() -> None:
    assert CRONJOB["concurrencyPolicy"] == "Forbid"
    assert CRONJOB["startingDeadlineSeconds"] > 0


def test_the_workers_find_the_frontier_and_no_one_else_may() -> None:
    service, policy = RESOURCES["frontier/Service"], RESOURCES["frontier/NetworkPolicy"]["spec"]
    (url,) = (each["value"] for each in container("workers")["env"] if each["name"] == "FRONTIER_URL")
    assert url == f"redis://{service['metadata']['name']}:{service['spec']['ports'][0]['port']}/0"
    labels = RESOURCES["frontier/Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert labels == service["spec"]["selector"] == policy["podSelector"]["matchLabels"]
    (rule,) = policy["ingress"]
    (peer,) = rule["from"]
    assert peer["podSelector"]["matchLabels"] == JOBS["workers"]["template"]["metadata"]["labels"]
