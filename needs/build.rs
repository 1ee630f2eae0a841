//! Decides which tests are ignored, because what they need is missing.
//!
//! It is not the build script of the product: with that, another decision would compile the product again. Only tests
//! depend on this crate. Cargo runs the script again when `TEST_PROGRAMS` changes, when something that was found is gone,
//! and, where a program is missing, when a variable changes that replaces it. A program that is installed later is found
//! by a test (`tests/api/support/left_out.rs`), which removes the file of the decision, so that the next `cargo test`
//! decides again.

#![expect(
    clippy::disallowed_methods,
    reason = "cargo speaks to build scripts through the environment"
)]

#[path = "../bench/src/needed.rs"]
mod needed;
#[path = "../bench/src/programs.rs"]
mod programs;

use std::{env, error::Error, fs, path::PathBuf, time::SystemTime};

use needed::Need;

fn main() -> Result<(), Box<dyn Error>> {
    let decision = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?).join("decision.rs");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", decision.display());
    println!("cargo::rerun-if-env-changed={}", programs::ONLY);
    for need in &needed::ALL {
        if let Some(found) = need.found() {
            println!("cargo::rerun-if-changed={}", found.display());
        }
        for variable in need.variables() {
            println!("cargo::rerun-if-env-changed={variable}");
        }
    }
    let entry = |need: &Need| {
        let reason = need.is_left_out().then_some(need.reason);
        format!("({:?}, {reason:?})", need.name)
    };
    let entries = needed::ALL.iter().map(entry).collect::<Vec<_>>();
    fs::write(&decision, format!("&[{}]", entries.join(", ")))?;
    // It must not look newer than this run of the script, which would then be repeated by every build.
    fs::File::options()
        .write(true)
        .open(&decision)?
        .set_modified(SystemTime::UNIX_EPOCH)?;
    Ok(())
}
