use std::rc::Rc;

use layerlab_core::{
    explore::{Kind, Reading, biography::Chapter, row::permissions},
    path::PathId,
};
use layerlab_web::view_model::{format, stack};
use yew::prelude::*;

use super::{content::Content, life, reading, rows, take::Take};
use crate::{
    client::{Client, Heard, Ticket},
    fill,
    protocol::{
        Answer, Question,
        tree::{DiffLine, DiffSign, Difference, Life, TreeAnswer, TreeQuestion},
    },
    text,
};

#[derive(Debug, PartialEq, Properties)]
pub struct SideProps {
    pub client: Client,
    pub image: u32,
    pub path: PathId,
    pub reading: Reading,
    pub instructions: Rc<Vec<Option<String>>>,
    /// Told the bytes of the path as soon as they are known.
    pub on_named: Callback<Vec<u8>>,
    pub on_close: Callback<()>,
}

/// What is shown of the chosen version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    Content,
    Compare,
}

/// A path's life, the facts of one of its versions, and what is in it.
#[component(Side)]
pub fn side(props: &SideProps) -> Html {
    let SideProps { client, image, path, reading, .. } = props;
    let known = use_state(|| None::<Rc<Life>>);
    let layer = use_state_eq(|| None::<u32>);
    let view = use_state_eq(|| View::Content);
    let ticket = use_mut_ref(|| None::<Ticket>);
    {
        let (known, client, image) = (known.setter(), client.clone(), *image);
        let on_named = props.on_named.clone();
        use_effect_with(*path, move |&path| {
            let heard = Callback::from(move |heard: Heard| {
                if let Answer::Tree(TreeAnswer::Life(life)) = heard.answer {
                    on_named.emit(life.bytes.clone());
                    known.set(Some(Rc::new(*life)));
                }
            });
            *ticket.borrow_mut() = Some(client.ask(Question::Tree(TreeQuestion::Life { image, path }), heard));
        });
    }
    let Some(known) = (*known).clone() else {
        return html! { <aside class="side"><p role="status">{ text("tree.files.opening") }</p></aside> };
    };
    let life = &known.biography;
    // The version that the reading shows, unless another was chosen in the picture.
    let shown = reading::layer(*reading);
    let wanted = layer.unwrap_or(shown);
    let at = life.chapters.iter().rposition(|chapter| chapter.layer <= wanted && chapter.kind.is_some());
    let at = at.or_else(|| life.chapters.iter().position(|chapter| chapter.kind.is_some()));
    let chapter = at.and_then(|at| life.chapters.get(at));
    let below = at.and_then(|at| life.chapters[..at].iter().rev().find(|chapter| is_file(chapter)));
    let on_layer = {
        let layer = layer.setter();
        Callback::from(move |chosen: u32| layer.set(Some(chosen)))
    };
    let hue = chapter.map_or(0, |chapter| chapter.layer);
    let onkeydown = {
        let on_close = props.on_close.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                on_close.emit(());
            }
        })
    };
    html! {
        <aside class="side" data-testid="side" style={format!("--h:{}", stack::hue(hue as usize))} aria-label={life.name.clone()} {onkeydown}>
            <header class="side__head">
                <h2 class="side__name" data-testid="side-name">{ &life.name }</h2>
                <button class="tool" aria-label={text("tree.files.close")} data-testid="side-close" onclick={props.on_close.reform(|_: MouseEvent| ())}>{ "✕" }</button>
            </header>
            { life::picture(life, &props.instructions, chapter.map(|chapter| chapter.layer), &on_layer) }
            if let Some((at, chapter)) = at.zip(chapter) {
                { facts(chapter, known.xattrs.get(at).map(Vec::as_slice).unwrap_or_default()) }
                <div class="side__actions">
                    if is_file(chapter) {
                        <Take client={client.clone()} image={*image} path={*path} height={chapter.layer + 1} tar=false label={text("tree.take.file")} />
                    }
                    if chapter.kind == Some(Kind::Directory) {
                        <Take client={client.clone()} image={*image} path={*path} height={shown.max(chapter.layer) + 1} tar=true label={text("tree.take.folder")} />
                    }
                    if let Some(below) = below.filter(|_| is_file(chapter)) {
                        <button
                            class={classes!("tool", "tool--word", (*view == View::Compare).then_some("tool--on"))}
                            aria-pressed={(*view == View::Compare).to_string()} data-testid="compare"
                            onclick={let view = view.clone(); move |_| view.set(if *view == View::Compare { View::Content } else { View::Compare })}
                        >{ fill("tree.compare.with", &[("n", &(below.layer + 1))]) }</button>
                    }
                </div>
                if is_file(chapter) {
                    if let Some(below) = below.filter(|_| *view == View::Compare) {
                        <Compare client={client.clone()} image={*image} path={*path} below={below.layer} above={chapter.layer} />
                    } else {
                        <Content
                            key={chapter.layer.to_string()} client={client.clone()} image={*image} path={*path} layer={chapter.layer}
                            name={life.name.clone()} size={chapter.size}
                        />
                    }
                }
            }
        </aside>
    }
}

fn is_file(chapter: &Chapter) -> bool {
    matches!(chapter.kind, Some(Kind::File | Kind::HardLink))
}

fn facts(chapter: &Chapter, xattrs: &[(String, String)]) -> Html {
    let fact = |key: &str, value: Html| html! { <div><dt>{ text(key) }</dt><dd>{ value }</dd></div> };
    let metadata = chapter.metadata.unwrap_or_default();
    html! {
        <dl class="facts" data-testid="side-facts">
            if let Some(kind) = chapter.kind { { fact("tree.column.kind", html! { { text(&rows::kind(kind)) } }) } }
            if chapter.kind.is_some_and(|kind| rows::has_size(kind) && kind != Kind::Directory) {
                { fact("tree.column.size", html! { { size(chapter.size) } }) }
            }
            if let Some(target) = &chapter.target { { fact("tree.facts.target", html! { <code>{ target }</code> }) } }
            { fact("tree.column.mode", html! { <code>{ format!("{} {:04o}", permissions(metadata.mode), metadata.mode) }</code> }) }
            { fact("tree.column.owner", html! { { format!("{}:{}", metadata.uid, metadata.gid) } }) }
            { fact("tree.facts.time", html! { { time(metadata.mtime) } }) }
            { for special(metadata.mode).into_iter().map(|key| fact("tree.facts.bits", html! { <strong class="facts__special">{ text(key) }</strong> })) }
            { for xattrs.iter().map(|(name, value)| html! { <div class="facts__long"><dt><code>{ name }</code></dt><dd><code>{ value }</code></dd></div> }) }
        </dl>
    }
}

/// Three figures, and to the byte where those are not all.
fn size(bytes: u64) -> String {
    let short = format::bytes(bytes);
    if bytes < 1_000 { short } else { format!("{short} ({} B)", format::count(bytes)) }
}

/// Bits that change what running or writing means.
fn special(mode: u16) -> Vec<&'static str> {
    let bits = [(0o4000, "tree.bits.setuid"), (0o2000, "tree.bits.setgid"), (0o1000, "tree.bits.sticky")];
    bits.into_iter().filter(|(bit, _)| mode & bit != 0).map(|(_, key)| key).collect()
}

/// Universal time, to the second.
fn time(seconds: i64) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days from civil, backwards (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    let shifted = days.saturating_add(719_468);
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era.saturating_mul(400).saturating_add(year_of_era + i64::from(month <= 2));
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

#[derive(Debug, PartialEq, Properties)]
struct CompareProps {
    client: Client,
    image: u32,
    path: PathId,
    below: u32,
    above: u32,
}

/// The lines that differ between two versions.
#[component(Compare)]
fn compare(props: &CompareProps) -> Html {
    let answer = use_state(|| None::<TreeAnswer>);
    let ticket = use_mut_ref(|| None::<Ticket>);
    {
        let (answer, client, image) = (answer.setter(), props.client.clone(), props.image);
        use_effect_with((props.path, props.below, props.above), move |&(path, below, above)| {
            answer.set(None);
            let heard = Callback::from(move |heard: Heard| {
                if let Answer::Tree(told) = heard.answer {
                    answer.set(Some(told));
                }
            });
            let question = Question::Tree(TreeQuestion::Compare { image, path, below, above });
            *ticket.borrow_mut() = Some(client.ask(question, heard));
        });
    }
    let note = |words: AttrValue| html! { <p class="files__note" data-testid="difference">{ words }</p> };
    match &*answer {
        None | Some(TreeAnswer::Progress { .. }) => {
            html! { <p class="files__note" role="status">{ text("tree.content.reading") }</p> }
        }
        Some(TreeAnswer::Difference(Difference::None)) => note(text("tree.compare.none")),
        Some(TreeAnswer::Difference(Difference::Binary)) => note(text("tree.compare.binary")),
        Some(TreeAnswer::Difference(Difference::TooLarge { limit })) => {
            note(fill("tree.compare.too-large", &[("bytes", &format::bytes(*limit))]))
        }
        Some(TreeAnswer::Difference(Difference::Lines(runs))) => html! {
            <div class="diff" tabindex="0" role="group" data-testid="difference" aria-label={text("tree.compare.label")}>
                { for runs.iter().map(|run| html! { <div class="diff__run">{ for run.iter().map(line) }</div> }) }
            </div>
        },
        Some(TreeAnswer::Failed(sentence)) => note(sentence.clone().into()),
        Some(_) => Html::default(),
    }
}

fn line(line: &DiffLine) -> Html {
    let (class, sign) = match line.sign {
        DiffSign::Same => ("diff__line", " "),
        DiffSign::Removed => ("diff__line diff__line--removed", "−"),
        DiffSign::Added => ("diff__line diff__line--added", "+"),
    };
    let number = |number: Option<u32>| number.map_or_else(String::new, |number| number.to_string());
    html! {
        <div {class}>
            <span class="diff__number" aria-hidden="true">{ number(line.below) }</span>
            <span class="diff__number" aria-hidden="true">{ number(line.above) }</span>
            <span class="diff__sign">{ sign }</span>
            <code>{ &line.text }</code>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn times_are_said_in_universal_time() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (1_704_067_199, "2023-12-31 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (-1, "1969-12-31 23:59:59 UTC"),
        ] {
            assert_eq!(time(seconds), text);
        }
        assert!(time(i64::MAX).ends_with("UTC") && time(i64::MIN).ends_with("UTC"));
    }
}
