//! Enrolment tokens, authorities, devices, policies, orders.

crate::statements! {}
