//! `explain`: why a connection is as it is, and what comes next.

use clap::Args;
use drawbridge::model::EndpointId;

use crate::{
    arguments::Access,
    deployment::Deployment,
    exit::{Exit, Failure},
    output::{self, Format},
    search::{Found, find},
};

/// Tells why a connection is as it is, what comes next, and what would change it
#[derive(Debug, Args)]
pub struct Explain {
    /// The consumer's endpoint, such as vpce-0f1e2d3c4b5a69788
    #[arg(value_name = "ENDPOINT")]
    endpoint: EndpointId,
    #[command(flatten)]
    access: Access,
    /// How it is told; json is one object
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Explain {
    pub async fn run(self) -> Result<Exit, Failure> {
        let deployment = Deployment::load(self.access).await?;
        let found = find(&deployment, &self.endpoint).await?;
        for Found { explanation, .. } in &found {
            match self.format {
                Format::Text => output::data(&explanation.to_string())?,
                Format::Json => output::data(&explanation.to_json().to_string())?,
            }
        }
        Ok(if found.iter().all(Found::is_clear) { Exit::Fine } else { Exit::Unclear })
    }
}
