use super::*;
use crate::{
    protocol::{Failure, FailureCode},
    view_model::example::{self, ID},
};

fn failure() -> Failure {
    Failure { code: FailureCode::NotAnArchive, detail: "a PDF document".into(), sentence: "It is a PDF.".into() }
}

fn heard(state: State, event: Event) -> State {
    state.after(Action::Heard { events: vec![event], now: 10.0 })
}

#[test]
fn an_archive_is_accepted_planned_read_and_named_by_its_config() {
    let state = State::default().after(Action::Accepted { id: ID, source: example::source(1_000), at: 0.0 });
    assert_eq!(state.archive(ID).unwrap().key, "opened-1");
    assert_eq!(state.archive(ID).unwrap().state_word(), "reading");
    let state = example::state(example::plan(), [example::read(0, b"base"), example::read(1, b"top")]);
    let archive = state.archive(ID).unwrap();
    assert_eq!(archive.layers, Tally { done: 2, total: 2 });
    assert_eq!(archive.bytes, Tally { done: 300, total: 300 });
    let key = layerlab_core::digest::Digest::sha256(b"config").short().to_owned();
    assert_eq!(state.by_key(&key), Some(archive));
}

#[test]
fn progress_counts_each_byte_once_and_never_runs_backwards_past_a_read_layer() {
    let progress = |stored| Event::LayerProgress { id: ID, blob: BlobId(0), stored };
    let state = example::state(example::plan(), [progress(40), progress(90), example::read(0, b"base"), progress(50)]);
    let archive = state.archive(ID).unwrap();
    assert_eq!(archive.bytes.done, 100);
    assert!(archive.summary(BlobId(0)).is_some());
}

#[test]
fn a_layer_that_cannot_be_read_does_not_hold_up_the_count() {
    let failed = Event::LayerFailed { id: ID, blob: BlobId(1), failure: failure() };
    let state = example::state(example::plan(), [example::read(0, b"base"), failed]);
    assert_eq!(state.archive(ID).unwrap().layers, Tally { done: 2, total: 2 });
}

#[test]
fn what_a_hostile_plan_does_not_have_is_ignored() {
    let state = example::state(example::plan(), []);
    let unknown = Event::LayerProgress { id: ID, blob: BlobId(99), stored: 1 };
    assert_eq!(heard(state.clone(), unknown).archive(ID).unwrap().bytes, state.archive(ID).unwrap().bytes);
}

#[test]
fn after_cancel_nothing_changes_any_more() {
    let state = example::state(example::plan(), []).after(Action::Cancelled(ID));
    assert_eq!(state.archive(ID).unwrap().phase, Phase::Cancelled);
    let late = heard(state, example::read(0, b"base"));
    assert_eq!(late.archive(ID).unwrap().layers.done, 0);
    let late = heard(late, Event::Failed { id: ID, failure: failure() });
    assert_eq!(late.archive(ID).unwrap().phase, Phase::Cancelled);
}

#[test]
fn one_archive_failing_or_closing_leaves_the_others_alone() {
    let other = ArchiveId(2);
    let state = example::state(example::plan(), [example::read(0, b"base")]);
    let before = state.archive(ID).unwrap().clone();
    let state = state.after(Action::Accepted { id: other, source: example::source(5), at: 2.0 });
    let state = heard(state, Event::Failed { id: other, failure: failure() });
    assert_eq!(state.archive(other).unwrap().state_word(), "failed");
    assert!(*state.archive(ID).unwrap() == before, "the very same object");
    let state = state.after(Action::Closed(other));
    assert_eq!(state.archives.len(), 1);
    assert!(*state.archive(ID).unwrap() == before);
}

#[test]
fn the_same_image_in_two_archives_gets_two_keys() {
    let other = ArchiveId(2);
    let state = example::state(example::plan(), []);
    let state = state.after(Action::Accepted { id: other, source: example::source(5), at: 2.0 });
    let state = heard(state, Event::Planned { id: other, plan: example::plan().into(), passes: Passes::Direct });
    assert_ne!(state.archive(ID).unwrap().key, state.archive(other).unwrap().key);
}

#[test]
fn the_demo_is_no_archive_of_the_visitor() {
    let state = State::default().after(Action::Accepted { id: DEMO, source: example::source(5), at: 0.0 });
    assert!(state.archives.is_empty() && state.demo.is_some());
    assert_eq!(state.news, None);
    let state = heard(state, Event::Planned { id: DEMO, plan: example::plan().into(), passes: Passes::Direct });
    assert_eq!(state.archive(DEMO).unwrap().phase, Phase::Reading);
    assert_eq!(state.after(Action::Closed(DEMO)).demo, None);
}

#[test]
fn only_big_archives_announce_their_quarters() {
    let mut plan = example::plan();
    plan.blobs[1].location.size = 1 << 30;
    let progress = |stored| Event::LayerProgress { id: ID, blob: BlobId(1), stored };
    let state = example::state(plan, [progress((1 << 29) + 100)]);
    assert_eq!(state.news.unwrap().what, Milestone::Percent(50));
    let state = example::state(example::plan(), [progress(150)]);
    assert_eq!(state.news.unwrap().what, Milestone::Planned { images: 1, layers: 2 });
}

#[test]
fn what_was_asked_waits_for_its_answer() {
    let state = example::state(example::plan(), []).after(Action::Asked { id: ID, text: "sha256:00".into() });
    let trust = |state: &State| state.archive(ID).unwrap().trust.clone();
    assert_eq!(trust(&state).unwrap().answers, None);
    let state = heard(state, Event::Trust { id: ID, answers: vec![] });
    assert_eq!(trust(&state).unwrap().answers, Some(vec![]));
    assert_eq!(trust(&state.after(Action::Asked { id: ID, text: " ".into() })), None);
}
