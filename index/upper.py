"""The default model's upper layers, tuned for :mod:`index.interaction`: a second reading of passages and questions.

all-MiniLM-L6-v2 was trained so that the mean of a text's word pieces says what the text is about; what one word says in
its sentence was never asked of it. These layers read what those below make of a text beside the model's own, which stay
as they are, so that its vectors remain those of all-MiniLM-L6-v2. ``python -m eval fit`` tunes them together with
the interaction's numbers, beginning with the model's own weights. Imported only where torch is needed anyway: to write
the network for onnxruntime, to run it without, and to tune it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from torch import Tensor
from torch.nn import GELU, Dropout, LayerNorm, Linear, Module, ModuleList, Sequential, functional

FILE = "upper.safetensors"
# How many of the model's layers were tuned, and its shape: all-MiniLM-L6-v2's.
COUNT = 2
HEADS, DIMENSION, INNER, EPSILON, DROPOUT = 12, 384, 1536, 1e-12, 0.1
# What is added to the attention that a piece of padding would get.
_NEVER = -1e4


class Layer(Module):
    """A layer of BERT (Devlin, Chang, Lee and Toutanova 2019), without dropout of what is attended to."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.attended = (Linear(DIMENSION, DIMENSION) for _ in range(4))
        self.after_attention, self.after_inner = (LayerNorm(DIMENSION, eps=EPSILON) for _ in range(2))
        self.inner = Sequential(Linear(DIMENSION, INNER), GELU(), Linear(INNER, DIMENSION))
        self.drop = Dropout(DROPOUT)

    def forward(self, pieces: Tensor, mask: Tensor) -> Tensor:
        """(n, t, d) to (n, t, d); ``mask`` (n, 1, 1, t) is added to the attention."""
        n, t, d = pieces.shape
        query, key, value = (
            of(pieces).view(n, t, HEADS, d // HEADS).transpose(1, 2) for of in (self.query, self.key, self.value)
        )
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        pieces = self.after_attention(pieces + self.drop(self.attended(attended.transpose(1, 2).reshape(n, t, d))))
        read: Tensor = self.after_inner(pieces + self.drop(self.inner(pieces)))
        return read


class UpperLayers(Module):
    """The layers one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = ModuleList(Layer() for _ in range(COUNT))

    def forward(self, pieces: Tensor, there: Tensor) -> Tensor:
        """What the layers make (n, t, d) of what those below made (n, t, d); ``there`` (n, t) is 0 for padding."""
        mask = (1.0 - there[:, None, None, :].to(pieces.dtype)) * _NEVER
        for layer in self.layers:
            pieces = layer(pieces, mask)
        return pieces


@contextmanager
def lower_states(model: Module) -> Iterator[list[Tensor]]:
    """Collects what a loaded default model's layers below the tuned ones make of each batch (n, t, d)."""
    found: list[Tensor] = []
    first = _network(model).encoder.layer[-COUNT]
    hook = first.register_forward_pre_hook(lambda _, given: found.append(given[0]))
    try:
        yield found
    finally:
        hook.remove()


def _network(model: Module) -> Any:  # of transformers, which is untyped
    """The network of a loaded sentence-transformers model."""
    return cast("Any", model)[0].model


def own_layers(model: Module) -> UpperLayers:
    """A copy of the loaded default model's own upper layers, where the tuning begins."""
    upper = UpperLayers()
    for mine, its in zip(upper.layers, _network(model).encoder.layer[-COUNT:], strict=True):
        attention = its.attention
        pairs = {
            "query": attention.self.query, "key": attention.self.key, "value": attention.self.value,
            "attended": attention.output.dense, "after_attention": attention.output.LayerNorm,
            "inner.0": its.intermediate.dense, "inner.2": its.output.dense, "after_inner": its.output.LayerNorm,
        }  # fmt: skip
        mine.load_state_dict(
            {f"{name}.{part}": value for name, of in pairs.items() for part, value in of.state_dict().items()}
        )
    return upper.eval()


def read_upper(path: Path | None = None) -> UpperLayers:
    """The layers that ship, or those in another file that :func:`write_upper` wrote."""
    from safetensors.torch import load

    data = (path or files("index").joinpath("data", FILE)).read_bytes()
    upper = UpperLayers()
    upper.load_state_dict({name: value.float() for name, value in load(data).items()})
    return upper.eval()


def write_upper(upper: UpperLayers, path: Path) -> None:
    """Write the layers in 16 bits."""
    from safetensors.torch import save

    path.write_bytes(save({name: value.detach().half().contiguous() for name, value in upper.state_dict().items()}))
