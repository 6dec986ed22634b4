//! The installation's own certificate authority.
//!
//! One root for the installation, one intermediate for each tenant, one leaf for each device. Keys are made where they
//! are used (a device's on the device) and lie sealed in the database. Key pairs and ECDSA nonces come from ring, which
//! asks the operating system itself and takes no other source; serial numbers come from the house's chance and every
//! time from the house's clock.

mod certify;
mod device_certificate;
mod intermediate;
mod order_key;
mod root;
mod server_certificate;

pub use root::{RootCertificate, authority_root};
pub use server_certificate::{ServerCertificate, issue_server_certificate};

pub(crate) use certify::{DeviceLeaf, read_device_certificate};
pub(crate) use device_certificate::issue_device_certificate;
pub(crate) use order_key::{OrderKey, order_key};
pub(crate) use root::root_certificate_in;
