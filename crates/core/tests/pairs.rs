mod support;
use servelens_core::analysis::{Analysis, Options, analyse};
use servelens_core::model::*;
use servelens_core::units::Seconds;
use support::*;

fn show(a: &Analysis, ws: &Workspace) {
    for (i, r) in ws.runs.iter().enumerate() {
        println!(
            "run {i} {} {:?} {:?} pts {} gpus {:?} tool {:?} {:?} model {:?}",
            r.label,
            r.role,
            r.kind,
            r.points.len(),
            r.deployment.gpus,
            r.tool,
            r.tool_version,
            r.deployment.model
        );
    }
    for l in &a.verdict.lines {
        println!(
            "## {:?} [{:?}] {} | {} | {} {:?}",
            l.question, l.badge, l.sentence, l.reason, l.evidence, l.checks
        );
    }
    for n in &a.next {
        println!("NEXT {}:\n   {}\n   {}", n.why, n.aiperf, n.genai_perf);
    }
    println!("{:?} {:?}", a.facts, a.workloads);
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
    }
}

#[test]
fn print() {
    for folders in [
        vec!["aiperf"],
        vec!["genai-perf"],
        vec![
            "aiperf/aic",
            "aiperf/isl4000_osl500/aic",
            "aiperf/baseline",
            "aiperf/isl4000_osl500/baseline",
            "aiconfigurator/v0.12.0",
        ],
        vec!["aiconfigurator/v0.2.0"],
        vec!["aiperf/aic"],
    ] {
        println!("\n\n=================== {folders:?}");
        let root = shared().join("fixtures");
        let mut files = Vec::new();
        for f in &folders {
            files.extend(walk(&root.join(f)));
        }
        if folders == ["aiperf"] {
            files.retain(|p| !p.to_string_lossy().contains("v0.5.0"));
        }
        let mut ws = drop_files(&root, &files, Stat::P95);
        ws.sla.ttft = Some(Seconds::from_ms(300.0));
        ws.sla.tpot = Some(Seconds::from_ms(10.0));
        for r in &mut ws.runs {
            if r.kind == RunKind::Measured {
                r.deployment.gpus = Some(Gpus {
                    count: 4,
                    guess: false,
                });
            }
        }
        show(&analyse(&ws, &Options::default()), &ws);
    }
}
