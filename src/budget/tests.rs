//! Tests of the bounds of responses, viewers and the node, and of the release of bytes.

use super::*;

const LIMITS: Limits = Limits {
    answer: 100,
    viewer: 150,
    node: 200,
};

#[test]
fn each_viewer_and_all_of_them_have_a_bound_and_get_back_what_they_gave() {
    let budget = Budget::new(LIMITS);
    let (one, other) = (budget.open(1), budget.open(2));
    let first = one.charge(100).expect("enough");
    assert_eq!(budget.open(1).charge(60).err(), Some(Exceeded::Viewer));
    assert_eq!(other.charge(120).err(), Some(Exceeded::Node));
    let second = other.charge(90).expect("enough for another");
    drop(first);
    let third = budget.open(1).charge(60).expect("what came back");
    assert_eq!(budget.taken(), 150);
    drop((second, third));
    assert_eq!(budget.taken(), 0);
}

#[test]
fn what_would_never_fit_is_told_from_what_does_not_fit_now() {
    let budget = Budget::new(LIMITS);
    let _held = budget.open(1).charge(10).expect("enough");
    let account = budget.open(1);
    let (found, max) = (151, 150);
    assert_eq!(account.charge(151).err(), Some(Exceeded::Answer { found, max }));
    assert_eq!(account.charge(145).err(), Some(Exceeded::Viewer));
}

#[tokio::test]
async fn work_ends_where_it_has_read_or_written_too_much() {
    let budget = Budget::new(LIMITS);
    let account = budget.open(1);
    let reading = async {
        assert!(read(60));
        assert!(!read(60), "over the bound of an answer");
        assert!(is_exceeded());
        std::future::pending::<()>().await;
    };
    let (found, max) = (120, 100);
    assert_eq!(
        within(&account, reading).await,
        Err(Exceeded::Answer { found, max })
    );
    assert_eq!(budget.taken(), 0);

    let account = budget.open(1);
    let mut charge = Charge::none(account.clone());
    assert!(charge.grow(50, 64));
    assert!(!charge.grow(101, 128));
    assert!(charge.is_exceeded());
    assert_eq!(budget.taken(), 64);
    charge.shrink(50);
    assert_eq!(budget.taken(), 50);
}

#[tokio::test]
async fn work_gives_back_what_it_held_and_keeps_what_it_answered() {
    let budget = Budget::new(LIMITS);
    let account = budget.open(1);
    let work = async {
        assert!(read(40) && hold(40));
        current().expect("an account").charge(30)
    };
    let answer = within(&account, work).await.expect("within").expect("enough");
    assert_eq!(budget.taken(), 30);
    drop(answer);
    assert_eq!(budget.taken(), 0);
}

#[test]
fn viewers_that_are_gone_are_forgotten() {
    let budget = Budget::new(LIMITS);
    for viewer in 0..1_000 {
        let _ = budget.open(viewer);
    }
    let viewers = budget.viewers.lock().expect("no panic");
    assert!(viewers.pools.len() <= SWEEP_LEAST, "{}", viewers.pools.len());
}
