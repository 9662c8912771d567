//! A line as words.
//!
//! Source: POSIX.1-2024, XCU 2.2 ("Quoting") and 2.7 ("Redirection"), the part that learners need.

use super::Message;

/// A command with its words and where its output goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Simple {
    pub words: Vec<Word>,
    pub redirect: Option<Redirect>,
}

/// A word after the removal of quotes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub text: String,
    /// Characters, by their place in `text`, that were quoted and match only themselves.
    pub quoted: Vec<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Redirect {
    pub path: String,
    pub append: bool,
}

/// How a command hangs on the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Join {
    Always,
    And,
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(Word),
    Output { append: bool },
    Join(Join),
}

/// Splits a line. The messages say what this shell does not have, or what is missing.
pub(super) fn parse(line: &str) -> Result<Vec<(Join, Simple)>, Message> {
    let mut commands = vec![(Join::Always, Simple::default())];
    let mut tokens = tokens(line)?.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let last = commands.len() - 1;
        let (_, command) = &mut commands[last];
        match token {
            Token::Word(word) => command.words.push(word),
            Token::Output { append } => match tokens.next() {
                Some(Token::Word(word)) => command.redirect = Some(Redirect { path: word.text, append }),
                _ => return Err(Message::new("shell.redirect-to-nothing", [])),
            },
            Token::Join(join) => commands.push((join, Simple::default())),
        }
    }
    Ok(commands)
}

fn tokens(line: &str) -> Result<Vec<Token>, Message> {
    let mut out = Vec::new();
    let mut word: Option<Word> = None;
    let mut chars = line.chars().peekable();
    let unclosed = || Message::new("shell.quote-not-closed", []);
    while let Some(c) = chars.next() {
        let no_word = word.is_none();
        let mut push = |c: char, quoted: bool| word.get_or_insert_default().push(c, quoted);
        match c {
            '\\' => push(chars.next().ok_or_else(unclosed)?, true),
            '\'' => {
                loop {
                    match chars.next().ok_or_else(unclosed)? {
                        '\'' => break,
                        c => push(c, true),
                    }
                }
                word.get_or_insert_default();
            }
            '"' => {
                loop {
                    match chars.next().ok_or_else(unclosed)? {
                        '"' => break,
                        '\\' => match chars.next().ok_or_else(unclosed)? {
                            c @ ('"' | '\\' | '$' | '`') => push(c, true),
                            c => {
                                push('\\', true);
                                push(c, true);
                            }
                        },
                        c => push(c, true),
                    }
                }
                word.get_or_insert_default();
            }
            '#' if no_word => break,
            ' ' | '\t' | '\n' | '>' | ';' | '&' | '|' | '<' | '(' | ')' | '`' | '$' => {
                out.extend(word.take().map(Token::Word));
                match c {
                    ' ' | '\t' => {}
                    '>' => out.push(Token::Output { append: chars.next_if_eq(&'>').is_some() }),
                    ';' | '\n' => out.push(Token::Join(Join::Always)),
                    '&' if chars.next_if_eq(&'&').is_some() => out.push(Token::Join(Join::And)),
                    c => return Err(Message::new("shell.not-in-this-shell", [("what", c.to_string())])),
                }
            }
            c => push(c, false),
        }
    }
    out.extend(word.map(Token::Word));
    Ok(out)
}

impl Word {
    fn push(&mut self, c: char, quoted: bool) {
        self.text.push(c);
        self.quoted.push(quoted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> Vec<String> {
        parse(line)
            .unwrap()
            .into_iter()
            .map(|(join, command)| {
                let words: Vec<String> = command.words.into_iter().map(|word| word.text).collect();
                let redirect = command.redirect.map_or(String::new(), |r| format!(" > {} {}", r.path, r.append));
                format!("{join:?} {words:?}{redirect}")
            })
            .collect()
    }

    #[test]
    fn quotes_keep_words_together() {
        assert_eq!(shown(r#"echo 'a b' "c\"d" e\ f ''"#), [r#"Always ["echo", "a b", "c\"d", "e f", ""]"#]);
        assert_eq!(shown("echo x>>/f && ls # why"), [r#"Always ["echo", "x"] > /f true"#, r#"And ["ls"]"#]);
    }

    #[test]
    fn what_is_not_here_is_said_and_not_guessed() {
        for (line, key) in [
            ("ls | wc", "shell.not-in-this-shell"),
            ("echo $HOME", "shell.not-in-this-shell"),
            ("echo 'a", "shell.quote-not-closed"),
            ("echo a >", "shell.redirect-to-nothing"),
        ] {
            assert_eq!(parse(line).unwrap_err().key, key, "{line}");
        }
    }
}
