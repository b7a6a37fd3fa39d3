//! Operations and answers as the words of the image.

use anyhow::{Context, Result, bail};
use stopped::call::{Answer, Call, Kind};
use stops_image::{answer, kind};

/// A kind as a number.
fn number(kind: Kind) -> u64 {
    match kind {
        Kind::Get => kind::GET,
        Kind::Contains => kind::CONTAINS,
        Kind::Insert => kind::INSERT,
        Kind::TryInsert => kind::TRY_INSERT,
        Kind::GetOrInsert => kind::GET_OR_INSERT,
        Kind::Update => kind::UPDATE,
        Kind::Upsert => kind::UPSERT,
        Kind::Compute => kind::COMPUTE,
        Kind::Remove => kind::REMOVE,
        Kind::RemoveIf => kind::REMOVE_IF,
        Kind::Iterate => kind::ITERATE,
        Kind::Len => kind::LEN,
        Kind::DropGuard => kind::DROP_GUARD,
        Kind::GetCopied => kind::GET_COPIED,
        Kind::IsEmpty => kind::IS_EMPTY,
        Kind::IsFull => kind::IS_FULL,
        Kind::Free => kind::FREE,
    }
}

/// The stopped operation as three words.
pub fn words_of(call: &Call) -> [u64; 3] {
    [number(call.kind), call.key, call.value]
}

/// An operation of a list as three words. No list ends a hold: [`Kind::DropGuard`] stands for a hold for
/// ever.
pub fn listed_words_of(call: &Call) -> [u64; 3] {
    match words_of(call) {
        [kind::DROP_GUARD, key, value] => [kind::HOLD, key, value],
        words => words,
    }
}

/// How many entries these answers list.
pub fn listed(answers: &[u64]) -> usize {
    let lists = answers.chunks_exact(2);
    let counts = lists.map(|pair| match pair[0] {
        answer::LIST => (pair[1] >> 32) as usize,
        _ => 0,
    });
    counts.sum()
}

/// An answer from its two words and the entries that were listed.
pub fn answer([tag, word]: [u64; 2], entries: &[u64]) -> Result<Answer> {
    Ok(match tag {
        answer::NONE => Answer::Value(None),
        answer::SOME => Answer::Value(Some(word)),
        answer::BOOL => Answer::Bool(word != 0),
        answer::INSERTED => Answer::Inserted,
        answer::OCCUPIED => Answer::Occupied(word),
        answer::FULL => Answer::Full,
        answer::COUNT => Answer::Count(usize::try_from(word)?),
        answer::DONE => Answer::Done,
        answer::LIST => {
            let start = (word & u64::from(u32::MAX)) as usize;
            let end = start + (word >> 32) as usize;
            let entries = entries.get(2 * start..2 * end);
            let entries = entries.context("more entries than there is room for")?;
            let pairs = entries.chunks_exact(2).map(|pair| (pair[0], pair[1]));
            let mut list: Vec<_> = pairs.collect();
            list.sort_unstable();
            Answer::List(list)
        }
        _ => bail!("no answer: {tag}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_found_and_sorted() {
        let entries = [9, 90, 2, 20, 1, 10];
        let words = [answer::LIST, 1 | 2 << 32];
        let expected = Answer::List(vec![(1, 10), (2, 20)]);
        assert_eq!(answer(words, &entries).unwrap(), expected);
        assert!(answer([answer::LIST, 1 | 3 << 32], &entries).is_err());
        let answers = [answer::LIST, 1 | 2 << 32, answer::SOME, 7 << 32];
        assert_eq!(listed(&answers), 2);
    }
}
