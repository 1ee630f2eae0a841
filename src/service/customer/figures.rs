//! Ticket figures of a customer, maintained in the transaction that changes the tickets.
//!
//! The row of the customer is locked while its figures change, so that no update is lost. The figures
//! describe the tickets and are not fields of the customer: they change neither its version nor `updatedAt`.

use entity::{Timestamp, customer, ticket};

/// Adds a new ticket to the figures.
pub fn ticket_made(customer: &mut customer::Model, ticket: &ticket::Model) {
    customer.ticket_count += 1;
    customer.first_ticket_at = Some(
        customer
            .first_ticket_at
            .map_or(ticket.created_at, |at| at.min(ticket.created_at)),
    );
    customer.last_ticket_at = Some(
        customer
            .last_ticket_at
            .map_or(ticket.created_at, |at| at.max(ticket.created_at)),
    );
    add(customer, ticket.status, ticket.created_at, ticket.resolved_at, 1);
}

/// Updates the figures after a change of the status of a ticket.
pub fn ticket_moved(customer: &mut customer::Model, before: &ticket::Model, after: &ticket::Model) {
    add(customer, before.status, before.created_at, before.resolved_at, -1);
    add(customer, after.status, after.created_at, after.resolved_at, 1);
}

fn add(
    customer: &mut customer::Model,
    status: ticket::Status,
    created_at: Timestamp,
    resolved_at: Option<Timestamp>,
    times: i32,
) {
    if status.is_open() {
        customer.open_ticket_count += times;
    } else {
        customer.resolved_ticket_count += times;
        let took = resolved_at.map_or(0, |at| at.0 - created_at.0);
        customer.resolution_ms_total += took * i64::from(times);
    }
}

/// Mean time from creation to resolution of the solved and closed tickets, in seconds, rounded half up.
pub fn average_resolution_seconds(resolved_tickets: i32, milliseconds: i64) -> Option<i32> {
    let count = i64::from(resolved_tickets);
    if count == 0 {
        return None;
    }
    // milliseconds / (1000 · count), rounded half up in integer arithmetic.
    let seconds = (2 * milliseconds + 1000 * count).div_euclid(2000 * count);
    Some(i32::try_from(seconds).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_rounded_half_up() {
        assert_eq!(average_resolution_seconds(0, 0), None);
        for (count, total, expected) in [
            (1, 1_499, 1),
            (1, 1_500, 2),
            (2, 5_000, 3),
            (3, 4_000, 1),
            (2, 0, 0),
        ] {
            assert_eq!(average_resolution_seconds(count, total), Some(expected));
        }
    }
}
