//! Runs the chaos harness of `bench/` for a short time: no event may be lost while gateways are killed and
//! connections are cut.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use deskgraph_bench::chaos::{Differences, Report, run, settings::Settings};

/// Small enough for a debug build.
const SMALL: &str = "--writers 10 --listeners 24 --connections 12 --kill-every 3 --deafen-every 2 --quiet";

async fn chaos(words: &str) -> Report {
    let mut settings = Settings::read(&format!("{SMALL} {words}")).expect("settings");
    settings.under_test.binary = env!("CARGO_BIN_EXE_deskgraph").into();
    run(settings).await.expect("a run")
}

fn assert_nothing_lost(report: &Report) {
    let verdict = &report.verdict;
    assert!(verdict.events > 20, "too little was written:\n{report}");
    assert_eq!(verdict.differences(), Differences::default(), "{report}");
    assert_eq!(verdict.unlogged, 0, "{report}");
    assert!(verdict.is_whole(), "{report}");
}

mod on_sqlite {
    #[tokio::test(flavor = "multi_thread")]
    async fn no_event_is_lost_when_the_gateway_is_killed() {
        let report = super::chaos("--database sqlite --seconds 8 --buffer 4").await;
        super::assert_nothing_lost(&report);
    }
}

mod on_postgres {
    use deskgraph_bench::postgres::of_tests;
    use needs::needs;

    #[needs(postgres)]
    #[tokio::test(flavor = "multi_thread")]
    async fn no_event_is_lost_when_connections_are_cut() {
        let server = of_tests().expect("a server");
        let report = super::chaos(&format!("--server {server} --seconds 9 --nodes 2")).await;
        super::assert_nothing_lost(&report);
    }

    /// Without this control, the other tests would prove nothing.
    #[needs(postgres)]
    #[tokio::test(flavor = "multi_thread")]
    async fn positions_assigned_too_early_are_detected() {
        let server = of_tests().expect("a server");
        let words = format!("--server {server} --seconds 5 --nodes 2 --mistake --patience 1");
        let report = super::chaos(&words).await;
        assert!(report.verdict.differences().missing > 0, "{report}");
        assert!(!report.verdict.is_whole(), "{report}");
    }
}
