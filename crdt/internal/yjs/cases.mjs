// A case: concurrent replicas edit at random, their updates are delivered in some order and
// grouping, and yjs says after each step what has to come out. A case depends on its seed and size
// alone.

import { Y, encoding } from './yjs.mjs'
import { Random } from './random.mjs'
import { edit, roots, root } from './edits.mjs'
import { receiver, canonical, own, json, knows, isPending, load } from './canonical.mjs'

/** What a case may contain, so that a failing one says what it takes. */
const features = random => ({
  replicas: random.between(1, 5),
  wide: random.chance(0.4), // client ids of up to 53 bits
  gc: random.chance(0.75), // of the receiver
  keepers: random.chance(0.3), // some editing replicas run without garbage collection
  undo: random.chance(0.3),
  relayed: random.chance(0.3), // also what a replica re-encodes of the changes that it receives
  states: random.chance(0.4), // also whole states and diffs of replicas
  held: random.chance(0.6), // some updates never arrive in the first part
  merged: random.chance(0.6), // deliveries are grouped by mergeUpdates, merges of merges too
  diffed: random.chance(0.3) // deliveries pass through diffUpdate
})

/** @param {number} seed @param {number} size about the number of transactions */
export const makeCase = (seed, size) => {
  const random = new Random(seed)
  const f = features(random)
  const world = makeWorld(random, f, size)
  const blobs = new Blobs()
  const out = { seed, size, features: f, gc: f.gc }
  out.steps = deliver(random, f, world, blobs)
  out.log = world.log.map(u => blobs.add(u))
  out.final = finalState(world.log, blobs)
  Object.assign(out, pureFunctions(random, world, blobs))
  out.blobs = blobs.list
  return out
}

// Equal byte strings are sent once and named by index.
class Blobs {
  list = []
  index = new Map()

  add (bytes) {
    const text = Buffer.from(bytes).toString('base64')
    if (!this.index.has(text)) this.index.set(text, this.list.push(text) - 1)
    return this.index.get(text)
  }
}

const clientID = (random, wide, taken) => {
  for (;;) {
    let id = random.chance(0.2) ? random.below(200) : random.uint32()
    if (wide && random.chance(0.6)) id = random.below(2 ** 21) * 2 ** 32 + random.uint32()
    if (!taken.has(id)) {
      taken.add(id)
      return id
    }
  }
}

const makeReplica = (random, f, taken, log) => {
  const doc = new Y.Doc({ gc: !(f.keepers && random.chance(0.5)) })
  doc.clientID = clientID(random, f.wide, taken)
  doc.on('update', (update, origin, _, tr) => {
    if (tr.local || (f.relayed && random.chance(0.3))) log.push(update)
  })
  const undo = f.undo && random.chance(0.7)
    ? new Y.UndoManager(Object.keys(roots).map(name => root(doc, name)), { captureTimeout: 0 })
    : null
  return { doc, undo, seen: new Set() }
}

const makeWorld = (random, f, size) => {
  const log = []
  const taken = new Set()
  const ctx = { serial: 0, names: random.chance(0.5) ? Object.keys(roots) : [random.pick(Object.keys(roots))] }
  const replicas = Array.from({ length: f.replicas }, () => makeReplica(random, f, taken, log))
  const vectors = [new Uint8Array([0])]
  const states = []
  for (let i = 0; i < size; i++) {
    const replica = random.pick(replicas)
    act(random, f, ctx, replica, log)
    if (random.chance(0.1)) vectors.push(Y.encodeStateVector(replica.doc))
    if (f.states && random.chance(0.1)) states.push(Y.encodeStateAsUpdate(replica.doc, random.pick(vectors)))
  }
  return { log, vectors, states, replicas }
}

const act = (random, f, ctx, replica, log) => {
  if (random.chance(0.25)) return receive(random, replica, log)
  if (replica.undo && random.chance(0.2)) return random.chance(0.6) ? replica.undo.undo() : replica.undo.redo()
  replica.doc.transact(() => {
    for (let n = random.chance(0.7) ? 1 : random.between(2, 4); n > 0; n--) edit(random, ctx, replica.doc)
  })
}

// A replica gets some of what it lacks, sometimes out of order, sometimes with gaps.
const receive = (random, replica, log) => {
  const missing = log.map((_, i) => i).filter(i => !replica.seen.has(i))
  let batch = random.chance(0.5) ? missing : random.sample(missing, random.between(1, 6))
  if (random.chance(0.3)) batch = random.shuffle(batch)
  for (const i of batch) {
    replica.seen.add(i)
    Y.applyUpdate(replica.doc, own(log[i]), 'remote')
  }
}

/** The updates of a case in groups, doubled, cut and out of order. */
const parcels = (random, f, world) => {
  let list = world.log.concat(world.states)
  if (f.held) list = list.filter(() => !random.chance(0.12))
  list = list.concat(random.sample(list, Math.floor(list.length * (random.chance(0.5) ? 0.2 : 0))))
  if (f.diffed) list = list.map(u => random.chance(0.4) ? Y.diffUpdate(u, random.pick(world.vectors)) : u)
  list = disorder(random, list)
  return f.merged ? group(random, group(random, list)) : list
}

const disorder = (random, list) => {
  const window = random.pick([1, 3, 12, list.length])
  const out = []
  for (let i = 0; i < list.length; i += window) out.push(...random.shuffle(list.slice(i, i + window)))
  return out
}

const group = (random, list) => {
  const out = []
  for (let i = 0; i < list.length;) {
    const n = random.chance(0.6) ? 1 : random.between(2, 8)
    out.push(n === 1 ? list[i] : Y.mergeUpdates(list.slice(i, i + n)))
    i += n
  }
  return out
}

const deliver = (random, f, world, blobs) => {
  const doc = receiver(f.gc)
  const list = parcels(random, f, world)
  const every = Math.max(1, Math.floor(list.length / 8))
  return list.map((update, i) => {
    Y.applyUpdate(doc, own(update))
    const step = { update: blobs.add(update) }
    if (i % every === every - 1 || i === list.length - 1) step.want = expectation(random, doc, world, blobs)
    return step
  })
}

// The canonical state, and what is sent to replicas that have some of it.
const expectation = (random, doc, world, blobs) => {
  const loaded = canonical(doc)
  const want = {
    state: blobs.add(Y.encodeStateAsUpdate(loaded)),
    vector: blobs.add(Y.encodeStateVector(loaded)),
    pending: isPending(loaded),
    diffs: []
  }
  for (let n = random.below(3); n > 0; n--) {
    const vector = random.chance(0.5) ? random.pick(world.vectors) : randomVector(random, loaded)
    want.diffs.push({ vector: blobs.add(vector), out: blobs.add(Y.encodeStateAsUpdate(loaded, vector)) })
  }
  want.json = json(loaded)
  return want
}

/**
 * A state vector at arbitrary clocks: inside of structs, past the end, of clients that nobody
 * knows.
 */
const randomVector = (random, doc) => {
  const entries = []
  for (const [client, clock] of Y.decodeStateVector(Y.encodeStateVector(doc))) {
    if (random.chance(0.8)) entries.push([client, random.below(clock + 2)])
  }
  if (random.chance(0.2)) entries.push([random.uint32(), random.below(9)])
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, entries.length)
  for (const [client, clock] of entries) {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
  }
  return encoding.toUint8Array(encoder)
}

/** Where every replica ends that has got everything: the same for any order. */
const finalState = (log, blobs) => {
  const doc = receiver()
  for (const update of log) Y.applyUpdate(doc, own(update))
  const loaded = canonical(doc)
  return {
    state: blobs.add(Y.encodeStateAsUpdate(loaded)),
    vector: blobs.add(Y.encodeStateVector(loaded)),
    pending: isPending(loaded),
    diffs: [],
    json: json(loaded)
  }
}

// What is computed on bytes alone: merges, diffs and state vectors of updates and of each other's
// results.
const pureFunctions = (random, world, blobs) => {
  const pool = world.log.concat(world.states)
  const last = load(Y.mergeUpdates(pool.length > 0 ? pool : [new Uint8Array(2)]), false)
  pool.push(Y.encodeStateAsUpdate(last))
  const merges = []
  const diffs = []
  const vectors = []
  for (let i = 0; i < 12; i++) {
    const inputs = random.shuffle(random.sample(pool, random.between(1, random.chance(0.2) ? pool.length : 6)))
    const merged = Y.mergeUpdates(inputs)
    merges.push({ inputs: inputs.map(u => blobs.add(u)), out: blobs.add(merged) })
    const update = random.chance(0.5) ? merged : random.pick(pool)
    const vector = random.chance(0.3) ? random.pick(world.vectors) : randomVector(random, last)
    const diff = Y.diffUpdate(update, vector)
    diffs.push({ update: blobs.add(update), vector: blobs.add(vector), out: blobs.add(diff) })
    vectors.push({ update: blobs.add(diff), out: blobs.add(Y.encodeStateVectorFromUpdate(diff)) })
    vectors.push({ update: blobs.add(merged), out: blobs.add(Y.encodeStateVectorFromUpdate(merged)) })
    pool.push(merged, diff)
  }
  return { merges, diffs, vectors }
}

/**
 * The case's own claims, checked with yjs alone: the canonical form is a fixpoint, it knows all
 * that the document knew that it was made of, and it does not depend on the order of delivery.
 * Returns what does not hold.
 */
export const selfCheck = (seed, size) => {
  const random = new Random(seed)
  const f = features(random)
  const world = makeWorld(random, f, size)
  const faults = []
  const doc = receiver(f.gc)
  const same = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0
  for (const [i, update] of parcels(random, f, world).entries()) {
    Y.applyUpdate(doc, own(update))
    const once = canonical(doc)
    const state = Y.encodeStateAsUpdate(once)
    if (!same(state, Y.encodeStateAsUpdate(load(state, f.gc)))) faults.push(`step ${i}: reload is no fixpoint`)
    if (!knows(once, doc)) faults.push(`step ${i}: the reload knows less`)
    if (isPending(once) && !isPending(doc)) faults.push(`step ${i}: pending only after the reload`)
  }
  const ends = [world.log, random.shuffle(world.log), [Y.mergeUpdates(random.shuffle(world.log))]].map(list => {
    const d = receiver()
    for (const update of list) Y.applyUpdate(d, own(update))
    return Y.encodeStateAsUpdate(canonical(d))
  })
  for (const end of ends) if (!same(end, ends[0])) faults.push('the end depends on the order')
  return { seed, features: f, faults }
}
