//! The documents.

use std::rc::Rc;

use drawbridge::port::{DocumentTexts, Documents, FailureKind, PortError};

use super::Ports;
use crate::version::{Flaw, Version};

impl Documents for Ports {
    async fn poll(&mut self) -> DocumentTexts {
        // Who waits for an answer, and perhaps gives up, can't know what it would have said.
        self.wire.blind_since.set(self.wire.blind_since.get().or(Some(self.stage().now())));
        self.way().await;
        let (stage, run) = (Rc::clone(self.stage()), self.run());
        let version = stage.version();
        let hidden = || stage.trouble.hides_document(&stage.random);
        let (no_configuration, no_policy) = (hidden(), hidden());
        self.way().await;
        for (name, _) in
            [("drawbridge.yaml", no_configuration), ("acceptance.cedar", no_policy)].iter().filter(|(_, no)| *no)
        {
            stage.count("document unreadable");
            stage.tell(|| format!("  #{} can't read {name}", run.id));
        }
        if !no_configuration {
            self.wire.blind_since.set(None);
            self.serve(version, no_policy);
        }
        let hide = |hidden: bool, text: String| if hidden { Err(unreadable()) } else { Ok(text) };
        DocumentTexts {
            configuration: hide(no_configuration, version.configuration()),
            acceptance: hide(no_policy, version.acceptance()),
        }
    }
}

impl Ports {
    /// Reckons which version has to be in force now that this one is read.
    fn serve(&self, version: Version, no_policy: bool) {
        let sound = version.flaw.is_none() && !no_policy;
        let in_force = match self.wire.in_force.get() {
            _ if sound => Some(version),
            Some(before) if version.flaw != Some(Flaw::Configuration) => Some(before.in_modes_of(version)),
            before => before,
        };
        self.wire.in_force.set(in_force);
    }
}

fn unreadable() -> PortError {
    PortError {
        call: "appconfigdata:GetLatestConfiguration",
        place: "documents".to_owned(),
        kind: FailureKind::Retry,
        code: None,
        message: "no answer".to_owned(),
    }
}
