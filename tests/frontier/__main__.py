"""Disturbs a large run of several workers at random moments: `python -m tests.frontier [--studies 2000] [--seed N]`."""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.frontier.trial import EMPTY, KILL, PAUSE, WORKERS, disturbed, undisturbed
from tests.servers.redis import running

KILLS = 10
MOST_AGAIN = 0.02


def main() -> None:
    """Run it once alone and once disturbed, and print what came of it; raises AssertionError where that differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.frontier")
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    draw = random.Random(options.seed)
    print(f"{options.studies} studies, {WORKERS} workers, --seed {options.seed}", flush=True)
    with TemporaryDirectory(prefix="chaos-") as name, running() as redis:
        alone = undisturbed(Path(name, "alone"), redis, options.studies)
        disturbances = [*[KILL] * KILLS, PAUSE, EMPTY]
        draw.shuffle(disturbances)
        times = sorted(draw.sample(range(alone.asked), len(disturbances)))
        moments = [(at, what, draw.randrange(WORKERS)) for at, what in zip(times, disturbances, strict=True)]
        print("\n".join(f"  after {at} requests: {what} {which}" for at, what, which in moments), flush=True)
        outcome = disturbed(Path(name, "disturbed"), redis, options.studies, moments)
    print(f"{outcome.asked} pages asked for, {outcome.again} of them again, where one worker asks for {alone.asked}")
    assert outcome.snapshot == alone.snapshot
    assert outcome.commits == alone.commits
    assert outcome.again <= MOST_AGAIN * alone.asked
    print("The same as undisturbed.")


if __name__ == "__main__":
    main()
