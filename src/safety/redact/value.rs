//! Judges whether a value that stands where a secret may stand is one.
//!
//! Entropy alone would take lock hashes and tool-call ids along with the
//! secrets, so the shapes that a handoff must keep come first, then what is
//! plainly a word, a placeholder or code; only what is left may be a secret.

/// Pairs of letters that are common in English words and in identifiers.
///
/// Row by first letter, bit by second. They cover 93 % of the pairs in the
/// words of some hundred session logs; of the pairs in random letters, 33 %.
const COMMON: [u32; 26] = [
    0x13eb96f, 0x012493f, 0x01a4d95, 0x0144119, 0x0efb87f, 0x0104931, 0x01261d1, 0x0004111,
    0x22ef87f, 0x0000000, 0x0040110, 0x11c4919, 0x010d113, 0x03c617d, 0x07ef94f, 0x01ec911,
    0x0100000, 0x11e755d, 0x01cc195, 0x11ec995, 0x00eb957, 0x0000111, 0x0004111, 0x0008000,
    0x0000000, 0x0000010,
];

/// What a name says about the value beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    /// It may be a secret: `SESSION`, `sig`, `X_KEY`.
    Weak,
    /// It is one: `token`, `client_secret`.
    Strong,
    /// It is one, and people choose such values: `DB_PASSWORD`.
    Password,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `NAME=value`, as in a shell or an `.env` file.
    Env,
    /// Between quotes.
    Quoted,
    /// Bare, after `:`, `=` or a word: it may be code or prose.
    Bare,
    /// After a command-line flag.
    Flag,
}

/// True if `value` is a secret, given its name and form.
pub(super) fn is_secret(value: &str, name: Name, form: Form) -> bool {
    if value.len() < 6 || is_reference(value) || is_placeholder(value) || is_fact(value) {
        return false;
    }
    if form != Form::Quoted && form != Form::Env && is_expression(value) {
        return false;
    }
    if value.contains(char::is_whitespace) {
        return name == Name::Password && is_phrase(value);
    }
    let shaped = is_uuid(value) || is_hex(value);
    match name {
        Name::Weak => value.len() >= 12 && !has_uuid(value) && !is_git(value) && is_random(value),
        Name::Strong if shaped => value.len() >= 16,
        Name::Strong => {
            value.len() >= 8
                && match form {
                    Form::Flag | Form::Env => is_mixed(value) && !is_label(value),
                    Form::Quoted => (is_mixed(value) && !is_label(value)) || is_random(value),
                    Form::Bare => is_random(value) || (is_mixed(value) && !is_label(value)),
                }
        }
        Name::Password if shaped => value.len() >= 8,
        Name::Password => match form {
            Form::Flag | Form::Env => {
                is_mixed(value)
                    || is_symbolic(value)
                    || (value.len() >= 12 && !is_words(value))
                    || is_phrase(value)
            }
            Form::Quoted => {
                value.len() >= 8
                    && (is_mixed(value)
                        || is_symbolic(value)
                        || is_random(value)
                        || is_phrase(value))
            }
            Form::Bare => {
                value.len() >= 8 && (is_mixed(value) && !is_label(value) || is_symbolic(value))
            }
        },
    }
}

/// True for what points at a secret, or stands for one: `$X`, `${{ … }}`, `<token>`, `process.env.X`.
pub(super) fn is_reference(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'', '`', '\\']);
    let starts = [
        "$",
        "<",
        "{{",
        "%(",
        "#{",
        "${",
        "[redacted",
        "[REDACTED",
        "@@",
        "‹",
        "&{",
        "#[",
        "process.env",
        "os.environ",
        "os.getenv",
        "env.",
        "ENV[",
        "import.meta",
        "secrets.",
        "secret/",
        "vault:",
        "op://",
        "arn:",
        "ref+",
        "file:",
        "file(",
        "env:",
        "!vault",
        "!Ref",
        "!Sub",
        "System.getenv",
        "std::env",
        "getenv",
        "@file",
        "@/",
        "@./",
        "ssm:",
        "sops:",
        "ENC[",
    ];
    starts.iter().any(|start| value.starts_with(start))
        || (value.starts_with('%') && value.ends_with('%'))
        || value.contains("${")
        || value.contains("{{")
        || value.contains("$(")
        || (value.starts_with("__") && value.ends_with("__"))
        || (value.starts_with('{') && value.ends_with('}'))
}

/// True for what people write instead of a secret.
pub(super) fn is_placeholder(value: &str) -> bool {
    const SURE: &[&str] = &[
        "example",
        "xxxx",
        "****",
        "....",
        "…",
        "redacted",
        "placeholder",
        "changeme",
        "change-me",
        "change_me",
        "••",
        "your-",
        "your_",
        "[a-z",
        "[alphanum",
        "[base64",
        "a-za-z",
        "\\w",
        "\\s",
        "\\d",
        "___",
    ];
    // In a long random string a short word stands by chance.
    const SHORT: &[&str] = &[
        "replace",
        "insert",
        "dummy",
        "fixme",
        "not-a-real",
        "notreal",
        "fake",
        "mock",
        "sample",
        "masked",
        "hidden",
        "yourp",
        "yourt",
        "yours",
        "youra",
        "todo",
        "some-",
        "some_",
        "foobar",
        "lorem",
        "deadbeef",
    ];
    let lower = value.to_ascii_lowercase();
    let holds = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    if holds(SURE) || (value.len() <= 32 && holds(SHORT)) {
        return true;
    }
    let mut seen = [false; 256];
    value.bytes().for_each(|b| seen[usize::from(b)] = true);
    let distinct = seen.iter().filter(|&&seen| seen).count();
    value.len() >= 8 && distinct <= 3 || value.len() >= 20 && distinct <= 5
}

/// True for the shapes that a handoff must keep, whatever stands before them.
fn is_fact(value: &str) -> bool {
    const IDS: &[&str] = &[
        "toolu_",
        "msg_",
        "req_",
        "sha1-",
        "sha256-",
        "sha384-",
        "sha512-",
        "sha1:",
        "sha256:",
        "sha512:",
        "SHA256:",
        "MD5:",
        "h1:",
        "srvtoolu_",
        "chatcmpl-",
        "call_",
        "resp_",
        "rs_",
        "fc_",
        "run_",
        "thread_",
        "asst_",
        "ssh-rsa",
        "ssh-ed25519",
        "ecdsa-",
        "data:",
        "urn:",
    ];
    IDS.iter().any(|id| value.starts_with(id))
        || is_path(value)
        || is_number(value)
        || (value.contains("://") && !value.contains('@'))
        || is_address(value)
}

fn is_address(value: &str) -> bool {
    value.split_once('@').is_some_and(|(name, host)| {
        let plain = |s: &str| {
            s.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(&b))
        };
        plain(name)
            && plain(host)
            && host.rsplit_once('.').is_some_and(|(left, top)| {
                !left.is_empty() && top.len() >= 2 && top.bytes().all(|b| b.is_ascii_lowercase())
            })
    })
}

/// True for paths, globs and file names.
fn is_path(value: &str) -> bool {
    let starts = ["./", "../", "~/", "C:\\", "D:\\"];
    if starts.iter().any(|start| value.starts_with(start)) {
        return true;
    }
    if value.contains(['=', '+', '!', '#', '$', '&', '^']) {
        return false;
    }
    let parts: Vec<&str> = value.split(['/', '\\']).filter(|p| !p.is_empty()).collect();
    let named = |part: &str| part.len() <= 2 || !is_random(part);
    let file = value.rsplit_once('.').is_some_and(|(stem, suffix)| {
        (1..=5).contains(&suffix.len())
            && suffix.bytes().all(|b| b.is_ascii_lowercase())
            && !is_random(stem)
    });
    (value.starts_with('/') && parts.len() >= 2 && parts.iter().all(|part| named(part)))
        || (parts.len() >= 2 && parts.iter().all(|part| named(part)) && !is_base64(value))
        || file
}

fn is_base64(value: &str) -> bool {
    value.len() >= 24
        && value.contains('/')
        && value.matches('/').count() <= value.len() / 12
        && value.contains(|c: char| c.is_ascii_uppercase())
        && value.contains(|c: char| c.is_ascii_digit())
        && !value.contains(['.', '-', '_'])
        && is_random(&value.replace('/', ""))
}

/// True for counts, sizes, times, dates, versions and addresses of machines.
fn is_number(value: &str) -> bool {
    let mut rest = value.trim_start_matches(['+', '-', '~', '<', '>', '=', '^', 'v']);
    rest = rest.trim_end_matches([
        '%', 's', 'm', 'h', 'd', 'k', 'K', 'M', 'G', 'B', 'b', 'i', 'x', 'Z',
    ]);
    !rest.is_empty()
        && rest
            .bytes()
            .all(|b| b.is_ascii_digit() || b"., _:/-+T".contains(&b))
}

/// True for code: calls, members, operators, types.
fn is_expression(value: &str) -> bool {
    let called = value.contains('(')
        && value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '&' || c == '*');
    let indexed = value.contains('[') || value.contains("::") || value.contains("->");
    let member = value.contains('.')
        && value
            .split('.')
            .all(|part| is_identifier(part.trim_end_matches(['?', '!', ';', ',', ')'])));
    // `input=200` in prose.
    let assigned = value.split_once('=').is_some_and(|(left, right)| {
        left.len() >= 3 && is_identifier(left) && !right.trim_matches('=').is_empty()
    });
    called || indexed || member || assigned
}

/// True for a name as code has it: letters and `_`, with no more than two digits at its end.
fn is_identifier(part: &str) -> bool {
    let stem = part.trim_end_matches(|c: char| c.is_ascii_digit());
    part.len() - stem.len() <= 2
        && !stem.is_empty()
        && stem.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_')
        && !is_random(stem)
}

/// True for 8-4-4-4-12.
pub(super) fn is_uuid(value: &str) -> bool {
    let lengths: Vec<usize> = value.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && value.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

/// True if a UUID stands in it, as in `2026-01-22-<uuid>.json`.
fn has_uuid(value: &str) -> bool {
    value.match_indices('-').any(|(at, _)| {
        at.checked_sub(8)
            .and_then(|start| value.get(start..start + 36))
            .is_some_and(is_uuid)
    })
}

fn is_hex(value: &str) -> bool {
    value.len() >= 7
        && value.bytes().all(|b| b.is_ascii_hexdigit())
        && value.bytes().any(|b| b.is_ascii_digit())
        && !value.bytes().all(|b| b.is_ascii_digit())
}

/// True for what may be a commit: 7 to 40 hex digits.
pub(super) fn is_git(value: &str) -> bool {
    is_hex(value) && value.len() <= 40
}

/// True if the value has letters and digits, or changes its case as no name does.
fn is_mixed(value: &str) -> bool {
    let has = |f: fn(&u8) -> bool| value.as_bytes().iter().any(f);
    let letters = has(u8::is_ascii_alphabetic);
    let digits = has(u8::is_ascii_digit);
    (letters && digits) || is_random(value)
}

/// True if the value holds signs that passwords have and names have not.
fn is_symbolic(value: &str) -> bool {
    value.contains(['!', '@', '#', '$', '%', '^', '&', '*', '+', '=', '?', '~'])
        && value.contains(|c: char| c.is_ascii_alphanumeric())
        && !value.ends_with(['=', '?'])
        && !value.contains("==")
        && !value.contains("&&")
}

/// True for a label of words and small numbers: `test-token-1`, `access_token`, `Bearer2`, `oauth2`.
fn is_label(value: &str) -> bool {
    // Words that have digits in their middle.
    const NUMBERED: &[&str] = &[
        "e2e", "i18n", "l10n", "a11y", "k8s", "p2p", "b2b", "o11y", "s3",
    ];
    let mut value = value.to_ascii_lowercase();
    for word in NUMBERED {
        value = value.replace(word, "word");
    }
    let mut words = 0;
    for part in value.split(['-', '_', '.', ':', '/', ' ']) {
        let stem = part.trim_end_matches(|c: char| c.is_ascii_digit());
        let number = part.len() - stem.len();
        if stem.is_empty() {
            if number > 4 {
                return false;
            }
            continue;
        }
        if number > 4 || !stem.bytes().all(|b| b.is_ascii_alphabetic()) || is_random(stem) {
            return false;
        }
        // A short group of consonants is as likely a piece of a key.
        if stem.len() >= 5 && common(stem) < 0.64 {
            return false;
        }
        words += 1;
    }
    words > 0
}

/// True for letters only that read as words: `userPassword`, `not-set`.
fn is_words(value: &str) -> bool {
    value
        .bytes()
        .all(|b| b.is_ascii_alphabetic() || b"-_ .".contains(&b))
        && !is_random(value)
}

/// True for four or more plain words in a row, joined by one sign: a passphrase.
fn is_phrase(value: &str) -> bool {
    const PROSE: &[&str] = &[
        "the", "your", "a", "an", "is", "are", "for", "must", "of", "to", "in", "not", "be", "and",
        "or", "with", "from", "enter", "password", "token", "secret", "this", "at", "by", "set",
        "on", "no", "field", "required", "reset", "user",
    ];
    let parts: Vec<&str> = value.split([' ', '-']).collect();
    parts.len() >= 4
        && parts.iter().all(|part| {
            (3..=10).contains(&part.len())
                && part.bytes().all(|b| b.is_ascii_lowercase())
                && !PROSE.contains(part)
        })
}

/// The share of pairs of letters that are common in words; 1 where there are too few to tell.
fn common(value: &str) -> f32 {
    let (mut pairs, mut hits) = (0u16, 0u16);
    let bytes = value.as_bytes();
    for pair in bytes.windows(2) {
        let [a, b] = [pair[0].to_ascii_lowercase(), pair[1].to_ascii_lowercase()];
        if a.is_ascii_lowercase() && b.is_ascii_lowercase() {
            pairs = pairs.saturating_add(1);
            let row = COMMON.get(usize::from(a - b'a')).copied().unwrap_or(0);
            hits = hits.saturating_add(u16::from(row >> (b - b'a') & 1 == 1));
        }
    }
    if pairs < 4 {
        1.0
    } else {
        f32::from(hits) / f32::from(pairs)
    }
}

/// True if the value reads as drawn by lot: its letters form no words, or digits are strewn in.
pub(super) fn is_random(value: &str) -> bool {
    let bytes = value.as_bytes();
    if bytes.len() < 8 {
        return false;
    }
    let mut strewn = 0;
    let mut raised = 0;
    let mut switched = 0;
    for pair in bytes.windows(2) {
        let [a, b] = [pair[0], pair[1]];
        if a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric() {
            strewn += usize::from(a.is_ascii_digit() != b.is_ascii_digit());
            raised += usize::from(a.is_ascii_lowercase() && b.is_ascii_uppercase());
            switched += usize::from(a.is_ascii_lowercase() != b.is_ascii_lowercase());
        }
    }
    let upper = bytes.iter().filter(|b| b.is_ascii_uppercase()).count();
    let lower = bytes.iter().filter(|b| b.is_ascii_lowercase()).count();
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    let length = bytes.len();
    // Chance gives a random string of 62 signs 0.26 of the first, 0.17 of the second.
    let words = common(value);
    strewn * 6 >= length && digits * 8 >= length
        || raised * 5 >= length && digits > 0 && words < 0.8
        // Camel case has few capitals, or its letters form words.
        || length >= 10 && upper * 3 >= length && lower * 4 >= length && switched * 10 >= length * 3 && words < 0.8
        // Fewer pairs say less.
        || words < if length >= 20 || digits > 0 { 0.64 } else { 0.5 }
            && (length >= 12 || digits > 0)
}
