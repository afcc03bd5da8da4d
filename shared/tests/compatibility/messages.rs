//! Messages that one version has sent and another may receive: what Drawbridge asks of itself, and what it tells of decisions.

use drawbridge::event::{self, Trigger};
use serde_json::{Map, Value, json};

use super::case::text;

/// What each message names.
pub fn read(sent: &Value) -> Value {
    let read = |message: &Value| match event::parse_body(&message.to_string()) {
        Ok(Trigger::Subjects(subjects)) => json!(subjects.iter().map(ToString::to_string).collect::<Vec<_>>()),
        Ok(Trigger::Ignored(why)) => json!(why.code()),
        Err(why) => panic!("{why}: {message}"),
    };
    let messages = sent.as_array().into_iter().flatten();
    let named = messages.map(|message| (text(&message["name"]).to_owned(), read(&message["message"])));
    Value::Object(named.collect::<Map<_, _>>())
}

/// What was named then, of what is named today: that more is looked at is no loss.
pub fn without_what_is_new(mut today: Value, then: &Value) -> Value {
    for (name, named) in today.as_object_mut().into_iter().flatten() {
        let named_then = then[name].as_array().cloned().unwrap_or_default();
        if let Some(named) = named.as_array_mut() {
            named.retain(|subject| named_then.contains(subject));
        }
    }
    today
}
