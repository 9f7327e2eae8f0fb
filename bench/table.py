"""One figure and its bound, and the line of the table that tells it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure: what it is, its bound (None where it only informs), and what else there is to say."""

    name: str
    figure: float
    unit: str = ""
    bound: float | None = None
    more_is_better: bool = False
    note: str = ""

    @property
    def verdict(self) -> str:
        """Return "met", "missed", or nothing for a figure without a bound."""
        if self.bound is None:
            return ""
        met = self.figure >= self.bound if self.more_is_better else self.figure <= self.bound
        return "met" if met else "MISSED"

    def line(self) -> str:
        """Return the row as a line of the table."""
        bound = "" if self.bound is None else f"{'>=' if self.more_is_better else '<='} {self.bound:g}"
        figure = f"{self.figure:>8.4g} {self.unit:4} {bound:>8}"
        return f"{self.name:58} {figure}  {self.verdict:7} {self.note}".rstrip()


HEAD = f"{'figure':58} {'value':>8} {'':4} {'bound':>8}"
