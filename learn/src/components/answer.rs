use layerlab_core::{
    display::harmless_text,
    lesson::{Answer, Literal},
    overlay::LayerNo,
};
use layerlab_web::view_model::format;
use yew::AttrValue;

use crate::{fill, stage::number, text};

/// What the engine answered, in words.
pub fn answer_words(answer: &Answer) -> AttrValue {
    match answer {
        Answer::YesNo(true) => text("answer.yes"),
        Answer::YesNo(false) => text("answer.no"),
        Answer::Count(count) => format::count(*count).into(),
        Answer::Bytes(bytes) => format::bytes(*bytes).into(),
        Answer::Layer(layer) => fill("row.layer", &[("n", &number(LayerNo(*layer)))]),
        Answer::Upper => text("row.container"),
        Answer::Nothing => text("answer.nothing"),
        Answer::Text(text) => harmless_text(text).into(),
    }
}

/// A choice that has no words of its own: what it would mean as an answer of the same kind.
pub fn literal_words(literal: &Literal, like: &Answer) -> AttrValue {
    match (literal, like) {
        (Literal::YesNo(is), _) => answer_words(&Answer::YesNo(*is)),
        (Literal::Number(number), Answer::Bytes(_)) => answer_words(&Answer::Bytes(*number)),
        (Literal::Number(number), Answer::Layer(_) | Answer::Upper | Answer::Nothing) => {
            answer_words(&Answer::Layer(u32::try_from(*number).unwrap_or(u32::MAX)))
        }
        (Literal::Number(number), _) => answer_words(&Answer::Count(*number)),
        (Literal::Text(word), _) if word == "nothing" => answer_words(&Answer::Nothing),
        (Literal::Text(word), _) if word == "upper" => answer_words(&Answer::Upper),
        (Literal::Text(word), _) => harmless_text(word).into(),
    }
}
