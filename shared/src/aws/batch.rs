//! Batches: writes that answer for every item, and reads that pass over what is gone.

use std::{collections::BTreeSet, future::Future};

use crate::port::{Answers, FailureKind, PortError};

/// Sends the items in calls of at most `limit`.
///
/// A call that AWS refuses as a whole, for one bad item or for too many, is halved and tried again until each item has an
/// answer of its own. Other failures answer for all items of their call.
pub async fn in_batches<T, F, W>(items: &BTreeSet<T>, limit: usize, write: F) -> Answers<T>
where
    T: Ord + Clone,
    F: Fn(Vec<T>) -> W,
    W: Future<Output = Result<Answers<T>, PortError>>,
{
    let items: Vec<T> = items.iter().cloned().collect();
    let mut waiting: Vec<Vec<T>> = items.chunks(limit).map(<[T]>::to_vec).rev().collect();
    let mut answers = Answers::new();
    while let Some(mut batch) = waiting.pop() {
        match write(batch.clone()).await {
            Ok(answered) => answers.extend(answered),
            Err(error)
                if batch.len() > 1
                    && matches!(error.kind, FailureKind::Refused | FailureKind::Gone | FailureKind::Overtaken) =>
            {
                let rest = batch.split_off(batch.len() / 2);
                waiting.push(rest);
                waiting.push(batch);
            }
            Err(error) => answers.extend(batch.into_iter().map(|item| (item, Err(error.clone())))),
        }
    }
    answers
}

/// Reads what is named, in calls of at most `limit`. One that is gone fails its call for all: that call is halved and tried
/// again until what is gone stands alone, and is left out.
///
/// # Errors
/// When anything can't be read for another reason.
pub async fn read_existing<T>(
    names: &[String],
    limit: usize,
    read: impl AsyncFn(&[String]) -> Result<Vec<T>, PortError>,
) -> Result<Vec<T>, PortError> {
    let mut waiting: Vec<&[String]> = names.chunks(limit).rev().collect();
    let mut found = Vec::new();
    while let Some(batch) = waiting.pop() {
        match read(batch).await {
            Ok(read) => found.extend(read),
            Err(error) if error.kind == FailureKind::Gone => {
                if batch.len() > 1 {
                    let (first, rest) = batch.split_at(batch.len() / 2);
                    waiting.extend([rest, first]);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn refused(kind: FailureKind) -> PortError {
        PortError { call: "test:Write", place: String::new(), kind, code: None, message: String::new() }
    }

    async fn sizes_and_failures(kind: FailureKind, bad: u32, count: u32) -> (Vec<usize>, Vec<u32>) {
        let sizes = RefCell::new(Vec::new());
        let items: BTreeSet<u32> = (0..count).collect();
        let answers = in_batches(&items, 4, |batch| {
            sizes.borrow_mut().push(batch.len());
            async move {
                if batch.contains(&bad) {
                    Err(refused(kind))
                } else {
                    Ok(batch.into_iter().map(|item| (item, Ok(()))).collect())
                }
            }
        })
        .await;
        assert_eq!(answers.len(), items.len(), "every item is answered");
        let failed = answers.into_iter().filter(|(_, answer)| answer.is_err()).map(|(item, _)| item).collect();
        (sizes.into_inner(), failed)
    }

    #[tokio::test]
    async fn items_go_in_as_few_calls_as_the_limit_allows() {
        assert_eq!(sizes_and_failures(FailureKind::Refused, 99, 10).await, (vec![4, 4, 2], vec![]));
    }

    #[tokio::test]
    async fn refused_call_is_halved_until_the_bad_item_stands_alone() {
        assert_eq!(sizes_and_failures(FailureKind::Refused, 1, 4).await, (vec![4, 2, 1, 1, 2], vec![1]));
    }

    #[tokio::test]
    async fn throttled_call_is_not_halved() {
        assert_eq!(sizes_and_failures(FailureKind::Retry, 1, 4).await, (vec![4], vec![0, 1, 2, 3]));
    }

    async fn found(kind: FailureKind, gone: &str) -> Result<Vec<String>, PortError> {
        let names = ["a", "b", "c", "d", "e"].map(ToOwned::to_owned);
        read_existing(&names, 3, async |batch| {
            let is_gone = batch.iter().any(|name| name == gone);
            if is_gone { Err(refused(kind)) } else { Ok(batch.to_vec()) }
        })
        .await
    }

    #[tokio::test]
    async fn what_is_gone_is_left_out_and_hides_nothing_else() {
        assert_eq!(found(FailureKind::Gone, "b").await.unwrap(), ["a", "c", "d", "e"]);
        assert_eq!(found(FailureKind::Gone, "none").await.unwrap(), ["a", "b", "c", "d", "e"]);
    }

    #[tokio::test]
    async fn what_can_not_be_read_is_not_taken_to_be_gone() {
        assert_eq!(found(FailureKind::Denied, "b").await.unwrap_err().kind, FailureKind::Denied);
    }
}
