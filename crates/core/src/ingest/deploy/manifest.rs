//! Kubernetes manifests: Dynamo's graphs, plain deployments and jobs.
//!
//! Knows where services, replicas, GPUs and command lines stand.

use super::command;
use super::settings::Settings;
use super::{Piece, Read, Service, documents};
use crate::ingest::json::Flat;
use crate::ingest::quantity::count;

/// Reads one document.
pub fn read(flat: &Flat, path: &str, out: &mut Read) {
    let mut services: Vec<Service> = Vec::new();
    for name in flat.children("spec.services") {
        let at = format!("spec.services.{name}");
        let frontend = flat.text(&format!("{at}.componentType")) == Some("frontend");
        if !frontend {
            let container = format!("{at}.extraPodSpec.mainContainer");
            let mut service = service(flat, &at, &container, &mut out.links);
            let role = flat.text(&format!("{at}.subComponentType"));
            service.prefill |= role == Some("prefill") || name.to_lowercase().contains("prefill");
            services.push(service);
        }
    }
    for spec in [
        "spec.template.spec",
        "spec.leaderWorkerTemplate.workerTemplate.spec",
        "spec",
    ] {
        for name in flat.children(&format!("{spec}.containers")) {
            let container = format!("{spec}.containers.{name}");
            services.push(service(flat, "spec", &container, &mut out.links));
        }
    }
    services.retain(|s| {
        s.settings.engine.is_some()
            && (s.gpus.is_some() || s.settings.file.is_some() || s.settings.model.is_some())
    });
    if !services.is_empty() {
        out.pieces.push(Piece {
            file: path.to_owned(),
            name: flat.text("metadata.name").map(str::to_owned),
            namespace: flat.text("metadata.namespace").map(str::to_owned),
            services,
            ..Piece::default()
        });
    }
    // Engine settings in a config map.
    if flat.text("kind") == Some("ConfigMap") {
        for (key, text) in flat.texts_below("data") {
            let Some(text) = text else { continue };
            let flats = documents(text).unwrap_or_default();
            if let Some(settings) = flats.iter().find_map(Settings::of_engine) {
                let folder = path.rsplit_once('/').map_or("", |(f, _)| f);
                out.pieces.push(Piece {
                    file: format!("{folder}/{key}"),
                    services: vec![Service {
                        settings,
                        ..Service::default()
                    }],
                    kind: super::Kind::Settings,
                    ..Piece::default()
                });
            }
        }
    }
}

/// One container with the replicas and GPUs of its service.
fn service(flat: &Flat, at: &str, container: &str, links: &mut Vec<super::Link>) -> Service {
    let whole = |path: String| flat.number(&path).and_then(count);
    let image = flat.text(&format!("{container}.image")).unwrap_or_default();
    let mut words: Vec<String> = Vec::new();
    for part in ["command", "args"] {
        let list = format!("{container}.{part}");
        let texts = (0..500).map_while(|i| flat.scalar(&format!("{list}.{i}")));
        words.extend(texts);
    }
    links.extend(command::link(&words));
    let mut settings = match command::engine(&words) {
        Some(settings) => settings,
        // A shell with a script.
        None => {
            let mut inner = Read::default();
            for text in words.iter().filter(|w| w.contains(['\n', ' '])) {
                command::script(text, "", &mut inner);
            }
            links.append(&mut inner.links);
            let first = inner.pieces.into_iter().flat_map(|p| p.services).next();
            first.map(|s| s.settings).unwrap_or_default()
        }
    };
    let gpus = [
        format!("{at}.resources.limits.gpu"),
        format!("{at}.resources.requests.gpu"),
        format!("{container}.resources.limits.nvidia.com/gpu"),
        format!("{container}.resources.requests.nvidia.com/gpu"),
    ];
    let gpus = gpus.into_iter().find_map(whole).filter(|n| *n > 0);
    if settings.engine.is_none() && gpus.is_some() {
        settings.engine = command::engine_of_image(image);
    }
    let tag = image.rsplit_once(':').map(|(_, tag)| tag);
    settings.version = tag
        .filter(|t| t.starts_with(|c: char| c.is_ascii_digit() || c == 'v') && !t.contains('/'))
        .map(str::to_owned);
    Service {
        replicas: Some(whole(format!("{at}.replicas")).unwrap_or(1)),
        gpus,
        prefill: settings.prefill,
        settings,
    }
}
