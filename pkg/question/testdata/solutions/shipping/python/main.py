from dataclasses import dataclass, replace
from math import ceil


@dataclass
class Tariff:
    base: int
    per_kilogram: int
    express: bool = True
    heaviest: int = 30_000


HOME, NEAR, FAR = Tariff(400, 100), Tariff(900, 150), Tariff(1500, 250, express=False)
COUNTRIES = {"de": HOME, "at": NEAR, "fr": NEAR, "nl": NEAR, "ch": FAR, "uk": FAR, "no": replace(FAR, heaviest=5_000)}
GIFT = 300


def price(country, grams, wishes):
    tariff = COUNTRIES.get(country)
    if tariff is None or grams > tariff.heaviest or ("express" in wishes and not tariff.express):
        return None
    sent = tariff.base + ceil(grams / 1000) * tariff.per_kilogram
    gift = GIFT if "gift" in wishes and "december" not in wishes else 0
    return sent * (2 if "express" in wishes else 1) + gift


def answer(line):
    country, grams, *wishes = line.split()
    cents = price(country, int(grams), wishes)
    return "no" if cents is None else cents


# Each line of input is one case. Press Run and type one, or run the tests.
while True:
    try:
        print(answer(input()))
    except EOFError:
        break
