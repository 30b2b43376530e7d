#!/usr/bin/env python3
"""Runs `passdown batch` undisturbed, killed three times at random moments, and twice at once, and compares what is left.

    tests/kills.py PASSDOWN [PATH...]      without a path, the project's own corpora

Every table of the store, every answer to the questions of docs/store.md and every file must be the same. `KILLS` is how often it is
killed in all, three times in each run that is resumed and compared; `KILLS_SEED` makes the moments those of an earlier run.
"""

import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KILLS = 3  # of one run


def command(passdown, paths, folder):
    # A relative path would name other logs from another folder, and rows say what a log is called.
    named = [str(Path(path).resolve()) for path in paths]
    return [passdown, "batch", *named, "--out", folder / "out", "--store", folder / "store.sqlite", "--progress", "none"]


def run(passdown, paths, folder):
    """Runs it to its end; gives the seconds and what it said."""
    begun = time.monotonic()
    done = subprocess.run(command(passdown, paths, folder), capture_output=True, text=True)
    took = time.monotonic() - begun
    assert done.returncode == 0, f"exit {done.returncode}: {done.stderr}"
    return took, done.stdout


def kill(passdown, paths, folder, after):
    """Kills it after so many seconds; gives how many handoffs stand then, and none if it was done before."""
    child = subprocess.Popen(command(passdown, paths, folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        child.wait(timeout=after)
        return None
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    return len(list((folder / "out/handoffs").glob("[!.]*")))


def files(folder):
    """Each file of the results, by name. The lock holds nothing; an unfinished file must not be there."""
    out = folder / "out"
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file() and path.name != ".passdown-lock"}


def tables(folder):
    """The rows of every table, with the path of a log for its number, which tells in what order the cores had them."""
    store = sqlite3.connect(folder / "store.sqlite")
    assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    paths = dict(store.execute("SELECT log, path FROM logs"))
    held = {}
    for (name,) in store.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        select = store.execute(f"SELECT * FROM {name}")
        columns = [column[0] for column in select.description]
        rows = [tuple(paths.get(value, value) if column == "log" else value for column, value in zip(columns, row)) for row in select]
        held[name] = sorted(rows, key=repr)
    return held


def answers(folder):
    """The answers to the questions of docs/store.md."""
    store = sqlite3.connect(folder / "store.sqlite")
    questions = re.findall(r"```sql\n(.*?)```", (ROOT / "docs/store.md").read_text(), re.S)
    assert questions
    return {question: store.execute(question).fetchall() for question in questions}


def same(what, whole, other):
    """Compares two of `files`, `tables` or `answers`."""
    assert whole.keys() == other.keys(), f"{what}: {sorted(whole.keys() ^ other.keys())}"
    for name in whole:
        if whole[name] != other[name]:
            print(f"{what}: not the same: {name}", file=sys.stderr)
            if isinstance(whole[name], list):
                for mine, theirs in zip(whole[name], other[name]):
                    if mine != theirs:
                        print(f"  undisturbed {mine!r:.300}\n  here        {theirs!r:.300}", file=sys.stderr)
                        break
            sys.exit(1)


def compare(what, whole, folder):
    for kind, held in (("files", files), ("tables", tables), ("answers", answers)):
        same(f"{what}, {kind}", held(whole), held(folder))
    rows = sum(len(rows) for rows in tables(folder).values())
    print(f"{what}: {len(files(folder))} files, {rows} rows and {len(answers(folder))} answers are the same")


def main(passdown, paths):
    passdown = str(Path(passdown).resolve())
    paths = paths or [ROOT / "corpora/sessions"]
    seed = os.environ.get("KILLS_SEED") or str(random.randrange(1_000_000))
    moments = random.Random(seed)
    with tempfile.TemporaryDirectory() as work:
        whole, killed, both = (Path(work) / name for name in ("whole", "killed", "both"))
        for folder in (whole, killed, both):
            folder.mkdir()
        first, said = run(passdown, paths, whole)
        sessions = said.split(" ", 1)[0]
        print(f"{sessions} sessions: first run {first:.2f} s", flush=True)

        wanted, kills, rounds = int(os.environ.get("KILLS", KILLS)), 0, 0
        while kills < wanted:
            rounds += 1
            shutil.rmtree(killed)
            killed.mkdir()
            for _ in range(min(KILLS, wanted - kills)):
                after = moments.uniform(0.05, 0.6) * first
                stand = kill(passdown, paths, killed, after)
                if stand is None:
                    break
                kills += 1
                print(f"killed after {after:.2f} s (seed {seed}, kill {kills}): {stand} handoffs stand", flush=True)
            resumed, _ = run(passdown, paths, killed)
            print(f"resumed: {resumed:.2f} s")
            compare(f"run {rounds}, killed and resumed", whole, killed)
        print(f"{kills} kills in {rounds} runs: the same as undisturbed")

        one = subprocess.Popen(command(passdown, paths, both), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        took, _ = run(passdown, paths, both)
        _, complaints = one.communicate()
        assert one.returncode == 0, complaints
        print(f"two at once: {took:.2f} s")
        compare("two at once", whole, both)

        before = files(whole), tables(whole)
        second, said = run(passdown, paths, whole)
        assert "handoffs written" not in said, said
        assert before == (files(whole), tables(whole)), "a second run changes something"
        print(f"second run: {second:.2f} s, {100 * second / first:.0f} % of the first; it changes nothing")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
