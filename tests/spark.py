"""`examples/spark` on a cluster of two workers, one of which is killed in mid-job, and a `passdown` too: the table must be what
`passdown batch` makes of the same logs on one machine, byte for byte.

    python tests/spark.py PASSDOWN LOGS FOLDER [COPIES]

The Python must have pyspark. LOGS is copied so many times into FOLDER, with broken files among the copies.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pyspark

passdown, logs, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), Path(sys.argv[3]).resolve()
copies = int(sys.argv[4]) if len(sys.argv) > 4 else 10
spark = Path(pyspark.__file__).parent
env = {**os.environ, "SPARK_HOME": str(spark), "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
# The whole job, in seconds: far more than it takes.
PATIENCE = 900


def children():
    """The processes below this one, with their command lines."""
    parents, lines = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
                lines[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
            except OSError:
                pass  # it has just ended
    below, found = {os.getpid()}, {}
    while new := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= new
        found |= {pid: (parents[pid], lines[pid]) for pid in new}
    return found


def started(what, *args):
    log = open(folder / f"{what}.log", "w")
    return subprocess.Popen([str(part) for part in args], env=env, stdout=log, stderr=subprocess.STDOUT, cwd=folder)


def until(what, look):
    """What `look` finds, as soon as it finds something."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    sys.exit(f"{what}: not within {PATIENCE} s; see {folder}")


def passdowns():
    return {pid for pid, (_, line) in children().items() if "/passdown worker" in line or line.startswith("passdown worker")}


# A worker that dies at once, one that hangs, and one that dies over a session once.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "examples/spark"))
sys.dont_write_bytecode = True
from condense import Worker  # noqa: E402

folder.mkdir(parents=True)
once = 'read line; if [ -e "$0" ]; then echo "{\\"id\\": 1, \\"ok\\": true}"; else : > "$0"; fi'
for command, seconds, says in [
    (["false"], 10, "died 2 times over this session: "),
    (["sleep", "600"], 0.2, "died 2 times over this session: no answer (exit status -9)"),
    (["no such program"], 10, "died 2 times over this session: [Errno 2]"),
    (["sh", "-c", once, str(folder / "died")], 10, None),
]:
    answer = Worker(command, 2, seconds).ask({"id": 1, "content": ""})
    error = answer.get("error")
    assert (says in error) if says and error else says == error, (command, answer)

for number in range(copies):
    shutil.copytree(logs, folder / "logs" / f"copy {number:03}")
broken = folder / "logs" / "broken"
broken.mkdir()
whole = min(logs.rglob("session.jsonl")).read_bytes()
(broken / "bytes.jsonl").write_bytes(b'{"type": "user", \xff\xfe\n' + whole.replace(b"the", b"th\xe9"))
(broken / "cut.jsonl").write_bytes(whole[: len(whole) // 2])
(broken / "junk.jsonl").write_bytes(bytes(range(256)) * 50)
(broken / "empty.jsonl").write_bytes(b"")
(broken / "notes.txt").write_text("no log\n")

began = time.monotonic()
subprocess.run([passdown, "batch", folder / "logs", "--out", folder / "one", "--no-store"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(f"one machine: {time.monotonic() - began:.1f} s")

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
deploy = "org.apache.spark.deploy"
run = spark / "bin" / "spark-class"
cluster = [started("master", run, f"{deploy}.master.Master", "--host", "127.0.0.1", "--port", port, "--webui-port", 0)]
for number in (1, 2):
    at = f"spark://127.0.0.1:{port}"
    cluster.append(started(f"worker-{number}", run, f"{deploy}.worker.Worker", "--host", "127.0.0.1", "--webui-port", 0, "--cores", 1, "--memory", "1g", "--work-dir", folder / f"work-{number}", at))
try:
    until("two workers", lambda: (folder / "master.log").read_text().count("Registering worker") == 2)
    began = time.monotonic()
    job = started(
        "job", spark / "bin" / "spark-submit", "--master", f"spark://127.0.0.1:{port}", "--executor-memory", "700m", "--driver-memory", "700m",
        Path(__file__).resolve().parent.parent / "examples/spark/condense.py", "--passdown", passdown, "--partitions", 16, folder / "logs", folder / "out",
    )
    # Two at work: one dies by itself, the other with its Spark worker.
    both = until("a passdown on each worker", lambda: len(passdowns()) >= 2 and passdowns() or job.poll() is not None)
    assert both is not True, (folder / "job.log").read_text()[-4000:]
    first = min(both)
    os.kill(first, signal.SIGKILL)
    until("another passdown in its place", lambda: job.poll() is not None or passdowns() - both)
    known = children()
    lost = cluster[2].pid
    executors = [pid for pid, (parent, line) in known.items() if parent == lost and "CoarseGrainedExecutorBackend" in line]
    assert executors and job.poll() is None, "the job was over before anything could be killed; give more copies"
    for pid in [lost, *executors]:
        os.kill(pid, signal.SIGKILL)
    print(f"killed after {time.monotonic() - began:.1f} s: a passdown, then a worker with its executor")
    until("the end of the job", lambda: job.poll() is not None)
    told = (folder / "job.log").read_text()
    assert job.returncode == 0, told[-4000:]
    summary = next((line for line in told.splitlines() if " could not be served" in line), "no summary")
    print(f"cluster: {time.monotonic() - began:.1f} s; {summary}")
    assert "Lost executor" in told, "nothing was lost"
finally:
    for process in cluster:
        process.kill()
        process.wait()
    for pid, (_, line) in children().items():
        if "CoarseGrainedExecutorBackend" in line:
            os.kill(pid, signal.SIGKILL)

from pyspark.sql import SparkSession, functions  # noqa: E402

os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
reader = SparkSession.builder.master("local[1]").config("spark.sql.session.timeZone", "UTC").config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false").getOrCreate()
reader.sparkContext.setLogLevel("ERROR")
table = reader.read.parquet(str(folder / "out"))
for name in ("started", "ended"):
    table = table.withColumn(name, functions.date_format(name, "yyyy-MM-dd'T'HH:mm:ss'Z'"))
rows = {row["path"]: row.asDict() for row in table.collect()}
assert table.count() == len(rows), "a session is in the table twice"
wanted = [json.loads(line) for line in (folder / "one/sessions.ndjson").read_text().splitlines()]
assert len(wanted) > copies, "no sessions"
for one in wanted:
    row = rows[one["path"]]
    text = (folder / "one" / one["handoff"]).read_bytes()
    assert row["error"] is None, (one["path"], row["error"])
    assert row["handoff"].encode() == text, one["path"]
    tokens = one.pop("tokens")
    for name in set(row) - {"handoff", "problems", "error"}:
        value = tokens[name] if name in tokens else one[name]
        assert row[name] == value, (one["path"], name, row[name], value)
extra = {path for path, row in rows.items() if row["handoff"] is not None} - {one["path"] for one in wanted}
assert not extra, sorted(extra)
failures = {row["error"] for row in rows.values()} - {None}
assert not failures, failures
print(f"{len(wanted)} handoffs, {sum(len(row['handoff'].encode()) for row in rows.values() if row['handoff'])} bytes: the same as on one machine")
