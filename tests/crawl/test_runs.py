"""`scrapy runs` and `scrapy rollback`, on an export that the library has written."""

from __future__ import annotations

import json
import os
import subprocess
from argparse import Namespace
from dataclasses import asdict, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.settings import Settings

from crawler.commands import rollback, runs
from crawler.export import layout
from crawler.export.folder import FolderStore
from crawler.export.manifest import Counts, Manifest, ObjectInfo, commit, current, to_json
from crawler.records.gate import Verdict
from tests.crawl.crawling import NO_SITE, ROOT, SCRAPY, environment, scrapy
from tests.export.sample import RUN

if TYPE_CHECKING:
    from pathlib import Path

    from scrapy.commands import ScrapyCommand

SHRINK = Verdict(name="shrink", passed=False, value=0.4, limit=0.1, setting="GATE_MAX_SHRINK")
FAILED = Verdict(name="failed", passed=False, value=0.4, limit=0.02, setting="GATE_MAX_FAILED[harmony]")
WARNED = Verdict(name="fill", passed=False, value=0.4, limit=0.6, setting="GATE_MIN_FILL[doi]", enforced=False)


def run(number: int, *gate: Verdict, records: int = 2, **changes: int) -> Manifest:
    data = b"{}"
    run_id, finished = f"run-{number}", f"2026-11-{number:02d}T15:31:00Z"
    info = ObjectInfo(key=layout.schema(run_id), bytes=len(data), rows=None, sha256=sha256(data).hexdigest())
    counts = Counts(records={"study": records - 1, "dataset": 1}, changes=changes)
    about = replace(RUN, run_id=run_id, finished=finished)
    return Manifest(**asdict(about), counts=counts, objects=[info], gate=list(gate))


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """Return an export with runs that were published, refused, accepted and stopped, and one gone back to."""
    store = FolderStore(tmp_path)
    made = [
        run(1, records=1200, added=1200, updated=0, withdrawn=0),
        run(2, SHRINK, FAILED, FAILED, WARNED),
        run(3, replace(SHRINK, accepted=True), replace(FAILED, passed=True), added=1, updated=2, withdrawn=8),
        run(4),
    ]
    for each in made:
        store.put(layout.schema(each.run_id), b"{}")
        store.put(layout.manifest(each.run_id), to_json(each))
    for number in (1, 3, 1):
        commit(store, made[number - 1], after=current(store), now="2026-11-22T15:32:00Z")
    return tmp_path


def listed(exports: Path) -> list[dict[str, Any]]:
    ended = scrapy("runs", "--json", exports=exports)
    assert (ended.code, ended.log) == (0, "")
    found: list[dict[str, Any]] = json.loads(ended.out)
    return found


def exit_code(command: ScrapyCommand, uri: object, *args: str) -> int:
    """Run a command in this process, which is a hundred times faster than to start one; return its exit code."""
    command.settings = Settings({"EXPORT_URI": str(uri), "EXPORT_OUTAGE_SECONDS": "0.1"})
    command.run(list(args), Namespace(set=[], json=False))
    return command.exitcode


def test_the_table(exports: Path) -> None:
    ended = scrapy("runs", exports=exports)
    assert (ended.code, ended.log) == (0, "")
    assert ended.out.splitlines() == [
        "run             finished              records  changes                          verdict",
        "run-4           2026-11-04T15:31:00Z        2  none                             not published",
        "run-3           2026-11-03T15:31:00Z        2  1 added, 2 updated, 8 withdrawn  published, shrink accepted",
        "run-2           2026-11-02T15:31:00Z        2  none                             refused: shrink, failed",
        "run-1  current  2026-11-01T15:31:00Z    1,200  1,200 added                      published, rolled back to",
    ]


def test_the_array(exports: Path) -> None:
    found = listed(exports)
    assert [row["run_id"] for row in found] == ["run-4", "run-3", "run-2", "run-1"]
    assert [row["run_id"] for row in found if row["current"]] == ["run-1"]
    assert found[1] == {
        "run_id": "run-3",
        "finished": "2026-11-03T15:31:00Z",
        "records": 2,
        "changes": {"added": 1, "updated": 2, "withdrawn": 8},
        "verdict": "published, shrink accepted",
        "current": False,
    }


def test_no_run_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "exports"
    assert listed(folder) == []
    assert exit_code(runs.Command(), folder) == 0
    assert capsys.readouterr() == (f"no run in {folder} yet\n", "")
    assert not folder.exists()


def test_a_current_run_that_was_deleted_is_shown_as_such(exports: Path) -> None:
    (exports / layout.manifest("run-1")).unlink()
    (first, *others), _ = runs.rows(FolderStore(exports))
    assert (first.run_id, first.records, first.verdict, first.current) == ("run-1", 1200, "deleted", True)
    assert [row.run_id for row in others if not row.current] == ["run-4", "run-3", "run-2"]


@pytest.mark.parametrize(
    ("run_id", "others"), [("run-2", ["run-4", "run-3", "run-1"]), ("run-1", ["run-4", "run-3", "run-2"])]
)
def test_a_damaged_manifest_ends_with_4_once_the_others_are_shown(
    exports: Path, capsys: pytest.CaptureFixture[str], run_id: str, others: list[str]
) -> None:
    (exports / layout.manifest(run_id)).write_text("{")
    assert exit_code(runs.Command(), exports) == 4
    out, error = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()[1:]] == others
    assert error.count("\n") == 1
    assert error.startswith(f"error: v1/runs/{run_id}/manifest.json: is no manifest")


def test_who_reads_the_table_may_have_read_enough(exports: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run(
        [SCRAPY, "runs"], env=environment(NO_SITE, exports), cwd=ROOT, stdout=write, stderr=subprocess.PIPE, check=False
    )
    os.close(write)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_rollback_says_what_is_current_now(exports: Path) -> None:
    ended = scrapy("rollback", "run-3", exports=exports)
    commit = json.loads((exports / "v1/current.json").read_text())
    assert (ended.code, ended.log) == (0, "")
    assert ended.summary["result"] == "published"
    assert ended.summary["commit"] == commit["number"] == 4
    assert ended.summary["run_id"] == commit["run_id"] == "run-3"
    assert scrapy("rollback", "run-3", exports=exports).summary["result"] == "unchanged"
    assert [row.run_id for row in runs.rows(FolderStore(exports))[0] if row.current] == ["run-3"]


def test_a_rollback_to_a_run_that_was_deleted_ends_with_4_and_changes_nothing(exports: Path) -> None:
    (exports / layout.schema("run-3")).unlink()
    ended = scrapy("rollback", "run-3", exports=exports)
    assert (ended.code, ended.summary["result"]) == (4, "store")
    assert ended.error.startswith("error: v1/runs/run-3/schema.json: is missing; put back a copy of it, or")
    assert not (exports / layout.commit(4)).exists()


@pytest.mark.parametrize(
    ("command", "args", "line"),
    [
        (runs.Command, ["run-1"], "error: unknown argument 'run-1'; accepted is --json"),
        (rollback.Command, [], "error: name the one run to go back to; scrapy runs lists them"),
        (rollback.Command, ["run-1", "run-3"], "error: name the one run to go back to; scrapy runs lists them"),
        (rollback.Command, ["../run-1"], "error: run_id '../run-1' is not accepted"),
        (rollback.Command, ["run-5"], "error: there is no run run-5 that has a manifest"),
        (rollback.Command, ["run-2"], "error: run run-2 was never published"),
    ],
)
def test_wrong_use_ends_with_2_and_changes_nothing(
    exports: Path, capsys: pytest.CaptureFixture[str], command: type[ScrapyCommand], args: list[str], line: str
) -> None:
    assert exit_code(command(), exports, *args) == 2
    out, error = capsys.readouterr()
    assert error.count("\n") == 1
    assert out == "" if command is runs.Command else json.loads(out)["result"] == "usage"
    assert error.startswith(line)
    assert not (exports / layout.commit(4)).exists()


@pytest.mark.parametrize(("command", "args"), [(runs.Command, []), (rollback.Command, ["run-1"])])
def test_a_store_that_is_none_ends_with_2(
    capsys: pytest.CaptureFixture[str], command: type[ScrapyCommand], args: list[str]
) -> None:
    assert exit_code(command(), "ftp://example.org/x", *args) == 2
    assert capsys.readouterr().err.startswith("error: EXPORT_URI 'ftp://example.org/x' is not accepted")
