//! A made-up session log of any size: the same bytes each time, in the shapes and about the shares of real ones.
//!
//! A developer's agent works on a Go program: it reads, edits, runs the tests, sees them fail and pass, and
//! commits. By bytes, a third is the answers of `Edit` with the original file beside them, a third the output of
//! commands (twice: as the model saw it, and as the program kept it), and the rest is thoughts, progress
//! records, read files, calls, prose and prompts. A long log has pictures of 2 MB and records glued to one line
//! as well. The other shapes are those that hurt.

use std::fmt::Write as _;
use std::io::{self, Write};

/// The fields that stand at the beginning of every record.
const FRAME: &str = r#""isSidechain":false,"userType":"external","cwd":"/home/dev/shop","sessionId":"5d0c3a51-7d8e-4a44-9f3b-0a6f8a1c2e77","version":"2.1.20","gitBranch":"feature/discounts","slug":"quiet-sailing-heron""#;
/// Places in the made-up program.
const FILES: [&str; 6] = [
    "cmd/shop/main.go",
    "internal/cart/cart.go",
    "internal/cart/cart_test.go",
    "internal/price/discount.go",
    "internal/price/discount_test.go",
    "internal/store/sql.go",
];
const NAMES: [&str; 8] = [
    "ApplyDiscount",
    "TotalOf",
    "LoadCart",
    "SaveCart",
    "RoundHalfEven",
    "ParseCoupon",
    "OpenStore",
    "Migrate",
];
const WORDS: [&str; 16] = [
    "the", "discount", "is", "applied", "before", "tax", "and", "rounding", "happens", "once",
    "per", "line", "so", "totals", "still", "match",
];

/// What a log is like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Shape {
    /// As most are.
    #[default]
    Usual,
    /// Nearly all of it progress records of 3 MB, as in logs of some gigabytes that were reported.
    Progress,
    /// Records of some fifty bytes.
    Tiny,
    /// One record, in a line as long as the log.
    Line,
    /// Nothing but NUL bytes.
    Nul,
}

impl Shape {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "usual" => Self::Usual,
            "progress" => Self::Progress,
            "tiny" => Self::Tiny,
            "line" => Self::Line,
            "nul" => Self::Nul,
            _ => return None,
        })
    }
}

/// Writes a log of at least `bytes` bytes, and at most one turn more.
pub(crate) fn write(shape: Shape, bytes: u64, to: &mut dyn Write) -> io::Result<()> {
    const BLOCK: usize = 1 << 20;
    let mut log = Log::default();
    let mut written = 0;
    if shape == Shape::Line {
        log.turn();
        to.write_all(log.text.as_bytes())?;
        log.text.clear();
        to.write_all(br#"{"type":"user","uuid":"u","message":{"role":"user","content":""#)?;
    }
    while written < bytes {
        match shape {
            Shape::Usual => {
                log.turn();
                if log.turns.is_multiple_of(64) {
                    log.picture();
                }
                if log.turns.is_multiple_of(256) {
                    // Two records glued together.
                    log.text.pop();
                }
            }
            Shape::Progress if written < bytes / 250 => log.turn(),
            Shape::Progress => log.progress(),
            Shape::Tiny => log.tiny(),
            Shape::Line => log.text.push_str(&"x".repeat(BLOCK)),
            Shape::Nul => log.text.push_str(&"\0".repeat(BLOCK)),
        }
        to.write_all(log.text.as_bytes())?;
        written += log.text.len() as u64;
        log.text.clear();
    }
    if shape == Shape::Line {
        to.write_all(b"\"}}\n")?;
    }
    to.flush()
}

#[derive(Default)]
struct Log {
    text: String,
    records: u64,
    calls: u64,
    turns: u64,
    /// The state of the random numbers.
    state: u64,
}

impl Log {
    /// A number below `end`.
    fn random(&mut self, end: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }

    fn one_of(&mut self, list: &[&'static str]) -> &'static str {
        let place = self.random(list.len() as u64);
        list[place as usize]
    }

    /// A request and about forty steps of work on it; the last runs the tests and commits.
    fn turn(&mut self) {
        self.turns += 1;
        let name = self.one_of(&NAMES);
        let file = self.one_of(&FILES);
        let request = format!(
            "Please make {name} in {file} handle an empty cart, then fix the {} failing tests. Never change the public API.",
            self.turns % 7 + 1
        );
        self.user(&format!(r#""content":{}"#, quoted(&request)), "");
        for step in 0..40 {
            if step % 2 == 0 {
                self.thought();
            }
            if step % 3 == 0 {
                let prose = format!("Next I look at `{name}`: {}.", self.prose(30));
                self.said(&format!(r#"{{"type":"text","text":{}}}"#, quoted(&prose)));
            }
            match self.random(20) {
                0..=10 => self.command(step % 5 == 0),
                11..=14 => self.read(),
                15..=17 => self.edit(),
                _ => self.grep(),
            }
        }
        self.command(false);
        self.shell(
            "git commit -am 'cart: discounts of an empty cart'",
            "[feature/discounts 3f2a91c] cart: discounts of an empty cart\n 2 files changed, 31 insertions(+), 4 deletions(-)",
            true,
        );
        self.said(r#"{"type":"text","text":"The tests pass and the change is committed."}"#);
    }

    /// A picture that the user pasted.
    fn picture(&mut self) {
        let data = "iVBORw0KGgoAAAANSUhEUgAAB4AAAAQ4CAYAAADo08FDAAAMPmlDQ1BJQ0M".repeat(33_000);
        let source = format!(r#"{{"type":"base64","media_type":"image/png","data":"{data}"}}"#);
        self.user(
            &format!(r#""content":[{{"type":"image","source":{source}}}]"#),
            "",
        );
    }

    /// What a subagent has done so far, all of it, once more.
    fn progress(&mut self) {
        let said = quoted(&self.prose(60))
            .repeat(6_000)
            .replace("\"\"", "\",\"");
        self.record(
            &format!(
                r#""type":"progress","data":{{"type":"agent_progress","normalizedMessages":[{said}]}},"toolUseID":"agent_msg","parentToolUseID":"toolu_0""#
            ),
            "",
        );
    }

    /// A thousand records of the fewest bytes that a record may have.
    fn tiny(&mut self) {
        for _ in 0..1_000 {
            self.records += 1;
            let id = self.records;
            _ = writeln!(
                self.text,
                r#"{{"type":"user","uuid":"{id}","message":{{}}}}"#
            );
        }
    }

    /// A run of the tests, of a linter or of git, with output of a few kilobytes.
    fn command(&mut self, red: bool) {
        let package = self.random(9);
        let mut output = String::new();
        let command = match self.random(4) {
            0 => {
                for line in 0..self.random(120) + 20 {
                    let file = self.one_of(&FILES);
                    _ = writeln!(
                        output,
                        "+\tif err := check({line}); err != nil {{ // {file}"
                    );
                }
                "git diff HEAD~1".to_owned()
            }
            1 => {
                let count = self.random(8);
                for at in 0..count {
                    let file = self.one_of(&FILES);
                    _ = writeln!(
                        output,
                        "{file}:{}:2: ineffectual assignment to err (ineffassign)",
                        10 + at
                    );
                }
                _ = writeln!(output, "{count} issues.");
                "golangci-lint run ./...".to_owned()
            }
            _ => {
                for test in 0..self.random(90) + 30 {
                    let name = self.one_of(&NAMES);
                    let word = if red && test % 20 == 3 {
                        "FAIL"
                    } else {
                        "PASS"
                    };
                    _ = writeln!(output, "=== RUN   Test{name}/case_{test}");
                    if word == "FAIL" {
                        _ = writeln!(
                            output,
                            "    cart_test.go:{}: total = {test}, want 12",
                            test + 40
                        );
                    }
                    _ = writeln!(
                        output,
                        "--- {word}: Test{name}/case_{test} (0.0{}s)",
                        test % 10
                    );
                }
                let word = if red { "FAIL" } else { "ok  " };
                _ = writeln!(
                    output,
                    "{word}\texample.com/shop/internal/p{package}\t0.41{package}s"
                );
                format!(
                    "cd /home/dev/shop && go test -v ./internal/p{package}/... 2>&1 | tail -200"
                )
            }
        };
        self.shell(&command, &output, !red);
    }

    fn shell(&mut self, command: &str, output: &str, good: bool) {
        let input = format!(r#"{{"command":{},"description":"Check"}}"#, quoted(command));
        self.call("Bash", &input);
        for second in 0..self.random(6) {
            let shown = quoted(&output[..output.floor_char_boundary(600)]);
            let parent = self.calls;
            self.record(&format!(
                r#""type":"progress","data":{{"type":"bash_progress","output":{shown},"elapsedTimeSeconds":{second},"totalLines":{second}}},"toolUseID":"bash-progress-{second}","parentToolUseID":"toolu_{parent:024}""#
            ), "");
        }
        let output = quoted(output);
        self.result(
            &output,
            !good,
            &format!(r#"{{"stdout":{output},"stderr":"","interrupted":false,"isImage":false}}"#),
        );
    }

    fn read(&mut self) {
        let file = self.one_of(&FILES);
        let lines = self.random(70) + 20;
        let text = self.source(lines);
        let mut shown = String::new();
        for (line, text) in text.lines().enumerate() {
            _ = writeln!(shown, "{:>6}→{text}", line + 1);
        }
        self.call(
            "Read",
            &format!(r#"{{"file_path":"/home/dev/shop/{file}"}}"#),
        );
        let kept = format!(
            r#"{{"type":"text","file":{{"filePath":"/home/dev/shop/{file}","content":{},"numLines":{lines},"startLine":1,"totalLines":{lines}}}}}"#,
            quoted(&text)
        );
        self.result(&quoted(&shown), false, &kept);
    }

    fn edit(&mut self) {
        let file = self.one_of(&FILES);
        let lines = self.random(700) + 250;
        let original = quoted(&self.source(lines));
        let old = quoted("\treturn total");
        let new = quoted("\tif len(lines) == 0 {\n\t\treturn 0\n\t}\n\treturn total");
        let edit = format!(
            r#""file_path":"/home/dev/shop/{file}","old_string":{old},"new_string":{new},"replace_all":false"#
        );
        self.call("Edit", &format!("{{{edit}}}"));
        let kept = format!(
            r#"{{"filePath":"/home/dev/shop/{file}","oldString":{old},"newString":{new},"originalFile":{original},"structuredPatch":[{{"oldStart":12,"oldLines":1,"newStart":12,"newLines":4,"lines":["-\treturn total","+\tif len(lines) == 0 {{"]}}],"userModified":false,"replaceAll":false}}"#
        );
        let shown = format!("The file /home/dev/shop/{file} has been updated successfully.");
        self.result(&quoted(&shown), false, &kept);
    }

    fn grep(&mut self) {
        let name = self.one_of(&NAMES);
        let mut shown = String::new();
        for line in 0..self.random(20) + 2 {
            let file = self.one_of(&FILES);
            _ = writeln!(shown, "{file}:{}:\tx := {name}(lines)", line * 7 + 3);
        }
        self.call(
            "Grep",
            &format!(r#"{{"pattern":"{name}\\(","output_mode":"content"}}"#),
        );
        let shown = quoted(&shown);
        self.result(
            &shown,
            false,
            &format!(r#"{{"mode":"content","content":{shown}}}"#),
        );
    }

    /// Lines of a Go file.
    fn source(&mut self, lines: u64) -> String {
        let mut text = String::from("package cart\n\n");
        for line in 0..lines {
            let name = self.one_of(&NAMES);
            _ = match line % 4 {
                0 => writeln!(text, "// {name} {}.", self.prose(6)),
                1 => writeln!(
                    text,
                    "func {name}{line}(lines []Line) (total int, err error) {{"
                ),
                2 => writeln!(text, "\treturn {name}(lines, \"{line}\"), nil"),
                _ => writeln!(text, "}}"),
            };
        }
        text
    }

    fn prose(&mut self, words: usize) -> String {
        let words: Vec<&str> = (0..words).map(|_| self.one_of(&WORDS)).collect();
        words.join(" ")
    }

    fn thought(&mut self) {
        let thought = quoted(&self.prose(60));
        let mut signature = String::new();
        while signature.len() < 900 {
            _ = write!(signature, "{:016x}", self.random(u64::MAX));
        }
        self.said(&format!(
            r#"{{"type":"thinking","thinking":{thought},"signature":"{signature}"}}"#
        ));
    }

    fn call(&mut self, name: &str, input: &str) {
        self.calls += 1;
        let id = self.calls;
        self.said(&format!(
            r#"{{"type":"tool_use","id":"toolu_{id:024}","name":"{name}","input":{input}}}"#
        ));
    }

    /// The answer to the last call; `shown` and `kept` are JSON.
    fn result(&mut self, shown: &str, failed: bool, kept: &str) {
        let id = self.calls;
        let content = format!(
            r#""content":[{{"tool_use_id":"toolu_{id:024}","type":"tool_result","content":{shown},"is_error":{failed}}}]"#
        );
        self.user(&content, &format!(r#","toolUseResult":{kept}"#));
    }

    fn user(&mut self, content: &str, behind: &str) {
        self.record(
            &format!(r#""type":"user","message":{{"role":"user",{content}}}"#),
            behind,
        );
    }

    fn said(&mut self, block: &str) {
        let id = self.records;
        self.record(&format!(
            r#""message":{{"model":"claude-opus-4-5-20251101","id":"msg_{id:024}","type":"message","role":"assistant","content":[{block}],"stop_reason":null,"stop_sequence":null,"usage":{{"input_tokens":8,"cache_creation_input_tokens":539,"cache_read_input_tokens":137835,"output_tokens":9,"service_tier":"standard"}}}},"requestId":"req_{id:024}","type":"assistant""#
        ), "");
    }

    fn record(&mut self, body: &str, behind: &str) {
        let parent = match self.records {
            0 => "null".to_owned(),
            last => format!("\"{}\"", uuid(last)),
        };
        self.records += 1;
        let id = uuid(self.records);
        let (second, minute, hour) = (
            self.records % 60,
            self.records / 60 % 60,
            self.records / 3_600 % 24,
        );
        let day = (self.records / 86_400).min(27) + 1;
        _ = writeln!(
            self.text,
            r#"{{"parentUuid":{parent},{FRAME},{body},"uuid":"{id}","timestamp":"2026-02-{day:02}T{hour:02}:{minute:02}:{second:02}.000Z"{behind}}}"#
        );
    }
}

fn uuid(number: u64) -> String {
    format!("a0000000-0000-4000-8000-{number:012x}")
}

/// The text as JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
