//! Tests of the redactor: each rule by its own examples, then a drawn set.

use super::*;
use table::TABLE;

/// A generator of its own, so that examples are the same everywhere.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn from(&mut self, letters: &str, count: usize) -> String {
        let letters: Vec<char> = letters.chars().collect();
        (0..count)
            .map(|_| letters[(self.next() >> 33) as usize % letters.len()])
            .collect()
    }

    /// `{alnum:36}` and its like replaced by drawn signs.
    pub(crate) fn fill(&mut self, template: &str) -> String {
        const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
        const DIGIT: &str = "0123456789";
        let mut out = String::new();
        let mut rest = template;
        while let Some((before, behind)) = rest.split_once('{') {
            out.push_str(before);
            rest = behind;
            let Some((name, after)) = behind.split_once('}') else {
                out.push('{');
                continue;
            };
            let (class, count) = name.split_once(':').unwrap_or((name, ""));
            let letters = match class {
                "alnum" => format!("{UPPER}{LOWER}{DIGIT}"),
                "alpha" => format!("{UPPER}{LOWER}"),
                "lower" => format!("{LOWER}{DIGIT}"),
                "upper" => format!("{UPPER}{DIGIT}"),
                "base32" => format!("{UPPER}234567"),
                "hex" => "0123456789abcdef".to_owned(),
                "digit" | "digit1" => DIGIT.to_owned(),
                "b64" => format!("{UPPER}{LOWER}{DIGIT}+/"),
                "b64u" => format!("{UPPER}{LOWER}{DIGIT}-_"),
                "strong" => format!("{UPPER}{LOWER}{DIGIT}!@#%^*+=?"),
                "uuid" => {
                    let hex = "0123456789abcdef";
                    let parts: Vec<String> = [8, 4, 4, 4, 12]
                        .iter()
                        .map(|&n| self.from(hex, n))
                        .collect();
                    out.push_str(&parts.join("-"));
                    rest = after;
                    continue;
                }
                _ => {
                    out.push('{');
                    continue;
                }
            };
            let count = count.parse().expect("a count");
            let mut drawn = self.from(&letters, count);
            if class == "digit1" {
                drawn.replace_range(..1, "7");
            }
            // The ends of a token are letters or digits, as they nearly always are.
            if drawn.ends_with(['-', '_', '+', '/', '=', '?', '!']) {
                drawn.pop();
                drawn.push('k');
            }
            if drawn.starts_with(['-', '_', '+', '/', '=', '?', '!', '@', '#']) {
                drawn.replace_range(..1, "Q");
            }
            out.push_str(&drawn);
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

fn redacted(text: &str) -> String {
    Redactor::new(Level::Default).redact(text).into_owned()
}

/// What `secrets.toml` gives for proof.
#[derive(serde::Deserialize)]
struct Proofs {
    rule: Vec<Proof>,
}

#[derive(serde::Deserialize)]
struct Proof {
    id: String,
    #[serde(default)]
    fires: Vec<String>,
    #[serde(default)]
    silent: Vec<String>,
}

#[test]
fn every_rule_fires_and_is_silent_as_it_says() {
    let mut wrong = Vec::new();
    let mut ids = std::collections::BTreeSet::new();
    let proofs: Proofs = toml::from_str(include_str!("../secrets.toml")).expect("sound rules");
    assert_eq!(proofs.rule.len(), TABLE.rules.len());
    for (rule, proof) in TABLE.rules.iter().zip(&proofs.rule) {
        assert_eq!(rule.id, proof.id);
        assert!(ids.insert(&rule.id), "{} twice", rule.id);
        assert!(!proof.fires.is_empty(), "{} has no example", rule.id);
        assert!(rule.keywords.iter().all(|k| k.len() >= 3), "{}", rule.id);
        if rule.regex().is_none() {
            wrong.push(format!("{}: the pattern does not compile", rule.id));
        }
        for (i, example) in proof.fires.iter().enumerate() {
            for seed in 0..20 {
                let text = Draw::new(seed * 31 + i as u64 + 1).fill(example);
                let mut found = Vec::new();
                let lower = text.to_ascii_lowercase();
                let holds = |keyword: &&str| {
                    let capital = keyword.contains(|c: char| c.is_ascii_uppercase());
                    if capital { &text } else { &lower }.contains(*keyword)
                };
                if !rule.keywords.iter().any(holds) {
                    wrong.push(format!("{}: the keywords hide {text}", rule.id));
                }
                if !rule.may_match(text.as_bytes()) {
                    wrong.push(format!("{}: passed over: {text}", rule.id));
                }
                shaped(&text, rule, 0..0, &mut 0, &mut found);
                if found.is_empty() || !redacted(&text).contains("[redacted: ") {
                    wrong.push(format!("{}: missing: {text}", rule.id));
                    break;
                }
            }
        }
        for example in &proof.silent {
            let text = Draw::new(7).fill(example);
            let mut found = Vec::new();
            shaped(&text, rule, 0..0, &mut 0, &mut found);
            if !found.is_empty() || redacted(&text) != text {
                wrong.push(format!("{}: noisy: {text} -> {}", rule.id, redacted(&text)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn equal_values_share_a_number_and_are_remembered() {
    let value = Draw::new(3).fill("{alnum:32}");
    let other = Draw::new(4).fill("{alnum:32}");
    let mut redactor = Redactor::new(Level::Default);
    redactor.learn(&format!("API_KEY={value}"));
    assert_eq!(
        redactor.redact(&format!("{value} and API_KEY={other} and {value}")),
        "[redacted: api-key #1] and API_KEY=[redacted: api-key #2] and [redacted: api-key #1]"
    );
    assert_eq!(redactor.counts(), BTreeMap::from([("api-key", 2)]));
    assert_eq!(
        redactor.second_look(&value),
        Err(vec!["api-key".to_owned()])
    );
    assert_eq!(redactor.second_look("[redacted: api-key #1]"), Ok(()));
}

/// Found by fuzzing: what stood beside a secret looked otherwise beside its placeholder.
#[test]
fn a_placeholder_makes_no_secret_of_what_stands_beside_it() {
    let mut draw = Draw::new(11);
    for text in [
        "\"GITHUB_TOKEN=ghp_{alnum:36}\":false,\"id\"68f19044-7a4a-4b70-a89b-95e3d2c1d6,74\",",
        "GITHUB_TOKEN=ghp_{alnum:36}\\nsoud\":\"5c38f4fd-ab19-8f4fd-ab19i\"slug",
        "adiG/Qc/Y5G1V/uIeyJ{b64u:30}.eyJ{b64u:40}.{b64u:43}+{alnum:30}",
    ] {
        let text = draw.fill(text);
        for level in [Level::Default, Level::Strict] {
            let once = Redactor::new(level).redact(&text).into_owned();
            assert_ne!(once, text);
            let mut redactor = Redactor::new(level);
            assert_eq!(redactor.redact(&once), once);
            assert_eq!(redactor.second_look(&once), Ok(()));
        }
    }
}

/// What is too short to be a secret stays so when a handoff quotes it: what is found there alone would keep it from being written.
#[test]
fn a_quotation_of_ours_makes_no_secret_of_what_stands_in_it() {
    for value in ["24103l", "Ab1$x", "Ab12cd!", "aB3#x9", "ab1_cd2"] {
        for name in ["al_tokens", "password", "api_token"] {
            let text = format!("test_import - {name}: {value}");
            assert_eq!(redacted(&text), text);
            for (open, close) in [("“", "”"), ("„", "“"), ("«", "»")] {
                let quoted = format!("{open}{text}{close} L3");
                assert_eq!(redacted(&quoted), quoted);
            }
        }
    }
    // One that is never closed is closed by the mark of the document around it.
    let mut redactor = Redactor::new(Level::Default);
    for text in ["al_tokens: \")a0AAaaA", "al_tokens: \"aa0Aa"] {
        let once = redactor.redact(text).into_owned();
        for shown in [
            format!("“{once}” L3"),
            serde_json::json!([once]).to_string(),
        ] {
            assert_eq!(redactor.second_look(&shown), Ok(()), "{shown}");
        }
    }
    assert_eq!(
        redacted("“token: Zq8vX2mK9pLw4RtY” L3"),
        "“token: [redacted: token #1]” L3"
    );
}

#[test]
fn levels() {
    let text = Draw::new(5).fill("me@x.io GH=ghp_{alnum:36} run {alnum:30}9aB");
    assert_eq!(Redactor::new(Level::Off).redact(&text), text);
    let mut strict = Redactor::new(Level::Strict);
    assert_eq!(
        strict.redact(&text),
        "[redacted: address #1] GH=[redacted: github-token #1] run [redacted: random #1]"
    );
}

#[test]
fn odd_texts_do_no_harm() {
    for text in [
        "",
        "password",
        "password=",
        "password=\"",
        "://@",
        "://:@",
        "é://é:é@é",
        "-----BEGIN PRIVATE KEY-----",
        "-----END PRIVATE KEY-----",
        "PRIVATE KEY",
        "token: \\",
        "密码",
        "[redacted: ",
        "[redacted: a #]",
    ] {
        assert_eq!(redacted(text), text);
    }
}

#[test]
fn many_open_blocks_and_names_take_no_time() {
    let text = "-----BEGIN RSA PRIVATE KEY-----\n".repeat(5_000) + &"password=".repeat(5_000);
    assert!(redacted(&text).len() <= text.len() + 64);
}

#[test]
fn one_core_and_all_learn_the_same() {
    let mut draw = Draw::new(9);
    let texts: Vec<String> = (0..500)
        .map(|i| {
            draw.fill(&format!(
                "run {i}: API_KEY={{alnum:32}} DB_PASSWORD={{strong:14}}"
            ))
        })
        .collect();
    let mut one = Redactor::new(Level::Default);
    texts.iter().for_each(|text| one.learn(text));
    let mut all = Redactor::new(Level::Default);
    all.learn_all(&texts);
    assert_eq!(one.counts(), all.counts());
    for text in &texts {
        assert_eq!(one.redact(text), all.redact(text));
    }
}

#[test]
fn a_secret_is_known_in_its_other_forms() {
    let mut redactor = Redactor::new(Level::Default);
    // The base64 of `ci:Zx9-not-real-Qv7k2`, in two halves.
    let basic = ["Y2k6Wng5LW5vdC", "1yZWFsLVF2N2sy"].concat();
    redactor.learn(&format!("Authorization: Basic {basic}"));
    redactor.learn("postgres://app:a%40b9Kq%2FxW3z@db/x");
    assert_eq!(
        redactor.redact("Zx9-not-real-Qv7k2 and a@b9Kq/xW3z"),
        "[redacted: authorization #1] and [redacted: url-password #1]"
    );
}
