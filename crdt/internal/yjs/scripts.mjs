// Scripted local edits: the same calls, made by yjs and by the engine under one client id, must
// give the same updates.
//
// yjs edits beyond the call where a text with formats loses units: it deletes formats that have
// become superfluous. The engine does not, by contract; so deletes are scripted where that clean-up
// finds nothing.

import { Y } from './yjs.mjs'
import { Random } from './random.mjs'
import { edit, flatMarks, reachable, roots, root } from './edits.mjs'
import { canonical, own, receiver } from './canonical.mjs'
import { pathOf } from './positions.mjs'
import { copy, watch } from './events.mjs'
import * as values from './values.mjs'

const pack = bytes => Buffer.from(bytes).toString('base64')

// Values travel as descriptions, from which both sides make them: plain JSON but for what JSON
// cannot say.

const numberOf = v => {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, v)
  return { bits: view.getBigUint64(0).toString() }
}

const numbers = [0, -0, 1, -1, 63, 64, -64, 8192, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 40, 2 ** 53 - 1, 2 ** 53, 0.5, -0.25, 1.1, 1e300, NaN, Infinity]

const text = random => values.text(random, 2)

// Keys of objects are in the order in which the engine writes them, ascending, and in that of
// JavaScript.
const keys = ['1', '2', '', 'a', 'b', 'z', 'ключ'].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
const objectKeys = random => random.sample(['1', '2', ...keys.filter(k => k !== '1' && k !== '2' && k !== '')], random.below(4))

const plainValue = (random, depth = 2) => {
  switch (random.below(depth > 0 ? 9 : 6)) {
    case 0: return null
    case 1: return random.chance(0.5)
    case 2: return numberOf(random.pick(numbers))
    case 3: return numberOf(random.between(-1000, 1000))
    case 6: return { list: Array.from({ length: random.below(4) }, () => plainValue(random, depth - 1)) }
    case 7: return { entries: objectKeys(random).map(k => [k, plainValue(random, depth - 1)]) }
    default: return text(random)
  }
}

const fresh = (random, depth = 2) => {
  switch (random.below(depth > 0 ? 6 : 4)) {
    case 0: return { type: 'text', text: random.chance(0.7) ? text(random) : '' }
    case 1: return { bytes: Buffer.from(values.bytes(random)).toString('hex') }
    case 2: return { guid: `doc-${random.below(1000)}`, options: random.pick([[], [['gc', false]], [['autoLoad', true]], [['meta', { entries: [['n', numberOf(1)]] }]]]) }
    case 3: return node(random)
    case 4: return { type: 'array', values: Array.from({ length: random.below(4) }, () => anyValue(random, depth - 1)) }
    default: return { type: 'map', values: random.sample(['a', 'b', 'k'], random.below(3)).map(k => [k, anyValue(random, depth - 1)]) }
  }
}

const node = random => random.pick([
  { type: 'xmltext', text: text(random) }, { type: 'element', text: random.pick(['p', 'LI', '汉']) }
])

const anyValue = (random, depth = 2) => random.chance(0.35) ? fresh(random, depth) : plainValue(random, Math.max(depth, 0))

const mapValue = random => random.chance(0.05) ? { undefined: true } : random.chance(0.05) ? { bigint: random.pick(['0', '-1', '9223372036854775807']) } : anyValue(random)

const make = v => {
  if (v === null || typeof v !== 'object') return v
  if (v.bits !== undefined) {
    const view = new DataView(new ArrayBuffer(8))
    view.setBigUint64(0, BigInt(v.bits))
    return view.getFloat64(0)
  }
  if (v.undefined) return undefined
  if (v.bigint !== undefined) return BigInt(v.bigint)
  if (v.bytes !== undefined) return new Uint8Array(Buffer.from(v.bytes, 'hex'))
  if (v.list) return v.list.map(make)
  if (v.entries) return Object.fromEntries(v.entries.map(([k, e]) => [k, make(e)]))
  if (v.guid) return new Y.Doc({ guid: v.guid, ...Object.fromEntries(v.options.map(([k, e]) => [k, make(e)])) })
  return makeType(v)
}

const makeType = v => {
  switch (v.type) {
    case 'text': return new Y.Text(v.text)
    case 'xmltext': return new Y.XmlText(v.text)
    case 'element': return new Y.XmlElement(v.text)
    case 'array': return Y.Array.from(v.values.map(make))
  }
  const map = new Y.Map()
  for (const [k, e] of v.values) map.set(k, make(e))
  return map
}

const formats = [
  { bold: true }, { bold: null }, { color: '<a & "b">', italic: true }, { italic: null }, { link: { href: 'x\u2028y', n: 1.5e-7 } },
  { size: 1e21 }, { size: 0.5 }, { list: [1, 'é', null] }, { a: '', b: false, c: null }
]

// Embeds are objects, as yjs wants them: a string it takes for text, of numbers and booleans its
// deltas say nothing.
const embeds = [{ e: '<b>\u2029</b>' }, { 1: 2, a: [true, null] }, { n: 1e-7 }, {}]

const formatsOf = item => {
  let n = 0
  for (; item !== null; item = item.right) if (!item.deleted && item.content instanceof Y.ContentFormat) n++
  return n
}

const textEdit = (random, type) => {
  const length = type.length
  const index = random.between(0, length)
  switch (random.below(10)) {
    case 0: return { op: 'insertWith', index, text: text(random), formats: random.pick([{}, ...formats]) }
    case 1: return random.chance(0.5)
      ? { op: 'embed', index, embed: random.pick(embeds), formats: random.pick([{}, ...formats]) }
      : { op: 'embedType', index, value: random.pick([node(random), { type: 'map', values: [] }]), formats: {} }
    case 2: case 3: if (index < length) return { op: 'format', index, length: random.between(1, length - index), formats: random.pick(formats) }
    case 4: case 5: case 6: if (index < length) return { op: 'delete', index, length: random.between(1, Math.min(6, length - index)) }
  }
  return { op: 'insert', index: random.chance(0.5) ? length : index, text: text(random) }
}

const listEdit = (random, type, value) => {
  const length = type.length
  const index = random.between(0, length)
  if (index < length && random.chance(0.4)) return { op: 'delete', index, length: random.between(1, Math.min(4, length - index)) }
  const list = Array.from({ length: random.between(1, 4) }, () => value(random))
  return type instanceof Y.Array && random.chance(0.4) ? { op: 'push', values: list } : { op: 'insertValues', index, values: list }
}

const names = ['class', 'n', '']

/** A random call on a random type, as a description. */
const call = (random, doc) => {
  const types = reachable(doc).filter(t => !(t instanceof Y.XmlHook))
  const type = random.chance(0.5) ? root(doc, random.pick(Object.keys(roots))) : random.pick(types)
  const path = pathOf(type)
  if ((type instanceof Y.XmlElement || type instanceof Y.XmlText) && random.chance(0.25)) {
    return { path, ...random.chance(0.7) ? { op: 'set', key: random.pick(names), value: text(random) } : { op: 'unset', key: random.pick(names) } }
  }
  if (type instanceof Y.Text) return { path, ...textEdit(random, type) }
  if (type instanceof Y.Array) return { path, ...listEdit(random, type, anyValue) }
  if (type instanceof Y.Map) {
    const key = random.pick(['k', 'x', '', 'ключ'])
    return { path, ...random.chance(0.25) ? { op: 'unset', key } : { op: 'set', key, value: mapValue(random) } }
  }
  return { path, ...listEdit(random, type, node) }
}

const step = (type, key) => {
  if (typeof key === 'string') return type.get(key)
  if (!(type instanceof Y.Text)) return type.get(key)
  let item = type._start
  for (let index = key; ; item = item.right) {
    if (item.deleted || !item.countable) continue
    if (index < item.length) return item.content.type
    index -= item.length
  }
}

const find = (doc, [name, ...rest]) => rest.reduce(step, root(doc, name))

/** Makes a call. */
const perform = (doc, c) => {
  const type = find(doc, c.path)
  switch (c.op) {
    case 'insert': return type.insert(c.index, c.text)
    case 'insertWith': return type.insert(c.index, c.text, structuredClone(c.formats))
    case 'embed': return type.insertEmbed(c.index, c.embed, structuredClone(c.formats))
    case 'embedType': return type.insertEmbed(c.index, make(c.value), structuredClone(c.formats))
    case 'format': return type.format(c.index, c.length, structuredClone(c.formats))
    case 'delete': return type.delete(c.index, c.length)
    case 'insertValues': return type.insert(c.index, c.values.map(make))
    case 'push': return type.push(c.values.map(make))
    case 'set': return type instanceof Y.Map ? type.set(c.key, make(c.value)) : type.setAttribute(c.key, c.value)
    case 'unset': return type instanceof Y.Map ? type.delete(c.key) : type.removeAttribute(c.key)
  }
  throw new Error(`no such call: ${c.op}`)
}

// Whether yjs would delete formats along with what the call deletes.
const cleansUp = (doc, c) => {
  const type = find(doc, c.path)
  if (c.op !== 'delete' || !(type instanceof Y.Text)) return false
  const before = formatsOf(type._start)
  const trial = copy(doc)
  perform(trial, c)
  return formatsOf(find(trial, c.path)._start) !== before
}

const localStep = (random, doc) => {
  const watched = copy(doc)
  watched.clientID = doc.clientID
  const out = { calls: [], sent: null }
  const listen = update => { out.sent = pack(update) }
  doc.on('update', listen)
  doc.transact(() => {
    for (let n = random.chance(0.6) ? 1 : random.between(2, 5); n > 0; n--) {
      const c = call(random, doc)
      if (cleansUp(doc, c)) continue
      perform(doc, c)
      out.calls.push(c)
    }
  })
  doc.off('update', listen)
  out.events = watch(watched)
  watched.transact(() => { for (const c of out.calls) perform(watched, c) })
  return out
}

const remoteStep = (random, doc, peer, ctx) => {
  Y.applyUpdate(peer, own(Y.encodeStateAsUpdate(doc)))
  for (let n = random.between(1, 4); n > 0; n--) edit(random, ctx, peer)
  const update = Y.encodeStateAsUpdate(peer, Y.encodeStateVector(doc))
  Y.applyUpdate(doc, own(update))
  return { update: pack(update) }
}

export const handlers = {
  /**
   * Calls of one replica, transaction by transaction, and what yjs sends for each; updates of
   * another replica between.
   */
  script: ({ seed, size }) => {
    const random = new Random(seed)
    const doc = receiver()
    doc.clientID = random.pick([1, 77, 2 ** 32 - 1, 2 ** 53 - 1])
    for (const name of Object.keys(roots)) root(doc, name)
    const peer = random.chance(0.6) ? new Y.Doc() : null
    if (peer !== null) peer.clientID = random.pick([5, 2 ** 40])
    const ctx = { serial: 0, names: Object.keys(roots), marks: flatMarks }
    const steps = []
    for (let i = 0; i < size; i++) {
      steps.push(peer !== null && random.chance(0.2) ? remoteStep(random, doc, peer, ctx) : localStep(random, doc))
    }
    return { client: String(doc.clientID), steps, state: pack(Y.encodeStateAsUpdate(canonical(doc))) }
  }
}
