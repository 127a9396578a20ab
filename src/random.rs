//! Randomness as a parameter, so that a test can repeat what it saw.

use rand::{TryRng, rngs::SysRng};

use crate::clock::Clock;

/// A source of unpredictable bytes.
pub trait Random: Send + Sync + 'static {
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's source.
#[derive(Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(
        clippy::expect_used,
        reason = "without randomness no secret is safe: stop rather than go on"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        SysRng.try_fill_bytes(bytes).expect("the operating system gives random bytes");
    }
}

/// The twelve bytes of a new id: the second it was made in, then chance.
pub fn id_bytes(clock: &dyn Clock, random: &dyn Random) -> [u8; 12] {
    let mut bytes = [0; 12];
    random.fill(&mut bytes[4..]);
    let seconds = u32::try_from(clock.now().micros() / 1_000_000).unwrap_or(u32::MAX);
    bytes[..4].copy_from_slice(&seconds.to_be_bytes());
    bytes
}

/// `bytes` of chance as lower-case hexadecimal text, for secrets.
pub fn hex(random: &dyn Random, bytes: usize) -> String {
    let mut chance = vec![0; bytes];
    random.fill(&mut chance);
    chance.iter().map(|byte| format!("{byte:02x}")).collect()
}
