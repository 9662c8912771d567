//! The pull, the store, and the registry: a module of the page.

layerlab_web::catalogue!("../static/messages/pull");

pub mod against;
mod app;
pub mod client;
pub mod doctor;
pub mod opfs;
pub mod picture;
pub mod protocol;
pub mod puller;
pub mod route;
pub mod samples;
pub mod state;
#[cfg(test)]
mod testing;
mod view;

pub use app::App;

#[cfg(test)]
mod tests {
    use layerlab_core::{
        registry::{
            doctor::{Cause, Probe},
            pull::error::Problem,
            reference::ReferenceError,
        },
        store::{PullEvent, layout::Role, tamper::Check},
    };
    use layerlab_tests::catalogue::Catalogues;

    #[test]
    fn every_word_is_in_both_catalogues() {
        let catalogues = Catalogues::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../static/messages/pull"));
        catalogues.assert_alike();
        catalogues.assert_keys_of(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
        catalogues.assert_has(PullEvent::KEYS.map(|key| format!("picture.event.{key}")));
        catalogues.assert_has(Role::KEYS.iter().map(|key| format!("picture.role.{key}")));
        catalogues.assert_has(Check::KEYS.map(|key| format!("picture.check.{key}")));
        catalogues.assert_has(Problem::KEYS.map(|key| format!("registry.problem.{key}")));
        catalogues.assert_has(ReferenceError::KEYS.map(|key| format!("registry.reference_error.{key}")));
        catalogues.assert_has(Cause::ALL.map(|cause| format!("doctor.cause.{}", cause.key())));
        catalogues.assert_has(Cause::ALL.map(|cause| format!("doctor.help.{}", cause.key())));
        catalogues.assert_has(Probe::ALL.map(|probe| format!("doctor.probe.{}", probe.key())));
    }
}
