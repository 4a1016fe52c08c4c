"""Medians of interleaved rounds, and the lines that say how they compare with the goals."""

import os
import random
import statistics


def interleaved(contenders, rounds, measure):
    """Runs `measure(contender)` for each in random order, round after round.

    Returns a dictionary from contender name to the medians of the dictionaries that `measure` returned.
    """
    samples = {contender.name: [] for contender in contenders}
    for _ in range(rounds):
        for contender in random.sample(contenders, len(contenders)):
            samples[contender.name].append(measure(contender))
    return {name: {key: statistics.median(run[key] for run in runs) for key in runs[0]}
            for name, runs in samples.items()}


def table(title, rows, columns):
    """`columns` maps a key of each row to (heading, format)."""
    print(f"\n{title}   (load average {os.getloadavg()[0]:.1f})")
    print("  " + " " * 22 + "".join(f"{heading:>16}" for heading, _ in columns.values()))
    for name, row in rows.items():
        print(f"  {name:<22}" + "".join(f"{format(row[key], form) if key in row else '-':>16}"
                                        for key, (_, form) in columns.items()), flush=True)


class Goals:
    """Collects what was wanted and what was seen, for the closing table."""

    def __init__(self):
        self.lines = []

    def at_least(self, what, seen, wanted, unit="x"):
        self._add(what, seen, "≥", wanted, unit, seen >= wanted)

    def at_most(self, what, seen, wanted, unit="x"):
        self._add(what, seen, "≤", wanted, unit, seen <= wanted)

    def told(self, what, seen, unit="x"):
        self.lines.append(f"  {'·':<6}{what:<58}{seen:>10.2f} {unit}")

    def _add(self, what, seen, sign, wanted, unit, holds):
        verdict = "ok" if holds else "SHORT"
        self.lines.append(f"  {verdict:<6}{what:<58}{seen:>10.2f} {unit:<6} (goal {sign} {wanted:g})")

    def print(self):
        print("\nAgainst the goals\n" + "\n".join(self.lines))
