//! Hooks in the text of a settings file: all else stays as it is, to the byte.
//!
//! Takes and gives text. An edit that would change anything but our hooks is
//! an error, so a mistake in here cannot cost anyone's settings.

use std::sync::LazyLock;

use jsonc_parser::cst::{CstInputValue, CstNode, CstObject, CstRootNode};
use jsonc_parser::{CollectOptions, ParseOptions, common::Ranged};
use regex::Regex;
use serde_json::Value;

use crate::hook::Event;
use crate::position::line_column;

/// Why a text is left alone, and where: line and column, one-based; zero for the whole.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) what: String,
}

/// A hook of ours in a settings file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Installed {
    pub(crate) event: Event,
    pub(crate) command: String,
}

/// The commands that `install` writes, with whatever options were added since. What is longer is somebody's own.
static OURS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"^(?:if command -v passdown >/dev/null 2>&1; then )?(?:"[^"]*passdown(?:\.exe)?"|'[^']*passdown'|[^\s"';|&]*passdown(?:\.exe)?) hook (SessionStart|PreCompact|SessionEnd)(?: [^;|&]*)?(?:; fi)?$"#,
    )
    .ok()
});

/// The event of a command of ours.
fn ours(command: &str) -> Option<Event> {
    let found = OURS.as_ref()?.captures(command)?;
    let name = found.get(1)?.as_str();
    Event::ALL.into_iter().find(|event| event.name() == name)
}

/// Whether a hook of this command would be known again as ours.
pub(super) fn is_ours(command: &str) -> bool {
    ours(command).is_some()
}

/// Seconds that each hook may take; for the end of a session it also makes room beyond the 1.5 s that all hooks share.
const TIMEOUT: u32 = 10;

/// `text` with the hooks; `command` gives the command of an event.
///
/// A hook of ours that is there already stays, with its options; one that calls another program is exchanged.
pub(super) fn add(text: &str, command: impl Fn(Event) -> String) -> Result<String, Mistake> {
    let blank = text.trim().is_empty();
    let before = if blank { "{}\n" } else { text };
    let value = check(before)?;
    let there = installed(&value);
    let is_there = |event: Event| {
        let wanted = command(event);
        let mut of_event = there.iter().filter(|hook| hook.event == event);
        let first = of_event
            .next()
            .is_some_and(|hook| keeps(&hook.command, &wanted));
        first && of_event.next().is_none()
    };
    let missing: Vec<Event> = Event::ALL
        .into_iter()
        .filter(|event| !is_there(*event))
        .collect();
    if missing.is_empty() {
        return Ok(text.to_owned());
    }
    let root = parse(before)?;
    let object = root.object_value_or_set();
    take_out(&object, &missing);
    let hooks = object.object_value_or_set("hooks");
    for event in missing {
        let list = hooks.array_value_or_set(event.name());
        let hook = CstInputValue::Object(vec![
            ("type".to_owned(), "command".into()),
            ("command".to_owned(), command(event).into()),
            ("timeout".to_owned(), TIMEOUT.into()),
        ]);
        list.append(CstInputValue::Object(vec![(
            "hooks".to_owned(),
            CstInputValue::Array(vec![hook]),
        )]));
    }
    unchanged(&value, root.to_string())
}

/// Whether `there` is `wanted`, perhaps with options.
fn keeps(there: &str, wanted: &str) -> bool {
    let (wanted, end) = match wanted.strip_suffix("; fi") {
        Some(wanted) => (wanted, "; fi"),
        None => (wanted, ""),
    };
    there
        .strip_suffix(end)
        .and_then(|there| there.strip_prefix(wanted))
        .is_some_and(|options| options.is_empty() || options.starts_with(' '))
}

/// `text` without our hooks, and without what only held them.
pub(super) fn remove(text: &str) -> Result<String, Mistake> {
    if text.trim().is_empty() {
        return Ok(text.to_owned());
    }
    let value = check(text)?;
    if installed(&value).is_empty() {
        return Ok(text.to_owned());
    }
    let root = parse(text)?;
    take_out(&root.object_value_or_set(), &Event::ALL);
    unchanged(&value, root.to_string())
}

/// Whether two texts hold the same settings.
pub(super) fn same(a: &str, b: &str) -> bool {
    match (
        serde_json::from_str::<Value>(a),
        serde_json::from_str::<Value>(b),
    ) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// What is said of a text that is JSON but for what Claude Code does not take.
const LOOSE: &str = "not JSON: there are comments, or a comma stands behind the last of a list; Claude Code takes nothing from such a file";

/// The settings in `text`, if they are of the form that hooks can be looked up in.
pub(crate) fn check(text: &str) -> Result<Value, Mistake> {
    let value: Value =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
            let what = error.to_string();
            let end = what.find(" at line ").unwrap_or(what.len());
            let what = what.get(..end).unwrap_or_default();
            Mistake {
                line: error.line(),
                column: error.column(),
                what: match is_loose(text) {
                    true => LOOSE.to_owned(),
                    false => format!("not JSON: {what}"),
                },
            }
        })?;
    let whole = |what: &str| Mistake {
        line: 1,
        column: 1,
        what: what.to_owned(),
    };
    let Some(object) = value.as_object() else {
        return Err(whole("not a JSON object"));
    };
    let Some(hooks) = object.get("hooks") else {
        return Ok(value);
    };
    let tree = jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &strict())
        .ok()
        .and_then(|parsed| parsed.value);
    let tree = tree.as_ref().and_then(|tree| tree.as_object());
    let mut named = tree
        .iter()
        .flat_map(|tree| &tree.properties)
        .filter(|property| property.name.as_str() == "hooks");
    let first = named.next();
    if let Some(second) = named.next() {
        return Err(at(
            text,
            second.start(),
            "`hooks` stands here a second time",
        ));
    }
    let place = first.map_or(0, |property| property.value.start());
    let Some(hooks) = hooks.as_object() else {
        return Err(at(text, place, "`hooks` is not an object"));
    };
    let events = first.and_then(|property| property.value.as_object());
    for event in Event::ALL {
        if hooks.get(event.name()).is_some_and(|list| !list.is_array()) {
            let place = events
                .and_then(|events| events.get(event.name()))
                .map_or(place, |property| property.value.start());
            let what = format!("`hooks.{}` is not a list", event.name());
            return Err(at(text, place, &what));
        }
    }
    Ok(value)
}

/// Our hooks in a settings file, in the order of [`Event::ALL`].
pub(crate) fn installed(settings: &Value) -> Vec<Installed> {
    let mut found = Vec::new();
    let events = settings.get("hooks").and_then(Value::as_object);
    for groups in events.into_iter().flat_map(|events| events.values()) {
        for group in groups.as_array().into_iter().flatten() {
            let hooks = group.get("hooks").and_then(Value::as_array);
            for hook in hooks.into_iter().flatten() {
                if let Some(command) = hook.get("command").and_then(Value::as_str)
                    && let Some(event) = ours(command)
                {
                    found.push(Installed {
                        event,
                        command: command.to_owned(),
                    });
                }
            }
        }
    }
    found.sort_by_key(|hook| Event::ALL.iter().position(|event| *event == hook.event));
    found
}

/// A mistake at a byte of the text.
fn at(text: &str, offset: usize, what: &str) -> Mistake {
    let (line, column) = line_column(text, offset);
    Mistake {
        line,
        column,
        what: what.to_owned(),
    }
}

/// Whether `text` would be JSON but for comments and commas at the end of lists.
fn is_loose(text: &str) -> bool {
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        ..strict()
    };
    CstRootNode::parse(text, &options).is_ok()
}

/// JSON and nothing beyond it, as Claude Code has it.
fn strict() -> ParseOptions {
    ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        ..ParseOptions::default()
    }
}

fn parse(text: &str) -> Result<CstRootNode, Mistake> {
    CstRootNode::parse(text, &strict()).map_err(|error| Mistake {
        line: error.line_display(),
        column: error.column_display(),
        what: format!("not JSON: {}", error.kind()),
    })
}

/// Takes our hooks for `events` out of the settings, and what held nothing else.
fn take_out(settings: &CstObject, events: &[Event]) {
    let Some(hooks) = settings.object_value("hooks") else {
        return;
    };
    let is_ours = |hook: &CstNode| {
        hook.as_object()
            .and_then(|hook| hook.get("command")?.value()?.as_string_lit())
            .and_then(|command| command.decoded_value().ok())
            .and_then(|command| ours(&command))
            .is_some_and(|event| events.contains(&event))
    };
    let mut emptied = false;
    for event in hooks.properties() {
        let Some(groups) = event.array_value() else {
            continue;
        };
        let mut changed = false;
        for group in groups.elements() {
            let Some(list) = group.as_object().and_then(|it| it.array_value("hooks")) else {
                continue;
            };
            let mine: Vec<CstNode> = list.elements().into_iter().filter(is_ours).collect();
            if mine.is_empty() {
                continue;
            }
            changed = true;
            if mine.len() == list.elements().len() {
                group.remove();
            } else {
                mine.into_iter().for_each(CstNode::remove);
            }
        }
        if changed && groups.elements().is_empty() {
            event.remove();
            emptied = true;
        }
    }
    if emptied
        && hooks.properties().is_empty()
        && let Some(property) = settings.get("hooks")
    {
        property.remove();
    }
}

/// `after`, if it differs from `before` by our hooks alone.
fn unchanged(before: &Value, after: String) -> Result<String, Mistake> {
    let mistake = |what: &str| Mistake {
        line: 0,
        column: 0,
        what: what.to_owned(),
    };
    let value: Value = serde_json::from_str(after.trim_start_matches('\u{feff}'))
        .map_err(|_| mistake("the edit failed, so nothing was written; edit the file by hand"))?;
    if without(before) == without(&value) {
        Ok(after)
    } else {
        Err(mistake(
            "the edit would have changed more than our hooks, so nothing was written; edit the file by hand",
        ))
    }
}

/// The settings without our hooks and without lists of hooks that are empty.
fn without(settings: &Value) -> Value {
    let mut settings = settings.clone();
    let Some(hooks) = settings.get_mut("hooks").and_then(Value::as_object_mut) else {
        return settings;
    };
    let command = |hook: &Value| {
        hook.get("command")
            .and_then(Value::as_str)
            .is_some_and(|command| ours(command).is_some())
    };
    for groups in hooks.values_mut().filter_map(Value::as_array_mut) {
        groups.retain_mut(|group| {
            let Some(list) = group.get_mut("hooks").and_then(Value::as_array_mut) else {
                return true;
            };
            let any = list.iter().any(command);
            list.retain(|hook| !command(hook));
            !any || !list.is_empty()
        });
    }
    hooks.retain(|_, groups| groups.as_array().is_none_or(|groups| !groups.is_empty()));
    if hooks.is_empty()
        && let Some(settings) = settings.as_object_mut()
    {
        settings.remove("hooks");
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn command(event: Event) -> String {
        format!("passdown hook {}", event.name())
    }

    /// Adds the hooks and takes them out again.
    fn round(text: &str) -> String {
        let added = add(text, command).expect("added");
        let value = check(&added).expect("settings");
        assert_eq!(installed(&value).len(), 3, "{added}");
        assert_eq!(add(&added, command).as_deref(), Ok(&*added), "added twice");
        remove(&added).expect("removed")
    }

    #[test]
    fn the_hooks_come_and_go_and_the_rest_stays() {
        let same = [
            "{}",
            "{}\n",
            "{\n  \"model\": \"opus\"\n}\n",
            "{\n\t\"model\": \"opus\",\n\t\"env\": { \"A\":\"1\" ,\"B\" : [1.0,2e3] }\n}",
            "{\r\n    \"model\": \"opus\"\r\n}\r\n",
            "{\n  \"hooks\": {\n    \"Stop\": [{ \"hooks\": [{\"type\": \"command\", \"command\": \"say done\"}] }]\n  },\n  \"z\": 1\n}\n",
            "{\n  \"hooks\": {\n    \"SessionEnd\": [\n      {\n        \"hooks\": [\n          { \"type\": \"command\", \"command\": \"say bye\" }\n        ]\n      }\n    ]\n  }\n}\n",
        ];
        for text in same {
            assert_eq!(round(text), text);
        }
        // Where only the meaning is kept, the backup gives the bytes.
        for text in [
            "{\"model\":\"opus\"}",
            "{\n}\n",
            "{ }",
            "{\"hooks\":{}}",
            "{\"hooks\":{\"SessionEnd\":[ ]}}",
        ] {
            let value = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
            assert_eq!(without(&value(&round(text))), without(&value(text)));
        }
    }

    #[test]
    fn what_is_added_looks_as_if_it_had_been_there() {
        let text = "{\n  \"model\": \"opus\",\n  \"hooks\": {\n    \"Stop\": []\n  }\n}\n";
        insta::assert_snapshot!(add(text, command).expect("added"));
    }

    #[test]
    fn only_what_install_wrote_is_ours() {
        let cases = [
            ("passdown hook SessionEnd", true),
            ("/usr/local/bin/passdown hook PreCompact", true),
            (
                "'/home/me/my tools/passdown' hook SessionStart --budget 3000",
                true,
            ),
            (r#""C:\Program Files\passdown.exe" hook SessionEnd"#, true),
            (
                "if command -v passdown >/dev/null 2>&1; then passdown hook SessionEnd; fi",
                true,
            ),
            ("passdown hook Stop", false),
            ("passdown list", false),
            ("notify && passdown hook SessionEnd", false),
            ("passdown hook SessionEnd; rm -f lock", false),
            ("echo passdown hook SessionEnd", false),
        ];
        for (command, expected) in cases {
            assert_eq!(ours(command).is_some(), expected, "{command}");
        }
    }

    #[test]
    fn options_stay_and_another_program_is_exchanged() {
        let added = add("{}", |event| format!("{} --budget 900", command(event))).expect("added");
        assert_eq!(add(&added, command).as_deref(), Ok(&*added));
        let elsewhere = |event: Event| format!("/opt/{}", command(event));
        let moved = add(&added, elsewhere).expect("added");
        assert!(
            !moved.contains("--budget") && moved.matches("/opt/passdown").count() == 3,
            "{moved}"
        );
        assert_eq!(installed(&check(&moved).expect("settings")).len(), 3);
    }

    #[test]
    fn damaged_settings_are_left_alone_and_the_place_is_said() {
        let cases = [
            ("{\n  \"a\": 1,\n}", 3, 1, LOOSE),
            ("{\n  // mine\n  \"a\": 1\n}", 2, 3, LOOSE),
            ("{\n  a: 1\n}", 2, 3, "not JSON: key must be a string"),
            ("[]", 1, 1, "not a JSON object"),
            ("{\n  \"hooks\": []\n}", 2, 12, "`hooks` is not an object"),
            (
                "{\"hooks\": {\n \"SessionEnd\": {}}}",
                2,
                16,
                "`hooks.SessionEnd` is not a list",
            ),
            (
                "{\"hooks\": {},\n\"hooks\": {}}",
                2,
                1,
                "`hooks` stands here a second time",
            ),
        ];
        for (text, line, column, what) in cases {
            let expected = Mistake {
                line,
                column,
                what: what.to_owned(),
            };
            assert_eq!(add(text, command), Err(expected), "{text}");
            assert!(remove(text).is_err(), "{text}");
        }
    }

    /// Settings of any shape.
    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a-z\"\\\\{}\\[\\], é]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(
                    prop_oneof![
                        "[a-z]{1,4}",
                        Just("hooks".to_owned()),
                        Just("Stop".to_owned())
                    ],
                    inner,
                    0..4
                )
                .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// Whatever stands in the settings, adding and removing leaves it, or says why not.
        #[test]
        fn nothing_but_our_hooks_changes(value in json(), pretty: bool) {
            let text = if pretty {
                serde_json::to_string_pretty(&value)
            } else {
                serde_json::to_string(&value)
            }
            .expect("JSON");
            if let Ok(added) = add(&text, command) {
                let removed = remove(&added).expect("removed");
                let value = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
                prop_assert_eq!(without(&value(&removed)), without(&value(&text)));
            }
        }
    }
}
