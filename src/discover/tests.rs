use std::fs;
use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

const A: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const B: &str = "aaaaaaaa-0000-4000-8000-000000000002";
const C: &str = "cccccccc-0000-4000-8000-000000000003";

/// A folder with a home in it, and files that are each a second newer than the one before.
struct Tree {
    folder: TempDir,
    clock: u64,
}

impl Tree {
    fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            clock: 1_700_000_000,
        }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn file(mut self, path: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        self.clock += 1;
        let time = UNIX_EPOCH + Duration::from_secs(self.clock);
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(time).unwrap();
        self
    }

    /// A session of two records in the folder `cwd` of the tree.
    fn session(self, path: &str, id: &str, cwd: &str) -> Self {
        let cwd = self.path(cwd).display().to_string();
        self.file(path, session(id, &cwd))
    }

    fn env(&self, cwd: &str) -> Env {
        Env {
            home: Some(self.path("home")),
            cwd: self.path(cwd),
            ..Env::default()
        }
    }

    /// The paths of the sessions found, with those of their subagents behind a `+`, and what was left out.
    fn show(&self, found: &Found) -> Vec<String> {
        let root = format!("{}/", self.folder.path().display());
        let mut lines = Vec::new();
        for session in &found.sessions {
            lines.push(session.main.to_string().replace(&root, ""));
            for agent in &session.subagents {
                lines.push(format!("+ {}", agent.source.to_string().replace(&root, "")));
            }
        }
        for problem in &found.left_out {
            lines.push(format!("- {problem}").replace(&root, ""));
        }
        lines
    }

    /// Expects what the arguments find, with those that begin with `/` below the tree.
    fn check(&self, cwd: &str, arguments: &[&str], expected: &[&str]) {
        let found = sessions(&self.arguments(arguments), &self.env(cwd)).unwrap();
        assert_eq!(self.show(&found), expected);
    }

    /// Expects an error that says each of `parts`.
    fn refuses(&self, cwd: &str, arguments: &[&str], parts: &[&str]) -> Error {
        let error = sessions(&self.arguments(arguments), &self.env(cwd)).unwrap_err();
        for part in parts {
            assert!(error.to_string().contains(part), "{part:?} in: {error}");
        }
        error
    }

    fn arguments(&self, arguments: &[&str]) -> Vec<PathBuf> {
        arguments
            .iter()
            .map(|argument| match argument.strip_prefix('/') {
                Some(path) => self.path(path),
                None => PathBuf::from(argument),
            })
            .collect()
    }
}

fn record(id: &str, cwd: &str, sidechain: bool) -> String {
    let cwd = serde_json::to_string(cwd).unwrap();
    format!(
        r#"{{"parentUuid":null,"isSidechain":{sidechain},"cwd":{cwd},"sessionId":"{id}","type":"user","message":{{"role":"user","content":"hello"}},"uuid":"u1","timestamp":"2026-01-10T15:02:23.149Z"}}"#
    ) + "\n"
}

fn session(id: &str, cwd: &str) -> String {
    let snapshot = r#"{"type":"file-history-snapshot","messageId":"m1","snapshot":{},"isSnapshotUpdate":false}"#;
    format!("{snapshot}\n{}", record(id, cwd, false))
}

#[test]
fn subagents_of_both_layouts_belong_to_their_session() {
    let main = format!("p/{A}.jsonl");
    let tree = Tree::new()
        .session(&main, A, "")
        .file(
            &format!("p/{A}/subagents/agent-a1.jsonl"),
            record(A, "", true),
        )
        .file(
            &format!("p/{A}/subagents/agent-a1.meta.json"),
            r#"{"agentType":"Explore","toolUseId":"toolu_1","spawnDepth":1}"#,
        )
        .file(
            &format!("p/{A}/subagents/agent-acompact-b2.jsonl"),
            record(A, "", true),
        )
        .file(
            &format!("p/{A}/subagents/workflows/r1/agent-w1.jsonl"),
            record(A, "", true),
        )
        .file(&format!("p/{A}/subagents/workflows/r1/journal.jsonl"), "{}")
        .file("p/agent-0a1b2c3d.jsonl", record(A, "", true))
        .file("p/agent-9f9f9f9f.jsonl", record(B, "", true))
        .file("p/agent-00000000.jsonl", "");
    let subagents = [
        format!("+ p/{A}/subagents/agent-a1.jsonl"),
        format!("+ p/{A}/subagents/workflows/r1/agent-w1.jsonl"),
        "+ p/agent-0a1b2c3d.jsonl".to_owned(),
    ];
    let mut expected: Vec<&str> = vec![&main];
    expected.extend(subagents.iter().map(String::as_str));
    tree.check("", &[&format!("/{main}")], &expected);

    let left_out = [
        format!(
            "- p/{A}/subagents/agent-acompact-b2.jsonl: the program's own copy of a conversation, left out"
        ),
        format!(
            "- p/{A}/subagents/workflows/r1/journal.jsonl: a ledger of workflow agents, left out"
        ),
        "- p/agent-00000000.jsonl: a subagent's transcript without its session, left out"
            .to_owned(),
        "- p/agent-9f9f9f9f.jsonl: a subagent's transcript without its session, left out"
            .to_owned(),
    ];
    expected.extend(left_out.iter().map(String::as_str));
    tree.check("", &["/p"], &expected);

    let found = sessions(&tree.arguments(&[&format!("/{main}")]), &tree.env("")).unwrap();
    let agent = &found.sessions[0].subagents[0];
    assert_eq!(agent.id, "a1");
    assert_eq!(agent.tool_use.as_deref(), Some("toolu_1"));
    assert_eq!(agent.kind.as_deref(), Some("Explore"));
    assert_eq!(found.sessions[0].subagents[2].kind, None);
    let size = |path: &str| fs::metadata(tree.path(path)).unwrap().len();
    assert_eq!(
        found.sessions[0].bytes,
        size(&main) + 3 * size("p/agent-0a1b2c3d.jsonl")
    );
}

#[test]
fn the_folder_of_a_session_stands_for_it() {
    let tree = Tree::new()
        .session("p/b.jsonl", B, "")
        .session("p/a.jsonl", A, "")
        .file("p/a/subagents/agent-a1.jsonl", record(A, "", true));
    let expected = ["p/a.jsonl", "+ p/a/subagents/agent-a1.jsonl"];
    tree.check("", &["/p/a"], &expected);
    tree.check("", &["/p/a/"], &expected);
}

#[test]
fn a_session_is_named_after_its_file_or_else_its_records() {
    let tree = Tree::new()
        .session(&format!("p/{A}.jsonl"), B, "")
        .session("p/turn-1.jsonl", C, "")
        .file("p/turn-1/subagents/agent-a1.jsonl", record(C, "", true))
        .file("p/agent-a2.jsonl", record(C, "", true));
    let found = sessions(&tree.arguments(&["/p"]), &tree.env("")).unwrap();
    let ids: Vec<&str> = found.sessions.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, [A, C]);
    assert_eq!(found.sessions[1].subagents.len(), 2);
    let alone = sessions(&tree.arguments(&["/p/turn-1.jsonl"]), &tree.env("")).unwrap();
    assert_eq!(alone.sessions[0], found.sessions[1]);
}

#[test]
fn what_is_not_a_session_is_left_out_with_the_reason() {
    let tree = Tree::new()
        .file("p/a-empty.jsonl", "")
        .file("p/b-codex.jsonl", r#"{"timestamp":"2026-07-01T21:37:09.123Z","type":"session_meta","payload":{"id":"019f","cwd":"/x"}}"#)
        .file("p/c-gemini.jsonl", "{\n  \"sessionId\": \"f\",\n  \"projectHash\": \"7e\",\n  \"messages\": []\n}\n")
        .file("p/d-opencode.jsonl", "{\n  \"info\": {\n    \"id\": \"ses_1\",\n    \"projectID\": \"e6\"\n  }\n}\n")
        .file("p/e-tools.jsonl", r#"{"type":"tool_use","timestamp":"2026-01-01T00:00:00Z","tool_name":"bash","tool_input":{}}"#)
        .file("p/f-history.jsonl", r#"{"display":"hi","pastedContents":{},"timestamp":1759000000000,"project":"/x","sessionId":"s"}"#)
        .file("p/g-qwen.jsonl", r#"{"uuid":"u","parentUuid":null,"sessionId":"s","type":"user","cwd":"/x","message":{"role":"user","parts":[{"text":"hi"}]}}"#)
        .file("p/h-other.jsonl", "{\"a\":1}\n\n[1,2]\nnot json\n")
        .file("p/i-titles.jsonl", r#"{"type":"summary","summary":"A title","leafUuid":"u9"}"#)
        .file("p/j-sidechain.jsonl", record(A, "", true))
        .file("p/k.txt", record(A, "", false))
        .file("p/m-inline.jsonl", record(A, "", true) + &record(A, "", false))
        .session("p/l.jsonl", A, "");
    tree.check(
        "",
        &["/p"],
        &[
            "p/l.jsonl",
            "p/m-inline.jsonl",
            "- p/a-empty.jsonl: empty",
            "- p/b-codex.jsonl: no message in it",
            "- p/c-gemini.jsonl: no message in it",
            "- p/d-opencode.jsonl: no record of Claude Code or of another agent in it",
            "- p/e-tools.jsonl: a list of tool uses by another program, not a session that is read here",
            "- p/f-history.jsonl: the history of prompts, not a session that is read here",
            "- p/g-qwen.jsonl: a log of Qwen Code, not a session that is read here",
            "- p/h-other.jsonl: no record of Claude Code or of another agent in it",
            "- p/i-titles.jsonl: no message in it",
            "- p/j-sidechain.jsonl: a subagent's transcript without its session, left out",
        ],
    );
    // Named as such, a file is not left out for its name or its place.
    tree.check("", &["/p/k.txt"], &["p/k.txt"]);
    tree.check("", &["/p/j-sidechain.jsonl"], &["p/j-sidechain.jsonl"]);
    tree.refuses(
        "",
        &["/p/g-qwen.jsonl"],
        &["p/g-qwen.jsonl: a log of Qwen Code"],
    );
}

#[test]
fn sessions_of_other_agents_are_recognised_by_what_is_in_them() {
    let check = |text: &str, id: &str, cwds: &[&str]| {
        let tree = Tree::new().file("s.json", text);
        let glance = Glance::at(&tree.path("s.json")).unwrap();
        assert_eq!(glance.reason(), None, "{text}");
        assert_eq!(glance.session.as_deref(), Some(id), "{text}");
        assert_eq!(glance.cwds, cwds, "{text}");
        assert!(!glance.is_subagent());
    };
    let codex = r#"{"type":"session_meta","payload":{"id":"c1","cwd":"/x"}}
{"type":"turn_context","payload":{"cwd":"/y"}}
{"type":"response_item","payload":{"type":"message","id":"m"}}
"#;
    check(codex, "c1", &["/x", "/y"]);
    let long = codex.replace(
        "\"c1\"",
        &format!("\"c1\",\"cwd\":\"/x\",\"text\":\"{}\"", "x".repeat(200_000)),
    );
    check(&long, "c1", &["/x", "/y"]);
    check(long.lines().next().unwrap(), "c1", &["/x"]);
    let gemini = "{\n \"sessionId\": \"g1\",\n \"projectHash\": \"7e\",\n \"messages\": [\n {\"id\": \"m\", \"type\": \"user\", \"content\": \"go\"}\n ]\n}\n";
    check(gemini, "g1", &[]);
    check(&gemini.replace('\n', ""), "g1", &[]);
    check(
        "{\"sessionId\":\"g1\",\"projectHash\":\"7e\"}\n{\"id\":\"m\",\"type\":\"gemini\",\"content\":\"\"}\n",
        "g1",
        &[],
    );
    check(
        "{\n \"info\": {\"id\": \"ses_1\", \"directory\": \"/x\"},\n \"messages\": [{\"info\": {}, \"parts\": []}]\n}\n",
        "ses_1",
        &["/x"],
    );
    check(
        r#"{"type":"system","subtype":"init","session_id":"p1","cwd":"/x"}
{"type":"user","message":{},"session_id":"p1"}"#,
        "p1",
        &["/x"],
    );
}

#[test]
fn a_rollout_of_codex_is_found_by_its_id() {
    const ID: &str = "0199a2c4-7d10-7b33-9a50-3f1c2e4d5a66";
    let path = format!("home/.codex/sessions/2026/09/14/rollout-2026-09-14T10-00-00-{ID}.jsonl");
    let text = format!(
        "{{\"type\":\"session_meta\",\"payload\":{{\"id\":\"{ID}\"}}}}\n{{\"type\":\"response_item\",\"payload\":{{}}}}\n"
    );
    let tree = Tree::new().file(&path, text);
    tree.check("", &["0199a2c4"], &[&path]);
    tree.check("", &[ID], &[&path]);
}

/// A rollout of Codex in the folder `cwd`, that came to be by `source`.
fn rollout(id: &str, cwd: &str, source: &str) -> String {
    format!(
        "{{\"type\":\"session_meta\",\"payload\":{{\"id\":\"{id}\",\"cwd\":\"{cwd}\",\"source\":{source}}}}}\n{{\"type\":\"response_item\",\"payload\":{{}}}}\n"
    )
}

/// A chat of Gemini CLI of the folder whose hash is `hash`.
fn chat(id: &str, hash: &str) -> String {
    format!(
        "{{\"sessionId\":\"{id}\",\"projectHash\":\"{hash}\",\"messages\":[{{\"id\":\"m\",\"type\":\"user\",\"content\":\"go\"}}]}}\n"
    )
}

#[test]
fn the_newest_session_of_a_project_may_be_of_any_agent() {
    use sha2::Digest;
    const ID: &str = "0199a2c4-7d10-7b33-9a50-3f1c2e4d5a66";
    let tree = Tree::new();
    fs::create_dir_all(tree.path("repo/.git")).unwrap();
    fs::create_dir_all(tree.path("repo/web")).unwrap();
    let repo = fs::canonicalize(tree.path("repo")).unwrap();
    let shown = repo.display().to_string();
    let hash: String = (sha2::Sha256::digest(shown.as_bytes()).iter())
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let claude = format!("home/.claude/projects/p/{A}.jsonl");
    let day = "home/.codex/sessions/2026/09/14";
    let codex = format!("{day}/rollout-2026-09-14T10-00-00-{ID}.jsonl");
    let subagent = format!(
        "{day}/rollout-2026-09-14T10-05-00-{}.jsonl",
        ID.replace('4', "5")
    );
    let by_hash = format!("home/.gemini/tmp/{hash}/chats/session-2026-09-14T11-00-aaaabbbb.json");
    let by_name = "home/.gemini/tmp/repo/chats/session-2026-09-14T12-00-ccccdddd.json";
    let elsewhere = "home/.gemini/tmp/other/chats/session-2026-09-14T13-00-eeeeffff.json";
    let newest = |tree: &Tree, agent: Option<Agent>| {
        let env = tree.env("repo/web").only(agent);
        let found = sessions::<&str>(&[], &env).unwrap();
        assert!(agent.is_none_or(|agent| found.sessions[0].agent == agent));
        tree.show(&found).remove(0)
    };
    let tree = tree.session(&claude, A, "repo");
    assert_eq!(newest(&tree, None), claude);
    let tree = tree.file(&codex, rollout(ID, &shown, "\"cli\"")).file(
        &subagent,
        rollout(ID, &shown, "{\"subagent\":{\"other\":\"review\"}}"),
    );
    assert_eq!(newest(&tree, None), codex);
    let tree = tree.file(
        &by_hash,
        chat("aaaabbbb-1111-4222-8333-444444444444", &hash),
    );
    assert_eq!(newest(&tree, None), by_hash);
    let tree = tree
        .file("home/.gemini/tmp/repo/.project_root", &shown)
        .file("home/.gemini/tmp/repo/logs.json", "[]")
        .file(by_name, chat("ccccdddd-1111-4222-8333-444444444444", "7e"))
        .file(
            elsewhere,
            chat("eeeeffff-1111-4222-8333-444444444444", "7f"),
        );
    assert_eq!(newest(&tree, None), by_name);
    assert_eq!(newest(&tree, Some(Agent::Claude)), claude);
    assert_eq!(newest(&tree, Some(Agent::Codex)), codex);
    assert_eq!(newest(&tree, Some(Agent::Gemini)), by_name);

    let all = list(&tree.env("repo"));
    let left_out = format!("- {subagent}: a subagent's transcript without its session, left out");
    assert_eq!(
        tree.show(&all),
        [elsewhere, by_name, &by_hash, &codex, &claude, &left_out]
    );
    let by_others: Vec<PathBuf> = of_project_by_others(&tree.env("repo")).collect();
    assert_eq!(
        by_others,
        [by_name, &by_hash, &codex].map(|it| tree.path(it))
    );
    let since = UNIX_EPOCH + Duration::from_secs(tree.clock - 3);
    let lately: Vec<PathBuf> = of_project_since(&tree.env("repo"), None, since).collect();
    assert_eq!(lately, [tree.path(by_name)]);

    tree.check("", &["ccccdddd"], &[by_name]);
    tree.check("", &["aaaabbbb-1111-4222-8333-444444444444"], &[&by_hash]);
    tree.refuses("", &["aaaabbbb-2"], &["no session of that id"]);
    tree.refuses("elsewhere", &[], &["no session of", "/.codex/sessions"]);
}

#[test]
fn records_are_recognised_through_damage_and_size() {
    let whole = record(A, "/x", false);
    let large = whole.replace("hello", &"x".repeat(200_000));
    let check = |text: &[u8]| {
        let tree = Tree::new().file("s.jsonl", text);
        let glance = Glance::at(&tree.path("s.jsonl")).unwrap();
        assert_eq!(glance.reason(), None);
        assert_eq!(glance.session.as_deref(), Some(A));
        assert_eq!(glance.cwds, ["/x"]);
    };
    check(whole.as_bytes());
    check(&whole.as_bytes()[..whole.len() - 9]);
    check(large.as_bytes());
    check(&[b"\0\0\0".to_vec(), whole.clone().into_bytes()].concat());
    check(&[b"\xef\xbb\xbf".to_vec(), whole.clone().into_bytes()].concat());
    check(format!("{{\"parentUuid\":null,\"cwd\n{whole}").as_bytes());
    check(
        format!(
            "{{\"type\":\"mode\",\"pad\":\"{}\"}}\n{whole}",
            "y".repeat(300_000)
        )
        .as_bytes(),
    );
    // Newer records name the root of the lineage beside the session.
    check(
        whole
            .replace("\"uuid\"", "\"session_id\":\"r\",\"uuid\"")
            .as_bytes(),
    );
    // A lone surrogate, which is no string for serde.
    check(whole.replace("hello", "\\ud83d").as_bytes());
}

#[test]
fn ids_are_looked_up_in_the_roots() {
    let tree = Tree::new()
        .session(&format!("home/.claude/projects/-x/{A}.jsonl"), A, "x")
        .session(
            &format!("home/.config/claude/projects/-x/{B}.jsonl"),
            B,
            "x",
        )
        .session(&format!("home/.claude/projects/-y/{C}.jsonl"), C, "y")
        .session(&format!("home/.claude/projects/-z/{C}.jsonl"), C, "z");
    let path = |id: &str| format!("home/.claude/projects/-x/{id}.jsonl");
    tree.check("", &[A], &[&path(A)]);
    tree.check("", &["AAAAAAAA-0000-4000-8000-000000000001"], &[&path(A)]);
    // One session in two folders: the newer file.
    tree.check(
        "",
        &["cccc"],
        &[&format!("home/.claude/projects/-z/{C}.jsonl")],
    );

    let error = tree.refuses(
        "",
        &["aaaa"],
        &[
            "fits 2 sessions",
            A,
            B,
            "2026-01-10T15:02",
            &tree.path("x").display().to_string(),
        ],
    );
    assert!(matches!(error.kind(), ErrorKind::Ambiguous(_)));
    let error = tree.refuses(
        "",
        &["dddd"],
        &[
            "no session of that id",
            "home/.claude/projects",
            "home/.config/claude/projects",
        ],
    );
    assert!(matches!(error.kind(), ErrorKind::NoSession(_)));
    tree.refuses("", &["ccc"], &["ccc: no such file or folder", "4 or more"]);
    tree.refuses("", &["no/such.jsonl"], &["no/such.jsonl: no such file"]);
    tree.refuses("", &["home"], &["no session of that id"]);
}

#[test]
fn the_configured_folder_is_the_only_root() {
    let tree = Tree::new()
        .session(&format!("home/.claude/projects/-x/{A}.jsonl"), A, "x")
        .session(&format!("conf/projects/-x/{B}.jsonl"), B, "x")
        .session(&format!("xdg/claude/projects/-x/{C}.jsonl"), C, "x");
    let list = |env: &Env| tree.show(&list(env));
    let a = format!("home/.claude/projects/-x/{A}.jsonl");
    let b = format!("conf/projects/-x/{B}.jsonl");
    let c = format!("xdg/claude/projects/-x/{C}.jsonl");
    let mut env = tree.env("");
    assert_eq!(list(&env).join(" "), a);
    env.xdg = Some(tree.path("xdg"));
    assert_eq!(list(&env), [c, a]);
    env.config_dir = Some(tree.path("conf"));
    assert_eq!(list(&env), [b]);
    env.config_dir = Some(tree.path("none"));
    assert!(list(&env).is_empty());
}

#[test]
fn without_arguments_the_newest_of_the_project() {
    let root = "home/.claude/projects";
    let tree = Tree::new()
        .file("w/repo/.git/HEAD", "ref: refs/heads/main")
        .file("w/repo/.git/worktrees/side/commondir", "../..\n")
        .file("w/repo/packages/a/x", "")
        .file("w/repo/packages/b/x", "")
        .file("w/other/.git/HEAD", "")
        .file("w/plain/sub/x", "");
    let git = format!(
        "gitdir: {}\n",
        tree.path("w/repo/.git/worktrees/side").display()
    );
    let tree = tree
        .file("w/side/.git", git)
        .session(&format!("{root}/-p/plain.jsonl"), "1", "w/plain")
        .session(&format!("{root}/-p/b.jsonl"), "2", "w/repo/packages/b")
        .session(&format!("{root}/-p/a.jsonl"), "3", "w/repo/packages/a")
        .session(&format!("{root}/-q/side.jsonl"), "4", "w/side/packages/b")
        // The folder's name says w/repo, the records say otherwise.
        .session(&format!("{root}/-w-repo/other.jsonl"), "5", "w/other")
        .file(
            &format!("{root}/-w-repo/agent-a1.jsonl"),
            record("3", "w/repo", true),
        );
    let newest = |cwd: &str, expected: &str| tree.check(cwd, &[], &[&format!("{root}/{expected}")]);
    newest("w/repo", "-q/side.jsonl");
    newest("w/repo/packages/b", "-q/side.jsonl");
    newest("w/repo/packages/a", "-p/a.jsonl");
    newest("w/side", "-q/side.jsonl");
    newest("w/side/packages/a", "-p/a.jsonl");
    newest("w/other", "-w-repo/other.jsonl");
    newest("w/plain", "-p/plain.jsonl");
    // Outside of a repository only the folder itself counts.
    let error = tree.refuses(
        "w/plain/sub",
        &[],
        &["no session of", "w/plain/sub", "looked in", root],
    );
    assert!(matches!(error.kind(), ErrorKind::NoSession(_)));
    tree.refuses("w", &[], &["no session of"]);
}

#[test]
fn a_folder_that_is_gone_still_has_its_project() {
    let root = "home/.claude/projects";
    let tree = Tree::new().file("w/repo/.git/HEAD", "").session(
        &format!("{root}/-p/gone.jsonl"),
        "1",
        "w/repo/.worktrees/gone",
    );
    tree.check("w/repo", &[], &[&format!("{root}/-p/gone.jsonl")]);
}

#[test]
fn arguments_keep_their_order_and_each_session_comes_once() {
    let tree = Tree::new()
        .session("p/b.jsonl", B, "")
        .session("p/a.jsonl", A, "")
        .session("p/deep/er/c.jsonl", C, "");
    tree.check(
        "",
        &["/p"],
        &["p/a.jsonl", "p/b.jsonl", "p/deep/er/c.jsonl"],
    );
    tree.check(
        "",
        &["/p/deep", "-", "/p/b.jsonl", "/p", "-"],
        &["p/deep/er/c.jsonl", "-", "p/b.jsonl", "p/a.jsonl"],
    );
    tree.refuses("", &["/p/deep/none"], &["no such file"]);
    fs::create_dir(tree.path("void")).unwrap();
    tree.refuses("", &["/void"], &["void: no transcript here"]);
}

#[test]
fn compressed_transcripts_are_sessions() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, session(A, "/x").as_bytes()).unwrap();
    let tree = Tree::new().file(&format!("p/{A}.jsonl.gz"), gzip.finish().unwrap());
    let found = sessions(&tree.arguments(&["/p"]), &tree.env("")).unwrap();
    assert_eq!(found.sessions[0].id, A);
}

#[cfg(unix)]
#[test]
fn links_loops_and_pipes_are_problems_and_never_an_end() {
    use std::os::unix::fs::symlink;
    let tree = Tree::new()
        .session("p/a.jsonl", A, "")
        .session("elsewhere/-y/b.jsonl", B, "");
    symlink(tree.path("p"), tree.path("p/loop")).unwrap();
    symlink(tree.path("nowhere"), tree.path("p/dangling.jsonl")).unwrap();
    symlink(tree.path("p/a.jsonl"), tree.path("p/same.jsonl")).unwrap();
    fs::hard_link(tree.path("p/a.jsonl"), tree.path("p/twin.jsonl")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(tree.path("p/pipe.jsonl"))
        .status()
        .unwrap();
    assert!(made.success());
    tree.check(
        "",
        &["/p"],
        &[
            "p/a.jsonl",
            "- p/dangling.jsonl: a link that leads nowhere: No such file or directory (os error 2)",
            "- p/loop: a link to a folder, not followed",
            "- p/pipe.jsonl: not a regular file, left out",
        ],
    );
    tree.refuses("", &["/p/pipe.jsonl"], &["a pipe"]);
    tree.refuses("", &["/p/dangling.jsonl"], &["No such file"]);

    // A project folder may be a link.
    fs::create_dir_all(tree.path("home/.claude/projects")).unwrap();
    symlink(
        tree.path("elsewhere/-y"),
        tree.path("home/.claude/projects/-y"),
    )
    .unwrap();
    assert_eq!(
        tree.show(&list(&tree.env(""))),
        ["home/.claude/projects/-y/b.jsonl"]
    );
    // One file that both roots lead to is one session.
    fs::create_dir(tree.path("home/.config")).unwrap();
    symlink(tree.path("home/.claude"), tree.path("home/.config/claude")).unwrap();
    assert_eq!(list(&tree.env("")).sessions.len(), 1);
}

#[test]
fn ids_in_records_do_not_lead_out_of_the_folder() {
    let tree = Tree::new()
        .session("p/main.jsonl", "../q/secret", "")
        .file("q/secret/subagents/agent-a1.jsonl", record("x", "", true));
    tree.check("", &["/p/main.jsonl"], &["p/main.jsonl"]);
}

proptest! {
    /// A look at any bytes gives a reason or a session, and does not fail.
    #[test]
    fn any_bytes_can_be_looked_at(
        pieces in prop::collection::vec(
            prop_oneof![
                prop::collection::vec(any::<u8>(), 0..30),
                Just(session(A, "/x").into_bytes()),
                Just(b"\n".to_vec()),
                Just(br#"{"type":"user","sessionId":"s","cwd":"#.to_vec()),
            ],
            0..6,
        ),
    ) {
        let bytes = pieces.concat();
        let tree = Tree::new().file("s.jsonl", &bytes);
        if let Ok(glance) = Glance::at(&tree.path("s.jsonl")) {
            prop_assert_eq!(glance.bytes, bytes.len() as u64);
            prop_assert!(glance.reason().is_some() || glance.cwds.len() <= 2);
            prop_assert_eq!(bytes.is_empty(), glance.reason().as_deref() == Some("empty"));
        }
    }
}
