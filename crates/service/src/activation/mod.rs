//! Requests for activation and updates, with their SLA clock.
