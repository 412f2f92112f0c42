// Writes golden.json: messages that the real y-protocols encodes, and the effect on its Awareness.
//   node gen.mjs > golden.json
// Uses the packages of the client (ui/package.json). PARLEY_NODE_ROOT names another package.json.
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const root = process.env.PARLEY_NODE_ROOT ?? fileURLToPath(new URL('../../../ui/package.json', import.meta.url))
const require = createRequire(root)
const Y = require('yjs')
const encoding = require('lib0/encoding')
const sync = require('y-protocols/sync')
const auth = require('y-protocols/auth')
const aw = require('y-protocols/awareness')

const hex = bytes => Buffer.from(bytes).toString('hex')
const write = fn => { const e = encoding.createEncoder(); fn(e); return hex(encoding.toUint8Array(e)) }

const doc = new Y.Doc({ gc: true })
doc.clientID = 4242
doc.getText('file:main').insert(0, 'hello wörld')
doc.getText('file:main').delete(2, 3)
const update = Y.encodeStateAsUpdate(doc)
const vector = Y.encodeStateVector(doc)
const long = 'x'.repeat(20_000)
const big = new Y.Doc()
big.clientID = 2 ** 32 - 1
big.getText('t').insert(0, long)

const messages = [
  ['step 1', 'step1', vector, write(e => { encoding.writeVarUint(e, 0); sync.writeSyncStep1(e, doc) })],
  ['step 1 of nothing', 'step1', new Uint8Array([0]), write(e => { encoding.writeVarUint(e, 0); sync.writeSyncStep1(e, new Y.Doc()) })],
  ['step 2', 'step2', update, write(e => { encoding.writeVarUint(e, 0); sync.writeSyncStep2(e, doc) })],
  ['update', 'update', update, write(e => { encoding.writeVarUint(e, 0); sync.writeUpdate(e, update) })],
  ['update of 20 kB', 'update', Y.encodeStateAsUpdate(big), write(e => { encoding.writeVarUint(e, 0); sync.writeUpdate(e, Y.encodeStateAsUpdate(big)) })],
  ['empty update', 'update', new Uint8Array([0, 0]), write(e => { encoding.writeVarUint(e, 0); sync.writeUpdate(e, new Uint8Array([0, 0])) })],
  ['denied', 'denied', new TextEncoder().encode('read only – sorry'), write(e => { encoding.writeVarUint(e, 2); auth.writePermissionDenied(e, 'read only – sorry') })],
  ['query awareness', 'query', new Uint8Array(0), write(e => encoding.writeVarUint(e, 3))]
].map(([name, kind, body, frame]) => ({ name, kind, body: hex(body), frame }))

// Awareness: each step applies one update to the same real Awareness and expects its state.
const entry = (client, clock, state) => ({ client, clock, state })
const pack = entries => {
  const e = encoding.createEncoder()
  encoding.writeVarUint(e, entries.length)
  for (const x of entries) {
    encoding.writeVarUint(e, x.client); encoding.writeVarUint(e, x.clock); encoding.writeVarString(e, JSON.stringify(x.state))
  }
  return encoding.toUint8Array(e)
}
const ada = { user: { id: 'p1', name: 'Ada ✎' }, file: 'main' }
const max = Number.MAX_SAFE_INTEGER
const steps = [
  ['a first state under clock 0 is not heard', [entry(7, 0, {})]],
  ['clock 1 is', [entry(7, 1, ada)]],
  ['an equal clock is not', [entry(7, 1, { user: null })]],
  ['an older one is not', [entry(7, 0, { old: true })]],
  ['a renewal is', [entry(7, 2, ada)]],
  ['several at once', [entry(8, 3, { a: 1 }), entry(9, 1, 'text'), entry(max, max, { far: true })]],
  ['a removal under an equal clock', [entry(8, 3, null)]],
  ['a removal again is not', [entry(8, 3, null)]],
  ['a state under the clock of the removal is not', [entry(8, 3, { ghost: true })]],
  ['back under a higher clock', [entry(8, 4, { back: true })]],
  ['a removal of one never heard of', [entry(55, 6, null)]],
  ['which is known from then on', [entry(55, 6, { late: true })]],
  ['a removal of one that left, under a higher clock', [entry(55, 9, null)]],
  ['nobody', []]
]
const awareness = new aw.Awareness(new Y.Doc())
awareness.setLocalState(null)
const self = awareness.clientID
let told = []
awareness.on('update', ({ added, updated, removed }) => { told = [...added.map(c => [c, 'added']), ...updated.map(c => [c, 'updated']), ...removed.map(c => [c, 'removed'])] })
const scenario = steps.map(([name, entries]) => {
  told = []
  const update = pack(entries)
  aw.applyAwarenessUpdate(awareness, update, 'golden')
  const clients = [...awareness.getStates().keys()].filter(c => c !== self).sort((a, b) => a - b)
  return {
    name,
    update: hex(update),
    told: told.map(([c, what]) => `${c} ${what}`).sort(),
    states: hex(aw.encodeAwarenessUpdate(awareness, clients)),
    clocks: Object.fromEntries([...awareness.meta].filter(([c]) => c !== self).map(([c, m]) => [c, m.clock]))
  }
})
const message = write(e => { encoding.writeVarUint(e, 1); encoding.writeVarUint8Array(e, pack([entry(7, 2, ada)])) })
awareness.destroy()

process.stdout.write(JSON.stringify({ messages, awareness: scenario, awarenessMessage: { frame: message, update: hex(pack([entry(7, 2, ada)])) } }, null, 1) + '\n')
