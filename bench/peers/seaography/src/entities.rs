//! The measured tables of the gateway and their relations.

pub mod customer {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "customer")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub workspace_id: Uuid,
        pub name: Option<String>,
        pub email: Option<String>,
        pub ticket_count: i32,
        pub open_ticket_count: i32,
        pub resolved_ticket_count: i32,
        pub resolution_ms_total: i64,
        pub first_ticket_at: Option<i64>,
        pub last_ticket_at: Option<i64>,
        pub recent_score_count: i32,
        pub recent_score_sum: i32,
        pub newest_score_sum: i32,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(has_many = "super::ticket::Entity")]
        Ticket,
    }

    impl Related<super::ticket::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Ticket.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelatedEntity)]
    pub enum RelatedEntity {
        #[sea_orm(entity = "super::ticket::Entity")]
        Ticket,
    }
}

pub mod ticket {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ticket")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub workspace_id: Uuid,
        pub customer_id: Uuid,
        pub conversation_id: Uuid,
        pub subject: String,
        pub status: i16,
        pub priority: i16,
        pub customer_email: String,
        pub customer_name: Option<String>,
        pub source: String,
        pub resolution_type: Option<String>,
        #[sea_orm(column_type = "JsonBinary")]
        pub tags: Json,
        pub message_count: i32,
        pub resolved_at: Option<i64>,
        pub created_at: i64,
        pub updated_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::customer::Entity",
            from = "Column::CustomerId",
            to = "super::customer::Column::Id"
        )]
        Customer,
        #[sea_orm(has_many = "super::message::Entity")]
        Message,
    }

    impl Related<super::customer::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Customer.def()
        }
    }

    impl Related<super::message::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Message.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelatedEntity)]
    pub enum RelatedEntity {
        #[sea_orm(entity = "super::customer::Entity")]
        Customer,
        #[sea_orm(entity = "super::message::Entity")]
        Message,
    }
}

pub mod message {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "message")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub workspace_id: Uuid,
        pub customer_id: Uuid,
        pub conversation_id: Uuid,
        pub ticket_id: Option<Uuid>,
        pub direction: i16,
        pub sender_email: String,
        pub body: String,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::ticket::Entity",
            from = "Column::TicketId",
            to = "super::ticket::Column::Id"
        )]
        Ticket,
    }

    impl Related<super::ticket::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Ticket.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelatedEntity)]
    pub enum RelatedEntity {
        #[sea_orm(entity = "super::ticket::Entity")]
        Ticket,
    }
}
