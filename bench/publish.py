"""Publishing at scale: a run of 1,000,000 sightings of 500,000 records, from its log to its commit, in one go.

The log is made here and is no part of what is measured. Publishing is the real command in a process of its own, which
reports its peak memory; its temporary database lies in TMPDIR. Before that, the pure functions of it alone: what would
be the same work on many machines, each with the sightings of some studies and their parts.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from crawler.export.folder import FolderStore
from crawler.export.log import BatchLog, leave
from crawler.export.manifest import now, read
from crawler.identity.keys import identify
from crawler.items import Sighting, State, Target, Variable
from crawler.records.merge import digest, merge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crawler.identity.keys import Identity
    from crawler.items import Record

SCRAPY = Path(sys.executable).with_name("scrapy")
ROOT = Path(__file__).parent.parent
RECORDS = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
PARTS = 4
STUDIES = 4_000
BATCH = 5_000
SITE = "https://harmonydata.ac.uk/search/items"
SENTENCE = "Respondents were asked about work, health and housing in waves of interviews at home, and again by post. "


def item(number: int, *, embedded: bool) -> Sighting:
    """Return what a page says of an item; each fifth is a study, and the four after it are its parts."""
    study = number - number % (PARTS + 1)
    uuid = f"{number:032x}"
    sighting = Sighting(
        source="harmony_flight",
        url=f"{SITE}/{uuid}",
        type="study" if number == study else "dataset",
        title=f"Survey {study}, file {number - study}" if number != study else f"Survey {study}",
        description=f"{number}: {SENTENCE * (2 + number % 5)}",
        keywords=[f"keyword {number % 977}", f"keyword {number % 991}", "households"],
        variables=[Variable(name=f"v{each}", description=SENTENCE[: 20 + each]) for each in range(number % 8)],
        dois=[f"10.5255/ukda-sn-{study}-1"],
        uuid=uuid,
        embedded=embedded,
        ancestors=[] if number == study else [f"{study:032x}"],
    )
    sighting.digest = digest(sighting)
    return sighting


def targets() -> Iterator[Target]:
    """Yield a target for each item, whose page also mentions its neighbour."""
    for number in range(RECORDS):
        url = f"{SITE}/{number:032x}"
        told = [item(number, embedded=False), item((number + 1) % RECORDS, embedded=True)]
        for sighting in told:
            sighting.page, sighting.fetched_at = url, "2031-05-06T07:08:09Z"
        yield Target(url=url, state=State.STORED, status=200, attempts=1, fetched_at=told[0].fetched_at, sightings=told)


def write_log(store: FolderStore) -> None:
    """Write the log of the run `bench`."""
    log = BatchLog(store, "bench", "one")
    batch: list[Target] = []
    for target in targets():
        batch.append(target)
        if len(batch) == BATCH:
            log.append(batch)
            batch = []
    if batch:
        log.append(batch)
    leave(store, "bench", "one", {"finish_reason": "finished", "start_time": now()})


def records(sightings: list[Sighting]) -> Iterator[Record]:
    """Yield the records of a study and its parts, from all sightings that there are of them."""
    told, parts = defaultdict(list), defaultdict(set)
    identities: dict[str, Identity] = {}
    for identity, sighting in zip(identify(sightings), sightings, strict=True):
        if identity is not None:
            told[identity.key].append(sighting)
            parts[identity.part_of].add(identity.key)
            identities[identity.key] = min(identity, identities.get(identity.key, identity), key=lambda of: of.group)
    for key, identity in identities.items():
        yield merge(identity, told[key], parts[key])


def print_pure_cost() -> None:
    """Print what decoding the sightings of some studies, merging them and encoding their records takes."""
    number = PARTS + 1
    groups = [
        [orjson.dumps(item(study * number + each, embedded=again)) for each in range(number) for again in (False, True)]
        for study in range(STUDIES)
    ]
    started = time.process_time()
    decoded = [[Sighting(**orjson.loads(told)) for told in group] for group in groups]
    between = time.process_time()
    merged = [record for group in decoded for record in records(group)]
    done = time.process_time()
    written = [orjson.dumps(record) for record in merged]
    ended = time.process_time()
    sightings = sum(map(len, groups))
    size, of_record = sum(map(_bytes, groups)) / sightings, _bytes(written) / len(merged)
    decode, encode = (between - started) / sightings * 1e6, (ended - done) / len(merged) * 1e6
    print(f"a sighting: {size:,.0f} bytes, {decode:.0f} µs to decode; a record: {of_record:,.0f} bytes", end=", ")
    print(f"{(done - between) / len(merged) * 1e6:.0f} µs to identify and merge, {encode:.0f} µs to encode")


def _bytes(lines: Iterable[bytes]) -> int:
    return sum(map(len, lines))


def main() -> None:
    """Publish the run, and print what it took."""
    print_pure_cost()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        store = FolderStore(Path(folder))
        write_log(store)
        started = time.monotonic()
        command = [str(SCRAPY), "publish", "bench"]
        told = os.environ | {"EXPORT_URI": folder}
        subprocess.run(command, cwd=ROOT, env=told, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - ours
        seconds = time.monotonic() - started
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        manifest = read(store, "bench")
        print(f"{2 * RECORDS:,} sightings of {sum(manifest.counts.records.values()):,} records published: ")
        cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
        print(f"  {seconds:.0f} s, {cpu:.0f} CPU-seconds, {peak:,.0f} MiB at its peak")
        for kind in ("records/parquet", "records/jsonl", "sightings", "ledger", "changes"):
            parts = [info for info in manifest.objects if f"/{kind}" in info.key]
            print(f"  {kind}: {sum(info.bytes for info in parts) / 1e6:,.1f} MB in {len(parts)} objects")


if __name__ == "__main__":
    main()
