//! What lives in the browser. One island per page follows the page's stream; everything else is HTML.

pub mod copy;
pub mod feed;
pub mod list;
pub mod rollout_fields;
pub mod workload;

pub use copy::CopyButton;
pub use list::LiveList;
pub use rollout_fields::RolloutFields;
pub use workload::LiveWorkload;
