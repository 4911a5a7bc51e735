-- Version 2. What channels remember, and second doors to a conversation.
create table memo (
  channel text not null,
  key text not null,                  -- what belongs to a user ends in ':<sender>'
  value text not null,
  primary key (channel, key)
) without rowid;

create table invitation (
  code text primary key,              -- SHA-256 of what the link says
  conversation text not null,
  until real not null                 -- Unix seconds
) without rowid;
create index invitation_conversation on invitation (conversation);

create table guest (                  -- who came into a conversation by a link
  conversation text not null,
  channel text not null,
  sender text not null,
  primary key (conversation, channel, sender)
) without rowid;
create index guest_user on guest (channel, sender);

create index delivery_waiting on delivery (conversation, number) where delivered = 0;
drop index delivery_open;
