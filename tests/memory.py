#!/usr/bin/env python3
"""How much memory and time logs take that are made to be large: `tests/memory.py PASSDOWN [MB]`, 1,000 without a number.

Logs of so many megabytes in several shapes, one at a time, in a temporary folder. The bound is 64 MiB and 8 MiB for each thread, and
512 MiB for one whose line does not end. Ends with 1 where a shape takes more.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MIB = 1 << 20
SESSION = "aaaaaaaa-2222-4333-8444-555555555555"
BASE = {"isSidechain": False, "userType": "external", "cwd": "/home/dev/shop", "sessionId": SESSION, "version": "2.1.42", "gitBranch": "main"}


def line(number, kind, message, parent=None):
    time_ = f"2026-03-{1 + number // 86400 % 28:02}T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.000Z"
    record = {"parentUuid": parent or (f"u{number - 1}" if number else None), **BASE, "type": kind, "message": message, "uuid": f"u{number}", "timestamp": time_}
    return (json.dumps(record) + "\n").encode()


def assistant(number, block):
    return line(number, "assistant", {"model": "claude-opus-4-6", "id": f"msg_{number}", "type": "message", "role": "assistant", "content": [block], "usage": {"input_tokens": 5, "output_tokens": 50}})


def work(number, size):
    """A call and its answer, of about `size` bytes."""
    command = {"command": f"pytest -q tests/test_{number % 40}.py"}
    yield assistant(number, {"type": "tool_use", "id": f"t{number}", "name": "Bash", "input": command})
    row = f"tests/test_{number % 40}.py::test_{number} PASSED\n"
    output = row * (size // len(row)) + "1 failed, 7 passed in 0.5s\n"
    yield line(number + 1, "user", {"role": "user", "content": [{"type": "tool_result", "tool_use_id": f"t{number}", "content": output, "is_error": True}]})


def worked(size):
    number = 1
    while True:
        yield from work(number, size)
        number += 2


def progress(_):
    number = 0
    while True:
        yield f'{{"type":"progress","uuid":"p{number}","sessionId":"{SESSION}"}}\n'.encode()
        number += 1


def bad(_):
    while True:
        yield b'{"type":"user","message":{"role":"user","content":"cut\n'


def prose(_):
    number = 1
    while True:
        yield assistant(number, {"type": "text", "text": f"I look at part {number} of the import now, then at what calls it. "})
        number += 1


def one_line(_):
    yield b'{"type":"user","uuid":"long","sessionId":"x","message":{"role":"user","content":"'
    while True:
        yield b"All of this is one line of one record. " * 1000


def zeros(_):
    while True:
        yield bytes(MIB)


SHAPES = [
    ("usual: commands of 4 KB", worked, 4_000),
    ("lines of 16 MiB", worked, 16 * MIB - 2_000),
    ("lines of 1 MiB", worked, MIB),
    ("records of progress alone", progress, 0),
    ("prose alone", prose, 0),
    ("bad lines alone", bad, 0),
    ("one line", one_line, 0),
    ("zeros to the end", zeros, 0),
]


def write(path, shape, size, most):
    with path.open("wb", buffering=MIB) as file:
        file.write(line(0, "user", {"role": "user", "content": "Make the import of 40 formats pass its tests"}))
        for part in work(1, 4_000):
            file.write(part)
        for part in shape(size):
            if file.tell() + len(part) > most and file.tell() > most // 2:
                break
            file.write(part)


def main(passdown, megabytes):
    passdown = str(Path(passdown).resolve())
    threads = os.cpu_count()
    kept = True
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / f"{SESSION}.jsonl"
        for name, shape, size in SHAPES:
            # By a process of its own: what this one has grown to would count as its child's.
            subprocess.run([sys.executable, __file__, "--write", name, str(log), str(megabytes)], check=True)
            most = 512 if shape in (one_line, zeros) else 64 + 8 * threads
            begun = time.perf_counter()
            child = subprocess.Popen([passdown, str(log)], env={**os.environ, "HOME": folder}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _, status, used = os.wait4(child.pid, 0)
            took, code = time.perf_counter() - begun, os.waitstatus_to_exitcode(status)
            child.returncode = code
            mib = used.ru_maxrss / 1024
            good = code == 0 and mib <= most
            kept &= good
            print(f"{'ok  ' if good else 'over'} {name:<28} {log.stat().st_size / 1e6:7.0f} MB: {mib:6.1f} MiB of {most}, {took:5.2f} s, exit {code}", flush=True)
            log.unlink()
    return 0 if kept else 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if sys.argv[1] == "--write":
        name, path, megabytes = sys.argv[2:]
        shape, size = next((shape, size) for known, shape, size in SHAPES if known == name)
        sys.exit(write(Path(path), shape, size, int(megabytes) * 1_000_000))
    sys.exit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000))
