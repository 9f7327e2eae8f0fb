"""Measure and tell: `make bench`. It fails nothing; it says which bounds are met."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from bench import measures
from bench.house import browsing, serving

ROUNDS = 20


def rows() -> Iterator[measures.Row]:
    """Measure everything, one figure after the other."""
    yield from measures.payloads()
    with browsing() as browser, serving("app.py") as app, serving("bench/empty.py") as empty:
        yield from measures.transfers(browser, app)
        yield from measures.frames(browser, app)
        yield from measures.changes(browser, app, empty, ROUNDS)


def main() -> None:
    """Print a table of the figures as they come."""
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{'figure':66} {'value':>10}  {'bound':>9}")
    for row in rows():
        sign = "" if row.bound is None else f"{'>=' if row.more_is_better else '<='} {row.bound:g}"
        print(f"{row.name:66} {row.figure:>8.4g} {row.unit:<2} {sign:>9}  {row.verdict}", flush=True)
    print(f"load of the machine after: {os.getloadavg()[0]:.1f}", file=sys.stdout)


if __name__ == "__main__":
    main()
