//! The function that `AppConfig` asks before it deploys a document: what the functions would not take is refused.
//!
//! It stands by itself: one that read the documents in force, as the others do, could not start when these are broken, and
//! nobody could mend them.

use std::process::ExitCode;

use aws_lambda_events::encodings::Base64Data;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{malformed, print_lines, variable};
use crate::{
    aws::SystemClock,
    policy::{ACCEPTANCE_DOCUMENT, Acceptance, CONFIGURATION_DOCUMENT, Configuration, Faults},
    port::Clock,
    report::time,
};

/// Names the document that is asked about: `drawbridge.yaml` or `acceptance.cedar`.
pub const DOCUMENT_VARIABLE: &str = "DRAWBRIDGE_DOCUMENT";

/// What `AppConfig` sends.
///
/// Source: `AppConfig` user guide, "About validators".
#[derive(Debug, Deserialize)]
struct Question {
    /// The document.
    content: Base64Data,
}

/// Serves until Lambda ends the process.
pub async fn start() -> ExitCode {
    let served = match variable(DOCUMENT_VARIABLE) {
        Ok(name) => {
            let name = &name;
            lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| answer(name, event.payload))).await
        }
        Err(error) => Err(error.into()),
    };
    let Err(error) = served else { return ExitCode::SUCCESS };
    tell("ERROR", &error.to_string());
    ExitCode::FAILURE
}

/// Nothing when the document can be deployed; else an error with every fault. `AppConfig` shows it, and deploys nothing.
fn answer(name: &str, question: Value) -> Result<Value, Diagnostic> {
    let question: Question = serde_json::from_value(question).map_err(|error| malformed(&error.to_string()))?;
    match check(name, &question.content.0) {
        Ok(()) => {
            tell("INFO", &format!("{name} can be deployed"));
            Ok(Value::Null)
        }
        Err(why) => {
            tell("WARN", &format!("{name} refused: {why}"));
            Err(Diagnostic { error_type: "InvalidDocument".to_owned(), error_message: why })
        }
    }
}

fn check(name: &str, content: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(content).map_err(|error| format!("{name} is not UTF-8: {error}"))?;
    let checked: Result<(), Faults> = match name {
        CONFIGURATION_DOCUMENT => Configuration::parse(text).map(drop),
        ACCEPTANCE_DOCUMENT => Acceptance::parse(text).map(drop),
        _ => {
            return Err(format!(
                "{DOCUMENT_VARIABLE} is {name:?}; it has to be {CONFIGURATION_DOCUMENT} or {ACCEPTANCE_DOCUMENT}"
            ));
        }
    };
    checked.map_err(|faults| faults.to_string())
}

fn tell(level: &str, message: &str) {
    let at = time(SystemClock.now());
    print_lines(&[json!({ "level": level, "timestamp": at, "service": "validate-documents", "message": message })]);
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIGURATION: &str = "{version: 1, deployment: d, organization: o-a1b2c3d4e5, hub-account: '222222222222',
        providers: {accounts: ['222222222222'], regions: [eu-west-1]}}";
    const POLICY: &str = "permit (principal, action, resource);";

    fn ask(name: &str, content: &[u8]) -> Result<Value, Diagnostic> {
        answer(name, json!({ "applicationId": "abc1234", "content": Base64Data(content.to_vec()), "uri": "hosted" }))
    }

    #[test]
    fn document_that_functions_would_take_can_be_deployed() {
        assert_eq!(ask(CONFIGURATION_DOCUMENT, CONFIGURATION.as_bytes()).unwrap(), Value::Null);
        assert_eq!(ask(ACCEPTANCE_DOCUMENT, POLICY.as_bytes()).unwrap(), Value::Null);
    }

    #[test]
    fn what_they_would_not_take_is_refused_with_the_place() {
        let refused = |name, content: &str| ask(name, content.as_bytes()).unwrap_err();
        let faulty = refused(CONFIGURATION_DOCUMENT, &CONFIGURATION.replace("version: 1", "version: 9"));
        assert_eq!(faulty.error_type, "InvalidDocument");
        assert!(faulty.error_message.contains("drawbridge.yaml:1:"), "{}", faulty.error_message);
        let faulty = refused(ACCEPTANCE_DOCUMENT, "permit (principal, action resource);");
        assert!(faulty.error_message.contains("acceptance.cedar:1:"), "{}", faulty.error_message);
    }

    #[test]
    fn documents_of_each_other_are_refused() {
        ask(CONFIGURATION_DOCUMENT, POLICY.as_bytes()).unwrap_err();
        ask(ACCEPTANCE_DOCUMENT, CONFIGURATION.as_bytes()).unwrap_err();
        ask("other.yaml", CONFIGURATION.as_bytes()).unwrap_err();
        ask(CONFIGURATION_DOCUMENT, b"\xff\xfe").unwrap_err();
    }

    #[test]
    fn question_without_a_document_is_refused() {
        for question in [json!({}), json!({ "content": "%%%" }), json!({ "content": 1 })] {
            assert_eq!(answer(CONFIGURATION_DOCUMENT, question).unwrap_err().error_type, "Unparsable");
        }
    }
}
