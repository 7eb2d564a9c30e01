-- A child's meals lie scattered among everybody's, so that a month of them is a page of the table a meal.
-- With the figures in the index, the trend reads the index alone, however many meals there are.
drop index meals_child_id_logged_at_idx;
create index meals_child_id_logged_at_idx on meals (child_id, logged_at desc) include (calories, iron_mg);

-- Only vacuumed pages are left unread: vacuum after a twentieth more of meals, not a fifth.
alter table meals set (autovacuum_vacuum_insert_scale_factor = 0.05);
