//! Large files: read on a thread of their own, while the page answers; progress, stopping, and what happens without such a thread.

use crate::{
    BANNER, RUN, UNUSED, case, command, drop_a_broken_file_among_good, loaded, opened, runs, silent,
};
use servelens_core::ingest::Ingest;
use servelens_core::model::Workspace;
use servelens_core::session;
use servelens_tests::browser::{Page, Result, fresh_folder};
use std::path::{Path, PathBuf};

/// A folder of a measurement whose records are large, with a file that is cut off; removed in the end.
struct Large(PathBuf);

impl Large {
    fn of_megabytes(size: usize) -> Self {
        let folder = fresh_folder("large").unwrap();
        let from = case("aiperf/0.13.0/sweep/aic/concurrency_1");
        let summary = "profile_export_aiperf.json";
        std::fs::copy(from.join(summary), folder.join(summary)).unwrap();
        let records = std::fs::read(from.join("profile_export.jsonl")).unwrap();
        let times = size * 1_000_000 / records.len();
        std::fs::write(folder.join("profile_export.jsonl"), records.repeat(times)).unwrap();
        std::fs::copy(
            case("broken/files/among-good/a-cut-off.json"),
            folder.join("a-cut-off.json"),
        )
        .unwrap();
        Self(folder)
    }

    /// The session that the core makes of it by itself.
    fn read_directly(&self) -> String {
        let folder = self.0.file_name().unwrap().to_string_lossy().into_owned();
        let mut ingest = Ingest::new();
        for name in [
            "a-cut-off.json",
            "profile_export.jsonl",
            "profile_export_aiperf.json",
        ] {
            let bytes = std::fs::read(self.0.join(name)).unwrap();
            ingest.add(&format!("{folder}/{name}"), &bytes);
        }
        let mut workspace = Workspace::default();
        workspace.absorb(ingest.finish());
        session::save_whole(&workspace).unwrap()
    }
}

impl Drop for Large {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The session that the page saves.
fn saved(page: &Page) -> Result<String> {
    let folder = page.downloads()?;
    command(page, "save session");
    page.downloaded(&folder, ".json")
}

fn dropped(page: &Page, folder: &Path) {
    page.drop_paths(&[folder], None).unwrap();
    page.wait_count(BANNER, 0).unwrap();
    page.wait_count(RUN, 1).unwrap();
    page.wait_count(UNUSED, 1).unwrap();
    page.wait_count(".prog", 0).unwrap();
}

/// Keeps what every frame showed while something was being read, and goes to another view in the middle of it.
const WATCH: &str = "
    window.seen = [];
    const frame = () => {
      const bar = document.querySelector('.prog progress');
      if (bar) {
        seen.push({ at: performance.now(), done: bar.value, of: bar.max, text: bar.parentElement.innerText,
          tab: document.querySelector('.tabs [aria-current=page]')?.getAttribute('href') });
        if (bar.value > 0) document.querySelector(\".tabs a[href='#sla']\").click();
      }
      requestAnimationFrame(frame);
    };
    frame();";

#[test]
fn the_page_answers_while_a_large_file_is_read_and_the_figures_are_the_same() {
    let large = Large::of_megabytes(80);
    let page = opened();
    page.js(WATCH).unwrap();
    dropped(&page, &large.0);
    let told = page.text(UNUSED).unwrap();
    assert!(told.contains("line 40, column 2"), "{told}");
    let seen = page.js("return seen").unwrap();
    let seen = seen.as_array().unwrap();
    let number = |i: usize, key: &str| seen[i][key].as_f64().unwrap();
    let reading: Vec<usize> = (0..seen.len())
        .filter(|i| number(*i, "done") < number(*i, "of"))
        .collect();
    let at = |i: usize| number(reading[i], "at");
    let took = at(reading.len() - 1) - at(0);
    let longest = (1..reading.len())
        .map(|i| at(i) - at(i - 1))
        .fold(0.0, f64::max);
    println!("reading took {took:.0} ms; the longest wait for a frame was {longest:.0} ms");
    // In the page itself nothing is drawn inside a file, and the wait is as long as the reading; a busy machine draws less often.
    let mut steps: Vec<u64> = reading.iter().map(|i| number(*i, "done") as u64).collect();
    steps.dedup();
    assert!(steps.len() > 6, "{steps:?}");
    assert!(longest < took * 0.8, "{longest} ms of {took} ms");
    let moved = |i: &&usize| number(**i, "done") > 1e6 && seen[**i]["tab"] == "#sla";
    assert!(reading.iter().any(|i| moved(&i)), "{seen:?}");
    let text = seen[reading[reading.len() / 2]]["text"].as_str().unwrap();
    assert!(
        text.contains("profile_export.jsonl") && text.contains(" of 80.") && text.contains("MB"),
        "{text}"
    );
    assert_eq!(saved(&page).unwrap(), large.read_directly());
    silent(&page);
}

#[test]
fn stopping_leaves_the_table_alone_and_asks_the_network_for_nothing() {
    let large = Large::of_megabytes(80);
    let page = opened();
    let (before, answered) = (runs(&page), page.answered());
    page.js("new MutationObserver((_, me) => {
           const bar = document.querySelector('.prog progress');
           if (bar?.value > 0) { me.disconnect(); document.querySelector('.prog button').click(); }
         }).observe(document.body, { subtree: true, childList: true, attributes: true })")
        .unwrap();
    page.drop_paths(&[&large.0], None).unwrap();
    page.wait_text("[data-testid=said]", "Nothing was added")
        .unwrap();
    page.wait_count(".prog", 0).unwrap();
    assert_eq!(runs(&page), before);
    page.wait_count(BANNER, 1).unwrap();
    page.wait_count(UNUSED, 0).unwrap();
    // A new thread reads what comes next.
    dropped(&page, &large.0);
    assert_eq!(page.answered(), answered);
    silent(&page);
}

#[test]
fn where_there_is_no_such_thread_the_page_reads_by_itself() {
    let large = Large::of_megabytes(2);
    let page = Page::start().unwrap();
    page.cdp(
        "Page.addScriptToEvaluateOnNewDocument",
        serde_json::json!({ "source": "delete globalThis.Worker" }),
    )
    .unwrap();
    page.open("").unwrap();
    page.wait_count("[data-reads-on=page]", 1).unwrap();
    dropped(&page, &large.0);
    assert_eq!(saved(&page).unwrap(), large.read_directly());
    silent(&page);
}

#[test]
fn a_file_that_ends_the_thread_is_left_out_and_the_others_are_read() {
    let page = Page::start().unwrap();
    page.open("").unwrap();
    loaded(&page);
    page.js(
        "const post = Worker.prototype.postMessage;
         let first = true;
         Worker.prototype.postMessage = function (message) {
           if (!first || !Array.isArray(message)) return post.call(this, message);
           first = false;
           this.dispatchEvent(new ErrorEvent('error', { message: 'no memory is left', cancelable: true }));
         }",
    )
    .unwrap();
    let told = drop_a_broken_file_among_good(&page);
    assert!(
        told.contains("a-cut-off.json") && told.contains("no memory is left"),
        "{told}"
    );
    silent(&page);
}
