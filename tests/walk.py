"""A newcomer's walk: every command of the README and of the pages of docs/, run as it is written, on a clean home.

walk.py PASSDOWN [PAGE…]

The home has the sessions of corpora/ as Claude Code keeps them, one project, and the files that the pages speak of. A command is a line
of an indented block, or of a block of `sh`, that calls a program; it must end as its page says, and may not panic. What needs a program that is
not here, or minutes of compiling, is told and passed over, by name. Blocks of `console` are run by the tests, which compare what they show.
"""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PASSDOWN = Path(sys.argv[1]).resolve()
PROGRAMS = ("passdown", "claude", "opencode", "cargo", "sqlite3", "duckdb", "source", "export", "PASSDOWN_BINARY", "./.ci", "packages/", "rustup", "apt", "pip", "npm")
# Other exit codes than 0, each said by its page: something is to be mended, nothing was dropped, no gain beyond noise.
MAY_END = {
    "passdown check": {0, 1},
    "passdown diff": {0, 1},
    "passdown tune": {0, 1},
    "passdown rules check": {0, 1},
    "passdown --since-compaction": {0, 1},
    "passdown batch --out condensed --expiring": {0, 1},
    "passdown report --since": {0, 1},
}
# What compiles for minutes, or is of another system; `.ci/packages` and the gate run these.
ELSEWHERE = ("cargo ", "./.ci", "packages/", "rustup ", "apt ", "pip ", "npm ", "export CARGO", "PASSDOWN_BINARY", "passdown completions powershell")


def commands(page):
    """The commands of a page, with the number of their line; then its other lines of code."""
    found, other = [], []
    fence = None
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if line.startswith("```"):
            fence = None if fence is not None else line[3:]
            continue
        if fence == "sh":
            code = line
        elif fence is None and line.startswith("    ") and line.strip():
            code = line[4:]
        else:
            continue
        code = re.sub(r"\s+#( .*)?$", "", code).strip()
        if code.startswith(PROGRAMS):
            # What stands for many commands is none.
            (other if "…" in code or "$project" in code else found).append((number, code))
    return found, other


def work(cwd, session):
    """A session long enough to be cut: edits and tests, again and again."""
    lines, parent = [], None

    def add(kind, content):
        nonlocal parent
        at = len(lines)
        head = {"parentUuid": parent, "isSidechain": False, "cwd": str(cwd), "sessionId": session, "version": "2.1.30", "gitBranch": "main"}
        parent = f"00000000-0000-4000-8000-{at:012}"
        body = {"type": kind, "message": {"role": kind, "content": content}, "uuid": parent, "timestamp": f"2026-03-01T{10 + at // 60:02}:{at % 60:02}:00.000Z"}
        lines.append(json.dumps(head | body))

    add("user", "Make the rounding tests pass. Always run pytest with -q.")
    for step in range(90):
        name, given, answer = [
            ("Edit", {"file_path": f"{cwd}/src/round_{step % 5}.py", "old_string": f"half_{step}", "new_string": f"even_{step}"}, "The file has been updated."),
            ("Bash", {"command": f"pytest -q tests/test_round_{step % 5}.py"}, f"FAILED tests/test_round.py::test_{step % 5}\n1 failed, {step % 7} passed in 0.5s"),
        ][step % 2]
        add("assistant", [{"type": "tool_use", "id": f"toolu_{step}", "name": name, "input": given}])
        add("user", [{"type": "tool_result", "tool_use_id": f"toolu_{step}", "content": answer, "is_error": name == "Bash"}])
    return "\n".join(lines) + "\n"


def home(folder):
    """A clean home with a project, logs, and the files that pages name."""
    home = folder / "home"
    project = home / "agent-kit"
    logs = home / ".claude/projects"
    for session in sorted((ROOT / "corpora/sessions").iterdir()):
        kind = session.name
        text = (session / "session.jsonl").read_bytes().replace(b"/home/dev", str(home).encode())
        match kind:
            case "codex-rollout":
                path = home / ".codex/sessions/2026/09/14/rollout-2026-09-14T10-00-00-0199a2c4-7d10-7b33-9a50-3f1c2e4d5a66.jsonl"
                text = text.replace(f"{home}/parcelbox".encode(), str(project).encode())
            case "gemini-chat":
                path = home / ".gemini/tmp/agent-kit/chats/session-2026-08-21T13-00-5b0e7c1a.json"
            case "opencode-export":
                path = folder / "export.json"
            case _:
                identity = re.search(rb'"sessionId":\s*"([^"]+)"', text)
                name = identity.group(1).decode() if identity else kind
                path = logs / f"-{kind}" / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
        beside = session / "session"
        if beside.is_dir():
            shutil.copytree(beside, path.with_suffix(""))
        # As old as its place in the list, and the one that the pages speak of the newest.
        age = 0 if kind == "protocol-example" else 3600
        os.utime(path, (time.time() - age, time.time() - age))
    long = logs / "-long" / "1079ac75-0000-4000-8000-000000000001.jsonl"
    long.parent.mkdir()
    long.write_text(work(home / "shop", long.stem))
    os.utime(long, (time.time() - 7200, time.time() - 7200))
    (home / ".gemini/tmp/agent-kit/.project_root").write_text(str(project))
    (project / "src").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "-b", "main", str(project)], check=True)
    (project / "corpora").symlink_to(ROOT / "corpora")
    (project / "LOGS").symlink_to(logs)
    (project / "app.log").write_text("started\nAuthorization: Bearer abcdefghijklmnopqrstuvwxyz012345\n")
    (project / "my.toml").write_text((ROOT / "src/rules/builtin/go.toml").read_text())
    programs = folder / "bin"
    programs.mkdir()
    (programs / "passdown").symlink_to(PASSDOWN)
    fakes = {"claude": 'case "$1" in -p) cat "$CORPORA/stream-of-a-run/session.jsonl" ;; esac', "opencode": 'cat "$CORPORA/opencode-export/session.jsonl"', "pbcopy": "cat > /dev/null"}
    for name, script in fakes.items():
        path = programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    env = {"HOME": str(home), "PATH": f"{programs}:{os.environ['PATH']}", "LANG": "C.UTF-8", "TERM": "xterm-256color", "CORPORA": str(ROOT / "corpora/sessions")}
    # What the hooks left, as of an earlier session.
    ended = {"session_id": "7e5dcce0-442a-4205-a465-7ff9f3523342", "cwd": str(project), "hook_event_name": "SessionEnd", "reason": "other"}
    subprocess.run([PASSDOWN, "hook", "SessionEnd"], cwd=project, env=env, input=json.dumps(ended), text=True, check=True)
    for name in ("handoff.md", "old.md", "new.md"):
        budget = "700" if name == "old.md" else "1500"
        subprocess.run([PASSDOWN, "7e5dcce0", "--budget", budget, "--output", name], cwd=project, env=env, check=True)
    return project, env


def on_terminal(code, project, env):
    """Runs what needs a terminal: looks at it, then leaves."""
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        os.chdir(project)
        os.execvpe("bash", ["bash", "-c", code], env)
    seen = b""
    until = time.monotonic() + 20
    left = False
    while time.monotonic() < until:
        ready, _, _ = select.select([terminal], [], [], 0.2)
        if ready:
            try:
                seen += os.read(terminal, 65536)
            except OSError:
                break
        elif not left and len(seen) > 200:
            os.write(terminal, b"q")
            left = True
    if time.monotonic() >= until:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), seen.decode(errors="replace")


def run(code, project, env):
    """How the command ended, and what it said."""
    if code.startswith("passdown pick") or "--copy" in code:
        return on_terminal(code, project, env)
    process = subprocess.Popen(
        ["bash", "-c", code], cwd=project, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    if "--watch" in code:
        time.sleep(4)
        os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=300)
    return process.returncode, said.decode(errors="replace")


def main():
    pages = [Path(page) for page in sys.argv[2:]]
    if not pages:
        named = re.findall(r"\]\(([\w-]+\.md)\)", (ROOT / "docs/SUMMARY.md").read_text())
        pages = [ROOT / "README.md"] + [ROOT / "docs" / name for name in named]
    wrong, count = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        project, env = home(Path(folder).resolve())
        for page in pages:
            found, other = commands(page)
            for number, code in found:
                place = f"{page.name}:{number}"
                program = code.split()[0]
                if code.startswith(ELSEWHERE):
                    print(f"elsewhere   {place}: {code}")
                    continue
                if program not in ("source", "export") and not shutil.which(program, path=env["PATH"]):
                    print(f"no program  {place}: {code}")
                    continue
                if " jq " in code and not shutil.which("jq"):
                    print(f"no program  {place}: {code}")
                    continue
                code_, said = run(code, project, env)
                count += 1
                allowed = next((codes for head, codes in MAY_END.items() if code.startswith(head)), {0})
                if code_ not in allowed or "panicked" in said:
                    wrong += 1
                    print(f"WRONG       {place}: {code}\n  exit {code_}: {said[-600:]}")
            for number, code in other:
                print(f"synopsis    {page.name}:{number}: {code}")
    print(f"{count} commands of {len(pages)} pages run as written, {wrong} wrong")
    return 1 if wrong or count < 40 and len(sys.argv) == 2 else 0


sys.exit(main())
