//! Listings whose pages the SDK doesn't follow by itself.

use super::private_link::answer::cut_short;
use crate::port::PortError;

/// Where a listing ends, and where it goes on.
#[derive(Debug)]
pub enum Next<P> {
    /// This was the last page, or no more is wanted.
    End,
    /// The next page begins here. AWS owes the place: `None` when it said that there is more, and not where.
    Page(Option<P>),
}

impl Next<String> {
    /// The next page of a listing that names it by a token, and its end by none or by an empty one.
    pub fn by_token(token: Option<&str>) -> Self {
        token.filter(|token| !token.is_empty()).map_or(Self::End, |token| Self::Page(Some(token.to_owned())))
    }
}

impl<P> Next<P> {
    /// The next page of a listing that says whether it has one.
    pub fn by_flag(more: bool, start: Option<P>) -> Self {
        if more { Self::Page(start) } else { Self::End }
    }
}

/// Reads pages to the last. A listing that doesn't get on is an error.
pub async fn all_pages<T, P: PartialEq + Clone>(
    call: &'static str,
    place: &str,
    first: Option<P>,
    read: impl AsyncFn(Option<P>) -> Result<(Vec<T>, Next<P>), PortError>,
) -> Result<Vec<T>, PortError> {
    let mut items = Vec::new();
    let mut start = first;
    loop {
        let (page, next) = read(start.clone()).await?;
        items.extend(page);
        match next {
            Next::End => return Ok(items),
            Next::Page(Some(next)) if start.as_ref() != Some(&next) => start = Some(next),
            Next::Page(_) => return Err(cut_short(call, place.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::FailureKind;

    /// Reads pages that are named by the tokens of the answers before.
    async fn listed(answers: &[(&[u32], Option<&str>)]) -> Result<Vec<u32>, PortError> {
        let page = |start: Option<String>| start.map_or(0, |start| start.parse::<usize>().unwrap());
        all_pages("test:List", "here", None, async |start| {
            let (items, token) = answers[page(start)];
            Ok((items.to_vec(), Next::by_token(token)))
        })
        .await
    }

    #[tokio::test]
    async fn listing_is_read_to_its_last_page_also_over_an_empty_one() {
        assert_eq!(listed(&[(&[1], Some("1")), (&[], Some("2")), (&[2, 3], None)]).await.unwrap(), [1, 2, 3]);
        assert_eq!(listed(&[(&[1], Some(""))]).await.unwrap(), [1]);
    }

    #[tokio::test]
    async fn listing_that_does_not_get_on_is_an_error() {
        let error = listed(&[(&[1], Some("1")), (&[2], Some("1"))]).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::Retry);
        let nowhere =
            all_pages::<u32, String>("test:List", "here", None, async |_| Ok((vec![1], Next::by_flag(true, None))));
        assert_eq!(nowhere.await.unwrap_err().kind, FailureKind::Retry);
    }
}
