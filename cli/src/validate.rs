//! `validate`: whether the documents are right, before they are deployed.

use clap::Args;
use drawbridge::{
    aws::SystemClock,
    policy::{Acceptance, Configuration, Fault, Faults, Rules},
    port::{Clock, DocumentTexts, Documents, PortError},
};
use serde_json::json;

use crate::{
    arguments::SOURCE_VARIABLE,
    deployment::documents,
    exit::{Exit, Failure},
    output::{self, Format, counted},
};

/// Checks drawbridge.yaml and acceptance.cedar; in a folder it needs no AWS
#[derive(Debug, Args)]
pub struct Validate {
    /// Folder that holds both documents, in place of a source
    #[arg(value_name = "FOLDER")]
    folder: Option<String>,
    /// Where they are: file:<folder> or appconfig:<application>/<environment>
    #[arg(long, env = SOURCE_VARIABLE, value_name = "SOURCE", default_value = "file:.", hide_env_values = true)]
    source: String,
    /// Let warnings fail it
    #[arg(long)]
    deny_warnings: bool,
    /// How faults and warnings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Validate {
    pub async fn run(self) -> Result<Exit, Failure> {
        let source = self.folder.map_or(self.source, |folder| format!("file:{folder}"));
        let report = Report::new(documents(&source).await?.poll().await);
        match self.format {
            Format::Text => report.print(&source)?,
            Format::Json => output::data(&report.to_json(&source).to_string())?,
        }
        let exit = report.exit(self.deny_warnings)?;
        output::note(&report.summary(&source));
        Ok(exit)
    }
}

/// What was found.
struct Report {
    /// What is in force when they are deployed, when nothing is wrong.
    rules: Option<Rules>,
    faults: Faults,
    warnings: Vec<String>,
    unread: Vec<PortError>,
}

impl Report {
    /// Checks the documents; one that can't be read doesn't hide the faults of the other.
    fn new(texts: DocumentTexts) -> Self {
        let mut report = Self { rules: None, faults: Faults::default(), warnings: Vec::new(), unread: Vec::new() };
        let checked = match (texts.configuration, texts.acceptance) {
            (Ok(configuration), Ok(acceptance)) => Rules::parse(&configuration, &acceptance).map(Some),
            (configuration, acceptance) => {
                let faults = [
                    configuration.map(|text| Configuration::parse(&text).err()),
                    acceptance.map(|text| Acceptance::parse(&text).err()),
                ];
                for faults in faults {
                    match faults {
                        Ok(faults) => report.faults.extend(faults.unwrap_or_default()),
                        Err(error) => report.unread.push(error),
                    }
                }
                Ok(None)
            }
        };
        match checked {
            Ok(rules) => report.rules = rules,
            Err(faults) => report.faults = faults,
        }
        report.warnings = report.rules.as_ref().map(|rules| rules.findings(SystemClock.now())).unwrap_or_default();
        report
    }

    fn print(&self, source: &str) -> Result<(), Failure> {
        let folder = source.strip_prefix("file:").map(|folder| format!("{}/", folder.trim_end_matches('/')));
        // As an editor opens it, seen from here.
        let folder = folder.filter(|folder| folder != "./").unwrap_or_default();
        self.faults.iter().try_for_each(|fault| output::data(&format!("{folder}{fault}")))?;
        self.warnings.iter().try_for_each(|warning| output::data(&format!("warning: {warning}")))
    }

    fn to_json(&self, source: &str) -> serde_json::Value {
        let fault = |fault: &Fault| json!({ "document": fault.document, "line": fault.line, "column": fault.column, "message": fault.message });
        json!({
            "source": source,
            "faults": self.faults.iter().map(fault).collect::<Vec<_>>(),
            "warnings": self.warnings,
            "unread": self.unread.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    }

    fn summary(&self, source: &str) -> String {
        let faults = self.faults.iter().count();
        match &self.rules {
            Some(rules) => {
                let configuration = &rules.configuration;
                format!(
                    "{source}: valid: deployment {}, mode {}, {}, {}",
                    configuration.deployment,
                    configuration.mode,
                    counted(rules.acceptance.count(), "policy", "policies"),
                    counted(self.warnings.len(), "warning", "warnings"),
                )
            }
            None => format!("{source}: not valid: {}", counted(faults, "fault", "faults")),
        }
    }

    fn exit(&self, deny_warnings: bool) -> Result<Exit, Failure> {
        if let [more @ .., last] = self.unread.as_slice() {
            for error in more {
                output::error(&error.to_string());
            }
            return Err(last.clone().into());
        }
        let wrong = !self.faults.is_empty() || deny_warnings && !self.warnings.is_empty();
        Ok(if wrong { Exit::Findings } else { Exit::Fine })
    }
}
