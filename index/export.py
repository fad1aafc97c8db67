"""What needs torch itself: how many threads it uses, and a network written for onnxruntime to run.

The only module that imports torch and onnx.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

OPSET = 17  # the first with layer normalisation as one operator
INPUTS = ("input_ids", "attention_mask")
OUTPUTS = ("token_embeddings", "sentence_embedding")


@contextmanager
def torch_threads(count: int | None) -> Iterator[None]:
    """Let torch use so many threads; None leaves it as it is.

    A question is too short to be shared: where other processes keep the cores busy, two threads that wait for each
    other took 130 to 250 ms for it, one took 20.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def write_network(model: torch.nn.Module, path: Path) -> None:
    """Write a model, its pooling included, as an ONNX graph from :data:`INPUTS` (n, t) to :data:`OUTPUTS`.

    By torch's exporter of recorded calls: the newer one gives the same vectors, but takes five times as long and two
    more libraries.

    Raises:
        ImportError: the library onnx, which the exporter needs, is missing.
        Exception: of any kind, where the exporter cannot write this model.
    """
    import onnx  # noqa: F401  # torch reports its absence as an error of the graph
    import torch

    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
            made = self.model(dict(zip(INPUTS, (ids, mask), strict=True)))
            return tuple(made[name] for name in OUTPUTS)

    # Two texts of different lengths: a size of one would be taken for a constant.
    ids = torch.ones((2, 7), dtype=torch.long)
    mask = torch.ones((2, 7), dtype=torch.long)
    mask[1, 5:] = 0
    texts = {0: "texts", 1: "pieces"}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # that shapes are recorded as constants: the parity is checked afterwards
        torch.onnx.export(
            Network().eval(),
            (ids, mask),
            str(path),
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes={INPUTS[0]: texts, INPUTS[1]: texts, OUTPUTS[0]: texts, OUTPUTS[1]: {0: "texts"}},
            opset_version=OPSET,
            dynamo=False,
        )
