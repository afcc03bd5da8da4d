//! Batches of writes that answer for every item.

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
}
