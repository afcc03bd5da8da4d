//! The value of a tag: what a template gives, in a form that every service takes.

use crate::model::tag;

/// What a template gives for a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// This text.
    Text(String),
    /// Nothing: a fact in it is known to be missing.
    Absent,
    /// It can't be told now.
    Unknown,
    /// Several things that it could be taken from disagree.
    Several,
}

/// A value, and what was done to it so that it can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitted {
    /// The value.
    pub value: String,
    /// What is not as it was.
    pub changes: Vec<&'static str>,
}

/// Makes a value of any text: characters that not every service takes are replaced, what is too long is cut. `None` when
/// nothing is left.
pub fn fit(text: &str) -> Option<Fitted> {
    let mut changes = Vec::new();
    let allowed: String = text.chars().map(|each| if tag::is_allowed(each) { each } else { '_' }).collect();
    if allowed != text {
        changes.push("characters replaced");
    }
    let mut value = allowed.trim().to_owned();
    if value != allowed {
        changes.push("blanks at its ends left out");
    }
    if let Some((end, _)) = value.char_indices().nth(tag::VALUE_LIMIT) {
        value.truncate(end);
        value.truncate(value.trim_end().len());
        changes.push("cut");
    }
    (!value.is_empty()).then_some(Fitted { value, changes })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_that_fits_is_left_and_other_text_is_made_to_fit() {
        let fitted = |text: &str| fit(text).map(|fitted| (fitted.value, fitted.changes));
        assert_eq!(fitted("Réseau 7 a_.:/=+-@"), Some(("Réseau 7 a_.:/=+-@".to_owned(), vec![])));
        assert_eq!(fitted("a\nb<c>"), Some(("a_b_c_".to_owned(), vec!["characters replaced"])));
        assert_eq!(fitted(" a "), Some(("a".to_owned(), vec!["blanks at its ends left out"])));
        assert_eq!(fitted(&"ä".repeat(300)), Some(("ä".repeat(256), vec!["cut"])));
        assert_eq!(fitted("  "), None);
    }

    proptest! {
        #[test]
        fn any_text_is_made_to_fit_and_fits_then(text in any::<String>(), times in 1_usize..40) {
            if let Some(fitted) = fit(&text.repeat(times)) {
                prop_assert!(fitted.value.chars().count() <= tag::VALUE_LIMIT);
                prop_assert!(fitted.value.chars().all(tag::is_allowed));
                prop_assert_eq!(fit(&fitted.value), Some(Fitted { value: fitted.value.clone(), changes: Vec::new() }));
            }
        }
    }
}
