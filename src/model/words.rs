//! Enums that are words on the wire: one macro, so that the word in JSON, in the database, in a filter
//! and on the page can never differ.

/// The text is none of the words that this field takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{given}' is not one of {expected}")]
pub struct UnknownWord {
    pub given: String,
    pub expected: String,
}

/// Declares an enum with its exact wire words. Input is accepted in any case (rules.md ); further
/// words after `|` are accepted on input and never written.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal $(| $alias:literal)*),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "&'static str")]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word on the wire and in the store.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::model::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $(if text.eq_ignore_ascii_case($word) $(|| text.eq_ignore_ascii_case($alias))* {
                    return Ok(Self::$variant);
                })*
                Err($crate::model::UnknownWord {
                    given: text.chars().take(64).collect(),
                    expected: [$($word),*].join(", "),
                })
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::model::UnknownWord;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for &'static str {
            fn from(value: $name) -> &'static str {
                value.word()
            }
        }

        $crate::model::text_schema!($name: |text| {
            text.enum_values(Some([$($word, $($alias,)*)*]))
        });
    };
}
pub(crate) use words;
