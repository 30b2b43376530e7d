//! The JSON handoff against its schema.

use std::path::Path;

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
