//! What is kept in step with Cloud Map: the part of `drawbridge.yaml` that concerns it.

use super::cast::{AWS_SERVICE, CONSUMERS};

#[derive(Debug)]
pub struct Terms {
    pub endpoints: &'static str,
    pub make: &'static str,
    /// Whether endpoints of a service of AWS are found without a tag.
    pub mapped: bool,
    pub targets: bool,
    pub zones: bool,
    pub most: usize,
}

const USUAL: Terms =
    Terms { endpoints: "register", make: "http-namespace", mapped: false, targets: true, zones: true, most: 100 };

pub const TERMS: [Terms; 8] = [
    USUAL,
    USUAL,
    Terms { mapped: true, ..USUAL },
    Terms { make: "services", mapped: true, ..USUAL },
    Terms { make: "nothing", zones: false, ..USUAL },
    Terms { endpoints: "remove", ..USUAL },
    Terms { most: 1, ..USUAL },
    Terms { endpoints: "none", targets: false, zones: false, ..USUAL },
];

impl Terms {
    pub fn makes_services(&self) -> bool {
        self.make != "nothing"
    }

    pub fn makes_namespaces(&self) -> bool {
        self.make == "http-namespace"
    }

    /// Its part of the document, with a comma before it.
    pub fn text(&self) -> String {
        let Self { endpoints, make, mapped, targets, zones, most } = self;
        let services =
            if *mapped { format!(", services: {{{AWS_SERVICE}: {{name: queue, port: 443}}}}") } else { String::new() };
        format!(
            ", consumers: {{accounts: ['{}']}}, cloud-map: {{endpoints: {endpoints}, namespace: shop, make: {make}, targets: {},
               take-up-zones: {zones}, most-removals: {most}{services}}}",
            CONSUMERS.join("', '"),
            if *targets { "tagged" } else { "none" },
        )
    }
}
