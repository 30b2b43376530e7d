//! Prompts in other languages: what the work has become is the same, and the words are kept.

use passdown::score::Kind;
use passdown::session::Via;
use serde_json::Value;

use super::Relation;
use super::log::{Line, Log, Seen, equal, is_talk};

pub(super) const RELATIONS: &[Relation] = &[
    Relation {
        name: "the last request in another language",
        ways: LANGUAGES.len() as u64,
        holds: asked,
    },
    Relation {
        name: "a rule in another language",
        ways: LANGUAGES.len() as u64,
        holds: rule,
    },
];

/// A request and a standing rule of ten languages.
const LANGUAGES: &[(&str, &str)] = &[
    (
        "Bitte prüfe die Übergabe der Preise noch einmal von vorn und beschreibe, was dabei übrig bleibt.",
        "Benutze niemals absolute Pfade, und schreibe alle Meldungen auf Deutsch.",
    ),
    (
        "Vérifie encore une fois la reprise des prix depuis le début et décris ce qu'il en reste.",
        "N'utilise jamais de chemins absolus et rédige tous les messages en français.",
    ),
    (
        "Revisa otra vez desde el principio la entrega de los precios y describe lo que queda.",
        "Nunca uses rutas absolutas y escribe todos los mensajes en español.",
    ),
    (
        "価格の引き渡しをもう一度最初から確認して、残っていることを説明してください。",
        "絶対パスは決して使わず、メッセージはすべて日本語で書いてください。",
    ),
    (
        "请再从头检查一遍价格的交接，并说明还剩下什么。",
        "不要使用绝对路径，所有消息都要用中文写。",
    ),
    (
        "가격 인계를 처음부터 다시 한번 확인하고 남은 것을 설명해 주세요.",
        "절대 경로는 절대 사용하지 말고 모든 메시지는 한국어로 작성해 주세요.",
    ),
    (
        "Ещё раз проверь передачу цен с самого начала и опиши, что осталось.",
        "Никогда не используй абсолютные пути и пиши все сообщения по-русски.",
    ),
    (
        "راجع تسليم الأسعار مرة أخرى من البداية وصف ما تبقى منه.",
        "لا تستخدم المسارات المطلقة أبدا واكتب جميع الرسائل بالعربية.",
    ),
    (
        "कीमतों के हस्तांतरण को शुरू से एक बार फिर जाँचो और बताओ कि क्या बचा है।",
        "पूर्ण पथ का उपयोग कभी मत करो और सभी संदेश हिंदी में लिखो।",
    ),
    (
        "Reveja mais uma vez a entrega dos preços desde o início e descreva o que falta.",
        "Nunca use caminhos absolutos e escreva todas as mensagens em português.",
    ),
];

/// What follows from the user's words, and may be another with other words.
fn is_worded(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Title
            | Kind::Target
            | Kind::Request
            | Kind::Instruction
            | Kind::Decision
            | Kind::Account
            | Kind::Method
    )
}

/// The same work, asked for in another language behind all that was done: the state is as it was, the words stand whole,
/// and they are what is asked now.
fn asked(log: &Log, seen: &Seen, way: u64) -> Option<Result<(), String>> {
    let (request, _) = LANGUAGES[way as usize];
    if !log.is_claude() || seen.handoff.is_none() {
        return None;
    }
    let with = |text: &str| {
        let mut changed = log.clone();
        changed.prompt(text);
        Seen::of(&changed)
    };
    let english = with(
        "Look through the handover of the prices once more from the start and describe what is left of it.",
    );
    let other = with(request);
    if !other.text().contains(request) {
        return Some(Err(format!("not kept: {request}\n{}", other.text())));
    }
    let asked = other.ledger.last_requests().first();
    if asked.is_none_or(|asked| !asked.text.contains(request)) {
        return Some(Err(format!("not the last request: {request}")));
    }
    // What the words are about stands before its like.
    let state = |seen: &Seen| {
        let text = seen.lines(|_, kind| !is_worded(kind)).join("\n");
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines.join("\n")
    };
    Some(equal(&state(&english), &state(&other)))
}

/// A rule among the first words of a session stands whole at its end, whatever its language.
fn rule(log: &Log, seen: &Seen, way: u64) -> Option<Result<(), String>> {
    let (_, rule) = LANGUAGES[way as usize];
    seen.handoff.as_ref()?;
    // Only where somebody typed something, and not over what a program typed for them.
    let first = seen
        .ledger
        .requests
        .iter()
        .find(|request| request.via == Via::Typed)?;
    let at = first.cite.at.line.checked_sub(1)? as usize;
    let mut changed = log.clone();
    let record = changed.lines.get_mut(at).and_then(Line::record_mut)?;
    if !is_talk(record) {
        return None;
    }
    let content = &mut record["message"]["content"];
    let text = match content {
        Value::Array(blocks) => blocks
            .iter_mut()
            .find_map(|block| match &mut block["text"] {
                Value::String(text) => Some(text),
                _ => None,
            })?,
        Value::String(text) => text,
        _ => return None,
    };
    // What is too long is shortened in its middle, and a rule that stands there with it.
    if text.len() > 600 || text.contains('<') {
        return None;
    }
    *text = format!("{rule} {text}");
    let other = Seen::of(&changed);
    // A rule may stand without its full stop.
    if other
        .text()
        .contains(rule.trim_end_matches(['.', '。', '।']))
    {
        return Some(Ok(()));
    }
    Some(Err(format!("not kept: {rule}\n{}", other.text())))
}
