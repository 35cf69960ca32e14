select
    owners,
    recipe,
    level
from owner
order by owners, recipe, level;
