//! Dashboards.

use std::collections::BTreeSet;

use super::{CloudWatch, all_pages, place, port_error};
use crate::{
    aws::pages::Next,
    model::{AccountId, Region},
    port::{Dashboards, FailureKind, PortError},
    reconcile::Permit,
};

const LIST: &str = "cloudwatch:ListDashboards";
const GET: &str = "cloudwatch:GetDashboard";
const PUT: &str = "cloudwatch:PutDashboard";
const DELETE: &str = "cloudwatch:DeleteDashboards";

impl Dashboards for CloudWatch {
    async fn list_dashboards(
        &self,
        account: &AccountId,
        region: &Region,
        prefix: &str,
    ) -> Result<BTreeSet<String>, PortError> {
        let client = &self.client(account, region).await;
        let here = &place(account, region);
        let listed = all_pages(LIST, here, None, async |token| {
            let call = client.list_dashboards().dashboard_name_prefix(prefix).set_next_token(token);
            let output = call.send().await.map_err(|error| port_error(LIST, here.clone(), &error))?;
            let entries = output.dashboard_entries().iter();
            let names = entries.filter_map(|entry| entry.dashboard_name().map(ToOwned::to_owned)).collect();
            Ok((names, Next::by_token(output.next_token())))
        });
        Ok(listed.await?.into_iter().collect())
    }

    async fn dashboard(&self, account: &AccountId, region: &Region, name: &str) -> Result<Option<String>, PortError> {
        let output = self.client(account, region).await.get_dashboard().dashboard_name(name).send().await;
        match output.map_err(|error| port_error(GET, place(account, region), &error)) {
            Ok(output) => Ok(output.dashboard_body().map(ToOwned::to_owned)),
            Err(error) if error.kind == FailureKind::Gone => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn put_dashboard(
        &self,
        account: &AccountId,
        region: &Region,
        name: &str,
        body: &str,
        _: &Permit,
    ) -> Result<(), PortError> {
        let here = place(account, region);
        let call = self.client(account, region).await.put_dashboard().dashboard_name(name).dashboard_body(body);
        let output = call.send().await.map_err(|error| port_error(PUT, here.clone(), &error))?;
        // Warnings are about what CloudWatch leaves out of a dashboard that it takes.
        let Some(first) = output.dashboard_validation_messages().first() else { return Ok(()) };
        let message = format!(
            "{name} was taken with a warning: {}: {}",
            first.data_path().unwrap_or_default(),
            first.message().unwrap_or_default()
        );
        Err(PortError { call: PUT, place: here, kind: FailureKind::Refused, code: None, message })
    }

    async fn delete_dashboard(
        &self,
        account: &AccountId,
        region: &Region,
        name: &str,
        _: &Permit,
    ) -> Result<(), PortError> {
        let output = self.client(account, region).await.delete_dashboards().dashboard_names(name).send().await;
        match output.map_err(|error| port_error(DELETE, place(account, region), &error)) {
            Ok(_) => Ok(()),
            Err(error) if error.kind == FailureKind::Gone => Ok(()),
            Err(error) => Err(error),
        }
    }
}
