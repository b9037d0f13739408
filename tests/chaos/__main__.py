"""Kills crawls at random moments and starts them again: `python -m tests.chaos [--kills 25] [--seed N]`."""

from __future__ import annotations

import argparse
import os
import random
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.export.folder import FolderStore
from crawler.export.s3 import S3Store
from tests.chaos.moments import PHASES, moment
from tests.chaos.trial import Place, trial, undisturbed
from tests.servers.s3 import seaweed


def main() -> None:
    """Run the trials and print a line for each; raises AssertionError at the first that fails.

    They take turns between the phases, between a folder and SeaweedFS, and between an export's first run and a later.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    draw = random.Random(options.seed)
    _say(f"{options.kills} kills, --seed {options.seed}")
    with TemporaryDirectory(prefix="chaos-") as name, seaweed() as server:
        folder, bucket = Path(name), server.new_bucket()
        os.environ.update(server.environment)
        both = [undisturbed(folder / "first", later=False), undisturbed(folder / "later", later=True)]
        for number in range(options.kills):
            turn = number + number // len(PHASES)  # so that every phase meets every kind
            where, phase = f"trial-{number}", PHASES[number % len(PHASES)]
            place = _in_bucket(bucket, where) if turn % 2 else _in_folder(folder / where)
            expected = both[turn // 2 % 2]
            when = moment(phase, draw, expected.asked)
            _say(f"{number + 1:3} {phase:12} {when:28} {place.uri}")
            began = time.monotonic()
            trial(place, expected, when)
            _say(f"      whole, and the same as undisturbed, after {time.monotonic() - began:.0f} s")


def _in_bucket(bucket: str, prefix: str) -> Place:
    return Place(uri=f"s3://{bucket}/{prefix}", store=S3Store(bucket, prefix))


def _in_folder(folder: Path) -> Place:
    return Place(uri=str(folder), store=FolderStore(folder))


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
