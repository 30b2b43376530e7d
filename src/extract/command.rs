//! Shell command lines, taken apart: `cd api && FOO=1 timeout 60 go test ./... 2>&1 | tail` is a
//! `cd`, a `go test ./...` whose status a pipe hides, and a `tail`.
//!
//! This is a reader of command lines that ran, not a shell: it never fails,
//! and what it does not understand stays part of a word.

/// One simple command of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simple {
    /// The command as it was written, with its assignments and wrappers, without redirections; runs of blanks are one space.
    pub text: String,
    /// Its words without quotes, assignments and wrappers; never empty.
    pub words: Vec<String>,
    /// The names of variables assigned in front of it.
    pub assigned: Vec<String>,
    /// Files that its output is written to.
    pub writes: Vec<String>,
    /// What follows it.
    pub then: Then,
    /// True if it reads the output of the command before it.
    pub piped_into: bool,
}

/// What follows a simple command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The end of the line, or `;`, `&`, a newline.
    Next,
    /// `&&`: the rest ran only if it succeeded.
    And,
    /// `||`: the rest ran only if it failed.
    Or,
    /// `|`: its output went on, and its status is lost.
    Pipe,
}

impl Simple {
    /// The program's name, without its folder.
    pub fn program(&self) -> &str {
        let first = self.words.first().map_or("", String::as_str);
        first.rsplit(['/', '\\']).next().unwrap_or(first)
    }

    /// The words as one line: what check rules are matched against.
    pub fn line(&self) -> String {
        let mut line = self.program().to_owned();
        for word in &self.words[1..] {
            line.push(' ');
            line.push_str(word);
        }
        line
    }

    /// The arguments that are not options.
    pub fn operands(&self) -> impl Iterator<Item = &str> {
        self.words
            .iter()
            .skip(1)
            .map(String::as_str)
            .filter(|word| !word.starts_with('-'))
    }
}

/// Takes `command` apart. Comments and the bodies of here-documents are left out.
pub fn parse(command: &str) -> Vec<Simple> {
    let mut out = Vec::new();
    let mut current: Vec<(String, String)> = Vec::new();
    let mut writes = Vec::new();
    let mut piped = false;
    let mut lexer = Lexer {
        rest: command,
        heredocs: Vec::new(),
    };
    loop {
        let token = lexer.next();
        let then = match token {
            Token::Word { raw, word } => {
                current.push((raw, word));
                continue;
            }
            Token::Write(target) => {
                writes.push(target);
                continue;
            }
            Token::Break(then) => then,
            Token::End => Then::Next,
        };
        if let Some(simple) = simple(&current, std::mem::take(&mut writes), then, piped) {
            out.push(simple);
        }
        current.clear();
        piped = then == Then::Pipe;
        if matches!(token, Token::End) {
            return out;
        }
    }
}

/// Words that stand before a command without being it.
const KEYWORDS: &[&str] = &[
    "then", "do", "else", "elif", "if", "while", "until", "!", "{", "}", "done", "fi", "esac",
];

/// Programs that run the command that follows, with the number of operands of their own.
const WRAPPERS: &[(&str, usize)] = &[
    ("sudo", 0),
    ("time", 0),
    ("env", 0),
    ("nohup", 0),
    ("exec", 0),
    ("command", 0),
    ("builtin", 0),
    ("timeout", 1),
    ("gtimeout", 1),
    ("nice", 0),
    ("stdbuf", 0),
    ("caffeinate", 0),
    ("xvfb-run", 0),
    ("unbuffer", 0),
    ("npx", 0),
    ("bunx", 0),
];

/// Wrappers of two words.
const PAIRS: &[(&str, &str)] = &[
    ("uv", "run"),
    ("poetry", "run"),
    ("pdm", "run"),
    ("hatch", "run"),
    ("pipenv", "run"),
    ("bundle", "exec"),
    ("pnpm", "exec"),
    ("pnpm", "dlx"),
    ("yarn", "exec"),
    ("npm", "exec"),
    ("mise", "exec"),
    ("direnv", "exec"),
    ("rye", "run"),
];

fn simple(
    tokens: &[(String, String)],
    writes: Vec<String>,
    then: Then,
    piped_into: bool,
) -> Option<Simple> {
    let start = tokens
        .iter()
        .position(|(_, word)| !KEYWORDS.contains(&word.as_str()))?;
    let tokens = &tokens[start..];
    let text = tokens
        .iter()
        .map(|(raw, _)| raw.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    let words: Vec<&str> = tokens.iter().map(|(_, word)| word.as_str()).collect();
    let mut assigned = Vec::new();
    let mut at = 0;
    loop {
        let rest = &words[at..];
        let first = *rest.first()?;
        if let Some(name) = assignment(first) {
            assigned.push(name.to_owned());
            at += 1;
        } else if base(first) == "command" && matches!(rest.get(1), Some(&("-v" | "-V"))) {
            // It asks where a program is, and does not run it.
            break;
        } else if let Some((_, operands)) = WRAPPERS.iter().find(|(name, _)| *name == base(first)) {
            at += 1 + wrapped(&rest[1..], *operands);
        } else if rest.len() > 2 && PAIRS.contains(&(base(first), rest[1])) {
            at += 2 + wrapped(&rest[2..], 0);
        } else if rest.len() > 2 && base(first).starts_with("python") && rest[1] == "-m" {
            at += 2;
            break;
        } else {
            break;
        }
        if at >= words.len() {
            // An assignment or a wrapper alone: `export`-like, or `time` with nothing; keep it as it is.
            at = 0;
            break;
        }
    }
    let words = words[at..].iter().map(|word| (*word).to_owned()).collect();
    Some(Simple {
        text,
        words,
        assigned,
        writes,
        then,
        piped_into,
    })
}

/// How many words of `rest` belong to a wrapper: its options and `operands` operands.
fn wrapped(rest: &[&str], operands: usize) -> usize {
    let options = rest
        .iter()
        .take_while(|word| word.starts_with('-') && word.len() > 1)
        .count();
    (options + operands).min(rest.len())
}

fn base(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// The name in `NAME=value`.
fn assignment(word: &str) -> Option<&str> {
    let (name, _) = word.split_once('=')?;
    let mut bytes = name.bytes();
    let first = bytes.next()?;
    ((first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_'))
    .then_some(name)
}

enum Token {
    /// A word as it was written, and without its quotes.
    Word {
        raw: String,
        word: String,
    },
    /// A redirection of output to a file.
    Write(String),
    Break(Then),
    End,
}

struct Lexer<'a> {
    rest: &'a str,
    /// Delimiters of here-documents whose bodies begin on the next line.
    heredocs: Vec<String>,
}

impl<'a> Lexer<'a> {
    fn next(&mut self) -> Token {
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t', '\r']);
            if let Some(rest) = self.rest.strip_prefix("\\\n") {
                self.rest = rest;
                continue;
            }
            let Some(first) = self.rest.chars().next() else {
                return Token::End;
            };
            match first {
                '#' => self.rest = self.rest.find('\n').map_or("", |end| &self.rest[end..]),
                '\n' => {
                    self.rest = &self.rest[1..];
                    self.skip_heredocs();
                    return Token::Break(Then::Next);
                }
                '&' => {
                    if self.rest.starts_with("&>") {
                        self.rest = self.rest[2..].trim_start_matches('>');
                        return self.target();
                    }
                    return self.operator("&&", Then::And, Then::Next);
                }
                '|' => {
                    let token = self.operator("||", Then::Or, Then::Pipe);
                    self.rest = self.rest.strip_prefix('&').unwrap_or(self.rest);
                    return token;
                }
                ';' => {
                    self.rest = self.rest.trim_start_matches(';');
                    return Token::Break(Then::Next);
                }
                '(' | ')' => {
                    self.rest = &self.rest[1..];
                    return Token::Break(Then::Next);
                }
                _ => {
                    if let Some(token) = self.redirection() {
                        match token {
                            Some(token) => return token,
                            None => continue,
                        }
                    }
                    return self.word();
                }
            }
        }
    }

    fn operator(&mut self, double: &str, then: Then, alone: Then) -> Token {
        if let Some(rest) = self.rest.strip_prefix(double) {
            self.rest = rest;
            Token::Break(then)
        } else {
            self.rest = &self.rest[1..];
            Token::Break(alone)
        }
    }

    /// A redirection at the start of the rest: `Some(None)` if it is passed over.
    fn redirection(&mut self) -> Option<Option<Token>> {
        let mut after = self.rest;
        // The digits may go on in the next line.
        while let Some(rest) = (after.strip_prefix("\\\n"))
            .or_else(|| after.strip_prefix(|c: char| c.is_ascii_digit()))
        {
            after = rest;
        }
        if let Some(rest) = after.strip_prefix("<<<") {
            self.rest = rest.trim_start_matches(' ');
            self.word();
            return Some(None);
        }
        if let Some(rest) = after.strip_prefix("<<") {
            self.rest = rest.trim_start_matches('-').trim_start_matches(' ');
            if let Token::Word { word, .. } = self.word() {
                self.heredocs.push(word);
            }
            return Some(None);
        }
        if let Some(rest) = after.strip_prefix('>') {
            self.rest = rest.trim_start_matches(['>', '|']);
            if let Some(rest) = self.rest.strip_prefix('&') {
                self.rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
                return Some(None);
            }
            return Some(Some(self.target()));
        }
        if let Some(rest) = after
            .strip_prefix('<')
            .filter(|rest| !rest.starts_with('('))
        {
            self.rest = rest.trim_start_matches(' ');
            self.word();
            return Some(None);
        }
        None
    }

    fn target(&mut self) -> Token {
        self.rest = self.rest.trim_start_matches(' ');
        match self.word() {
            Token::Word { word, .. } => Token::Write(word),
            other => other,
        }
    }

    /// The word at the start of the rest; consumes at least one character if there is one.
    fn word(&mut self) -> Token {
        let text = self.rest;
        let mut word = String::new();
        // Where a line goes on in the next: at a backslash before its end, but for one in single quotes or behind another.
        let mut joints: Vec<usize> = Vec::new();
        let mut chars = text.char_indices().peekable();
        let mut end = text.len();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some((_, '\n')) => joints.push(at),
                    Some((_, next)) => word.push(next),
                    None => {}
                },
                '\'' => {
                    for (_, c) in chars.by_ref().take_while(|(_, c)| *c != '\'') {
                        word.push(c);
                    }
                }
                '"' => {
                    while let Some((at, c)) = chars.next() {
                        match c {
                            '"' => break,
                            '\\' => match chars.next() {
                                Some((_, '\n')) => joints.push(at),
                                Some((_, next)) => word.push(next),
                                None => {}
                            },
                            // Quotes in a substitution, and in a here-document there, do not end this one.
                            '$' if text[at + 1..].starts_with('(') => {
                                let length = nested(&text[at..]);
                                word.push_str(&text[at..at + length]);
                                while chars.peek().is_some_and(|(next, _)| *next < at + length) {
                                    chars.next();
                                }
                            }
                            c => word.push(c),
                        }
                    }
                }
                '$' | '<' | '>' if text[at + c.len_utf8()..].starts_with('(') => {
                    let length = nested(&text[at..]);
                    word.push_str(&text[at..at + length]);
                    while chars.peek().is_some_and(|(next, _)| *next < at + length) {
                        chars.next();
                    }
                }
                '`' => {
                    word.push(c);
                    for (_, c) in chars.by_ref() {
                        word.push(c);
                        if c == '`' {
                            break;
                        }
                    }
                }
                ' ' | '\t' | '\r' | '\n' | ';' | '|' | '&' | '(' | ')' | '<' | '>' => {
                    end = at;
                    break;
                }
                c => word.push(c),
            }
        }
        // Something that starts no word and no operator, as a stray `>(`: pass over one character.
        if end == 0 {
            end = text.chars().next().map_or(0, char::len_utf8);
        }
        let mut raw = String::new();
        let mut from = 0;
        for at in joints {
            raw.push_str(&text[from..at]);
            from = at + "\\\n".len();
        }
        raw.push_str(&text[from..end]);
        self.rest = &text[end..];
        Token::Word { raw, word }
    }

    fn skip_heredocs(&mut self) {
        for delimiter in std::mem::take(&mut self.heredocs) {
            loop {
                let (line, rest) = match self.rest.split_once('\n') {
                    Some((line, rest)) => (line, rest),
                    None => (self.rest, ""),
                };
                let at_end = rest.is_empty() && !self.rest.contains('\n');
                self.rest = rest;
                if line.trim() == delimiter || at_end {
                    break;
                }
            }
        }
    }
}

/// The length of `$(…)` at the start of `text`, nested ones included; all of it if it never closes. The bodies of
/// here-documents are passed over: brackets and quotes in them are text.
fn nested(text: &str) -> usize {
    let mut depth = 0usize;
    let mut quote = None;
    let mut escaped = false;
    let mut heredocs: Vec<&str> = Vec::new();
    let mut from = 0;
    for (at, c) in text.char_indices() {
        if at < from {
            continue;
        }
        if escaped {
            escaped = false;
            continue;
        }
        match (quote, c) {
            (_, '\\') => escaped = true,
            (None, '\n') if !heredocs.is_empty() => {
                from = heredocs.drain(..).fold(at + 1, |from, delimiter| {
                    from + body(&text[from..], delimiter)
                });
            }
            (None, '<') if text[at..].starts_with("<<") => {
                let sign = text[at..].bytes().take_while(|b| *b == b'<').count();
                from = at + sign;
                if sign == 2 {
                    heredocs.extend(delimiter(&text[from..]));
                }
            }
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, '(') => depth += 1,
            (None, ')') => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// The word behind `<<` that ends a here-document.
fn delimiter(text: &str) -> Option<&str> {
    let text = text.trim_start_matches('-').trim_start_matches(' ');
    let word = match text.chars().next()? {
        quote @ ('\'' | '"') => text[1..].split(quote).next(),
        _ => text
            .split(|c: char| c.is_whitespace() || ");|&<>".contains(c))
            .next(),
    };
    word.filter(|word| !word.is_empty() && !word.contains('\n'))
}

/// The length of the body of a here-document at the start of `text`, with the line that ends it.
fn body(text: &str, delimiter: &str) -> usize {
    let mut length = 0;
    for line in text.split_inclusive('\n') {
        length += line.len();
        if line.trim() == delimiter {
            // The line feed may end the body of another.
            return length;
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Checks that `command` comes apart into these lines.
    fn check(command: &str, expected: &[&str]) {
        let lines: Vec<String> = parse(command).iter().map(Simple::line).collect();
        assert_eq!(lines, expected, "{command}");
    }

    #[test]
    fn what_goes_on_in_the_next_line_is_told_as_it_is_run() {
        for (command, text) in [
            ("go te\\\nst", "go test"),
            ("go test \\\n  ./a", "go test ./a"),
            ("!\\\n!", "!!"),
            ("echo \"a\\\nb\"", "echo \"ab\""),
            ("echo 'a\\\nb' c\\\nd", "echo 'a\\\nb' cd"),
            ("'\\\n}", "'\\\n}"),
            ("\"a\\\\\n\\\nb\"", "\"a\\\\\nb\""),
            // A digit whose redirection stands on the next line.
            ("6\\\n>(a) b", "a"),
            ("6\\\n\\\n6\\\n>(a) b", "a"),
        ] {
            let parsed = parse(command);
            assert_eq!(parsed[0].text, text, "{command}");
            assert_eq!(parse(&parsed[0].text)[0].words, parsed[0].words);
        }
    }

    #[test]
    fn chains_come_apart() {
        check(
            "cd api && go test ./... 2>&1 | tail -20",
            &["cd api", "go test ./...", "tail -20"],
        );
        check("a; b & c || d\ne", &["a", "b", "c", "d", "e"]);
        check("if make; then echo ok; fi", &["make", "echo ok"]);
        check("(cd x && make test)", &["cd x", "make test"]);
    }

    #[test]
    fn wrappers_and_assignments_are_peeled() {
        check(
            "FOO=1 BAR='x y' timeout 60 go test ./...",
            &["go test ./..."],
        );
        check("sudo -E npx vitest run", &["vitest run"]);
        check("command -v zizmor", &["command -v zizmor"]);
        check("command zizmor .", &["zizmor ."]);
        check("uv run pytest -q tests/api", &["pytest -q tests/api"]);
        check("python3 -m pytest -q", &["pytest -q"]);
        check("/usr/bin/env python3 x.py", &["python3 x.py"]);
        assert_eq!(parse("PYTHONPATH=src pytest")[0].assigned, ["PYTHONPATH"]);
        assert_eq!(
            parse("PYTHONPATH=src pytest")[0].text,
            "PYTHONPATH=src pytest"
        );
    }

    #[test]
    fn an_assignment_alone_stays() {
        check("FOO=1", &["FOO=1"]);
    }

    #[test]
    fn quotes_and_substitutions_hold_together() {
        check("grep 'a && b' \"c | d\"", &["grep a && b c | d"]);
        check("echo $(git log | head) x", &["echo $(git log | head) x"]);
        check(
            "git commit -m \"$(cat <<'EOF'\nfix: a; b\nEOF\n)\"",
            &["git commit -m $(cat <<'EOF'\nfix: a; b\nEOF\n)"],
        );
    }

    #[test]
    fn a_heredoc_in_a_substitution_is_one_word() {
        for (command, words) in [
            (
                "git commit -m \"$(cat <<'EOF'\nfix: no \"reference\" (yet), don't (ask\n\nEOF\n)\" && git push",
                [4, 2],
            ),
            (
                "gh pr create --body \"$(cat <<EOF\n## It's (so\nEOF\n)\" | tail -1",
                [5, 2],
            ),
            ("echo \"a $(date \"+%s\") b\"; ls -l", [2, 2]),
            ("echo \"$(wc -l <<< \"a (b\")\"; ls -l", [2, 2]),
        ] {
            let found: Vec<usize> = parse(command).iter().map(|one| one.words.len()).collect();
            assert_eq!(found, words, "{command}");
        }
    }

    #[test]
    fn heredocs_and_comments_are_left_out() {
        check("cat > f <<EOF\nrm -rf x\nEOF\nls # now\n", &["cat", "ls"]);
        check("cat <<EOF", &["cat"]);
    }

    #[test]
    fn redirections_are_kept_apart() {
        let parsed = parse("go run . > out.txt 2>/dev/null < in &>> log");
        assert_eq!(parsed[0].writes, ["out.txt", "/dev/null", "log"]);
        assert_eq!(parsed[0].text, "go run .");
    }

    #[test]
    fn pipes_hide_the_status() {
        let parsed = parse("cargo test | tail -5 || true");
        assert_eq!(
            parsed.iter().map(|s| s.then).collect::<Vec<_>>(),
            [Then::Pipe, Then::Or, Then::Next]
        );
        assert!(parsed[1].piped_into && !parsed[2].piped_into);
    }

    proptest! {
        #[test]
        fn any_text_comes_apart(command in "[ -~\n]{0,80}") {
            for simple in parse(&command) {
                prop_assert!(!simple.words.is_empty());
            }
        }

        #[test]
        fn any_unicode_comes_apart(command in any::<String>()) {
            parse(&command);
        }
    }
}
