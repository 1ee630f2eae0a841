//! Cursors of lists: opaque, versioned, and valid for one list in one order.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::{
    graphql::listed::Listed,
    store::{ListPosition, Order, SortKey, SortValue},
};

/// First byte of every cursor. Another format gets another version.
const VERSION: u8 = 1;
const NUMBER: u8 = 0;
const TEXT: u8 = 1;

const MALFORMED: &str = "is not a valid cursor.";
const OTHER_LIST: &str = "is a cursor of a different list or of a different sort order.";

/// Encodes a position: version, list, order, id, and the value of the sort column.
pub fn encode<N: Listed>(place: &ListPosition, order: Order<N::Sort>) -> String {
    let mut bytes = Vec::with_capacity(32);
    bytes.extend([VERSION, N::TAG, order_tag::<N>(order)]);
    bytes.extend(place.id.as_bytes());
    match &place.value {
        SortValue::Number(number) => {
            bytes.push(NUMBER);
            bytes.extend(number.to_be_bytes());
        }
        SortValue::Text(text) => {
            bytes.push(TEXT);
            bytes.extend(text.as_bytes());
        }
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes a cursor. `Err` contains the reason why it is invalid.
pub fn decode<N: Listed>(text: &str, order: Order<N::Sort>) -> Result<ListPosition, &'static str> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| MALFORMED)?;
    let [VERSION, list, sort, rest @ ..] = bytes.as_slice() else {
        return Err(MALFORMED);
    };
    let (id, rest) = rest.split_at_checked(16).ok_or(MALFORMED)?;
    let id = Uuid::from_slice(id).map_err(|_| MALFORMED)?;
    if *list != N::TAG || *sort != order_tag::<N>(order) {
        return Err(OTHER_LIST);
    }
    let value = match rest.split_first().ok_or(MALFORMED)? {
        (&NUMBER, number) => SortValue::Number(i64::from_be_bytes(number.try_into().map_err(|_| MALFORMED)?)),
        (&TEXT, text) => {
            let text = std::str::from_utf8(text).map_err(|_| MALFORMED)?;
            if text.contains('\0') {
                return Err(MALFORMED);
            }
            SortValue::Text(text.to_owned())
        }
        _ => return Err(MALFORMED),
    };
    if matches!(value, SortValue::Text(_)) != order.field.column().is_text {
        return Err(MALFORMED);
    }
    Ok(ListPosition { value, id })
}

fn order_tag<N: Listed>(order: Order<N::Sort>) -> u8 {
    order.field.number() << 1 | u8::from(order.descending)
}

#[cfg(test)]
mod tests {
    use entity::{customer, ticket};

    use super::*;
    use crate::store::{customer::CustomerSort, ticket::TicketSort};

    const BY_NAME: Order<CustomerSort> = Order {
        field: CustomerSort::Name,
        descending: false,
    };

    #[test]
    fn a_cursor_decodes_to_its_position() {
        let place = ListPosition {
            value: SortValue::Text("søren".to_owned()),
            id: Uuid::from_u128(5),
        };
        let text = encode::<customer::Entity>(&place, BY_NAME);
        assert_eq!(decode::<customer::Entity>(&text, BY_NAME), Ok(place));
    }

    #[test]
    fn a_cursor_of_another_list_or_order_is_refused() {
        let place = ListPosition {
            value: SortValue::Number(7),
            id: Uuid::from_u128(5),
        };
        let newest = Order {
            field: TicketSort::CreatedAt,
            descending: true,
        };
        let text = encode::<ticket::Entity>(&place, newest);
        let oldest = Order {
            descending: false,
            ..newest
        };
        assert_eq!(decode::<ticket::Entity>(&text, oldest), Err(OTHER_LIST));
        assert_eq!(decode::<customer::Entity>(&text, BY_NAME), Err(OTHER_LIST));
        for end in 0..text.len() {
            assert!(decode::<ticket::Entity>(&text[..end], newest).is_err());
        }
        assert_eq!(decode::<ticket::Entity>("☃", newest), Err(MALFORMED));
    }
}
