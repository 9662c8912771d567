//! Words in both languages, and the markup they may have.
//!
//! The markup is a part of Markdown: paragraphs, lists, code, emphasis, and links to `https:` addresses or to pages of
//! this app (`#/…`). It is read here into [`Block`]s, so that nobody who draws a lesson can be handed HTML.

use std::fmt;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde::{Deserialize, Serialize};

/// Characters of one text in one language.
const TEXT_CHARS: usize = 2_000;
/// Characters of one section of prose in one language.
const PROSE_CHARS: usize = 20_000;

/// A short text without markup, except that `…` in backquotes is code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Words<String>", into = "Words<String>")]
pub struct Text(Words<String>);

/// A section of text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Words<Paragraphs>")]
pub struct Prose(Words<Vec<Block>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    English,
    Chinese,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    Paragraph(Vec<Span>),
    List {
        ordered: bool,
        items: Vec<Vec<Span>>,
    },
    /// Lines of code, or of a terminal.
    Code(String),
    /// Set off from the rest: a word on history, a warning. (Markdown's `>`.)
    Aside(Vec<Span>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    Plain(String),
    Code(String),
    Emphasis(String),
    Strong(String),
    /// The address begins with `https://` or `#/`.
    Link {
        text: String,
        address: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words<T> {
    en: T,
    #[serde(rename = "zh-CN")]
    zh_cn: T,
}

/// Each string is a paragraph (or a list, or a block of code), so that a long text is readable as JSON.
#[derive(Deserialize)]
#[serde(untagged)]
enum Paragraphs {
    One(String),
    Several(Vec<String>),
}

/// Why a text is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TextError {
    Empty(&'static str),
    TooLong { language: &'static str, limit: usize },
    Markup { language: &'static str, found: &'static str },
    Address { language: &'static str, address: String },
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// As a language tag (BCP 47) and as a key of the documents.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }
}

impl Text {
    pub fn in_language(&self, language: Language) -> &str {
        self.0.in_language(language)
    }

    /// The same with its code told from the rest.
    pub fn spans(&self, language: Language) -> Vec<Span> {
        let parts = self.in_language(language).split('`').enumerate().filter(|(_, part)| !part.is_empty());
        parts
            .map(|(number, part)| if number % 2 == 1 { Span::Code(part.into()) } else { Span::Plain(part.into()) })
            .collect()
    }
}

impl Prose {
    pub fn in_language(&self, language: Language) -> &[Block] {
        self.0.in_language(language)
    }
}

impl<T> Words<T> {
    fn in_language(&self, language: Language) -> &T {
        match language {
            Language::English => &self.en,
            Language::Chinese => &self.zh_cn,
        }
    }
}

impl TryFrom<Words<String>> for Text {
    type Error = TextError;

    fn try_from(words: Words<String>) -> Result<Self, TextError> {
        for language in Language::ALL {
            bounded(words.in_language(language), TEXT_CHARS, language)?;
        }
        Ok(Self(words))
    }
}

impl From<Text> for Words<String> {
    fn from(text: Text) -> Self {
        text.0
    }
}

impl TryFrom<Words<Paragraphs>> for Prose {
    type Error = TextError;

    fn try_from(words: Words<Paragraphs>) -> Result<Self, TextError> {
        let blocks = |language| -> Result<Vec<Block>, TextError> {
            let text = match words.in_language(language) {
                Paragraphs::One(text) => text.clone(),
                Paragraphs::Several(paragraphs) => paragraphs.join("\n\n"),
            };
            bounded(&text, PROSE_CHARS, language)?;
            blocks(&text, language.tag())
        };
        Ok(Self(Words { en: blocks(Language::English)?, zh_cn: blocks(Language::Chinese)? }))
    }
}

fn bounded(text: &str, limit: usize, language: Language) -> Result<(), TextError> {
    if text.trim().is_empty() {
        return Err(TextError::Empty(language.tag()));
    }
    // A character takes one to four bytes, so that most texts need no counting.
    if text.len() > limit && text.chars().count() > limit {
        return Err(TextError::TooLong { language: language.tag(), limit });
    }
    Ok(())
}

/// Where the spans that come next belong to.
#[derive(Default)]
struct Reading {
    blocks: Vec<Block>,
    spans: Vec<Span>,
    items: Vec<Vec<Span>>,
    /// `Some` inside a list.
    ordered: Option<bool>,
    aside: bool,
    code: Option<String>,
    emphasis: u32,
    strong: u32,
    /// The address of the link that is open, and its text so far.
    link: Option<(String, String)>,
}

fn blocks(text: &str, language: &'static str) -> Result<Vec<Block>, TextError> {
    let refuse = |found| Err(TextError::Markup { language, found });
    let mut reading = Reading::default();
    for event in Parser::new_ext(text, Options::empty()) {
        match event {
            Event::Start(tag) => match tag {
                Tag::Paragraph => {}
                Tag::BlockQuote(_) if reading.ordered.is_none() && !reading.aside => reading.aside = true,
                Tag::List(start) if reading.ordered.is_none() && !reading.aside => {
                    reading.ordered = Some(start.is_some());
                }
                Tag::BlockQuote(_) | Tag::List(_) => return refuse("a list or an aside inside another"),
                Tag::Item => reading.spans.clear(),
                Tag::CodeBlock(_) if reading.ordered.is_none() && !reading.aside => {
                    reading.code = Some(String::new());
                }
                Tag::CodeBlock(_) => return refuse("a block of code inside a list or an aside"),
                Tag::Emphasis => reading.emphasis += 1,
                Tag::Strong => reading.strong += 1,
                Tag::Link { dest_url, .. } => {
                    if !(dest_url.starts_with("https://") || dest_url.starts_with("#/")) {
                        return Err(TextError::Address { language, address: dest_url.into_string() });
                    }
                    reading.link = Some((dest_url.into_string(), String::new()));
                }
                Tag::Heading { .. } => return refuse("a heading"),
                Tag::Image { .. } => return refuse("an image"),
                Tag::HtmlBlock => return refuse("HTML"),
                _ => return refuse("markup that lessons do not have"),
            },
            Event::End(tag) => reading.end(tag),
            Event::Text(text) => reading.text(&text),
            Event::Code(code) => match &mut reading.link {
                Some((_, text)) => text.push_str(&code),
                None => reading.spans.push(Span::Code(code.into_string())),
            },
            Event::SoftBreak | Event::HardBreak => reading.text(" "),
            Event::Html(_) | Event::InlineHtml(_) => return refuse("HTML"),
            Event::Rule => return refuse("a rule"),
            _ => return refuse("markup that lessons do not have"),
        }
    }
    Ok(reading.blocks)
}

impl Reading {
    fn text(&mut self, text: &str) {
        if let Some(code) = &mut self.code {
            code.push_str(text);
        } else if let Some((_, label)) = &mut self.link {
            label.push_str(text);
        } else {
            let span = match (self.strong > 0, self.emphasis > 0) {
                (true, _) => Span::Strong(text.into()),
                (_, true) => Span::Emphasis(text.into()),
                _ => Span::Plain(text.into()),
            };
            // The reader of Markdown gives one text in several pieces.
            match (self.spans.last_mut(), span) {
                (Some(Span::Plain(before)), Span::Plain(text))
                | (Some(Span::Strong(before)), Span::Strong(text))
                | (Some(Span::Emphasis(before)), Span::Emphasis(text)) => before.push_str(&text),
                (_, span) => self.spans.push(span),
            }
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            // In a list with blank lines between the items, each item is a paragraph.
            TagEnd::Paragraph if self.ordered.is_none() && !self.aside => {
                let spans = std::mem::take(&mut self.spans);
                self.blocks.push(Block::Paragraph(spans));
            }
            TagEnd::Paragraph => {}
            TagEnd::BlockQuote(_) => {
                self.aside = false;
                let spans = std::mem::take(&mut self.spans);
                self.blocks.push(Block::Aside(spans));
            }
            TagEnd::Item => self.items.push(std::mem::take(&mut self.spans)),
            TagEnd::List(ordered) => {
                self.ordered = None;
                let items = std::mem::take(&mut self.items);
                self.blocks.push(Block::List { ordered, items });
            }
            TagEnd::CodeBlock => {
                let code = self.code.take().unwrap_or_default();
                self.blocks.push(Block::Code(code.trim_end_matches('\n').into()));
            }
            TagEnd::Emphasis => self.emphasis = self.emphasis.saturating_sub(1),
            TagEnd::Strong => self.strong = self.strong.saturating_sub(1),
            TagEnd::Link => {
                if let Some((address, text)) = self.link.take() {
                    self.spans.push(Span::Link { text, address });
                }
            }
            _ => {}
        }
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty(language) => write!(f, "{language}: expected words, found none"),
            Self::TooLong { language, limit } => write!(f, "{language}: more than {limit} characters"),
            Self::Markup { language, found } => {
                write!(f, "{language}: expected paragraphs, lists, asides, code, emphasis and links, found {found}")
            }
            Self::Address { language, address } => {
                let found = super::shown(address);
                write!(f, "{language}: expected a link to https:// or to #/, found {found}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn prose(en: &str) -> Result<Vec<Block>, String> {
        let prose: Result<Prose, _> = serde_json::from_value(json!({ "en": en, "zh-CN": "字" }));
        prose.map(|prose| prose.in_language(Language::English).to_vec()).map_err(|error| error.to_string())
    }

    #[test]
    fn markup_becomes_blocks() {
        let text =
            "One *two* `three`\nfour [five](https://a.example/).\n\n- a\n- **b** c\n\n> aside\n\n    code\n    more";
        let plain = |text: &str| Span::Plain(text.into());
        assert_eq!(
            prose(text).unwrap(),
            [
                Block::Paragraph(vec![
                    plain("One "),
                    Span::Emphasis("two".into()),
                    plain(" "),
                    Span::Code("three".into()),
                    plain(" four "),
                    Span::Link { text: "five".into(), address: "https://a.example/".into() },
                    plain("."),
                ]),
                Block::List {
                    ordered: false,
                    items: vec![vec![plain("a")], vec![Span::Strong("b".into()), plain(" c")]],
                },
                Block::Aside(vec![plain("aside")]),
                Block::Code("code\nmore".into()),
            ]
        );
    }

    #[test]
    fn what_is_more_than_text_is_refused() {
        for (text, problem) in [
            ("<script>alert(1)</script>", "found HTML"),
            ("a <b>bold</b> word", "found HTML"),
            ("[a](javascript:alert(1))", "found javascript:alert(1)"),
            ("[a](http://a.example/)", "found http://a.example/"),
            ("<https://a.example/> <data:text/html,x>", "found data:text/html,x"),
            ("![a](https://a.example/x.png)", "found an image"),
            ("# a", "found a heading"),
            ("- a\n  - b", "found a list or an aside inside another"),
            (" ", "found none"),
        ] {
            let error = prose(text).unwrap_err();
            assert!(error.contains(problem), "{text}: {error}");
        }
    }

    #[test]
    fn a_text_has_both_languages_and_knows_code() {
        let text: Text = serde_json::from_value(json!({ "en": "run `ls -l` now", "zh-CN": "运行" })).unwrap();
        let plain = |text: &str| Span::Plain(text.into());
        assert_eq!(text.spans(Language::English), [plain("run "), Span::Code("ls -l".into()), plain(" now")]);
        assert!(serde_json::from_value::<Text>(json!({ "en": "only" })).is_err());
    }
}
