//! People, credentials, links, sessions, tokens.

crate::statements! {}
