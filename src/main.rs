//! ServeLens in the browser: installs the crash panel and starts the page; or, on a thread that the page started, serves it there.

mod platform;
mod state;
mod ui;
mod work;

fn main() {
    if platform::thread::is_page() {
        platform::crash::install_hook();
        ui::start();
    } else {
        ui::serve();
    }
}
