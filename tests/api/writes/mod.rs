//! Mutations: what each does, refuses and leaves alone.

mod conversation;
mod customer;
mod customer_refused;
mod figures;
mod message;
mod race;
mod ticket;
mod ticket_update;
