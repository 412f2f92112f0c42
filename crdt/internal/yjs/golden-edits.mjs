// Golden cases that yjs documents make by editing.

import { Y, encoding } from './yjs.mjs'
import { receiver, own } from './canonical.mjs'

/** A document with a fixed client id whose updates are kept. */
const writer = (clientID, options = {}) => {
  const doc = new Y.Doc(options)
  doc.clientID = clientID
  const log = []
  doc.on('update', (update, _origin, _doc, tr) => { if (tr.local) log.push(update) })
  return { doc, log }
}

const record = (f, clientID = 7) => {
  const { doc, log } = writer(clientID)
  f(doc)
  return log
}

const sync = (from, to) => Y.applyUpdate(to.doc, own(Y.encodeStateAsUpdate(from.doc)), 'sync')

export const vector = entries => {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, entries.length)
  for (const [client, clock] of entries) {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
  }
  return encoding.toUint8Array(encoder)
}

const none = vector([])

/** Every order of a short list. */
const orders = list => list.length < 2 ? [list] : list.flatMap((x, i) => orders(list.toSpliced(i, 1)).map(rest => [x, ...rest]))

const contents = () => {
  const text = f => record(doc => f(doc.getText('text')))
  const array = f => record(doc => f(doc.getArray('array')))
  const map = f => record(doc => f(doc.getMap('map')))
  const every = [undefined, null, 0, -0, 1, -1, 63, 64, -64, 2 ** 31 - 1, -(2 ** 31 - 1), 2 ** 31, -(2 ** 31), 2 ** 40, 2 ** 53 - 1,
    0.5, 1.1, 1e300, NaN, Infinity, -Infinity, 0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), true, false, '', 'ä😀', new Uint8Array([0, 255]),
    new Date(0), [], {}, [[undefined, 1n]], { 10: 1, 9: 2, b: { c: [] }, a: null, '': 0 }]
  return {
    'PRI-3_any_of_every_kind': { about: 'each value of a map entry on its own', apply: map(m => every.forEach((v, i) => m.set(`k${i}`, v))) },
    'PRI-3_any_in_a_list': { about: 'nested in one array element, and as a run of elements', apply: array(a => { a.push([every]); a.push([1, 'two', null, true, [3], { four: 4 }]) }) },
    'UPD-6_binary': { about: 'binary in array and map, also empty', apply: record(doc => { doc.getArray('array').push([new Uint8Array([1, 2, 3]), new Uint8Array()]); doc.getMap('map').set('b', new Uint8Array([9])) }) },
    'UPD-6_embed': { about: 'embeds in text', apply: text(t => { t.insert(0, 'ab'); t.insertEmbed(1, { image: 'x', n: [1, null] }); t.insertEmbed(0, { a: 'ä😀' }) }) },
    'UPD-6_format': { about: 'formats: one mark, several, nested values, removal', apply: text(t => { t.insert(0, 'hello world'); t.format(0, 5, { bold: true }); t.format(3, 4, { color: '#f00', bold: null }); t.insert(4, 'X', { link: { href: 'u' } }) }) },
    'UPD-6_UPD-9_json': { about: 'ContentJSON, as old documents hold it', apply: record(json) },
    'UPD-6_UPD-9_string': { about: 'text of one to four bytes a character', apply: text(t => { t.insert(0, 'aä汉😀'); t.insert(3, '\u0000\ufeff\uffff') }) },
    'PRI-2_byte_order_mark': { about: 'a BOM at the start of a string is kept', apply: text(t => t.insert(0, '\ufeffx')) },
    'PRI-2_lone_surrogate': { about: 'a lone surrogate is written as U+FFFD', apply: text(t => t.insert(0, 'a\ud83db')) },
    'UPD-7_types': { about: 'each shared type in each container', apply: record(types) },
    'UPD-8_empty_root_name': { about: 'the root type without a name', apply: record(doc => doc.getText('').insert(0, 'unnamed')) },
    'UPD-6_subdocuments': { about: 'subdocuments with options, replaced and deleted', apply: record(subdocs) }
  }
}

const json = doc => {
  const add = (left, list) => Y.transact(doc, tr => {
    const array = doc.getArray('array')
    const id = Y.createID(doc.clientID, Y.getState(doc.store, doc.clientID))
    new Y.Item(id, left, left && left.lastId, left && left.right, left && left.right && left.right.id, array, null, new Y.ContentJSON(list)).integrate(tr, 0)
  })
  add(null, [1, 'two', null, undefined, { three: [3] }])
  add(doc.getArray('array')._start, ['after', 4.5])
  doc.getArray('array')._searchMarker.length = 0
  doc.getArray('array').delete(1, 2)
}

const types = doc => {
  const make = [() => new Y.Array(), () => new Y.Map(), () => new Y.Text('t'), () => new Y.XmlElement('p'), () => new Y.XmlFragment(), () => new Y.XmlHook('hook'), () => new Y.XmlText('x')]
  make.forEach((f, i) => { doc.getMap('map').set(`k${i}`, f()); doc.getArray('array').push([f()]) })
  const element = new Y.XmlElement('h1')
  doc.getXmlFragment('xml').insert(0, [element, new Y.XmlText('plain')])
  element.setAttribute('class', 'a "b"')
  element.insert(0, [new Y.XmlText('inner'), new Y.XmlHook('mention')])
  element.get(0).format(0, 3, { b: {} })
}

const subdocs = doc => {
  const map = doc.getMap('map')
  map.set('plain', new Y.Doc({ guid: 'one' }))
  map.set('all', new Y.Doc({ guid: 'two', gc: false, autoLoad: true, meta: { a: [1] } }))
  map.set('plain', new Y.Doc({ guid: 'three' }))
  doc.getArray('array').push([new Y.Doc({ guid: 'four' }), new Y.Doc({ guid: 'five' })])
  doc.getArray('array').delete(0)
}

const concurrency = () => {
  const base = writer(1)
  base.doc.getText('text').insert(0, 'ab')
  base.doc.getMap('map').set('k', 0)
  const fork = (id, f) => {
    const w = writer(id)
    sync(base, w)
    f(w.doc)
    return w.log
  }
  const typed = [10, 20, 30].map(id => fork(id, doc => doc.getText('text').insert(1, `<${id}>`)))
  const set = [10, 20, 30].map(id => fork(id, doc => { doc.getMap('map').set('k', id); doc.getMap('map').set('own', id) }))
  const out = {}
  orders([0, 1, 2]).forEach((order, i) => {
    out[`INT-4_same_place_order_${i}`] = { about: `three clients insert at one place, delivered as ${order}`, apply: [...base.log, ...order.flatMap(n => typed[n])] }
    out[`INT-5_same_key_order_${i}`] = { about: `three clients set one key, delivered as ${order}`, apply: [...base.log, ...order.flatMap(n => set[n])] }
  })
  const prepend = [3, 2].map(id => fork(id, doc => { for (const c of 'xyz') doc.getText('text').insert(1, c) }))
  const append = [5, 4].map(id => fork(id, doc => { for (const c of 'pqr') doc.getText('text').insert(doc.getText('text').length - 1, c) }))
  out['INT-4_interleaved_runs'] = { about: 'typing backwards and forwards at one place', apply: [...base.log, ...prepend.flat(), ...append.flat()] }
  out['INT-4_interleaved_runs_late'] = { about: 'the same, last first', apply: [...append.flat().reverse(), ...prepend.flat().reverse(), ...base.log.toReversed()] }
  return out
}

const maps = () => {
  const log = record(doc => {
    const map = doc.getMap('map')
    map.set('k', 1)
    map.set('k', new Y.Map([['a', new Y.Text('deep')]]))
    map.set('k', 'over')
    map.delete('k')
    map.set('k', 'again')
    map.set('gone', [1, 2])
    map.delete('gone')
  })
  return {
    'INT-5_overwritten_and_deleted': { about: 'a key overwritten by and over a nested type, deleted, set again', apply: log },
    'INT-5_chain_backwards': { about: 'the same, delivered last first', apply: log.toReversed() },
    'UPD-5_MRG-3_key_bit': {
      about: 'a document writes 0x20 for every entry, merge and diff lose it where there is an origin',
      apply: log.slice(0, 3),
      merge: [log.slice(0, 3), [Y.mergeUpdates(log.slice(0, 2)), log[2]]],
      diff: [[Y.mergeUpdates(log.slice(0, 3)), none], [log[2], none]]
    }
  }
}

const surrogates = () => {
  const log = record(doc => doc.getText('text').insert(0, 'a😀b😀😀'))
  const cut = (id, f) => {
    const w = writer(id)
    Y.applyUpdate(w.doc, own(log[0]), 'sync')
    f(w.doc.getText('text'))
    return w.log
  }
  const state = log[0]
  const between = cut(8, t => t.insert(2, 'X'))
  const half = cut(9, t => t.delete(2, 1))
  return {
    'CON-4_insert_between_halves': { about: 'both halves become U+FFFD for good', apply: [...log, ...between] },
    'CON-4_delete_one_half': { about: 'one U+FFFD stays', apply: [...log, ...half] },
    'CON-4_delete_across': { about: 'a deleted range that starts and ends inside of pairs', apply: [...log, ...cut(9, t => t.delete(2, 4))] },
    'CON-4_both': { about: 'insert and delete at the same cut, in both orders', apply: [...log, ...half, ...between] },
    'CON-4_late': { about: 'the cut arrives before the text', apply: [...between, ...half, ...log] },
    'ENC-2_CON-4_cut_on_writing': {
      about: 'a state vector inside of a pair: the half is written as U+FFFD, the store keeps the pair',
      apply: log,
      encode: [1, 2, 3, 5, 6, 7, 8, 9].map(n => vector([[7, n]])),
      diff: [1, 2, 3, 5, 6, 7, 8, 9].map(n => [state, vector([[7, n]])])
    },
    'CON-4_merge_cuts': { about: 'overlapping updates cut inside of a pair by mergeUpdates', merge: [[Y.diffUpdate(state, vector([[7, 2]])), state], [state, Y.diffUpdate(state, vector([[7, 2]]))]] }
  }
}

const deletes = () => {
  const nested = record(doc => {
    const map = doc.getMap('map')
    map.set('t', new Y.Map())
    const inner = map.get('t')
    inner.set('x', 1); inner.set('x', 2); inner.set('list', new Y.Array())
    inner.get('list').push([1, 2, new Y.Text('deep')])
    inner.get('list').delete(0)
    map.delete('t')
  })
  const under = () => {
    const a = writer(1)
    a.doc.getArray('array').push([new Y.Array()])
    const b = writer(2)
    sync(a, b)
    a.doc.getArray('array').delete(0)
    b.doc.getArray('array').get(0).push(['late', new Y.Map()])
    b.doc.getArray('array').get(0).insert(1, ['later'])
    return [...a.log, ...b.log]
  }
  const typed = record(doc => { const t = doc.getText('text'); t.insert(0, 'abcdef'); t.delete(1, 2); t.insert(1, 'X'); t.delete(0, 2); t.insert(t.length, 'gh'); t.delete(2, 2) })
  return {
    'DEL-2_GC-2_nested': { about: 'deleting a type deletes its children, list and map', apply: nested },
    'GC-1_nested_kept': { about: 'without garbage collection nothing is dropped', gc: false, apply: nested },
    'INT-3_late_children': { about: 'children of a type that is deleted meanwhile become GC', apply: under() },
    'INT-3_late_children_first': { about: 'the same, children first', apply: [under()[0], under()[2], under()[3], under()[1]] },
    'GC-2_children_kept': { about: 'the same without garbage collection', gc: false, apply: under() },
    'INT-8_runs': { about: 'typing and deleting: what merges and what stays apart', apply: typed },
    'INT-8_runs_kept': { about: 'the same without garbage collection', gc: false, apply: typed },
    'INT-8_backwards': { about: 'the same, delivered last first', apply: typed.toReversed() },
    'GC-1_undone': { about: 'an undoing client keeps what it deleted', apply: undone() },
    'GC-1_undone_kept': { about: 'the same in a document without garbage collection', gc: false, apply: undone() },
    'LOC-2_formats_stay': { about: 'superfluous formats of two clients are not cleaned up', apply: formats() }
  }
}

const undone = () => {
  const w = writer(5)
  const text = w.doc.getText('text')
  const undo = new Y.UndoManager([text, w.doc.getMap('map')], { captureTimeout: 0 })
  text.insert(0, 'hello')
  text.delete(1, 3)
  w.doc.getMap('map').set('t', new Y.Text('inner'))
  w.doc.getMap('map').delete('t')
  undo.undo(); undo.undo(); undo.redo(); undo.undo(); undo.undo(); undo.redo()
  return [...w.log, Y.encodeStateAsUpdate(w.doc)]
}

const formats = () => {
  const a = writer(1)
  a.doc.getText('text').insert(0, 'abcdef')
  const b = writer(2)
  sync(a, b)
  a.doc.getText('text').format(0, 4, { bold: true })
  b.doc.getText('text').format(2, 4, { bold: true })
  return [...a.log, ...b.log]
}

const clients = () => {
  const wide = [2 ** 53 - 1, 2 ** 32, 2 ** 32 - 1, 1, 0].map(id => record(doc => doc.getText('text').insert(0, `${id} `), id)[0])
  return {
    'UPD-2_clients_descending': { about: 'sections are written by descending client id, of up to 53 bits', apply: wide, merge: [wide, wide.toReversed()] },
    'DS-2_deletes_descending': {
      about: 'delete sets by descending client',
      apply: [...wide, deleteAll(wide)],
      merge: [[deleteAll(wide), wide[2]]]
    }
  }
}

const deleteAll = updates => {
  const w = writer(99)
  for (const update of updates) Y.applyUpdate(w.doc, own(update), 'sync')
  w.doc.getText('text').delete(0, w.doc.getText('text').length)
  return w.log[0]
}

const pending = () => {
  const a = writer(1)
  const b = writer(2)
  const text = w => w.doc.getText('text')
  text(a).insert(0, 'abc')
  sync(a, b)
  text(b).insert(1, 'XY')
  b.doc.getMap('map').set('k', 1)
  sync(b, a)
  text(a).insert(2, 'm')
  text(a).delete(0, 2)
  text(b).delete(2, 1)
  const [a0, a1, a2] = a.log
  const [b0, b1, b2] = b.log
  const state = receiver()
  for (const u of [...a.log, ...b.log]) Y.applyUpdate(state, own(u))
  const all = Y.encodeStateAsUpdate(state)
  return {
    'PEN-1_last_first': { about: 'all waits until the first update comes', apply: [b2, a2, a1, b1, b0, a0] },
    'INT-1_gap': { about: 'a later clock of a client waits for the earlier', apply: [a0, b1, a1, b0] },
    'INT-6_overlap': { about: 'doubled and overlapping updates', apply: [a0, a0, Y.mergeUpdates([a0, b0]), all, b0, all] },
    'ENC-3_encoded': { about: 'pending structs are written after the state, gaps as Skip', apply: [a0, a1, b1], encode: [none, vector([[1, 2]]), vector([[1, 3], [2, 1]]), vector([[1, 9], [2, 9]])] },
    'PEN-3_deletes_wait': { about: 'deletes of what is not known yet', apply: [a2, b2, a0, b0, b1, a1], encode: [vector([[1, 1]])] },
    'INT-1_stack': { about: 'one update whose sections depend on each other both ways', apply: [Y.mergeUpdates([b0, a1, a0, b1])] },
    'SV-1_SV-2_vector_without_pending': { about: 'the state vector tells what is integrated', apply: [a0, a1, b1], vectors: [a0, a1, b1, all, Y.mergeUpdates([a0, a1]), Y.mergeUpdates([a0, b1]), Y.mergeUpdates([a1, b1])] },
    'ENC-2_unknown_and_ahead': { about: 'state vectors that name unknown clients or are ahead', apply: [all], encode: [vector([[77, 5]]), vector([[1, 100]]), vector([[1, 100], [2, 1]]), vector([[2, 0]])] },
    'DS-2_whole_delete_set': { about: 'a diff carries the delete set of the whole document', apply: [all], encode: [Y.encodeStateVector(state)], diff: [[all, Y.encodeStateVector(state)]] }
  }
}

const merging = () => {
  const log = record(doc => { for (const c of 'typing') doc.getText('text').insert(doc.getText('text').length, c) })
  const gone = record(doc => { const a = doc.getArray('array'); a.push([new Y.Array()]); a.get(0).push([1, 2, 3]); a.delete(0); a.push(['end']) }, 3)
  const state = updates => {
    const doc = receiver()
    for (const u of updates) Y.applyUpdate(doc, own(u))
    return Y.encodeStateAsUpdate(doc)
  }
  const s = state(gone)
  const cut = n => Y.diffUpdate(state(log), vector([[7, n]]))
  return {
    'MRG-1_one': { about: 'one update comes back as it is, none gives the empty update', merge: [[log[0]], [s], []] },
    'MRG-2_overlap': { about: 'overlaps are cut, gaps become Skip', merge: [[cut(1), cut(3), log[0]], [log[0], cut(3)], [log[5], log[0], log[3]], [cut(2), state(log)]] },
    'MRG-2_skips_dropped': { about: 'Skips of inputs are dropped, filled or made again', merge: [[Y.mergeUpdates([log[0], log[2]]), log[1]], [Y.mergeUpdates([log[0], log[4]]), log[2]], [Y.mergeUpdates([log[1], log[4]]), Y.mergeUpdates([log[0], log[5]])]] },
    'MRG-2_not_squashed': { about: 'items stay apart as they came', merge: [log, [...log, ...gone], [state(log), ...log]] },
    'MRG-2_collected': { about: 'GC next to GC and items', merge: [[s, ...gone], [...gone, s], [Y.diffUpdate(s, vector([[3, 2]])), Y.diffUpdate(s, vector([[3, 3]]))]] },
    'MRG-4_diff': {
      about: 'diffUpdate drops, cuts the first struct, keeps the delete set',
      diff: [none, vector([[7, 1]]), vector([[7, 3]]), vector([[7, 6]]), vector([[7, 9]])].flatMap(v => [[state(log), v], [Y.mergeUpdates(log), v], [Y.mergeUpdates([log[0], log[4]]), v]])
        .concat([[s, vector([[3, 2]])], [s, vector([[3, 4]])]]),
      vectors: [s, Y.diffUpdate(s, vector([[3, 2]])), Y.mergeUpdates([log[0], log[4]])]
    }
  }
}

export const cases = () => ({
  ...contents(), ...concurrency(), ...maps(), ...surrogates(), ...deletes(), ...clients(), ...pending(), ...merging()
})
