//! What is an account's own, and goes with it.

use crate::database::Tx;
use crate::error::ServiceError;
use domain::account::{Belongings, OwnChild};

/// Counts what goes when the asker's account does, and what stays with others.
///
/// # Errors
/// [`ServiceError::SignedOut`]; [`ServiceError::Unavailable`] when the database is away.
pub async fn count(tx: &mut Tx) -> Result<Belongings, ServiceError> {
    let account = tx.account()?;
    let children = sqlx::query!(
        r#"
        select c.name,
               (select count(*) from meals m where m.child_id = c.id) as "meals!",
               (select count(*) from growth_measurements g where g.child_id = c.id)
               + (select count(*) from allergen_exposures a where a.child_id = c.id)
               + (select count(*) from plans p where p.child_id = c.id)
               + (select count(*) from reports r where r.child_id = c.id) as "others!",
               (select count(*)
                from caregiver_links l
                where l.child_id = c.id
                  and l.status = 'accepted') as "caregivers!"
        from children c
        where c.user_id = $1
        order by c.date_of_birth, c.id
        "#,
        account.0
    )
    .fetch_all(tx.connection())
    .await?;
    let rest = sqlx::query!(
        r#"
        select (select count(*) from sessions where user_id = $1) as "devices!",
               (select count(*) from access_tokens where user_id = $1) as "access_tokens!",
               (select count(*) from own_foods where user_id = $1) as "own_foods!",
               (select count(*) from chat_sessions where user_id = $1) as "conversations!",
               (select count(*)
                from caregiver_links
                where caregiver_user_id = $1
                  and status = 'accepted') as "others_children!"
        "#,
        account.0
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(Belongings {
        children: children
            .into_iter()
            .map(|row| OwnChild {
                name: row.name,
                meals: row.meals,
                other_records: row.others,
                caregivers: row.caregivers,
            })
            .collect(),
        devices: rest.devices,
        access_tokens: rest.access_tokens,
        own_foods: rest.own_foods,
        conversations: rest.conversations,
        others_children: rest.others_children,
    })
}
