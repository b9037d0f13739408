"""The file of metrics: what it holds, who can read it, and that nothing else is lost for it."""

from __future__ import annotations

import re
import subprocess
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler import stats
from crawler.errors import StoreError, UsageError
from crawler.extensions import metrics
from tests.monitoring.outcomes import FAILED, PASSED, SHRINK, begun, published, refused
from tests.monitoring.prometheus import promtool, series, tool
from tests.servers.ports import free_ports

if TYPE_CHECKING:
    from crawler.extensions.outcome import Outcome

EVERYTHING = published(PASSED, FAILED, kept=("ukds",))


def value(text: str, name: str, **labels: str) -> float | None:
    """Return the one value of a metric that has these labels, None where there is none."""
    wanted = {f'{label}="{said}"' for label, said in labels.items()}
    found = [number for sample, number in samples(text).items() if is_of(sample, name, wanted)]
    assert len(found) <= 1
    return found[0] if found else None


def samples(text: str) -> dict[str, float]:
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if line[0] != "#"}


def is_of(sample: str, name: str, labels: set[str]) -> bool:
    return sample.startswith(f"{name}{{") and labels <= set(re.findall(r'\w+="[^"]*"', sample))


def written(path: Path, outcome: Outcome) -> str:
    metrics.write(str(path), outcome)
    return path.read_text()


def test_a_run_that_was_published(tmp_path: Path) -> None:
    text = written(tmp_path / "nightly.prom", EVERYTHING)
    assert text.endswith("# EOF\n")
    expected = {
        ("study_crawler_exit_code", ()): 0,
        ("study_crawler_last_run", (("command", "publish"), ("result", "published"), ("run_id", "nightly"))): 1,
        ("study_crawler_records", (("type", "study"),)): 1000,
        ("study_crawler_records_changed", (("change", "added"),)): 1200,
        ("study_crawler_records_carried", ()): 12,
        ("study_crawler_targets", (("site", "ukds"), ("state", "fetch_failed"))): 30,
        ("study_crawler_gate_verdict", (("verdict", "failed"), ("outcome", "warned"))): 1,
        ("study_crawler_gate_value", (("setting", "GATE_MAX_FAILED[ukds]"),)): 0.4,
        ("study_crawler_gate_limit", (("setting", "GATE_MAX_FAILED[ukds]"),)): 0.02,
        ("study_crawler_source_kept", (("site", "ukds"),)): 1,
        ("study_crawler_unknown_keys", (("site", "harmony"),)): 2,
        ("study_crawler_circuits_opened", (("host", "doi.org"),)): 1,
        ("study_crawler_responses", (("status", "200"),)): 1000,
        ("study_crawler_unacknowledged_targets", ()): 0,
    }
    assert {key: value(text, key[0], **dict(key[1])) for key in expected} == expected
    assert all('crawl="nightly"' in sample for sample in samples(text))


def test_what_each_host_was_asked_is_summed(tmp_path: Path) -> None:
    outcome = published(PASSED)
    counted = {"requests": [10, 2], "failures": [1, 2], "bytes": [9, 0]}
    outcome.stats = {stats.TRAFFIC: {"hosts": {"doi.org": counted, "example.org": counted}}}
    text = written(tmp_path / "nightly.prom", outcome)
    assert value(text, "study_crawler_host_requests", host="doi.org") == 12
    assert value(text, "study_crawler_host_failures", host="example.org") == 3


def test_a_run_that_the_gate_refused(tmp_path: Path) -> None:
    text = written(tmp_path / "nightly.prom", refused(PASSED, SHRINK))
    assert value(text, "study_crawler_exit_code") == 3
    assert value(text, "study_crawler_gate_verdict", verdict="shrink", outcome="refused") == 1
    assert value(text, "study_crawler_gate_verdict", verdict="min_records", outcome="passed") == 1
    assert value(text, metrics.SUCCESS) == 0


def test_the_last_success_outlives_a_failure(tmp_path: Path) -> None:
    first = value(written(tmp_path / "nightly.prom", EVERYTHING), metrics.SUCCESS)
    failed = begun("crawl")
    failed.failed(StoreError("v1/log/.probe", "away"))
    failed.end()
    text = written(tmp_path / "nightly.prom", failed)
    assert value(text, metrics.SUCCESS) == first
    assert first
    assert (value(text, "study_crawler_exit_code"), value(text, "study_crawler_records", type="study")) == (4, None)


def test_promtool_finds_no_fault_in_it(tmp_path: Path) -> None:
    text = written(tmp_path / "nightly.prom", EVERYTHING)
    assert promtool("check", "metrics", given=text) == ""
    assert {sample.partition("{")[0] for sample in series(text)} <= metrics.METRICS.keys()


def test_node_exporter_reads_the_files_of_two_crawls(tmp_path: Path) -> None:
    for name in ("nightly", "ukds"):
        metrics.write(str(tmp_path / f"{name}.prom"), EVERYTHING)
    (port,) = free_ports(1)
    command = [
        tool("prometheus-node-exporter"),
        f"--web.listen-address=127.0.0.1:{port}",
        "--collector.disable-defaults",
        "--collector.textfile",
        f"--collector.textfile.directory={tmp_path}",
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            told = scraped(port, process)
        finally:
            process.kill()
    assert "node_textfile_scrape_error 0\n" in told
    for name in ("nightly", "ukds"):
        assert value(told, "study_crawler_records", type="study", crawl=name) == 1000


def scraped(port: int, process: subprocess.Popen[bytes]) -> str:
    """Ask an exporter for all it has, once it listens."""
    while process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/metrics")
            return connection.getresponse().read().decode()
        except ConnectionRefusedError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise AssertionError("it does not listen")


def test_others_may_read_the_file(tmp_path: Path) -> None:
    """node_exporter is another user."""
    written(tmp_path / "nightly.prom", EVERYTHING)
    (tmp_path / "touched").touch()
    assert (tmp_path / "nightly.prom").stat().st_mode == (tmp_path / "touched").stat().st_mode


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("absent/nightly.prom", "cannot be written (No such file or directory)"),
        ("/sys/nightly.prom", "cannot be written (Permission denied)"),
        ("", "cannot be written (Is a directory)"),
        ("notes.txt", "holds something else than metrics"),
    ],
)
def test_a_file_that_cannot_be_had(tmp_path: Path, path: str, says: str) -> None:
    (tmp_path / "notes.txt").write_text("What I wanted to remember\n")
    with pytest.raises(UsageError) as refusal:
        metrics.check(str(tmp_path / path))
    assert says in str(refusal.value)
    assert [each.name for each in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = written(tmp_path / "nightly.prom", EVERYTHING)

    def full(self: Path, data: bytes) -> int:
        self.touch()
        raise OSError(28, "No space left on device", str(data[:9]))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        metrics.write(str(tmp_path / "nightly.prom"), refused(SHRINK))
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("nightly.prom", before)]
