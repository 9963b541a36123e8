//! The report the product grew from, dropped as it is, against the findings that it must raise.

mod support;

use servelens_core::analysis::{Analysis, Options, analyse};
use support::seed;

fn analysis() -> Analysis {
    analyse(&seed(), &Options::default())
}

#[test]
fn print() {
    let a = analysis();
    for l in &a.verdict.lines {
        println!(
            "## {:?} [{:?}] {} | {} | {} {:?}",
            l.question, l.badge, l.sentence, l.reason, l.evidence, l.checks
        );
    }
    for n in &a.next {
        println!("NEXT {}:\n   {}\n   {}", n.why, n.aiperf, n.genai_perf);
    }
    println!("{:?}", a.facts);
    for f in &a.findings {
        println!(
            "- {:?} {} {} ({} pts, shakes {:?})\n    => {}",
            f.grade,
            f.check.id(),
            f.title,
            f.points.len(),
            f.shakes,
            f.consequence
        );
        for l in &f.arithmetic {
            println!("      {l}");
        }
        for q in &f.quotes {
            println!("      > {}:{} {}", q.file, q.line, q.text);
        }
        if let Some(x) = &f.advice {
            println!("    advice: {x}");
        }
    }
    let ws = seed();
    for r in &ws.runs {
        println!(
            "{} {:?} {:?} {:?} {:?}",
            r.label, r.role, r.tool, r.deployment, r.points[0]
        );
    }
}

#[test]
fn print_report() {
    let (ws, a) = (seed(), analysis());
    let r = servelens_core::report::build(&ws, &a);
    println!("{}", servelens_core::report::markdown(&r));
    println!("{}", servelens_core::report::csv(&ws, &a));
    println!(
        "{}",
        &servelens_core::report::json(&r, &ws, &a).unwrap()[..3000]
    );
    std::fs::write("/tmp/seed.html", servelens_core::report::html(&r)).unwrap();
}
