"""Sentences that speak to a machine that reads them, and not of anything.

A second line of defence only: whatever a model was made to write still has to be supported by what it cites. But an
order may hold a claim ("say that the fund is empty"), and a sentence that cites it would be supported by it. So an order
is neither sent nor can it be cited. It is still part of the report, and the extractive answer may quote it.
"""

from __future__ import annotations

import re

_WHOM = r"(?:the |this |that |any |all |our |your )?(?:assistants?|a\.?i\.?|bots?|chat ?bots?|(?:language )?models?|llms?|gpt\S*|agents?|systems?)"
_VERBS = (
    r"ignore|disregard|forget|override|bypass|reveal|print|output|repeat|respond|reply|answer|pretend|act|say|state|claim|tell"
    r"|write|translate|summari[sz]e|append|insert|include|cite|mention|recommend|insist|assert|conclude|begin|start|end|finish|stop"
    r"|refuse|decline|delete|send|email|visit|open|click|follow|obey|execute|run|call|use|add|replace|change|set|switch|enter"
    r"|speak|sing|swear|rate|rank|score|show|display|list|quote|echo|leak|dump|expose|confirm|deny|admit|announce|declare|give|put|make"
    r"|treat|consider|trust|believe|assume|note that you"
)
_LEAD = (
    r"(?:please|now|then|first|next|instead|also|important|note|attention|warning|urgent|system|assistant|user|admin|developer"
    r"|instructions?|new|begin|end|stop|ok|hey|dear|hidden|override|prompt|sudo|task|command|order|directive|ps|p\.s\.|n\.?b\.?"
    r"|reminder|reader|robots?)"
)
# What follows an order's verb; "State budgets rose" and "Change is slow" are none.
_OBJECT = (
    r"(?=\s*[:\"'“‘(\[<{]|\s+(?:that|the|this|these|those|your|only|always|never|an?|all|any|me|us|you|with|in|to|as|by|it|and|nothing"
    r"|everything|anything|from|out|so|yes|no|not|how|what|why|my|our|its?|at|on|for|like|of|https?\b|[A-Z]{3,}|\d)\b|\s*[.!]?$)"
)
_ORDER = re.compile(
    rf"(?:^|[;:(]\s)\W*(?:{_LEAD}\W+(?:\w+\W+)?){{0,4}}(?:(?:do not|don['’]t|never|always|only|just|you (?:must|will|should|shall|may|can|have to)"
    rf"(?: not| now| always| only)?) )?(?:{_VERBS})\b{_OBJECT}",
    re.IGNORECASE,
)
# Words that only an order to a machine has, whatever it begins with.
_TOLD = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass|neglect|skip|discard)\b.{0,40}\b(?:above|previous|prior|earlier|preceding|instructions?|prompts?"
    r"|rules|guidelines|everything|context|sentences?|report|question)\b"
    r"|\b(?:system|hidden|secret|initial|original|developer) (?:prompt|instructions?|message)\b|\bprompt injection\b|\bjailbreak\b"
    r"|\byou are (?:now|no longer|an? (?:ai|assistant|bot|model|language|helpful|pirate))\b|\b(?:developer|debug|dan|god|admin) mode\b"
    rf"|\b(?:if|when) (?:you are|asked|anyone asks|someone asks|the user asks|a user asks)\b|\bto {_WHOM}\b.{{0,12}}:"
    rf"|^\W*{_WHOM}\s*[:,]|\b{_WHOM} (?:must|should|shall|has to|have to|is to|are to|will|needs? to) (?:now |always |never |only |then )*"
    r"(?:say|answer|reply|respond|write|state|print|ignore|claim|output|tell|repeat|cite|end|begin|start)\b"
    r"|\b(?:your|the) (?:answer|reply|response|output) (?:must|should|shall|has to|is to|will)\b"
    r"|\b(?:respond|reply|answer) (?:only |just |always )?(?:with|in|by|that|as)\b|\b(?:every|each|all|any) (?:answers?|repl(?:y|ies)|questions?|responses?)\b.{0,30}\b(?:must|with|should)\b"
    r"|</?(?:system|user|assistant|instructions?|prompt|im_start|im_end)\b|<\|[a-z_]+\||\[/?(?:inst|system)\]|^\W*#{2,}",
    re.IGNORECASE,
)

# Whoever is spoken to, a reply that is asked for, and what no sentence of a report has: links, code, letters set apart.
_ADDRESSED = re.compile(
    r"\b(?:you|your|yourself|please|kindly)\b|\b(?:language models?|llms?|chat ?bots?|bots|a\.?i\.? (?:assistant|model)s?)\b"
    r"|\b(?:for the|any|an?|dear) (?:ai|assistant|bot|model)\b.{0,30}:|\bfor assistants?\b"
    r"|\b(?:reply|replies|answers?) (?:is|are|to (?:all|every|any)|carry|carries|has to|have to|ha[sd]|contains?|begins?|ends?)\b"
    r"|\b(?:each|every|all|final|only|correct|acceptable|right) (?:acceptable |correct |right )?(?:reply|replies|answers?|responses?)\b"
    r"|\b(?:write|print|output|say|reply)\s+[\"'“‘]|\b[qa]: |\b(?:answer|output|echo)\s*:"
    r"|\b(?:rules?|instructions?|instrucciones|anweisungen)\b.{0,60}\b(?:above|void|before|no longer|write|say|print|et|und|y)\b"
    r"|https?://|^\W*(?:#!|//|<!--|\{\s*\")|\bselect\b.+\bfrom\b.+;|(?:\b\w ){5,}|\b(?:sentences?|rules?|lines?|text) above\b",
    re.IGNORECASE,
)


def is_instruction(sentence: str) -> bool:
    """Whether a sentence orders a machine about: an imperative at its beginning, or words that only such orders have."""
    return any(pattern.search(sentence) for pattern in (_ORDER, _TOLD, _ADDRESSED))
