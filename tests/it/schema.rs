//! The JSON handoff against its schema.

use std::collections::BTreeSet;
use std::path::Path;

use passdown::rules::{About, Class, Family, Kind, RuleFile, RuleSet, Verdict};

use crate::run::Run;

#[test]
fn json_handoffs_fit_the_schema() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema =
        std::fs::read_to_string(root.join("src/render/handoff.schema.json")).expect("the schema");
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for case in std::fs::read_dir(root.join("corpora/sessions")).expect("cases") {
        let case = case.expect("a case").path();
        let ran = Run::new()
            .arg(case.join("session.jsonl").display().to_string())
            .args(["--format", "json"])
            .go()
            .exits(0);
        let handoff: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
        let errors: Vec<String> = validator
            .iter_errors(&handoff)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(
            errors.is_empty(),
            "{}: {}",
            case.display(),
            errors.join("; ")
        );
    }
}

#[test]
fn the_schema_refuses_another_shape() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/render/handoff.schema.json");
    let schema: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).expect("the schema")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    assert!(!validator.is_valid(&serde_json::json!({ "schema_version": 1 })));
}

/// The schema of rule files.
fn rule_schema() -> serde_json::Value {
    serde_json::from_str(RuleSet::schema()).expect("JSON")
}

#[test]
fn the_built_in_rule_files_fit_the_schema() {
    let validator = jsonschema::validator_for(&rule_schema()).expect("a schema");
    for pack in RuleSet::packs() {
        let text = RuleSet::builtin_file(&format!("{pack}.toml")).expect("a built-in file");
        let file: serde_json::Value = toml::from_str(text).expect("TOML");
        let errors: Vec<String> = validator
            .iter_errors(&file)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{pack}: {}", errors.join("; "));
    }
}

#[test]
fn the_schema_of_rules_and_the_program_agree() {
    let schema = rule_schema();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let whole = "id = \"a\"\nkind = \"metric\"\nscope = [\"prompt\"]\nkeywords = [\"ab\"]\npattern = 'ab'\n";
    let cases = [
        ("", true),
        ("[packs]\ngo = false\n", true),
        ("[packs]\ngoo = false\n", false),
        ("[packs]\ngo = 1\n", false),
        ("[[rule]]\nid = \"go-test\"\nweight = 2\n", true),
        ("[[rule]]\nid = \"go-test\"\nweight = 11\n", false),
        ("[[rule]]\nid = \"go-test\"\nkind = \"check\"\n", false),
        ("[[rule]]\nweight = 2\n", false),
        (&format!("[[rule]]\n{whole}"), true),
        (&format!("[[rule]]\n{whole}lines = 9\n"), false),
        (&format!("[[rule]]\n{whole}famly = \"test\"\n"), false),
        (&format!("[[rule]]\n{whole}family = \"tests\"\n"), false),
        (
            &format!("[[rule]]\n{whole}").replace("[\"prompt\"]", "\"prompt\""),
            false,
        ),
        (
            &format!("[[rule]]\n{whole}").replace("prompt", "prompt:Bash"),
            false,
        ),
        (
            &format!("[[rule]]\n{whole}").replace("prompt", "tool_output:Bash"),
            true,
        ),
        (
            &format!("[[rule]]\n{whole}").replace("id = \"a\"", "id = \"A\""),
            false,
        ),
        (
            &format!("[[rule]]\n{whole}[[rule.silent]]\ntext = \"a\"\ncaptures = {{}}\n"),
            false,
        ),
    ];
    for (text, sound) in cases {
        let file: serde_json::Value = toml::from_str(text).expect("TOML");
        assert_eq!(validator.is_valid(&file), sound, "the schema: {text}");
        let loaded = RuleSet::load(&[RuleFile::given("a.toml", text)]);
        assert_eq!(loaded.is_ok(), sound, "the program: {text}");
    }
    let words = |key: &str| schema["$defs"]["rule"]["properties"][key]["enum"].clone();
    let of = |all: Vec<&str>| serde_json::json!(all);
    assert_eq!(
        words("kind"),
        of(Kind::ALL.iter().map(|word| word.as_str()).collect())
    );
    assert_eq!(
        words("family"),
        of(Family::ALL.iter().map(|word| word.as_str()).collect())
    );
    assert_eq!(
        words("class"),
        of(Class::ALL.iter().map(|word| word.as_str()).collect())
    );
    assert_eq!(
        words("about"),
        of(About::ALL.iter().map(|word| word.as_str()).collect())
    );
    assert_eq!(
        words("verdict"),
        of(Verdict::ALL.iter().map(|word| word.as_str()).collect())
    );
    let packs = &schema["properties"]["packs"]["properties"];
    let packs: BTreeSet<&str> = packs
        .as_object()
        .expect("packs")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(packs, RuleSet::packs().collect());
}
