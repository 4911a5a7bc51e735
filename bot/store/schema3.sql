-- Version 3. What else she keeps: facts about people, reminders, questions, … each kind as JSON, by one table.
create table record (
  kind text not null,
  id text not null,
  owner text not null,                -- the person it goes with when they are forgotten; empty: nobody
  at real not null,                   -- Unix seconds: when it is due, or was made
  value text not null,                -- JSON
  primary key (kind, id)
) without rowid;
create index record_owner on record (owner, kind);
create index record_at on record (kind, at);

-- What the house itself says to be answered has an id as well, and is written down once.
drop index entry_message;
create unique index entry_message on entry (channel, id) where id <> '';
