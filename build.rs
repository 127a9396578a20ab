//! The migrations are compiled in: a new file among them must build the crate again.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
