//! The page starts: under any path, without a complaint, and asks for nothing that its sizes do not count.

use servelens_tests::browser::{Page, dist};

#[test]
fn fetches_at_start_exactly_what_the_size_gate_counts() {
    let page = Page::start_on(&dist(), "/some/sub/path/").unwrap();
    page.go(&page.url()).unwrap();
    let mut fetched: Vec<String> = page
        .requests()
        .unwrap()
        .into_iter()
        .map(|address| {
            address
                .strip_prefix(&page.url())
                .unwrap_or(&address)
                .to_owned()
        })
        .collect();
    for name in &mut fetched {
        if name.is_empty() {
            *name = "index.html".to_owned();
        }
    }
    fetched.sort();
    fetched.dedup();
    let mut counted: Vec<String> = xtask::size::measure(&dist())
        .unwrap()
        .first
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    counted.sort();
    assert_eq!(fetched, counted);
    assert_eq!(page.complaints().unwrap(), Vec::<String>::new());
}
