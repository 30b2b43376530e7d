//! Nothing here opens a connection: no source of ours names the network, and no dependency is one of those that do.

use std::path::Path;

#[test]
fn no_source_names_the_network() {
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(
                std::fs::read_dir(&path)
                    .expect("a folder")
                    .map(|entry| entry.expect("an entry").path()),
            );
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source file");
            for word in [
                "std::net",
                "TcpStream",
                "TcpListener",
                "UdpSocket",
                "UnixStream",
            ] {
                assert!(!text.contains(word), "{}: {word}", path.display());
            }
        }
    }
}

#[test]
fn no_dependency_is_among_the_refused() {
    let read = |name: &str| {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("a file")
    };
    let deny: toml::Value = toml::from_str(&read("deny.toml")).expect("TOML");
    let refused = deny["bans"]["deny"].as_array().expect("a list");
    assert!(refused.len() >= 10);
    let lock = read("Cargo.lock");
    for one in refused {
        let name = one["crate"].as_str().expect("a name");
        assert!(!lock.contains(&format!("name = \"{name}\"\n")), "{name}");
    }
}
