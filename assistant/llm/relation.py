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
from index.words import Word, word_form

# --- binding

WINDOW = 7
"""Content words looked at on each side of a fact."""
RIVAL = 1.5
"""How many times better another fact of the source must fit a claim's words before the claim counts as mistaken."""
FAINT = 0.45
"""Fits below this are luck: one shared word, two words away on the other side."""

IN_PLACE = 1.0
"""The fit of a name with another that stands beside the same word on the same side: it was put in the other's place."""


def binds(claim: Text, fact: Fact, source: Text, same: Sequence[Fact]) -> bool:
    """Whether the words around a fact of the claim are those around it in the source, and not around another fact.

    ``same`` are the source's facts that have the value (none: it stands for a pronoun there, and a rival only counts
    on its own side); the others of its kind are the rivals. With ``d`` content words
    between a word and a fact, a word beside both adds ``1 / (1 + |d - d'|) / (1 + min(d, d'))``, half of that where it
    stands on the other side.
    """
    rivals = [other for other in source.facts if other not in same and _comparable(claim, fact, source, other)]
    if not rivals:
        return True
    here = _context(claim, fact)
    best = max((_fit(here, _context(source, other)) for other in same), default=0.0)
    worst = max(_fit(here, _context(source, rival), across=0.5 if same else 0.0) for rival in rivals)
    return worst < (FAINT if same else IN_PLACE) or worst <= RIVAL * best


def _comparable(claim: Text, fact: Fact, source: Text, other: Fact) -> bool:
    if fact.kind != other.kind:  # "2,024 lamps in 1911" and "1,911 lamps in 2024"
        return _is_bare(claim, fact) and _is_bare(source, other)
    if fact.kind == "date":
        return fact.value[0] == other.value[0]
    return fact.kind == "name" or fact.value[1] == other.value[1]


def _is_bare(text: Text, fact: Fact) -> bool:
    """Whether it is a year without a month, or a number without a unit."""
    if fact.kind == "date":
        return fact.value[0] == "year" and all(other.end != fact.end for other in text.facts if other != fact)
    return fact.kind == "number" and fact.value[1] == ""


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


def _fit(here: dict[tuple[str, int], int], there: dict[tuple[str, int], int], across: float = 0.5) -> float:
    total = 0.0
    for (form, side), distance in here.items():
        for other_side, worth in ((side, 1.0), (-side, across)):
            other = there.get((form, other_side))
            if other is not None:
                total += worth / (1 + abs(distance - other)) / (1 + min(distance, other))
                break
    return total


# --- negation

_NEGATIONS = frozenset(
    "not no never without neither nor none nobody nothing cannot hardly scarcely barely nowhere unless".split()
)
_NOT_ONLY = frozenset({"only", "just", "merely", "simply", "solely", "confined"})
_CONJUNCTIONS = frozenset("and but while whereas although though yet".split())
_PREFIXES = ("un", "in", "im", "dis", "non", "ir")
_SHORTEST = 4  # letters after a prefix: "into" denies nothing
_SCOPE = 3
_CLAUSE_END = re.compile(r"[,;:.!?()–—]")


@dataclass(frozen=True)
class _Negation:
    """A negation: its position, the forms of the content words that it bears on, and the last figure before it."""

    position: int
    scope: tuple[str, ...]
    figure: tuple[object, ...] | None


def negation_fault(claim: Text, source: Text, parts: Sequence[Text]) -> str | None:
    """What of the claim's negations is not the source's, in words; None where they agree.

    ``parts`` are the sentences of the source: what one of them denies, another does not affirm.
    """
    for one, other in ((claim, source), (source, claim)):  # "not just for" and "just for"
        if _limits(one, negated=False) and _limits(other, negated=True) and not _limits(other, negated=False):
            return f"denies otherwise than the source ({min(_limits(one, negated=False))})"
    here, free = _negations(claim, source.forms), _negations(source, claim.forms)
    kept: list[tuple[str, ...]] = []
    for negation in here:
        match = next((other for other in free if _same_denial(negation, claim, other, source)), None)
        if match is None:
            return f"denies what the source does not ({' '.join(negation.scope[:2])})"
        free.remove(match)
        kept.append(match.scope)
    for part in parts:
        there = _negations(part, claim.forms)
        for head, *others in (negation.scope for negation in there if negation.scope and negation.scope not in kept):
            affirmed = [_undenied(claim, form, here) > max(0, _undenied(part, form, there)) for form in (head, *others)]
            if affirmed[0] or (others and all(affirmed[1:])):  # its verb, or all else in another verb
                return f"leaves out a denial ({head})"
    return None


def _same_denial(here: _Negation, claim: Text, there: _Negation, source: Text) -> bool:
    """Whether two negations bear on the same words, or one word each on a word that the other text has not.

    Where the source also says the word without the denial, the figure before each must be the same, too: "40 lamps
    burn, and 9 do not burn".
    """
    if set(here.scope) & set(there.scope):
        told = (here.figure, there.figure)
        return None in told or told[0] == told[1] or _undenied(source, here.scope[0], [there]) < 1
    if here.scope == there.scope:
        return True
    return (
        claim.low[here.position] == source.low[there.position]
        and bool(here.scope and there.scope)
        and here.scope[0] not in source.forms
        and there.scope[0] not in claim.forms
    )


def _limits(text: Text, *, negated: bool) -> frozenset[str]:
    """The words like "only" and "just" of a text that stand after a "not", or those that do not."""
    return frozenset(
        word
        for before, word in zip(("", *text.low), text.low, strict=False)
        if word in _NOT_ONLY and (before == "not") == negated
    )


def _undenied(text: Text, form: str, negations: Sequence[_Negation]) -> int:
    """How often a text says a word outside of every denial."""
    return sum(word.form == form for word in text.words) - sum(form in negation.scope for negation in negations)


def _negations(text: Text, others: frozenset[str]) -> list[_Negation]:
    """The negations of a text; a word like "untested" is one where the other text has "tested" (``others``)."""
    found: list[_Negation] = []
    for i, low in enumerate(text.low):
        figure = next((fact.value for fact in reversed(text.of("number")) if fact.end <= i), None)
        if _denies(low):
            if low == "not" and i + 1 < len(text.low) and text.low[i + 1] in _NOT_ONLY:
                continue
            if any(_denies(each) for each in (*text.low[i + 1 : i + 2], *text.low[max(0, i - 1) : i])):  # "not without"
                continue
            found.append(_Negation(i, tuple(_following(text, i, _SCOPE)) or tuple(_preceding(text, i, 1)), figure))
        bare = _without_prefix(text.words[i], others)
        if bare:
            found.append(_Negation(i, (bare, *_following(text, i, _SCOPE - 1)), figure))
    return found


def _denies(low: str) -> bool:
    return low in _NEGATIONS or (low.endswith("n't") and low != "n't")


def _without_prefix(word: Word, others: frozenset[str]) -> str:
    """What a denying prefix stands before, where the other text has that ("tested" for "untested"); else nothing."""
    if not word.is_content or word.form in others:
        return ""
    rests = (word.form.removeprefix(prefix) for prefix in _PREFIXES if word.form.startswith(prefix))
    return next((rest for rest in rests if len(rest) >= _SHORTEST and rest in others), "")


def _following(text: Text, position: int, count: int) -> Iterator[str]:
    """The forms of the next content words of the same clause."""
    end = text.words[position].end
    for word, low in zip(text.words[position + 1 :], text.low[position + 1 :], strict=True):
        if count == 0 or _CLAUSE_END.search(text.text, end, word.start) or low in _CONJUNCTIONS or _denies(low):
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
    "possible": """could may might can would possibly perhaps maybe potentially likely probably probable unlikely apparently
        reportedly allegedly presumably seem seems seemed seemingly appear appears appeared suggest suggests suggested
        eventually suggesting indicates indicated indicating lets let allows allowed allowing enables enabled permits
        permitted able""",
    "future": "will shall won't",
    "must": "must needs need required requires require obliged forced compelled",
    "should": "should ought",
    "intent": """plan plans planned planning aim aims aimed aiming intend intends intended intending seek seeks seeking sought
        hope hopes hoped hoping want wants wanted wish wishes wished willing foresee foresees foreseen propose proposes proposed consider considers considering considered
        expect expects expected expecting attempt attempts attempted try tries tried trying ask asks asked request
        requests requested envisage envisages envisaged""",
}
_MARKS = {word: name for name, words in _CLASSES.items() for word in words.split()}
# "has to decide" and "is to decide"
_BEFORE_TO = dict.fromkeys(("has", "have", "had"), "must") | dict.fromkeys(("is", "are", "was", "were"), "due")
# Words that turn what happened into what is said of it: an intent by another word counts as one.
_HEDGED = frozenset({"possible", "intent", "due", "must", "should"})
# What may be said for another class: no surer, and still not what has happened.
_INSTEAD = frozenset({("due", "future"), ("due", "intent"), ("intent", "due")})
_REACH = 4
_TOLD = 2  # words under a hedge, its verb aside, that show that a claim speaks of them in another verb


@dataclass(frozen=True)
class _Hedge:
    """A hedge: its class, its position, and the forms of the content words that it bears on, the nearest first."""

    name: str
    position: int
    scope: tuple[str, ...]

    def says(self, told: _Hedge) -> bool:
        """Whether it is as strong as another, or may stand for it."""
        return self.name == told.name or (self.name, told.name) in _INSTEAD


def hedging_fault(claim: Text, source: Text, parts: Sequence[Text]) -> str | None:
    """Where the claim is surer, or less sure, than the source, in words; None where they agree."""
    here, there = list(_hedges(claim)), list(_hedges(source))
    said = [word.form for word in claim.words]
    source_said = {word.form for word in source.words}
    for hedge in here:
        does = claim.low[hedge.position] == "can" and hedge.scope and _said_plainly(source, hedge.scope[0], there)
        if not does and not _has_hedge(hedge, there, source_said):  # what does a thing can do it
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
        head, *others = hedge.scope or ("",)
        kept = any(h.says(hedge) and set(hedge.scope) & set(h.scope) for h in here) if head else True
        told = (head in said and not _said_plainly(part, head, hedges)) or sum(each in said for each in others) >= _TOLD
        if not kept and told:
            return part.words[hedge.position].text
    return None


def _has_hedge(hedge: _Hedge, there: Sequence[_Hedge], source_said: set[str]) -> bool:
    alike = [other for other in there if hedge.says(other)]
    head = hedge.scope[:1]
    if head and head[0] in source_said:
        return any(set(hedge.scope) & set(other.scope) for other in alike)
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
    inside = [h for h in hedges if h.position in clauses[best] and h.name in ("possible", "should", "intent", "due")]
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
        before_to = low[i + 1 : i + 2] == ("to",) and text.text[text.words[i].end : text.words[i + 1].start] == " "
        name = _BEFORE_TO.get(word) if before_to else None
        if name is None:
            name = _MARKS.get(word)
            if name is None or (name == "intent" and not _is_intent(low, i)) or (word == "need" and not before_to):
                continue
        if text.words[i].text[0].isupper() and i and word == "may":  # the month
            continue
        yield _Hedge(name, i, tuple(_following(text, i, _REACH)))


def _is_intent(low: Sequence[str], position: int) -> bool:
    """Whether a word like "plan" or "asked" speaks of what is not yet: "plans to build", "asked for money"."""
    return (
        low[position] in ("asked", "requested", "wanted", "wished", "foreseen")
        or any(each in ("to", "for", "that", "on", "putting", "at") for each in low[position + 1 : position + 3])
        or (low[position].endswith("ing") and low[position] not in ("planning",))
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


def _beside(form: str) -> frozenset[str]:
    """The words that have an opposite in common with a word: "abroad" stands beside "foreign"."""
    return frozenset().union(*(_OPPOSED[opposite] for opposite in _OPPOSED.get(form, ())))


_PLACED = frozenset(map(word_form, "above over below under".split()))
"""Opposites only over the same thing: "a veto over exports" is not the opposite of "under an agreement"."""
_ALL = frozenset(
    "all every each always only alone entirely completely fully solely exclusively whole everyone everything".split()
)
_EXACT = frozenset({"exactly", "precisely"})
_ANY = frozenset({"any", "anybody", "anyone", "anything"})  # without a denial it speaks of all
_BOUNDS = {
    "over": "more", "exceeding": "more", "exceeds": "more", "above": "more", "least": "more", "minimum": "more",
    "under": "less", "below": "less", "most": "less", "fewer": "less", "less": "less", "up": "less", "maximum": "less",
    "more": "more", "about": "about", "around": "about", "approximately": "about", "approx": "about", "roughly": "about",
    "nearly": "about", "almost": "about", "some": "about", "circa": "about", "ca": "about",
}  # fmt: skip


_LINKS = frozenset("than to of at a the".split())


def opposite_fault(claim: Text, source: Text) -> str | None:
    """A word of the claim that the source has not, though it has its opposite; or one that makes a claim of all."""
    forms = source.forms
    sweeping = (_ALL, _EXACT) if _negations(claim, forms) else (_ALL, _EXACT, _ANY)
    for i, (word, low) in enumerate(zip(claim.words, claim.low, strict=True)):
        if any(low in words and not words & set(source.low) for words in sweeping):
            return f"says “{word.text}” where the source does not"
        opposed = _OPPOSED.get(word.form, frozenset())
        if word.form in _PLACED:
            over = _placed_over(claim, i)
            opposed &= {other.form for j, other in enumerate(source.words) if _placed_over(source, j) == over}
        if word.form not in forms and opposed & forms and not _beside(word.form) & forms:
            return f"says “{word.text}” where the source has the opposite"
    return None


def _placed_over(text: Text, position: int) -> str:
    """The form of the first content word after a word, which it is said of; empty where none follows."""
    return next((word.form for word in text.words[position + 1 :] if word.is_content), "")


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
        after = near[len(near) - distance] if distance else ""
        if word in _BOUNDS and (after in _LINKS or (not after and word != "up")):
            return _BOUNDS[word]
    return ""
