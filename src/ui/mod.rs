//! What the person sees. Derives everything from the state; holds no data of its own.

mod atoms;
mod bar;
mod commands;
mod figures;
mod focus;
mod keeping;
mod layers;
mod link;
mod menus;
mod notices;
mod progress;
mod reading;
mod rest;
mod saving;
mod shell;
mod tooltip;
mod tray;
mod views;

pub use rest::serve;
pub use shell::start;
