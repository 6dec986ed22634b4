//! The console as browsers and programs meet it, over HTTP in memory: whole ways, refusals, and who may knock where.

mod access;
mod activation;
mod agents;
mod api;
mod campaigns;
mod digest;
mod domains;
mod homes;
mod inputs;
mod isolation;
mod openapi;
mod people;
mod refusals;
mod stage;
