"""What users write to judge a row by: one SQL expression, or one of polars; never more than an expression."""

import ast
from collections.abc import Iterator, Mapping

import polars as pl

Schema = Mapping[str, type[pl.DataType]]

NAMES = frozenset({"col", "lit", "when", "concat_str", "any_horizontal", "all_horizontal", "min_horizontal",
                   "max_horizontal", "sum_horizontal", "coalesce", "format"})  # fmt: skip
"""The functions of polars that an expression may begin with."""

FORBIDDEN = frozenset({"map_elements", "map_batches", "pipe", "inspect", "deserialize", "from_json", "meta",
                       "register_plugin", "rolling_map", "sample", "shuffle"})  # fmt: skip
"""Methods that run code, look inside, or answer by chance."""

ALLOWED = (
    *(ast.Expression, ast.Constant, ast.List, ast.Tuple, ast.Load, ast.keyword),
    *(ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.BitAnd, ast.BitOr),
    *(ast.UnaryOp, ast.Invert, ast.USub, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE),
    *(ast.Call, ast.Attribute, ast.Name),
)

SAMPLE: dict[type[pl.DataType], list[object]] = {
    pl.String: ["a cat", "The dog?", "1, 2. And a third!"],
    pl.Int64: [3, 11, 7],
    pl.Float64: [-0.5, -2.25, -1.0],
}
"""Three rows to try an expression on."""


def sql(text: str) -> pl.Expr:
    """An expression of SQL, as what follows `where`, in the dialect of polars.

    Raises:
        ValueError: saying what is wrong with it.

    >>> pl.DataFrame({"text": ["a", "abc"]}).filter(sql("length(text) > 2"))["text"].to_list()
    ['abc']
    """
    try:
        return pl.sql_expr(text)
    except pl.exceptions.PolarsError as error:
        raise ValueError(_first_line(error)) from error


def python(text: str) -> pl.Expr:
    """An expression of polars, as Python writes it: `col("text").str.len_chars() > 2`.

    Nothing else of Python is there: no names but those of `NAMES`, no attributes that begin with `_`.

    Raises:
        ValueError: saying what is wrong with it.

    >>> pl.DataFrame({"text": ["a", "abc"]}).filter(python("col('text').str.len_chars() > 2"))["text"].to_list()
    ['abc']
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError) as error:
        raise ValueError(f"it is no Python expression: {_first_line(error)}") from error
    for part in ast.walk(tree):
        _permit(part)
    names: dict[str, object] = {name: getattr(pl, name) for name in NAMES}
    try:
        found = eval(compile(tree, "<recipe>", "eval"), {"__builtins__": {}, **names})  # noqa: S307 - see _permit
    except Exception as error:
        raise ValueError(_first_line(error)) from error
    if not isinstance(found, pl.Expr):
        raise ValueError('it is no expression of polars; those begin with `col("…")`')
    return found


def columns(expression: pl.Expr) -> frozenset[str]:
    """The columns that an expression reads.

    >>> sorted(columns(sql("length(text) > length(asked)")))
    ['asked', 'text']
    """
    return frozenset(expression.meta.root_names())


def kind(expression: pl.Expr, schema: Schema) -> pl.DataType:
    """The type of what it gives, on rows with the columns of `schema`.

    Raises:
        ValueError: it cannot be worked out, or a row's value depends on other rows.
    """
    rows = pl.DataFrame({name: SAMPLE[kind] for name, kind in schema.items()}, schema=dict(schema))
    try:
        found = rows.select(found=expression)
        apart = pl.concat([row.select(found=expression) for row in rows.iter_slices(1)])
        separable = found.equals(apart) and all(map(_is_separable, _parts(expression, schema)))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise ValueError(_first_line(error)) from error
    if not separable:
        raise ValueError("what it gives for a row depends on other rows")
    return found.schema["found"]


def _parts(expression: pl.Expr, schema: Schema) -> Iterator[pl.Expr]:
    """The expression, and all that it is made of."""
    yield expression
    for part in expression.meta.pop(schema=dict(schema)):
        yield from _parts(part, schema)


def _is_separable(part: pl.Expr) -> bool:
    """Whether it gives the same for a row whatever the others are, if what it is made of does."""
    try:
        return not part.meta.root_names() or (part.meta.is_row_separable() and not part.meta.is_scalar())
    except pl.exceptions.ColumnNotFoundError:  # polars does not tell of `in` and `/` in SQL
        return True


def _permit(part: ast.AST) -> None:
    match part:
        case ast.Name(id=name) if name not in NAMES:
            raise ValueError(f"`{name}` is none of {', '.join(f'`{known}`' for known in sorted(NAMES))}")
        case ast.BinOp(left=ast.Constant(value=str())) | ast.BinOp(right=ast.Constant(value=str())):
            raise ValueError("texts are put together by `concat_str` or `format`")
        case ast.Attribute(attr=name) if name.startswith("_") or name in FORBIDDEN:
            raise ValueError(f"`{name}` may not be used here")
        case _ if not isinstance(part, ALLOWED):
            raise ValueError(f"`{type(part).__name__}` has no place in an expression")


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0]
