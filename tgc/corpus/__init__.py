"""What the warehouse holds, looked at closely: the tree of a recipe, one node, one row of a mix."""

from tgc.corpus.account import Account, account
from tgc.corpus.grown import Grown, grown
from tgc.corpus.row import Row, row

__all__ = ["Account", "Grown", "Row", "account", "grown", "row"]
