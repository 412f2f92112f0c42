// What is expected of the engine, told by yjs.
//
// The canonical form of a state is what a fresh document writes after loading it: fully merged, and
// independent of how the state came to be. yjs' streamed state is not always that form: children of
// a deleted type that had been deleted before become GC structs outside of the transaction's delete
// set, and stay unmerged until the next load. The engine always merges fully, so it is compared
// with the reloaded bytes, never with the streamed ones.
//
// With pending parts the same holds. yjs writes them after the state, as mergeUpdates does: gaps as
// Skips, and items that have an origin lose the parentSub bit. Loading that and writing it once
// more gives the same bytes again (a fixpoint in every case tried), so the demand is one, in every
// case:
//
//   engine bytes, state vector, JSON == those of load(encode(yjs doc))
//
// and not those of the yjs doc itself, because yjs may leave pending what could be integrated. Say
// that B:0 depends on A:0, and A:10 is pending too. On a retry yjs looks for A:0 in what is
// pending, takes A:10, finds the gap, and notes that it waits for A:9. When A:0 to A:6 arrive it
// does not try again, though B:0 could go in. A fresh document integrates B:0. So one in two
// hundred random cases has steps at which the yjs doc knows less than its reload; an engine that
// tries all that waits whenever something came in equals the reload always.

import { Y } from './yjs.mjs'
import { roots, root } from './edits.mjs'

/**
 * A document that only receives. YText removes superfluous format items of its own accord after a
 * remote change; a server must not edit, so that is switched off here: 'afterTransaction' comes
 * just before the clean-up looks at the flag.
 */
export const receiver = (gc = true) => {
  const doc = new Y.Doc({ gc })
  doc.on('afterTransaction', tr => { tr._needFormattingCleanup = false })
  return doc
}

/**
 * A copy in a buffer of its own: readers of yjs would read on in a shared one, past the end of the
 * update.
 */
export const own = bytes => new Uint8Array(bytes)

export const load = (update, gc = true) => {
  const doc = receiver(gc)
  Y.applyUpdate(doc, own(update))
  return doc
}

/** The canonical document of a document. */
export const canonical = doc => load(Y.encodeStateAsUpdate(doc), doc.gc)

export const isPending = doc => doc.store.pendingStructs !== null || doc.store.pendingDs !== null

/** Whether a document has integrated all that another has. */
export const knows = (doc, other) => {
  const vector = Y.decodeStateVector(Y.encodeStateVector(doc))
  return [...Y.decodeStateVector(Y.encodeStateVector(other))].every(([client, clock]) => clock <= (vector.get(client) ?? 0))
}

/**
 * What the root types of a document hold, by name: toJSON as text that does not depend on the
 * language.
 */
export const json = (doc, names = Object.keys(roots)) => {
  const out = {}
  for (const name of names) {
    if (doc.share.has(name)) out[name] = plain(root(doc, name).toJSON())
  }
  return out
}

/**
 * A value as JSON text: keys sorted; integers in full, other numbers by their bits; bytes tagged.
 * What JSON has no word for is as in JSON.stringify: undefined is null in a list and absent from an
 * object, NaN and infinities are null, -0 is 0, a subdocument is {}.
 */
export const plain = v => {
  if (v === null || v === undefined) return 'null'
  switch (typeof v) {
    case 'boolean': return String(v)
    case 'bigint': return String(v)
    case 'string': return quote(v)
    case 'number': return Number.isFinite(v) ? number(v) : 'null'
  }
  if (v instanceof Uint8Array) return `{"$bytes":"${Buffer.from(v).toString('hex')}"}`
  if (v instanceof Y.Doc) return '{}'
  if (Array.isArray(v)) return `[${v.map(plain).join(',')}]`
  const keys = Object.keys(v).filter(k => v[k] !== undefined).sort(byBytes)
  return `{${keys.map(k => `${quote(k)}:${plain(v[k])}`).join(',')}}`
}

const byBytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))

// Lone surrogates become U+FFFD, as they do on the wire; line separators are escaped, as
// encoding/json does.
const quote = s => JSON.stringify(wellFormed(s)).replace(/[\u2028\u2029]/g, c => c === '\u2028' ? '\\u2028' : '\\u2029')

const wellFormed = s => new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(s))

const number = v => {
  if (Number.isInteger(v)) return String(BigInt(v))
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, v)
  return `{"$float":"${view.getBigUint64(0).toString(16).padStart(16, '0')}"}`
}
