//! On which line of a JSON text something stands, so that a fault can be said where it is.
//!
//! Known limitation: only for a text that is JSON; where one that is not breaks off, its reader says.

/// The line, from 1, on which the value at a dotted path begins. A path that ends at nothing leads to the
/// innermost thing on the way that is there.
pub fn line_of(text: &str, path: &str) -> usize {
    let steps: Vec<&str> = path.split('.').filter(|step| !step.is_empty()).collect();
    let mut reader = Reader { bytes: text.as_bytes(), at: 0 };
    reader.blanks();
    let place = reader.find(&steps).unwrap_or(reader.at).min(text.len());
    text.as_bytes()[..place].split(|byte| *byte == b'\n').count()
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Where the value at these steps from here begins. Leaves the reader anywhere.
    fn find(&mut self, steps: &[&str]) -> Option<usize> {
        let here = self.at;
        let Some((step, rest)) = steps.split_first() else { return Some(here) };
        let (open, close) = match self.peek()? {
            b'{' => (b'{', b'}'),
            b'[' => (b'[', b']'),
            _ => return Some(here),
        };
        self.at += 1;
        for index in 0_usize.. {
            self.blanks();
            if self.peek()? == close {
                return Some(here);
            }
            let begins = self.at;
            let name = if open == b'{' {
                let name = self.string()?;
                self.blanks();
                self.at += 1;
                self.blanks();
                name
            } else {
                index.to_string()
            };
            if name == *step {
                // The line of its name, when there is nothing further to look for.
                return if rest.is_empty() { Some(begins) } else { self.find(rest) };
            }
            self.skip()?;
            self.blanks();
            if self.peek()? == b',' {
                self.at += 1;
            }
        }
        None
    }

    /// A text, without its marks; what is escaped in it is read as JSON.
    fn string(&mut self) -> Option<String> {
        let begins = self.at;
        self.at += 1;
        while self.peek()? != b'"' {
            self.at += if self.peek()? == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
        serde_json::from_slice(&self.bytes[begins..self.at]).ok()
    }

    /// Past one value.
    fn skip(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => drop(self.string()?),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' if depth > 0 => {
                    depth -= 1;
                    self.at += 1;
                }
                _ if depth > 0 => self.at += 1,
                _ => {
                    while !matches!(self.peek(), None | Some(b',' | b'}' | b']')) {
                        self.at += 1;
                    }
                }
            }
            if depth == 0 {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::line_of;

    const TEXT: &str = r#"{
  "note": "a \"{[ trap\n",
  "groups": [
    {"name": "x", "list": [1, {"deep": true}]},
    {
      "name": "y",
      "port": 80
    }
  ]
}"#;

    #[test]
    fn a_path_leads_to_its_line() {
        assert_eq!(line_of(TEXT, "note"), 2);
        assert_eq!(line_of(TEXT, "groups"), 3);
        assert_eq!(line_of(TEXT, "groups.0.list.1.deep"), 4);
        assert_eq!(line_of(TEXT, "groups.1.port"), 7);
        assert_eq!(line_of(TEXT, ""), 1);
    }

    #[test]
    fn what_is_not_there_leads_to_where_it_would_be() {
        assert_eq!(line_of(TEXT, "groups.1.imageUri"), 5);
        assert_eq!(line_of(TEXT, "groups.7.name"), 3);
        assert_eq!(line_of(TEXT, "groups.1.port.x"), 7);
        assert_eq!(line_of("{", "a.b"), 1);
        assert_eq!(line_of("", "a"), 1);
    }
}
