"""Closed-class words of English, and the verbs and nouns that questions are commonly made of: general knowledge."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


INTERROGATIVES = _words("who whom whose what what's who's when when's where where's why how how's which")
MODALS = _words("""
    do does did can could will would shall should may might must don't doesn't didn't won't can't couldn't wouldn't
    shouldn't
""")
BE = _words("is are was were isn't aren't wasn't weren't")
AUXILIARIES = (
    MODALS
    | BE
    | _words("""
    am be been being has have had having hasn't haven't hadn't 's 're
""")
)
POSSESSIVES = _words("its their his her my our your")
DEMONSTRATIVES = _words("this that these those")
SINGULAR_PRONOUNS = _words("it its this that")
PLURAL_PRONOUNS = _words("they them their theirs these those")
PERSON_PRONOUNS = _words("he him his she her hers")
POSSESSIVE_PRONOUNS = _words("its their theirs his hers")
INDEFINITE = _words("any some no each every another all both")
DETERMINERS = _words("the a an such") | POSSESSIVES | DEMONSTRATIVES | INDEFINITE
PRONOUNS = _words("""
    it they them he him she i we us you me itself themselves himself herself theirs hers mine ours yours someone
    anyone everyone somebody anybody nobody something anything everything nothing one ones others other else
""")
PREPOSITIONS = _words("""
    of in on at by for with from to into onto about against over under between among during through within without
    inside outside towards toward upon across around beyond besides beside like via per as than since until till
    after before behind near despite regarding concerning
""")
CONJUNCTIONS = _words("and or but nor if because when while although though whether so that plus")
ADVERBS = _words("""
    not also still now too very ever never already nowadays abroad together just only even there here then again
    lately first up down out off away back soon yet far more most less least well exactly almost about always often
    maybe perhaps instead otherwise alike worse better today tomorrow yesterday
    once much many n't so quite rather particular
""")
PERSONS = _words("""
    minister president premier general official person politician commander leader chief director head chairman
    chairwoman chair ceo spokesman spokeswoman spokesperson expert author scientist king queen emperor duke judge
    lawyer architect founder deputy man woman manager captain engineer doctor teacher governor mayor senator writer
    editor secretary professor coach player owner boss colonel officer inventor artist journalist analyst
""")
PLACES = _words(
    """
    country nation city region place town continent river lake sea valley mountain forest park bay coast beach harbour
    museum hospital factory mill station airport site camp building states village island port area province district
    capital
"""
)
GROUPS = _words("""
    company firm organisation organization government cabinet ministry army military team party guard agency
    parliament council committee commission bank union navy force police staff crew board club group institute
    university court authority public audience police population family troop soldier force member investor partner
    supplier customer worker voter resident citizen people children
""")
PLURALS = _words("people men women children police personnel troops media data staff forces mice feet")
SINGULARS = _words("series news politics economics physics means headquarters species gas business basis lens bus")

_REGULAR = """
    abandon accuse adopt assume attack award cancel celebrate charge collaborate commission complain conclude
    conduct confront construct convince cooperate copy cross defeat defend define delay devote differ disagree
    disappear donate doubt earn elect emerge emphasise enjoy ensure equip escape evaluate exclude expel export fill
    fix formulate fund gather govern guard handle hope ignore implement impose inform insist inspect inspire install
    intervene invade investigate lend license like listen love mark mine miss observe obtain occur oppose oversee
    permit persuade pick pour praise predict prefer prioritise promote purchase push qualify react realise recall
    recognise recommend record refuse regulate relate release renew rent repay repeat request rescue resign resist
    restore restrict retire return reward roll sail sanction select sentence separate settle shape shift shut signal
    solve specify spread struggle study submit subsidise survive suspect tackle teach tend tolerate track transform
    transport travel trust urge value vanish volunteer wait warrant waste welcome wish withdraw accept act affect
    command exist calm close damage educate hire host invite merge own park propose recruit repair stretch sustain
    achieve add address agree aim allow announce appear apply approve argue arrive ask assess attract avoid believe
    belong benefit call carry cause change claim collect combine compare complete concern confirm consider consist
    contain continue contribute control cover create decide declare decline decrease deliver demand deny depend
    describe design destroy determine develop die discover discuss divide employ enable end enter envisage establish
    expand expect explain export express face fail favour fear finance finish follow force gain guarantee happen
    help identify import improve include increase indicate influence intend introduce invest involve issue join lack
    last launch limit link list live look lower maintain manage manufacture matter measure mention modernise
    modernize move name need negotiate offer open operate order own pass perceive plan play pledge point possess
    prepare prevent produce promise propose protect protest prove provide publish pursue put question raise reach
    receive reduce refer regard reject rely remain remove replace report represent require respond rest result
    reveal risk rule save score seem serve share show sign start state stay stir stop strengthen succeed suffer
    suggest supply support surround talk target threaten touch trade train transfer treat trouble try turn unsettle
    use visit vote walk want warn watch work worry
"""
# What things have: asked for the height of a tower, one speaks on of the tower.
ATTRIBUTES = _words("""
    height width length depth size weight age price cost value speed temperature area volume number amount
    population name title colour color capacity budget strength rate level share percentage proportion range date
    answer reaction response attitude position role purpose aim goal reason cause effect
""")
FIGURES = _words("amount sum figure number money price cost total share percentage")
TIMES = _words("day days time moment point way case year month week respect")
# No things that are spoken of again.
VAGUE = TIMES | _words("role date dates years lot bit kind kinds sort part fact example thing things")
DOCUMENTS = _words("report document article paper text study")
# What is spent, by the verb of "how much did they spend".
AMOUNTS = {
    "spend": "spending", "cost": "cost", "produce": "production", "invest": "investment", "grow": "growth",
    "weigh": "weight", "consume": "consumption", "earn": "income", "lose": "loss", "owe": "debt", "gain": "gain",
}  # fmt: skip
_IRREGULAR = """
    become becomes became begin begins began begun break breaks broke broken bring brings brought build builds built
    buy buys bought catch catches caught choose chooses chose chosen come comes came cost costs cut cuts deal deals
    dealt draw draws drew drawn drive drives drove driven eat eats ate fall falls fell fallen feel feels felt fight
    fights fought find finds found get gets got gotten give gives gave given go goes went gone grow grows grew grown
    hear hears heard hit hits hold holds held keep keeps kept know knows knew known lay lays laid lead leads led
    leave leaves left let lets lie lies lay lose loses lost make makes made mean means meant meet meets met pay pays
    paid read reads rise rises rose risen run runs ran say says said see sees saw seen seek seeks sought sell sells
    sold send sends sent set sets sit sits sat speak speaks spoke spoken spend spends spent stand stands stood steal
    stole take takes took taken teach taught tell tells told think thinks thought understand understood wear wears
    win wins won write writes wrote written
"""
# Nouns as often as verbs: what they are, their neighbours tell. With them, nouns that look like verbs or adverbs.
AMBIGUOUS = _words("""
    aim aims benefit benefits call calls change changes cost costs cut cuts deal deals demand demands design designs
    end ends export exports fear fears finance force forces fund funds help import imports increase increases
    influence issue issues lead link links list lists measure measures name names need needs offer offers order
    orders plan plans play plays point points protest question questions report reports rest result results rise
    risk risks rule rules run score share shares show sign state states support supply supplies target targets trade
    train trains trouble troubles use uses visit visits vote votes work works worry worries control controls concern
    concerns ally early family assembly monopoly reply building meaning spending training meeting funding
    engineering housing hundred hundreds need speed seed red bed king ring spring string wing morning evening answer
    answers term terms respond award charge copy defeat delay doubt fill guard hope mark mine mines pick purchase
    purchases push record records release releases rent request requests return returns reward rewards roll sanction
    sanctions sentence sentences shift shifts signal signals spread struggle study studies track tracks transport
    travel trust value values wait waste welcome wish license like commission commissions attack attacks escape
    rescue fix separate love renewal
""")


def _inflected(verb: str) -> set[str]:
    is_y = re.search(r"[^aeiou]y$", verb) is not None
    stem = verb + verb[-1] if re.search(r"[^aeiou][aeiou][ptgbmn]$", verb) else verb.removesuffix("e")
    third = verb[:-1] + "ies" if is_y else verb + ("es" if re.search(r"(?:s|sh|ch|x|o)$", verb) else "s")
    return {verb, third, verb[:-1] + "ied" if is_y else stem + "ed", stem + "ing", verb + "ing"}


def _participle(verb: str) -> str:
    return (verb + verb[-1] if re.search(r"[^aeiou][aeiou][tgnm]$", verb) else verb.removesuffix("e")) + "ing"


VERBS = frozenset(_IRREGULAR.split()).union(
    map(_participle, _IRREGULAR.split()), *(_inflected(verb) for verb in _REGULAR.split())
)
