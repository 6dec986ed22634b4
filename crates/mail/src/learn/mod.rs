//! A letter as numbers, and the trained weights that they meet. The training itself is another crate's work: it calls
//! the same functions, so that what was learned is what is looked at.

mod features;
mod model;
mod plain;

pub use features::{BUCKETS, Features, features};
pub use model::{HOLD, MARK, Model, ModelError, Scale, before_learning, heard, limited};
pub use plain::{Plain, plain};
