"""Names, figures and dates in a sentence: what could answer a who, where, when or how many.

Rules and tables of general knowledge (countries, months, kinds of organisation), no trained tagger: none is to be had
offline in a few kilobytes. Nothing here knows any one report.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import regex

EntityKind = Literal["money", "percent", "number", "date", "person", "place", "organisation"]

COUNTRIES = frozenset(
    """Afghanistan|Albania|Algeria|Andorra|Angola|Argentina|Armenia|Australia|Austria|Azerbaijan|Bahamas|Bahrain|
    Bangladesh|Barbados|Belarus|Belgium|Belize|Benin|Bhutan|Bolivia|Bosnia and Herzegovina|Botswana|Brazil|Brunei|
    Bulgaria|Burkina Faso|Burundi|Cambodia|Cameroon|Canada|Cape Verde|Chad|Chile|China|Colombia|Comoros|Congo|
    Costa Rica|Croatia|Cuba|Cyprus|Czech Republic|Czechia|Denmark|Djibouti|Dominica|Dominican Republic|Ecuador|Egypt|
    El Salvador|Eritrea|Estonia|Eswatini|Ethiopia|Fiji|Finland|France|Gabon|Gambia|Georgia|Germany|Ghana|Greece|
    Grenada|Guatemala|Guinea|Guyana|Haiti|Honduras|Hungary|Iceland|India|Indonesia|Iran|Iraq|Ireland|Israel|Italy|
    Ivory Coast|Jamaica|Japan|Jordan|Kazakhstan|Kenya|Kosovo|Kuwait|Kyrgyzstan|Laos|Latvia|Lebanon|Lesotho|Liberia|
    Libya|Liechtenstein|Lithuania|Luxembourg|Madagascar|Malawi|Malaysia|Maldives|Mali|Malta|Mauritania|Mauritius|Mexico|
    Moldova|Monaco|Mongolia|Montenegro|Morocco|Mozambique|Myanmar|Namibia|Nepal|Netherlands|New Zealand|Nicaragua|Niger|
    Nigeria|North Korea|North Macedonia|Norway|Oman|Pakistan|Palestine|Panama|Papua New Guinea|Paraguay|Peru|Philippines|
    Poland|Portugal|Qatar|Romania|Russia|Rwanda|Samoa|San Marino|Saudi Arabia|Senegal|Serbia|Seychelles|Sierra Leone|
    Singapore|Slovakia|Slovenia|Somalia|South Africa|South Korea|South Sudan|Spain|Sri Lanka|Sudan|Suriname|Sweden|
    Switzerland|Syria|Taiwan|Tajikistan|Tanzania|Thailand|Togo|Tonga|Trinidad and Tobago|Tunisia|Turkey|Türkiye|
    Turkmenistan|UAE|Uganda|UK|Ukraine|United Arab Emirates|Emirates|United Kingdom|Britain|United States|USA|U.S.|US|
    Uruguay|Uzbekistan|Vatican|Venezuela|Vietnam|Yemen|Zambia|Zimbabwe|England|Scotland|Wales|Gulf States|Gulf states|
    Soviet Union|USSR|Europe|Asia|Africa|America|Central Asia|Middle East|North America|South America|Latin America|
    Southeast Asia|East Asia|Eurasia|Caucasus|Balkans|Scandinavia|Moscow|Washington|London|Paris|Berlin|Beijing|Brussels|
    Astana|Ankara|Tokyo|Delhi|Kyiv|Rome|Vienna|Geneva|New York|Hong Kong|Dubai|Istanbul|Kabul|Tehran|Riyadh|Doha""".replace(
        "\n", ""
    )
    .replace("    ", "")
    .split("|")
)
_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_SCALE = r"(?:thousand|million|billion|trillion|mn|bn|m|k)"
_NUMBER_WORD = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen"
    r"|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|hundreds|thousand|thousands|million|millions"
    r"|billion|billions|trillion|dozen|dozens|half|third|quarter|several)"
)
_CURRENCY_WORD = (
    r"(?:dollars?|euros?|pounds?|tenge|yuan|yen|roubles?|rubles?|rupees?|francs?|liras?|dirhams?|riyals?|rials?|kron[aeo]r?"
    r"|rand|dinars?|baht|naira|shillings?|ringgit|forints?|zloty|pesos?|reais|shekels?|hryvnias?|cents?)"
)
_CURRENCY_CODE = r"(?:USD|EUR|GBP|KZT|CNY|JPY|RUB|INR|CHF|TRY|AED|QAR|SAR|SGD|AUD|CAD|KRW|[A-Z]{1,3}\$|\$|€|£|¥)"
# Only from its first digit on, and whole: else a long run of digits would be read again from each of them.
_FIGURE = r"(?<!\d)(?<!\d[.,])\d++(?:[.,]\d++)*+"
_PATTERNS: tuple[tuple[EntityKind, re.Pattern[str]], ...] = (
    (
        "money",
        re.compile(
            rf"{_CURRENCY_CODE}\s?{_FIGURE}(?:\s?{_SCALE}\b)?|{_FIGURE}(?:\s?{_SCALE})?\s(?:US\s|U\.S\.\s)?{_CURRENCY_WORD}\b"
            rf"|{_FIGURE}(?:\s?{_SCALE})?\s(?:USD|EUR|GBP|KZT|CNY)\b|\b{_NUMBER_WORD}(?:\s{_SCALE})?\s{_CURRENCY_WORD}\b"
        ),
    ),
    ("percent", re.compile(rf"{_FIGURE}\s?(?:%|per\s?cent\b|percentage points?\b)")),
    (
        "date",
        re.compile(
            rf"\b(?:\d{{1,2}}\s)?{_MONTH}(?:\s\d{{1,2}}(?:st|nd|rd|th)?)?(?:,?\s\d{{4}})?\b(?<!\bMay)|\b(?:1\d{{3}}|20\d{{2}})s?"
            rf"(?:\s?[–-]\s?(?:(?:1\d{{3}}|20\d{{2}})|\d{{2}})\b)?|\b\d{{1,2}}(?:st|nd|rd|th) centur(?:y|ies)\b|"
            r"\b(?:last|next|this) (?:year|month|week|century|decade)\b|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|"
            rf"\b(?:{_FIGURE}|{_NUMBER_WORD}) (?:years?|months?|weeks?|days?|hours?|minutes?|decades?|centuries)\b"
        ),
    ),
    ("number", re.compile(rf"\b{_FIGURE}(?:\s?{_SCALE}\b)?|\b{_NUMBER_WORD}\b(?:\s{_SCALE}\b)?", re.IGNORECASE)),
)
_ORGANISATION_WORD = frozenset(
    [
        "Fund",
        "Ministry",
        "Team",
        "Guard",
        "Initiative",
        "Partnership",
        "Army",
        "Force",
        "Forces",
        "Navy",
        "University",
        "College",
        "School",
        "Union",
        "Council",
        "Court",
        "Committee",
        "Commission",
        "Company",
        "Corporation",
        "Bank",
        "Agency",
        "Institute",
        "Organization",
        "Organisation",
        "Association",
        "Party",
        "Parliament",
        "Congress",
        "Senate",
        "Government",
        "Department",
        "Office",
        "Group",
        "Party",
        "Church",
        "Club",
        "Society",
        "Foundation",
        "Empire",
        "Kingdom",
        "Republic",
        "States",
        "Treaty",
        "Act",
        "Charter",
        "Convention",
        "Agreement",
        "Project",
        "Programme",
        "Program",
        "Industry",
        "Base",
        "Board",
        "Authority",
        "Federation",
        "League",
        "Alliance",
        "Belt",
        "Road",
        "Peace",
        "Gulf",
        "West",
        "East",
        "North",
        "South",
        "War",
        "Summary",
        "Conclusion",
    ]
)
# A capital with a small letter not too far behind it (else "A-A-A-…" would be read again from each A), initials, or an
# abbreviation.
_NAME_WORD = r"(?:\p{Lu}(?:(?!\p{Ll})[\w’'-]){0,40}+\p{Ll}[\w’'-]*|\p{Lu}\.(?:\p{Lu}\.)*|\p{Lu}{2,}s?)"
_NAME = regex.compile(
    r"(?:(?<=\s)|(?<=^)|(?<=[(\"“‘'—–-]))"
    rf"{_NAME_WORD}(?:\s(?:(?:of|the|de|von|van|bin|al|and|for|da|di|la|le)\s(?=\p{{Lu}}))?{_NAME_WORD})*"
)
_PLACES = re.compile(
    r"(?<!\w)(?:the )?(" + "|".join(sorted(map(re.escape, COUNTRIES), key=len, reverse=True)) + r")(?!\w)"
)
_COMMON_FIRST = re.compile(
    r"^(?:The|A|An|This|That|These|Those|In|On|At|By|For|With|While|Although|Because|However|As|If|When|Its|It|They|He|She"
    r"|We|His|Her|Their|There|Such|Some|Many|Most|Both|After|Before|During|Since|Under|Within|From|To|But|And|Or|Nor|Not"
    r"|Another|Other|Each|Every|All|Any|One|Two|Three|Also|Besides|Beyond|Among|Against|Much|More|Less|Even|What|Who"
    r"|Which|How|Where|Why|Once|Still|Through|Despite|According|Meanwhile|Concerns|Lower|Closer)\b(?:[’'](?:s|re|ve|ll|d|m)\b)?(?![.\w’'-])\s*"
)


@dataclass(frozen=True, slots=True)
class Entity:
    """A name or figure: its kind and its offsets in the text it was found in."""

    kind: EntityKind
    start: int
    end: int


@lru_cache(maxsize=1024)
def find_entities(text: str) -> tuple[Entity, ...]:
    """The names and figures of a sentence, in order; no two overlap, so that money is no bare number."""
    found: list[Entity] = []
    taken = [False] * len(text)
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if match.end() > match.start() and not any(taken[match.start() : match.end()]):
                taken[match.start() : match.end()] = [True] * (match.end() - match.start())
                found.append(Entity(kind, match.start(), match.end()))
    for match in _PLACES.finditer(text):
        if not any(taken[match.start(1) : match.end(1)]):  # no place in "US dollars"
            found.append(Entity("place", match.start(1), match.end(1)))
            taken[match.start(1) : match.end(1)] = [True] * (match.end(1) - match.start(1))
    for name in _NAME.finditer(text):
        start, end = name.span()
        if not text[:start].strip(" \"“‘'(*"):
            start += _leading_common(text[start:end])
        if start < end and not any(taken[start:end]):
            found.append(Entity(_name_kind(text[start:end]), start, end))
    return tuple(sorted(found, key=lambda entity: entity.start))


def _leading_common(name: str) -> int:
    match = _COMMON_FIRST.match(name)
    if match:
        return match.end()
    # A single capitalised word at a sentence's start is as likely a common word.
    return 0 if " " in name or name.isupper() else len(name)


def _name_kind(name: str) -> EntityKind:
    words = name.replace("’s", "").split()
    if len(words) == 1 or any(word.isupper() and len(word.rstrip(".")) > 1 for word in words):
        return "organisation"
    if any(word in _ORGANISATION_WORD for word in words) or re.search(r"\b(?:of|for|and)\b", name):
        return "organisation"
    return "person"
