//! Reading of figures and golden files for the tests of the cost model.

use std::path::PathBuf;

use servelens_core::cost::pack::{self, Subset};
use servelens_core::cost::{Engine, RuleSet, Tables};

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn files(rules: RuleSet) -> Vec<(String, String)> {
    let dir = root().join("data").join(rules.to_string());
    let mut out = Vec::new();
    for entry in std::fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        out.push((name, std::fs::read_to_string(&path).unwrap()));
    }
    out
}

pub fn tables(rules: RuleSet, subset: Subset) -> Tables {
    let files = files(rules);
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(n, t)| (n.as_str(), t.as_str()))
        .collect();
    pack::decode(&pack::build(rules, subset, &files).unwrap()).unwrap()
}

#[allow(dead_code, reason = "not every test file compares with dense figures")]
pub fn engine(rules: RuleSet, subset: Subset) -> Engine {
    Engine::new(rules, tables(rules, subset)).unwrap()
}

#[allow(dead_code, reason = "not every test file compares with golden figures")]
pub fn golden(name: &str) -> String {
    std::fs::read_to_string(root().join("tests/golden/cost").join(name)).unwrap()
}

/// The engine over one pack of `data/packs`.
#[allow(dead_code, reason = "not every test file asks other systems")]
pub fn packed(file: &str) -> Engine {
    let bytes = std::fs::read(root().join("data/packs").join(file)).unwrap();
    Engine::new(RuleSet::Aic012, pack::decode(&bytes).unwrap()).unwrap()
}
