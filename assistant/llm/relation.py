"""Whether two texts that share words say the same of them: who does it, whether at all, and how surely.

Three comparisons of a claim with what it cites, all over positions of words and none over meaning: a fact must stand
among the words that it stands among in the source (*binding*), a negation must negate there what it negates here, and
"may" must not become "will". A doubt is decided against the claim: what is dropped costs a sentence, what is let through
wrongly costs trust.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.llm.facts import Fact, Text
from index.words import word_form

# --- binding

WINDOW = 7
"""Content words looked at on each side of a fact."""
RIVAL = 1.5
"""How many times better another fact of the source must fit a claim's words before the claim counts as mistaken."""
FAINT = 0.45
"""Fits below this are luck: one shared word, two words away on the other side."""


def binds(claim: Text, fact: Fact, source: Text, same: Sequence[Fact]) -> bool:
    """Whether the words around a fact of the claim are those around it in the source, and not around another fact.

    ``same`` are the source's facts that have the value; the others of its kind are the rivals. With ``d`` content words
    between a word and a fact, a word beside both adds ``1 / (1 + |d - d'|) / (1 + min(d, d'))``, half of that where it
    stands on the other side.
    """
    rivals = [other for other in source.of(fact.kind) if other not in same and _comparable(fact, other)]
    if not rivals:
        return True
    here = _context(claim, fact)
    best = max((_fit(here, _context(source, other)) for other in same), default=0.0)
    worst = max(_fit(here, _context(source, rival)) for rival in rivals)
    return worst < FAINT or worst <= RIVAL * best


def _comparable(fact: Fact, other: Fact) -> bool:
    if fact.kind == "date":
        return fact.value[0] == other.value[0]
    return fact.kind == "name" or fact.value[1] == other.value[1]


def _context(text: Text, fact: Fact) -> dict[tuple[str, int], int]:
    """The content words around a fact: (form, -1 before or 1 after) to how many content words stand between."""
    inside = {i for other in text.of(fact.kind) for i in range(other.begin, other.end)}
    found: dict[tuple[str, int], int] = {}
    for side, numbers in ((-1, range(fact.begin - 1, -1, -1)), (1, range(fact.end, len(text.words)))):
        distance = 0
        for i in numbers:
            if distance >= WINDOW:
                break
            if i not in inside and text.words[i].is_content:
                found.setdefault((text.words[i].form, side), distance)
                distance += 1
    return found


def _fit(here: dict[tuple[str, int], int], there: dict[tuple[str, int], int]) -> float:
    total = 0.0
    for (form, side), distance in here.items():
        for other_side, worth in ((side, 1.0), (-side, 0.5)):
            other = there.get((form, other_side))
            if other is not None:
                total += worth / (1 + abs(distance - other)) / (1 + min(distance, other))
                break
    return total


# --- negation

_NEGATIONS = frozenset(
    "not no never without neither nor none nobody nothing cannot hardly scarcely barely nowhere".split()
)
_NOT_ONLY = frozenset({"only", "just", "merely", "simply", "solely"})
_SCOPE = 3
_CLAUSE_END = re.compile(r"[,;:.!?()–—]")


@dataclass(frozen=True)
class _Negation:
    """A negation: its position among the words and the forms of the content words that it bears on."""

    position: int
    scope: tuple[str, ...]


def negation_fault(claim: Text, source: Text, parts: Sequence[Text]) -> str | None:
    """What of the claim's negations is not the source's, in words; None where they agree.

    ``parts`` are the sentences of the source: what one of them denies, another does not affirm.
    """
    for one, other in ((claim, source), (source, claim)):  # "not just for" and "just for"
        turned = _limits(one, negated=False) & _limits(other, negated=True) - _limits(other, negated=False)
        if turned:
            return f"denies otherwise than the source ({min(turned)})"
    here, free = _negations(claim), _negations(source)
    for negation in here:
        match = next(
            (other for other in free if set(negation.scope) & set(other.scope) or negation.scope == other.scope), None
        )
        if match is None:
            return f"denies what the source does not ({' '.join(negation.scope[:2])})"
        free.remove(match)
    denied_here = {form for negation in here for form in negation.scope}
    said = {word.form for word in claim.words}
    for part in parts:
        there = _negations(part)
        for negation in there:
            head = negation.scope[:1]
            if (
                head
                and head[0] in said
                and not set(negation.scope) & denied_here
                and not _affirmed(part, head[0], there)
            ):
                return f"leaves out a denial ({head[0]})"
    return None


def _limits(text: Text, *, negated: bool) -> frozenset[str]:
    """The words like "only" and "just" of a text that stand after a "not", or those that do not."""
    return frozenset(
        word
        for before, word in zip(("", *text.low), text.low, strict=False)
        if word in _NOT_ONLY and (before == "not") == negated
    )


def _affirmed(source: Text, form: str, negations: Sequence[_Negation]) -> bool:
    """Whether the source also says the word outside of every denial."""
    count = sum(word.form == form for word in source.words)
    return count > sum(form in negation.scope for negation in negations)


def _negations(text: Text) -> list[_Negation]:
    found: list[_Negation] = []
    for i, low in enumerate(text.low):
        if not (low in _NEGATIONS or low.endswith("n't")) or low in ("n't",):
            continue
        if low == "not" and i + 1 < len(text.low) and text.low[i + 1] in _NOT_ONLY:
            continue
        scope = tuple(_following(text, i, _SCOPE)) or tuple(_preceding(text, i, 1))
        found.append(_Negation(i, scope))
    return found


def _following(text: Text, position: int, count: int) -> Iterator[str]:
    """The forms of the next content words of the same clause."""
    end = text.words[position].end
    for word in text.words[position + 1 :]:
        if _CLAUSE_END.search(text.text, end, word.start) or count == 0:
            return
        end = word.end
        if word.is_content and word.text.casefold() not in _MARKS:
            count -= 1
            yield word.form


def _preceding(text: Text, position: int, count: int) -> Iterator[str]:
    for word in reversed(text.words[:position]):
        if count == 0:
            return
        if word.is_content:
            count -= 1
            yield word.form


# --- hedging

_CLASSES = {
    "possible": """could may might can would possibly perhaps maybe potentially likely probably unlikely apparently
        reportedly allegedly presumably seem seems seemed seemingly appear appears appeared suggest suggests suggested
        eventually""",
    "future": "will shall won't",
    "must": "must needs need required has_to have_to had_to",
    "should": "should ought",
    "intent": """plan plans planned planning aim aims aimed aiming intend intends intended intending seek seeks seeking sought
        hope hopes hoped hoping want wants wanted propose proposes proposed consider considers considering considered
        expect expects expected expecting attempt attempts attempted try tries tried trying ask asks asked request
        requests requested envisage envisages envisaged""",
}
_MARKS = {word: name for name, words in _CLASSES.items() for word in words.split()}
# Words that turn what happened into what is said of it: an intent by another word counts as one.
_HEDGED = frozenset({"possible", "intent", "must", "should"})
_REACH = 4


@dataclass(frozen=True)
class _Hedge:
    """A hedge: its class, its position, and the forms of the content words that it bears on, the nearest first."""

    name: str
    position: int
    scope: tuple[str, ...]


def hedging_fault(claim: Text, source: Text, parts: Sequence[Text]) -> str | None:
    """Where the claim is surer, or less sure, than the source, in words; None where they agree."""
    here, there = list(_hedges(claim)), list(_hedges(source))
    said = [word.form for word in claim.words]
    source_said = {word.form for word in source.words}
    for hedge in here:
        if not _has_hedge(hedge, there, source_said):
            return f"says “{claim.words[hedge.position].text}” where the source does not"
    for part in parts:
        lost = _lost(part, said, here)
        if lost is not None:
            return f"leaves out “{lost}”"
    if not any(hedge.name in _HEDGED for hedge in here):
        return _bare_clause(claim, source, there)
    return None


def _lost(part: Text, said: Sequence[str], here: Sequence[_Hedge]) -> str | None:
    """The hedge of a sentence of the source that the claim leaves out, though it has the word that it bears on."""
    hedges = list(_hedges(part))
    for hedge in hedges:
        head = hedge.scope[:1]
        kept = any(h.name == hedge.name and head[0] in h.scope for h in here) if head else True
        if not kept and head[0] in said and not _said_plainly(part, head[0], hedges):
            return part.words[hedge.position].text
    return None


def _has_hedge(hedge: _Hedge, there: Sequence[_Hedge], source_said: set[str]) -> bool:
    alike = [other for other in there if other.name == hedge.name]
    head = hedge.scope[:1]
    if head and head[0] in source_said:
        return any(head[0] in other.scope for other in alike)
    return bool(alike)


def _said_plainly(source: Text, form: str, hedges: Sequence[_Hedge]) -> bool:
    """Whether the source also has the word where no hedge bears on it."""
    return sum(word.form == form for word in source.words) > sum(form in hedge.scope for hedge in hedges)


def _bare_clause(claim: Text, source: Text, hedges: Sequence[_Hedge]) -> str | None:
    """A clause of the source that is hedged, and that most of the claim's words come from, though the claim is not."""
    content = {word.form for word in claim.words if word.is_content}
    clauses = list(_clauses(source))
    if not content or not clauses:
        return None
    shares = [len(content & {source.words[i].form for i in clause}) for clause in clauses]
    best = max(range(len(clauses)), key=lambda i: shares[i])
    inside = [h for h in hedges if h.position in clauses[best] and h.name in ("possible", "should")]
    if inside and shares[best] >= 0.5 * len(content):
        return f"leaves out “{source.words[inside[0].position].text}”"
    return None


def _clauses(text: Text) -> Iterator[range]:
    begin = 0
    for i in range(1, len(text.words)):
        if re.search(r"[,;:–—()]", text.text[text.words[i - 1].end : text.words[i].start]):
            yield range(begin, i)
            begin = i
    if text.words:
        yield range(begin, len(text.words))


def _hedges(text: Text) -> Iterator[_Hedge]:
    low = text.low
    for i, word in enumerate(low):
        name = _MARKS.get(word)
        if word in ("has", "have", "had") and low[i + 1 : i + 2] == ("to",):
            name = "must"
        if name is None or (name == "intent" and not _is_intent(low, i)) or (name == "must" and word == "need"):
            continue
        if text.words[i].text[0].isupper() and i and word == "may":  # the month
            continue
        yield _Hedge(name, i, tuple(_following(text, i, _REACH)))


def _is_intent(low: Sequence[str], position: int) -> bool:
    """Whether a word like "plan" or "asked" speaks of what is not yet: "plans to build", "asked for money"."""
    return any(each in ("to", "for", "that", "on", "putting", "at") for each in low[position + 1 : position + 3]) or (
        low[position].endswith("ing") and low[position] not in ("planning",)
    )


# --- opposites, bounds, and all-words

_OPPOSITES = (
    "increase rise rose risen grow grew grown growing expand raise climb surge / decrease fall fell fallen decline shrink "
    "shrank shrunk drop cut reduce lower",
    "high higher highest large larger largest big bigger great greater / low lower lowest small smaller smallest little",
    "strong stronger strengthen / weak weaker weaken undermine", "more most / less least fewer fewest",
    "stop cease halt end abandon suspend / start begin began begun continue launch open keep kept maintain pursue",
    "create establish found set launch / abolish dissolve close cancel scrap dismantle",
    "accept approve support allow welcome permit / reject refuse oppose ban block forbid deny",
    "join enter / leave left quit withdraw withdrew exit", "win won succeed success gain / lose lost fail failure loss",
    "import / export", "buy bought purchase / sell sold", "domestic internal home / foreign external abroad overseas",
    "public / private", "before / after", "above over / below under", "early earlier earliest / late later latest",
    "rich richer / poor poorer", "improve better best / worsen worse worst", "first / last", "old older / new newer young",
    "north northern / south southern", "east eastern / west western", "maximum / minimum", "ally friend / enemy rival",
    "growth / decline", "dependent depend / independent independence", "safe secure / dangerous unsafe", "risk endanger / avoid prevent protect", "many / few",
    "possible / impossible", "active / inactive", "same / different", "military / civilian", "open / closed",
    "approximately about roughly / exactly precisely", "inside within / outside beyond", "stable stability / unstable instability",
    "narrow narrowed / widen widened", "majority / minority", "always / never", "up / down", "male / female",
)  # fmt: skip


def _pairs() -> dict[str, frozenset[str]]:
    pairs: dict[str, frozenset[str]] = {}
    for line in _OPPOSITES:
        left, right = (frozenset(map(word_form, side.split())) for side in line.split(" / "))
        for one, other in ((left, right), (right, left)):
            for form in one:
                pairs[form] = pairs.get(form, frozenset()) | other
    return pairs


_OPPOSED = _pairs()
_ALL = frozenset(
    "all every each always only entirely completely fully solely exclusively whole everyone everything".split()
)
_BOUNDS = {
    "over": "more", "exceeding": "more", "exceeds": "more", "above": "more", "least": "more", "minimum": "more",
    "under": "less", "below": "less", "most": "less", "fewer": "less", "less": "less", "up": "less", "maximum": "less",
    "more": "more", "about": "about", "around": "about", "approximately": "about", "approx": "about", "roughly": "about",
    "nearly": "about", "almost": "about", "some": "about", "circa": "about", "ca": "about",
}  # fmt: skip


def opposite_fault(claim: Text, source: Text) -> str | None:
    """A word of the claim that the source has not, though it has its opposite; or one that makes a claim of all."""
    forms = source.forms
    for word, low in zip(claim.words, claim.low, strict=True):
        if low in _ALL and not _ALL & set(source.low):
            return f"says “{word.text}” where the source does not"
        if word.form not in forms and _OPPOSED.get(word.form, frozenset()) & forms:
            return f"says “{word.text}” where the source has the opposite"
    return None


def bound(text: Text, fact: Fact) -> str:
    """What stands before a figure: ``more``, ``less``, ``about`` or nothing."""
    start = fact.begin
    if start and text.low[start - 1] in ("usd", "eur", "gbp", "kzt", "$", "€", "£"):
        start -= 1
    near = text.low[max(0, start - 3) : start]
    for distance, word in enumerate(reversed(near)):
        between = text.words[start - 1 - distance].end, text.words[fact.begin].start
        if _CLAUSE_END.search(text.text.replace("approx.", "approx "), *between):
            return ""
        if word in _BOUNDS and (distance == 0 or near[len(near) - distance] in ("than", "to", "of", "at", "a", "the")):
            return _BOUNDS[word]
    return ""
