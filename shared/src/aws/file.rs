//! The documents in a folder, for local use and tests.

use std::path::PathBuf;

use crate::{
    policy::{ACCEPTANCE_DOCUMENT, CONFIGURATION_DOCUMENT},
    port::{DocumentTexts, Documents, FailureKind, PortError},
};

/// A folder that holds both documents under their names.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
}

impl Files {
    pub(super) fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    fn read(&self, name: &str) -> Result<String, PortError> {
        let path = self.folder.join(name);
        std::fs::read_to_string(&path).map_err(|error| PortError {
            call: "file:Read",
            place: path.display().to_string(),
            kind: FailureKind::Refused,
            code: None,
            message: error.to_string(),
        })
    }
}

impl Documents for Files {
    async fn poll(&mut self) -> DocumentTexts {
        DocumentTexts { configuration: self.read(CONFIGURATION_DOCUMENT), acceptance: self.read(ACCEPTANCE_DOCUMENT) }
    }
}
