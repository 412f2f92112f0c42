// Relative positions as yjs makes, writes and resolves them, before and after further edits.

import { Y } from './yjs.mjs'
import { Random } from './random.mjs'
import { edit, reachable, roots } from './edits.mjs'
import { canonical, load, own } from './canonical.mjs'

const pack = bytes => Buffer.from(bytes).toString('base64')

/** How to get from the document to a type: the root's name, then keys and indexes. */
export const pathOf = type => {
  const path = []
  while (type._item !== null) {
    const item = type._item
    if (item.parentSub !== null) {
      path.unshift(item.parentSub)
    } else {
      let index = 0
      for (let left = item.left; left !== null; left = left.left) if (!left.deleted && left.countable) index += left.length
      path.unshift(index)
    }
    type = item.parent
  }
  path.unshift([...type.doc.share].find(([, t]) => t === type)[0])
  return path
}

/** Replicas that edit and exchange all they have now and then. */
export class Party {
  constructor (random, n) {
    this.random = random
    this.ctx = { serial: 0, names: Object.keys(roots) }
    this.docs = Array.from({ length: n }, (_, i) => {
      const doc = new Y.Doc()
      doc.clientID = 100 + i + (i % 2 ? 2 ** 40 : 0)
      return doc
    })
  }

  edit (times) {
    for (let i = 0; i < times; i++) {
      const doc = this.random.pick(this.docs)
      edit(this.random, this.ctx, doc)
      if (this.random.chance(0.2)) Y.applyUpdate(this.random.pick(this.docs), own(Y.encodeStateAsUpdate(doc)))
    }
  }

  /** What all have made, as one state. */
  state () {
    return Y.encodeStateAsUpdate(load(Y.mergeUpdates(this.docs.map(d => Y.encodeStateAsUpdate(d)))))
  }
}

const alive = type => type._item === null || (!type._item.deleted && alive(type._item.parent))

// A type that still stands in the document is told by the position of its start.
const resolved = (position, doc) => {
  const at = Y.createAbsolutePositionFromRelativePosition(position, doc)
  if (at === null) return null
  const start = alive(at.type) ? pack(Y.encodeRelativePosition(Y.createRelativePositionFromTypeIndex(at.type, 0, -1))) : null
  return { start, index: at.index, assoc: at.assoc }
}

const associations = [0, -1, 1, -5, 2 ** 31 - 1]

// A position of a live type, at any index that it has.
const made = (random, doc) => {
  const type = random.pick(reachable(doc))
  const index = type instanceof Y.Map ? 0 : random.between(0, type.length)
  const assoc = random.chance(0.7) ? random.pick([0, -1]) : random.pick(associations)
  return { path: pathOf(type), index, assoc, position: Y.createRelativePositionFromTypeIndex(type, index, assoc) }
}

// A position of any unit, live, deleted, collected or never seen; or of any type.
const forged = (random, doc) => {
  const clients = [...Y.decodeStateVector(Y.encodeStateVector(doc)), [7, 3]]
  const [client, clocks] = random.pick(clients)
  const id = { client, clock: random.below(clocks + 2) }
  const assoc = random.pick(associations)
  return { position: Y.createRelativePositionFromJSON(random.chance(0.7) ? { item: id, assoc } : { type: id, assoc }) }
}

export const handlers = {
  positions: ({ seed, size }) => {
    const random = new Random(seed)
    const party = new Party(random, random.between(1, 3))
    party.edit(size)
    const base = party.state()
    const doc = load(base)
    for (const name of Object.keys(roots)) Y.transact(doc, () => doc.get(name)) // so that a root has a name before it has content
    const positions = Array.from({ length: 40 }, () => random.chance(0.6) ? made(random, doc) : forged(random, doc))
    party.edit(size)
    const update = party.state()
    const later = canonical(load(update))
    return {
      base: pack(base),
      update: pack(update),
      positions: positions.map(({ position, ...rest }) => ({
        ...rest,
        encoded: pack(Y.encodeRelativePosition(position)),
        json: JSON.stringify(Y.relativePositionToJSON(position)),
        before: resolved(position, doc),
        after: resolved(position, later)
      }))
    }
  }
}
