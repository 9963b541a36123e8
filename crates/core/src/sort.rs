//! Sorting with one compiled sort for all types: the standard library's own adds about two kilobytes to the page for each type and
//! each comparison.

use std::cmp::Ordering;

/// Sorts by a comparison; what compares equal keeps its order.
pub fn by<T>(list: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    let swaps = swaps(list.len(), &mut |a, b| match (list.get(a), list.get(b)) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    });
    for (a, b) in swaps {
        list.swap(a, b);
    }
}

/// The exchanges, one after the other, that bring `n` things into order.
fn swaps(n: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| compare(*a, *b));
    let mut goal = vec![0; n];
    for (to, from) in order.into_iter().enumerate() {
        if let Some(g) = goal.get_mut(from) {
            *g = to;
        }
    }
    let mut swaps = Vec::new();
    for at in 0..n {
        // Each exchange brings the thing that stands here to where it belongs.
        while let Some(to) = goal.get(at).copied().filter(|to| *to != at) {
            swaps.push((at, to));
            goal.swap(at, to);
        }
    }
    swaps
}

#[cfg(test)]
mod tests {
    use super::by;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sorts_as_the_standard_library_does(list: Vec<(u8, u16)>) {
            let mut ours = list.clone();
            by(&mut ours, |a, b| a.0.cmp(&b.0));
            let mut theirs = list;
            theirs.sort_by_key(|a| a.0);
            prop_assert_eq!(ours, theirs);
        }
    }
}
