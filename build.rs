//! Lists `content/` in a table of `include_str!`, so that the binary carries the default content, and names the build.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=content");
    println!("cargo:rustc-env=TIEOUT_BUILD={:016x}", fingerprint()?);
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut paths = Vec::new();
    for folder in ["statuses", "reasons", "discrepancies", "kb", "claims"] {
        collect(&root.join("content").join(folder), &mut paths)?;
    }
    paths.sort();
    let mut code = String::from("const CONTENT: &[(&str, &str)] = &[\n");
    for path in paths {
        let name =
            path.strip_prefix(root.join("content")).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        code.push_str(&format!("    ({name:?}, include_str!({:?})),\n", path.to_string_lossy()));
    }
    code.push_str("];\n");
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("content.rs"), code)
}

/// A number for the source of the program: what an older build kept in its cache is not taken for this one's.
fn fingerprint() -> io::Result<u64> {
    let mut hash = DefaultHasher::new();
    let mut paths = vec![PathBuf::from("Cargo.lock")];
    sources(Path::new("src"), &mut paths)?;
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

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "md") {
            paths.push(path);
        }
    }
    Ok(())
}
