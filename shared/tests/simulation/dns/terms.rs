//! What is done about names: the part of `drawbridge.yaml` that concerns them.

use std::fmt::Write;

use crate::cast::{HUB, PARTNER, UNITS};

/// What is done about names.
#[derive(Debug)]
pub struct Terms {
    /// Whose endpoints and VPCs are looked after.
    pub consumers: &'static [&'static str],
    /// Whose zones may be written.
    pub accounts: &'static [&'static str],
    pub policy: &'static str,
    pub most: usize,
    pub verification: bool,
    /// Which endpoints get the private name of their service.
    pub select: &'static str,
    pub zonal: bool,
    pub vpcs: Selection,
}

/// Where names of one's own answer, beside the endpoint's VPC.
#[derive(Debug)]
pub struct Selection {
    pub accounts: &'static [&'static str],
    pub units: &'static [&'static str],
    pub tagged: bool,
}

impl Selection {
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty() && self.units.is_empty() && !self.tagged
    }
}

/// The tag that selects VPCs.
pub const TAG: (&str, &str) = ("dns", "yes");

const EVERYBODY: &[&str] = &[HUB, "444444444444", "555555555555", "666666666666", PARTNER];
const NOWHERE: Selection = Selection { accounts: &[], units: &[], tagged: false };
const TAGGED: Selection = Selection { tagged: true, ..NOWHERE };

const USUAL: Terms = Terms {
    consumers: EVERYBODY,
    accounts: &[HUB, "444444444444", "555555555555"],
    policy: "sync",
    most: 10,
    verification: true,
    select: "tagged",
    zonal: false,
    vpcs: TAGGED,
};

pub const TERMS: [Terms; 13] = [
    USUAL,
    USUAL,
    Terms { vpcs: Selection { accounts: &["444444444444", "666666666666"], ..NOWHERE }, ..USUAL },
    Terms { vpcs: Selection { units: &[UNITS[0], UNITS[2]], ..NOWHERE }, ..USUAL },
    Terms { vpcs: Selection { accounts: &["555555555555"], units: &[UNITS[1]], tagged: true }, ..USUAL },
    Terms { vpcs: NOWHERE, ..USUAL },
    Terms { select: "every", zonal: true, ..USUAL },
    Terms { select: "none", ..USUAL },
    Terms { policy: "upsert-only", ..USUAL },
    Terms { policy: "create-only", select: "every", ..USUAL },
    Terms { most: 1, zonal: true, ..USUAL },
    Terms { most: 0, verification: false, ..USUAL },
    Terms { accounts: &["444444444444"], consumers: &["444444444444", "555555555555"], ..USUAL },
];

impl Terms {
    pub fn may_write(&self, account: &str) -> bool {
        self.accounts.contains(&account)
    }

    pub fn deletes(&self) -> bool {
        self.policy == "sync"
    }

    pub fn updates(&self) -> bool {
        self.policy != "create-only"
    }

    /// Its part of the document, with a comma before it.
    pub fn text(&self) -> String {
        let mut text = format!(
            ", consumers: {{accounts: {}}}, dns: {{accounts: {}, policy: {}, most-removals: {}, verification: {},
               private-names: {{select: {}}}, names: {{zonal: {}",
            list(self.consumers),
            list(self.accounts),
            self.policy,
            self.most,
            if self.verification { "selected" } else { "none" },
            self.select,
            self.zonal
        );
        if !self.vpcs.is_empty() {
            let (accounts, units) = (list(self.vpcs.accounts), list(self.vpcs.units));
            let _ = write!(text, ", vpcs: {{accounts: {accounts}, organizational-units: {units}");
            if self.vpcs.tagged {
                let _ = write!(text, ", tag: {{key: {}, value: '{}'}}", TAG.0, TAG.1);
            }
            text.push('}');
        }
        text + "}}"
    }
}

fn list(of: &[&str]) -> String {
    let quoted: Vec<String> = of.iter().map(|word| format!("'{word}'")).collect();
    format!("[{}]", quoted.join(", "))
}
