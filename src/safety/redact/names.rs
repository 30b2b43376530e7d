//! Knows which names say that the value beside them is a secret.

use super::value::Name;

/// Keywords that may be part of a name, any case.
pub(super) const NAMES: &[&str] = &[
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "auth",
    "cred",
    "jwt",
    "bearer",
    "mnemonic",
    "seed",
    "salt",
    "hmac",
    "signature",
    "otp",
    "_pat",
    "_pw",
    "pw:",
    "pw ",
    "pw=",
    "psk",
    "kennwort",
    "contrase",
    "senha",
    "密码",
    "口令",
    "密钥",
    "пароль",
    "パスワード",
    "비밀번호",
];

/// Words after the one that says secret which change nothing: `TOKEN_PROD`, `SECRET_KEY_BASE`.
const AFTER: &[&str] = &[
    "prod",
    "production",
    "dev",
    "development",
    "test",
    "testing",
    "staging",
    "stage",
    "live",
    "local",
    "value",
    "val",
    "raw",
    "b64",
    "base64",
    "new",
    "old",
    "current",
    "default",
    "main",
    "backup",
    "plain",
    "plaintext",
    "base",
    "encoded",
    "hex",
    "str",
    "env",
    "ci",
    "eu",
    "us",
    "primary",
    "secondary",
];

/// Words before `key` that make it a secret for certain.
const SECRET_KEYS: &[&str] = &[
    "api",
    "access",
    "secret",
    "private",
    "signing",
    "sign",
    "encryption",
    "encrypt",
    "crypt",
    "crypto",
    "master",
    "auth",
    "account",
    "shared",
    "service",
    "admin",
    "deploy",
    "deployment",
    "app",
    "application",
    "client",
    "jwt",
    "hmac",
    "session",
    "subscription",
    "server",
    "write",
    "integration",
    "routing",
    "ingest",
    "ingestion",
    "license",
    "root",
    "user",
    "webhook",
    "wrapping",
    "unseal",
    "recovery",
    "security",
    "consumer",
    "function",
    "host",
    "rest",
    "search",
    "live",
    "data",
    "storage",
    "accesskey",
    "cipher",
    "aes",
    "provisioning",
    "agent",
    "verification",
];

/// Words before `key` that make it another thing.
const OTHER_KEYS: &[&str] = &[
    "public",
    "primary",
    "foreign",
    "cache",
    "sort",
    "partition",
    "index",
    "map",
    "dict",
    "object",
    "row",
    "unique",
    "idempotency",
    "dedupe",
    "dedup",
    "query",
    "hot",
    "group",
    "translation",
    "i18n",
    "lookup",
    "hash",
    "short",
    "issue",
    "project",
    "arrow",
    "enter",
    "registry",
    "shift",
    "keyboard",
    "react",
    "commit",
    "tree",
    "parent",
    "range",
    "natural",
    "composite",
    "s3",
    "file",
    "redis",
    "lock",
    "publishable",
    "pub",
    "site",
    "restore",
    "host",
];

/// Words before `token` that make it a count, a cursor or a piece of syntax.
const OTHER_TOKENS: &[&str] = &[
    "next",
    "page",
    "continuation",
    "cursor",
    "sync",
    "resume",
    "pagination",
    "stop",
    "eos",
    "bos",
    "pad",
    "unk",
    "special",
    "max",
    "min",
    "total",
    "input",
    "output",
    "prompt",
    "completion",
    "context",
    "cancellation",
    "lexer",
    "syntax",
    "design",
    "start",
    "end",
    "num",
    "per",
    "each",
    "first",
    "last",
];

/// What the name says of its value; none if nothing.
pub(super) fn judge_name(name: &str) -> Option<(Name, &'static str)> {
    if !name.is_ascii() {
        return Some((Name::Password, "password"));
    }
    let words = split(name);
    let mut words: &[String] = &words;
    while let [rest @ .., last] = words {
        let after = AFTER.contains(&last.as_str()) || last.bytes().all(|b| b.is_ascii_digit());
        if !after || rest.is_empty() {
            break;
        }
        words = rest;
    }
    let (last, before) = words.split_last()?;
    let before = before.last().map_or("", String::as_str);
    let ends = |ends: &[&str]| ends.iter().any(|end| last.ends_with(end));
    if ends(&[
        "password",
        "passwd",
        "passphrase",
        "passwort",
        "kennwort",
        "senha",
    ]) || [
        "pass",
        "pwd",
        "pw",
        "mnemonic",
        "dbpass",
        "userpass",
        "contrase",
        "bindpw",
        "rootpw",
        "dbpw",
        "userpw",
        "requirepass",
        "masterauth",
        "adminpw",
        "psk",
    ]
    .contains(&last.as_str())
    {
        return Some((Name::Password, "password"));
    }
    if ends(&[
        "secretkey",
        "accesskey",
        "privatekey",
        "apikey",
        "signingkey",
    ]) {
        return Some((Name::Strong, "api-key"));
    }
    if ends(&["secret", "secrets"]) {
        return Some((Name::Strong, "secret"));
    }
    if ends(&["token", "tokens"]) && !OTHER_TOKENS.contains(&before) {
        return Some((Name::Strong, "token"));
    }
    match last.as_str() {
        "key" | "keys" if OTHER_KEYS.contains(&before) && !SECRET_KEYS.contains(&before) => None,
        "key" | "keys" if SECRET_KEYS.contains(&before) => Some((Name::Strong, "api-key")),
        "key" if !before.is_empty() && !name.contains(|c: char| c.is_ascii_lowercase()) => {
            Some((Name::Strong, "api-key"))
        }
        "key" => Some((Name::Weak, "api-key")),
        "pat" => Some((Name::Strong, "token")),
        "auth" | "jwt" | "bearer" | "otp" | "totp" => Some((Name::Weak, "token")),
        "creds" | "cred" | "credential" | "credentials" => Some((Name::Password, "credential")),
        "seed" | "salt" | "hmac" | "signature" => Some((Name::Weak, "secret")),
        _ => None,
    }
}

/// The words of a name, in lower case: by signs and by camel case.
fn split(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let bytes = name.as_bytes();
    for (i, &b) in bytes.iter().enumerate() {
        let before = i
            .checked_sub(1)
            .and_then(|i| bytes.get(i))
            .copied()
            .unwrap_or(b'_');
        let after = bytes.get(i + 1).copied().unwrap_or(b'_');
        let humped = b.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || before.is_ascii_uppercase() && after.is_ascii_lowercase());
        let counted = b.is_ascii_digit() && before.is_ascii_alphabetic();
        if humped || counted || !b.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if b.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(char::from(b.to_ascii_lowercase()));
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_and_of_other_things() {
        for name in [
            "DB_PASSWORD",
            "dbPassword",
            "smtp.pass",
            "POSTGRES_PASSWORD_PROD",
            "密码",
        ] {
            assert!(
                matches!(judge_name(name), Some((Name::Password, _))),
                "{name}"
            );
        }
        for name in [
            "token",
            "APIKey",
            "client-secret",
            "SECRET_KEY_BASE",
            "TOKEN_2",
            "STRIPE_KEY",
            "accessToken",
        ] {
            assert!(
                matches!(judge_name(name), Some((Name::Strong, _))),
                "{name}"
            );
        }
        for name in ["key", "jwt", "someKey"] {
            assert!(matches!(judge_name(name), Some((Name::Weak, _))), "{name}");
        }
        for name in [
            "token_type",
            "max_tokens",
            "tokenizer",
            "password_hash",
            "primary_key",
            "cacheKey",
            "secretName",
            "next_token",
            "keyboard",
            "author",
            "monkey",
        ] {
            assert_eq!(judge_name(name), None, "{name}");
        }
    }
}
