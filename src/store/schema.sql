-- The first schema. Times are UTC to the second as text, booleans 0 and 1, `cite` a place in the log as handoffs have it.

-- The logs that were read, and what they were when they were.
CREATE TABLE logs (
    log     INTEGER PRIMARY KEY,
    path    TEXT NOT NULL UNIQUE,
    stamp   INTEGER NOT NULL,       -- of all files of the session: identity, size, time, first and last bytes
    made_by INTEGER NOT NULL,       -- of the program, its rules and its options
    outcome TEXT NOT NULL           -- handoff, nothing
) STRICT;

CREATE TABLE sessions (
    log            INTEGER PRIMARY KEY REFERENCES logs ON DELETE CASCADE,
    session        TEXT NOT NULL,
    path           TEXT NOT NULL,
    state          TEXT NOT NULL,   -- green, red, blocked, unverified
    work           TEXT NOT NULL,   -- code, testing, docs, quality, infra, planning
    title          TEXT NOT NULL,
    goal           TEXT NOT NULL,
    project        TEXT,            -- the folder of the first record
    cwd            TEXT,            -- the folder of the last record
    branch         TEXT,
    started        TEXT,
    ended          TEXT,
    active_seconds INTEGER NOT NULL,
    ending         TEXT NOT NULL,
    bytes          INTEGER NOT NULL,
    lines          INTEGER NOT NULL,
    bad_lines      INTEGER NOT NULL,
    turns          INTEGER NOT NULL,
    tool_calls     INTEGER NOT NULL,
    tool_errors    INTEGER NOT NULL,
    subagents      INTEGER NOT NULL,
    compactions    INTEGER NOT NULL,
    files_changed  INTEGER NOT NULL,
    commits        INTEGER NOT NULL,
    open_tasks     INTEGER NOT NULL,
    done_tasks     INTEGER NOT NULL,
    open_failures  INTEGER NOT NULL,
    tests_passed   INTEGER,
    tests_failed   INTEGER,
    tests_total    INTEGER,
    version        TEXT,
    models         TEXT NOT NULL,   -- a JSON array
    input          INTEGER NOT NULL,
    output         INTEGER NOT NULL,
    cache_read     INTEGER NOT NULL,
    cache_creation INTEGER NOT NULL,
    own_input          INTEGER NOT NULL,    -- of messages that no earlier session holds
    own_output         INTEGER NOT NULL,
    own_cache_read     INTEGER NOT NULL,
    own_cache_creation INTEGER NOT NULL,
    copy_of        TEXT,            -- the session that this one only repeats
    messages       BLOB NOT NULL    -- of each message its id and four counts, for own_…; not for queries
) STRICT;
CREATE INDEX sessions_by_id ON sessions (session);
CREATE INDEX sessions_by_project ON sessions (project, ended);

CREATE TABLE handoffs (
    log    INTEGER NOT NULL REFERENCES logs ON DELETE CASCADE,
    format TEXT NOT NULL,           -- md, json
    text   TEXT NOT NULL,
    PRIMARY KEY (log, format)
) STRICT;

CREATE TABLE turns (
    log INTEGER NOT NULL REFERENCES logs ON DELETE CASCADE, n INTEGER NOT NULL,
    turn INTEGER NOT NULL, cite TEXT NOT NULL, started TEXT, ended TEXT, prompt TEXT NOT NULL,
    tool_calls INTEGER NOT NULL, tool_errors INTEGER NOT NULL, edits INTEGER NOT NULL, compactions INTEGER NOT NULL,
    PRIMARY KEY (log, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE tasks (
    log INTEGER NOT NULL REFERENCES logs ON DELETE CASCADE, n INTEGER NOT NULL,
    subject TEXT NOT NULL, status TEXT NOT NULL, cite TEXT NOT NULL, time TEXT,
    PRIMARY KEY (log, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE checks (
    log INTEGER NOT NULL REFERENCES logs ON DELETE CASCADE, n INTEGER NOT NULL,
    tool TEXT NOT NULL, family TEXT NOT NULL, scope TEXT NOT NULL, command TEXT NOT NULL,
    verdict TEXT NOT NULL, current INTEGER NOT NULL, runs INTEGER NOT NULL, cite TEXT NOT NULL, time TEXT,
    PRIMARY KEY (log, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE check_runs (
    log INTEGER NOT NULL REFERENCES logs ON DELETE CASCADE, n INTEGER NOT NULL,
    "check" INTEGER NOT NULL,       -- checks.n
    verdict TEXT NOT NULL, passed INTEGER, failed INTEGER, skipped INTEGER, total INTEGER, errors INTEGER,
    warnings INTEGER, coverage REAL, cite TEXT NOT NULL, time TEXT, uuid TEXT,
    PRIMARY KEY (log, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE failures (
    log INTEGER NOT NULL REFERENCES logs ON DELETE CASCADE, n INTEGER NOT NULL,
    fingerprint TEXT NOT NULL, what TEXT NOT NULL, class TEXT NOT NULL, about TEXT NOT NULL, test TEXT, file TEXT,
    command TEXT NOT NULL, tool TEXT, scope TEXT NOT NULL, count INTEGER NOT NULL, state TEXT NOT NULL, resolved_by TEXT, cite TEXT NOT NULL,
    first_time TEXT, last_time TEXT,
    PRIMARY KEY (log, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX failures_by_fingerprint ON failures (fingerprint);

CREATE TABLE files (
    log INTEGER NOT NULL REFERENCES logs ON DELETE CASCADE, n INTEGER NOT NULL,
    path TEXT NOT NULL, class TEXT NOT NULL, edits INTEGER NOT NULL, reads INTEGER NOT NULL,
    added INTEGER NOT NULL, removed INTEGER NOT NULL, created INTEGER NOT NULL, deleted INTEGER NOT NULL,
    uncommitted INTEGER NOT NULL, cite TEXT NOT NULL,
    PRIMARY KEY (log, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE commands (
    log INTEGER NOT NULL REFERENCES logs ON DELETE CASCADE, n INTEGER NOT NULL,
    command TEXT NOT NULL, tool TEXT, family TEXT, runs INTEGER NOT NULL, verdict TEXT NOT NULL, cite TEXT NOT NULL,
    PRIMARY KEY (log, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE commits (
    log INTEGER NOT NULL REFERENCES logs ON DELETE CASCADE, n INTEGER NOT NULL,
    hash TEXT NOT NULL, subject TEXT NOT NULL, files INTEGER, added INTEGER, removed INTEGER, pushed INTEGER NOT NULL,
    cite TEXT NOT NULL, time TEXT,
    PRIMARY KEY (log, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE decisions (
    log INTEGER NOT NULL REFERENCES logs ON DELETE CASCADE, n INTEGER NOT NULL,
    text TEXT NOT NULL, kind TEXT NOT NULL, by_user INTEGER NOT NULL, cite TEXT NOT NULL, time TEXT,
    PRIMARY KEY (log, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE instructions (
    log INTEGER NOT NULL REFERENCES logs ON DELETE CASCADE, n INTEGER NOT NULL,
    text TEXT NOT NULL, kind TEXT NOT NULL, by_user INTEGER NOT NULL, cite TEXT NOT NULL, time TEXT,
    PRIMARY KEY (log, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempts (
    log INTEGER NOT NULL REFERENCES logs ON DELETE CASCADE, n INTEGER NOT NULL,
    kind TEXT NOT NULL, what TEXT NOT NULL, outcome TEXT NOT NULL, cite TEXT NOT NULL, time TEXT,
    PRIMARY KEY (log, n)
) STRICT, WITHOUT ROWID;

-- The records that the handoff cites, shortened.
CREATE TABLE records (
    log INTEGER NOT NULL REFERENCES logs ON DELETE CASCADE, n INTEGER NOT NULL,
    cite TEXT NOT NULL, kind TEXT NOT NULL, time TEXT, text TEXT NOT NULL,
    PRIMARY KEY (log, n)
) STRICT, WITHOUT ROWID;

-- What could not be used; without a log, what the last run found that is no session.
CREATE TABLE problems (
    log    INTEGER REFERENCES logs ON DELETE CASCADE,
    path   TEXT NOT NULL,
    line   INTEGER NOT NULL,        -- zero for the whole file
    column INTEGER NOT NULL,
    what   TEXT NOT NULL
) STRICT;
CREATE INDEX problems_by_log ON problems (log);

-- Sessions without those that only repeat others.
CREATE VIEW originals AS SELECT * FROM sessions WHERE copy_of IS NULL;

-- Every run of a check with its numbers, each once: a copy of a session repeats the uuids of its records.
CREATE VIEW runs AS
SELECT s.session, s.project, c.tool, c.family, c.scope, r.verdict, r.passed, r.failed, r.skipped, r.total,
       r.errors, r.warnings, r.coverage, r.time, r.cite, r.log
FROM check_runs r
JOIN checks c ON c.log = r.log AND c.n = r."check"
JOIN sessions s ON s.log = r.log
WHERE r.uuid IS NULL OR NOT EXISTS (
    SELECT 1 FROM check_runs e JOIN sessions o ON o.log = e.log
    WHERE e.uuid = r.uuid AND e."check" = r."check" AND (o.ended, o.path) < (s.ended, s.path));
CREATE INDEX check_runs_by_uuid ON check_runs (uuid);

-- One number of one run a row.
CREATE VIEW metrics AS
SELECT session, project, tool, scope, 'passed' AS metric, passed AS value, time, cite FROM runs WHERE passed IS NOT NULL
UNION ALL SELECT session, project, tool, scope, 'failed', failed, time, cite FROM runs WHERE failed IS NOT NULL
UNION ALL SELECT session, project, tool, scope, 'skipped', skipped, time, cite FROM runs WHERE skipped IS NOT NULL
UNION ALL SELECT session, project, tool, scope, 'errors', errors, time, cite FROM runs WHERE errors IS NOT NULL
UNION ALL SELECT session, project, tool, scope, 'warnings', warnings, time, cite FROM runs WHERE warnings IS NOT NULL
UNION ALL SELECT session, project, tool, scope, 'coverage', coverage, time, cite FROM runs WHERE coverage IS NOT NULL;

-- What is unfinished: open tasks, failures of the work that stand at the end of their session, and checks that failed last
-- and show no such failure.
CREATE VIEW unfinished AS
SELECT s.session, s.project, s.branch, s.ended, 'task' AS kind, t.subject AS what, t.status AS status, t.cite
FROM originals s JOIN tasks t USING (log) WHERE t.status IN ('pending', 'in-progress')
UNION ALL
SELECT s.session, s.project, s.branch, s.ended, 'failure', f.what, f.state, f.cite
FROM originals s JOIN failures f USING (log) WHERE f.state = 'open' AND f.about = 'product'
UNION ALL
SELECT s.session, s.project, s.branch, s.ended, 'check', k.command, k.verdict, k.cite
FROM originals s JOIN checks k USING (log)
WHERE s.state = 'red' AND k.verdict = 'red' AND k.current AND NOT EXISTS (
    SELECT 1 FROM failures f
    WHERE f.log = k.log AND f.state = 'open' AND f.about = 'product' AND f.tool = k.tool);

-- Failures by what makes them the same, over all sessions.
CREATE VIEW failing AS
SELECT f.fingerprint, max(f.what) AS what, f.class, f.about, count(DISTINCT s.session) AS sessions,
       sum(f.count) AS times, sum(f.state = 'open') AS open, max(f.last_time) AS last_time
FROM originals s JOIN failures f USING (log)
GROUP BY f.fingerprint, f.class, f.about;

-- Tests that passed, of those that ran: a project's newest run of each check on each day, summed.
CREATE VIEW pass_rate AS
SELECT project, substr(time, 1, 10) AS day, sum(passed) AS passed, sum(total) AS total,
       round(100.0 * sum(passed) / sum(total), 1) AS percent
FROM (SELECT *, row_number() OVER (PARTITION BY project, tool, scope, substr(time, 1, 10) ORDER BY time DESC, cite DESC) AS nth
      FROM runs WHERE family = 'test' AND total > 0 AND passed IS NOT NULL AND time IS NOT NULL)
WHERE nth = 1 GROUP BY project, day;

-- What the user said in more than one session: candidates for the project's memory file.
CREATE VIEW repeated_instructions AS
SELECT s.project, max(i.text) AS text, count(DISTINCT s.session) AS sessions, max(i.time) AS last_time
FROM originals s JOIN instructions i USING (log)
WHERE i.by_user GROUP BY s.project, lower(trim(i.text, ' .!')) HAVING count(DISTINCT s.session) > 1;

-- Whether a run has the store open; left standing by one that was killed.
CREATE TABLE state (open INTEGER NOT NULL) STRICT;
INSERT INTO state VALUES (0);
