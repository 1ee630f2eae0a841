//! Resource use of processes, read from /proc.

use std::{fs, time::Duration};

use crate::failure::{Done, Failure};

/// Clock ticks per second. Linux uses 100 on all current platforms.
const TICKS: u64 = 100;
/// Size of a page in bytes.
const PAGE: u64 = 4_096;

/// Returns the processor time that a process has used in user and kernel mode.
pub fn processor_time(pid: u32) -> Done<Duration> {
    Ok(duration(stat(pid)?.own))
}

/// Returns the processor time of a process and all its descendants, including those that have ended.
pub fn processor_time_of_family(pid: u32) -> Done<Duration> {
    let ticks = family(pid)?.into_iter().map(|(_, stat)| stat.own + stat.reaped);
    Ok(duration(ticks.sum()))
}

/// Returns the sum of the peak memory of a process and its running descendants, in bytes.
pub fn peak_of_family(pid: u32) -> Done<u64> {
    let mut peak = 0;
    for (pid, _) in family(pid)? {
        // The process may have ended since.
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        peak += kibibytes(&status, "VmHWM:").unwrap_or(0) << 10;
    }
    Ok(peak)
}

/// Returns the peak resident memory of a process in bytes.
pub fn peak(pid: u32) -> Done<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let peak =
        kibibytes(&status, "VmHWM:").ok_or_else(|| Failure(format!("/proc/{pid}/status cannot be read")))?;
    Ok(peak << 10)
}

/// Returns the resident memory of a process in bytes.
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

/// One line of /proc/PID/stat. Times are in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    own: u64,
    /// Time of descendants that have ended.
    reaped: u64,
}

fn stat(pid: u32) -> Done<Stat> {
    let line = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    read_stat(&line).ok_or_else(|| Failure(format!("/proc/{pid}/stat cannot be read")))
}

fn read_stat(line: &str) -> Option<Stat> {
    // The name in parentheses may contain any character. The state and numbers follow it.
    let (_, rest) = line.rsplit_once(')')?;
    let numbers: Vec<i64> = rest
        .split_whitespace()
        .skip(1)
        .take(14)
        .map_while(|number| number.parse().ok())
        .collect();
    let ticks = |place: usize| u64::try_from(*numbers.get(place)?).ok();
    Some(Stat {
        parent: u32::try_from(*numbers.first()?).ok()?,
        own: ticks(10)? + ticks(11)?,
        reaped: ticks(12)? + ticks(13)?,
    })
}

/// Returns a process and its running descendants.
fn family(pid: u32) -> Done<Vec<(u32, Stat)>> {
    let mut all = Vec::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let number = entry.file_name().to_str().and_then(|name| name.parse().ok());
        // A process that has ended since the listing is omitted.
        all.extend(number.and_then(|pid: u32| Some((pid, stat(pid).ok()?))));
    }
    let mut members = vec![(pid, stat(pid)?)];
    let mut looked = 0;
    while let Some((parent, _)) = members.get(looked).copied() {
        members.extend(all.iter().filter(|(_, stat)| stat.parent == parent));
        looked += 1;
    }
    Ok(members)
}

fn duration(ticks: u64) -> Duration {
    Duration::from_millis(ticks * 1_000 / TICKS)
}

fn kibibytes(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_with_any_process_name() {
        let line = "42 (odd) name (x) S 7 42 42 0 -1 4194304 100 200 0 0 31 12 5 3 20 0 1 0 999 1 1";
        let stat = Stat {
            parent: 7,
            own: 43,
            reaped: 8,
        };
        assert_eq!(read_stat(line), Some(stat));
        assert_eq!(read_stat("42 (cut) S 7 42"), None);
    }

    #[test]
    fn memory_is_read_by_its_name() {
        let status = "Name:\tx\nVmPeak:\t  99 kB\nVmHWM:\t  1234 kB\n";
        assert_eq!(kibibytes(status, "VmHWM:"), Some(1_234));
        assert_eq!(kibibytes(status, "VmSwap:"), None);
    }

    #[test]
    fn processor_time_includes_ended_children() {
        let own = std::process::id();
        let before = processor_time_of_family(own).expect("read");
        let busy = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
        let status = std::process::Command::new("sh").args(["-c", busy]).status();
        assert!(status.expect("run").success());
        assert!(processor_time_of_family(own).expect("read") > before);
    }
}
