// Measures yjs on recorded traces, and ywasm beside it where it is installed (PARLEY_YWASM: in
// which node_modules). One JSON line a measure, in nanoseconds for the whole operation, the least
// of the rounds (others use the machine too; the least is what the work costs).
//
//   node --expose-gc bench.mjs FOLDER [rounds=5] [sets, comma separated]

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Y, require } from './yjs.mjs'
import { receiver } from './canonical.mjs'
import { readTrace } from './traces.mjs'

// Y.mergeUpdates is quadratic in the number of updates, so it is measured on no more than these.
const mergeMost = 8000

const [folder, rounds = '5', only = ''] = process.argv.slice(2)

// What this process has had a processor for, in ns.
const cpu = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) * 1e3
}

/** The least time of some rounds, in ns. */
const least = f => {
  let best = Infinity
  for (let i = 0; i < Number(rounds); i++) {
    globalThis.gc?.()
    const start = cpu()
    f()
    best = Math.min(best, cpu() - start)
  }
  return best
}

// Very short operations are repeated, so that the clock can see them.
// All are warmed up first: V8 compiles what runs often, and a server runs for days.
const leastOfMany = f => {
  for (const warm = cpu() + 2e8; cpu() < warm;) f()
  const start = cpu()
  f()
  const once = Math.max(1, cpu() - start)
  const times = Math.max(1, Math.min(1000, Math.floor(2e7 / once)))
  return least(() => { for (let i = 0; i < times; i++) f() }) / times
}

const yjs = {
  name: 'yjs',
  stream: list => {
    const doc = receiver()
    for (const update of list) Y.applyUpdate(doc, update)
    return doc
  },
  encode: (doc, vector) => Y.encodeStateAsUpdate(doc, vector),
  vector: doc => Y.encodeStateVector(doc),
  text: doc => doc.getText('text').toString(),
  free: () => {}
}

const ywasm = () => {
  try {
    const folder = process.env.PARLEY_YWASM
    const W = (folder ? createRequire(join(folder, 'any.js')) : require)('ywasm')
    return {
      name: 'ywasm',
      stream: list => {
        const doc = new W.YDoc({})
        for (const update of list) W.applyUpdate(doc, update)
        return doc
      },
      encode: (doc, vector) => W.encodeStateAsUpdate(doc, vector),
      vector: doc => W.encodeStateVector(doc),
      text: doc => doc.getText('text').toString(),
      free: doc => doc.free()
    }
  } catch {
    return null
  }
}

const tell = (engine, what, set, ns) => process.stdout.write(JSON.stringify({ engine, what, set, ns }) + '\n')

const measure = (engine, set, name, list) => {
  const pass = updates => engine.free(engine.stream(updates)) // documents of ywasm live until they are freed
  tell(engine.name, 'ApplyStream', name, leastOfMany(() => pass(list)))
  const doc = engine.stream(list)
  const state = engine.encode(doc)
  const first = engine.stream(list.slice(0, Math.floor(list.length / 2)))
  const half = engine.vector(first)
  engine.free(first)
  tell(engine.name, 'Load', name, leastOfMany(() => pass([state])))
  tell(engine.name, 'Encode', name, leastOfMany(() => engine.encode(doc)))
  tell(engine.name, 'Diff', name, leastOfMany(() => engine.encode(doc, half)))
  if (set.textSha256) tell(engine.name, 'Text', name, leastOfMany(() => engine.text(doc)))
  engine.free(doc)
  return state
}

const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
const other = ywasm()
for (const [name, set] of Object.entries(manifest)) {
  if (only && !only.split(',').includes(name)) continue
  const list = readTrace(join(folder, set.file))
  const state = measure(yjs, set, name, list)
  tell('yjs', 'VectorFromUpdate', name, leastOfMany(() => Y.encodeStateVectorFromUpdate(state)))
  if (list.length <= mergeMost) tell('yjs', 'Merge', name, least(() => Y.mergeUpdates(list)))
  if (other === null) continue
  try {
    measure(other, set, name, list)
  } catch (err) {
    process.stderr.write(`ywasm cannot read ${name}: ${err.message ?? err}\n`)
  }
}
