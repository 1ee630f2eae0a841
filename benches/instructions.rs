//! Counts instructions. This is a regression test that does not depend on the load of the machine.
//!
//! `cargo bench --profile dev --bench instructions -- --check` runs each workload below under valgrind's callgrind
//! and fails if one takes over 3 % more than in `benches/instructions.txt`. `-- --write` updates that file. Only the
//! thread of the workload is counted, without setup and without the thread of the database. The build is the one that
//! tests use, so the figures do not show the effect of optimizations, but they show growth.

#![expect(
    clippy::expect_used,
    reason = "a benchmark that cannot be run has nothing to say"
)]

mod work;

use std::{
    collections::BTreeMap,
    env, fs,
    path::PathBuf,
    process::{Command, ExitCode},
};

/// Maximum allowed growth in percent.
const TOLERANCE: u64 = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    if let Some(name) = arguments
        .iter()
        .find_map(|argument| argument.strip_prefix("--run="))
    {
        work::run(name);
        return ExitCode::SUCCESS;
    }
    let baseline = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.txt");
    let known = read(&fs::read_to_string(&baseline).unwrap_or_default());
    let counted: Vec<(&str, u64)> = work::NAMES.map(|name| (name, count(name))).into();
    let mut grown = 0;
    println!("{:<28} {:>14} {:>14} {:>8}", "", "instructions", "before", "%");
    for (name, count) in &counted {
        let Some(before) = known.get(*name) else {
            println!("{name:<28} {count:>14} {:>14} {:>8}", "-", "-");
            grown += 1;
            continue;
        };
        // In tenths of a percent.
        let change = i128::from(*count) * 1000 / i128::from((*before).max(1)) - 1000;
        let sign = if change < 0 { "-" } else { "+" };
        let (whole, tenth) = (change.abs() / 10, change.abs() % 10);
        println!(
            "{name:<28} {count:>14} {before:>14} {:>8}",
            format!("{sign}{whole}.{tenth}")
        );
        grown += usize::from(count * 100 > before * (100 + TOLERANCE));
    }
    if has("--write") {
        let lines: String = counted
            .iter()
            .map(|(name, count)| format!("{name} {count}\n"))
            .collect();
        fs::write(&baseline, lines).expect("the figures are written");
        return ExitCode::SUCCESS;
    }
    if has("--check") && grown > 0 {
        eprintln!(
            "{grown} took over {TOLERANCE} % more instructions than before, or are new. If that is wanted: \
             cargo bench --profile dev --bench instructions -- --write"
        );
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn read(text: &str) -> BTreeMap<String, u64> {
    let line = |line: &str| {
        let (name, count) = line.rsplit_once(' ')?;
        Some((name.to_owned(), count.parse().ok()?))
    };
    text.lines().filter_map(line).collect()
}

/// Runs a workload under callgrind in a separate process.
fn count(name: &str) -> u64 {
    let output = Command::new("valgrind")
        .args([
            "--tool=callgrind",
            "--callgrind-out-file=/dev/null",
            "--collect-atstart=no",
        ])
        .arg(format!("--toggle-collect=*{}*", work::MEASURED))
        .arg(env::current_exe().expect("this program"))
        .arg(format!("--run={name}"))
        .output()
        .expect("valgrind is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {said}");
    let collected = said
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .map(|(_, rest)| rest.trim());
    let count: u64 = collected.and_then(|text| text.parse().ok()).expect("a count");
    assert!(count > 0, "{name}: nothing was counted: {said}");
    count
}
