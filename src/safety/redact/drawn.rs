//! The drawn set: what must go and what must stay, by kind.
//!
//! A positive marks its secret by `⟦…⟧`; it is safe when no twelve of its
//! characters in a row are left. A negative leaves unchanged. Each kind is
//! drawn several times.

use std::fmt::Write as _;

use super::tests::Draw;
use super::*;

const TIMES: u64 = 12;

/// Tokens known by shape, and private keys: all must go.
const SHAPED: &[&str] = &[
    "GITHUB_TOKEN=⟦ghp_{alnum:36}⟧",
    "remote: https://⟦gho_{alnum:36}⟧@github.com/a/b.git",
    "the agent printed ⟦ghs_{alnum:36}⟧ there",
    "⟦github_pat_{alnum:22}_{alnum:59}⟧",
    "glab: ⟦glpat-{b64u:20}⟧",
    "⟦glrt-{b64u:20}⟧",
    "⟦ATATT3xFfGF0{b64u:170}⟧={hex:8}",
    "ANTHROPIC_API_KEY=⟦sk-ant-api03-{b64u:93}AA⟧",
    "\"⟦sk-ant-oat01-{b64u:95}⟧\"",
    "⟦sk-proj-{b64u:74}T3BlbkFJ{b64u:74}⟧",
    "⟦sk-{alnum:20}T3BlbkFJ{alnum:20}⟧",
    "⟦sk-or-v1-{hex:64}⟧",
    "deepseek ⟦sk-{hex:32}⟧",
    "⟦AIza{b64u:35}⟧",
    "⟦GOCSPX-{b64u:28}⟧",
    "⟦ya29.{b64u:120}⟧",
    "⟦gsk_{alnum:52}⟧",
    "⟦xai-{alnum:80}⟧",
    "⟦pplx-{alnum:48}⟧",
    "⟦hf_{alpha:34}⟧",
    "⟦r8_{alnum:37}⟧",
    "⟦lsv2_pt_{hex:32}_{hex:10}⟧",
    "⟦sk-lf-{uuid}⟧",
    "⟦nvapi-{b64u:64}⟧",
    "⟦tvly-dev-{alnum:32}⟧",
    "⟦pcsk_{alnum:6}_{alnum:63}⟧",
    "aws_access_key_id = ⟦AKIA{base32:16}⟧",
    "⟦ASIA{base32:16}⟧",
    "aws_secret_access_key = ⟦{b64:40}⟧",
    "aws_session_token=⟦IQoJb3JpZ2lu{b64:300}⟧",
    "⟦ABSK{b64:128}⟧",
    "AccountName=x;AccountKey=⟦{b64:86}==⟧;EndpointSuffix=core.windows.net",
    "AZURE_CLIENT_SECRET=⟦{alnum:3}8Q~{alnum:34}⟧",
    "⟦dop_v1_{hex:64}⟧",
    "⟦LTAI{alnum:20}⟧",
    "⟦AQVN{b64u:36}⟧",
    "⟦HRKU-AA{b64u:58}⟧",
    "⟦FlyV1 fm2_{b64:200}⟧",
    "⟦vcp_{alnum:56}⟧",
    "⟦nfp_{alnum:36}⟧",
    "⟦sbp_{hex:40}⟧",
    "⟦sb_secret_{b64u:31}⟧",
    "⟦pscale_tkn_{b64u:43}⟧",
    "⟦napi_{lower:64}⟧",
    "⟦dapi{hex:32}⟧",
    "⟦{alnum:14}.atlasv1.{b64u:67}⟧",
    "VAULT_TOKEN=⟦hvs.{b64u:90}⟧",
    "⟦dp.pt.{alnum:43}⟧",
    "⟦pul-{hex:40}⟧",
    "OP_SERVICE_ACCOUNT_TOKEN=⟦ops_eyJ{b64:250}⟧",
    "⟦xoxb-{digit:12}-{digit:12}-{alnum:24}⟧",
    "⟦xapp-1-A{upper:10}-{digit:13}-{hex:64}⟧",
    "curl https://⟦hooks.slack.com/services/T{upper:8}/B{upper:10}/{alnum:24}⟧",
    "https://⟦discord.com/api/webhooks/{digit:18}/{b64u:68}⟧",
    "⟦M{b64u:25}.{b64u:6}.{b64u:38}⟧",
    "⟦{digit1:10}:AA{b64u:33}⟧",
    "https://api.telegram.org/bot⟦{digit1:10}:AA{b64u:33}⟧/getMe",
    "⟦SG.{b64u:22}.{b64u:43}⟧",
    "⟦key-{hex:32}⟧",
    "⟦{hex:32}-us21⟧",
    "⟦xkeysib-{hex:64}-{alnum:16}⟧",
    "⟦re_{alnum:8}_{alnum:24}⟧",
    "⟦SK{hex:32}⟧",
    "⟦sk_live_{alnum:24}⟧",
    "⟦rk_test_{alnum:99}⟧",
    "⟦whsec_{alnum:32}⟧",
    "⟦shpat_{hex:32}⟧",
    "⟦sq0csp-{b64u:43}⟧",
    "⟦access-production-{uuid}⟧",
    "⟦npm_{alnum:36}⟧",
    "⟦pypi-AgEIcHlwaS5vcmc{b64u:140}⟧",
    "⟦rubygems_{hex:48}⟧",
    "⟦dckr_pat_{b64u:27}⟧",
    "⟦sntrys_{b64:120}_{b64:43}⟧",
    "⟦NRAK-{upper:27}⟧",
    "⟦glsa_{alnum:32}_{hex:8}⟧",
    "⟦dt0c01.{upper:24}.{upper:64}⟧",
    "⟦phx_{alnum:47}⟧",
    "⟦lin_api_{alnum:40}⟧",
    "⟦ntn_{digit:11}{alnum:35}⟧",
    "⟦figd_{b64u:40}⟧",
    "⟦pat{alnum:14}.{hex:64}⟧",
    "⟦PMAK-{hex:24}-{hex:34}⟧",
    "⟦pat-na1-{uuid}⟧",
    "OKTA_API_TOKEN=⟦00{b64u:40}⟧",
    "⟦tskey-auth-{alnum:16}-{alnum:32}⟧",
    "⟦AGE-SECRET-KEY-1{upper:58}⟧",
    "⟦bkua_{hex:40}⟧",
    "⟦eyJ{b64u:33}.eyJ{b64u:80}.{b64u:43}⟧",
    "-----BEGIN RSA PRIVATE KEY-----\n⟦MII{b64:61}\n{b64:64}\n{b64:30}==⟧\n-----END RSA PRIVATE KEY-----\n",
    "-----BEGIN PRIVATE KEY-----\n⟦MII{b64:61}\n{b64:64}\n{b64:64}⟧",
    "  1→-----BEGIN OPENSSH PRIVATE KEY-----\n  2→⟦b3BlbnNzaC1rZXktdjE{b64:50}⟧\n  3→⟦{b64:70}⟧\n  4→⟦{b64:33}⟧=\n  5→-----END OPENSSH PRIVATE KEY-----",
    "+-----BEGIN EC PRIVATE KEY-----\n+⟦MHc{b64:61}⟧\n+⟦{b64:64}⟧\n+-----END EC PRIVATE KEY-----",
    "\"private_key\": \"-----BEGIN PRIVATE KEY-----\\n⟦MII{b64:61}\\n{b64:64}⟧\\n-----END PRIVATE KEY-----\\n\"",
    "\\\"private_key\\\": \\\"-----BEGIN PRIVATE KEY-----\\\\n⟦MII{b64:61}\\\\n{b64:64}⟧\\\\n-----END PRIVATE KEY-----\\\\n\\\"",
    "⟦{b64:64}\n{b64:64}\n{b64:24}==⟧\n-----END PRIVATE KEY-----\nok",
    "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n⟦lQ{b64:62}\n{b64:64}⟧\n={b64:4}\n-----END PGP PRIVATE KEY BLOCK-----",
    "tls.key: ⟦LS0tLS1CRUdJTiBSU0Eg{b64:400}⟧",
];

/// Secrets known by name, place or memory.
const NAMED: &[&str] = &[
    "DB_PASSWORD=⟦{strong:16}⟧",
    "export POSTGRES_PASSWORD='⟦{strong:20}⟧'",
    "DD_API_KEY=⟦{hex:32}⟧",
    "HEROKU_API_KEY=⟦{uuid}⟧",
    "SNYK_TOKEN=⟦{uuid}⟧",
    "CLOUDFLARE_API_TOKEN=⟦{b64u:40}⟧",
    "SECRET_KEY_BASE=⟦{hex:128}⟧",
    "JWT_SECRET=⟦{alnum:32}⟧",
    "ENCRYPTION_KEY: ⟦{hex:64}⟧",
    "RAILS_MASTER_KEY=⟦{hex:32}⟧",
    "SESSION_SECRET = \"⟦{b64:44}⟧\"",
    "SECRET_KEY = 'django-insecure-⟦{b64u:50}⟧'",
    "\"client_secret\": \"⟦{alnum:32}⟧\"",
    "\\\"client_secret\\\": \\\"⟦{alnum:32}⟧\\\"",
    "\\\\\\\"apiKey\\\\\\\": \\\\\\\"⟦{alnum:40}⟧\\\\\\\"",
    "api_key: ⟦{alnum:32}⟧",
    "apiKey = \"⟦{alnum:32}⟧\"",
    "const token = '⟦{alnum:40}⟧';",
    "password: ⟦{strong:14}⟧",
    "password = \"⟦{strong:14}⟧\"",
    "'password' => '⟦{alnum:16}⟧',",
    "authToken: \"⟦{b64u:43}⟧\"",
    "ALGOLIA_ADMIN_KEY=⟦{hex:32}⟧",
    "PAGERDUTY_ROUTING_KEY=⟦{lower:32}⟧",
    "TWILIO_AUTH_TOKEN=⟦{hex:32}⟧",
    "  12→STRIPE_WEBHOOK_SECRET=⟦{alnum:40}⟧",
    "+  secretKey: ⟦{b64:40}⟧",
    "ENV API_TOKEN ⟦{alnum:32}⟧",
    "- name: DB_PASSWORD\n  value: \"⟦{alnum:20}⟧\"",
    "{\"name\": \"API_SECRET\", \"value\": \"⟦{alnum:32}⟧\"}",
    "<add key=\"ApiKey\" value=\"⟦{alnum:32}⟧\" />",
    "<password>⟦{alnum:16}⟧</password>",
    "| DB_PASSWORD | ⟦{alnum:20}⟧ |",
    "**Password:** `⟦{alnum:16}⟧`",
    "The password is ⟦{strong:14}⟧ for now",
    "my api key is ⟦{alnum:32}⟧, use it",
    "use the token ⟦{alnum:32}⟧ to log in",
    "Passwort: ⟦{strong:14}⟧",
    "密码：⟦{strong:14}⟧",
    "пароль: ⟦{strong:14}⟧",
    "os.environ[\"API_TOKEN\"] = \"⟦{alnum:32}⟧\"",
    "token = os.getenv(\"TOKEN\", \"⟦{alnum:40}⟧\")",
    "process.env.API_KEY || '⟦{alnum:32}⟧'",
    "api_token: str = \"⟦{alnum:32}⟧\"",
    "kubectl create secret generic x --from-literal=password=⟦{alnum:16}⟧",
    "gh secret set DEPLOY_TOKEN --body ⟦{alnum:40}⟧",
    "token: |\n    ⟦{alnum:40}⟧",
    "postgres://app:⟦{alnum:16}⟧@db.x.io:5432/app",
    "DATABASE_URL=mysql://root:⟦{alnum:14}⟧@h/db",
    "redis://:⟦{alnum:24}⟧@cache:6379/0",
    "mongodb+srv://u:⟦{alnum:18}⟧@c.mongodb.net/x",
    "amqp://u:⟦{alnum:18}⟧@mq/",
    "https://⟦{alnum:40}⟧@github.com/a/b.git",
    "https://oauth2:⟦{alnum:26}⟧@gitlab.com/a/b.git",
    "https://⟦{hex:32}⟧@o12.ingest.sentry.io/34",
    "GET /v1?access_token=⟦{alnum:40}⟧&x=1",
    "https://x.io/a?key=⟦{alnum:32}⟧",
    "https://x.blob.core.windows.net/c?sv=2023&sig=⟦{alnum:43}%3D⟧",
    "&X-Amz-Signature=⟦{hex:64}⟧",
    "Authorization: Bearer ⟦{b64u:43}⟧",
    "curl -H \"Authorization: Basic ⟦{b64:30}==⟧\" x",
    "\"Authorization\": \"token ⟦{hex:40}⟧\"",
    "Authorization: ⟦{alnum:32}⟧",
    "X-Api-Key: ⟦{alnum:32}⟧",
    "-H 'X-Auth-Token: ⟦{hex:32}⟧'",
    "Ocp-Apim-Subscription-Key: ⟦{hex:32}⟧",
    "Cookie: sessionid=⟦{lower:32}⟧; theme=dark",
    "Set-Cookie: connect.sid=⟦s%3A{b64u:32}.{b64u:43}⟧; Path=/; HttpOnly",
    "curl -b 'session=⟦{alnum:32}⟧' https://x.y",
    "curl -u admin:⟦{alnum:14}⟧ https://x.y",
    "mysql -u root -p⟦{alnum:12}⟧ app",
    "PGPASSWORD=⟦{alnum:12}⟧ psql -h x",
    "sshpass -p ⟦{alnum:14}⟧ ssh x",
    "redis-cli -h x -a ⟦{alnum:24}⟧ ping",
    "docker login -u me -p ⟦{alnum:24}⟧",
    "openssl rsa -in k.pem -passin pass:⟦{alnum:14}⟧",
    "mytool --password ⟦{alnum:14}⟧ --verbose",
    "mytool --api-key=⟦{alnum:24}⟧",
    "--token ⟦{alnum:24}⟧",
    "machine x.io login bob password ⟦{alnum:16}⟧",
    "//registry.npmjs.org/:_authToken=⟦{uuid}⟧",
    "\"auths\": {\"x.io\": {\"auth\": \"⟦{b64:36}==⟧\"}}",
    "Server=x;Database=y;User Id=sa;Password=⟦{alnum:16}⟧;",
    "host=x user=y password=⟦{alnum:14}⟧ dbname=z",
    "CREATE USER a IDENTIFIED BY '⟦{alnum:14}⟧';",
    "ALTER ROLE app PASSWORD '⟦{alnum:14}⟧'",
    "aws configure set aws_secret_access_key ⟦{b64:40}⟧",
    "npm config set //registry.npmjs.org/:_authToken ⟦{alnum:36}⟧",
    "kind: Secret\ndata:\n  password: ⟦{b64:24}==⟧",
    "mnemonic: ⟦abandon ability able about above absent absorb abstract absurd abuse access accident⟧",
    "vault kv put secret/db password=⟦{alnum:16}⟧",
    "TOKEN='⟦{alnum:40}⟧' make deploy",
    "token: ⟦{alnum:40}⟧ (expires soon)",
    "credentials: admin / ⟦{alnum:16}⟧",
    "\x1b[32mAPI_KEY\x1b[0m=\x1b[1m⟦{alnum:32}⟧\x1b[0m",
    "first API_KEY=⟦{alnum:32}⟧\nlater it is ‖ alone",
];

/// What a handoff must keep.
const FACTS: &[&str] = &[
    "commit {hex:40}",
    "index {hex:7}..{hex:7} 100644",
    "{hex:7}..{hex:7}  main -> main",
    "{hex:9} fix the parser",
    "HEAD is now at {hex:7} token: refresh on 401",
    "Merge: {hex:7} {hex:7}",
    "Session: {uuid}",
    "session_id: {uuid}",
    "\"sessionId\":\"{uuid}\",\"parentUuid\":\"{uuid}\"",
    "request_id={uuid}",
    "~/.claude/projects/-home-me-app/{uuid}.jsonl",
    "toolu_01{alnum:22}",
    "\"tool_use_id\":\"toolu_01{alnum:22}\"",
    "msg_01{alnum:22}",
    "req_011{alnum:21}",
    "key: toolu_01{alnum:22}",
    "sha256:{hex:64}",
    "\"integrity\": \"sha512-{b64:86}==\"",
    "golang.org/x/mod v0.12.0 h1:{b64:43}=",
    "checksum = \"{hex:64}\"",
    "{hex:64}  dist/app.tar.gz",
    "{hex:32}  app.zip",
    "image: repo/app@sha256:{hex:64}",
    "integrity=\"sha384-{b64:64}\"",
    "/nix/store/{lower:32}-openssl-3.0.13",
    "hash = \"sha256-{b64:43}=\";",
    "SHA256:{b64:43} me@host (ED25519)",
    "api-7d9f8b6c5d-x2x4z   1/1   Running",
    "dist/main.{hex:8}.js  142.31 kB",
    "etag: \"{hex:32}\"",
    "Container ID: {hex:12}",
    "tokens: 183442",
    "max_tokens=4096",
    "input_tokens: 12, output_tokens: 3456",
    "\"cache_read_input_tokens\": 120331",
    "Token usage: input=200, output=75, cached=30",
    "total tokens 18,204 (91.3 %)",
    "3 passed, 1 failed in 1.92s",
    "--- PASS: TestTokenRefresh_E2E (0.06s)",
    "PASS: TestGetSessionByID",
    "tests/test_auth.py::test_password_reset_token_expires PASSED",
    "test auth::token::tests::refresh_after_401 ... ok",
    "FAIL src/auth/password.test.ts > hashes the password",
    "src/auth/token_store.rs:128:17",
    "error[E0308]: mismatched types in src/secret/key.rs:41",
    "password: string;",
    "password: str",
    "token: Option<String>,",
    "token = getToken(user)",
    "const token = await getAccessToken();",
    "let secret = config.client_secret.clone();",
    "apiKey: process.env.API_KEY,",
    "token=os.environ[\"API_TOKEN\"]",
    "password = os.getenv('DB_PASSWORD')",
    "API_KEY=$API_KEY make",
    "token: ${{ secrets.GITHUB_TOKEN }}",
    "password: {{ .Values.db.password }}",
    "Authorization: Bearer $TOKEN",
    "Authorization: Bearer <token>",
    "Authorization: Bearer ${accessToken}",
    "curl -u $USER:$PASS https://x.y",
    "API_KEY=your-api-key-here",
    "export OPENAI_API_KEY=sk-...",
    "API_KEY=xxxxxxxxxxxxxxxxxxxx",
    "password=********",
    "AKIAIOSFODNN7EXAMPLE",
    "password: [REDACTED]",
    "token: null",
    "password is required and must be at least 12 characters",
    "The token expired 30 minutes ago",
    "Enter your password:",
    "invalid password for user admin",
    "the secret is to run the tests first",
    "add a --token flag and a --password-stdin flag",
    "mytool --token \"$TOKEN\" --password-file /run/secrets/pw",
    "key: value",
    "primary_key: user_id",
    "cache-key: linux-node-20-{hex:40}",
    "key: Linux-npm-{hex:64}",
    "partition_key=customer_2024_10",
    "sort_key: created_at#desc",
    "public_key: ssh-ed25519 AAAA{b64:64}",
    "ssh-rsa AAAAB3NzaC1yc2E{b64:300} me@host",
    "-----BEGIN CERTIFICATE-----\nMII{b64:61}\n{b64:40}\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----\nMII{b64:61}\n-----END PUBLIC KEY-----",
    "no PRIVATE KEY was found; expected -----BEGIN RSA PRIVATE KEY-----",
    "next_page_token: page-2",
    "https://github.com/a/b/pull/482",
    "https://docs.rs/regex/1.10.0/regex/struct.Regex.html?search=token",
    "https://x.io/a?page=2&sort=created_at&key=name",
    "git@github.com:a/b.git",
    "ssh://git@github.com/a/b.git",
    "postgres://localhost:5432/app_test",
    "postgres://postgres:postgres@localhost:5432/app",
    "postgres://$DB_USER:$DB_PASS@localhost/app",
    "npm_config_registry=https://registry.npmjs.org/",
    "2024-10-21T09:14:33.123Z INFO token refreshed",
    "docker run -p 8080:80 -e PORT=80 app",
    "docker run -p 127.0.0.1:5432:5432 postgres:16",
    "mkdir -p src/auth/tokens/refresh",
    "mysql -u root -p app",
    "unzip -p build.zip",
    "trace_id={hex:32} span_id={hex:16}",
    "traceparent: 00-{hex:32}-{hex:16}-01",
    "key={uuid}",
    "ulid 01HZX{base32:21}",
    "data:image/png;base64,{b64:200}",
    "color: #a1b2c3; background: #ffeedd",
    "version = \"1.2.3-beta.4+build.567\"",
    "Cookie: theme=dark-mode; lang=en",
    "Set-Cookie: lang=en-GB; Path=/",
    "expect(token).toBe(\"test-token\")",
    "token: \"test-token-1\"",
    "passwordHash: \"$2b$12$abcdefg\"",
    "SECRET_NAME=prod/app/db",
    "secretName: tls-wildcard-cert",
    "tokenizer: cl100k_base",
    "auth: required",
    "author: me@x.io",
    "\"auth\": \"oauth2\"",
    "pattern: /ghp_[A-Za-z0-9]{36}/",
    "regex: 'sk-[a-zA-Z0-9]{48}'",
    "PASSWORD_MIN_LENGTH=12",
    "TOKEN_TTL_SECONDS=3600",
    "API_KEY_HEADER=X-Api-Key",
    "AUTH_TOKEN_URL=https://login.x.io/oauth2/token",
    "keyboard: Ctrl+Shift+P",
    "error: token 'authorization_code' is not valid in src/oauth/grant_types.go",
    "entire/765563b-e3b0c4 has 3 checkpoints",
    "S3Key: builds/2024/10/app-1.2.3.tar.gz",
    "license key features: none",
    "monkey: banana42 donkeys",
    "Basic authentication failed",
    "{\"type\":\"thinking\",\"thinking\":\"so\",\"signature\":\"{b64:900}\"}",
    "- OpenAI keys: `sk-[alphanumeric]{20,}`\n- JWT tokens: `[base64].[base64].[base64]`",
    "token=get(\"a\"), \"slug\": \"{alnum:30}\"",
    "use bearer authentication with refresh tokens",
    "pass 12 of 40",
    "seed: 42",
    "random seed = 1234567890",
    "salt and pepper",
    "signature: fn(&str) -> Result<Token, Error>",
    "git config user.signingkey {hex:16}",
    "PR #482 by @octocat: rotate the api key",
];

/// True if no twelve characters in a row of the secret are left.
fn gone(secret: &str, text: &str) -> bool {
    let chars: Vec<char> = secret.chars().collect();
    let size = chars.len().min(12);
    chars
        .windows(size.max(1))
        .all(|window| !text.contains(&window.iter().collect::<String>()))
}

/// The filled text, and its secrets.
fn fill(template: &str, seed: u64) -> (String, Vec<String>) {
    let filled = Draw::new(seed).fill(template);
    let mut secrets = Vec::new();
    let mut text = String::new();
    let mut rest = filled.as_str();
    while let Some((before, behind)) = rest.split_once('⟦') {
        let (secret, after) = behind.split_once('⟧').expect("the end of a secret");
        text.push_str(before);
        text.push_str(secret);
        secrets.extend(secret.split(['\n', '\\']).map(str::to_owned));
        rest = after;
    }
    text.push_str(rest);
    let first = secrets.first().cloned().unwrap_or_default();
    (text.replace('‖', &first), secrets)
}

/// The positives of a list: how many there are, and those that were missed.
fn missed(kinds: &[&str]) -> (usize, Vec<String>) {
    let mut missed = Vec::new();
    for (i, kind) in kinds.iter().enumerate() {
        for time in 0..TIMES {
            let (text, secrets) = fill(kind, time * 1000 + i as u64 + 1);
            let mut gate = crate::safety::Gate::new(Level::Default);
            let out = gate.safe(&text);
            if !secrets
                .iter()
                .all(|secret| secret.len() < 6 || gone(secret, &out))
            {
                missed.push(format!("{text} -> {out}"));
            }
        }
    }
    (kinds.len() * TIMES as usize, missed)
}

#[test]
fn shaped_tokens_and_keys_all_go() {
    let (_, missed) = missed(SHAPED);
    assert!(
        missed.is_empty(),
        "{} missed:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

#[test]
fn named_and_structured_secrets_go_in_97_of_100() {
    assert!(SHAPED.len() + NAMED.len() >= 150);
    let (all, missed) = missed(NAMED);
    assert!(
        missed.len() * 100 <= all * 3,
        "{} of {all} missed:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

#[test]
fn facts_stay() {
    assert!(FACTS.len() >= 120);
    let mut damage = String::new();
    for (i, kind) in FACTS.iter().enumerate() {
        for time in 0..TIMES {
            let (text, _) = fill(kind, time * 1000 + i as u64 + 1);
            let out = Redactor::new(Level::Default).redact(&text).into_owned();
            if out != text {
                let _ = writeln!(damage, "{text} -> {out}");
            }
        }
    }
    assert!(damage.is_empty(), "{damage}");
}

#[test]
fn redacting_twice_changes_nothing_more() {
    for (i, kind) in SHAPED.iter().chain(NAMED).chain(FACTS).enumerate() {
        let (text, _) = fill(kind, i as u64 + 1);
        let mut redactor = Redactor::new(Level::Default);
        let once = redactor.redact(&text).into_owned();
        assert_eq!(redactor.redact(&once), once);
        assert_eq!(redactor.second_look(&once), Ok(()), "{once}");
        assert_eq!(Redactor::new(Level::Default).redact(&once), once);
    }
}
