//! Forks and resumed copies of a session repeat its messages: each is counted once.

use std::collections::HashMap;

use crate::entry::{SessionRow, Tokens};
use crate::session::{Message, Usage};

/// A session of the table.
#[derive(Clone)]
pub(super) struct Counted {
    /// The name of its handoffs.
    pub(super) name: String,
    pub(super) row: SessionRow,
    pub(super) messages: Vec<Message>,
}

/// Sets [`SessionRow::own_tokens`] and [`SessionRow::copy_of`]: a message belongs to the session that began first,
/// of those to the one that ended first, and then to the first by path.
pub(super) fn count_once(sessions: &mut [&mut Counted]) {
    let mut order: Vec<usize> = (0..sessions.len()).collect();
    let age = |index: &usize| {
        let row = &sessions[*index].row;
        (&row.started, &row.ended, &row.path)
    };
    order.sort_by(|a, b| age(a).cmp(&age(b)));
    let mut owners: HashMap<u64, usize> = HashMap::new();
    for index in order {
        let mut own = Tokens::default();
        // Whose messages this session repeats, and how many.
        let mut repeats: Vec<(usize, usize)> = Vec::new();
        let messages = &sessions[index].messages;
        for message in messages {
            let owner = match message.id {
                // A message without an id repeats none.
                0 => index,
                id => *owners.entry(id).or_insert(index),
            };
            if owner == index {
                add(&mut own, &message.usage);
            } else {
                match repeats.iter_mut().find(|(known, _)| *known == owner) {
                    Some((_, count)) => *count += 1,
                    None => repeats.push((owner, 1)),
                }
            }
        }
        let repeated: usize = repeats.iter().map(|(_, count)| count).sum();
        let most = repeats.iter().map(|(_, count)| *count).max();
        let original = repeats
            .iter()
            .find(|(_, count)| Some(*count) == most && repeated == messages.len())
            .map(|(owner, _)| sessions[*owner].row.session.clone());
        let row = &mut sessions[index].row;
        row.own_tokens = own;
        row.copy_of = original;
    }
}

/// Counts of a damaged store may be anything.
fn add(tokens: &mut Tokens, usage: &Usage) {
    let add = |sum: &mut u64, more: u64| *sum = sum.saturating_add(more);
    add(&mut tokens.input, usage.input);
    add(&mut tokens.output, usage.output);
    add(&mut tokens.cache_read, usage.cache_read);
    add(&mut tokens.cache_creation, usage.cache_creation);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A session by the minute it began and the minute it ended, with messages of one token each.
    fn session(id: &str, minutes: (u32, u32), messages: &[u64]) -> Counted {
        let time = |minute| Some(format!("2026-01-01T00:{minute:02}:00Z"));
        let row = SessionRow {
            session: id.to_owned(),
            path: id.to_owned(),
            started: time(minutes.0),
            ended: time(minutes.1),
            ..SessionRow::default()
        };
        let usage = Usage {
            output: 1,
            ..Usage::default()
        };
        let messages = messages.iter().map(|&id| Message { id, usage }).collect();
        Counted {
            name: id.to_owned(),
            row,
            messages,
        }
    }

    #[test]
    fn messages_without_an_id_are_no_copies() {
        let mut sessions = [session("a", (0, 1), &[0, 0]), session("b", (2, 3), &[0])];
        count_once(&mut sessions.iter_mut().collect::<Vec<_>>());
        assert!(sessions.iter().all(|one| one.row.copy_of.is_none()));
        assert_eq!(sessions[0].row.own_tokens.output, 2);
        assert_eq!(sessions[1].row.own_tokens.output, 1);
    }

    #[test]
    fn a_message_belongs_to_the_session_that_had_it_first() {
        let mut sessions = [
            session("fork", (0, 9), &[1, 2, 3]),
            session("first", (0, 5), &[1, 2]),
            session("copy", (1, 5), &[2, 1]),
            session("empty", (2, 3), &[]),
        ];
        count_once(&mut sessions.iter_mut().collect::<Vec<_>>());
        let got: Vec<(&str, u64, Option<&str>)> = sessions
            .iter()
            .map(|Counted { row, .. }| {
                (
                    row.session.as_str(),
                    row.own_tokens.output,
                    row.copy_of.as_deref(),
                )
            })
            .collect();
        assert_eq!(
            got,
            [
                ("fork", 1, None),
                ("first", 2, None),
                ("copy", 0, Some("first")),
                ("empty", 0, None)
            ]
        );
    }
}
