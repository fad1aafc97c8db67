"""What needs torch itself: how it computes, and networks written for onnxruntime to run.

The only module that imports onnx, and beside :mod:`index.upper` the only one of the program that imports torch.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from index.upper import UpperLayers

OPSET = 17  # the first with layer normalisation as one operator
INPUTS = ("input_ids", "attention_mask")
OUTPUTS = ("token_embeddings", "sentence_embedding")
LOWER, UPPER = "lower_embeddings", "upper_embeddings"
# Two texts of different lengths: a size of one would be taken for a constant.
_TRIED = (2, 7)


@contextmanager
def inference(threads: int | None) -> Iterator[None]:
    """Let torch compute without gradients, with so many threads; None leaves their number as it is.

    A question is too short to be shared: where other processes keep the cores busy, two threads that wait for each
    other took 130 to 250 ms for it, one took 20.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads or before)
    try:
        with torch.no_grad():
            yield
    finally:
        torch.set_num_threads(before)


def write_network(model: torch.nn.Module, path: Path, *, lower: bool) -> None:
    """Write a model, its pooling included, as an ONNX graph from :data:`INPUTS` (n, t) to :data:`OUTPUTS`; with
    ``lower``, also to :data:`LOWER`, which the layers of :func:`write_upper_network` read.

    Raises:
        ImportError: the library onnx, which the exporter needs, is missing.
        Exception: of any kind, where the exporter cannot write this model.
    """
    import torch

    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
            fed = dict(zip(INPUTS, (ids, mask), strict=True))
            if not lower:
                made = self.model(fed)
                return tuple(made[name] for name in OUTPUTS)
            from index.upper import lower_states

            with lower_states(self.model) as states:
                made = self.model(fed)
            return (*(made[name] for name in OUTPUTS), states[0])

    _write(Network(), (torch.ones(_TRIED, dtype=torch.long), _mask()), path, INPUTS, (*OUTPUTS, *[LOWER] * lower))


def write_upper_network(upper: UpperLayers, path: Path) -> None:
    """Write tuned layers as an ONNX graph from :data:`LOWER` (n, t, d) and the mask (n, t) to :data:`UPPER` (n, t, d).

    Raises:
        Exception: as :func:`write_network`.
    """
    import torch

    from index.upper import DIMENSION

    _write(upper, (torch.ones((*_TRIED, DIMENSION)), _mask()), path, (LOWER, INPUTS[1]), (UPPER,))


def _mask() -> torch.Tensor:
    import torch

    mask = torch.ones(_TRIED, dtype=torch.long)
    mask[1, 5:] = 0
    return mask


def _write(
    network: torch.nn.Module,
    tried: tuple[torch.Tensor, ...],
    path: Path,
    inputs: Sequence[str],
    outputs: Sequence[str],
) -> None:
    """By torch's exporter of recorded calls: the newer one gives the same vectors, but takes five times as long and two
    more libraries.
    """
    import onnx  # noqa: F401  # torch reports its absence as an error of the graph
    import torch

    texts = {0: "texts", 1: "pieces"}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # that shapes are recorded as constants: the parity is checked afterwards
        torch.onnx.export(
            network.eval(),
            tried,
            str(path),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes=dict.fromkeys((*inputs, *outputs), texts) | {OUTPUTS[1]: {0: "texts"}},
            opset_version=OPSET,
            dynamo=False,
        )
