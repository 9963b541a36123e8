//! ServeLens in the browser: installs the crash panel and starts the page.

mod platform;
mod state;
mod ui;

fn main() {
    platform::crash::install_hook();
    ui::start();
}
