-- Version 1. `entry` is inbox, history and outbox's source at once: they can never disagree.
create table person (id integer primary key);

create table user (
  channel text not null,
  sender text not null,
  person integer not null references person,
  primary key (channel, sender)
) without rowid;
create index user_person on user (person);

create table conversation (
  number integer primary key,
  id text not null unique,
  channel text not null,
  owner text,                         -- sender of a private conversation
  fence integer not null default 0,   -- grows with every claim
  turn text not null default ''       -- the claim that stands
);
create index conversation_owner on conversation (channel, owner);
create index conversation_claimed on conversation (turn) where turn <> '';

create table entry (
  number integer primary key autoincrement,
  conversation text not null,
  door text not null,
  author text not null,
  state text not null,
  parts text not null,                -- JSON
  at real not null,
  channel text not null default '',   -- of a message
  id text not null default '',        -- of a message: unique within its channel
  sender text not null default '',
  sender_name text not null default '',
  grouped integer not null default 0,
  turn text not null default '',
  attempts integer not null default 0,
  heard integer,
  rating integer not null default 0,
  detail text not null default '{}'   -- JSON
);
create unique index entry_message on entry (channel, id) where author = 'user';
create index entry_history on entry (conversation, number);
create index entry_waiting on entry (conversation, number) where state = 'received';
create index entry_turn on entry (turn, conversation);
create index entry_sender on entry (channel, sender, at) where author = 'user';

create table delivery (
  number integer primary key,
  key text not null unique,
  channel text not null,
  conversation text not null,
  door text not null,
  part text not null,                 -- JSON
  media text not null,                -- hash of what it shows or plays
  attempts integer not null default 0,
  delivered integer not null default 0,
  detail text not null default ''
);
create index delivery_open on delivery (channel, number) where delivered = 0;
create index delivery_conversation on delivery (conversation);

create table media (
  hash text primary key,
  type text not null,
  size integer not null,
  used real not null                  -- Unix seconds
) without rowid;
create index media_sound on media (used) where type like 'audio/%';

create table media_total (bytes integer not null);
insert into media_total values (0);
create trigger media_came after insert on media begin
  update media_total set bytes = bytes + new.size;
end;
create trigger media_went after delete on media begin
  update media_total set bytes = bytes - old.size;
end;

create table media_use (
  conversation text not null,
  hash text not null references media,
  primary key (conversation, hash)
) without rowid;
create index media_use_hash on media_use (hash);

create table line (
  key text primary key,
  hash text not null,
  detail text not null                -- JSON
) without rowid;
create index line_hash on line (hash);
