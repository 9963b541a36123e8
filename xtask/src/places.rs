//! Where things stand: the clone, the built page, Cargo's target folder, the tool cache. Creates nothing.

use std::env;
use std::path::{Path, PathBuf};

use crate::Result;

/// The folders every task works with; all absolute.
pub struct Places {
    /// The clone: the folder with `Trunk.toml`.
    pub root: PathBuf,
    /// The built page.
    pub dist: PathBuf,
    /// Cargo's target folder (respects `CARGO_TARGET_DIR`).
    pub target: PathBuf,
    /// Tools installed by these tasks.
    pub cache: PathBuf,
}

impl Places {
    /// Finds the clone from Cargo's own variable, or from the current folder upwards.
    ///
    /// # Errors
    /// When neither leads to the clone, or no home folder is known.
    pub fn find() -> Result<Self> {
        let here =
            env::current_dir().map_err(|e| format!("The current folder cannot be read: {e}."))?;
        let start = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| here.clone(), PathBuf::from);
        let root = start
            .ancestors()
            .chain(here.ancestors())
            .find(|folder| folder.join("Trunk.toml").is_file())
            .ok_or("The clone was not found; run `cargo xtask` inside it.")?
            .to_path_buf();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(dir) if Path::new(&dir).is_absolute() => PathBuf::from(dir),
            Some(dir) => here.join(dir),
            None => root.join("target"),
        };
        let cache = env::var_os("XDG_CACHE_HOME")
            .filter(|dir| Path::new(dir).is_absolute())
            .map(PathBuf::from)
            .or_else(|| env::home_dir().map(|home| home.join(".cache")))
            .ok_or("No home folder is known; set XDG_CACHE_HOME to a folder for the build tools.")?
            .join("servelens");
        Ok(Self {
            dist: root.join("dist"),
            root,
            target,
            cache,
        })
    }
}
