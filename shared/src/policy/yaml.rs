//! YAML with the place of everything in it, so that a fault can name line and column.

use std::collections::BTreeMap;

use saphyr::{LoadableYamlNode, MarkedYaml, Marker, Scalar, YamlData};
use saphyr_parser::{Event, Parser};
use serde_json::{Map, Number, Value};

use super::fault::{Fault, Faults};

/// How deep a document may be nested. The loader goes down one frame of the stack for each level, and the configuration is
/// four deep.
const DEPTH_LIMIT: usize = 32;

/// A document as JSON, and where each of its members stands.
#[derive(Debug)]
pub struct Document {
    name: &'static str,
    /// The contents.
    pub value: Value,
    /// JSON pointer of a member -> line and column of its key (of the item itself in a list).
    places: BTreeMap<String, (usize, usize)>,
}

impl Document {
    /// Reads one YAML document made of mappings with text keys, lists and scalars.
    ///
    /// Tags and several documents in one text are refused: the configuration doesn't need them. An alias stands for what its
    /// anchor has; that it can't make a small text huge is the parser's care, which ends at 100,000 nodes.
    ///
    /// # Errors
    /// What is not YAML, or not of this kind.
    pub fn parse(name: &'static str, text: &str) -> Result<Self, Faults> {
        check_depth(name, text)?;
        let nodes = MarkedYaml::load_from_str(text)
            .map_err(|error| Fault::new(name, place(*error.marker()), &format!("not YAML: {}", error.info())))?;
        let [root] = nodes.as_slice() else {
            let problem = if nodes.is_empty() { "the document is empty" } else { "more than one document" };
            return Err(Fault::new(name, (1, 1), problem).into());
        };
        let mut reader = Reader { name, places: BTreeMap::new(), faults: Faults::default() };
        let value = reader.read(root, "");
        if reader.faults.is_empty() { Ok(Self { name, value, places: reader.places }) } else { Err(reader.faults) }
    }

    /// A fault at the member with this JSON pointer, or at the nearest one that holds it.
    #[must_use]
    pub fn fault(&self, pointer: &str, message: &str) -> Fault {
        let mut pointer = pointer;
        let place = loop {
            if let Some(place) = self.places.get(pointer) {
                break *place;
            }
            match pointer.rfind('/') {
                Some(end) => pointer = pointer.get(..end).unwrap_or(""),
                None => break (1, 1),
            }
        };
        Fault::new(self.name, place, message)
    }
}

/// Refuses what is nested too deeply for the loader. What isn't YAML is left to it.
fn check_depth(name: &'static str, text: &str) -> Result<(), Fault> {
    let mut depth = 0;
    for (event, span) in Parser::new_from_str(text).map_while(Result::ok) {
        match event {
            Event::SequenceStart(..) | Event::MappingStart(..) => depth += 1,
            Event::SequenceEnd | Event::MappingEnd => depth -= 1,
            _ => {}
        }
        if depth > DEPTH_LIMIT {
            let problem = format!("nested deeper than {DEPTH_LIMIT} levels");
            return Err(Fault::new(name, place(span.start), &problem));
        }
    }
    Ok(())
}

struct Reader {
    name: &'static str,
    places: BTreeMap<String, (usize, usize)>,
    faults: Faults,
}

impl Reader {
    fn read(&mut self, node: &MarkedYaml<'_>, pointer: &str) -> Value {
        match &node.data {
            YamlData::Value(scalar) => self.read_scalar(scalar, node),
            YamlData::Sequence(items) => Value::Array(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| self.read_member(item, item, pointer, &index.to_string()))
                    .collect(),
            ),
            YamlData::Mapping(entries) => {
                let mut members = Map::new();
                for (key, value) in entries {
                    let YamlData::Value(Scalar::String(text)) = &key.data else {
                        self.refuse(key, "a key has to be a text");
                        continue;
                    };
                    members.insert(text.to_string(), self.read_member(key, value, pointer, text));
                }
                Value::Object(members)
            }
            YamlData::Alias(_) => self.refuse(node, "an alias (*name) of nothing: write the value out"),
            YamlData::Tagged(..) => self.refuse(node, "tags (!name) are not supported"),
            YamlData::Representation(..) | YamlData::BadValue => self.refuse(node, "not a value"),
        }
    }

    fn read_member(&mut self, at: &MarkedYaml<'_>, value: &MarkedYaml<'_>, pointer: &str, member: &str) -> Value {
        let pointer = format!("{pointer}/{}", escape(member));
        self.places.insert(pointer.clone(), place(at.span.start));
        self.read(value, &pointer)
    }

    fn read_scalar(&mut self, scalar: &Scalar<'_>, node: &MarkedYaml<'_>) -> Value {
        match scalar {
            Scalar::Null => Value::Null,
            Scalar::Boolean(value) => Value::Bool(*value),
            Scalar::Integer(value) => Value::Number((*value).into()),
            Scalar::String(value) => Value::String(value.to_string()),
            Scalar::FloatingPoint(value) => match Number::from_f64(value.into_inner()) {
                Some(number) => Value::Number(number),
                None => self.refuse(node, "not a finite number"),
            },
        }
    }

    fn refuse(&mut self, node: &MarkedYaml<'_>, message: &str) -> Value {
        self.faults.push(Fault::new(self.name, place(node.span.start), message));
        Value::Null
    }
}

/// A reference token of a JSON pointer (RFC 6901, section 3).
pub fn escape(member: &str) -> String {
    member.replace('~', "~0").replace('/', "~1")
}

fn place(marker: Marker) -> (usize, usize) {
    (marker.line(), marker.col() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> String {
        Document::parse("test.yaml", text).unwrap_err().to_string()
    }

    #[test]
    fn member_is_found_with_line_and_column() {
        let document = Document::parse("test.yaml", "a: 1\nb:\n  c: [x, yy]\n").unwrap();
        assert_eq!(document.value, serde_json::json!({"a": 1, "b": {"c": ["x", "yy"]}}));
        assert_eq!(document.fault("/b/c", "wrong").to_string(), "test.yaml:3:3: wrong");
        assert_eq!(document.fault("/b/c/1", "wrong").to_string(), "test.yaml:3:10: wrong");
        assert_eq!(document.fault("/b/missing", "wrong").to_string(), "test.yaml:2:1: wrong");
        assert_eq!(document.fault("/missing", "wrong").to_string(), "test.yaml:1:1: wrong");
    }

    #[test]
    fn text_that_is_not_one_plain_document_is_refused_with_its_place() {
        assert_eq!(faults(""), "test.yaml:1:1: the document is empty");
        assert_eq!(faults("a: 1\n---\nb: 2\n"), "test.yaml:1:1: more than one document");
        assert!(faults("a: [1\nb: 2\n").starts_with("test.yaml:2:"), "{}", faults("a: [1\nb: 2\n"));
        assert!(faults("a: 1\na: 2\n").contains("duplicated key"), "{}", faults("a: 1\na: 2\n"));
        assert_eq!(faults("1: a\n"), "test.yaml:1:1: a key has to be a text");
    }

    #[test]
    fn nesting_without_bound_is_refused_with_its_place() {
        let flow = "[".repeat(40) + &"]".repeat(40);
        let texts = [("- ".repeat(200_000), 65), ("? ".repeat(200_000), 65), (flow, 33)];
        for (text, column) in texts {
            assert_eq!(faults(&text), format!("test.yaml:1:{column}: nested deeper than 32 levels"));
        }
    }

    #[test]
    fn nesting_ends_at_its_limit_and_what_stands_side_by_side_is_none() {
        let nested = |levels: usize| format!("a: {}{}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        assert!(Document::parse("test.yaml", &nested(DEPTH_LIMIT)).is_ok());
        assert!(faults(&nested(DEPTH_LIMIT + 1)).ends_with("nested deeper than 32 levels"));
        let beside: Vec<String> =
            (0..=DEPTH_LIMIT).map(|number| format!("a{number}: [{{b: [x]}}, {{c: [y]}}]\n")).collect();
        assert!(Document::parse("test.yaml", &beside.concat()).is_ok());
    }

    #[test]
    fn alias_stands_for_what_its_anchor_has() {
        let document = Document::parse("test.yaml", "a: &x [1]\nb: *x\n").unwrap();
        assert_eq!(document.value, serde_json::json!({"a": [1], "b": [1]}));
        assert!(faults("a: *nothing\n").starts_with("test.yaml:1:"), "{}", faults("a: *nothing\n"));
    }

    #[test]
    fn aliases_that_would_grow_without_bound_are_refused() {
        let mut lines = vec!["a0: &a0 [x, x, x, x, x, x, x, x, x, x]".to_owned()];
        for level in 1..10 {
            let below = format!("*a{}, ", level - 1).repeat(10);
            lines.push(format!("a{level}: &a{level} [{below}]"));
        }
        let bomb = lines.join("\n");
        assert!(faults(&bomb).starts_with("test.yaml:"), "{}", faults(&bomb));
    }
}
