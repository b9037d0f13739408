"""How fast a recorded page is decoded, beside JSON of the same content, other decoders and React's own client.

    python bench/flight.py [PAGE]

CPU time on one core where the system can pin it: each figure is the median of many short batches, which take turns so
that all meet the same machine. The other decoders get an environment of their own, made when it is first needed.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT.parent / "shared" / "fixtures" / "harmony-item.flight.txt"
TRUTH = ROOT / "tests" / "truth"
PEERS = ROOT / ".venv" / "peers"
PACKAGES = ("nextflight==0.4.6", "njsparser==2.16")
PROP = "dataset"
RECORD = f"flight, {PROP}"
LONG = 1000
BATCHES = 31
BATCH_SECONDS = 0.01


def medians(subjects: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the CPU time of one call of each, in microseconds."""
    rounds = {}
    for name, call in subjects.items():
        rounds[name] = 1
        while seconds(call, rounds[name]) < BATCH_SECONDS:
            rounds[name] *= 2
    batches: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(BATCHES):
        for name, call in subjects.items():
            batches[name].append(seconds(call, rounds[name]) / rounds[name] * 1e6)
    return {name: statistics.median(times) for name, times in batches.items()}


def seconds(call: Callable[[], object], rounds: int) -> float:
    before = time.process_time()
    for _ in range(rounds):
        call()
    return time.process_time() - before


def ours(body: bytes) -> dict[str, Callable[[], object]]:
    """Decode the record alone and every row, and read JSON that says the same as all rows do."""
    import orjson  # noqa: PLC0415 - this file is run without the project, too

    sys.path.insert(0, str(ROOT))
    from crawler import flight  # noqa: PLC0415 - likewise

    said = json.dumps(said_once(dict(flight.decode(body).rows), set()), default=str).encode()
    return {
        RECORD: lambda: next(flight.decode(body).find_prop(PROP)),
        "flight, every row": lambda: dict(flight.decode(body).rows),
        "json.loads": lambda: json.loads(said),
        "orjson.loads": lambda: orjson.loads(said),
    }


def said_once(value: object, seen: set[int]) -> object:
    """Return a value for JSON in which what stands in many places stands in the first one alone."""
    if isinstance(value, dict | list) or (isinstance(value, str) and len(value) >= LONG):
        if id(value) in seen:
            return None
        seen.add(id(value))
    if isinstance(value, dict):
        return {str(key): said_once(each, seen) for key, each in value.items()}
    return [said_once(each, seen) for each in value] if isinstance(value, list) else value


def theirs(body: bytes) -> dict[str, Callable[[], object]]:
    """Let the other decoders find the record; njsparser leaves references as they are."""
    from nextflight import FlightExtractor  # noqa: PLC0415 - they are in an environment of their own
    from njsparser.parser.flight_data import parse_decoded_raw_flight_data  # noqa: PLC0415 - likewise

    text = body.decode()
    return {
        "nextflight 0.4.6": lambda: FlightExtractor(text).find_by_keys([PROP])[PROP],
        "njsparser 2.16": lambda: parse_decoded_raw_flight_data([text]),
    }


def peers(page: Path) -> dict[str, float]:
    python = PEERS / "bin" / "python"
    if not python.exists():
        uv = Path(sys.executable).with_name("uv")
        output_of([uv, "venv", PEERS])
        output_of([uv, "pip", "install", "--quiet", "--python", python, *PACKAGES])
    return figures([python, __file__, page, "--peers"])


def react(page: Path) -> dict[str, float]:
    node = shutil.which("node")
    if node is None or not (TRUTH / "node_modules").exists():
        return {}
    times = figures([node, TRUTH / "time.mjs", page])
    return {f"React of Next {version}, {what}": time for version, each in times.items() for what, time in each.items()}


def figures(command: list[str | Path]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(output_of(command))
    return answer


def output_of(command: list[str | Path]) -> bytes:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout  # noqa: S603 - written in this file


def main(page: Path, *, only_peers: bool) -> None:
    """Print the table; for the environment of the other decoders, their figures as JSON."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    body = page.read_bytes()
    if only_peers:
        print(json.dumps(medians(theirs(body))))
        return
    times = medians(ours(body)) | peers(page) | react(page)
    print(f"{page.name}, {len(body):,} bytes; CPU time in µs\n")
    for name, taken in times.items():
        print(f"{name:32} {taken:9.1f}   {times[RECORD] / taken:5.2f} of it is the record's")


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--peers"]
    main(Path(arguments[0]) if arguments else PAGE, only_peers="--peers" in sys.argv)
