#!/usr/bin/env python3
"""What redaction costs: whole processes in pairs, with it and with `--redact off`.

redaction.py PASSDOWN [--runs N] LOG...

The two of a pair take turns, so that a neighbour on the machine slows both; of each log the median of the differences, in
milliseconds of the clock and of the processor, and the difference of the memory. Ends with 1 where a log costs more than 5 ms
of the clock or 16 MiB.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
MOST_MS, MOST_MIB = 5.0, 16.0


def run(command):
    """Milliseconds of the clock and of the processor, and MiB at most."""
    begin = time.perf_counter()
    child = subprocess.Popen(command, env={**os.environ, "HOME": "/nonexistent"}, **SILENT)
    _, status, used = os.wait4(child.pid, 0)
    clock = (time.perf_counter() - begin) * 1000
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{command}: exit {child.returncode}")
    return clock, (used.ru_utime + used.ru_stime) * 1000, used.ru_maxrss / 1024


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("passdown", type=Path)
    args.add_argument("logs", nargs="+", metavar="LOG")
    args.add_argument("--runs", type=int, default=31)
    args = args.parse_args()
    passdown = str(args.passdown.resolve())
    kept = True
    for log in args.logs:
        usual, off = [passdown, log], [passdown, log, "--redact", "off"]
        run(usual), run(off)
        pairs = []
        for number in range(args.runs):
            # Each is first as often as the other.
            order = (usual, off) if number % 2 else (off, usual)
            took = {command is usual: run(command) for command in order}
            pairs.append((took[True], took[False]))
        clock, worked, memory = (statistics.median(a[n] - b[n] for a, b in pairs) for n in range(3))
        without = statistics.median(b[0] for _, b in pairs)
        print(f"{Path(log).name[:12]} {os.path.getsize(log) / 1e6:5.1f} MB: {clock:+.1f} ms of the clock, {worked:+.1f} ms of the processor, {memory:+.1f} MiB; without {without:.1f} ms")
        kept &= clock <= MOST_MS and memory <= MOST_MIB
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
