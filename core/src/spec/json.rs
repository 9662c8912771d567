//! Lenient reading of hostile JSON: bounded before it is parsed, field by field after.
//!
//! A field of another type than the specification says is a finding and counts as absent; it never fails the
//! document, because one odd field must not hide an image.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Map, Value};

use crate::{
    display::{harmless, harmless_text},
    finding::{Code, Finding, Findings},
};

/// Parses `text` after a scan that bounds nesting and the number of values, neither of which serde_json bounds well:
/// it recurses, and a `[1,1,1,…]` of some megabytes becomes gigabytes of [`Value`]s.
pub fn parse<T: for<'de> Deserialize<'de>>(text: &[u8], nesting: usize, values: usize) -> Result<T, JsonError> {
    let (text, _) = without_bom(text);
    bound(text, nesting, values)?;
    serde_json::from_slice(text).map_err(|error| JsonError::Syntax {
        line: error.line(),
        column: error.column(),
        problem: harmless_text(&error.to_string()),
    })
}

/// The text without a UTF-8 byte order mark, and whether there was one. RFC 8259 forbids writing it and allows
/// ignoring it.
pub fn without_bom(text: &[u8]) -> (&[u8], bool) {
    match text.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, true),
        None => (text, false),
    }
}

/// Why a text is not read as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonError {
    TooDeep { offset: usize, limit: usize },
    TooMany { offset: usize, limit: usize },
    Syntax { line: usize, column: usize, problem: String },
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooDeep { offset, limit } => {
                write!(f, "it is nested more than {limit} levels deep (at byte {offset})")
            }
            Self::TooMany { offset, limit } => write!(f, "it holds more than {limit} values (at byte {offset})"),
            Self::Syntax { problem, .. } => write!(f, "it is no valid JSON ({problem})"),
        }
    }
}

impl std::error::Error for JsonError {}

/// Counts brackets and separators outside strings. Whether they match is left to the parser.
fn bound(text: &[u8], nesting: usize, values: usize) -> Result<(), JsonError> {
    let (mut depth, mut count, mut in_string, mut escaped) = (0_usize, 0_usize, false, false);
    for (offset, &byte) in text.iter().enumerate() {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                depth += 1;
                count += 1;
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' => count += 1,
            _ => {}
        }
        if depth > nesting {
            return Err(JsonError::TooDeep { offset, limit: nesting });
        }
        if count > values {
            return Err(JsonError::TooMany { offset, limit: values });
        }
    }
    Ok(())
}

/// The members of a JSON object in the order of the text, which `serde_json::Map` does not keep.
#[derive(Clone, Debug, PartialEq)]
pub struct Ordered<T>(pub Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for InOrder<T> {
            type Value = Ordered<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Ordered(members))
            }
        }

        deserializer.deserialize_map(InOrder(std::marker::PhantomData))
    }
}

/// Reads the fields of one document and notes what is odd in them.
#[derive(Debug)]
pub struct Fields<'a> {
    document: String,
    findings: &'a mut Findings,
}

impl<'a> Fields<'a> {
    /// `document` is the member's name, for the findings.
    pub fn new(document: &[u8], findings: &'a mut Findings) -> Self {
        Self { document: harmless(document), findings }
    }

    pub fn string(&mut self, object: &Map<String, Value>, key: &str) -> Option<String> {
        let value = present(object, key)?;
        let text = value.as_str().map(str::to_owned);
        self.noted(text, value, key, "a text")
    }

    pub fn bool(&mut self, object: &Map<String, Value>, key: &str) -> Option<bool> {
        let value = present(object, key)?;
        self.noted(value.as_bool(), value, key, "true or false")
    }

    pub fn integer(&mut self, object: &Map<String, Value>, key: &str) -> Option<i64> {
        let value = present(object, key)?;
        self.noted(value.as_i64(), value, key, "a whole number")
    }

    pub fn object<'v>(&mut self, object: &'v Map<String, Value>, key: &str) -> Option<&'v Map<String, Value>> {
        let value = present(object, key)?;
        self.noted(value.as_object(), value, key, "an object")
    }

    /// Empty where it is absent, `null` or no list.
    pub fn list<'v>(&mut self, object: &'v Map<String, Value>, key: &str) -> &'v [Value] {
        let Some(value) = present(object, key) else { return &[] };
        self.noted(value.as_array().map(Vec::as_slice), value, key, "a list").unwrap_or_default()
    }

    /// The objects of a list; other elements are noted and left out.
    pub fn objects<'v>(&mut self, object: &'v Map<String, Value>, key: &str) -> Vec<&'v Map<String, Value>> {
        let list = self.list(object, key);
        list.iter().filter_map(|value| self.noted(value.as_object(), value, key, "an object")).collect()
    }

    /// The texts of a list; other elements are noted and left out.
    pub fn strings(&mut self, object: &Map<String, Value>, key: &str) -> Vec<String> {
        let list = self.list(object, key);
        list.iter().filter_map(|value| self.noted(value.as_str().map(str::to_owned), value, key, "a text")).collect()
    }

    /// A text, or a list of texts: `Entrypoint` and `Cmd` have been both.
    pub fn words(&mut self, object: &Map<String, Value>, key: &str) -> Vec<String> {
        match object.get(key) {
            Some(Value::String(word)) => vec![word.clone()],
            _ => self.strings(object, key),
        }
    }

    /// The names of an object's members (`ExposedPorts`, `Volumes`).
    pub fn names(&mut self, object: &Map<String, Value>, key: &str) -> Vec<String> {
        self.object(object, key).map(|members| members.keys().cloned().collect()).unwrap_or_default()
    }

    pub fn finding(&mut self, finding: Finding) {
        self.findings.push(finding.at_path(self.document.as_bytes()));
    }

    pub fn document(&self) -> &str {
        &self.document
    }

    fn noted<T>(&mut self, read: Option<T>, value: &Value, key: &str, expected: &str) -> Option<T> {
        if read.is_none() {
            let message = format!(
                "In {}, {} is {} where {expected} is expected; it counts as absent.",
                self.document,
                harmless_text(key),
                type_name(value)
            );
            let finding =
                Finding::warning(Code::DocumentUnreadable, message).expected_found(expected, type_name(value));
            self.finding(finding);
        }
        read
    }
}

/// `null` counts as absent: Go writes it for every empty list.
fn present<'v>(object: &'v Map<String, Value>, key: &str) -> Option<&'v Value> {
    object.get(key).filter(|value| !value.is_null())
}

/// What a value is, as a noun phrase.
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_and_values_are_bounded_before_anything_is_built() {
        let deep = "[".repeat(100_000);
        assert_eq!(
            parse::<Value>(deep.as_bytes(), 100, 1_000).unwrap_err().to_string(),
            "it is nested more than 100 levels deep (at byte 100)"
        );
        let long = format!("[{}1]", "1,".repeat(2_000));
        assert_eq!(
            parse::<Value>(long.as_bytes(), 100, 1_000).unwrap_err(),
            JsonError::TooMany { offset: 2_000, limit: 1_000 }
        );
        let brackets_in_text = br#"["[[[[\"[[[[\\", "]"]"#;
        assert!(parse::<Value>(brackets_in_text, 1, 10).is_ok());
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        assert_eq!(parse::<Value>(b"\xef\xbb\xbf{}", 1, 1), Ok(Value::Object(Map::new())));
        assert!(matches!(parse::<Value>(b"", 1, 1), Err(JsonError::Syntax { .. })));
    }

    #[test]
    fn members_keep_the_order_of_the_text() {
        let read: Ordered<u8> = parse(br#"{"b":1,"a":2}"#, 1, 9).unwrap();
        assert_eq!(read.0, [("b".to_owned(), 1), ("a".to_owned(), 2)]);
    }

    #[test]
    fn a_field_of_another_type_is_a_finding_and_absent() {
        let mut findings = Findings::new(10);
        let value: Value = parse(br#"{"os":1,"tags":["a",null],"layers":null}"#, 9, 9).unwrap();
        let object = value.as_object().unwrap();
        let mut fields = Fields::new(b"x.json", &mut findings);
        assert_eq!(fields.string(object, "os"), None);
        assert_eq!(fields.strings(object, "tags"), ["a"]);
        assert!(fields.list(object, "layers").is_empty());
        let messages: Vec<_> = findings.into_vec().into_iter().map(|f| f.message).collect();
        assert_eq!(
            messages,
            [
                "In x.json, os is a number where a text is expected; it counts as absent.",
                "In x.json, tags is null where a text is expected; it counts as absent.",
            ]
        );
    }
}
