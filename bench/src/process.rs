//! What a process used: read from /proc.

use std::{fs, time::Duration};

use crate::failure::{Done, Failure};

/// Clock ticks in a second: what Linux counts processor time in, on every machine that it runs on today.
const TICKS: u64 = 100;
/// Bytes of a page.
const PAGE: u64 = 4_096;

/// Processor time that a process used so far, in its own code and in the kernel for it.
pub fn processor_time(pid: u32) -> Done<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in brackets may hold anything; what follows is numbers.
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let numbers: Vec<u64> = rest
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|n| n.parse().ok())
        .collect();
    let [user, system] = numbers[..] else {
        return Err(Failure(format!("/proc/{pid}/stat cannot be read")));
    };
    Ok(Duration::from_millis((user + system) * 1_000 / TICKS))
}

/// Bytes that a process holds in memory.
pub fn resident(pid: u32) -> Done<u64> {
    let statm = fs::read_to_string(format!("/proc/{pid}/statm"))?;
    let pages: Option<u64> = statm
        .split_whitespace()
        .nth(1)
        .and_then(|pages| pages.parse().ok());
    pages
        .map(|pages| pages * PAGE)
        .ok_or_else(|| Failure(format!("/proc/{pid}/statm cannot be read")))
}
