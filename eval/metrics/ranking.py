"""How well right sources are ranked, through ir-measures (MacAvaney et al. 2022).

With binary relevance, over a ranking of items of which ``R`` are right:

    recall@k    right items among the first k / R                       (ir-measures: R@k)
    success@k   1 if a right item is among the first k, else 0          (Success@k)
    MRR         1 / rank of the first right item, 0 if none; its mean   (RR; Voorhees 1999)
    nDCG@k      DCG@k / ideal DCG@k, DCG@k = sum of rel_i / log2(i + 1) (nDCG@k; Järvelin and Kekäläinen 2002)

Case evidence lists every paragraph that would honestly support an answer, so success@k says whether one of them was
found and recall@k how many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ir_measures
from ir_measures import RR, R, Success, nDCG

DEPTHS = (1, 3, 5, 10)
_MEASURES = {
    **{f"recall@{k}": R @ k for k in DEPTHS},
    **{f"success@{k}": Success @ k for k in DEPTHS},
    "mrr": RR,
    "ndcg@10": nDCG @ 10,
}
NAMES: tuple[str, ...] = tuple(_MEASURES)


def ranking_scores(
    rankings: Mapping[str, Sequence[int]], right: Mapping[str, frozenset[int]]
) -> dict[str, dict[str, float]]:
    """The measures above for each query id of ``rankings`` (items best first) that has right items.

    Returns measure values by query id and name; a query without right items is not scored and not in the result.
    """
    scored = {query: items for query, items in rankings.items() if right.get(query)}
    if not scored:
        return {}
    qrels = {query: {str(item): 1 for item in right[query]} for query in scored}
    # Ranks become scores, since trec_eval sorts by score and breaks ties by name.
    run = {query: {str(item): float(-rank) for rank, item in enumerate(items)} for query, items in scored.items()}
    names = {measure: name for name, measure in _MEASURES.items()}
    values: dict[str, dict[str, float]] = {query: {} for query in scored}
    for metric in ir_measures.iter_calc(list(_MEASURES.values()), qrels, run):
        values[metric.query_id][names[metric.measure]] = float(metric.value)
    return values


def first_seen(items: Sequence[int]) -> list[int]:
    """A ranking of paragraphs out of one of sentences: each at the rank of its best sentence."""
    return list(dict.fromkeys(items))
