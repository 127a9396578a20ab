//! How much of it to run: replicas, autoscaling and resources per container group (rules.md §5.2).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    artifact::{Ignored, default_group},
    bundle::{self, ResolvedBundle},
    nulls::{self, null_is_default},
    words,
};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorkloadRuntime {
    #[serde(default, deserialize_with = "null_is_default")]
    pub container_groups: Vec<GroupRuntime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enclave_selection_policy: Option<EnclavePolicy>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enclaves: Option<Vec<String>>,
}

impl WorkloadRuntime {
    /// The most replicas this can come to, autoscaling included.
    #[must_use]
    pub fn most_replicas(&self) -> u32 {
        self.container_groups.iter().map(GroupRuntime::most_replicas).max().unwrap_or(1)
    }

    /// The least and the most replicas it may have.
    #[must_use]
    pub fn bounds(&self) -> (u32, u32) {
        let group = self.container_groups.first();
        match group.and_then(|g| g.autoscaling.as_ref()).filter(|scaling| scaling.enabled) {
            Some(scaling) => (scaling.min_replica_count.unwrap_or(0), self.most_replicas()),
            None => (self.replicas(), self.replicas()),
        }
    }

    /// Replicas to start with: the fixed count, or the autoscaling minimum but at least one.
    #[must_use]
    pub fn replicas(&self) -> u32 {
        self.container_groups.first().map_or(1, GroupRuntime::replicas)
    }
}

words! {
    EnclavePolicy { Availability = "availability", Manual = "manual" }
}

words! {
    /// How one of several bundles is chosen. One way is known.
    BundlePolicy { Availability = "availability" }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupRuntime {
    #[serde(default = "default_group", deserialize_with = "nulls::group")]
    pub name: String,
    /// `null` exactly when autoscaling is enabled. Zero on input means "not given".
    #[serde(default)]
    pub replica_count: Option<u32>,
    #[serde(default)]
    pub autoscaling: Option<Autoscaling>,
    #[serde(default, deserialize_with = "null_is_default")]
    pub containers: Vec<ContainerRuntime>,
    #[serde(default, deserialize_with = "null_is_default")]
    pub resource_bundles: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle_selection_policy: Option<BundlePolicy>,
    /// The bundle that was picked. It is read again from the store, and from a client it means nothing:
    /// validation picks anew.
    #[serde(default, deserialize_with = "bundle::if_any", skip_serializing_if = "Option::is_none")]
    pub resolved_bundle: Option<ResolvedBundle>,
}

impl Default for GroupRuntime {
    fn default() -> Self {
        Self {
            name: default_group(),
            replica_count: Some(1),
            autoscaling: None,
            containers: Vec::new(),
            resource_bundles: Vec::new(),
            bundle_selection_policy: None,
            resolved_bundle: None,
        }
    }
}

impl GroupRuntime {
    /// The most replicas this can come to.
    #[must_use]
    pub fn most_replicas(&self) -> u32 {
        match &self.autoscaling {
            Some(auto) if auto.enabled => auto.max_replica_count.unwrap_or(1).max(self.replicas()),
            _ => self.replicas(),
        }
    }

    /// Cores that each replica asks for; a bundle overrules its containers. None when nothing says.
    #[must_use]
    pub fn cpu(&self) -> Option<f64> {
        let asked = || self.containers.iter().filter_map(|c| c.resource_allocation.cpu);
        match &self.resolved_bundle {
            Some(bundle) => Some(bundle.cpu_count),
            None => asked().next().map(|_| asked().sum()),
        }
    }

    /// Bytes of memory that each replica asks for; a bundle overrules its containers. None when nothing says.
    #[must_use]
    pub fn memory(&self) -> Option<u64> {
        let asked = || self.containers.iter().filter_map(|c| c.resource_allocation.memory);
        match &self.resolved_bundle {
            Some(bundle) => Some(bundle.memory_bytes),
            None => asked().next().map(|_| asked().map(|Bytes(bytes)| bytes).sum()),
        }
    }

    #[must_use]
    pub fn replicas(&self) -> u32 {
        match &self.autoscaling {
            Some(auto) if auto.enabled => auto.min_replica_count.unwrap_or(0).max(1),
            _ => self.replica_count.unwrap_or(1).max(1),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Autoscaling {
    #[serde(default = "yes", deserialize_with = "nulls::yes")]
    pub enabled: bool,
    #[serde(default)]
    pub min_replica_count: Option<u32>,
    #[serde(default)]
    pub max_replica_count: Option<u32>,
    #[serde(default, deserialize_with = "null_is_default")]
    pub policies: Vec<ScalingPolicy>,
}

const fn yes() -> bool {
    true
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScalingPolicy {
    pub scaling_metric: String,
    pub target: f64,
    #[serde(default)]
    pub priority: Option<i64>,
    #[serde(default)]
    pub min_count: Option<u32>,
    #[serde(default)]
    pub max_count: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContainerRuntime {
    pub name: String,
    #[serde(default, deserialize_with = "null_is_default")]
    pub resource_allocation: ResourceAllocation,
}

/// Cores and bytes. What was not given stays out of the answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourceAllocation {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Bytes>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_memory: Option<Bytes>,
    #[serde(default, skip_serializing)]
    pub gpu_type: Ignored,
}

/// The most that clients can read: they decode a signed number of 64 bits.
const MOST_BYTES: u64 = i64::MAX as u64;

/// An amount of memory. Read from a number or from text with a unit, always written as a number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Bytes(pub u64);

/// The text is not an amount of memory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "not an amount of memory: give bytes, or a number with KB, MB, GB, TB (1000) or Ki, Mi, Gi, Ti (1024)"
)]
pub struct NotBytes;

impl FromStr for Bytes {
    type Err = NotBytes;
    fn from_str(text: &str) -> Result<Self, NotBytes> {
        let text = text.trim();
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let unit = unit.trim().to_ascii_lowercase();
        let (base, power): (u64, u32) = match unit.strip_suffix('b').unwrap_or(&unit) {
            "" => (1, 0),
            "k" => (1000, 1),
            "m" => (1000, 2),
            "g" => (1000, 3),
            "t" => (1000, 4),
            "ki" => (1024, 1),
            "mi" => (1024, 2),
            "gi" => (1024, 3),
            "ti" => (1024, 4),
            _ => return Err(NotBytes),
        };
        let factor = base.pow(power);
        if let Ok(whole) = number.parse::<u64>() {
            let bytes = whole.checked_mul(factor).filter(|bytes| *bytes <= MOST_BYTES);
            return bytes.map(Self).ok_or(NotBytes);
        }
        let amount: f64 = number.parse().map_err(|_| NotBytes)?;
        #[expect(clippy::cast_precision_loss, reason = "a unit is far below 2^52")]
        let bytes = (amount * factor as f64).round();
        if (0.0..9.0e18).contains(&bytes) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "checked above"
            )]
            Ok(Self(bytes as u64))
        } else {
            Err(NotBytes)
        }
    }
}

/// For people: `512 MB`, `1.5 GB`; bytes below a megabyte are written out.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(bytes) = *self;
        let tenths = |unit: u64| (bytes / unit, bytes % unit * 10 / unit);
        let (unit, name) = match bytes {
            0..1_000_000 => return write!(f, "{bytes} bytes"),
            1_000_000..1_000_000_000 => (1_000_000, "MB"),
            1_000_000_000..1_000_000_000_000 => (1_000_000_000, "GB"),
            _ => (1_000_000_000_000, "TB"),
        };
        match tenths(unit) {
            (whole, 0) => write!(f, "{whole} {name}"),
            (whole, tenth) => write!(f, "{whole}.{tenth} {name}"),
        }
    }
}

#[cfg(feature = "ssr")]
impl utoipa::PartialSchema for Bytes {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(r"^[0-9]+(\.[0-9]+)? ?([KMGTkmgt][Ii]?)?[Bb]?$"));
        OneOfBuilder::new()
            .item(number)
            .item(text)
            .description(Some(
                "Bytes, or text with a unit such as 512MB or 1.5Gi; answered in bytes",
            ))
            .into()
    }
}

#[cfg(feature = "ssr")]
impl utoipa::ToSchema for Bytes {}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_u64(self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Either;
        impl serde::de::Visitor<'_> for Either {
            type Value = Bytes;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes, or text such as 512MB")
            }
            fn visit_u64<E: serde::de::Error>(self, bytes: u64) -> Result<Bytes, E> {
                if bytes <= MOST_BYTES { Ok(Bytes(bytes)) } else { Err(E::custom(NotBytes)) }
            }
            fn visit_i64<E: serde::de::Error>(self, bytes: i64) -> Result<Bytes, E> {
                u64::try_from(bytes).map(Bytes).map_err(|_| E::custom("memory can't be negative"))
            }
            fn visit_f64<E: serde::de::Error>(self, bytes: f64) -> Result<Bytes, E> {
                if bytes.fract() != 0.0 {
                    return Err(E::custom("a number without a unit is bytes, and those are whole"));
                }
                format!("{bytes}").parse().map_err(E::custom)
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Bytes, E> {
                text.parse().map_err(E::custom)
            }
        }
        d.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bytes, NotBytes};

    #[test]
    fn units_of_memory() {
        let of = |text: &str| text.parse::<Bytes>().map(|b| b.0);
        assert_eq!(of("512MB"), Ok(512_000_000));
        assert_eq!(of("512Mi"), Ok(536_870_912));
        assert_eq!(of("1.5GiB"), Ok(1_610_612_736));
        assert_eq!(of("128"), Ok(128));
        assert_eq!(of("1 parsec"), Err(NotBytes));
        assert_eq!(of("-1"), Err(NotBytes));
        assert_eq!(of("99999999999999TB"), Err(NotBytes));
        assert_eq!(of("9223372036854775807"), Ok(i64::MAX as u64));
        assert_eq!(of("9223372036854775808"), Err(NotBytes), "no client could read it");
    }

    #[test]
    fn numbers_of_bytes_are_whole() {
        let of = |json: &str| serde_json::from_str::<Bytes>(json).ok().map(|bytes| bytes.0);
        assert_eq!(of("1073741824"), Some(1 << 30));
        assert_eq!(of("1.073741824e9"), Some(1 << 30), "some clients write all numbers so");
        assert_eq!(of("1.5"), None);
        assert_eq!(of("-1"), None);
        assert_eq!(of("18446744073709551615"), None);
        assert_eq!(of("null"), None);
    }
}
