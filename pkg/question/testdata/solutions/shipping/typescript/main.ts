interface Tariff {
  base: number;
  perKilogram: number;
  express: boolean;
  heaviest: number;
}

const HOME: Tariff = { base: 400, perKilogram: 100, express: true, heaviest: 30_000 };
const NEAR: Tariff = { ...HOME, base: 900, perKilogram: 150 };
const FAR: Tariff = { ...HOME, base: 1500, perKilogram: 250, express: false };

const COUNTRIES: Record<string, Tariff> = {
  de: HOME,
  at: NEAR,
  fr: NEAR,
  nl: NEAR,
  ch: FAR,
  uk: FAR,
  no: { ...FAR, heaviest: 5_000 },
};
const GIFT = 300;

function price(country: string, grams: number, wishes: Set<string>): number | null {
  const tariff = COUNTRIES[country];
  if (!tariff || grams > tariff.heaviest) return null;
  if (wishes.has('express') && !tariff.express) return null;
  const sent = tariff.base + Math.ceil(grams / 1000) * tariff.perKilogram;
  const gift = wishes.has('gift') && !wishes.has('december') ? GIFT : 0;
  return sent * (wishes.has('express') ? 2 : 1) + gift;
}

function answer(line: string): number | string {
  const [country = '', grams, ...wishes] = line.split(' ');
  return price(country, Number(grams), new Set(wishes)) ?? 'no';
}

// Each line of input is one case. Press Run and type one, or run the tests.
for (let line = prompt(); line !== null; line = prompt()) {
  console.log(answer(line));
}
