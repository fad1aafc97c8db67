"""What a text asks for as a whole, a fact, a summary, a greeting …: rules over its words, in English."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from index.words import Word, split_words, word_form

Intent = Literal["fact", "summary", "author", "sections", "tour", "greeting", "thanks", "help", "instruction"]

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
        r"say(?! something about)|execute|delete|imagine|become|behave|simulate|rewrite|calculate|compute|solve|send|"
        r"make me(?! (?:an? )?(?:\w+ )?(?:summary|briefing|overview|recap)))(?![\w-])|"
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
        r"\b(?:summar\w+|tl;?dr|overview|briefing|gist|in a nutshell|synopsis|recap)\b|\b(?:whole|entire) (?:thing|story) in \w+ "
        r"(?:lines|sentences|words|points)\b|\b(?:overall|whole|entire) argument\b|\bwhat(?:'s| is| are| was| does) (?:this|"
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
_NAMES_WHOLE = re.compile(
    rf"\b{_DOCUMENT}\b|\bthe (?:whole|entire) (?:thing|story in)\b|\bsummari[sz]e (?:it|this|that|everything|all)\b",
    re.IGNORECASE,
)
_WHOLE_WORDS = """
    summary summarise summarize summarization tldr tl dr overview briefing gist nutshell synopsis recap key main major
    principal central important top take takeaway takeaways away point finding find message idea conclusion
    conclude argument argue result fact insight bottom line topic subject thesis theme thing cover deal say
    author short brief quick sentence word bullet paragraph simple plain english term executive overall give
    provide write make show want need get one two three four five six seven eight nine ten 1 2 3 4 5 6 7 8 9 10
"""
_WHOLE = frozenset(map(word_form, _WHOLE_WORDS.split()))
_INTENTS = tuple((intent, re.compile(pattern, re.IGNORECASE)) for intent, pattern in _INTENT_PATTERNS)


def find_intent(bare: str, words: Sequence[Word]) -> Intent:
    """The intent of a text without its punctuation, "fact" where no other is told."""
    whole = _is_of_whole(bare, words)
    found = (name for name, pattern in _INTENTS if pattern.search(bare) and (whole or name != "summary"))
    return next(found, "fact")


def is_topic(bare: str, words: Sequence[Word]) -> bool:
    """Whether the text merely names a topic, as in "the partners" or "military reforms"."""
    content = [word for word in words if word.is_content]
    return 0 < len(content) <= 3 and len(words) <= 5 and not re.search(r"\d", bare)


def topic_of(text: str) -> str:
    """What is left of a request for a tour once its lead is taken off: "tell me about the risks" gives "the risks"."""
    topic = _TOUR_LEAD.sub("", text).strip()
    return topic if any(word.is_content for word in split_words(topic)) else text


def _is_of_whole(bare: str, words: Sequence[Word]) -> bool:
    """Whether "the main points" are those of the report: nothing else is named, as in "the main points of the trial"."""
    return bool(_NAMES_WHOLE.search(bare)) or all(w.form in _WHOLE for w in words if w.is_content)
