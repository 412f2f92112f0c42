// What yjs says of the V2 format: conversions of updates, states written in V2, and whether changed
// V2 bytes are taken.

import { Y } from './yjs.mjs'
import { receiver, canonical, load, own, isPending } from './canonical.mjs'

const unpack = text => own(Buffer.from(text, 'base64'))
const pack = bytes => Buffer.from(bytes).toString('base64')

// A few bytes of V2 can stand for more structs than Node has memory for. yjs has no bound of its
// own, so here it gets one: what goes beyond it is a refusal with this text.
const tooMany = 'too many structs for yjs'
const most = 200_000
let budget = Infinity

for (const name of ['readInfo', 'readString']) {
  const read = Y.UpdateDecoderV2.prototype[name]
  Y.UpdateDecoderV2.prototype[name] = function () {
    if (budget-- <= 0) throw new Error(tooMany)
    return read.call(this)
  }
}

const loadV2 = update => {
  const doc = receiver()
  Y.applyUpdateV2(doc, own(update))
  return doc
}

// Whether the ranges of some client are not ascending and apart.
const unsorted = update => {
  let deletes
  try {
    deletes = Y.decodeUpdateV2(update).ds.clients
  } catch {
    return false // legal to apply, but not to read lazily: a Skip with flag bits
  }
  return [...deletes.values()].some(list => list.some((d, i) => i > 0 && d.clock <= list[i - 1].clock + list[i - 1].len))
}

const verdict = update => {
  const doc = receiver()
  budget = most
  try {
    Y.applyUpdateV2(doc, unpack(update))
  } catch (err) {
    return { accepted: false, reason: String(err.message) }
  } finally {
    budget = Infinity
  }
  try {
    const loaded = canonical(doc)
    const state = Y.encodeStateAsUpdate(loaded)
    return {
      accepted: true,
      pending: isPending(loaded),
      unsorted: unsorted(unpack(update)),
      state: pack(state),
      unstable: Buffer.compare(Buffer.from(state), Buffer.from(Y.encodeStateAsUpdate(load(state)))) !== 0
    }
  } catch (err) {
    return { accepted: true, broken: String(err.message) }
  }
}

export const handlers = {
  /** Each update in V2, and back from there in V1. */
  convert: ({ updates }) => updates.map(update => {
    const v2 = Y.convertUpdateFormatV1ToV2(unpack(update))
    return { v2: pack(v2), v1: pack(Y.convertUpdateFormatV2ToV1(own(v2))) }
  }),

  /**
   * For each state, what a document writes in V2 that has loaded it, whole and for a state vector,
   * and what is loaded from that.
   */
  statesV2: ({ questions }) => questions.map(({ state, vector, gc }) => {
    const doc = load(unpack(state), gc)
    const whole = Y.encodeStateAsUpdateV2(doc)
    const diff = vector ? Y.encodeStateAsUpdateV2(doc, unpack(vector)) : whole
    return { whole: pack(whole), diff: pack(diff), loaded: pack(Y.encodeStateAsUpdate(canonical(loadV2(whole)))) }
  }),

  /** Whether yjs takes each V2 update on an empty document, and what the document is then. */
  judgeV2: ({ updates }) => updates.map(verdict)
}
