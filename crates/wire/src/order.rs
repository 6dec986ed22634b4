//! Orders under a signature: what the agent obeys, it can prove who said.

use baluardo_model::fleet::Order;
use baluardo_model::{DeviceId, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

/// Words before the signed bytes, so that a signature made here means nothing elsewhere.
const CONTEXT: &[u8] = b"baluardo-order-v1\n";

/// An order as it travels: the exact bytes that were signed, and the signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedOrder {
    /// JSON of [`Order`], base64 without padding.
    pub body: String,
    /// Ed25519 over the context and the JSON bytes, base64 without padding.
    pub signature: String,
}

/// Why an order is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum OrderError {
    /// Not base64, or not an order.
    #[error("the order cannot be read: {0}")]
    Unreadable(String),
    /// The signature does not fit the key.
    #[error("the order's signature is not the server's")]
    BadSignature,
    /// For another device.
    #[error("the order is meant for device {0}")]
    ForeignDevice(DeviceId),
    /// Too late.
    #[error("the order expired")]
    Expired,
}

impl SignedOrder {
    /// Signs `order`.
    ///
    /// # Errors
    /// [`OrderError::Unreadable`] when the order cannot be written as JSON.
    pub fn sign(order: &Order, key: &Ed25519KeyPair) -> Result<Self, OrderError> {
        let body = serde_json::to_vec(order).map_err(|e| OrderError::Unreadable(e.to_string()))?;
        let signature = key.sign(&[CONTEXT, &body].concat());
        Ok(Self { body: BASE64.encode(&body), signature: BASE64.encode(signature.as_ref()) })
    }

    /// The order, if `order_key` (base64 without padding, from enrolment) signed it, it is for `device` and `now` lies
    /// before its end.
    ///
    /// # Errors
    /// See [`OrderError`]; the signature is checked before anything in the body is believed.
    pub fn open(&self, order_key: &str, device: DeviceId, now: Timestamp) -> Result<Order, OrderError> {
        let order = self.proven(order_key, device)?;
        if now >= order.expires_at {
            return Err(OrderError::Expired);
        }
        Ok(order)
    }

    /// As [`SignedOrder::open`], for an order that was carried out in its time and is kept since.
    ///
    /// # Errors
    /// See [`OrderError`].
    pub fn proven(&self, order_key: &str, device: DeviceId) -> Result<Order, OrderError> {
        let unreadable = |e: base64::DecodeError| OrderError::Unreadable(e.to_string());
        let key = BASE64.decode(order_key).map_err(unreadable)?;
        let body = BASE64.decode(&self.body).map_err(unreadable)?;
        let signature = BASE64.decode(&self.signature).map_err(unreadable)?;
        UnparsedPublicKey::new(&ED25519, key)
            .verify(&[CONTEXT, &body].concat(), &signature)
            .map_err(|_| OrderError::BadSignature)?;
        let order: Order = serde_json::from_slice(&body).map_err(|e| OrderError::Unreadable(e.to_string()))?;
        if order.device != device {
            return Err(OrderError::ForeignDevice(order.device));
        }
        Ok(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use baluardo_model::OrderId;
    use baluardo_model::fleet::OrderKind;
    use ring::signature::KeyPair as _;

    fn key() -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
    }

    fn public() -> String {
        BASE64.encode(key().public_key().as_ref())
    }

    fn order() -> Order {
        Order {
            id: OrderId("00000000-0000-7000-8000-000000000001".parse().unwrap()),
            device: "00000000-0000-7000-8000-0000000000aa".parse().unwrap(),
            issued_at: Timestamp::from_micros(10),
            expires_at: Timestamp::from_micros(100),
            order: OrderKind::Scan { folders: vec!["/srv".to_owned()] },
        }
    }

    #[test]
    fn what_was_signed_is_what_is_read() {
        let signed = SignedOrder::sign(&order(), &key()).unwrap();
        assert_eq!(signed.open(&public(), order().device, Timestamp::from_micros(99)), Ok(order()));
    }

    #[test]
    fn a_changed_order_is_refused() {
        let mut signed = SignedOrder::sign(&order(), &key()).unwrap();
        let mut other = order();
        other.order = OrderKind::Scan { folders: vec!["/".to_owned()] };
        signed.body = SignedOrder::sign(&other, &key()).unwrap().body;
        assert_eq!(signed.open(&public(), order().device, Timestamp::from_micros(1)), Err(OrderError::BadSignature));
    }

    #[test]
    fn a_foreign_or_late_order_is_refused() {
        let signed = SignedOrder::sign(&order(), &key()).unwrap();
        let stranger: DeviceId = "00000000-0000-7000-8000-0000000000bb".parse().unwrap();
        assert_eq!(
            signed.open(&public(), stranger, Timestamp::from_micros(1)),
            Err(OrderError::ForeignDevice(order().device))
        );
        assert_eq!(signed.open(&public(), order().device, Timestamp::from_micros(100)), Err(OrderError::Expired));
        assert_eq!(signed.proven(&public(), order().device), Ok(order()));
        assert_eq!(signed.proven(&public(), stranger), Err(OrderError::ForeignDevice(order().device)));
    }
}
