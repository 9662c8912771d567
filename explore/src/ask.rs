//! Asking the explorer from a component.

use layerlab_core::report::Report;
use layerlab_web::{
    lazy::{Host, OpenArchive, OpenPhase},
    protocol::ArchiveId,
    state::Shared,
};
use yew::prelude::*;

use crate::{
    client::{Client, Heard},
    protocol::Question,
};

/// A line to the explorer of an archive, kept as long as the archive is the same. Without one there is none.
#[hook]
pub fn use_client(host: &Host, archive: Option<ArchiveId>) -> Option<Client> {
    (*use_memo((host.clone(), archive), |(host, archive)| host.explorer((*archive)?).map(Client::new))).clone()
}

/// An answer, and what was asked.
#[derive(Clone, Debug)]
pub struct Answered {
    pub question: Shared<Question>,
    pub heard: Heard,
}

/// The answer to the question, asked anew when it changes. Until the new answer is there the old one stays, so that
/// nothing flickers; `None` before the first.
#[hook]
pub fn use_answer(client: Option<&Client>, question: Option<Question>) -> Option<Answered> {
    let question = use_memo(question, |question| question.clone().map(Shared::new));
    use_answer_of(client, (*question).as_ref())
}

/// The same of a question that is told from another by identity: one that carries a whole stack is neither copied nor
/// compared.
#[hook]
pub fn use_answer_of(client: Option<&Client>, question: Option<&Shared<Question>>) -> Option<Answered> {
    let answered = use_state(|| None::<Answered>);
    let set = answered.setter();
    use_effect_with((client.cloned(), question.cloned()), move |(client, question)| {
        let asked = client.as_ref().zip(question.clone());
        let ticket = asked.map(|(client, question)| {
            let text = (*question).clone();
            client.ask(text, Callback::from(move |heard| set.set(Some(Answered { question: question.clone(), heard }))))
        });
        move || drop(ticket)
    });
    (*answered).clone()
}

/// The report of an archive, decoded once; `None` until every layer is read.
#[hook]
pub fn use_report(host: &Host, archive: &OpenArchive) -> Option<Shared<Report>> {
    (*use_memo((host.clone(), archive.id, archive.phase), |(host, id, phase)| {
        (*phase == OpenPhase::Done).then(|| host.report(*id).map(Shared::new)).flatten()
    }))
    .clone()
}
