//! The deployment that is asked about: its rules in force, and the way to its accounts.

use aws_config::{BehaviorVersion, Region};
use drawbridge::{
    aws::{Aws, Ec2, Route53, Source},
    policy::Rules,
    port::Documents,
};

use crate::{
    arguments::Access,
    caller,
    exit::Failure,
    output::{self, counted},
};

/// By this name the sessions of assumed roles are known in CloudTrail.
const SESSION: &str = "drawbridge-command";

/// A deployment.
#[derive(Debug)]
pub struct Deployment {
    /// The way to AWS, in the hub.
    pub aws: Aws,
    /// Its rules, as they are in the source now.
    pub rules: Rules,
}

impl Deployment {
    /// Reads its rules, and sees that the credentials are the hub's.
    ///
    /// # Errors
    /// When the rules can't be read or are wrong, and when the credentials are another account's.
    pub async fn load(access: Access) -> Result<Self, Failure> {
        let mut rules = read_rules(documents(&access.source).await?, &access.source).await?;
        if let Some(role) = access.role {
            rules.configuration.providers.role = role;
        }
        caller::check(&rules.configuration.hub_account).await?;
        Ok(Self { aws: Box::pin(Aws::from_environment()).await, rules })
    }

    /// The endpoint services of its providers and their connections, and the endpoints of its consumers.
    pub fn private_link(&self) -> Ec2 {
        self.aws.private_link(SESSION, &self.rules.configuration)
    }

    /// The hosted zones of its accounts.
    pub fn hosted_zones(&self) -> Route53 {
        self.aws.hosted_zones(SESSION, &self.rules.configuration)
    }
}

/// The documents of a source. Those in a folder are read without AWS.
///
/// # Errors
/// When the source is none.
pub async fn documents(source: &str) -> Result<Source, Failure> {
    let aws = if source.starts_with("file:") {
        // With a Region and no credentials, nothing is asked of anybody, not even of the machine's metadata service.
        let nobody = aws_config::defaults(BehaviorVersion::v2026_01_12()).region(Region::from_static("us-east-1"));
        Box::pin(Aws::load(nobody.no_credentials())).await
    } else {
        Box::pin(Aws::from_environment()).await
    };
    aws.documents(source).map_err(|error| Failure::unclear(error.to_string()))
}

async fn read_rules(mut documents: Source, source: &str) -> Result<Rules, Failure> {
    let texts = documents.poll().await;
    match Rules::parse(&texts.configuration?, &texts.acceptance?) {
        Ok(rules) => {
            output::note(&format!("judged by the rules of {source}"));
            Ok(rules)
        }
        Err(faults) => {
            let count = counted(faults.iter().count(), "fault", "faults");
            Err(Failure::unclear(format!("the rules of {source} are not valid: {count}")).remedy(format!(
                "drawbridge validate --source {source} lists them; functions keep to the last version that was valid"
            )))
        }
    }
}
