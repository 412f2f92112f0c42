// Random local edits of one replica: every shared type, nested in every other, and what people do
// to them.

import { Y } from './yjs.mjs'
import * as values from './values.mjs'

/** The root types of a case; the empty name is legal and hides off-by-one faults. */
export const roots = { text: 'text', '': 'text', map: 'map', array: 'array', xml: 'xml' }

const getters = { text: 'getText', map: 'getMap', array: 'getArray', xml: 'getXmlFragment' }

export const root = (doc, name) => doc[getters[roots[name]]](name)

const mapKeys = ['k', 'x', 'y', '', '1', 'ключ']

/** A new shared type, sometimes filled, at most depth levels deep. */
const prelim = (random, ctx, depth = 2) => {
  switch (random.below(depth > 0 ? 8 : 3)) {
    case 0: return new Y.Text(random.chance(0.6) ? values.text(random) : '')
    case 1: return values.bytes(random)
    case 2: return new Y.Doc(subdoc(random, ctx))
    case 3: {
      const array = new Y.Array()
      if (random.chance(0.7)) array.push([values.element(random), prelim(random, ctx, depth - 1)])
      return array
    }
    case 4: {
      const map = new Y.Map()
      if (random.chance(0.7)) map.set(random.pick(mapKeys), prelim(random, ctx, depth - 1))
      if (random.chance(0.5)) map.set(random.pick(mapKeys), values.any(random))
      return map
    }
    default: return xml(random, ctx, depth - 1)
  }
}

const subdoc = (random, ctx) => {
  const opts = { guid: `doc-${ctx.serial++}` }
  if (random.chance(0.3)) opts.gc = false
  if (random.chance(0.3)) opts.autoLoad = true
  if (random.chance(0.3)) opts.meta = { n: random.below(9), s: values.text(random, 1) }
  return opts
}

const xml = (random, ctx, depth) => {
  const kind = random.below(4)
  if (kind === 0) return new Y.XmlText(values.text(random))
  if (kind === 1) {
    const hook = new Y.XmlHook(random.pick(['hook', 'mention', '']))
    if (random.chance(0.5)) hook.set('data', values.any(random, 1))
    return hook
  }
  const element = new Y.XmlElement(random.pick(['p', 'h1', 'LI', 'img', '汉']))
  if (random.chance(0.5)) element.setAttribute(random.pick(['class', 'src']), values.text(random, 1))
  if (depth > 0 && random.chance(0.5)) element.insert(0, [xml(random, ctx, depth - 1)])
  return element
}

/** Every shared type that can be reached from the roots of doc. */
export const reachable = doc => {
  const found = []
  const visit = type => {
    found.push(type)
    for (let item = type._start; item !== null; item = item.right) visitItem(item)
    type._map.forEach(visitItem)
  }
  const visitItem = item => {
    if (!item.deleted && item.content instanceof Y.ContentType) visit(item.content.type)
  }
  for (const name of Object.keys(roots)) visit(root(doc, name))
  return found
}

const marks = [
  { bold: true }, { bold: null }, { italic: true }, { color: '#f00' }, { color: '#0f0' }, { color: null },
  { link: { href: 'https://x', n: [1] } }, { bold: true, italic: null }
]

/**
 * Without objects in objects, which yjs compares by identity: made here they are equal where they
 * are not when they arrive.
 */
export const flatMarks = marks.filter(m => m.link === undefined)

const editText = (random, ctx, type) => {
  const length = type.length
  switch (random.below(9)) {
    case 0: case 1: return type.insert(random.between(0, length), values.text(random))
    case 2: return type.insert(length, values.text(random, 1)) // typing at the end: the run that merges
    case 3: return type.insert(random.between(0, length), values.text(random, 2), random.pick(ctx.marks ?? marks))
    case 4: return type.insertEmbed(random.between(0, length), random.chance(0.7) ? { e: values.json(random) } : prelim(random, ctx, 1))
    case 5: return length && format(random, ctx, type, length)
    default: return length && cut(random, type, length)
  }
}

const format = (random, ctx, type, length) => {
  const at = random.below(length)
  type.format(at, random.between(1, length - at), random.pick(ctx.marks ?? marks))
}

const cut = (random, type, length) => {
  const at = random.below(length)
  type.delete(at, random.between(1, Math.min(length - at, random.chance(0.2) ? length : 5)))
}

const editArray = (random, ctx, type) => {
  const length = type.length
  const at = random.between(0, length)
  switch (random.below(7)) {
    case 0: return type.insert(at, Array.from({ length: random.between(1, 4) }, () => values.element(random)))
    case 1: return type.push([values.element(random)])
    case 2: return type.insert(at, [prelim(random, ctx)])
    case 3: return type.insert(at, [values.element(random), prelim(random, ctx), values.element(random)])
    case 4: return insertJSON(random, type)
    default: return length && cut(random, type, length)
  }
}

// ContentJSON is no longer written by yjs' own types, but old documents hold it: put it in by hand.
const insertJSON = (random, type) => {
  const doc = type.doc
  Y.transact(doc, tr => {
    let left = null
    for (let n = random.below(4), o = type._start; n > 0 && o !== null; n--, o = o.right) left = o
    const right = left === null ? type._start : left.right
    const list = Array.from({ length: random.between(1, 3) }, () => random.chance(0.2) ? undefined : values.json(random))
    const id = Y.createID(doc.clientID, Y.getState(doc.store, doc.clientID))
    new Y.Item(id, left, left && left.lastId, right, right && right.id, type, null, new Y.ContentJSON(list)).integrate(tr, 0)
    if (type._searchMarker) type._searchMarker.length = 0 // they count elements from before this one
  })
}

const editMap = (random, ctx, type) => {
  const key = random.pick(mapKeys)
  switch (random.below(6)) {
    case 0: return type.delete(key)
    case 1: return type.set(key, prelim(random, ctx))
    case 2: return random.chance(0.1) ? type.clear() : type.set('k', random.below(100))
    default: return type.set(key, values.any(random))
  }
}

const editXml = (random, ctx, type) => {
  const length = type.length
  const choice = random.below(6)
  if (type instanceof Y.XmlElement && choice < 2) {
    const name = random.pick(['class', 'id', 'n'])
    return random.chance(0.3) ? type.removeAttribute(name) : type.setAttribute(name, random.chance(0.8) ? values.text(random, 1) : 7)
  }
  if (choice < 5) return type.insert(random.between(0, length), [xml(random, ctx, 2)])
  return length && cut(random, type, length)
}

const editXmlText = (random, ctx, type) => {
  if (random.chance(0.2)) return type.setAttribute(random.pick(['lang', 'dir']), values.text(random, 1))
  if (random.chance(0.1)) return type.removeAttribute('lang')
  return editText(random, ctx, type)
}

/**
 * One random edit of a random type of doc. Roots are chosen half of the time, so that depth stays
 * bounded.
 */
export const edit = (random, ctx, doc) => {
  const type = random.chance(0.5) ? root(doc, random.pick(ctx.names)) : random.pick(reachable(doc))
  if (type instanceof Y.XmlText) return editXmlText(random, ctx, type)
  if (type instanceof Y.Text) return editText(random, ctx, type)
  if (type instanceof Y.Array) return editArray(random, ctx, type)
  if (type instanceof Y.Map) return editMap(random, ctx, type) // XmlHook is a Map
  return editXml(random, ctx, type)
}
