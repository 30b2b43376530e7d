//! Secrets of many kinds, in texts as sessions have them: none is left in anything that is written.
//!
//! A second set beside the one in `src/safety/redact`, drawn before the rules were looked at again: what stands in
//! structures, what is hard, what looks like a secret and is none.

use passdown::safety::{Gate, Level};

use crate::planted::log;
use crate::run::Run;

/// A generator of its own, so that cases are the same everywhere.
struct Draw(u64);

impl Draw {
    fn sign(&mut self, letters: &[u8]) -> char {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let at = (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % letters.len();
        char::from(letters[at])
    }

    /// `{a32}` and its like replaced: `a` letters and digits, `l` small ones, `u` capitals and digits, `h` hex digits,
    /// `d` digits, `b` base64, `w` its form for URLs, `p` what people choose.
    fn fill(&mut self, template: &str) -> String {
        let mut out = String::new();
        let mut rest = template;
        while let Some((before, behind)) = rest.split_once('{') {
            out.push_str(before);
            let class = behind.as_bytes().first().copied().unwrap_or_default();
            let letters: &[u8] = match class {
                b'a' => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
                b'l' => b"abcdefghijklmnopqrstuvwxyz0123456789",
                b'u' => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
                b'h' => b"0123456789abcdef",
                b'd' => b"0123456789",
                b'b' => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
                b'w' => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
                b'p' => b"abcdefghkmnpqrstuvwxyzABCDEFGHKLMNPQRSTUVWXYZ23456789!#%+",
                _ => b"",
            };
            let count = behind.get(1..).and_then(|rest| rest.split_once('}'));
            match count.and_then(|(count, after)| Some((count.parse::<usize>().ok()?, after))) {
                Some((count, after)) if !letters.is_empty() => {
                    for place in 0..count {
                        // Ends of tokens are letters or digits, as they nearly always are.
                        let ends = place == 0 || place + 1 == count;
                        let kept = |b: &u8| !ends || b.is_ascii_alphanumeric();
                        let letters: Vec<u8> = letters.iter().copied().filter(kept).collect();
                        let sign = self.sign(&letters);
                        out.push(sign);
                    }
                    rest = after;
                }
                _ => {
                    out.push('{');
                    rest = behind;
                }
            }
        }
        out.push_str(rest);
        out
    }
}

/// Inside of structures: `⟦` and `⟧` stand around what must go.
const STRUCTURED: &[&str] = &[
    "DATABASE_URL=mysql://root:⟦{a16}⟧@127.0.0.1:3306/shop",
    "redis://default:⟦{a32}⟧@cache.internal:6379/0",
    "mongodb+srv://svc:⟦{a20}⟧@cluster0.ab1cd.mongodb.net/test?retryWrites=true",
    "amqps://worker:⟦{a24}⟧@mq.example.net/vhost",
    "git remote add o https://bot:⟦{l40}⟧@git.corp.net/a/b.git",
    "curl -H 'X-Api-Key: ⟦{a40}⟧' https://api.corp.net/v1",
    "curl -u admin:⟦{a18}⟧ https://nexus.corp.net/repository",
    "curl --user 'ci:⟦{p16}⟧' https://x.corp.net",
    "Authorization: Bearer ⟦{w64}⟧",
    "authorization: Basic ⟦{b40}⟧",
    "\"Authorization\": \"token ⟦{h40}⟧\"",
    "Cookie: theme=dark; session=⟦{w48}⟧; lang=en",
    "Set-Cookie: sid=⟦s%3A{w32}⟧; Path=/; HttpOnly",
    "https://hooks.corp.net/in?token=⟦{a32}⟧&room=4",
    "https://x.blob.core.windows.net/c/f?sv=2022-11-02&sr=b&sig=⟦{a43}%3D⟧",
    "https://b.s3.amazonaws.com/k?X-Amz-Signature=⟦{h64}⟧&X-Amz-Expires=900",
    "mysql -h db -u app -p⟦{a14}⟧ shop",
    "PGPASSWORD=⟦{a14}⟧ psql -h db app",
    "sshpass -p ⟦{p14}⟧ ssh deploy@host",
    "openssl rsa -in k.pem -passin pass:⟦{a16}⟧",
    "docker login -u ci -p ⟦{a30}⟧ registry.corp.net",
    "machine api.corp.net login ci password ⟦{a24}⟧",
    "//registry.corp.net/:_authToken=⟦{a36}⟧",
    "//npm.corp.net/:_password=⟦{b32}⟧",
    "{\"auths\": {\"r.corp.net\": {\"auth\": \"⟦{b44}⟧\"}}}",
    "Server=db;Database=shop;User Id=sa;Password=⟦{p16}⟧;Encrypt=true",
    "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=⟦{b86}==⟧;EndpointSuffix=core.windows.net",
    "spring.datasource.password=⟦{a16}⟧",
    "client_secret: ⟦{a40}⟧",
    "SECRET_KEY = 'django-insecure-⟦{p50}⟧'",
    "export STRIPE_KEY=⟦sk_live_{a24}⟧",
    "WEBHOOK_SECRET=⟦whsec_{b32}⟧",
    "slack: ⟦xoxb-{d12}-{d12}-{a24}⟧",
    "https://hooks.slack.com/services/⟦T{u8}/B{u8}/{a24}⟧",
    "https://discord.com/api/webhooks/{d18}/⟦{w68}⟧",
    "SENDGRID=⟦SG.{w22}.{w43}⟧",
    "MAILGUN_API_KEY=⟦key-{h32}⟧",
    "TWILIO_AUTH_TOKEN=⟦{h32}⟧",
    "HEROKU_API_KEY=⟦{h8}-{h4}-{h4}-{h4}-{h12}⟧",
    "DD_API_KEY=⟦{h32}⟧",
    "SENTRY_AUTH_TOKEN=⟦sntrys_{w60}⟧",
    "DIGITALOCEAN=⟦dop_v1_{h64}⟧",
    "CLOUDFLARE_API_TOKEN=⟦{w40}⟧",
    "npm: ⟦npm_{a36}⟧",
    "pypi: ⟦pypi-AgEIcHlwaS5vcmc{w100}⟧",
    "crates: ⟦cio{a32}⟧ as CARGO_REGISTRY_TOKEN=⟦cio{a32}⟧",
    "VAULT_TOKEN=⟦hvs.{a90}⟧",
    "terraform: ⟦{a14}.atlasv1.{a60}⟧",
    "LINEAR_KEY=⟦lin_api_{a40}⟧",
    "NOTION_TOKEN=⟦ntn_{a46}⟧",
    "figma ⟦figd_{w40}⟧",
    "shopify ⟦shpat_{h32}⟧",
    "supabase ⟦sbp_{h40}⟧",
    "telegram ⟦{d10}:AA{w33}⟧",
    "ssh-keygen printed\n⟦-----BEGIN OPENSSH PRIVATE KEY-----\n{b70}\n{b70}\n{b42}==\n-----END OPENSSH PRIVATE KEY-----⟧\nok",
    "the admin password is ⟦{p14}⟧ until Friday",
    "password: \"⟦{p16}⟧\"",
    "<password>⟦{a16}⟧</password>",
    "ENV DB_PASS ⟦{a18}⟧",
    "jwt eyJhbGciOiJIUzI1NiJ9⟦.eyJzdWIiOiI{w40}.{w43}⟧",
];

/// Behind something that hides them.
const HARD: &[&str] = &[
    "⟦gh\u{1b}[0mp_{a18}\u{1b}[1m{a18}⟧",
    "⟦ghp_{a18}\u{200b}{a18}⟧",
    "⟦AK\u{ad}IA{u16}⟧",
    "⟦glpat-{a10}\u{2060}{a10}⟧",
    "    12→-----BEGIN RSA PRIVATE KEY-----\n    13→⟦{b64}⟧\n    14→⟦{b64}⟧\n    15→-----END RSA PRIVATE KEY-----",
    "+-----BEGIN EC PRIVATE KEY-----\n+⟦{b64}⟧\n+⟦{b30}==⟧\n+-----END EC PRIVATE KEY-----",
    "{\"key\": \"-----BEGIN PRIVATE KEY-----\\n⟦{b64}⟧\\n⟦{b64}⟧\\n-----END PRIVATE KEY-----\\n\"}",
    "-----BEGIN PRIVATE KEY-----\n⟦{b64}⟧\n⟦{b64}⟧\n⟦{b20}⟧",
    "⟦{b64}⟧\n⟦{b64}⟧\n⟦{b22}==⟧\n-----END PRIVATE KEY-----",
    "{\\\"password\\\": \\\"⟦{a16}⟧\\\", \\\"user\\\": \\\"x\\\"}",
    "\"env\": \"API_TOKEN=⟦{a32}⟧\\nPORT=80\\n\"",
    "- name: DB_PASSWORD\n  value: ⟦{a20}⟧",
    "token: |\n  ⟦{a40}⟧",
    "set -x\n+ API_SECRET=⟦{a32}⟧\n+ make",
    "api_key = os.getenv(\"API_KEY\", \"⟦{a32}⟧\")",
    "apiKey: process.env.KEY || '⟦{a32}⟧'",
    "const password = `⟦{p16}⟧`;",
    "| API token | ⟦{a36}⟧ |",
    "**Token:** `⟦{a36}⟧`",
    "--token=⟦{a36}⟧ --verbose",
    "--api-key '⟦{w40}⟧'",
    "Enter password: ⟦{p14}⟧",
    "password (for admin): ⟦{p14}⟧",
    "postgres://app:⟦p%40{a10}%2F{a6}⟧@db/x",
    "secret=⟦{h64}⟧",
    "DB_PASSWORD=⟦{h8}-{h4}-{h4}-{h4}-{h12}⟧",
    "SESSION_SECRET=⟦{l32}⟧",
    "api key ⟦{a40}⟧ was rotated",
    "'Authorization' => 'Bearer ⟦{w40}⟧'",
    "kubectl create secret generic x --from-literal=password=⟦{p16}⟧",
];

/// What must stay as it is.
const FACTS: &[&str] = &[
    "commit {h40}\nAuthor: A B <a@b.io>",
    "Updating {h7}..{h9}\nFast-forward",
    "index {h7}..{h7} 100644",
    "[main {h7}] feed: keep the last row",
    "Merge: {h8} {h8}",
    "HEAD is now at {h9} keep the last row",
    "session {h8}-{h4}-{h4}-{h4}-{h12}",
    "toolu_01{a22} returned",
    "msg_01{a22} and req_011{a21}",
    "\"integrity\": \"sha512-{b86}==\"",
    "checksum = \"{h64}\"",
    "sha256:{h64}",
    "github.com/a/b v1.2.3 h1:{b43}=",
    "--hash=sha256:{h64}",
    "nix: sha256-{b43}=",
    "etag: \"{h32}\"",
    "image r.corp.net/app@sha256:{h64}",
    "/home/dev/shop/src/{l8}/mod_{d3}.rs:41:9",
    "target/debug/deps/shop-{h16}",
    "dist/assets/index-{a8}.js  142.18 kB",
    "node_modules/.pnpm/a@1.2.3_{h32}/node_modules/a",
    "test auth::tests::token_{d2}_expires ... ok",
    "tests/test_auth.py::test_password_reset[case-{d2}] PASSED",
    "FAIL src/auth/token.test.ts > refreshes a token",
    "tokens: {d6}, cached_tokens: {d5}",
    "max_tokens={d4} temperature=0.2",
    "token count {d6} of 200000",
    "password_hash = bcrypt(password)",
    "password: str | None = None",
    "token = request.headers.get('Authorization')",
    "api_key=os.environ['API_KEY']",
    "API_KEY=${API_KEY:?missing}",
    "secretKeyRef: {name: db, key: password}",
    "password: ${{ secrets.DB_PASSWORD }}",
    "Authorization: Bearer <your token>",
    "AWS_SECRET_ACCESS_KEY=your-secret-key-here",
    "sk-xxxxxxxxxxxxxxxxxxxxxxxx",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{b43} dev@host",
    "SHA256:{b43} dev@host (ED25519)",
    "-----BEGIN CERTIFICATE-----\nMIID{b60}\n{b64}\n-----END CERTIFICATE-----",
    "trace_id={h32} span_id={h16}",
    "request id {h8}-{h4}-{h4}-{h4}-{h12}",
    "X-Request-Id: {h8}-{h4}-{h4}-{h4}-{h12}",
    "0x7f{h10} in main () at a.c:12",
    "20260301T100000Z build {d6}",
    "https://github.com/a/b/commit/{h40}",
    "https://docs.rs/tokio/1.40.0/tokio/sync/index.html#token",
    "key: node-modules-{h64}",
    "cache hit for key linux-cargo-{h40}",
    "primary key (id), foreign key (user_id)",
    "KeyError: 'access_token'",
    "the token bucket holds 100 tokens",
    "export PATH=\"/usr/local/bin:$PATH\"",
    "cargo test -p shop auth::token -- --nocapture",
    "curl -sS https://api.corp.net/health -o /tmp/x",
    "ls -p /etc && mkdir -p src/secrets/rotation",
    "grep -rn 'password=' src --include='*.py'",
    "{d2} passed, {d1} failed in 0.61s",
    "Finished in {d2}.{d2} seconds (files took 0.9 seconds to load)",
    "data:image/png;base64,iVBORw0KGgo{b90}",
    "uuid = \"{h8}-{h4}-{h4}-{h4}-{h12}\" # of the volume",
    "agentId: {h8} (for resuming)",
    "0 0 * * * /opt/rotate_keys.sh",
    "bearer authentication is required; see docs/auth.md",
    "Signature-Version: 1.0\nCreated-By: 17.0.2",
    "class TokenRefreshScheduler extends AbstractTokenService<AccessToken>",
    "getUserAuthenticationTokenFromRequestHeader(request)",
    "fn verify_password_reset_token(token: &str) -> Result<Claims, AuthError> {",
    "S3 key: builds/2026/03/01/app-1.4.2-{d4}.tar.gz",
    "aws s3 cp s3://bucket/releases/v1.2.3/app-{h7}.zip .",
];

const TIMES: u64 = 4;

/// A drawn text, and the secrets in it.
pub(crate) fn drawn(template: &str, seed: u64) -> (String, Vec<String>) {
    let filled = Draw(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1).fill(template);
    let (mut text, mut secrets, mut rest) = (String::new(), Vec::new(), filled.as_str());
    while let Some((before, behind)) = rest.split_once('⟦') {
        let (secret, after) = behind.split_once('⟧').expect("the end of a secret");
        text.push_str(before);
        text.push_str(secret);
        secrets.push(secret.to_owned());
        rest = after;
    }
    (text + rest, secrets)
}

/// True if twelve characters in a row of the secret stand in a text: as it is, or as a reader sees it.
pub(crate) fn leaks(secret: &str, text: &str) -> bool {
    let shown = passdown::safety::clean(secret).into_owned();
    [secret, &shown].iter().any(|secret| {
        secret.lines().any(|line| {
            let line: Vec<char> = line.chars().collect();
            let size = line.len().min(12);
            size >= 6
                && line
                    .windows(size)
                    .any(|part| text.contains(&part.iter().collect::<String>()))
        })
    })
}

/// How many texts there are, and those that still hold a secret.
fn missed(templates: &[&str]) -> (usize, Vec<String>) {
    let mut missed = Vec::new();
    for (kind, template) in (0..).zip(templates) {
        for time in 0..TIMES {
            let (text, secrets) = drawn(template, kind * 100 + time);
            let out = Gate::new(Level::Default).safe(&text);
            if secrets.iter().any(|secret| leaks(secret, &out)) {
                missed.push(format!("{text}\n    -> {out}"));
            }
        }
    }
    (templates.len() * TIMES as usize, missed)
}

#[test]
fn secrets_in_structures_go() {
    let (all, missed) = missed(STRUCTURED);
    assert!(
        missed.len() * 100 <= all * 3,
        "{} of {all} left:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

#[test]
fn hidden_secrets_go() {
    let (all, missed) = missed(HARD);
    assert!(
        missed.len() * 10 <= all,
        "{} of {all} left:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

#[test]
fn what_is_no_secret_stays() {
    let mut damaged = Vec::new();
    for (kind, template) in (0..).zip(FACTS) {
        for time in 0..TIMES {
            let (text, _) = drawn(template, 7_000 + kind * 100 + time);
            let out = Gate::new(Level::Default).safe(&text);
            if out != text {
                damaged.push(format!("{text}\n    -> {out}"));
            }
        }
    }
    assert!(
        damaged.is_empty(),
        "{} damaged:\n{}",
        damaged.len(),
        damaged.join("\n")
    );
}

/// Every secret in several fields of a log of its own; then every byte of what is printed and written is looked through.
#[cfg(feature = "batch")]
#[test]
fn no_file_and_no_stream_holds_one() {
    let mut run = Run::new();
    let mut secrets = Vec::new();
    let every = if std::env::var_os("PASSDOWN_BIG").is_some() {
        1
    } else {
        4
    };
    let templates = STRUCTURED.iter().chain(HARD).step_by(every);
    for (kind, template) in (0..).zip(templates) {
        let (text, own) = drawn(template, 9_000 + kind);
        let fields = [
            "prompt", "say", "command", "output", "failure", "todo", "report", "commit", "refusal",
            "title",
        ];
        let field = fields[kind as usize % fields.len()];
        let text = log(&|name| (name == field || name == "output").then(|| text.clone()));
        let id = format!("{kind:08x}-2222-4333-8444-555555555555");
        let text = text.replace("11111111-2222-4333-8444-555555555555", &id);
        run = run.file(&format!("logs/{id}.jsonl"), text);
        secrets.extend(own);
    }
    let mut seen = String::new();
    for args in [
        &[
            "batch",
            "logs",
            "--out",
            "o",
            "--format",
            "both",
            "--store",
            "store.sqlite",
        ][..],
        &["report", "--store", "store.sqlite"],
        &["report", "--store", "store.sqlite", "--html", "report.html"],
        &["list", "logs", "-n", "1000"],
        &["logs"],
        &["logs", "--format", "prompt"],
        &["explain", "logs"],
        &["show", "logs"],
    ] {
        let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
        let ran = run.again(&args);
        assert!(ran.code == 0, "{args:?}: {}", ran.err);
        seen.push_str(&ran.out);
        seen.push_str(&ran.err);
    }
    let mut open = vec![run.path("o")];
    let mut files = vec![run.path("store.sqlite"), run.path("report.html")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path)
            } else {
                files.push(path)
            }
        }
    }
    assert!(files.len() > 180 / every, "{} files", files.len());
    for file in files {
        seen.push_str(&String::from_utf8_lossy(
            &std::fs::read(file).expect("a file"),
        ));
    }
    let left: Vec<&String> = secrets
        .iter()
        .filter(|secret| leaks(secret, &seen))
        .collect();
    assert!(
        left.len() * 100 <= secrets.len() * 3,
        "{} of {}: {left:#?}",
        left.len(),
        secrets.len()
    );
}
