//! Why a container could not be made or started, in the words of the contract.

use bollard::errors::Error;

use super::{
    image::Image,
    link::{is_away, is_missing, said},
};
use crate::{
    engine::supervised::runner::{Blame, Unstarted},
    model::EXEC_FORMAT,
};

pub(super) fn failed(text: String) -> Unstarted {
    Unstarted::Failed(Blame { reason: "Error", text })
}

/// Why a container could not be made or started.
pub(super) fn unstarted(error: &Error, named: &str, image: &Image) -> Unstarted {
    if is_away(error) {
        return Unstarted::Away;
    }
    let said = said(error);
    if said.contains("exec format error") {
        let text = format!(
            "exec format error: the program of {named} is for another kind of machine; the image is for {}.",
            image.architecture
        );
        return Unstarted::Refused(Blame { reason: EXEC_FORMAT, text });
    }
    if is_missing(error) && said.contains("No such image") {
        let text = format!("{named} was removed from the engine just now.");
        return Unstarted::NoImage { text, hopeless: false };
    }
    failed(format!("could not be started: {said}"))
}
