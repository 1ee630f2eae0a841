//! Sort keys of lists. A noun declares its keys once, with [`sorts`]: the value in an order, its number in cursors
//! and the column. The type of the column's field determines the expression and the values of rows.

use std::{fmt::Debug, hash::Hash};

use entity::{NotRead, PartialRow, Timestamp};
use sea_orm::{
    ActiveEnum, ColumnTrait,
    sea_query::{Alias, DynIden, Expr, IntoIden},
};

use super::{Noun, SortValue, columns::ColumnName};

/// Sort key of a list of rows of type `R`.
pub trait SortKey<R>: Copy + Debug + Eq + Hash + Send + Sync + 'static {
    /// All sort keys, in the order of their declaration.
    const ALL: &'static [Self];

    /// Number in cursors. Never changes.
    fn number(self) -> u8;
    /// Column that provides the values.
    fn column(self) -> &'static SortColumn;
    fn value(self, row: &PartialRow<R>) -> Result<SortValue, NotRead>;
}

/// Column that a list can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortColumn {
    /// Name of the column, which is also the name of the field.
    pub name: &'static str,
    /// Whether the values are texts.
    pub is_text: bool,
    /// Whether rows without a value sort as zero.
    pub is_nullable: bool,
}

impl SortColumn {
    /// Column of a field. The accessor determines the type of the field.
    pub const fn of<R, F: SortField>(name: &'static str, _: fn(&R) -> &F) -> Self {
        Self {
            name,
            is_text: F::IS_TEXT,
            is_nullable: F::IS_NULLABLE,
        }
    }
}

/// Type of field that a list can be sorted by. The value that a row returns converts to [`SortValue`].
pub trait SortField {
    /// Whether the values are texts.
    const IS_TEXT: bool = false;
    /// Whether rows without a value sort as zero.
    const IS_NULLABLE: bool = false;
}

impl SortField for Timestamp {}

impl From<Timestamp> for SortValue {
    fn from(value: Timestamp) -> Self {
        Self::Number(value.0)
    }
}

impl SortField for Option<Timestamp> {
    const IS_NULLABLE: bool = true;
}

impl From<Option<Timestamp>> for SortValue {
    fn from(value: Option<Timestamp>) -> Self {
        value.unwrap_or_default().into()
    }
}

impl SortField for String {
    const IS_TEXT: bool = true;
}

impl From<&str> for SortValue {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

/// Enums sort by their numbers in the database.
macro_rules! ranks {
    ($($type:ty),+ $(,)?) => {
        $(impl SortField for $type {}

        impl From<$type> for SortValue {
            fn from(value: $type) -> Self {
                Self::Number(value.to_value().into())
            }
        })+
    };
}

entity::column_enums!(ranks);

/// Expression that a list of `N` is sorted by. It equals an indexed column or expression.
pub fn expression<N: Noun>(sort: N::Sort) -> Expr {
    let column = sort.column();
    let table = table::<N>(sort);
    if column.is_nullable {
        Expr::cust(format!("COALESCE(\"{table}\".\"{}\", 0)", column.name))
    } else {
        Expr::col((table, ColumnName(column.name)))
    }
}

/// Expression by which rows with equal values are sorted. It is in the same table.
pub fn id<N: Noun>(sort: N::Sort) -> Expr {
    Expr::col((table::<N>(sort), N::id_column()))
}

fn table<N: Noun>(sort: N::Sort) -> DynIden {
    match N::side_of(sort.column().name) {
        Some(side) => Alias::new(side.table).into_iden(),
        None => N::id_column().entity_name(),
    }
}

/// Declares the sort keys of a noun, each with its permanent number in cursors and the field of the row that it
/// sorts by.
macro_rules! sorts {
    ($(#[$about:meta])* $sort:ident of $($row:ty),+ => $keys:tt) => {
        $crate::store::sort::sorts!(@enum $(#[$about])* $sort $keys);
        $($crate::store::sort::sorts!(@key $sort, $row, $keys);)+
    };
    (@enum $(#[$about:meta])* $sort:ident {
        $($(#[$meaning:meta])* $key:ident = $number:literal by $field:ident),+ $(,)?
    }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $sort {
            $($(#[$meaning])* $key = $number),+
        }

        const _: () = assert!(true $(&& $number < 128)+, "a cursor has seven bits for the number");
    };
    (@key $sort:ident, $row:ty, {
        $($(#[$meaning:meta])* $key:ident = $number:literal by $field:ident),+ $(,)?
    }) => {
        impl $crate::store::sort::SortKey<$row> for $sort {
            const ALL: &'static [Self] = &[$(Self::$key),+];

            fn number(self) -> u8 {
                self as u8
            }

            fn column(self) -> &'static $crate::store::sort::SortColumn {
                use $crate::store::sort::SortColumn;
                match self {
                    $(Self::$key => const { &SortColumn::of(stringify!($field), |row: &$row| &row.$field) }),+
                }
            }

            fn value(self, row: &entity::PartialRow<$row>) -> Result<$crate::store::SortValue, entity::NotRead> {
                Ok(match self {
                    $(Self::$key => row.$field()?.into()),+
                })
            }
        }
    };
}

pub(super) use sorts;

#[cfg(test)]
mod tests {
    use entity::{agent, conversation, customer, team, ticket};
    use sea_orm::sea_query::{Query, SelectStatement};

    use super::*;
    use crate::store::{
        agent::AgentSort,
        conversation::ConversationSort,
        customer::CustomerSort,
        dialect::Dialect,
        group::GroupSort,
        message::{MessageRow, MessageSort},
        ticket::TicketSort,
    };

    fn ordered_by<N: Noun>(sort: N::Sort) -> String {
        let select: SelectStatement = Query::select().expr(expression::<N>(sort)).take();
        Dialect::Sqlite.backend().build(&select).sql
    }

    #[test]
    fn expressions_equal_those_of_the_indexes() {
        for (expression, expected) in [
            (
                ordered_by::<ticket::Entity>(TicketSort::Priority),
                r#"SELECT "ticket"."priority""#,
            ),
            (
                ordered_by::<ticket::Entity>(TicketSort::LastMessageAt),
                r#"SELECT COALESCE("ticket_activity"."last_message_at", 0)"#,
            ),
            (
                ordered_by::<conversation::Entity>(ConversationSort::LastMessageAt),
                r#"SELECT COALESCE("conversation_activity"."last_message_at", 0)"#,
            ),
            (
                ordered_by::<customer::Entity>(CustomerSort::LastTicketAt),
                r#"SELECT COALESCE("customer"."last_ticket_at", 0)"#,
            ),
            (
                ordered_by::<customer::Entity>(CustomerSort::Name),
                r#"SELECT "customer"."name_key""#,
            ),
            (
                ordered_by::<customer::Entity>(CustomerSort::Email),
                r#"SELECT "customer"."email_key""#,
            ),
            (
                ordered_by::<customer::Entity>(CustomerSort::Company),
                r#"SELECT "customer"."company_key""#,
            ),
            (
                ordered_by::<ticket::Entity>(TicketSort::UpdatedAt),
                r#"SELECT "ticket"."updated_at""#,
            ),
        ] {
            assert_eq!(expression, expected);
        }
    }

    #[test]
    fn the_numbers_of_cursors_are_permanent() {
        fn numbers<R, S: SortKey<R>>() -> Vec<(u8, bool)> {
            let keys = S::ALL.iter();
            keys.map(|sort| (sort.number(), sort.column().is_text)).collect()
        }
        let (number, text) = (|number| (number, false), |number| (number, true));
        assert_eq!(
            numbers::<customer::Model, CustomerSort>(),
            [number(0), number(1), text(2), text(3), text(4), number(5)]
        );
        assert_eq!(
            numbers::<ticket::Model, TicketSort>(),
            [0, 1, 2, 3, 4].map(number)
        );
        assert_eq!(
            numbers::<conversation::Model, ConversationSort>(),
            [0, 1, 2, 4].map(number)
        );
        assert_eq!(numbers::<agent::Model, AgentSort>(), [number(0)]);
        assert_eq!(numbers::<MessageRow, MessageSort>(), [number(0)]);
        assert_eq!(numbers::<team::Model, GroupSort>(), [number(0)]);
    }
}
