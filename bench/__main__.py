"""Measure and tell: `make bench`. It fails nothing; it says which bounds are met."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from bench.change import changes, shares
from bench.engines import engines
from bench.frames import frames
from bench.house import browsing, serving
from bench.pages import pages
from bench.scenes import scenes
from bench.table import HEAD, Row
from bench.training import training
from bench.transfers import transfers

ROUNDS = 30
PROFILED = 12
SUBJECTS = ("scenes", "engines", "training", "transfers", "frames", "change", "pages", "shares")


def rows(subjects: set[str]) -> Iterator[Row]:
    """Measure what is asked for, one figure after the other."""
    if "scenes" in subjects:
        yield from scenes()
    if "engines" in subjects:
        yield from engines()
    if "training" in subjects:
        yield from training()
    if subjects <= {"scenes", "engines", "training"}:
        return
    with browsing() as browser, serving("app.py") as app, serving("bench/empty.py") as empty:
        if "transfers" in subjects:
            yield from transfers(browser, app, empty)
        if "frames" in subjects:
            yield from frames(browser, app)
        if "change" in subjects:
            yield from changes(browser, app, empty, ROUNDS)
        if "pages" in subjects:
            yield from pages(browser, app, empty)
        if "shares" in subjects:
            yield from shares(browser, PROFILED)


def main() -> None:
    """Print a table of the figures as they come; subjects may be named on the command line."""
    subjects = set(sys.argv[1:]) or set(SUBJECTS)
    if unknown := subjects - set(SUBJECTS):
        sys.exit(f"There is no {', '.join(sorted(unknown))} to measure; there are {', '.join(SUBJECTS)}.")
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(HEAD)
    for row in rows(subjects):
        print(row.line(), flush=True)
    print(f"load of the machine after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
