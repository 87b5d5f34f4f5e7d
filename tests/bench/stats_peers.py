#!/usr/bin/env python3
"""Runs bench_stats and its peer pROC in turns and prints medians and paired ratios.

Usage: stats_peers.py BENCH_STATS [ROUNDS]. pROC is left out where Rscript or the package is not installed.
"""
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SIZES = (40_561, 1_000_000)


def figures(*command):
    """The lines "name value ..." of a program, all values of a name."""
    out = {}
    for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
        name, value = line.split()[:2]
        out.setdefault(name, []).append(float(value))
    return out


def has_proc():
    try:
        return subprocess.run(["Rscript", "-e", "library(pROC)"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def compare(bench, n, rounds, proc, folder):
    data = Path(folder) / f"{n}.f64"
    if proc:
        subprocess.run([bench, "write", str(n), str(data)], check=True)
    ours, theirs, ratios, last = [], [], [], {}
    for _ in range(rounds):
        last = figures(bench, "paired", str(n), "5")
        ours.append(last["delong"][0])
        if proc:
            peer = figures("Rscript", str(HERE / "time_proc.R"), str(data), str(n))
            theirs.append(statistics.median(peer["proc"]))
            ratios.append(theirs[-1] / ours[-1])
            # The same test on the same data, or the times mean nothing.
            assert abs(peer["z"][0] - last["z"][0]) < 1e-4 * abs(last["z"][0]), (peer["z"], last["z"])
    row = [f"{n:,}", f"{statistics.median(ours):.1f}"]
    row += [f"{statistics.median(theirs):.1f}", f"{statistics.median(ratios):.1f}"] if proc else ["-", "-"]
    row += [f"{last['clustered_over_delong'][0]:.2f}", f"{last['memory_delong'][0]:.0f}", f"{last['memory_clustered'][0]:.0f}"]
    return row


def main():
    bench = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    proc = has_proc()
    print("Two models, paired, one thread, from arrays in memory, processor time; medians of", rounds, "rounds in turns")
    header = ["n", "DeLong ms", "pROC ms", "pROC / ours", "clustered / DeLong", "bytes/row/model", "clustered"]
    rows = [header]
    with tempfile.TemporaryDirectory() as folder:
        for n in SIZES:
            rows.append(compare(bench, n, rounds, proc, folder))
    widths = [max(len(row[k]) for row in rows) for k in range(len(header))]
    for row in rows:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths)))
    bootstrap = figures(bench, "bootstrap", "5")["bootstrap"][0]
    print(f"2,000 cluster bootstrap replicates, three models, n = 3,197, 783 clusters, 2 threads: {bootstrap:.0f} ms")
    if not proc:
        print("pROC was left out: Rscript with the package pROC is not installed (Debian: r-cran-proc)")


if __name__ == "__main__":
    main()
