#!/usr/bin/env python3
"""Instructions that a run takes, against those noted beside this script: `benches/instructions.py PASSDOWN [--note]`.

Times are noisy, and on a busy machine they say nothing; instructions are the same to a few in a thousand. They
are counted by valgrind, on one thread, over the logs of `corpora/sessions` one behind the other. More than the
tolerance above what is noted in `instructions.json` fails; so does less, since a gain that is not noted can be
lost unseen. `--note` writes down what was counted.

The counts are those of the profile `real` on an x86-64 with AVX2: elsewhere other code runs, and without
valgrind none can be counted. Then it says so, and passes.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
NOTED = HERE / "instructions.json"
# Hash maps are seeded by chance, and a compiler's next release inlines something else.
TOLERANCE = 0.05


def passed_over():
    if not shutil.which("valgrind"):
        return "valgrind is not installed"
    flags = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    if platform.machine() != "x86_64" or " avx2 " not in flags:
        return "the counts are those of an x86-64 with AVX2"
    return None


def counted(command, home):
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "RAYON_NUM_THREADS": "1"}
    tool = ["valgrind", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={home}/out"]
    ran = subprocess.run([*tool, *command], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    found = re.search(r"I\s+refs:\s+([\d,]+)", ran.stderr)
    if ran.returncode != 0 or not found:
        sys.exit(f"{command}: exit {ran.returncode}\n{ran.stderr[-2000:]}")
    return int(found[1].replace(",", ""))


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("passdown", type=Path)
    args.add_argument("--note", action="store_true", help="write down what was counted")
    args = args.parse_args()
    if reason := passed_over():
        print(f"skipped: instructions: {reason}")
        return
    with tempfile.TemporaryDirectory() as home:
        log = Path(home) / "log.jsonl"
        sessions = sorted((HERE.parent / "corpora/sessions").glob("*/session.jsonl"))
        log.write_bytes(b"".join(session.read_bytes().rstrip(b"\n") + b"\n" for session in sessions))
        program = str(args.passdown.resolve())
        runs = {
            "--version": [program, "--version"],
            "handoff": [program, str(log)],
            "handoff --format json": [program, str(log), "--format", "json"],
        }
        counts = {name: counted(command, home) for name, command in runs.items()}
    if args.note:
        NOTED.write_text(json.dumps(counts, indent=2) + "\n")
    if not NOTED.exists():
        sys.exit(f"{NOTED.name}: nothing is noted yet; --note does")
    noted = json.loads(NOTED.read_text())
    off = False
    for name, count in counts.items():
        change = count / noted.get(name, count) - 1
        word = "" if abs(change) <= TOLERANCE else ("  MORE" if change > 0 else "  LESS: note it, with --note")
        off |= bool(word)
        print(f"{name:<24}{count / 1e6:9.2f} million, {100 * change:+.1f} %{word}")
    sys.exit(1 if off else 0)


if __name__ == "__main__":
    main()
