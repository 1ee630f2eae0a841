//! Runs the real gateway from the outside: to break it, and to measure it.
//!
//! Nothing of the product is linked here. The rooms start its binary, speak to it over HTTP, sockets and event streams
//! as clients do, and look into its database as an operator may. What goes wrong is a sentence.

pub mod chaos;
pub mod client;
pub mod cursor;
pub mod database;
pub mod failure;
pub mod fanout;
pub mod helpdesk;
pub mod hostile;
pub mod instant;
pub mod limit;
pub mod machine;
pub mod node;
pub mod postgres;
pub mod process;
pub mod side_by_side;
pub mod under_test;
