"""Makes golden.ndjson: sentences, each with the compound that VADER's reference implementation gives it.

    pip install vaderSentiment==3.3.2
    python3 tests/sentiment/make.py

The same every time: chance is seeded. Every sentence is made here, or stands in handwritten.txt or among the demo's messages.
"""

import json
import random
from pathlib import Path

from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SPECIAL_CASES, SentimentIntensityAnalyzer

HERE = Path(__file__).parent
COUNT = 2600
BOUND = 4000
CHANCE = random.Random(20)

REFERENCE = SentimentIntensityAnalyzer()
GOOD = "good great love nice happy thanks helpful perfect excellent fine best better glad pleased win fantastic easy kind hope".split()
BAD = "bad terrible hate awful angry broken useless worst sad disappointed annoying slow wrong refuse problem damaged lost no".split()
PLAIN = "order parcel invoice agent ticket refund box reply label window delivery account Monday screen cable colour".split()
BOOSTERS = sorted(BOOSTER_DICT)
NEGATIONS = sorted(NEGATE)
IDIOMS = sorted(SPECIAL_CASES)
EMOTICONS = ":) :( :D ;) :-( :-) :/ <3 :'( XD :P =) D: :| ^^ :-/".split()
EMOJI = "😀 😡 😢 ❤ 👍 👎 🎉 💔 😂 🤬 🚚 📦 ☹ ⭐ 💩 ✅ 😁 💘 💋".split()
LEXICON = sorted(word for word in REFERENCE.lexicon if word.isascii())
ODD = ["", " ", "  ", "\n", "\t", "\u00a0", "\u2003", "\u2028", "\u001c", "\u200b", "…", "“", "”", "’", "—", "ÉCLAIR", "straße", "ŽLUŤ", "İ", "ΟΔΟΣ", "ǅ", "٣", "中文"]
ENDS = ["", "", ".", ".", "!", "!!", "!!!", "!!!!", "!!!!!!!", "?", "??", "???", "????", "?????", "?!", "!?!?", "...", ",", ";", "!?.", ")", '"']
OPENERS = ["The {p} is", "My {p} was", "I find the {p}", "Your {p} seems", "We think that this {p} is", "This", "It has been", "I", "They say it's", ""]


def cased(word):
    return CHANCE.choices([word, word.upper(), word.title(), word.swapcase()], [10, 3, 2, 1])[0]


def dressed(word):
    left = CHANCE.choices(["", "(", '"', "*", "'", "¡"], [20, 1, 1, 1, 1, 1])[0]
    right = CHANCE.choices(["", ",", ".", "!", "?", "'", ")", ":", "…", "'s", "!!"], [24, 3, 2, 2, 2, 1, 1, 1, 1, 1, 1])[0]
    return left + word + right


def mood():
    return CHANCE.choice(CHANCE.choice([GOOD, BAD, GOOD, BAD, LEXICON]))


def word():
    pools = [PLAIN, GOOD, BAD, BOOSTERS, NEGATIONS, IDIOMS, EMOTICONS, EMOJI, LEXICON]
    single = "but least kind of so this doubt without never at very or nor no the to not BUT n't ain't don’t more".split()
    pool = CHANCE.choices(pools + [single, ODD], [8, 4, 4, 3, 3, 2, 1, 1, 3, 5, 0.5])[0]
    return CHANCE.choice(pool)


def clause():
    parts = [CHANCE.choice(OPENERS).format(p=CHANCE.choice(PLAIN))]
    for pool, odds in ((NEGATIONS, 0.35), (BOOSTERS, 0.4), (["so", "this", "the", "at least", "least", "kind of", "without doubt"], 0.2)):
        if CHANCE.random() < odds:
            parts.append(cased(CHANCE.choice(pool)))
    parts.append(cased(mood()))
    if CHANCE.random() < 0.3:
        parts.append(CHANCE.choice([CHANCE.choice(IDIOMS), CHANCE.choice(PLAIN), "and " + mood(), "or " + mood()]))
    return " ".join(part for part in parts if part)


def sentence():
    text = clause()
    if CHANCE.random() < 0.35:
        text += CHANCE.choice([", but ", " but ", " BUT ", ". But ", " and ", ", yet "]) + clause()
    if CHANCE.random() < 0.15:
        text += " " + CHANCE.choice(EMOTICONS + EMOJI)
    if CHANCE.random() < 0.05:
        text += CHANCE.choice(EMOJI) * CHANCE.randint(1, 4)
    return text + CHANCE.choice(ENDS)


def jumble():
    joint = CHANCE.choices([" ", "  ", "\n", "", "\t"], [20, 1, 1, 0.3, 0.5])[0]
    return joint.join(dressed(cased(word())) for _ in range(CHANCE.randint(1, 14)))


def long():
    texts, size = [], CHANCE.randint(300, 3500)
    while sum(map(len, texts)) < size:
        texts.append(CHANCE.choice([sentence, sentence, jumble])())
    return CHANCE.choice([" ", "\n", "\n\n"]).join(texts)


def main():
    texts = (HERE / "handwritten.txt").read_text(encoding="utf-8").splitlines()
    with (HERE / "../../demo/messages.ndjson").open(encoding="utf-8") as demo:
        texts += [json.loads(line)["body"] for line in demo]
    texts += [long() for _ in range(40)]
    while len(texts) < COUNT:
        texts.append(CHANCE.choice([sentence, sentence, jumble])())
    # What the gateway bounds is not for the reference to judge: so many characters, fifty signs.
    texts = [
        text
        for text in dict.fromkeys(texts)
        if text.strip() and len(text) <= BOUND and sum(sign >= "\u2000" for sign in text) <= 50
    ]
    with (HERE / "golden.ndjson").open("w", encoding="utf-8") as golden:
        for text in texts:
            compound = REFERENCE.polarity_scores(text)["compound"]
            golden.write(json.dumps([compound, text], ensure_ascii=False) + "\n")
    print(len(texts), "sentences")


if __name__ == "__main__":
    main()
