//! Search words of customers, which are written together with the customers.

use std::collections::BTreeSet;

use entity::{
    CustomerId,
    customer::Model,
    customer_word::{Column, Entity},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, prelude::Uuid};

use crate::{
    store::{StoreError, connect::WriteTransaction},
    words::{of_address, of_number, of_text},
};

/// Maximum number of words of one customer. Fifty addresses and phone numbers have a few hundred.
const WORDS_MAX: usize = 2_000;

/// Texts that provide words, without addresses and phone numbers.
fn names(row: &Model) -> [&Option<String>; 7] {
    [
        &row.name,
        &row.display_name,
        &row.first_name,
        &row.last_name,
        &row.username,
        &row.company,
        &row.external_id,
    ]
}

/// Returns the words of the names, addresses and phone numbers of a customer.
pub fn of(row: &Model) -> BTreeSet<String> {
    let names = names(row).into_iter().flatten().flat_map(|text| of_text(text));
    let emails = row.emails.0.iter().flat_map(|one| of_address(&one.email));
    let phones = row.phones.0.iter().flat_map(|one| of_number(&one.phone));
    names.chain(emails).chain(phones).take(WORDS_MAX).collect()
}

pub(super) async fn insert(writing: &WriteTransaction, rows: &[Model]) -> Result<(), StoreError> {
    let words = rows.iter().map(|row| (row, of(row))).collect();
    add(writing, words).await
}

/// Inserts new words and deletes old ones.
pub(super) async fn update(
    writing: &WriteTransaction,
    before: &Model,
    after: &Model,
) -> Result<(), StoreError> {
    // Most changes concern other fields.
    if names(before) == names(after) && before.emails == after.emails && before.phones == after.phones {
        return Ok(());
    }
    let (old, new) = (of(before), of(after));
    let gone: Vec<String> = old.difference(&new).cloned().collect();
    if !gone.is_empty() {
        let delete = Entity::delete_many()
            .filter(Column::CustomerId.eq(after.id))
            .filter(writing.dialect().is_one_of(Column::Word, gone));
        delete.exec(writing.connection()).await?;
    }
    add(writing, vec![(after, new.difference(&old).cloned().collect())]).await
}

pub(super) async fn delete(writing: &WriteTransaction, id: CustomerId) -> Result<(), StoreError> {
    let words = Entity::delete_many().filter(Column::CustomerId.eq(id));
    words.exec(writing.connection()).await?;
    Ok(())
}

/// Replaces the words of these customers. Their rows must be locked.
pub async fn replace(writing: &WriteTransaction, rows: &[Model]) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.0).collect();
    let words = Entity::delete_many().filter(writing.dialect().is_among(Column::CustomerId, &ids));
    words.exec(writing.connection()).await?;
    insert(writing, rows).await
}

async fn add(writing: &WriteTransaction, words: Vec<(&Model, BTreeSet<String>)>) -> Result<(), StoreError> {
    let (workspaces, customers): (Vec<Uuid>, Vec<Uuid>) = words
        .iter()
        .flat_map(|(row, words)| words.iter().map(|_| (row.workspace_id.0, row.id.0)))
        .unzip();
    let words: Vec<String> = words.into_iter().flat_map(|(_, words)| words).collect();
    if words.is_empty() {
        return Ok(());
    }
    let insert = writing.dialect().insert_words(&workspaces, words, &customers);
    writing.connection().execute_raw(insert).await?;
    Ok(())
}
