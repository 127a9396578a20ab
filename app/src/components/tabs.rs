//! The tabs of a workload's page: links, so that each has an address.

use handover::model::WorkloadId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tab {
    Overview,
    Monitoring,
    Settings,
    Endpoint,
    History,
    Activity,
}

impl Tab {
    const ALL: [Self; 6] = [
        Self::Overview,
        Self::Monitoring,
        Self::Settings,
        Self::Endpoint,
        Self::History,
        Self::Activity,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Monitoring => "Monitoring",
            Self::Settings => "Settings",
            Self::Endpoint => "Endpoint",
            Self::History => "History",
            Self::Activity => "Activity",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Monitoring => "/monitoring",
            Self::Settings => "/settings",
            Self::Endpoint => "/endpoint",
            Self::History => "/history",
            Self::Activity => "/activity",
        }
    }
}

#[component]
pub fn Tabs(id: WorkloadId, here: Tab) -> impl IntoView {
    let links = Tab::ALL.map(|tab| {
        let current = (tab == here).then_some("page");
        view! { <a href=format!("/workloads/{id}{}", tab.path()) aria-current=current>{tab.name()}</a> }
    });
    view! { <nav class="tabs" aria-label="Workload">{links.into_iter().collect_view()}</nav> }
}
