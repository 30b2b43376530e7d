#!/usr/bin/env python3
"""The whole process against others: `benches/whole.py`, with cargo, pip and two gigabytes for temporary files.

Times are medians of rounds in which the programs take turns on the same 4 MB log, so that a neighbour on the
machine slows all of them; the ratios are the result. Memory is the most that was resident, on logs of 4 MB,
100 MB and 1 GB; the process that measures is the floor of it, at some 12 MiB.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

PEER = "claude-handoff==0.20.0"
MIB = 1 << 20
SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
HERE = Path(__file__).resolve().parent.parent


def run(command, home):
    """Wall time in seconds, and the most resident memory in bytes; `home` hides sessions and settings."""
    environ = {**os.environ, "HOME": str(home)}
    begin = time.perf_counter()
    child = subprocess.Popen(command, env=environ, **SILENT)
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - begin
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{command}: exit {child.returncode}")
    return wall, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def log(folder, size):
    path = folder / f"{size}.jsonl"
    bench = ["cargo", "bench", "--quiet", "--bench", "write_log", "--", str(size), str(path)]
    subprocess.run(bench, cwd=HERE, check=True)
    return path


def release():
    """The path of the program, built as it is released."""
    subprocess.run(["cargo", "build", "--quiet", "--release"], cwd=HERE, check=True)
    return str(Path(os.environ.get("CARGO_TARGET_DIR", HERE / "target")) / "release" / "passdown")


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--rounds", type=int, default=15)
    args.add_argument("--small", action="store_true", help="leave out the log of 1 GB")
    args = args.parse_args()

    passdown = release()

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        venv.create(folder / "venv", with_pip=True)
        subprocess.run([folder / "venv/bin/pip", "install", "--quiet", PEER], check=True)
        path = str(log(folder, 4_000_000))
        programs = {
            "passdown": [passdown, path],
            "passdown --format json": [passdown, path, "--format", "json"],
            "passdown --version": [passdown, "--version"],
            "claude-handoff": [str(folder / "venv/bin/claude-handoff"), path, "-o", "-"],
            "wc -l": ["wc", "-l", path],
        }
        times = {name: [] for name in programs}
        for _ in range(args.rounds + 1):
            for name, command in programs.items():
                times[name].append(run(command, folder)[0])
        # The first round warms the caches.
        medians = {name: statistics.median(all[1:]) for name, all in times.items()}
        print("4 MB                       median      of passdown")
        for name, median in medians.items():
            print(f"{name:<24} {median * 1000:7.1f} ms {median / medians['passdown']:9.2f} x")
        ratio = statistics.median(
            peer / ours for peer, ours in zip(times["claude-handoff"][1:], times["passdown"][1:])
        )
        print(f"{PEER} takes {ratio:.2f} times as long, median of the rounds\n")

        print("log           passdown                          claude-handoff        wc -l")
        for size in [4_000_000, 100_000_000] + ([] if args.small else [1_000_000_000]):
            path = log(folder, size)
            size = path.stat().st_size
            wall, ours = run([passdown, str(path)], folder)
            peer_wall, peer = run([str(folder / "venv/bin/claude-handoff"), str(path), "-o", "-"], folder)
            wc, _ = run(["wc", "-l", str(path)], folder)
            limit = 400 * 10**6 if size >= 10**9 else 2 * size + 24 * MIB
            kept = "ok" if ours < limit else "OVER"
            print(
                f"{size / 1e6:6.0f} MB {wall:7.3f} s {ours / MIB:6.0f} MiB (limit {limit / MIB:4.0f}: {kept})"
                f"{peer_wall:8.3f} s {peer / MIB:4.0f} MiB {wc:8.3f} s"
            )
            path.unlink()


if __name__ == "__main__":
    main()
