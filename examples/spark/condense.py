"""Condenses session logs on Apache Spark: any path that Hadoop reads in, a table of sessions with their handoffs out.

    spark-submit condense.py --passdown PATH LOGS OUT

Each partition has one `passdown worker` of its own, which is fed a session after the other. See README.md beside this file.
"""

import argparse
import base64
import gzip
import json
import os
import re
import stat
import subprocess
import sys
import threading

from pyspark import SparkFiles
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

# The fields of `sessions.ndjson`, as docs/batch.md has them; those of `tokens` stand by themselves.
TEXTS = "session state work title goal project cwd branch ending version".split()
TIMES = "started ended".split()
COUNTS = (
    "active_seconds bytes lines bad_lines turns tool_calls tool_errors subagents compactions files_changed commits "
    "open_tasks done_tasks open_failures tests_passed tests_failed tests_total"
).split()
TOKENS = "input output cache_read cache_creation".split()
SCHEMA = T.StructType(
    [T.StructField("path", T.StringType(), False), T.StructField("handoff", T.StringType())]
    + [T.StructField(name, T.StringType()) for name in TEXTS + TIMES]
    + [T.StructField(name, T.LongType()) for name in COUNTS + TOKENS]
    + [T.StructField(name, T.ArrayType(T.StringType())) for name in ("models", "problems")]
    + [T.StructField("error", T.StringType())]
)

ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.zst")
META = ".meta.json"
# The program's own copies of a conversation, and the ledger of workflow agents: `passdown batch` leaves them out too.
LEFT_OUT = re.compile(r"(?:^|/)(?:agent-(?:acompact|aprompt_suggestion|aside_question)-[^/]*|journal)\.jsonl(?:\.gz|\.zst)?$")
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Bytes of a session's files together: they must fit in a request of 1 GiB, escaped, and in an executor some times.
MOST = 256 << 20
NAMES = "*{.jsonl,.jsonl.gz,.jsonl.zst,.meta.json}"


def stem(path):
    """The path without the ending of a transcript; none for another file."""
    return next((path[: -len(end)] for end in ENDINGS if path.endswith(end)), None)


def home(path):
    """The session that the path tells: that of its main transcript, without an ending. None if only its records tell."""
    head, below, _ = path.rpartition("/subagents/")
    while "/subagents/" in head:
        head, below, _ = head.rpartition("/subagents/")
    if below:
        return head
    name = path.rsplit("/", 1)[-1]
    return None if name.startswith("agent-") else stem(path)


def session_id(content):
    """The first `sessionId` of a transcript that is plain or gzip; none without one."""
    try:
        head = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError):
        return None
    for line in head.split(b"\n")[:200]:
        try:
            found = json.loads(line).get("sessionId")
        except (ValueError, AttributeError):
            continue
        if found:
            return found
    return None


def older_layout(spark, paths):
    """The sessions of subagents that lie beside their main transcript: only records tell whose they are. By path."""
    agents = [path for path in paths if home(path) is None and stem(path)]
    if not agents:
        return {}
    folder = {path: path.rsplit("/", 1)[0] for path in paths}
    folders = {folder[path] for path in agents}
    renamed = [path for path in paths if folder[path] in folders and home(path) == stem(path) and not is_uuid(stem(path))]
    asked = [re.sub(r"([\\{}\[\]*?])", r"\\\1", path) for path in agents + renamed]
    files = spark.read.format("binaryFile").load(asked).select("path", "content").rdd
    told = dict(files.map(lambda row: (row["path"], session_id(bytes(row["content"])))).collect())
    mains = {}
    for path in sorted(renamed):
        mains.setdefault((folder[path], told.get(path)), stem(path))
    homes = {}
    for path in agents:
        place = (folder[path], told.get(path))
        homes[path] = homes[stem(path) + META] = mains.get(place, "/".join(map(str, place)))
    return homes


def is_uuid(path):
    return UUID.fullmatch(path.rsplit("/", 1)[-1]) is not None


def name_of(path):
    """What a file is called: a local one by its path alone, any other by its address."""
    return re.sub(r"^file:/+", "/", path)


class Worker:
    """A `passdown worker` that is started anew when it dies, hangs, or answers what is no answer."""

    def __init__(self, command, tries, seconds):
        self.command, self.tries, self.seconds = command, tries, seconds
        self.process = None

    def ask(self, request):
        """The answer to a request: that of the worker, or an error after so many tries."""
        line = json.dumps(request, ensure_ascii=False).encode() + b"\n"
        why = ""
        for _ in range(self.tries):
            try:
                answer = json.loads(self.exchange(line))
                if answer["ok"] is False or answer["id"] == request["id"]:
                    return answer
                why = "an answer to another request"
            except (OSError, ValueError, KeyError, TypeError) as error:
                why = str(error)
            self.end()
        return {"error": f"the worker died {self.tries} times over this session: {why}", "problems": []}

    def exchange(self, line):
        if self.process is None:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        # One that hangs is killed; then its answer is empty.
        alarm = threading.Timer(self.seconds, self.process.kill)
        alarm.start()
        try:
            self.process.stdin.write(line)
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        finally:
            alarm.cancel()
        if not answer.endswith(b"\n"):
            raise OSError(f"no answer (exit status {self.process.wait()})")
        return answer

    def end(self):
        """Ends the process, whatever it is at."""
        if self.process is None:
            return
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        try:
            self.process.stdin.close()
        except OSError:
            pass  # what was not written yet has no reader any more
        self.process = None


def inline(path, content):
    """A file as a request has it."""
    try:
        return {"name": name_of(path), "content": content.decode()}
    except UnicodeDecodeError:
        return {"name": name_of(path), "base64": base64.b64encode(content).decode()}


def requests(files):
    """The requests for the files of a session; none without a main transcript."""
    mains = sorted(path for path in files if stem(path) and home(path) == stem(path))
    rest = [inline(path, files[path]) for path in sorted(files) if path not in mains and files[path]]
    for path in mains:
        yield {"id": path, **inline(path, files[path]), "files": rest}
        # A second transcript of the name, as one that is compressed, is a session without them.
        rest = []


def row(path, answer):
    """A row of the table."""
    session = answer.get("session") or {}
    tokens = session.get("tokens") or {}
    return (
        (name_of(path), answer.get("handoff"))
        + tuple(session.get(name) for name in TEXTS + TIMES + COUNTS)
        + tuple(tokens.get(name) for name in TOKENS)
        + (session.get("models"), answer.get("problems"), answer.get("error"))
    )


TOO_LARGE = f"more than {MOST} bytes: `passdown batch` reads it"


def failed(path, why):
    return row(path, {"error": why})


def condensed(sessions, options):
    """The rows of a partition's sessions."""
    program = SparkFiles.get(os.path.basename(options.passdown))
    try:
        os.chmod(program, os.stat(program).st_mode | stat.S_IXUSR)
    except OSError:
        pass  # another executor of this machine shares the file and has done it, or starting it says why
    worker = Worker([program, "worker", "--budget", str(options.budget)], options.tries, options.seconds)
    try:
        for _, files in sessions:
            files = {path: bytes(content) for path, content in files}
            if sum(map(len, files.values())) > MOST:
                yield failed(min(files), TOO_LARGE)
                continue
            asked = list(requests(files))
            for one in asked:
                yield row(one["id"], worker.ask(one))
            if not asked:
                for path in filter(stem, sorted(files)):
                    yield failed(path, "a subagent's transcript without its session, left out")
    finally:
        worker.end()


def main():
    arguments = argparse.ArgumentParser(description="Condenses session logs on Apache Spark.")
    arguments.add_argument("logs", help="a folder or pattern that Hadoop reads: a path, hdfs://…, s3a://…")
    arguments.add_argument("out", help="the folder of the Parquet table; it must not be there yet")
    arguments.add_argument("--passdown", required=True, help="the program, for the machines of the cluster")
    arguments.add_argument("--budget", type=int, default=2000, help="tokens of a handoff")
    arguments.add_argument("--partitions", type=int, help="parts of the work; four for each core of the cluster, if not said")
    arguments.add_argument("--tries", type=int, default=3, help="how often a session may kill its worker")
    arguments.add_argument("--seconds", type=int, default=600, help="how long a session may take")
    options = arguments.parse_args()
    if not os.path.isfile(options.passdown):
        arguments.error(f"{options.passdown}: no such file; build it with `cargo build --release`")

    spark = SparkSession.builder.appName("passdown").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    context = spark.sparkContext
    context.addFile(options.passdown)
    files = spark.read.format("binaryFile").option("recursiveFileLookup", "true").option("pathGlobFilter", NAMES).load(options.logs)
    # Names and sizes alone: what is in a file is read only where it is asked for.
    listed = {row["path"]: row["length"] for row in files.select("path", "length").collect()}
    paths = sorted(path for path in listed if not LEFT_OUT.search(path))
    homes = context.broadcast(older_layout(spark, paths))
    partitions = options.partitions or max(1, min(len(paths), 4 * context.defaultParallelism))

    def keyed(row):
        path = row["path"]
        return homes.value.get(path) or home(path) or path, (path, row["content"])

    wanted = files.where(F.col("length") <= MOST).select("path", "content").rdd
    sessions = wanted.filter(lambda row: not LEFT_OUT.search(row["path"])).map(keyed).groupByKey(partitions)
    rows = sessions.mapPartitions(lambda part: condensed(part, options))
    large = [failed(path, TOO_LARGE) for path in paths if listed[path] > MOST]
    if large:
        rows = rows.union(context.parallelize(large, 1))
    table = spark.createDataFrame(rows, SCHEMA)
    for name in TIMES:
        table = table.withColumn(name, F.to_timestamp(name))
    # Text gets smaller by gzip than by Snappy, and it needs no native library.
    table.write.mode("errorifexists").option("compression", "gzip").parquet(options.out)

    written = spark.read.parquet(options.out)
    handoffs, errors, sessions = written.select(F.count("handoff"), F.count("error"), F.count("path")).first()
    print(f"{sessions} sessions, {handoffs} handoffs, {errors} that could not be served", file=sys.stderr)
    spark.stop()


if __name__ == "__main__":
    main()
