//! A run of the command in a folder of its own.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A run to be: files, arguments, standard input.
pub(crate) struct Run {
    folder: tempfile::TempDir,
    args: Vec<String>,
    input: Option<Vec<u8>>,
    env: Vec<(String, String)>,
    within: String,
}

/// What a run gave.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self {
            folder,
            args: Vec::new(),
            input: None,
            env: Vec::new(),
            within: String::new(),
        }
    }

    /// A file of the folder, by its path in it.
    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::write(path, content).expect("a file");
        self
    }

    pub(crate) fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    pub(crate) fn args<'a>(mut self, args: impl IntoIterator<Item = &'a str>) -> Self {
        self.args.extend(args.into_iter().map(str::to_owned));
        self
    }

    pub(crate) fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = Some(input.into());
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Other arguments and other input, in the same folder.
    pub(crate) fn then(mut self, args: &[&str], input: impl Into<Vec<u8>>) -> Self {
        self.args.clear();
        self.args(args.iter().copied()).input(input)
    }

    /// Runs it with other arguments, in the same folder.
    pub(crate) fn again(&mut self, args: &[String]) -> Ran {
        self.args = args.to_vec();
        self.go()
    }

    /// Runs it in a folder below.
    pub(crate) fn within(mut self, folder: &str) -> Self {
        self.within = folder.to_owned();
        self
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Starts it; the folder is the home and the current folder, and no variable of ours leaks in.
    pub(crate) fn start(&self) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_passdown"));
        command
            .args(&self.args)
            .current_dir(self.folder.path().join(&self.within));
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", "");
        // Where what is reached is counted, under cargo-llvm-cov.
        if let Some(place) = std::env::var_os("LLVM_PROFILE_FILE") {
            command.env("LLVM_PROFILE_FILE", place);
        }
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().expect("the command starts")
    }

    /// Runs it to its end, as [`Run::start`] does.
    pub(crate) fn go(&self) -> Ran {
        let mut child = self.start();
        let mut stdin = child.stdin.take().expect("its input");
        let input = self.input.clone().unwrap_or_default();
        let writer = std::thread::spawn(move || {
            // The command may end before it has read all.
            let _ = std::io::Write::write_all(&mut stdin, &input);
        });
        let output = child.wait_with_output().expect("the command ends");
        writer.join().expect("the input is written");
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("UTF-8 on stdout"),
            err: String::from_utf8(output.stderr).expect("UTF-8 on stderr"),
        }
    }
}

impl Ran {
    /// Checks the exit code, showing what was printed if it is another.
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.out, self.err
        );
        self
    }
}
