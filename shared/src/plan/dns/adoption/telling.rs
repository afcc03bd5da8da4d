//! An adoption in words: for a person, and for programs.

use std::fmt;

use serde_json::{Value, json};

use super::{Adoption, Step};
use crate::{
    model::{RecordKey, Zone, ZoneKey, printable},
    plan::Decision,
};

impl Adoption {
    /// The same for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let decision = |decision: &Decision| json!({ "reason": decision.reason, "why": decision.detail, "remedies": decision.remedies });
        json!({
            "name": self.subject,
            "adopts": self.steps.iter().map(Step::to_json).collect::<Vec<_>>(),
            "adopted_before": self.ours.iter().map(RecordKey::to_string).collect::<Vec<_>>(),
            "held": self.held.iter().map(decision).collect::<Vec<_>>(),
            "notes": self.notes,
        })
    }
}

impl Step {
    fn to_json(&self) -> Value {
        let Zone { key: ZoneKey { account, zone: id }, name, .. } = self.zone();
        match self {
            Self::Register { records, vpcs, .. } => {
                let records: Vec<String> = records.iter().map(RecordKey::to_string).collect();
                json!({ "account": account, "zone": id, "zone_name": name, "records": records, "vpcs": vpcs })
            }
            Self::Mark { zone, comment } => {
                let comment = json!({ "is": zone.comment, "becomes": comment });
                json!({ "account": account, "zone": id, "zone_name": name, "comment": comment })
            }
        }
    }

    /// What it makes ours, a line each.
    fn told(&self) -> Vec<String> {
        match self {
            Self::Register { records, vpcs, .. } => {
                let vpcs = vpcs.iter().map(|vpc| format!("the association with {vpc}"));
                records.iter().map(RecordKey::to_string).chain(vpcs).collect()
            }
            Self::Mark { zone, comment } if zone.comment.is_empty() => {
                vec![format!("the zone itself; its comment becomes {comment:?}")]
            }
            Self::Mark { zone, comment } => {
                vec![format!("the zone itself; its comment {:?} becomes {comment:?}", zone.comment)]
            }
        }
    }
}

impl fmt::Display for Adoption {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", printable(&self.subject))?;
        if let Some(step) = self.steps.first() {
            write!(formatter, ", zone {} ({})", step.zone().key, printable(step.zone().name.as_str()))?;
        }
        writeln!(formatter)?;
        let decision = |decision: &Decision| {
            let texts = decision.detail.iter().chain(&decision.remedies);
            format!("{}: {}", decision.reason, texts.cloned().collect::<Vec<_>>().join("; "))
        };
        let parts: [(&str, Vec<String>); 4] = [
            ("to adopt", self.steps.iter().flat_map(Step::told).collect()),
            ("adopted before", self.ours.iter().map(RecordKey::to_string).collect()),
            ("can't be adopted", self.held.iter().map(decision).collect()),
            ("notes", self.notes.clone()),
        ];
        for (title, lines) in parts.iter().filter(|(_, lines)| !lines.is_empty()) {
            writeln!(formatter, "  {title}")?;
            lines.iter().try_for_each(|line| writeln!(formatter, "    {}", printable(line)))?;
        }
        if parts.iter().all(|(_, lines)| lines.is_empty()) {
            writeln!(formatter, "  nothing to adopt")?;
        }
        Ok(())
    }
}
