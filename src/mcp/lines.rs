//! Standard input and output as a transport: a message a line.
//!
//! What is no message is answered with an error and costs itself, not the
//! connection; that is also said of lines that the SDK's own transport passes
//! over in silence, where a client would wait for ever.

use std::io::{BufRead, Read, Write};

use rmcp::RoleServer;
use rmcp::model::{ClientJsonRpcMessage, ErrorCode, ErrorData, JsonRpcError, RequestId};
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use serde_json::Value;
use tokio::sync::mpsc;

/// The bytes of a line: arguments are names, words and numbers.
pub(super) const LONGEST: u64 = 1 << 20;

/// A line of the client's.
#[derive(Debug)]
enum Line {
    Whole(Vec<u8>),
    TooLong,
}

/// The lines of a client, and where answers go.
pub(super) struct Lines<W> {
    incoming: mpsc::Receiver<Line>,
    output: W,
    /// Whether a request has come: nothing else counts before it.
    begun: bool,
}

impl<W: Write> Lines<W> {
    /// Reads `input` to its end on a thread of its own, a line ahead of what is asked for.
    ///
    /// # Errors
    ///
    /// If the system gives no thread.
    pub(super) fn new(input: impl Read + Send + 'static, output: W) -> std::io::Result<Self> {
        let (sender, incoming) = mpsc::channel(1);
        let mut input = std::io::BufReader::new(input);
        std::thread::Builder::new()
            .name("stdin".to_owned())
            .spawn(move || {
                while let Some(line) = next(&mut input) {
                    if sender.blocking_send(line).is_err() {
                        break;
                    }
                }
            })?;
        Ok(Self {
            incoming,
            output,
            begun: false,
        })
    }

    fn write(&mut self, message: &impl serde::Serialize) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(message)?;
        line.push(b'\n');
        self.output.write_all(&line)?;
        self.output.flush()
    }
}

/// The next line; none at the end, or when nothing more can be read.
fn next(input: &mut impl BufRead) -> Option<Line> {
    let mut line = Vec::new();
    // A byte more than a line may have tells a long one from one that just fits.
    let read = input.take(LONGEST + 1).read_until(b'\n', &mut line);
    if read.ok()? == 0 {
        return None;
    }
    if line.len() as u64 > LONGEST && !line.ends_with(b"\n") {
        input.skip_until(b'\n').ok()?;
        return Some(Line::TooLong);
    }
    Some(Line::Whole(line))
}

/// The message of a line. Else the error to answer with; none where there is nothing to say.
fn understood(line: &[u8]) -> Result<ClientJsonRpcMessage, Option<JsonRpcError>> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let line = line.trim_ascii();
    if line.is_empty() {
        return Err(None);
    }
    if let Ok(message) = serde_json::from_slice(line) {
        return Ok(message);
    }
    let value: Value = match serde_json::from_slice(line) {
        Ok(value) => value,
        Err(error) => {
            let what = format!("column {}: not a line of JSON", error.column());
            return Err(Some(refused(ErrorCode::PARSE_ERROR, what, None)));
        }
    };
    let id = value.get("id").cloned();
    if value.is_object() && id.is_none() {
        // A notification that nobody here knows; it has no answer.
        return Err(None);
    }
    let id: Option<RequestId> = id.and_then(|id| serde_json::from_value(id).ok());
    let what = "not a request of JSON-RPC 2.0: one object with jsonrpc, id, method and params";
    Err(Some(refused(
        ErrorCode::INVALID_REQUEST,
        what.to_owned(),
        id,
    )))
}

fn refused(code: ErrorCode, what: String, id: Option<RequestId>) -> JsonRpcError {
    JsonRpcError::new(id, ErrorData::new(code, what, None))
}

impl<W: Write + Send> Transport<RoleServer> for Lines<W> {
    type Error = std::io::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = std::io::Result<()>> + Send + 'static {
        std::future::ready(self.write(&item))
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            let refused = match self.incoming.recv().await? {
                Line::Whole(line) => match understood(&line) {
                    Ok(message) => {
                        self.begun |= matches!(message, ClientJsonRpcMessage::Request(_));
                        if self.begun {
                            return Some(message);
                        }
                        continue;
                    }
                    Err(None) => continue,
                    Err(Some(refused)) => refused,
                },
                Line::TooLong => {
                    let what = format!("a line longer than {LONGEST} bytes");
                    refused(ErrorCode::INVALID_REQUEST, what, None)
                }
            };
            // Who does not take an answer is gone.
            self.write(&refused).ok()?;
        }
    }

    async fn close(&mut self) -> std::io::Result<()> {
        self.incoming.close();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart() {
        let long = vec![b'x'; usize::try_from(LONGEST).expect("fits") + 1];
        let fits = [&long[1..], b"\n"].concat();
        let text = [b"a\n", fits.as_slice(), &long, b"\nb"].concat();
        let mut input = text.as_slice();
        let mut told = Vec::new();
        while let Some(line) = next(&mut input) {
            told.push(match line {
                Line::Whole(line) => line.len(),
                Line::TooLong => 0,
            });
        }
        assert_eq!(told, [2, fits.len(), 0, 1]);
    }

    #[test]
    fn what_is_no_message_is_told_why() {
        let said = |line: &str| match understood(line.as_bytes()) {
            Ok(_) => "message".to_owned(),
            Err(None) => "nothing".to_owned(),
            Err(Some(refused)) => serde_json::to_string(&refused).expect("JSON"),
        };
        assert_eq!(
            said(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#),
            "message"
        );
        assert_eq!(said("  \r\n"), "nothing");
        assert_eq!(said(r#"{"method":"x"}"#), "nothing");
        for (line, expected) in [
            ("garbage", r#""code":-32700"#),
            (r#"{"id":7}"#, r#""id":7"#),
            ("[1]", r#""code":-32600"#),
            ("3", r#""code":-32600"#),
        ] {
            assert!(said(line).contains(expected), "{line}: {}", said(line));
        }
    }
}
