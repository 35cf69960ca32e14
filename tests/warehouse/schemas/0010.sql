-- The same, where addresses are of heads of ids, but for the last node.
insert into owner
values
    (1, 'one', 'topic'),
    (1, 'two', 'field'),
    (2, 'one', 'question'),
    (2, 'two', 'question'),
    (3, 'one', 'answer');

insert into address
values (0, 1), (0, 3), (16777215, 2);

update addressed
set number = 3;

insert into node (
    number, node_id, above, parent_id, owners, level, ordinal, depth, role, text, request_key, completion_tokens, run_id
)
values
    (1, 1, 0, 0, 1, 'topic', 0, 0, null, 'law', null, null, 1),
    (2, 18446744073709551614, 1, 1, 2, 'question', 0, 1, 'user', 'Why?', 21, 2, 1),
    (3, 3, 2, 18446744073709551614, 3, 'answer', 0, 2, 'assistant', 'So.', 16, 3, 1),
    (4, 4, 2, 18446744073709551614, 0, 'answer', 1, 2, 'assistant', 'Or so.', 17, 4, 2);

insert into pick
values ('mmr', 3, 0);

insert into verdict (node_id, recipe, filter, kept, reason, score)
values (3, 'one', 'length', false, 'short', 3.0);

insert into failure (recipe, level, node_id, parent_id, request_key, reason, run_id)
values ('one', 'answer', 5, 18446744073709551614, '0c', 'refused', 1);

insert into run (run_id, recipe, recipe_text, recipe_hash, levels, status, tgc_version)
values (1, 'one', 'name: one', 'aa', '{}', 'done', '0.1'), (2, 'one', 'name: one', 'aa', '{}', 'done', '0.1');

insert into mix (mix_id, recipe, run_id, identity, rows, tokens, outputs)
values (1, 'one', 1, '{}', 1, 5, ['mix.json']);

insert into mix_row (mix_id, position, split, source, leaf_id, turns, tokens)
values (1, 0, 'train', 'tree', 3, 1, 5);
