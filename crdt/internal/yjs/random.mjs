// A small seeded generator (sfc32), so that a seed is a test case for ever. Math.random is never
// used.

export class Random {
  /** @param {number} seed any integer */
  constructor (seed) {
    this.a = 0x9e3779b9
    this.b = 0x243f6a88
    this.c = seed >>> 0
    this.d = Math.floor(seed / 2 ** 32) ^ 0xb7e15162
    for (let i = 0; i < 16; i++) this.uint32()
  }

  uint32 () {
    const t = (((this.a + this.b) | 0) + this.d) | 0
    this.d = (this.d + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (this.c << 21) | (this.c >>> 11)
    this.c = (this.c + t) | 0
    return t >>> 0
  }

  /** An integer in [0, n). */
  below (n) {
    return n <= 1 ? 0 : Math.floor(this.uint32() / 2 ** 32 * n)
  }

  /** An integer in [low, high]. */
  between (low, high) {
    return low + this.below(high - low + 1)
  }

  /** True with probability p. */
  chance (p) {
    return this.uint32() / 2 ** 32 < p
  }

  pick (list) {
    return list[this.below(list.length)]
  }

  shuffle (list) {
    const out = list.slice()
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      ;[out[i], out[j]] = [out[j], out[i]]
    }
    return out
  }

  /** n elements of list, without repetition, in the order of list. */
  sample (list, n) {
    const picked = new Set(this.shuffle(list.map((_, i) => i)).slice(0, n))
    return list.filter((_, i) => picked.has(i))
  }
}
