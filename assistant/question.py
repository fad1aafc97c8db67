"""What a question wants: rules over its words, in English.

A question has an *intent* (a fact, a summary, a greeting …) and, where a fact is wanted, *kinds* of answer: after the
question-classification taxonomy of Li and Roth (2002), reduced to what can be told apart in a sentence without a
parser.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Literal

from index.words import Word, split_words, word_form

Intent = Literal["fact", "summary", "author", "sections", "tour", "greeting", "thanks", "help", "instruction"]
Kind = Literal["money", "percent", "number", "date", "person", "place", "name", "reason", "manner", "list", "decision"]

_AUXILIARY = (
    r"is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must|isn't|aren't|doesn't"
    r"|don't|didn't|won't|wasn't|weren't|hasn't|haven't|can't|couldn't"
)
_KIND_PATTERNS: tuple[tuple[Kind, str], ...] = (
    (
        "percent",
        r"\b(?:what|which) (?:percentage|share|proportion|fraction|per ?cent)\b|\bhow many per ?cent\b|"
        r"\b(?:percentage|share|proportion|per ?cent|%) (?:of|is)\b",
    ),
    (
        "money",
        r"\bhow (?:much (?:money|cash|funding|capital|does .* cost)|expensive)\b|\b(?:what|which) (?:amount|sum|price|"
        r"cost|budget|value)\b|\bhow much\b(?! (?:time|of))|\bin (?:us )?(?:dollars|usd|euros?|eur|pounds|"
        r"roubles|rubles|tenge|\$)\b|\bprice tag\b|\bbudget of\b|\bcosts? (?:of|how)\b",
    ),
    (
        "number",
        r"\bhow many\b|\b(?:what|which) (?:number|figure|quantity)\b|\bnumber of\b|\bhow (?:large|big|strong|"
        r"sizeable|numerous|tall|high|wide|deep|heavy|fast|far|old)\b|\bheadcount\b|\bhow much\b|\bsize of\b",
    ),
    (
        "date",
        r"^(?:and |but |so )?when\b|\bwhen$|\bsince when\b|\buntil when\b|\b(?:what|which) (?:year|years|date|day|month|"
        r"time|period|century|decade|timeframe|timeline)\b|\bhow (?:long|recently|soon)\b|\bwhen (?:was|were|is|"
        r"are|did|does|do|will|has|had)\b|\bin what year\b|\bdeadline\b|\bdate of\b",
    ),
    (
        "person",
        r"\b(?:what|which) (?:[a-z]+ ){0,2}(?:minister|president|premier|general|official|person|politician|"
        r"commander|leader|chief|director|head|chairman|chair|ceo|spokesman|spokesperson|expert|author|"
        r"scientist|king|queen|emperor|duke|judge|lawyer|architect|founder|name)\b|\bname of the (?:person|"
        r"[a-z]+ ?minister|president|man|woman)\b",
    ),
    (
        "place",
        r"\bwhere\b|\b(?:what|which) (?:[a-z-]+ ){0,2}(?:country|countries|nation|nations|city|cities|region|"
        r"place|town|continent|location|states?)\b",
    ),
    ("name", r"\b(?:who|whom|whose)\b"),
    (
        "reason",
        r"\bwhy\b|\bhow come\b|\bwhat (?:is|are|was|were) (?:the |its |their )?(?:reasons?|rationale|purpose|cause|"
        r"motives?|motivation|logic|point)\b|\bwhat (?:drives|drove|motivates|motivated|explains|explained)\b|"
        r"\bfor what (?:reason|purpose)\b|\bwhat for\b|\bwhat reasons?\b",
    ),
    (
        "manner",
        r"^(?:and |but |so )?how (?!many|much|long|large|big|strong|sizeable|numerous|tall|high|wide|deep|heavy|fast|"
        r"old|far|often|come)\b",
    ),
    (
        "list",
        r"^(?:list|name|enumerate)\b|\b(?:what|which|who) (?:all )?are\b|\b(?:what|which) (?:[a-z-]+ ){0,3}"
        r"[a-z-]{3,}s\b(?! (?:the|of))|\bwhat (?:else|kinds?|types?|sorts?)\b|\bexamples of\b|\ball (?:the )?\w+s\b",
    ),
)
_KINDS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _KIND_PATTERNS)
_DECISION = re.compile(rf"^(?:and |but |so |or |then )?(?:{_AUXILIARY})\b", re.IGNORECASE)

_DOCUMENT = r"(?:report|document|paper|text|article|analysis|study|file|pdf)"
_IT = rf"(?:it|this|(?:the|this|that)(?: whole| entire)? {_DOCUMENT})"

_TOUR = (
    r"^(?:please )?(?:tell me|talk|say something|explain|give me (?:some )?(?:information|info|details|background)|describe|"
    r"inform me|i want to know|walk me through|brief me|show me|summari[sz]e|recap|(?:give me |show me )?(?:an? |the )?(?:short |"
    r"brief |quick )?(?:summary|overview|gist|recap)(?= of\b))(?: (?:a bit|more|everything|all|something))?"
    r"(?: (?:about|on|of|the|all about|through))?\b|^what (?:does|did) (?:the|this) (?:report|document|text|paper|article) "
    r"(?:say|tell|mention|report|write|state|have to say)(?: us)? (?:about|on|of)\b"
)
_TOUR_LEAD = re.compile(_TOUR, re.IGNORECASE)
_INTENT_PATTERNS: tuple[tuple[Intent, str], ...] = (
    (
        "instruction",
        r"^(?:please )?(?:(?:ignore|disregard|forget|pretend|role-?play|write|compose|translate|implement|generate|reveal|"
        r"say(?! something about)|execute|delete|imagine|become|behave|simulate|rewrite|calculate|compute|solve|send|make me)(?![\w-])|"
        # "book prices" and "draft picks" are no orders, "book a flight" is one
        r"(?:draft|sing|draw|code|program|print|output|repeat|run|buy|order|book|play) (?:a|an|the|me|us|my|your|this|that|these|"
        r"some|all|any|it|only|everything|after)\b|act (?:as|like)\b)|"
        r"(?:^|[.,:;!?] |\b(?:and|then|please|now|you|must|should) )(?:ignore|disregard|forget|override|bypass) (?:all |any |your |"
        r"the |previous |prior |my )*(?:rules|instructions?|prompts?|guidelines|text|restrictions)\b|\b(?:your|hidden) (?:prompt|"
        r"instructions)\b|\bsystem prompt\b|\bthe prompt$|\bjailbreak\b|\byou are now\b|\bdeveloper mode\b|\btell me a (?:joke|story|"
        r"riddle)\b",
    ),
    (
        "greeting",
        r"^(?:hi|hello|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day))(?:,? (?:there|all|"
        r"everyone|you|assistant|bot))?$|^how are you(?: (?:doing|today))*$",
    ),
    (
        "thanks",
        r"^(?:ok |okay |great |perfect |cool |many )?(?:thanks|thank you|thx|ty|cheers)\b(?!.*\b(?:who|what|when|"
        r"where|why|how|which)\b).{0,40}$|^(?:bye|goodbye|see you|that is all|that's all|ok|okay|great|perfect)$",
    ),
    (
        "help",
        r"^(?:help|what can you (?:do|answer|tell me)|what can i ask(?: you)?|who are you|what are you|how do you "
        r"work|what (?:questions )?(?:can|could|should) i ask(?: (?:you|here|about it))?)$",
    ),
    (
        "sections",
        rf"^(?:what|which|how many|list|name|show)\b[^,?]{{0,20}} (?:sections|chapters|headings|parts)(?: (?:are|is) (?:there"
        rf"|in {_IT})(?: in {_IT})?| (?:does|do) {_IT} (?:have|contain|consist of)| (?:of|in|has) {_IT}(?: has)?)$|"
        rf"^(?:what (?:are|is) |list |show |name )?(?:me )?(?:the |all |all the )?(?:sections|chapters|headings|outline|"
        rf"table of contents|contents)(?: (?:of|in) {_IT})?$|\bhow (?:is|was) {_IT} (?:structured|organi[sz]ed|divided|laid out)$",
    ),
    (
        "author",
        r"\bwho (?:wrote|authored|published|prepared|produced|compiled|made|issued|is behind|created) (?:this|the|"
        r"that|it)(?: (?:report|document|paper|text|article|analysis|study))?$|"
        r"^(?:(?:who|what|which \w+)(?:'s| is| are| was| were) |name |(?:does|do|is) .{0,30})?(?:who )?(?:(?:the |an |any |its )?names? of )?"
        rf"(?:the |an |any |its )?(?:authors?|authorship|publishers?|writers?|byline)(?: (?:named|known|given|is|are))?(?: of {_IT})?$|"
        rf"^(?:by whom|who) (?:is|was) {_IT} (?:written|published|prepared|authored|produced)(?: by)?$|"
        rf"^(?:{_IT} )?(?:is |was )?(?:written|published|prepared|authored|produced) by(?: whom?)?$|\bwhose (?:report|analysis|paper|work) is (?:this|it)\b",
    ),
    (
        "summary",
        r"\b(?:summar\w+|tl;?dr|overview|gist|in a nutshell|synopsis|recap)\b|\bwhat(?:'s| is| are| was| does) (?:this|"
        r"the|that|it)(?: (?:whole|entire))? ?(?:report|document|paper|text|article|analysis|study|file|pdf|"
        r"thing)? (?:all )?(?:about|cover|deal with|say overall)$|\b(?:key|main|major|principal|central|most "
        r"important|top) (?:take ?aways?|points?|findings?|messages?|ideas?|conclusions?|arguments?|results?|"
        r"facts|insights?)\b|^take ?aways?$|\bbottom line\b|\bmain (?:topic|subject|thesis)\b|\bwhat (?:do|does|did) "
        rf"(?:the authors?|{_IT}) (?:conclude|argue|say|find)$|\bwhat is the (?:topic|subject|"
        r"theme) of (?:this|the) \w+$",
    ),
    ("tour", _TOUR),
)
# What a question may say that asks for a summary of the report and not for one matter's main points.
_NAMES_WHOLE = re.compile(rf"\b{_DOCUMENT}\b|\bsummari[sz]e (?:it|this|that|everything|all)\b", re.IGNORECASE)
_WHOLE = frozenset(
    word_form(word)
    for word in [
        "summary",
        "summarise",
        "summarize",
        "summarization",
        "tldr",
        "tl",
        "dr",
        "overview",
        "gist",
        "nutshell",
        "synopsis",
        "recap",
        "key",
        "main",
        "major",
        "principal",
        "central",
        "important",
        "top",
        "take",
        "takeaway",
        "takeaways",
        "away",
        "point",
        "finding",
        "find",
        "message",
        "idea",
        "conclusion",
        "conclude",
        "argument",
        "argue",
        "result",
        "fact",
        "insight",
        "bottom",
        "line",
        "topic",
        "subject",
        "thesis",
        "theme",
        "thing",
        "cover",
        "deal",
        "say",
        "author",
        "short",
        "brief",
        "quick",
        "sentence",
        "word",
        "bullet",
        "paragraph",
        "simple",
        "plain",
        "english",
        "term",
        "executive",
        "overall",
        "give",
        "provide",
        "write",
        "make",
        "show",
        "want",
        "need",
        "get",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "10",
    ]
)
_INTENTS = tuple((intent, re.compile(pattern, re.IGNORECASE)) for intent, pattern in _INTENT_PATTERNS)
_FILLER = re.compile(
    r"^(?:(?:ok|okay|so|well|please|pls|hey|hi|hello|and also|also|um|uh|just|now)[, ]+)*"
    r"(?:(?:can|could|would|will) (?:you|u) (?:please |kindly )?(?:tell|show|give|explain to|remind) me(?: again)?[, ]+"
    r"|(?:do you know|i (?:want|need|would like|'d like|wonder)(?: to know)?|i'm wondering|tell me|remind me|any idea)[, ]+"
    r"(?=(?:who|what|when|where|why|how|which|whether|if)\b)"
    r"|(?:according to|in|as per|based on) (?:the|this) (?:report|document|text|paper|article)[, ]+)*",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"(?<![, ])(?:[, ]++(?:(?:according to|in|per|based on) (?:the|this) (?:report|document|text|paper|article)"
    r"|please|pls|thanks|thank you|by the way|btw|exactly|then)){1,4}(?=[?.! ]*$)",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"(?<=\w)(?:[?;.]+\s+(?:and |also |but )*|,?\s+(?:and|plus|and also|as well as|but)\s+)"
    rf"(?=(?:who|whom|whose|what|when|where|why|how|which|{_AUXILIARY})\s+\w)",
    re.IGNORECASE,
)
_COMPARISON = re.compile(
    r"\b(?:compar\w+|difference|differ|differs|versus|vs\.?|rather than|than|more|less|larger|bigger|smaller|higher|"
    r"lower|greater) .*\b(?:and|with|to|or|from|than|versus|vs\.?)\b|\b(?:versus|vs\.?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Question:
    """A question taken apart: its ``text`` without pleasantries, its words, its intent and the kinds of answer wanted."""

    text: str
    words: tuple[Word, ...]
    intent: Intent
    kinds: frozenset[Kind]
    is_comparison: bool

    @property
    def content(self) -> tuple[int, ...]:
        """The numbers of its content words."""
        return tuple(i for i, word in enumerate(self.words) if word.is_content)


def plain_question(text: str) -> str:
    """The question without pleasantries and without "according to the report"."""
    stripped = _TRAILING.sub("", _FILLER.sub("", text)).strip()
    return stripped if any(word.is_content for word in split_words(stripped)) else text


def analyse(text: str) -> Question:
    """What a standalone question wants."""
    plain = plain_question(text)
    bare = plain.strip(" ?.!,").replace("’", "'")
    words = tuple(split_words(plain))
    whole = _is_of_whole(bare, words)
    intents = (name for name, pattern in _INTENTS if pattern.search(bare) and (whole or name != "summary"))
    intent: Intent = next(intents, "fact")
    kinds = {kind for kind, pattern in _KINDS if pattern.search(bare)}
    if "percent" in kinds:
        kinds -= {"money", "number"}
    if _DECISION.match(bare) and not kinds & {"reason", "date"}:
        kinds = {"decision"}
    if intent == "fact" and not kinds and not plain.endswith("?") and _is_topic(bare, words):
        intent = "tour"
    if intent == "tour":
        topic = _TOUR_LEAD.sub("", plain).strip()
        if any(word.is_content for word in split_words(topic)):
            plain, words = topic, tuple(split_words(topic))
    return Question(plain, words, intent, frozenset(kinds), bool(_COMPARISON.search(bare)))


def split_question(text: str) -> list[str]:
    """The questions that one text asks: "Who won the cup and when was the final?" gives two; most give one."""
    parts: list[str] = []
    begin = 0
    content = [word.start for word in split_words(text) if word.is_content]
    for match in _SPLIT.finditer(text):
        asked = bisect_left(content, begin) < bisect_left(content, match.start())
        if asked and bisect_left(content, match.end()) < len(content):
            parts.append(text[begin : match.start()].strip().rstrip("?;., ") + "?")
            begin = match.end()
    return [*parts, text[begin:].strip()]


def _is_of_whole(bare: str, words: tuple[Word, ...]) -> bool:
    """Whether "the main points" are those of the report: nothing else is named, as in "the main points of the trial"."""
    return bool(_NAMES_WHOLE.search(bare)) or all(w.form in _WHOLE for w in words if w.is_content)


def _is_topic(bare: str, words: tuple[Word, ...]) -> bool:
    """Whether the text merely names a topic, as in "the partners" or "military reforms"."""
    content = [word for word in words if word.is_content]
    return 0 < len(content) <= 3 and len(words) <= 5 and not re.search(r"\d", bare)
