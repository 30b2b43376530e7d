//! Volume, patterns of output, and compression.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

/// The log with a command between its halves that printed `output`.
fn printed(output: &str) -> Vec<u8> {
    let call = call(4, "Bash", &json!({"command": "make"}));
    let id =
        json!([{"type": "tool_result", "tool_use_id": "t4", "content": output, "is_error": false}]);
    let mut said = record(4, "user", id);
    said["uuid"] = json!("u4b");
    said["parentUuid"] = json!("u4");
    around(format!("{call}\n{said}"))
}

#[test]
fn volume() {
    let long = sized(8 << 20, 1 << 30);
    // A line of 1 GB is left out with a word; it may not take the memory of it.
    let of_long = match long >> 27 {
        0 => Want::Quiet,
        _ => Want::Told(1),
    };
    let many = sized(30_000, 10_000_000);
    let image = record(
        4,
        "user",
        json!([{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0K".repeat(1 << 20)}}]),
    );
    let tiny: String = (0..many)
        .map(|n| {
            format!("{{\"type\":\"progress\",\"uuid\":\"p{n}\",\"sessionId\":\"{SESSION}\"}}\n")
        })
        .collect();
    let chain: String = (0..sized(6_000, 200_000))
        .map(|n| {
            let mut record = record(4, "assistant", json!([{"type": "text", "text": "on"}]));
            record["uuid"] = json!(format!("c{n}"));
            record["parentUuid"] = json!(if n == 0 {
                "u3".to_owned()
            } else {
                format!("c{}", n - 1)
            });
            record["message"]["id"] = json!(format!("msg_c{n}"));
            format!("{record}\n")
        })
        .collect();
    let runs: String = (0..sized(1_000, 20_000))
        .map(|n| {
            let id = format!("r{n}");
            let mut call = record(4, "assistant", json!([{"type": "tool_use", "id": id, "name": "Bash", "input": {"command": "pytest tests/test_before.py"}}]));
            call["uuid"] = json!(format!("ra{n}"));
            let mut answer = record(4, "user", json!([{"type": "tool_result", "tool_use_id": id, "content": "2 failed, 3 passed in 0.10s", "is_error": true}]));
            answer["uuid"] = json!(format!("rb{n}"));
            format!("{call}\n{answer}\n")
        })
        .collect();
    let failures: String = (0..sized(2_000, 10_000))
        .map(|n| format!("FAILED tests/test_m{n}.py::test_{n} - assert {n} == 0\n"))
        .collect();
    let progress: String = (1..sized(600, 3_000))
        .map(|n| format!("{}\r", "#".repeat(n)))
        .collect();
    let original = {
        let mut record = record(
            4,
            "assistant",
            json!([{"type": "text", "text": "Looking."}]),
        );
        record["toolUseResult"] = json!({"originalFile": "x\n".repeat(sized(1 << 20, 8 << 20))});
        record.to_string()
    };
    check(
        vec![
            case("v01", of_long, printed(&"x".repeat(long))),
            case(
                "v02",
                of_long,
                [
                    whole().as_bytes(),
                    b"{\"type\":\"user\",\"uuid\":\"u8\",\"message\":{\"content\":\"",
                    &vec![b'x'; long],
                ]
                .concat(),
            ),
            case("v03", Want::Quiet, around(tiny)),
            case(
                "v04",
                Want::Told(11),
                around("{\"type\":\"user\",\"uuid\":\n".repeat(many)),
            ),
            case("v05", Want::Quiet, around(chain)),
            case("v06", Want::Quiet, around(runs)),
            case("v07", Want::Quiet, printed(&failures)),
            case("v08", Want::Quiet, printed(&progress)),
            case("v09", Want::Quiet, around(image.to_string())),
            case("v10", Want::Quiet, around(original)),
            case(
                "v11",
                Want::Told(1),
                [whole().as_bytes(), &vec![0; sized(16 << 20, 256 << 20)]].concat(),
            ),
            case("v12", Want::Quiet, around(" ".repeat(16 << 20))),
        ],
        12,
    );
}

#[test]
fn patterns() {
    let say = |text: &str| {
        around(record(4, "assistant", json!([{"type": "text", "text": text}])).to_string())
    };
    let contradictory: String = (0..2_000)
        .map(|n| format!("{} passed, {} failed in 0.1s\n", n % 7, n % 5))
        .collect();
    check(
        vec![
            case("p01", Want::Quiet, printed(&"A".repeat(300_000))),
            case("p02", Want::Quiet, printed(&"=".repeat(300_000))),
            case(
                "p03",
                Want::Quiet,
                printed(
                    &"error[E0308]: mismatched types\n --> src/a.rs:1:1\n"
                        .repeat(sized(4_000, 100_000)),
                ),
            ),
            case(
                "p04",
                Want::Quiet,
                printed(&format!("/home{}: No such file", "/very".repeat(200_000))),
            ),
            case("p05", Want::Quiet, printed(&".".repeat(300_000))),
            case(
                "p06",
                Want::Quiet,
                printed(&"\u{1b}[31m\u{1b}]0;t\u{7}".repeat(30_000)),
            ),
            case(
                "p07",
                Want::Quiet,
                printed(&"\r 10%|###       | 1/10 [00:01<00:09]".repeat(8_000)),
            ),
            case(
                "p08",
                Want::Quiet,
                printed(&"passwor error[E030 FAILE tests passe token ".repeat(7_000)),
            ),
            case(
                "p09",
                Want::Quiet,
                printed(&"-----BEGIN RSA PRIVATE KEY-----\n".repeat(20_000)),
            ),
            case("p10", Want::Quiet, printed(&contradictory)),
            case("p11", Want::Quiet, printed("")),
            case(
                "p12",
                Want::Quiet,
                around(
                    call(
                        4,
                        "Bash",
                        &json!({"command": "echo x; ".repeat(sized(40_000, 400_000))}),
                    )
                    .to_string(),
                ),
            ),
        ],
        12,
    );
    let said = Run::new()
        .file("s.jsonl", say(&"(".repeat(100_000)))
        .arg("s.jsonl")
        .go()
        .exits(0);
    assert!(facts(&said.out));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("compressed");
    encoder.finish().expect("compressed")
}

#[test]
fn compressed() {
    let log = whole();
    let whole = gzip(log.as_bytes());
    let half = log.len() / 2;
    let members = [gzip(&log.as_bytes()[..half]), gzip(&log.as_bytes()[half..])].concat();
    let noise: String = (0..40_000u32)
        .map(|n| {
            format!(
                "{{\"type\":\"progress\",\"uuid\":\"{:x}\"}}\n",
                n.wrapping_mul(2_654_435_761)
            )
        })
        .collect();
    let long = gzip((log.clone() + &noise).as_bytes());
    let mut wrong_sum = whole.clone();
    let end = wrong_sum.len() - 6;
    wrong_sum[end] ^= 0xff;
    let bomb = gzip(&[log.as_bytes(), &vec![b' '; sized(80 << 20, 512 << 20)]].concat());
    for (id, name, bytes, told) in [
        ("c01", "s.jsonl.gz", whole.clone(), 0),
        ("c02", "s.jsonl.gz", long[..long.len() / 2].to_vec(), 1),
        ("c03", "s.jsonl.gz", members, 0),
        ("c04", "s.jsonl.gz", [&whole[..], &[0; 512]].concat(), 1),
        ("c05", "s.jsonl.gz", wrong_sum, 1),
        ("c06", "s.jsonl", whole, 0),
        ("c07", "s.jsonl.gz", log.clone().into_bytes(), 0),
        ("c08", "s.jsonl.gz", bomb, 1),
    ] {
        let ran = Run::new().file(name, &bytes).arg(name).go();
        if let Some(fault) = fault(Want::Told(told), &ran) {
            panic!("{id}: {fault}");
        }
    }
    let ran = Run::new()
        .file("s.jsonl.gz", gzip(b""))
        .arg("s.jsonl.gz")
        .go();
    assert_eq!(fault(Want::Nothing, &ran), None, "c09");
}
