-- Nodes are numbered in the order in which they came, and know the number of the one `above`: an id is a hash, which may
-- be in any part of the table, but a number is in the one row group that spans it. `address` leads from ids to numbers,
-- in order of the former; what has come since is in `arrival`. Whose a node is says the number of a set in `owner`, one
-- of a few, where a table of members had a row for every node.
create table owner (
    owners bigint not null,
    recipe varchar not null,
    level varchar not null
);

create table address (
    node_id ubigint not null,
    number bigint not null
);

create table arrival (
    node_id ubigint not null,
    number bigint not null
);

create table numbered_node (
    number bigint not null,
    node_id ubigint not null,
    above bigint not null,
    parent_id ubigint not null,
    owners bigint not null,
    level varchar not null,
    ordinal bigint not null,
    depth bigint not null,
    role varchar,
    text varchar not null using compression zstd,
    value json using compression zstd,
    request_key varchar,
    prompt_tokens bigint,
    completion_tokens bigint,
    finish_reason varchar,
    mean_logprob double,
    model varchar,
    seed bigint,
    run_id bigint,
    created_at timestamp default make_timestamp(epoch_us(now()))
);

create table owned as
select
    node_id,
    list({'recipe': recipe, 'level': level} order by recipe, level) as pairs
from (
    select distinct *
    from member
)
group by node_id;

create table pairing as
select
    row_number() over (order by pairs) as owners,
    pairs
from (
    select distinct pairs
    from owned
);

insert into owner
select
    owners,
    pair.recipe,
    pair.level
from (
    select
        owners,
        unnest(pairs) as pair
    from pairing
)
order by owners, pair.recipe, pair.level;

insert into address
select
    node_id,
    row_number() over (order by rowid)
from node
order by node_id;

create table placed as
select
    address.number,
    coalesce(parent.number, 0) as above,
    coalesce(pairing.owners, 0) as owners
from (
    select
        node_id,
        parent_id
    from node
) as node
join address using (node_id)
left join address as parent
    on parent.node_id = node.parent_id
left join owned
    on owned.node_id = node.node_id
left join pairing using (pairs)
order by address.number;

insert into numbered_node by name
select *
from node
positional join placed;

drop table placed;
drop table owned;
drop table pairing;
drop table member;
drop table node;
alter table numbered_node rename to node;

create view member as
select
    owner.recipe,
    owner.level,
    node.node_id
from node
join owner using (owners);
