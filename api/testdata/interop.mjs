// Tests a server with the unmodified y-websocket client: node interop.mjs ws://host/ws/sessions room.
// Prints one line for each check, "ok NAME" or "FAIL NAME: why". Exits with 1 if a check failed.
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

// Time runs faster below, so that minutes of the client's timers pass in seconds. The client only
// uses Date.now, setTimeout and setInterval.
const speed = 15
const real = { now: Date.now, setTimeout, setInterval }
const begin = real.now()
Date.now = () => begin + (real.now() - begin) * speed
globalThis.setTimeout = (fn, ms = 0, ...args) => real.setTimeout(fn, ms / speed, ...args)
globalThis.setInterval = (fn, ms = 0, ...args) => real.setInterval(fn, ms / speed, ...args)
const sleep = ms => new Promise(resolve => real.setTimeout(resolve, ms))

const require = createRequire(process.env.PARLEY_NODE_ROOT ?? fileURLToPath(new URL('../../ui/package.json', import.meta.url)))
const Y = require('yjs')
const WebSocket = require('ws')
const { WebsocketProvider } = require('y-websocket')
const [base, room] = process.argv.slice(2)

const until = async (what, ok) => {
  for (const end = real.now() + 15_000; !ok(); await sleep(5)) {
    if (real.now() > end) throw new Error(`timed out waiting for ${what}`)
  }
}
const peer = (name, url = base, doc = new Y.Doc()) => {
  const provider = new WebsocketProvider(url, room, doc, { WebSocketPolyfill: WebSocket, disableBc: true, params: { as: name } })
  const p = { doc, provider, text: doc.getText('file:main'), closed: [], opened: 0 }
  provider.on('status', ({ status }) => { if (status === 'connected') p.opened++ })
  provider.on('connection-close', event => p.closed.push(event?.code))
  p.states = () => new Map([...provider.awareness.getStates()].filter(([id]) => id !== doc.clientID))
  p.end = () => { provider.destroy(); doc.destroy() }
  return p
}
const same = (...peers) => peers.every(p => Buffer.compare(Y.encodeStateAsUpdate(p.doc), Y.encodeStateAsUpdate(peers[0].doc)) === 0)

let failed = false
const check = async (name, run) => {
  const peers = []
  try {
    await run((...args) => { const p = peer(...args); peers.push(p); return p })
    console.log(`ok ${name}`)
  } catch (e) {
    failed = true
    console.log(`FAIL ${name}: ${e.message}`)
  } finally {
    for (const p of peers) p.end()
  }
}

await check('two type at once', async join => {
  const a = join('ada'); const b = join('bob')
  await until('both to sync', () => a.provider.synced && b.provider.synced)
  let length = 400
  for (let i = 0; i < 200; i++) {
    a.text.insert(a.text.length, 'a')
    b.text.insert(0, 'b')
    if (i % 7 === 0) await sleep(1)
    if (i % 5 === 4) { a.text.delete(1, 1); length-- }
  }
  await until('equal documents', () => same(a, b) && a.text.length === length)
})

await check('presence comes, changes and goes', async join => {
  const a = join('ada'); const b = join('bob')
  const position = Y.createRelativePositionFromTypeIndex(a.text, 3)
  a.provider.awareness.setLocalStateField('user', { id: 'ada', name: 'Ada' })
  a.provider.awareness.setLocalStateField('selection', { anchor: position, head: position })
  await until('the selection', () => b.states().get(a.doc.clientID)?.selection?.head != null)
  const late = join('cyd')
  await until('the state, for one who comes later', () => late.states().get(a.doc.clientID)?.user?.name === 'Ada')
  a.provider.ws.terminate() // like a crash
  a.provider.shouldConnect = false
  await until('the state to go', () => !b.states().has(a.doc.clientID) && !late.states().has(a.doc.clientID))
})

await check('a dropped connection comes back with what was typed meanwhile', async join => {
  const a = join('ada'); const b = join('bob')
  await until('both to sync', () => a.provider.synced && b.provider.synced)
  a.provider.ws.terminate()
  await until('the drop', () => !a.provider.wsconnected)
  a.text.insert(0, 'offline ')
  b.text.insert(b.text.length, ' meanwhile')
  await until('equal documents', () => a.opened === 2 && same(a, b) && a.text.toString().startsWith('offline '))
})

await check('one alone stays connected for minutes', async join => {
  const a = join('ada')
  await until('it to sync', () => a.provider.synced)
  await sleep(90_000 / speed)
  if (a.opened !== 1 || a.closed.length !== 0) throw new Error(`opened ${a.opened} times, closed with ${a.closed}`)
})

await check('and would not, were its presence not echoed', async join => {
  const mute = new WebSocket.WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise(resolve => mute.once('listening', resolve))
  try {
    const a = join('ada', `ws://127.0.0.1:${mute.address().port}`)
    await until('the watchdog', () => a.closed.length > 0)
  } finally {
    for (const socket of mute.clients) socket.terminate()
    mute.close()
  }
})

await check('a final close code ends the retries', async join => {
  const a = join('ada', base.replace('/ws/', '/ws/refused/'))
  await until('the end', () => a.closed.length === 1)
  await sleep(10_000 / speed)
  if (a.closed[0] !== 4404 || a.provider.shouldConnect) throw new Error(`closed with ${a.closed}, goes on: ${a.provider.shouldConnect}`)
})

// The bytes that @y/websocket-server sends on a raw socket: step 1 at once, then the awareness states,
// and step 2 as the answer to step 1.
await check('the first messages are those of the reference server', async join => {
  const a = join('ada')
  await until('it to sync', () => a.provider.synced)
  a.provider.awareness.setLocalStateField('user', { id: 'ada' })
  const b = join('bob')
  await until('the state', () => b.states().has(a.doc.clientID))
  b.end()
  await until('the document', () => a.states().size === 0)
  const encoding = require('lib0/encoding')
  const sync = require('y-protocols/sync')
  const awareness = require('y-protocols/awareness')
  const message = fn => { const e = encoding.createEncoder(); fn(e); return Buffer.from(encoding.toUint8Array(e)).toString('hex') }
  const states = awareness.encodeAwarenessUpdate(a.provider.awareness, [a.doc.clientID])
  const want = [
    message(e => { encoding.writeVarUint(e, 0); sync.writeSyncStep1(e, a.doc) }),
    message(e => { encoding.writeVarUint(e, 1); encoding.writeVarUint8Array(e, states) }),
    message(e => { encoding.writeVarUint(e, 0); sync.writeSyncStep2(e, a.doc, Y.encodeStateVector(new Y.Doc())) }),
    message(e => { encoding.writeVarUint(e, 1); encoding.writeVarUint8Array(e, states) })
  ]
  const got = []
  const raw = new WebSocket(`${base}/${room}?as=raw`)
  raw.on('message', data => {
    got.push(data.toString('hex'))
    if (got.length === 2) {
      raw.send(Buffer.from(message(e => { encoding.writeVarUint(e, 0); sync.writeSyncStep1(e, new Y.Doc()) }), 'hex'))
    }
    if (got.length === 3) raw.send(Buffer.from([3])) // query awareness
  })
  try {
    await until('four messages', () => got.length >= 4)
  } finally {
    raw.terminate()
  }
  for (const i of want.keys()) {
    if (got[i] !== want[i]) throw new Error(`message ${i} is ${got[i].slice(0, 200)}, want ${want[i].slice(0, 200)}`)
  }
})

process.exit(failed ? 1 : 0)
