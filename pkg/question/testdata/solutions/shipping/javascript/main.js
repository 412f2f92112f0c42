const HOME = { base: 400, perKilogram: 100, express: true };
const NEAR = { base: 900, perKilogram: 150, express: true };
const FAR = { base: 1500, perKilogram: 250, express: false };

const COUNTRIES = new Map([
  ['de', HOME],
  ['at', NEAR],
  ['fr', NEAR],
  ['nl', NEAR],
  ['ch', FAR],
  ['uk', FAR],
  ['no', { ...FAR, heaviest: 5_000 }],
]);
const HEAVIEST = 30_000;
const GIFT = 300;

function price(country, grams, wishes) {
  const tariff = COUNTRIES.get(country);
  if (!tariff || grams > (tariff.heaviest ?? HEAVIEST)) return null;
  if (wishes.has('express') && !tariff.express) return null;
  const sent = tariff.base + Math.ceil(grams / 1000) * tariff.perKilogram;
  const gift = wishes.has('gift') && !wishes.has('december') ? GIFT : 0;
  return sent * (wishes.has('express') ? 2 : 1) + gift;
}

function answer(line) {
  const [country, grams, ...wishes] = line.split(' ');
  return price(country, Number(grams), new Set(wishes)) ?? 'no';
}

// Each line of input is one case. Press Run and type one, or run the tests.
for (let line = prompt(); line !== null; line = prompt()) {
  console.log(answer(line));
}
