// What yjs does with edits that observers and listeners make while they are told of a transaction.

import { Y } from './yjs.mjs'
import { Random } from './random.mjs'
import { canonical, own, receiver } from './canonical.mjs'

const pack = bytes => Buffer.from(bytes).toString('base64')

/** Plain edits of one replica, as updates. */
const plainEdits = (random, size) => {
  const doc = receiver()
  doc.clientID = 1
  const text = doc.getText('text')
  const map = doc.getMap('map')
  const updates = []
  doc.on('update', update => updates.push(pack(update)))
  for (let i = 0; i < size; i++) {
    doc.transact(() => {
      for (let n = random.between(1, 3); n > 0; n--) {
        if (text.length > 2 && random.chance(0.3)) text.delete(random.below(text.length - 1), random.between(1, 2))
        else if (random.chance(0.6)) text.insert(random.between(0, text.length), random.pick(['a', 'bc', 'def']))
        else map.set(random.pick(['x', 'y']), i)
      }
    })
  }
  return updates
}

// Deltas are not read: reading them makes yjs begin transactions of its own.
const told = event => event.target instanceof Y.Text
  ? `text ${event.target.toString()}`
  : `map ${[...event.changes.keys].map(([key, { action }]) => `${key} ${action}`).sort().join(', ')}`

export const handlers = {
  /**
   * Updates of one replica, and what a document tells of them whose first observers edit it: after
   * each third transaction that is told of, they put a letter in front of the text and take away
   * the last one, in two transactions; after each fourth update, a listener sets a key.
   */
  listeners: ({ seed, size }) => {
    const updates = plainEdits(new Random(seed), size)
    const doc = receiver()
    doc.clientID = 2
    const text = doc.getText('text')
    const map = doc.getMap('map')
    const log = []
    let events = []
    let transactions = 0
    let sent = 0
    for (const type of [text, map]) type.observe(event => events.push(told(event)))
    doc.on('afterTransaction', tr => {
      if (events.length === 0) return
      log.push(`${events.sort().join('; ')} by ${tr.origin}`)
      events = []
      if (transactions++ % 3 === 1) {
        doc.transact(() => text.insert(0, 'r'), 'observer')
        if (text.length > 1) doc.transact(() => text.delete(text.length - 1, 1), 'observer')
      }
    })
    doc.on('update', (_, origin) => {
      log.push(`update by ${origin}`)
      if (sent++ % 4 === 1) doc.transact(() => map.set('seen', sent), 'listener')
    })
    for (const update of updates) Y.applyUpdate(doc, own(Buffer.from(update, 'base64')), 'wire')
    return { updates, log, state: pack(Y.encodeStateAsUpdate(canonical(doc))) }
  }
}
