//! Thin faces over service: pages, JSON API, agents.
