#!/usr/bin/env python3
"""Makes every call of `passdown batch` to the system fail in turn, and looks at what is left.

    tests/faults.py PASSDOWN [POINTS]      at most so many failures, spread over all; without a number, every one

Wants strace, which makes the n-th call of a kind fail, for n = 1, 2, 3 … until a run has no failure. The logs are read, the store
and the handoffs written over older ones, so that an old file can be lost. After each run: no file is half written, every old
handoff is whole or replaced by a whole one, the store is sound, the message is one a user can read; and the next run, which
nothing disturbs, leaves what an undisturbed one leaves.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import kills

SESSIONS = ["protocol-example", "error-later-fixed", "commits-and-push", "compaction", "files-moved", "task-tools", "git-revert", "interrupted"]
# Calls are counted by thread: with one worker, each point is one call.
ENV = {**os.environ, "RAYON_NUM_THREADS": "1"}
# The calls of a kind, and what they fail with.
KINDS = [
    ("openat", "EACCES"),
    ("openat", "EMFILE"),
    ("read,pread64", "EIO"),
    ("write,pwrite64", "ENOSPC"),
    ("fsync,fdatasync", "EIO"),
    ("rename,renameat,renameat2,link,linkat", "EIO"),
    ("mkdir,mkdirat", "ENOSPC"),
    ("unlink,unlinkat", "EACCES"),
    ("ftruncate,fallocate", "ENOSPC"),
    ("getdents64", "EIO"),
    ("stat,lstat,newfstatat,statx,fstat", "EIO"),
    ("fcntl,flock", "ENOLCK"),
    ("lseek", "EIO"),
    ("chmod,fchmod,fchmodat", "EPERM"),
]
# Until it is the program that runs, the system loads it.
LOADED = "logs"


def command(passdown, folder):
    out = ["--out", str(folder / "out"), "--store", str(folder / "store.sqlite"), "--progress", "none"]
    return [passdown, "batch", str(folder / "logs"), *out]


def grown(folder):
    """The logs as they go on."""
    for log in (folder / "logs").glob("*.jsonl"):
        with log.open("a") as file:
            record = {"type": "user", "message": {"role": "user", "content": "Go on with the import of rows.csv"}}
            file.write(json.dumps({**record, "uuid": "later", "timestamp": "2026-09-01T10:00:00.000Z"}) + "\n")


def points_of(trace, calls):
    """Which calls of these can fail: those of the thread that makes most, less those by which the program is loaded."""
    names = calls.split(",")
    loaded, counts = None, {}
    for line in trace.splitlines():
        thread, rest = line.split(" ", 1)
        if loaded is None and f"/{LOADED}" in line and "execve" not in line:
            loaded = max(counts.values(), default=0)
        call = rest.strip().split("(")[0]
        counts[thread] = counts.get(thread, 0) + (call in names)
    return range((loaded or 0) + 1, max(counts.values(), default=0) + 1)


def rows_of(folder):
    """The rows of the store, less the stamps of the logs, which tell each copy of them apart."""
    tables = kills.tables(folder)
    tables["logs"] = sorted((row[0], row[1], *row[3:]) for row in tables["logs"])
    return tables


def look(folder, was, will, told):
    """What is left of a run that was disturbed."""
    out = folder / "out"
    for path in out.rglob("*") if out.exists() else []:
        if not path.is_file() or path.name == ".passdown-lock":
            continue
        name = str(path.relative_to(out))
        held = path.read_bytes()
        if name.startswith("handoffs/") and not path.name.startswith("."):
            # Of a log that fails on the way there is a handoff of what was read, and a message.
            cut = any(path.stem in line and "to its end" in line for line in told.splitlines())
            assert cut or held in (was.get(name), will.get(name)), f"{name} is neither the old nor the new one"
        elif path.name.endswith(".ndjson"):
            for line in held.decode().splitlines():
                json.loads(line)
    for name in was:
        assert not name.startswith("handoffs/") or (out / name).exists(), f"{name} is lost"
    store = folder / "store.sqlite"
    if store.exists() and store.stat().st_size:
        with sqlite3.connect(store) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "the store is damaged"
    for wrong in ("a mistake of this program", "panicked", "RUST_BACKTRACE"):
        assert wrong not in told, told


def main(passdown, points):
    passdown = str(Path(passdown).resolve())
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        usual = work / "usual"
        (usual / "logs").mkdir(parents=True)
        for number, name in enumerate(SESSIONS, 1):
            log = kills.ROOT / "corpora/sessions" / name / "session.jsonl"
            shutil.copy(log, usual / "logs" / f"{number:08d}-2222-4333-8444-555555555555.jsonl")
        subprocess.run(command(passdown, usual), check=True, capture_output=True)
        was = kills.files(usual)
        grown(usual)
        # Every run is in a folder of this name, since rows say where a log lies.
        begun = work / "begun"
        usual.rename(begun)
        shutil.copytree(begun, usual)
        subprocess.run(command(passdown, usual), check=True, capture_output=True)
        will, rows = kills.files(usual), rows_of(usual)
        assert was != will

        def fresh():
            shutil.rmtree(usual)
            shutil.copytree(begun, usual)

        trace = usual / "trace"
        fresh()
        subprocess.run(["strace", "-f", "-o", trace, *command(passdown, usual)], capture_output=True, env=ENV)
        all_calls = trace.read_text()
        plan = [(calls, error, n) for calls, error in KINDS for n in points_of(all_calls, calls)]
        step = max(1, -(-len(plan) // points)) if points else 1
        ran = failed = 0
        codes = {}
        for calls, error, n in plan[::step]:
            fresh()
            inject = f"inject={calls}:error={error}:when={n}"
            tracer = ["strace", "-f", "-o", trace, "-e", f"trace={calls}", "-e", inject]
            try:
                done = subprocess.run([*tracer, *command(passdown, usual)], capture_output=True, text=True, timeout=180, env=ENV)
            except subprocess.TimeoutExpired:
                sys.exit(f"{calls}, call {n}, {error}: hangs")
            ran += 1
            failed += "INJECTED" in trace.read_text()
            codes[done.returncode] = codes.get(done.returncode, 0) + 1
            trace.unlink()
            place = f"{calls}, call {n}, {error}: exit {done.returncode}: {done.stderr}"
            assert done.returncode in (0, 1, 2), place
            try:
                look(usual, was, will, done.stderr)
                again = subprocess.run(command(passdown, usual), capture_output=True, text=True)
                assert again.returncode == 0, f"the next run: exit {again.returncode}: {again.stderr}"
                kills.same("files after the next run", will, kills.files(usual))
                kills.same("tables after the next run", rows, rows_of(usual))
            except BaseException:
                print(f"where this failed: {place}", file=sys.stderr)
                raise
        print(f"{failed} calls failed in {ran} runs of {len(plan)}; exit codes {codes}; nothing lost, nothing half written")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
