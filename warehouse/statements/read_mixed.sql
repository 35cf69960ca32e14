select distinct recipe
from mix
order by recipe;
