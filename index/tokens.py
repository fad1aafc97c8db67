"""Counting tokens with tiktoken, without the network.

tiktoken's named encodings fetch their vocabulary from a server at first use. The default here is a small byte-pair
vocabulary that ships with the package, trained by ``python -m index.train_tokens``; a named encoding stays a setting
for those who count for a particular LLM.
"""

from __future__ import annotations

import base64
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from index.errors import AssistantError

if TYPE_CHECKING:
    import tiktoken

BUNDLED = "bundled"
# Letters, digits in groups of up to three, and the rest, each with at most one space before it.
PATTERN = r" ?\p{L}+| ?\p{N}{1,3}| ?[^\s\p{L}\p{N}]+|\s+"


@lru_cache(maxsize=4)
def load_encoding(name: str = BUNDLED) -> tiktoken.Encoding:
    """The encoding called ``name``: ``"bundled"``, or one of tiktoken's own such as ``o200k_base``.

    Raises:
        AssistantError: no such encoding, or its vocabulary cannot be fetched.
    """
    import tiktoken

    if name != BUNDLED:
        try:
            return tiktoken.get_encoding(name)
        except Exception as error:  # tiktoken passes on whatever requests or the file system raised
            known = ", ".join([BUNDLED, *tiktoken.list_encoding_names()])
            raise AssistantError(
                f"the token encoding {name!r} cannot be loaded ({type(error).__name__}): use one of {known}; "
                f"all but {BUNDLED!r} need the network the first time"
            ) from error
    lines = files("index").joinpath("data/tokens.tiktoken").read_text(encoding="ascii").splitlines()
    ranks = {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in lines)}
    return tiktoken.Encoding("report-assistant", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={})


def count_tokens(text: str, encoding: tiktoken.Encoding) -> int:
    """How many tokens ``text`` has; names of special tokens in it count as plain text."""
    return len(encoding.encode_ordinary(text))
