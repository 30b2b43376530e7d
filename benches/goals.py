#!/usr/bin/env python3
"""Every goal of time and memory in one run: `benches/goals.py [--large FILE] [--small FILE…]`, with cargo, pip and
four gigabytes for temporary files. Nothing else should run on the machine.

Programs take turns on the same logs, so that a neighbour slows all of them; times are medians, the ratios are the
result. Logs are made up by `write_log`; `--large` and `--small` put real ones in the place of those of 1 GB and 4 MB.
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import venv
from pathlib import Path

from whole import HERE, MIB, PEER, log, release, run

ROWS = []


def row(what, must, stretch, reached, unit, at_most=True, detail=""):
    good = reached <= must if at_most else reached >= must
    word = "met" if good else "MISSED"
    sign = "<=" if at_most else ">="
    ROWS.append((what, f"{sign} {must:g} / {stretch:g} {unit}", f"{reached:.2f} {unit}", word, detail))


def turns(rounds, **programs):
    """The median wall time in seconds of each, and the most memory in bytes: `name=(command, threads)`."""
    walls = {name: [] for name in programs}
    most = dict.fromkeys(programs, 0)
    for number in range(rounds + 1):
        for name, (command, threads) in programs.items():
            os.environ.pop("RAYON_NUM_THREADS", None)
            if threads:
                os.environ["RAYON_NUM_THREADS"] = str(threads)
            wall, memory = run(command, HOME)
            # The first round warms the caches.
            if number:
                walls[name].append(wall)
            most[name] = max(most[name], memory)
    return {name: statistics.median(all) for name, all in walls.items()}, most


def ms(*walls):
    return ", ".join(f"{wall * 1000:.0f}" for wall in walls) + " ms"


def beginning(path, size, into):
    """The first lines of `path`, some `size` bytes."""
    with open(path, "rb") as lines, open(into, "wb") as out:
        while out.tell() < size and (line := lines.readline()):
            out.write(line)
    return into


def value_pass():
    """The program that makes a `Value` of each line."""
    build = ["cargo", "bench", "--quiet", "--no-run", "--bench", "value_pass", "--message-format=short"]
    subprocess.run(build, cwd=HERE, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", HERE / "target")) / "release" / "deps"
    built = [path for path in target.glob("value_pass-*") if os.access(path, os.X_OK)]
    return str(max(built, key=lambda path: path.stat().st_mtime))


def main():
    global HOME
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--large", type=Path)
    args.add_argument("--small", type=Path, nargs="*")
    args = args.parse_args()
    passdown, values = release(), value_pass()

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        HOME = folder / "home"
        HOME.mkdir()
        venv.create(folder / "venv", with_pip=True)
        subprocess.run([folder / "venv/bin/pip", "install", "--quiet", PEER], check=True)
        peer = str(folder / "venv/bin/claude-handoff")

        large = args.large or log(folder, 1_000_000_000)
        hundred = beginning(large, 100_000_000, folder / "hundred.jsonl")
        wall, most = turns(
            3,
            wc=(["wc", "-l", large], 0),
            one=([passdown, large], 1),
            two=([passdown, large], 2),
            hundred=([passdown, hundred], 2),
            values=([values, large], 0),
        )
        times = ms(wall["wc"], wall["two"], wall["one"])
        row("1 GB by wc -l, two threads", 3, 1.7, wall["two"] / wall["wc"], "x", detail=f"wc, two, one: {times}")
        row("1 GB by wc -l, one thread", 5, 3, wall["one"] / wall["wc"], "x")
        row("two threads over one", 1.7, 1.9, wall["one"] / wall["two"], "x", at_most=False)
        row(
            "a serde_json Value of each line by ours, one thread",
            2.5, 3.7, wall["values"] / wall["one"], "x", at_most=False, detail=ms(wall["values"]),
        )
        row("peak memory on 1 GB, two threads", 80, 40, most["two"] / MIB, "MiB")
        row("peak memory, 1 GB by 100 MB", 1.5, 1.1, most["two"] / most["hundred"], "x")
        growth = (wall["two"] / large.stat().st_size) / (wall["hundred"] / hundred.stat().st_size)
        row("time a byte, 1 GB by 100 MB (linear is 1)", 1.1, 1, growth, "x", detail=ms(wall["hundred"]))
        hundred.unlink()

        # The peer gives up on some real logs.
        made = log(folder, 1_000_000_000) if args.large else large
        wall, _ = turns(2, ours=([passdown, made], 2), peer=([peer, made, "-o", "-"], 0))
        times = ms(wall["ours"], wall["peer"])
        row("claude-handoff by ours, 1 GB", 10, 18, wall["peer"] / wall["ours"], "x", at_most=False, detail=times)
        made.unlink()

        progress = log_of("progress", folder, 600_000_000)
        wall, _ = turns(3, wc=(["wc", "-l", progress], 0), ours=([passdown, progress], 2))
        row("600 MB of progress by wc -l", 1.5, 1.1, wall["ours"] / wall["wc"], "x", detail=ms(wall["wc"], wall["ours"]))
        progress.unlink()

        half = log(folder, 500_000).read_bytes()
        store = folder / "store"
        store.mkdir()
        for number in range(1_927):
            # Each is a session of its own, with messages of its own.
            own = half.replace(b"00000000-", b"%08x-" % number).replace(b'"sessionId":"5d0c3a51', b'"sessionId":"%08x' % number)
            own = own.replace(b"_00000000", b"_%08x" % number)
            (store / f"{number:06d}.jsonl").write_bytes(own)
        everything = ["wc", "-l", *map(str, sorted(store.iterdir()))]
        # What was written is removed by the next run's shell, so that each writes all.
        out = folder / "out"
        batch = f"rm -rf {out}; exec {passdown} batch {store} --out {out} --no-store --progress none"
        wall, _ = turns(3, wc=(everything, 0), ours=(["sh", "-c", batch], 2))
        row("1,927 logs of 0.5 MB, batch with all it writes, by wc -l", 2.5, 1.3, wall["ours"] / wall["wc"], "x", detail=ms(wall["wc"], wall["ours"]))

        million = log(folder, 1_000_000)
        wall, _ = turns(15, ours=([passdown, million], 2), peer=([peer, million, "-o", "-"], 0))
        row("claude-handoff by ours, 1 MB", 4, 9, wall["peer"] / wall["ours"], "x", at_most=False, detail=ms(wall["ours"], wall["peer"]))

        for small in args.small or [log(folder, 4_000_000)]:
            wall, _ = turns(21, ours=([passdown, small], 2))
            row(f"{small.stat().st_size / 1e6:.1f} MB", 25, 12, wall["ours"] * 1000, "ms")
        wall, _ = turns(31, ours=([passdown, "--version"], 0), true=(["true"], 0))
        row("--version beside true", 3, 1, (wall["ours"] - wall["true"]) * 1000, "ms")

    widths = [max(len(cells[at]) for cells in ROWS) for at in range(4)]
    for cells in ROWS:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths)), cells[4])


def log_of(shape, folder, size):
    path = folder / f"{shape}.jsonl"
    bench = ["cargo", "bench", "--quiet", "--bench", "write_log", "--", str(size), str(path), shape]
    subprocess.run(bench, cwd=HERE, check=True)
    return path


if __name__ == "__main__":
    main()
