//! Patterns of files and commands, which the build compiles; see [`super::source`].
//!
//! Letters of them may be of either case. Classes are ASCII: with Unicode's a pattern is fifty times as dear, and no program
//! or file of these has other letters in its name. Any other letter beside a name ends it, and may stand for a part that is
//! free.

/// Files that are there to hold a secret.
pub(crate) const SECRET_FILE: &str = concat!(
    r#"(?:^|[\s/\\'"=@<:(\x80-\xFF])(?:"#,
    r"\.env(?:rc|\.[\w.\x80-\xFF-]+)?",
    r"|[\w.-]*\.(?:pem|p12|pfx|jks|keystore|ppk|kdbx|gpg|asc|key|tfstate(?:\.backup)?|tfvars|ovpn)",
    r"|id_(?:rsa|dsa|ecdsa|ed25519)(?:_\w+)?",
    r"|(?:[\w-]*[._-])?credentials?(?:\.(?:json|ya?ml|toml|ini|csv|xml|db))?",
    r"|secrets?\.(?:json|ya?ml|toml|ini|env)|[\w-]*secrets?\.ya?ml",
    r"|\.netrc|_netrc|\.pgpass|\.my\.cnf|\.npmrc|\.pypirc|\.htpasswd|\.git-credentials|\.dockercfg|\.vault-token",
    r"|\.docker/config\.json|kubeconfig(?:\.\w+)?|\.kube/config|\.aws/(?:config|credentials)",
    r"|service[-_]account[\w-]*\.json|application_default_credentials\.json|\.claude\.json",
    r"|etc/shadow|proc/(?:self|\d+)/environ",
    r#")(?:$|[\s'"|;&>),:\x80-\xFF])"#
);

/// Files that show how a secret file looks, without a secret.
pub(crate) const SAMPLE: &str = r"\.(?:example|sample|template|dist|pub)(?:$|[\s'\x22|;&>)])";

/// Commands that show one.
pub(crate) const SECRET_COMMAND: &str = concat!(
    r"(?:^|[;&|(]\s*|\b(?:sudo|exec|time|xargs|then|do)\s+)(?:",
    r"env\s*(?:$|[|;&>)])|env\s+-0|printenv\b|set\s*(?:$|[|;&>)])|export(?:\s+-p)?\s*(?:$|[|;&>)])|declare\s+-x|compgen\s+-v",
    r"|gh\s+auth\s+(?:token|status\s.*(?:-t\b|--show-token))|glab\s+auth\s+token",
    r"|op\s+(?:read|item\s+get|inject|run)|bw\s+get|pass\s+(?:show\s+)?[\w\x80-\xFF]|lpass\s+show|gopass\s+show|secret-tool\s+lookup",
    r"|vault\s+(?:read|kv\s+get|token|login|write)|aws\s+sts|aws\s+(?:secretsmanager|ssm)\s+get|aws\s+configure\s+(?:get|export)|aws\s+ecr\s+get-login|aws\s+iam\s+create-access-key",
    r"|gcloud\s+auth\s+(?:print|application-default\s+print)|gcloud\s+secrets\s+versions\s+access|az\s+(?:account\s+get-access-token|keyvault\s+secret\s+show|acr\s+credential)",
    r"|kubectl\s+(?:.*\s)?get\s+secrets?\b.*(?:-o|--output|--template)|kubectl\s+(?:.*\s)?create\s+token|kubectl\s+config\s+view\s.*--raw|docker\s+inspect\b|docker\s+compose\s+config|heroku\s+config|fly(?:ctl)?\s+(?:auth\s+token|tokens?)|doppler\s+secrets|vercel\s+env\s+pull|netlify\s+env|railway\s+variables|terraform\s+(?:output|show|state\s+(?:pull|show))|pulumi\s+config.*--show-secrets|ansible-vault\s+(?:view|decrypt)|sops\s+(?:-d|--decrypt|decrypt)|gpg\s+.*(?:-d|--decrypt|--export-secret)|age\s+(?:-d|--decrypt)|security\s+find-(?:generic|internet)-password|npm\s+token|cat\s+/proc/\w+/environ|git\s+credential",
    r")"
);

/// Commands that cannot be taken back, or leave the machine.
pub(crate) const RISKY: &str = concat!(
    r"(?:",
    // Fetch and run.
    r"\b(?:curl|wget|fetch|iwr|irm|invoke-webrequest|invoke-restmethod)\b[^\n]*[|;&]\s*(?:sudo\s+)?(?:env\s+)?(?:\S*/)?(?:ba|z|da|k|fi)?sh\b",
    r"|\b(?:curl|wget)\b[^\n]*\|\s*(?:sudo\s+)?(?:python[\d.]*|node|perl|ruby|php|iex|source)\b",
    r"|(?:\b(?:sh|bash|zsh|eval|source|python[\d.]*)\b|(?:^|\s)\.)[^\n|]*(?:<\(|\$\(|`)\s*(?:curl|wget)\b|\b(?:iex|invoke-expression)\b",
    r"|\bbase64\s+(?:-d|-D|--decode)\b[^\n]*\|\s*(?:\S*/)?(?:ba|z)?sh\b|\beval\b|\bxxd\s+-r\b[^\n]*\|",
    // Delete.
    r"|\brm\s+(?:-\S+\s+)*-\S*[rRfF]|\brm\s+--(?:recursive|force)|\brmdir\b|\bshred\b|\bunlink\b|\bfind\b[^\n]*\s-(?:delete|exec\s+rm)\b|\bdd\s+[^\n]*of=|\bmkfs|\bwipefs\b|\btruncate\s+-s|\bdel\s+/|\bremove-item\b|\brd\s+/s",
    r"|\bgit\s+(?:-\S+\s+\S+\s+)*(?:push\b|reset\s+[^\n]*--hard|clean\s+-\S*[fdx]|checkout\s+(?:[^\n]*\s)?(?:-f|--force|--\s)|restore\b|branch\s+(?:-D|[^\n]*--delete)|stash\s+(?:drop|clear)|filter-(?:branch|repo)|reflog\s+expire|gc\s+[^\n]*--prune|update-ref\s+-d|tag\s+-d|worktree\s+remove|rebase\b)",
    r"|\bdrop\s+(?:table|database|schema|index|view|user|role)\b|\btruncate\s+table\b|\bdelete\s+from\b|\bflush(?:all|db)\b|\bdropdb\b|\bdb:(?:drop|reset)\b|\bmigrate\s+reset\b|\bprisma\s+[^\n]*--force-reset",
    r"|\b(?:kubectl|oc|helm)\s+(?:[^\n]*\s)?(?:delete|uninstall|drain|apply|upgrade|rollout)\b|\bterraform\s+(?:apply|destroy|import|taint|state\s+rm)\b|\bpulumi\s+(?:up|destroy)\b|\bcdk\s+(?:deploy|destroy)\b|\bserverless\s+(?:deploy|remove)\b",
    r"|\bdocker\s+(?:\w+\s+)?(?:rm|rmi|prune|push|kill)\b|\bdocker\s+(?:compose|-compose)\s+down\s+[^\n]*-v|\baws\s+[^\n]*\b(?:delete|terminate|rm|rb|remove)\b|\bgcloud\s+[^\n]*\b(?:delete|deploy)\b|\baz\s+[^\n]*\bdelete\b",
    // Publish and send.
    r"|\b(?:npm|pnpm|yarn|cargo|poetry|uv|flit|hatch|gem|mvn|gradle|dart|lerna|bun)\s+(?:[^\n]*\s)?(?:publish|unpublish|deploy|yank|push)\b|\btwine\s+upload\b|\bgoreleaser\s+(?:release|build)\b|\bnpm\s+(?:dist-tag|deprecate|adduser|login)\b",
    r"|\bgh\s+(?:release|pr\s+(?:merge|close|create)|repo\s+(?:delete|create|edit|archive)|secret|issue\s+(?:close|create|delete)|workflow\s+run|api\s+[^\n]*-X\s*(?:POST|PUT|PATCH|DELETE))\b|\bgit\s+push\b|\b(?:vercel|netlify|fly|flyctl|heroku|wrangler|firebase|railway|surge)\s+(?:[^\n]*\s)?(?:deploy|publish|--prod|releases|destroy)\b|\bvercel\s+--prod",
    r"|\b(?:scp|rsync|sftp|nc|ncat|netcat|telnet|ssh|ftp)\b|/dev/tcp/|\bcurl\b[^\n]*\s(?:-d|--data\S*|-F|--form|-T|--upload-file|-X\s*(?:POST|PUT|PATCH|DELETE))\b",
    // Force, rights, the machine.
    r"|\s--force\b|\s--no-verify\b|\s--yes-i-really|--dangerously|--no-preserve-root|\bsudo\b|\bsu\s+-|\bdoas\b|\bchmod\s+(?:-\S+\s+)*(?:777|[ugoa]*\+s|666)|\bchown\b|\bkill(?:all)?\b|\bpkill\b|\bshutdown\b|\breboot\b|\bhalt\b|\bsystemctl\b|\bcrontab\b|\biptables\b|\bufw\b|\blaunchctl\b|\breg\s+(?:add|delete)\b|\bset-executionpolicy\b|>\s*/dev/(?:sd|nvme|hd)|:\(\)\s*\{|\bhistory\s+-c|>>?\s*~?/?\S*(?:\.bashrc|\.zshrc|\.profile|authorized_keys|/etc/)",
    r")"
);
