//! Devices: enrolment, exchange, policy, orders.
