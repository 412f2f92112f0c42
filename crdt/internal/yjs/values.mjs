// Random strings and Any values: every kind that the wire knows, and the edges of each.

const words = [
  'a', 'b', ' ', 'the', 'const x = 1\n', '\n', '\t', 'ä', 'ß', '汉字', 'é', '\ufeff', '\u0000',
  '😀', '👩‍👩‍👧', '𝒳𝒴', 'a😀b', '😀😀😀', '\uffff', '\u2028', '"quoted"', '\\', '</x>', '&amp;'
]

export const text = (random, most = 4) => {
  let out = ''
  for (let n = random.between(1, most); n > 0; n--) out += random.pick(words)
  return out
}

const numbers = [
  0, -0, 1, -1, 63, 64, -63, -64, 127, 128, 8191, 8192, 2 ** 31 - 1, -(2 ** 31 - 1), 2 ** 31, -(2 ** 31),
  2 ** 32, 2 ** 40, 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 53, 0.5, -0.25, 1.1, 3.4028234663852886e38, 1e300, 5e-324,
  NaN, Infinity, -Infinity
]

const bigints = [0n, 1n, -1n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)]

export const bytes = random => {
  const out = new Uint8Array(random.below(random.chance(0.1) ? 300 : 6))
  for (let i = 0; i < out.length; i++) out[i] = random.below(256)
  return out
}

const leaves = [
  () => null, () => undefined, () => true, () => false,
  random => random.pick(numbers), random => random.between(-1000, 1000),
  random => random.pick(bigints), random => text(random), () => '', random => bytes(random),
  random => new Date(random.below(2 ** 31))
]

const keys = ['a', 'b', 'z', '', '10', '2', 'ключ', '😀', 'toString', 'length']

/** Any value at all; nested lists and objects up to depth. */
export const any = (random, depth = 2) => {
  if (depth > 0 && random.chance(0.35)) {
    const n = random.below(4)
    if (random.chance(0.5)) return Array.from({ length: n }, () => any(random, depth - 1))
    return object(random, depth, n)
  }
  return random.pick(leaves)(random)
}

const object = (random, depth, n) => {
  const out = {}
  for (let i = 0; i < n; i++) out[random.pick(keys)] = any(random, depth - 1)
  return out
}

/**
 * A value that YArray takes as an element: no bare undefined, bigint or Date (those it takes
 * nested).
 */
export const element = random => {
  const v = any(random)
  return v === undefined || typeof v === 'bigint' || v instanceof Date ? [v] : v
}

/** A value that survives JSON, for formats, embeds and ContentJSON. */
export const json = (random, depth = 1) => {
  if (depth > 0 && random.chance(0.3)) {
    return random.chance(0.5) ? { k: json(random, depth - 1), 1: 2 } : [json(random, depth - 1)]
  }
  return random.pick([null, true, false, 0, -1, 1.5, 1e21, text(random, 2), ''])
}
