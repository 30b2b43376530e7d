//! JSON and schema.

use super::*;

#[test]
fn values_of_json() {
    let say = record(
        4,
        "assistant",
        json!([{"type": "text", "text": "Looking."}]),
    )
    .to_string();
    let odd = |value: &str| around(format!("{{\"odd\":{value},{}", &say[1..]));
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let objects = |depth: usize| "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth);
    let wide: String = (0..sized(20_000, 200_000))
        .map(|n| format!("\"k{n}\":{n},"))
        .collect();
    let same: String = (0..20_000)
        .map(|n| format!("\"k{}\":{n},", n % 7))
        .collect();
    let deep = record(
        4,
        "assistant",
        json!([{"type": "tool_use", "id": "t4", "name": "Bash", "input": {"command": "DEEP"}}]),
    )
    .to_string()
    .replace("\"DEEP\"", &nested(1000));
    check(
        vec![
            case("j01", Want::Quiet, odd("1,\"odd\":2,\"odd\":{\"odd\":3}")),
            case("j02", Want::Told(1), odd("NaN")),
            case("j03", Want::Quiet, odd("1e999999")),
            case("j04", Want::Quiet, odd("123456789012345678901234567890")),
            case("j05", Want::Told(1), odd("[1,2,]")),
            case("j06", Want::Told(1), odd("1 /* so */")),
            case("j07", Want::Told(1), around(say.replace('"', "'"))),
            case("j08-127", Want::Quiet, odd(&nested(127))),
            case("j08-128", Want::Quiet, odd(&nested(128))),
            case("j08-129", Want::Quiet, odd(&nested(129))),
            case("j08-10000", Want::Quiet, odd(&nested(10_000))),
            case("j08-100000", Want::Quiet, odd(&nested(100_000))),
            case("j09", Want::Quiet, odd(&objects(100_000))),
            case("j10", Want::Told(1), around("[".repeat(1_000_000))),
            case("j11", Want::Told(1), around(deep)),
            case("j12", Want::Quiet, odd(&format!("{{{wide}\"z\":0}}"))),
            case(
                "j13",
                Want::Quiet,
                odd(&format!("{{\"{}\":1}}", "k".repeat(4 << 20))),
            ),
            case("j14", Want::Quiet, odd(&"7".repeat(1_000_000))),
            case("j15", Want::Told(5), around("1\n\"text\"\ntrue\nnull\n3.5")),
            case("j16", Want::Quiet, odd(&format!("{{{same}\"z\":0}}"))),
        ],
        20,
    );
}

#[test]
fn what_records_hold() {
    let base = || {
        record(
            4,
            "assistant",
            json!([{"type": "text", "text": "Looking."}]),
        )
    };
    let edited = |edit: &dyn Fn(&mut Value)| {
        let mut record = base();
        edit(&mut record);
        around(record.to_string())
    };
    let without = |key: &str| {
        edited(&|record| {
            record.as_object_mut().expect("an object").remove(key);
        })
    };
    let todos = |todos: Value| around(call(4, "TodoWrite", &json!({"todos": todos})).to_string());
    let many: Vec<Value> = (0..10_000)
        .map(|n| json!({"content": format!("step {n}"), "status": "pending", "activeForm": "x"}))
        .collect();
    let only = |line: Value| format!("{line}\n");
    let aside: String = lines(&before()).replace("\"isSidechain\":false", "\"isSidechain\":true");
    let alien = "{\"role\":\"user\",\"content\":\"hello\"}\n{\"role\":\"model\",\"parts\":[{\"text\":\"hi\"}]}\n";
    check(
        vec![
            case("s01", Want::Quiet, without("type")),
            case("s02", Want::Quiet, without("message")),
            case("s03", Want::Quiet, edited(&|r| r["message"] = json!("text"))),
            case("s04", Want::Quiet, edited(&|r| r["message"]["content"] = json!({"a": 1}))),
            case("s05", Want::Quiet, edited(&|r| r["type"] = json!("teleport"))),
            case("s06", Want::Quiet, edited(&|r| r["7"] = json!({"8": 9}))),
            case("s07", Want::Quiet, around(record(4, "user", json!([{"type": "tool_result", "tool_use_id": "nobody", "content": "x"}])).to_string())),
            case("s08", Want::Quiet, around(call(4, "Bash", &json!({"command": "sleep 1"})).to_string())),
            case("s09", Want::Quiet, around(format!("{}\n{}", base(), base()))),
            case("s10", Want::Quiet, edited(&|r| r["message"]["content"] = json!([{"type": "tool_use", "id": "t2", "name": "Bash", "input": {"command": "ls"}}]))),
            case("s11", Want::Quiet, {
                let mut first = base();
                first["parentUuid"] = json!("u7");
                around(first.to_string())
            }),
            case("s12", Want::Quiet, edited(&|r| r["parentUuid"] = json!("u4"))),
            case("s13", Want::Quiet, edited(&|r| r["parentUuid"] = json!("gone"))),
            case("s14", Want::Quiet, edited(&|r| r["timestamp"] = json!("2026-13-45T99:00:00Z"))),
            case("s15", Want::Quiet, edited(&|r| r["timestamp"] = json!("1970-01-01T00:00:00Z"))),
            case("s16", Want::Quiet, edited(&|r| {
                r["cwd"] = json!(7);
                r["gitBranch"] = json!({});
                r["uuid"] = json!([1]);
            })),
            case("s17", Want::Quiet, edited(&|r| r["uuid"] = json!("../../etc/passwd"))),
            case("s18", Want::Quiet, edited(&|r| r["message"]["usage"] = json!({"input_tokens": 18_446_744_073_709_551_615_u64, "output_tokens": -5}))),
            case("s19", Want::Quiet, todos(json!([7, {"content": null}, {"status": "someday"}, {"content": "x", "status": 4}]))),
            case("s20", Want::Quiet, todos(Value::Array(many))),
            case("s21", Want::Quiet, around(call(4, "Edit", &json!({"replace_all": "yes"})).to_string())),
            case("s22", Want::Quiet, around(json!({"type": "system", "subtype": "compact_boundary", "uuid": "c1", "parentUuid": null, "logicalParentUuid": "gone", "sessionId": SESSION, "timestamp": "2026-03-01T10:00:04.000Z", "compactMetadata": 5}).to_string())),
            case("s23", Want::Quiet, around(json!({"type": "tombstone", "uuid": "x1", "message": {"uuid": "gone"}, "sessionId": SESSION}).to_string())),
            case("s24", Want::Quiet, lines(&before()) + &aside.replace("\"u", "\"w") + &lines(&after())),
            case("s25", Want::Nothing, only(json!({"type": "summary", "summary": "Mend the cart", "leafUuid": "u9"}))),
            case("s26", Want::Nothing, alien),
            case("s27", Want::Nothing, only(json!({"type": "progress", "data": {"type": "hook_progress"}, "uuid": "u1", "parentUuid": null, "sessionId": SESSION}))),
            case("s28", Want::Quiet, whole()),
        ],
        28,
    );
    let ran = Run::new()
        .file("s.jsonl", lines(&before()[..1]))
        .arg("s.jsonl")
        .go()
        .exits(0);
    assert!(
        ran.out.contains("3/5") && ran.err.is_empty(),
        "{}{}",
        ran.out,
        ran.err
    );
}
