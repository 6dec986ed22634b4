//! What every handler is given.

use baluardo_service::House;
use std::sync::Arc;

/// The state of the faces. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App {
    /// The use cases' ground.
    pub house: Arc<House>,
}
