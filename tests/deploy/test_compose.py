"""deploy/compose.yaml: docker compose reads it, and what its services run crawls the sandbox into the store."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import ROOT
from tests.crawl.crawling import COMPILED, WITHOUT_BROWSER
from tests.deploy.dockerfile import default_command
from tests.deploy.environment import settings_of
from tests.docs.test_shell import FROM_ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Mapping

SANDBOX = ("deploy/compose.yaml",)
SITES = (*SANDBOX, "deploy/compose.sites.yaml")
BIN = Path(sys.executable).parent
HERE = "127.0.0.1 localhost store frontier\n"
"""All services are on one machine here, and have one network between them."""


def config(*files: str, **more: str) -> dict[str, Any]:
    """Return the services as docker compose reads them, those of all profiles."""
    given = [word for file in files for word in ("--file", file)]
    command = [str(BIN / "docker-compose"), *given, "--profile=*", "config", "--format=json"]
    ran = subprocess.run(command, cwd=ROOT, env=os.environ | more, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    services: dict[str, Any] = json.loads(ran.stdout)["services"]
    return services


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return config(*SANDBOX)


def shell(service: Mapping[str, Any], *command: str) -> str:
    """Return the line of a shell that runs a command with a service's environment."""
    return shlex.join(["env", *(f"{name}={value}" for name, value in service.get("environment", {}).items()), *command])


def test_its_services_crawl_the_sandbox_into_the_store(services: dict[str, Any], tmp_path: Path) -> None:
    store, sandbox, crawler = (services[name] for name in ("store", "sandbox", "crawler"))
    weed = [word.replace("/data", str(tmp_path)) for word in store["command"]]
    _, *healthcheck = sandbox["healthcheck"]["test"]
    crawl = [*(crawler["command"] or default_command()), "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=16"]
    script = f"""
        {shell(store, str(BIN / "weed"), *weed)} > {tmp_path}/store.log 2>&1 &
        {shell(sandbox, "scrapy", *sandbox["command"])} > {tmp_path}/sandbox.log 2>&1 &
        until {shlex.join(healthcheck)} 2>/dev/null; do sleep 0.1; done
        {shell(crawler, "scrapy", *crawl)} && {shell(crawler, "scrapy", "runs", "--json")}
    """
    (tmp_path / "hosts").write_text(HERE)
    alone = ["bwrap", "--dev-bind", "/", "/", "--ro-bind", str(tmp_path / "hosts"), "/etc/hosts", "--unshare-net"]
    alone += ["--unshare-pid", "--as-pid-1", "--die-with-parent"]
    told = {"PATH": f"{BIN}:{os.environ['PATH']}", "PYTHONPATH": ""}  # the guard of tests/loopback knows no `store`
    environment = os.environ | COMPILED | WITHOUT_BROWSER | told
    ran = subprocess.run(
        [*alone, "/bin/sh", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    summary, listed = ran.stdout.split("\n", 1)
    (run,) = json.loads(listed)
    assert json.loads(summary)["run_id"] == run["run_id"]
    assert run["current"]
    assert run["records"] > 100


@pytest.mark.parametrize("name", ["crawler", "worker"])
def test_the_real_sites_get_their_manners_and_an_export_of_their_own(services: dict[str, Any], name: str) -> None:
    real = config(*SITES, CONTACT="https://example.org/crawler")[name]
    assert real["command"][:2] == default_command()
    assert "-s" not in real["command"]
    assert real["environment"]["MIRROR"] == ""
    assert real["environment"]["EXPORT_URI"] != services[name]["environment"]["EXPORT_URI"]
    assert real["image"] == services[name]["image"]


def test_the_real_sites_are_not_crawled_by_nobody() -> None:
    with pytest.raises(AssertionError, match="CONTACT is missing a value"):
        config(*SITES)


def test_several_workers_have_one_run_and_one_frontier(services: dict[str, Any]) -> None:
    worker = services["worker"]
    assert worker["deploy"]["replicas"] > 1
    assert [word for word in worker["command"] if word.startswith("run_id=")]
    assert worker["environment"]["FRONTIER_URL"].startswith("redis://frontier:")
    assert {name for name, service in services.items() if "profiles" in service} == {"worker", "frontier"}


def test_nothing_can_be_reached_from_outside_this_machine(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", ())]
    assert {port["host_ip"] for port in ports} == {"127.0.0.1"}
    assert set(services["frontier"]["networks"]) == {"inside"}


@pytest.mark.parametrize("name", ["crawler", "worker", "sandbox"])
def test_what_is_ours_may_do_nothing_but_crawl(services: dict[str, Any], name: str) -> None:
    service = services[name]
    assert (service["read_only"], service["tmpfs"], service["cap_drop"]) == (True, ["/tmp"], ["ALL"])  # noqa: S108 - the container's
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_their_settings_are_those_of_the_project(services: dict[str, Any]) -> None:
    assert settings_of(services["worker"]["environment"]) <= FROM_ENVIRONMENT
    assert settings_of(config(*SITES, CONTACT="x")["worker"]["environment"]) <= FROM_ENVIRONMENT
