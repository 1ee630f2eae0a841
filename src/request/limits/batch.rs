//! The number of requests in the list of one body.

use super::{Bounds, Excess, Limit};

pub fn check(requests: usize, bounds: &Bounds) -> Result<(), Excess> {
    let requests = u64::try_from(requests).unwrap_or(u64::MAX);
    Excess::over(Limit::Batch, requests, bounds.batch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_within_the_bound_is_accepted_and_none_by_default() {
        let bounds = Bounds {
            batch: 2,
            ..Bounds::default()
        };
        assert_eq!(check(2, &bounds), Ok(()));
        let refused = check(3, &bounds).unwrap_err();
        assert_eq!((refused.found, refused.max), (Some(3), 2));
        assert!(check(1, &Bounds::default()).is_err());
    }
}
