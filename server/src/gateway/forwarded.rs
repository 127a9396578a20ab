//! What a workload is told about its client, and whose word counts for it.
//!
//! Anyone can write `X-Forwarded-For`. What comes from a proxy that the administrator trusts is kept and
//! added to; from anyone else it is thrown away, in every spelling, so that a workload may believe it.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use http::{HeaderMap, HeaderName, HeaderValue, header};

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Networks whose forwarded headers count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<(IpAddr, u32)>);

/// The text is neither an address nor a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an address or network; write 10.0.0.7 or 10.0.0.0/8")]
pub struct NotANetwork(String);

/// Addresses and networks, separated by commas.
impl FromStr for TrustedProxies {
    type Err = NotANetwork;
    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let given = text.split(',').map(str::trim).filter(|network| !network.is_empty());
        given.map(network).collect::<Result<_, _>>().map(Self)
    }
}

fn network(text: &str) -> Result<(IpAddr, u32), NotANetwork> {
    let wrong = || NotANetwork(text.to_owned());
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length.parse().map_err(|_| wrong())?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().map_err(|_| wrong())?;
    let whole = if address.is_ipv4() { 32 } else { 128 };
    match length.unwrap_or(whole) {
        length if length <= whole => Ok((address, length)),
        _ => Err(wrong()),
    }
}

impl TrustedProxies {
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|(network, length)| match (network, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                (network.to_bits() ^ address.to_bits()).leading_zeros() >= *length
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                (network.to_bits() ^ address.to_bits()).leading_zeros() >= *length
            }
            _ => false,
        })
    }
}

/// Sets `X-Forwarded-For`, `-Host` and `-Proto` on a request that `peer` sent for `host`.
pub(super) fn set(
    headers: &mut HeaderMap,
    peer: SocketAddr,
    host: Option<HeaderValue>,
    trusted: &TrustedProxies,
) {
    let peer = peer.ip().to_canonical();
    let believed = trusted.contains(peer);
    if !believed {
        forget(headers);
    }
    let mut chain = String::new();
    for earlier in headers.get_all(FOR).iter().filter_map(|value| value.to_str().ok()) {
        chain.push_str(earlier);
        chain.push_str(", ");
    }
    chain.push_str(&peer.to_string());
    if let Ok(chain) = HeaderValue::try_from(chain) {
        headers.insert(FOR, chain);
    }
    if let Some(host) = host {
        headers.entry(HOST).or_insert(host);
    }
    headers.entry(PROTO).or_insert(HeaderValue::from_static("http"));
}

fn forget(headers: &mut HeaderMap) {
    // Many frameworks read `-` and `_` in a header's name as the same.
    let is_claim = |name: &&HeaderName| {
        let name = name.as_str();
        let starts = |prefix: &str| name.get(..prefix.len()) == Some(prefix);
        starts("x-forwarded") || starts("x_forwarded") || starts("x-real") || starts("x_real")
    };
    let claims: Vec<_> = headers.keys().filter(is_claim).cloned().collect();
    for name in claims {
        headers.remove(name);
    }
    headers.remove(header::FORWARDED);
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::{TrustedProxies, set};

    fn after(trusted: &str, peer: &str) -> Vec<(String, String)> {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-forwarded-for", "6.6.6.6"),
            ("x_forwarded_for", "6.6.6.6"),
            ("x-forwarded-proto", "https"),
            ("x-real-ip", "6.6.6.6"),
            ("forwarded", "for=6.6.6.6"),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let host = HeaderValue::from_static("example.com");
        set(&mut headers, peer.parse().unwrap(), Some(host), &trusted.parse().unwrap());
        let text = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.to_string(), value.to_str().unwrap().to_owned())
        };
        let mut all: Vec<_> = headers.iter().map(text).collect();
        all.sort();
        all
    }

    #[test]
    fn a_stranger_is_not_believed() {
        let said = after("10.0.0.0/8", "[::ffff:11.0.0.1]:9");
        let told = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            said,
            [
                told("x-forwarded-for", "11.0.0.1"),
                told("x-forwarded-host", "example.com"),
                told("x-forwarded-proto", "http"),
            ]
        );
    }

    #[test]
    fn a_trusted_proxy_is_added_to() {
        let said = after("192.168.1.1, 10.0.0.0/8", "10.9.8.7:9");
        assert!(said.contains(&("x-forwarded-for".into(), "6.6.6.6, 10.9.8.7".into())));
        assert!(said.contains(&("x-forwarded-proto".into(), "https".into())));
    }

    #[test]
    fn networks_are_read_strictly() {
        let contains = |network: &str, address: &str| {
            network.parse::<TrustedProxies>().unwrap().contains(address.parse().unwrap())
        };
        assert!(contains("0.0.0.0/0", "1.2.3.4") && !contains("0.0.0.0/0", "::1"));
        assert!(contains("fd00::/8", "fd12::1") && !contains("fd00::/8", "fe12::1"));
        assert!(contains("10.0.0.7", "10.0.0.7") && !contains("10.0.0.7", "10.0.0.6"));
        for wrong in ["10.0.0.0/33", "10.0.0", "example.com", "::1/129", "1.2.3.4/x"] {
            assert!(wrong.parse::<TrustedProxies>().is_err(), "{wrong}");
        }
    }
}
