//! Prepares what the explorer page embeds: `GraphiQL` from npm, our own scripts and the shipped operations.
//!
//! A build never fails for want of npm: the page then loads the same files from a CDN, checked by their hashes.

#![expect(
    clippy::disallowed_methods,
    reason = "cargo speaks to build scripts through the environment"
)]

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha384};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A line of `explorer/pinned.txt`: package, version, file in the package, hash.
type Pinned<'a> = [&'a str; 4];

fn main() -> Result<()> {
    println!("cargo::rerun-if-env-changed=EXPLORER_ASSETS");
    for path in ["build.rs", "explorer", "operations"] {
        println!("cargo::rerun-if-changed={path}");
    }
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo sets CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let (source, vendored) = (root.join("explorer"), out.join("explorer"));
    let table = fs::read_to_string(source.join("pinned.txt"))?;
    let pinned = table.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        Pinned::try_from(fields).map_err(|_| format!("explorer/pinned.txt: not four fields: {line}"))
    });
    let pinned = pinned.collect::<std::result::Result<Vec<_>, _>>()?;

    let mut embedded = env::var_os("EXPLORER_ASSETS").is_none_or(|mode| mode != "cdn");
    if embedded && let Err(reason) = vendor(&pinned, &source, &vendored) {
        embedded = false;
        println!(
            "cargo::warning=The explorer page will load GraphiQL from a CDN, because npm could not provide it \
             here ({reason}); touch build.rs to try again."
        );
    }

    let mut code = format!(
        "/// Whether the binary has the third-party files.\npub static EMBEDDED: bool = {embedded};\n"
    );
    code += "/// The files of the page, in load order.\npub static ASSETS: &[Asset] = &[\n";
    for [package, version, file, integrity] in pinned {
        let cdn = format!("https://cdn.jsdelivr.net/npm/{package}@{version}/{file}");
        let path = vendored.join(base_name(file));
        write_asset(
            &mut code,
            base_name(file),
            integrity,
            Some(&cdn),
            embedded.then_some(&path),
        )?;
    }
    for file in ["boot.js", "boot.css"] {
        let path = source.join(file);
        write_asset(&mut code, file, &integrity_of(&path)?, None, Some(&path))?;
    }
    code += "];\n/// The operations in `operations/`, by path.\npub static OPERATIONS: &[Operation] = &[\n";
    write_operations(&mut code, &root.join("operations"))?;
    code += "];\n";
    fs::write(out.join("explorer.rs"), code)?;
    Ok(())
}

/// Puts the pinned files into `target`, by npm unless an earlier build has put them there.
fn vendor(pinned: &[Pinned], source: &Path, target: &Path) -> Result<()> {
    let is_present = |&[.., file, integrity]: &Pinned| {
        integrity_of(&target.join(base_name(file))).is_ok_and(|found| found == integrity)
    };
    if pinned.iter().all(is_present) {
        return Ok(());
    }
    fs::create_dir_all(target)?;
    for file in ["package.json", "package-lock.json", ".npmrc"] {
        fs::copy(source.join(file), target.join(file))?;
    }
    let status = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev"])
        .current_dir(target)
        .stdin(Stdio::null())
        .status()
        .map_err(|error| format!("npm: {error}"))?;
    if !status.success() {
        return Err(format!("npm ci: {status}").into());
    }
    let modules = target.join("node_modules");
    for [package, version, file, integrity] in pinned {
        let from = modules.join(package).join(file);
        if integrity_of(&from)? != *integrity {
            return Err(format!("{package} {version}: {file} is not the file in pinned.txt").into());
        }
        fs::copy(from, target.join(base_name(file)))?;
    }
    // Some hundred megabytes, of which four files were wanted.
    fs::remove_dir_all(modules)?;
    Ok(())
}

fn write_asset(
    code: &mut String,
    name: &str,
    integrity: &str,
    cdn: Option<&str>,
    path: Option<&PathBuf>,
) -> Result<()> {
    let bytes = path.map_or("None".to_owned(), |path| {
        format!("Some(include_bytes!({}))", literal(path))
    });
    let line = format!("name: {name:?}, integrity: {integrity:?}, cdn: {cdn:?}, bytes: {bytes}");
    Ok(writeln!(code, "Asset {{ {line} }},")?)
}

fn write_operations(code: &mut String, root: &Path) -> Result<()> {
    let mut found = Vec::new();
    let mut folders = Vec::from_iter(root.is_dir().then(|| root.to_path_buf()));
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "graphql") {
                found.push(path);
            }
        }
    }
    found.sort();
    for path in found {
        let name = path
            .strip_prefix(root)?
            .with_extension("")
            .to_string_lossy()
            .replace('\\', "/");
        let variables = Some(path.with_extension("variables.json")).filter(|path| path.is_file());
        let variables = variables.map_or("None".to_owned(), |variables| {
            format!("Some(include_str!({}))", literal(&variables))
        });
        let query = literal(&path);
        let line = format!("name: {name:?}, query: include_str!({query}), variables: {variables}");
        writeln!(code, "Operation {{ {line} }},")?;
    }
    Ok(())
}

/// The path as a Rust string literal.
fn literal(path: &Path) -> String {
    format!("{:?}", path.to_string_lossy())
}

fn base_name(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}

fn integrity_of(path: &Path) -> Result<String> {
    let content = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(format!("sha384-{}", STANDARD.encode(Sha384::digest(content))))
}
