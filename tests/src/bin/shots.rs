//! Pictures of every view: wide and narrow, light and dark. `cargo xtask shots OUT_DIR` builds the page and calls this.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use servelens_tests::browser::{NARROW, Page, Result, WIDE, dist};
use xtask::options::Options;

/// Name of the picture and hash of the view. Add a line for a new view or an interesting state.
const VIEWS: &[(&str, &str)] = &[
    ("verdict", "#verdict"),
    ("compare", "#compare"),
    ("sla", "#sla"),
    ("experiment", "#verdict?sample=experiment"),
    (
        "experiment-sources",
        "#audit?sample=experiment&show=sources",
    ),
    ("experiment-accuracy", "#accuracy?sample=experiment"),
    ("experiment-sla", "#sla?sample=experiment"),
    ("experiment-report", "#report?sample=experiment"),
    ("sweeps", "#verdict?sample=sweeps"),
    ("sweeps-compare", "#compare?sample=sweeps"),
    ("sweeps-sla", "#sla?sample=sweeps"),
    ("what-if", "#what-if"),
    (
        "what-if-pins",
        "#what-if?rules=aic-0.12&tp=4&batch=16&ctx=4000&cell=cost&pin=rules:aic-0.2,tp:8,batch:12,ctx:8000&pin=rules:aic-0.12,tp:4,batch:16,ctx:4000",
    ),
    ("what-if-refused", "#what-if?rules=aic-0.12&pp=2"),
    ("accuracy", "#accuracy"),
    ("sweeps-accuracy", "#accuracy?sample=sweeps"),
    ("full", "#compare?stats=full"),
    ("sweeps-full", "#compare?sample=sweeps&stats=full"),
    ("sweeps-requests", "#compare?sample=sweeps&show=requests"),
    ("audit", "#audit"),
    ("audit-thresholds", "#audit?thresholds=equal:10"),
    ("report", "#report"),
];

fn main() -> ExitCode {
    match shots() {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("shots: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn shots() -> Result {
    let mut options = Options::from_args(std::env::args().skip(1));
    let full = options.flag("--full");
    let only = options.value("--only")?;
    let dist = options.value("--dist")?.map_or_else(dist, PathBuf::from);
    let out = options
        .command()
        .map(PathBuf::from)
        .ok_or("Name the folder for the pictures.")?;
    options.finish()?;

    let page = Page::start_on(&dist, "/")?.with_patience(Duration::from_secs(4));
    let mut complaints = Vec::new();
    for (screen, width) in [(WIDE, "wide"), (NARROW, "narrow")] {
        page.screen(screen)?;
        for scheme in ["light", "dark"] {
            page.media(&[("prefers-color-scheme", scheme)])?;
            for (name, hash) in VIEWS
                .iter()
                .filter(|(name, _)| only.as_deref().is_none_or(|wanted| wanted == *name))
            {
                // A page that does not start is worth a picture, too.
                if let Err(sentence) = page.open(hash) {
                    complaints.push(sentence.lines().next().unwrap_or_default().to_owned());
                }
                let file = out.join(format!("{name}-{width}-{scheme}.png"));
                page.shot(&file, screen, full)?;
                println!("{}", file.display());
                complaints.extend(
                    page.complaints()?
                        .into_iter()
                        .map(|line| format!("{hash} {width} {scheme}: {line}")),
                );
            }
        }
    }
    complaints.sort();
    complaints.dedup();
    for line in &complaints {
        println!("console: {line}");
    }
    Ok(())
}
