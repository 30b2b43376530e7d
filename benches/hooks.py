"""How long Claude Code waits for a hook: whole processes, from start to end.

hooks.py PASSDOWN [RUNS]

Made logs of 4, 50 and 100 MB, and a ready handoff. Prints the median, the 99th of a hundred and the worst of each, in milliseconds; ends
with 1 where a bound is not kept: 100 ms from the end of a session to its file for 4 MB, 20 ms for a start that is given a ready
handoff, and, of 200 runs or more, 300 ms for 99 of a hundred on 50 MB.
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PASSDOWN = Path(sys.argv[1]).resolve()
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 21
ONE = "aaaaaaaa-2222-4333-8444-555555555555"
NEXT = "bbbbbbbb-2222-4333-8444-{:012}"


def log(path, work, size):
    """A session that edits, tests and reads until its log has `size` bytes."""
    base = {"isSidechain": False, "userType": "external", "cwd": str(work), "sessionId": ONE, "version": "2.1.30", "gitBranch": "main"}
    lines, written, parent, count = [], 0, None, 0

    def add(kind, message):
        nonlocal written, parent, count
        count += 1
        uuid = f"00000000-0000-4000-8000-{count:012}"
        seconds = count * 2
        time_ = f"2026-03-{1 + seconds // 86400:02}T{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000Z"
        line = json.dumps({"parentUuid": parent, **base, "type": kind, "message": message, "uuid": uuid, "timestamp": time_}) + "\n"
        lines.append(line)
        written += len(line)
        parent = uuid

    add("user", {"role": "user", "content": "Make the import of 40 formats pass its tests. Always run pytest with -q."})
    step = 0
    while written < size:
        step += 1
        name, given, answer = [
            ("Read", {"file_path": f"{work}/src/format_{step % 40}.py"}, "".join(f"{n}\tdef step_{n}(value): return value + {step}\n" for n in range(60))),
            ("Edit", {"file_path": f"{work}/src/format_{step % 40}.py", "old_string": f"value + {step}", "new_string": f"value - {step}"}, "The file has been updated."),
            ("Bash", {"command": f"pytest -q tests/test_format_{step % 40}.py"}, "".join(f"tests/test_format.py::test_{n} PASSED\n" for n in range(30)) + f"== 1 failed, {step % 30} passed in 0.5s =="),
        ][step % 3]
        call = f"toolu_{step:08}"
        add("assistant", {"model": "claude-opus-4-5-20251101", "id": f"msg_{step}", "type": "message", "role": "assistant", "content": [{"type": "tool_use", "id": call, "name": name, "input": given}]})
        add("user", {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call, "content": answer, "is_error": False}]})
    path.write_text("".join(lines))


class Home:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.work = self.folder / "work"
        (self.work / ".git").mkdir(parents=True)
        (self.work / ".git/HEAD").write_text("ref: refs/heads/main\n")
        self.logs = self.folder / ".claude/projects/-work"
        self.logs.mkdir(parents=True)
        self.log = self.logs / f"{ONE}.jsonl"
        self.handoffs = self.work / ".passdown/handoffs"
        self.env = {"HOME": str(folder), "PATH": os.environ["PATH"], "CLAUDE_PROJECT_DIR": str(self.work)}

    def hook(self, event, session, **more):
        """Calls a hook as Claude Code does; how long it took, what the processor worked, and what it printed."""
        given = {"session_id": session, "transcript_path": str(self.logs / f"{session}.jsonl"), "cwd": str(self.work), "hook_event_name": event, **more}
        command = [str(PASSDOWN), "hook", event, "--max-age", "36500d"]
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        ran = subprocess.run(command, input=json.dumps(given).encode(), env=self.env, capture_output=True, check=True)
        took, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return (took * 1000, worked * 1000), ran.stdout

    def made(self):
        return sorted(self.handoffs.glob("*.md"))

    def wait(self):
        """Until the handoff of a long log is made, which may be after the hook is back."""
        until = time.monotonic() + 60
        while not self.made() and time.monotonic() < until:
            time.sleep(0.01)
        assert len(self.made()) == 1, "the handoff of the long log was not made"


def told(what, times, most=None, nearly_all=None):
    took = sorted(took for took, _ in times)
    median, worked = statistics.median(took), statistics.median(worked for _, worked in times)
    p99 = took[-(-len(took) * 99 // 100) - 1]
    bound = f", at most {most} ms wanted" if most else f", at most {nearly_all} ms wanted of 99 in 100" if nearly_all else ""
    print(f"{what:<52} median {median:7.1f} ms, p99 {p99:7.1f} ms, worst {took[-1]:7.1f} ms, processor {worked:6.1f} ms{bound}", flush=True)
    return (most is None or median <= most) and (nearly_all is None or len(took) < 200 or p99 <= nearly_all)


def main():
    kept = True
    with tempfile.TemporaryDirectory() as folder:
        home = Home(folder)
        log(home.log, home.work, 4_000_000)
        times = []
        for event in ["SessionEnd"] * RUNS:
            shutil.rmtree(home.handoffs, ignore_errors=True)
            took, said = home.hook(event, ONE, reason="prompt_input_exit")
            assert said == b"" and len(home.made()) == 1, (said, home.made())
            times.append(took)
        kept &= told("the end of a session of 4 MB, to the file", times, 100)

        times = []
        for run in range(RUNS):
            took, said = home.hook("SessionStart", NEXT.format(run), source="startup")
            context = json.loads(said)["hookSpecificOutput"]["additionalContext"]
            assert context.startswith("Handoff by passdown: "), context
            times.append(took)
        kept &= told("a start that is given a ready handoff", times, 20)
        times = [home.hook("SessionStart", NEXT.format(0), source="startup")[0] for _ in range(RUNS)]
        kept &= told("a start that has been given it", times, 20)

        shutil.rmtree(home.handoffs)
        log(home.log, home.work, 50_000_000)
        times = []
        for _ in range(RUNS):
            shutil.rmtree(home.handoffs, ignore_errors=True)
            took, said = home.hook("PreCompact", ONE, trigger="auto")
            times.append(took)
            home.wait()
        kept &= told("before a compaction at 50 MB, until the hook is back", times, nearly_all=300)

        shutil.rmtree(home.handoffs)
        log(home.log, home.work, 100_000_000)
        times = []
        for _ in range(max(3, RUNS // 4)):
            shutil.rmtree(home.handoffs, ignore_errors=True)
            took, said = home.hook("SessionEnd", ONE, reason="other")
            assert said == b""
            times.append(took)
            home.wait()
        kept &= told("the end of a session of 100 MB, until the hook is back", times, 1500)
    return 0 if kept else 1


sys.exit(main())
