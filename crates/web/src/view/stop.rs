//! Letting somebody stop and remove the agent of a device.

use crate::view::Chrome;
use askama::Template;
use serde::Serialize;

/// What it takes (`/devices/{id}/stop`), and after `POST` the code.
#[derive(Debug, Template, Serialize)]
#[template(path = "fleet/stop.html")]
pub struct StopPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The device.
    pub device: String,
    /// Its own name: foreign text.
    pub hostname: String,
    /// Whether the code was asked for just now.
    pub asked: bool,
    /// The code: foreign text; none where the device told none yet.
    pub code: Option<String>,
}
