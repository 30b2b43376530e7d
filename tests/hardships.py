#!/usr/bin/env python3
"""Runs `passdown` where it is hard: no room, no home, no reader, few files, a store that is damaged, and many at once.

    tests/hardships.py PASSDOWN [ROUNDS]      ROUNDS of sixteen processes on one store, 2 without a number

A full disk wants the right to mount; it is passed over without it, and says so.
"""

import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import kills

AT_ONCE = 16
LOG = kills.ROOT / "corpora/sessions/protocol-example/session.jsonl"


def run(*args, code=None, **more):
    done = subprocess.run([str(arg) for arg in args], capture_output=True, text=True, timeout=120, **more)
    wrong = done.returncode < 0 or "a mistake of this program" in done.stderr
    assert not wrong and code in (None, done.returncode), f"{args}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def ok(what):
    print(f"ok: {what}", flush=True)


def full_disk(passdown, work, usual):
    """A batch onto 1 MiB, then again with room for it."""
    disk = work / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", disk]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        print("skipped: a full disk, for want of the right to mount")
        return
    try:
        batch = kills.command(passdown, [kills.ROOT / "corpora/sessions"], disk)
        done = run(*batch)
        assert done.returncode in (0, 2) and "No space left" in done.stderr, done
        assert len(done.stderr.splitlines()) < 200, done.stderr
        for name, held in kills.files(disk).items():
            if name.startswith("handoffs/"):
                assert held == usual[name], f"{name} is half written"
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        run(*batch, code=0)
        kills.same("files of a disk that was full", usual, kills.files(disk))
    finally:
        subprocess.run(["umount", disk], check=True)
    ok("a full disk: what stands there is whole, and with room the rest follows")


def read_only(passdown, work, usual):
    """Results and store on a disk that became read-only."""
    disk = work / "read-only"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "none", disk], capture_output=True).returncode != 0:
        print("skipped: a read-only disk, for want of the right to mount")
        return
    try:
        batch = kills.command(passdown, [kills.ROOT / "corpora/sessions"], disk)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        done = run(*batch, code=2)
        assert "store.sqlite" in done.stderr and len(done.stderr.splitlines()) < 20, done.stderr
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
        run(*batch, code=0)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        # All is there already: nothing has to be written.
        done = run(*batch)
        assert done.returncode in (0, 2), done
        kills.same("files of a disk that is read-only", usual, kills.files(disk))
        run(passdown, "report", "--store", disk / "store.sqlite", code=0)
    finally:
        subprocess.run(["umount", disk], check=True)
    ok("a read-only disk: a message, and a report of what is there")


def readers_that_go(passdown, work):
    for args in ([LOG], [LOG, "--format", "json"], ["show", LOG], ["explain", LOG], ["list", LOG], ["rules", "list"]):
        quoted = " ".join(f"'{arg}'" for arg in [passdown, *args])
        done = run("bash", "-c", f"set -o pipefail; {quoted} | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}")
        assert done.returncode == 0 and done.stderr == "", (args, done)
    done = run("bash", "-c", f"'{passdown}' '{LOG}' 2>&- | wc -c")
    assert int(done.stdout) > 500, done
    done = run("bash", "-c", f"'{passdown}' nowhere.jsonl 2>&-")
    assert done.returncode == 2
    done = run("bash", "-c", f"'{passdown}' '{LOG}' >&- ; echo $?")
    assert done.stdout.strip() in "02", done
    done = run("bash", "-c", f"'{passdown}' '{LOG}' > /dev/full; echo $?")
    assert done.stdout.strip() == "2" and "No space left" in done.stderr, done
    ok("readers that go away, and none at all")


def bare_surroundings(passdown, work):
    gone = work / "gone"
    gone.mkdir()
    for args in ([LOG], ["list"], ["doctor"], ["config"], ["rules", "list"], ["batch", LOG, "--out", work / "bare"]):
        done = run(passdown, *args, env={}, cwd="/")
        assert done.returncode in (0, 1, 2), (args, done)
        script = f"cd '{gone}' && rmdir '{gone}' && exec " + " ".join(f"'{arg}'" for arg in [passdown, *args])
        done = run("bash", "-c", script, env={"PATH": os.environ["PATH"]})
        gone.mkdir(exist_ok=True)
    run(passdown, LOG, env={}, cwd="/", code=0)
    ok("no HOME, no TMPDIR, no PATH, a current folder that is gone")


def few_files(passdown, work, usual):
    limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    folder = work / "few"
    folder.mkdir()
    run(*kills.command(passdown, [kills.ROOT / "corpora/sessions"], folder), code=0, preexec_fn=limit)
    kills.same("files with 64 of them open at most", usual, kills.files(folder))
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (256 << 20, 256 << 20))
    done = subprocess.run([passdown, LOG], capture_output=True, text=True, preexec_fn=limit)
    assert done.returncode == 0, done
    ok("64 open files, and 256 MiB of addresses")


def damaged_stores(passdown, work, usual):
    folder = work / "damaged"
    folder.mkdir()
    batch = kills.command(passdown, [kills.ROOT / "corpora/sessions"], folder)
    run(*batch, code=0)
    store = folder / "store.sqlite"
    sound, rows = store.read_bytes(), {name: len(held) for name, held in kills.tables(folder).items()}
    lot = random.Random(7)

    def holes(count):
        held = bytearray(sound)
        for _ in range(count):
            at = lot.randrange(len(held) - 64)
            held[at : at + 64] = lot.randbytes(64)
        return bytes(held)

    newer = sqlite3.connect(store)
    newer.execute("PRAGMA user_version = 999999")
    newer.commit()
    newer.close()
    cases = {
        "newer": store.read_bytes(),
        "none of SQLite's": b"not a store\n" * 999,
        "empty": b"",
        "cut": sound[: len(sound) // 2],
        "cut within a page": sound[: len(sound) // 2 + 77],
        "without its head": bytes(4096) + sound[4096:],
    } | {f"with {n} holes, {k}": holes(n) for n in (1, 8, 64) for k in range(4)}
    for what, held in cases.items():
        for rest in folder.glob("store.sqlite*"):
            rest.unlink()
        store.write_bytes(held)
        begun = time.monotonic()
        done = run(*batch)
        assert done.returncode in (0, 2), (what, done)
        assert time.monotonic() - begun < 60, what
        # No handoff is lost or wrong, whatever the store says.
        kills.same(f"handoffs beside a store that is {what}", handoffs(usual), handoffs(kills.files(folder)))
        if done.returncode == 2:
            assert "store.sqlite" in done.stderr, (what, done.stderr)
        done = run(passdown, "report", "--store", store)
        assert done.returncode in (0, 1, 2), (what, done)
    # One that another program holds: a wait of less than two seconds, and the handoffs all the same.
    for rest in folder.glob("store.sqlite*"):
        rest.unlink()
    store.write_bytes(sound)
    holder = sqlite3.connect(store, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    begun = time.monotonic()
    run(passdown, "batch", kills.ROOT / "corpora/sessions", "--out", folder / "other", "--no-store", "--progress", "none")
    usual_time = time.monotonic() - begun
    begun = time.monotonic()
    done = run(*batch)
    waited = time.monotonic() - begun - usual_time
    holder.close()
    assert "another run holds it" in done.stderr, done
    assert done.returncode in (0, 2) and waited < 2 + usual_time, (waited, usual_time, done)
    kills.same("handoffs beside a store that is held", handoffs(usual), handoffs(kills.files(folder)))
    run(*batch, code=0)
    assert rows == {name: len(held) for name, held in kills.tables(folder).items()}
    ok(f"{len(cases)} stores that are damaged, and one that is held: {waited:.1f} s are waited for it")


def handoffs(files):
    return {name: held for name, held in files.items() if name.startswith("handoffs/")}


def many(passdown, work, rounds):
    """Sixteen processes, one store and one folder."""
    whole = work / "one"
    whole.mkdir()
    logs = [kills.ROOT / "corpora/sessions"]
    run(*kills.command(passdown, logs, whole), code=0)
    files, tables = kills.files(whole), kills.tables(whole)
    longest = 0.0
    for number in range(rounds):
        folder = work / "many"
        folder.mkdir()
        begun = time.monotonic()
        command = [str(arg) for arg in kills.command(passdown, logs, folder)]
        children = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for _ in range(AT_ONCE)]
        for child in children:
            _, complaints = child.communicate(timeout=300)
            assert child.returncode == 0, f"round {number}: exit {child.returncode}: {complaints}"
        longest = max(longest, time.monotonic() - begun)
        kills.same(f"files of round {number}", files, kills.files(folder))
        kills.same(f"tables of round {number}", tables, kills.tables(folder))
        shutil.rmtree(folder)
    ok(f"{AT_ONCE} processes on one store, {rounds} rounds of up to {longest:.1f} s: the same each time")


def main(passdown, rounds):
    passdown = str(Path(passdown).resolve())
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        usual = work / "usual"
        usual.mkdir()
        run(*kills.command(passdown, [kills.ROOT / "corpora/sessions"], usual), code=0)
        files = kills.files(usual)
        readers_that_go(passdown, work)
        bare_surroundings(passdown, work)
        few_files(passdown, work, files)
        damaged_stores(passdown, work, files)
        full_disk(passdown, work, files)
        read_only(passdown, work, files)
        many(passdown, work, rounds)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2)
