//! Turns the folder that `cargo xtask build` prepared into a table of embedded files.
//!
//! Only this package depends on the assets, so building with and without them shares everything else.
//! Without them (plain `cargo build`, tests, the editor) the table is empty.

use std::{env, error::Error, fmt::Write, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=HANDOVER_ASSETS");
    println!("cargo::rerun-if-changed=build.rs");
    let table = match env::var("HANDOVER_ASSETS") {
        Ok(folder) => {
            let folder = Path::new(&folder);
            println!("cargo::rerun-if-changed={}", folder.join("index.tsv").display());
            table(folder)?
        }
        Err(_) => "Assets::EMPTY".to_owned(),
    };
    let out = Path::new(&env::var("OUT_DIR")?).join("assets.rs");
    fs::write(out, format!("static ASSETS: Assets = {table};\n"))?;
    Ok(())
}

fn table(folder: &Path) -> Result<String, Box<dyn Error>> {
    let index = fs::read_to_string(folder.join("index.tsv"))?;
    let mut lines = index.lines();
    let output_name = lines.next().ok_or("the index of assets is empty")?;
    let mut files = String::new();
    for line in lines {
        let [path, mime, hash, encodings] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(format!("not a line of an index of assets: {line}").into());
        };
        let embed = |suffix: &str| {
            if encodings.split(',').any(|stored| stored == suffix) {
                format!("Some({})", include(&folder.join(format!("{hash}.{suffix}"))))
            } else {
                "None".to_owned()
            }
        };
        writeln!(
            files,
            "Asset {{ path: {path:?}, mime: {mime:?}, etag: {hash:?}, identity: {}, \
             gzip: {}, brotli: {} }},",
            include(&folder.join(hash)),
            embed("gz"),
            embed("br"),
        )?;
    }
    Ok(format!("Assets::new({output_name:?}, &[\n{files}])"))
}

/// The path as a Rust string literal, quotes and backslashes escaped.
fn include(file: &Path) -> String {
    format!("include_bytes!({:?})", file.display().to_string())
}
