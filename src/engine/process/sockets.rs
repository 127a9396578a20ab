//! Who listens on a replica's port. A port that answers proves nothing: another program may have taken it,
//! and traffic sent there would leak. Only a listening socket held by the replica's own processes counts.
//!
//! Known limitation: when the kernel does not let us see a member's files (it runs as another user), the
//! socket is taken to be its own.

use std::fs;

use super::procfs;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Listener {
    /// The replica listens there.
    Own,
    /// Another program does.
    Stranger,
    /// Nobody does. Where the replica listens instead, if it listens anywhere.
    Nobody { instead: Option<u16> },
}

/// Looks at `port`, for the replica whose shim and main process these are.
pub(super) fn on_port(port: u16, shim: i32, child: i32) -> Listener {
    let listening = listening();
    let on_port: Vec<u64> =
        listening.iter().filter(|(p, _)| *p == port).map(|(_, inode)| *inode).collect();
    let processes = procfs::all();
    let mut own = Vec::new();
    for member in procfs::members(&processes, shim, child).filter(|stat| !stat.ended) {
        match procfs::sockets(member.pid) {
            Ok(sockets) => own.extend(sockets),
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                own.extend(&on_port);
            }
            Err(_) => {}
        }
    }
    if on_port.iter().any(|inode| own.contains(inode)) {
        return Listener::Own;
    }
    if !on_port.is_empty() {
        return Listener::Stranger;
    }
    let instead = listening.iter().find(|(_, inode)| own.contains(inode)).map(|(port, _)| *port);
    Listener::Nobody { instead }
}

/// Port and inode of every listening TCP socket.
fn listening() -> Vec<(u16, u64)> {
    ["/proc/self/net/tcp", "/proc/self/net/tcp6"]
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .flat_map(|table| table.lines().skip(1).filter_map(parse).collect::<Vec<_>>())
        .collect()
}

/// One line of the kernel's table, if it is a listening socket.
fn parse(line: &str) -> Option<(u16, u64)> {
    let mut fields = line.split_ascii_whitespace();
    let local = fields.nth(1)?;
    let state = fields.nth(1)?;
    let inode = fields.nth(5)?;
    if state != "0A" {
        return None;
    }
    let (_, port) = local.rsplit_once(':')?;
    Some((u16::from_str_radix(port, 16).ok()?, inode.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{Listener, on_port};

    #[test]
    fn a_socket_is_told_to_be_own_or_a_strangers() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let pid = i32::try_from(std::process::id()).unwrap();
        let own = super::procfs::Stat::read(pid).unwrap();
        assert_eq!(on_port(port, -1, own.group), Listener::Own);
        assert_eq!(on_port(port, -1, -1), Listener::Stranger);
        drop(socket);
        assert_eq!(on_port(port, -1, -1), Listener::Nobody { instead: None });
    }
}
