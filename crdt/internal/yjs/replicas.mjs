// Answers the Go tests' questions about yjs: one JSON request a line on stdin, one JSON answer a
// line on stdout, in order. Byte strings are base64. One process serves a whole test run.
//
//   node replicas.mjs                   serve
//   node replicas.mjs check 1 500 60    check cases of seeds [1, 500] and size 60 against yjs

import { createInterface } from 'node:readline'
import { Y, pinned } from './yjs.mjs'
import { makeCase, selfCheck } from './cases.mjs'
import { receiver, canonical, load, own, json, plain, knows, isPending } from './canonical.mjs'
import { handlers as v2 } from './v2.mjs'
import { handlers as positions } from './positions.mjs'
import { handlers as events } from './events.mjs'
import { handlers as listeners } from './listeners.mjs'
import { handlers as scripts } from './scripts.mjs'

const unpack = text => own(Buffer.from(text, 'base64'))
const pack = bytes => Buffer.from(bytes).toString('base64')

const told = (doc, names) => ({
  state: pack(Y.encodeStateAsUpdate(doc)),
  vector: pack(Y.encodeStateVector(doc)),
  pending: isPending(doc),
  json: json(doc, names)
})

const explainID = ({ client, clock }) => `${client}:${clock}`

const explainStruct = s => {
  const head = `${explainID(s.id)}+${s.length} ${s.constructor.name}`
  if (!(s instanceof Y.Item)) return head
  const parent = s.parent === null ? '' : ` in ${s.parent.client === undefined ? JSON.stringify(s.parent) : explainID(s.parent)}`
  const content = s.content.str ?? s.content.arr ?? s.content.type?.constructor.name ?? s.content.embed ?? s.content.key ?? ''
  return head + (s.origin ? ` after ${explainID(s.origin)}` : '') + (s.rightOrigin ? ` before ${explainID(s.rightOrigin)}` : '') + parent +
    (s.parentSub === null ? '' : ` key ${JSON.stringify(s.parentSub)}`) + ` ${s.content.constructor.name} ${plain(content)}`
}

const explain = update => {
  const { structs, ds } = Y.decodeUpdate(update)
  const deletes = [...ds.clients].map(([client, list]) => `delete ${client}: ${list.map(d => `${d.clock}+${d.len}`).join(' ')}`)
  return structs.map(explainStruct).concat(deletes).join('\n')
}

// Whether the ranges of some client are not ascending and apart, as every writer has them.
const unsorted = text => {
  let deletes
  try {
    deletes = Y.decodeUpdate(unpack(text)).ds.clients
  } catch {
    return false // legal to apply, but not to read lazily: a Skip with flag bits
  }
  return [...deletes.values()].some(list => list.some((d, i) => i > 0 && d.clock <= list[i - 1].clock + list[i - 1].len))
}

const same = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0

// Whether yjs itself comes to another state by reloading, not only to another way of writing it.
const unstable = (doc, loaded) => {
  const state = Y.encodeStateAsUpdate(loaded)
  if (!same(state, Y.encodeStateAsUpdate(load(state)))) return true
  return !isPending(doc) && !Y.equalDeleteSets(Y.createDeleteSetFromStructStore(doc.store), Y.createDeleteSetFromStructStore(loaded.store))
}

// Whether an update has other content, or another place, for clocks that the base has already.
const contradicts = (base, update) => {
  if (!base) return false
  let known, structs
  try {
    known = Y.decodeUpdate(unpack(base)).structs
    structs = Y.decodeUpdate(unpack(update)).structs
  } catch {
    return false
  }
  const overlap = (a, b) => a.id.client === b.id.client && a.id.clock < b.id.clock + b.length && b.id.clock < a.id.clock + a.length
  const place = s => s.parent?.client === undefined ? s.parent : explainID(s.parent)
  const other = (a, b) => !(a.content instanceof Y.ContentDeleted || b.content instanceof Y.ContentDeleted) &&
    (a.content.constructor !== b.content.constructor || (a.id.clock === b.id.clock && (place(a) !== place(b) || a.parentSub !== b.parentSub)))
  const items = known.filter(s => s instanceof Y.Item)
  return structs.some(s => s instanceof Y.Item && items.some(k => overlap(s, k) && other(s, k)))
}

const handlers = {
  ...v2,
  ...positions,
  ...events,
  ...listeners,
  ...scripts,

  hello: () => ({ yjs: pinned, node: process.version }),

  /** A random case. */
  case: ({ seed, size }) => makeCase(seed, size),

  /**
   * What yjs makes of updates, applied one by one: the canonical state and what is read from it.
   */
  apply: ({ updates, names }) => {
    const doc = receiver()
    for (const update of updates) Y.applyUpdate(doc, unpack(update))
    return told(canonical(doc), names)
  },

  /**
   * Whether yjs takes each update into a fresh document that holds base, and what the document is
   * then. broken says why a document that took it can be written or loaded no more.
   */
  judge: ({ base, updates }) => updates.map(update => {
    const doc = base ? load(unpack(base)) : receiver()
    try {
      Y.applyUpdate(doc, unpack(update))
    } catch (err) {
      return { accepted: false, reason: String(err.message) }
    }
    try {
      const loaded = canonical(doc)
      return {
        accepted: true,
        unsorted: unsorted(update) || (base && unsorted(base)),
        forgets: !knows(loaded, doc),
        unstable: unstable(doc, loaded) || contradicts(base, update),
        ...told(loaded, [])
      }
    } catch (err) {
      return { accepted: true, broken: String(err.message) }
    }
  }),

  /** Updates as text, struct by struct, for people who look for the first that differs. */
  explain: ({ updates }) => updates.map(update => {
    try {
      return explain(unpack(update))
    } catch (err) {
      return `unreadable: ${err.message}`
    }
  }),

  /**
   * The bytes that yjs writes for states after loading them: two spellings of one state become
   * equal.
   */
  respell: ({ states }) => states.map(state => {
    try {
      return { state: pack(Y.encodeStateAsUpdate(load(unpack(state)))) }
    } catch (err) {
      return { reason: String(err.message) }
    }
  })
}

const answer = line => {
  try {
    const { op, ...args } = JSON.parse(line)
    return JSON.stringify(handlers[op](args))
  } catch (err) {
    return JSON.stringify({ error: err.stack })
  }
}

const check = (first, last, size) => {
  let bad = 0
  for (let seed = first; seed <= last; seed++) {
    const { features, faults } = selfCheck(seed, size)
    if (faults.length > 0) {
      bad++
      process.stdout.write(`seed ${seed} ${JSON.stringify(features)}\n  ${[...new Set(faults)].join('\n  ')}\n`)
    }
  }
  process.stdout.write(`${last - first + 1} cases of size ${size}, ${bad} with faults\n`)
  process.exitCode = bad > 0 ? 1 : 0
}

if (process.argv[2] === 'check') {
  check(...process.argv.slice(3).map(Number))
} else {
  for await (const line of createInterface({ input: process.stdin })) process.stdout.write(answer(line) + '\n')
}
