//! Fields that have a default and for which clients also send `null`, which then means the same as leaving
//! them out (rules.md ).

use serde::{Deserialize, Deserializer};

use super::{
    ProbeScheme,
    artifact::{default_group, probe_default},
};

/// Reads `null` as the default of the type.
pub(super) fn null_is_default<'de, T, D>(d: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Option::deserialize(d).map(Option::unwrap_or_default)
}

macro_rules! null_is {
    ($($name:ident: $type:ty = $default:expr;)*) => {$(
        pub(super) fn $name<'de, D: Deserializer<'de>>(d: D) -> Result<$type, D::Error> {
            Option::deserialize(d).map(|given| given.unwrap_or_else(|| $default))
        }
    )*};
}
null_is! {
    group: String = default_group();
    yes: bool = true;
    probe_port: u16 = probe_default::port();
    probe_scheme: ProbeScheme = probe_default::scheme();
    thirty: u32 = probe_default::thirty();
    three: u32 = probe_default::three();
}
