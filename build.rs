//! Lists `content/` and the sample in `input/` in tables of `include_str!`, so that the binary carries them, lists the messages
//! of the program, and names the build.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[path = "build/messages.rs"]
mod messages;

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=content");
    println!("cargo:rustc-env=TIEOUT_BUILD={:016x}", fingerprint()?);
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    println!("cargo:rerun-if-changed=input");
    let mut paths = Vec::new();
    for folder in ["statuses", "reasons", "discrepancies", "kb", "claims", "customer"] {
        collect(&root.join("content").join(folder), "md", &mut paths)?;
        let translated = root.join("content/zh").join(folder);
        if translated.is_dir() {
            collect(&translated, "md", &mut paths)?;
        }
    }
    let content = table("CONTENT", &root.join("content"), paths);
    let mut paths = Vec::new();
    collect(&root.join("content/messages"), "toml", &mut paths)?;
    let catalogs = table("CATALOGS", &root.join("content/messages"), paths);
    let mut paths = Vec::new();
    for entry in fs::read_dir(root.join("input"))? {
        let folder = entry?.path();
        if folder.is_dir() {
            collect(&folder, "csv", &mut paths)?;
            // The access log of the success metrics.
            collect(&folder, "log", &mut paths)?;
        }
    }
    let sample = table("SAMPLE", &root.join("input"), paths);
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("content.rs"), content + &catalogs)?;
    let mut paths = Vec::new();
    sources(Path::new("src"), &mut paths)?;
    sources(Path::new("templates"), &mut paths)?;
    let is_ours = |path: &Path| path.starts_with("src/language") || path.ends_with("language.rs");
    paths.retain(|path| !is_ours(path) && !path.ends_with("tests.rs"));
    paths.sort();
    fs::write(out.join("messages.rs"), messages::table(&paths)?)?;
    fs::write(out.join("sample.rs"), sample)
}

/// The code of a table of files by their paths below a folder.
fn table(name: &str, folder: &Path, mut paths: Vec<PathBuf>) -> String {
    paths.sort();
    let mut code = format!("const {name}: &[(&str, &str)] = &[\n");
    for path in paths {
        let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        code.push_str(&format!("    ({name:?}, include_str!({:?})),\n", path.to_string_lossy()));
    }
    code.push_str("];\n");
    code
}

/// A number for the source of the program and the texts inside it: what an older build kept in its cache is not taken for this one's.
fn fingerprint() -> io::Result<u64> {
    let mut hash = DefaultHasher::new();
    let mut paths = vec![PathBuf::from("Cargo.lock"), PathBuf::from("build.rs")];
    for folder in ["build", "content", "src", "templates"] {
        sources(Path::new(folder), &mut paths)?;
    }
    paths.sort();
    for path in paths {
        println!("cargo:rerun-if-changed={}", path.display());
        path.hash(&mut hash);
        fs::read(&path)?.hash(&mut hash);
    }
    Ok(hash.finish())
}

fn sources(folder: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { sources(&path, paths)? } else { paths.push(path) }
    }
    println!("cargo:rerun-if-changed={}", folder.display());
    Ok(())
}

fn collect(folder: &Path, extension: &str, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == extension) {
            paths.push(path);
        }
    }
    Ok(())
}
