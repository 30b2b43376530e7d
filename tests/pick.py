#!/usr/bin/env python3
"""The picker on a real terminal: `tests/pick.py PASSDOWN [SESSIONS]`.

Makes sessions, drives the picker through a pseudo-terminal, and looks at three things: the terminal is given back
however the run ends, Enter prints the handoff where standard output goes, and keys are answered in time.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import uuid

passdown = os.path.abspath(sys.argv[1])
count = int(sys.argv[2]) if len(sys.argv) > 2 else 5_000


def session(number):
    """A log of forty records: a request, commands and what they said."""
    id = str(uuid.uuid5(uuid.NAMESPACE_URL, str(number)))
    base = {"isSidechain": False, "userType": "external", "cwd": "/home/dev/shop", "sessionId": id, "version": "2.1.30", "gitBranch": "main"}
    records = [dict(base, type="user", message={"role": "user", "content": f"Make test {number} of the budget pass"})]
    for call in range(19):
        use = {"type": "tool_use", "id": f"t{call}", "name": "Bash", "input": {"command": f"pytest tests/test_{call}.py"}}
        answer = {"type": "tool_result", "tool_use_id": f"t{call}", "content": f"==== {call} passed in 0.10s ====\n" + "x" * 400}
        records.append(dict(base, type="assistant", message={"role": "assistant", "id": f"m{call}", "model": "claude-opus-4-5", "content": [use]}))
        records.append(dict(base, type="user", message={"role": "user", "content": [answer]}))
    for line, record in enumerate(records):
        record.update(uuid=f"u{line}", parentUuid=f"u{line - 1}" if line else None, timestamp=f"2026-03-01T10:00:{line:02}.000Z")
    return id, "".join(json.dumps(record) + "\n" for record in records)


class Picker:
    """A run of the picker, with standard output in a pipe."""

    def __init__(self, home, *args):
        self.terminal, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.before = termios.tcgetattr(inside)
        env = {"CLAUDE_CONFIG_DIR": home, "HOME": home, "PATH": "", "TERM": "xterm-256color"}

        def own():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.run = subprocess.Popen(
            [passdown, "pick", *args], stdin=inside, stdout=subprocess.PIPE, stderr=inside, env=env, cwd=home, preexec_fn=own
        )
        self.inside = inside
        self.seen = b""

    def read(self, within):
        ready, _, _ = select.select([self.terminal], [], [], within)
        new = os.read(self.terminal, 1 << 20) if ready else b""
        self.seen += new
        return new

    def until(self, text, within=30.0):
        start = time.perf_counter()
        while text not in self.seen:
            assert time.perf_counter() - start < within, f"no {text!r} on the screen"
            self.read(0.1)
        return time.perf_counter() - start

    def press(self, key):
        """The milliseconds to what the key changes on the screen."""
        while self.read(0):
            pass
        start = time.perf_counter()
        os.write(self.terminal, key)
        assert self.read(5), f"no answer to {key!r}"
        return (time.perf_counter() - start) * 1000

    def ended(self, code, what):
        """It ended with this code, and the terminal is as it was."""
        deadline = time.time() + 10
        while self.run.poll() is None and time.time() < deadline:
            self.read(0.05)
        while self.read(0.05):
            pass
        assert self.run.poll() == code, f"{what}: exit code {self.run.poll()}"
        assert termios.tcgetattr(self.inside)[:4] == self.before[:4], f"{what}: the terminal is left raw"
        # The other screen is left, and the cursor is shown.
        last = self.seen[-40:]
        assert b"\x1b[?1049l" in last and last.endswith(b"\x1b[?25h"), f"{what}: {last!r}"
        return self.run.stdout.read().decode()


DOWN, PAGE, HOME, END = b"\x1b[B", b"\x1b[6~", b"\x1b[H", b"\x1b[F"

with tempfile.TemporaryDirectory() as home:
    folder = os.path.join(home, "projects", "-home-dev-shop")
    os.makedirs(folder)
    for number in range(count):
        id, text = session(number)
        with open(os.path.join(folder, f"{id}.jsonl"), "w") as file:
            file.write(text)

    for what, end, code in [("q", b"q", 0), ("Esc", b"\x1b", 0), ("Ctrl-C", b"\x03", 130)]:
        picker = Picker(home, "--all")
        picker.until(b"passed")
        os.write(picker.terminal, end)
        assert picker.ended(code, what) == "", what
    picker = Picker(home, "--all")
    picker.until(b"passed")
    picker.run.send_signal(signal.SIGTERM)
    picker.ended(130, "SIGTERM")

    picker = Picker(home, "--all")
    picker.until(b"passed")
    os.write(picker.terminal, b"\r")
    printed = picker.ended(0, "Enter")
    assert printed.startswith("# Task: Make test "), printed
    assert "\x1b" not in printed, printed

    picker = Picker(home, "--all")
    listed = picker.until(f"{count:,}".encode())
    keys = [DOWN] * 20 + [PAGE] * 20 + [b"/"] + [c.encode() for c in "test 4"] + [b"\x1b"] + [END, HOME] * 4 + [b"+"] * 4 + [b"-"] * 4
    times = []
    for key in keys:
        times.append(picker.press(key))
        time.sleep(0.03)
    os.write(picker.terminal, b"q")
    picker.ended(0, "q")
    times.sort()
    print(
        f"pick: {count} sessions on the screen after {listed:.2f} s; {len(times)} keys answered in {times[len(times) // 2]:.1f} ms"
        f" (median), {times[len(times) * 95 // 100]:.1f} ms (95 %), {times[-1]:.1f} ms (worst)"
    )
