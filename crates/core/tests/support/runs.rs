//! Small runs for the tests of the crate, inside it and outside.

use servelens_core::model::{
    Deployment, Load, Metric, Point, Role, Run, RunKind, Source, Stats, Tool, Workspace,
};

/// A measured run from (concurrency, tokens/s, requests/s).
pub fn run_of(label: &str, rows: &[(u32, f64, f64)]) -> Run {
    Run {
        id: label.to_owned(),
        label: label.to_owned(),
        tool: Tool::AiPerf,
        tool_version: None,
        kind: RunKind::Measured,
        role: Role::Candidate,
        role_is_guess: false,
        deployment: Deployment::default(),
        points: rows
            .iter()
            .map(|(c, tokens, requests)| {
                let mut p = Point {
                    load: Load {
                        concurrency: Some(*c),
                        request_rate: None,
                    },
                    source: Source {
                        file: format!("{label}.json"),
                        place: String::new(),
                    },
                    ..Point::default()
                };
                p.measured(Metric::OutputThroughput, Stats::avg(*tokens));
                p.measured(Metric::RequestThroughput, Stats::avg(*requests));
                p
            })
            .collect(),
        files: vec![format!("{label}.json")],
        notes: Vec::new(),
    }
}

/// A workspace of a candidate and a baseline.
pub fn pair(candidate: Run, baseline: Run) -> Workspace {
    let mut ws = Workspace {
        runs: vec![candidate, baseline],
        ..Workspace::default()
    };
    for (run, role) in ws.runs.iter_mut().zip([Role::Candidate, Role::Baseline]) {
        run.role = role;
    }
    ws
}
