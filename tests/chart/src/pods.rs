use std::collections::BTreeMap;

use serde_json::Value;

/// The pods of a Deployment or Job.
#[derive(Clone, Copy)]
pub struct Pod<'a> {
    /// The Deployment or Job.
    pub owner: &'a Value,
}

impl<'a> Pod<'a> {
    /// Those of these manifests.
    pub fn all(manifests: &'a [Value]) -> impl Iterator<Item = Self> {
        let owners = manifests.iter().filter(|it| it["kind"] == "Deployment" || it["kind"] == "Job");
        owners.map(|owner| Self { owner })
    }

    /// Those that a selector takes.
    #[must_use]
    pub fn selected(manifests: &'a [Value], selector: &Value) -> Vec<Self> {
        Self::all(manifests).filter(|pod| pod.is_selected(selector)).collect()
    }

    /// Whether its labels are those of a selector.
    #[must_use]
    pub fn is_selected(&self, selector: &Value) -> bool {
        let labels = &self.owner["spec"]["template"]["metadata"]["labels"];
        let wanted = selector.as_object();
        wanted.is_some_and(|wanted| wanted.iter().all(|(name, value)| labels[name] == *value))
    }

    /// What it does: `orders`, `relay`, `gateway`.
    #[must_use]
    pub fn component(&self) -> &'a str {
        self.owner["metadata"]["labels"]["app.kubernetes.io/component"].as_str().unwrap_or_default()
    }

    /// Whether it goes on until it is asked to end.
    #[must_use]
    pub fn is_service(&self) -> bool {
        self.owner["kind"] == "Deployment"
    }

    /// Whether it runs the program `waybill`.
    #[must_use]
    pub fn is_waybill(&self) -> bool {
        self.component() != "gateway"
    }

    /// Its `spec`.
    #[must_use]
    pub fn spec(&self) -> &'a Value {
        &self.owner["spec"]["template"]["spec"]
    }

    /// Its containers, those that run first included.
    pub fn containers(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        let spec = self.spec();
        ["initContainers", "containers"]
            .into_iter()
            .flat_map(|list| spec[list].as_array().into_iter().flatten())
    }

    /// The words of its command.
    #[must_use]
    pub fn words(&self) -> Vec<&'a str> {
        let words =
            self.containers().flat_map(|container| container["args"].as_array().into_iter().flatten());
        words.filter_map(Value::as_str).collect()
    }

    /// Its variables by their names, in order.
    #[must_use]
    pub fn variables(&self) -> Vec<(&'a str, &'a Value)> {
        let given = self.containers().flat_map(|container| container["env"].as_array().into_iter().flatten());
        given.map(|variable| (variable["name"].as_str().unwrap_or_default(), variable)).collect()
    }

    /// The plain value of a variable.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&'a str> {
        self.variables().into_iter().find(|(given, _)| *given == name)?.1["value"].as_str()
    }

    /// The addresses within the release that it calls: `waybill-orders:3333`.
    #[must_use]
    pub fn calls(&self) -> Vec<&'a str> {
        let upstreams = self.variables().into_iter().filter(|(name, _)| name.ends_with("_UPSTREAM"));
        let mut words = self.words().into_iter().skip_while(|word| *word != "--to").skip(1);
        let to = words.next().map(|url| url.trim_start_matches("http://").trim_end_matches("/events"));
        upstreams.filter_map(|(_, given)| given["value"].as_str()).chain(to).collect()
    }

    /// Its ports by their names.
    #[must_use]
    pub fn ports(&self) -> BTreeMap<&'a str, u64> {
        let ports =
            self.containers().flat_map(|container| container["ports"].as_array().into_iter().flatten());
        ports.filter_map(|port| Some((port["name"].as_str()?, port["containerPort"].as_u64()?))).collect()
    }
}

/// What these manifests run, in the order of their names.
#[must_use]
pub fn components(manifests: &[Value]) -> Vec<&str> {
    let mut names: Vec<_> = Pod::all(manifests).map(|pod| pod.component()).collect();
    names.sort_unstable();
    names
}
