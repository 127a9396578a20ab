//! The same two requests in the languages people call from.

/// What a snippet is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Curl,
    Python,
    JavaScript,
}

impl Language {
    pub(super) const ALL: [Self; 3] = [Self::Curl, Self::Python, Self::JavaScript];

    /// As it stands in the address of the page.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::Python => "python",
            Self::JavaScript => "javascript",
        }
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.word() == word)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::Python => "Python",
            Self::JavaScript => "JavaScript",
        }
    }

    pub(super) fn get(self, url: &str) -> String {
        match self {
            Self::Curl => {
                format!("curl {url} \\\n  -H \"Authorization: Bearer $HANDOVER_TOKEN\"")
            }
            Self::Python => format!(
                r#"import os
import requests

answer = requests.get(
    "{url}",
    headers={{"Authorization": f"Bearer {{os.environ['HANDOVER_TOKEN']}}"}},
    timeout=30,
)
answer.raise_for_status()
print(answer.text)"#
            ),
            Self::JavaScript => format!(
                r#"const answer = await fetch("{url}", {{
  headers: {{ Authorization: `Bearer ${{process.env.HANDOVER_TOKEN}}` }},
}});
if (!answer.ok) throw new Error(`${{answer.status}} ${{await answer.text()}}`);
console.log(await answer.text());"#
            ),
        }
    }

    pub(super) fn post(self, url: &str) -> String {
        match self {
            Self::Curl => format!(
                "curl -X POST {url} \\\n  -H \"Authorization: Bearer $HANDOVER_TOKEN\" \\\n  -H 'Content-Type: application/json' \\\n  -d '{{\"hello\": \"world\"}}'"
            ),
            Self::Python => format!(
                r#"import os
import requests

answer = requests.post(
    "{url}",
    headers={{"Authorization": f"Bearer {{os.environ['HANDOVER_TOKEN']}}"}},
    json={{"hello": "world"}},
    timeout=30,
)
answer.raise_for_status()
print(answer.text)"#
            ),
            Self::JavaScript => format!(
                r#"const answer = await fetch("{url}", {{
  method: "POST",
  headers: {{
    Authorization: `Bearer ${{process.env.HANDOVER_TOKEN}}`,
    "Content-Type": "application/json",
  }},
  body: JSON.stringify({{ hello: "world" }}),
}});
if (!answer.ok) throw new Error(`${{answer.status}} ${{await answer.text()}}`);
console.log(await answer.text());"#
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn every_snippet_names_the_address_and_no_token() {
        let url = "https://console.example.com/api/v2/endpoints/workloads/1/";
        for language in Language::ALL {
            assert_eq!(Language::of(language.word()), Some(language));
            for text in [language.get(url), language.post(url)] {
                assert!(text.contains(url) && text.contains("HANDOVER_TOKEN"), "{text}");
                assert!(!text.contains("{{") && !text.contains("}}}"), "{text}");
            }
        }
    }
}
