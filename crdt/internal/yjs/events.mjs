// What yjs tells its observers of updates that arrive, and the update that it sends on for each of
// them.

import { Y } from './yjs.mjs'
import { Random } from './random.mjs'
import { edit, roots, root } from './edits.mjs'
import { canonical, knows, own, plain, receiver } from './canonical.mjs'
import { Party } from './positions.mjs'

const pack = bytes => Buffer.from(bytes).toString('base64')

/** A value in an event: shared types by kind, subdocuments by guid, the rest as plain writes it. */
const valueText = v => {
  if (v === undefined) return '<undefined>'
  if (v instanceof Y.XmlHook) return '<YMap>'
  if (v instanceof Y.AbstractType) return `<${v.constructor.name.replace(/^_/, '')}>`
  if (v instanceof Y.Doc) return `<doc ${v.guid}>`
  return plain(v)
}

const attributesText = attributes => attributes && Object.keys(attributes).length > 0 ? ' ' + plain(attributes) : ''

const opText = op => {
  if (op.retain !== undefined) return `retain ${op.retain}${attributesText(op.attributes)}`
  if (op.delete !== undefined) return `delete ${op.delete}`
  const values = Array.isArray(op.insert) && !op.embed ? op.insert : [op.insert]
  return `insert ${values.map(valueText).join(' ')}${attributesText(op.attributes)}`
}

const eventText = event => {
  const text = event.target instanceof Y.Text
  return {
    delta: event.delta.map(op => opText(text ? { ...op, embed: true } : op)),
    keys: Object.fromEntries([...event.changes.keys].map(([key, { action, oldValue }]) =>
      [key, action === 'add' ? action : `${action} ${valueText(oldValue)}`]))
  }
}

/**
 * Collects the events of all that stands in doc, by path; those in which nothing is left of the
 * change are left out.
 */
export const watch = doc => {
  const seen = {}
  for (const name of Object.keys(roots)) {
    root(doc, name).observeDeep(events => {
      for (const event of events) {
        const told = eventText(event)
        if (told.delta.length === 0 && Object.keys(told.keys).length === 0) continue
        seen[JSON.stringify([name, ...event.path])] = told
      }
    })
  }
  return seen
}

/**
 * A copy of doc in which observers may read deltas: reading them makes yjs delete formats. Its
 * roots are there before their content: a root that yjs makes a YText of afterwards does not know
 * that it has formats, and edits lose them.
 */
export const copy = doc => {
  const out = receiver(doc.gc)
  for (const name of Object.keys(roots)) root(out, name)
  Y.applyUpdate(out, own(Y.encodeStateAsUpdate(doc)))
  return out
}

// Updates of replicas that edit with some exchange between, in about the order in which they were
// made.
const deliveries = (random, size) => {
  const party = new Party(random, random.between(1, 3))
  const log = []
  for (const doc of party.docs) doc.on('update', (update, origin, _, tr) => tr.local && log.push(update))
  for (let i = 0; i < size; i++) {
    const doc = random.pick(party.docs)
    doc.transact(() => { for (let n = random.between(1, 4); n > 0; n--) edit(random, party.ctx, doc) })
    if (random.chance(0.3)) for (const update of log.slice(-8)) Y.applyUpdate(random.pick(party.docs), own(update), 'remote')
  }
  const window = random.pick([1, 1, 3, 10])
  const out = []
  for (let i = 0; i < log.length; i += window) out.push(...random.shuffle(log.slice(i, i + window)))
  return random.chance(0.5) ? out : pairs(random, out)
}

const pairs = (random, list) => {
  const out = []
  while (list.length > 0) {
    const group = list.splice(0, random.between(1, 4))
    out.push(group.length === 1 ? group[0] : Y.mergeUpdates(group))
  }
  return out
}

export const handlers = {
  /**
   * For each update of random replicas, as it arrives: the events, and the update that the document
   * sends on. lags says that yjs leaves pending what could go in (see canonical.mjs), so that a
   * document that does not has more to tell.
   */
  events: ({ seed, size }) => {
    const random = new Random(seed)
    const doc = receiver()
    for (const name of Object.keys(roots)) root(doc, name)
    return deliveries(random, size).map(update => {
      const step = { update: pack(update), sent: null }
      const sender = copy(doc)
      sender.on('update', sent => { step.sent = pack(sent) })
      Y.applyUpdate(sender, own(update))
      step.lags = !knows(sender, canonical(sender))
      const watched = copy(doc)
      step.events = watch(watched)
      Y.applyUpdate(watched, own(update))
      Y.applyUpdate(doc, own(update))
      return step
    })
  }
}
