//! Tests of the bounds of responses, viewers and the node, and of the release of bytes.

use super::*;

const LIMITS: Limits = Limits {
    answer: 100,
    viewer: 150,
    node: 200,
};

#[test]
fn viewer_and_node_budgets_are_bounded_and_refunded() {
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
fn oversized_answers_and_full_budgets_have_different_errors() {
    let budget = Budget::new(LIMITS);
    let _held = budget.open(1).charge(10).expect("enough");
    let account = budget.open(1);
    let (found, max) = (151, 150);
    assert_eq!(account.charge(151).err(), Some(Exceeded::Answer { found, max }));
    assert_eq!(account.charge(145).err(), Some(Exceeded::Viewer));
}

#[tokio::test]
async fn work_ends_when_it_exceeds_its_budget() {
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
async fn finished_work_frees_all_but_its_answer() {
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
