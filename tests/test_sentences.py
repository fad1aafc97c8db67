"""Where sentences end; ``|`` marks it in the examples."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sentences import split_sentences

EXAMPLES = """
Kazakhstan set aside approx. USD 265 million.| It plans more.
Spending was 0.8% of GDP in 2023.| It rose later.
The U.S. Air Force trains there.| So does Turkey.
They met in the U.S.| The deal followed.
They met in Washington, D.C.| The deal followed.
See cf. No. 7 for the list.| It is long.
A.B. Smith wrote it.| J. R. R. Jones edited it.
Gen. John Smith and Lt. Col. Mary Jones spoke.| Nobody else did.
Dr. Smith met Mr. Jones at St. Mary’s Hospital.| Prof. Lee came too.
He asked: “Is it done?”| She said no.
“It is done.”| He left the room.
He said “It is done.” and left.
The fund (see Fig. 3) grew.| It holds 120 bn.
The fund grew (see Section 2.1).| It holds 120 bn.
(The fund grew.)| It holds 120 bn.
It costs $3.5 million.| That is 1.2 p.p. more.
It was created in 2023.| 120 billion tenge went into it.
It grew by 0.8%.| 120 tonnes are left.
See para. 123 and vol. 500 for more.| They are short.
Partners include China, the UAE, etc.| The list is open.
Partners such as Yahoo! Inc. and Acme Co. Ltd. signed.
Visit www.example.com.| Or write to info@example.com.
Version 2.0.1 came out on 5 Jan. 2024.| It works.
The rate went to 3.5.| Exports fell.
It began at 5 p.m. on Monday.| It ended later.
The treaty (Art. 5, para. 2) holds.| Others, e.g. Turkey, agree.
Some parties, i.e. The Greens, disagree.
Wait... is it over?| Yes!| No?!
Well… It ended.| Good.
The budget rose; Turkey and Qatar followed; China did not.
Countries: China; Turkey; Qatar.
After World War II.| Kazakhstan became an arms maker.
Charles III visited in May.| He left in June.
Chapter IV. Results of the trial.
2.1. Findings of the trial.
政府は承認した。|総額は一千二百億である。
“今天很好。”|他说。
This was shown.[1]| It was shown again.[2]
This was shown.¹| It was shown again.²
Is it large?| It is.| How large?
The cost was 3 mln. tenge.| It grew.
He works for Boeing vs. Airbus.| Both hope.
Item no. 5 is missing.| The answer is no.| Then it ended.
Фонд создан в 2023 г. и содержит 120 млрд. тенге.| Он растёт.
Der Fonds beträgt ca. 245 Mio. Euro.| Er wächst.
Le fonds, M. Dupont le dit, est grand.| Il croît.
It fell by 2.5 pp. between Jan. and Sept. 2023.| Then it rose.
It rose 5 per cent (!).| Then it fell.
“Why now?” asks the ministry.| It has no answer.
The firm’s K9 gun fired.| Its range is 40 km.| Poland bought 212.
It borders China.| (Russia lies to the north.)| Both matter.
The plan—“Vision 2030”—is old.| Nobody reads it.
A sentence without a stop
""".strip().split("\n")


@pytest.mark.parametrize("example", EXAMPLES)
def test_tricky_sentences(example: str) -> None:
    text = example.replace("|", "")
    assert [text[start:end] for start, end in split_sentences(text)] == [part.strip() for part in example.split("|")]


FRAGMENTS = st.sampled_from(
    re.split(
        r"\|",
        "The fund grew|.|!|?|…| |\n|\t|U.S.|No.|7|2023|(|)|“|”|[1]|¹|"
        ";|approx.|e.g.|“Yes.”|。|世界|Lt.|-|_|’s|\u200b|...|A|b|III|www.a.org|—",
    )
)


@given(st.one_of(st.text(max_size=200), st.lists(FRAGMENTS, max_size=60).map("".join)))
def test_sentences_cover_all_but_white_space_in_order(text: str) -> None:
    spans = split_sentences(text)
    position = 0
    for start, end in spans:
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        assert start < end
        position = end
    assert not text[position:].strip()


@pytest.mark.parametrize(
    "text", ["a" * 10**6, "(" * 10**5, "." * 10**6, "。" * 10**6, "\n \n" * 10**5 + "a.", "a." + ")" * 10**6]
)
def test_hostile_text_is_one_sentence(text: str) -> None:
    assert split_sentences(text) == [(len(text) - len(text.lstrip()), len(text))]


def test_nothing_to_split() -> None:
    assert split_sentences("") == []
    assert split_sentences(" \n\t\u00a0") == []
