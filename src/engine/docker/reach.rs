//! Where a container is reached: at its own address where this host has a foot in the bridge, else at ports
//! that the engine publishes on 127.0.0.1 (an engine without root, or in a virtual machine).

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
};

use bollard::models::{ContainerInspectResponse, PortBinding};

use super::link::Link;

/// The address of a container, port by port.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Reach {
    /// It never had one.
    #[default]
    Nowhere,
    Own(IpAddr),
    /// Ports of this host by ports of the container.
    Published(HashMap<u16, u16>),
}

impl Reach {
    /// None when a container has no address any more.
    pub(super) fn of(found: &ContainerInspectResponse, link: &Link) -> Option<Self> {
        let settings = found.network_settings.as_ref()?;
        if link.publishes() {
            let ports = settings.ports.as_ref()?.iter().filter_map(|(port, bindings)| {
                let inner = port.split('/').next()?.parse().ok()?;
                let outer = bindings.as_ref()?.first()?.host_port.as_ref()?.parse().ok()?;
                Some((inner, outer))
            });
            return Some(Self::Published(ports.collect()));
        }
        let network = settings.networks.as_ref()?.get(&link.names.network())?;
        network.ip_address.as_ref()?.parse().ok().map(Self::Own)
    }

    /// Where a port of it is. A port that leads nowhere is said as port 0, which nothing can listen on.
    pub(super) fn at(&self, port: u16) -> SocketAddr {
        match self {
            Self::Nowhere => (Ipv4Addr::LOCALHOST, 0).into(),
            Self::Own(ip) => (*ip, port).into(),
            Self::Published(ports) => {
                (Ipv4Addr::LOCALHOST, ports.get(&port).copied().unwrap_or(0)).into()
            }
        }
    }
}

/// The order to publish a port, wherever there is room.
pub(super) fn binding(port: u16) -> (String, Option<Vec<PortBinding>>) {
    let host_ip = Some(Ipv4Addr::LOCALHOST.to_string());
    (format!("{port}/tcp"), Some(vec![PortBinding { host_ip, host_port: Some(String::new()) }]))
}

/// Whether this host has an address of its own in a network with this gateway.
pub(super) fn is_ours(gateway: IpAddr) -> bool {
    // Only addresses of this host can be bound.
    UdpSocket::bind((gateway, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{Reach, is_ours};

    #[test]
    fn ports_lead_where_they_are_published() {
        let published = Reach::Published([(8080, 32_768)].into());
        assert_eq!(published.at(8080).to_string(), "127.0.0.1:32768");
        assert_eq!(published.at(9090).port(), 0, "and never to a stranger's");
        let own = Reach::Own([172, 18, 0, 2].into());
        assert_eq!(own.at(9090).to_string(), "172.18.0.2:9090");
    }

    #[test]
    fn only_addresses_of_this_host_are_ours() {
        assert!(is_ours([127, 0, 0, 1].into()));
        assert!(!is_ours([192, 0, 2, 254].into()));
    }
}
