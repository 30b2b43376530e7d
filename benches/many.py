#!/usr/bin/env python3
"""A batch against `wc -l` over the same logs: `benches/many.py LOGS [--gigabyte]`, with cargo.

LOGS is a folder of transcripts, copied until there are 350 MB. First run (all read, all written, into an empty
store), second run (nothing changed) and `wc -l` take turns; times are medians, and the ratios are the result.
Memory is the most that was resident; `--gigabyte` puts a log of 1 GB among the others and looks at that alone.
"""

import argparse
import shutil
import statistics
import tempfile
from pathlib import Path

from whole import MIB, log, release, run

LEAST = 350_000_000


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("logs", type=Path)
    args.add_argument("--rounds", type=int, default=5)
    args.add_argument("--gigabyte", action="store_true")
    args = args.parse_args()

    passdown = release()

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        many = folder / "many"
        size, copies = 0, 0
        while size < LEAST:
            copies += 1
            shutil.copytree(args.logs, many / str(copies))
            size = sum(path.stat().st_size for path in many.rglob("*.jsonl"))
        out, store = folder / "out", folder / "store.sqlite"
        batch = [passdown, "batch", str(many), "--out", str(out), "--store", str(store)]
        if args.gigabyte:
            (many / "large").mkdir()
            log(many / "large", 1_000_000_000)
            wall, most = run(batch, folder)
            print(f"{size / 1e6:.0f} MB and a log of 1 GB: {wall:.2f} s, {most / MIB:.0f} MiB")
            return
        count = ["wc", "-l", *map(str, sorted(many.rglob("*.jsonl")))]
        times = {"wc -l": [], "first run": [], "second run": []}
        for _ in range(args.rounds + 1):
            shutil.rmtree(out, ignore_errors=True)
            for path in folder.glob("store.sqlite*"):
                path.unlink()
            times["wc -l"].append(run(count, folder))
            times["first run"].append(run(batch, folder))
            times["second run"].append(run(batch, folder))
        # The first round warms the caches.
        medians = {name: statistics.median(wall for wall, _ in all[1:]) for name, all in times.items()}
        print(f"{size / 1e6:.0f} MB, {copies} copies   median      of wc -l   of first run     most memory")
        for name, median in medians.items():
            most = max(memory for _, memory in times[name])
            print(
                f"{name:<20} {median * 1000:9.0f} ms {median / medians['wc -l']:9.1f} x "
                f"{median / medians['first run']:12.3f} x {most / MIB:11.0f} MiB"
            )


if __name__ == "__main__":
    main()
