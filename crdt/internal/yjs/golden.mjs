// Writes testdata/golden: small named cases, each for one rule or edge of the format, with what yjs
// makes of them. They need no Node to run. Nothing here is random or depends on the clock: a second
// run writes the same bytes.
//
//   node golden.mjs            (make golden)
//   node golden.mjs DIR        into another directory

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Y } from './yjs.mjs'
import { receiver, canonical, load, own, json, isPending } from './canonical.mjs'
import { cases as edits } from './golden-edits.mjs'
import { cases as wire } from './golden-wire.mjs'

const hex = bytes => Buffer.from(bytes).toString('hex')

const reading = doc => {
  const loaded = canonical(doc)
  return {
    state: hex(Y.encodeStateAsUpdate(loaded)),
    vector: hex(Y.encodeStateVector(loaded)),
    pending: isPending(loaded),
    json: json(loaded)
  }
}

const refuses = (what, f) => {
  try {
    f()
  } catch {
    return
  }
  throw new Error(`yjs takes what it should refuse: ${what}`)
}

// quiet: nothing is read before the last step, since reading may tidy up.
const steps = (updates, gc, quiet) => {
  const doc = receiver(gc)
  return updates.map((update, i) => {
    Y.applyUpdate(doc, own(update))
    return quiet && i < updates.length - 1 ? { update: hex(update) } : { update: hex(update), ...reading(doc) }
  })
}

/** What yjs makes of a case; throws when the case is not what it says. */
const judge = (name, c) => {
  const out = { about: c.about, gc: c.gc ?? true }
  if (c.apply) {
    out.steps = steps(c.apply, out.gc, c.quiet)
    const end = load(Buffer.from(out.steps.at(-1).state, 'hex'), out.gc)
    out.encodes = (c.encode ?? []).map(v => ({ vector: hex(v), out: hex(Y.encodeStateAsUpdate(end, v)) }))
  }
  out.merges = (c.merge ?? []).map(list => ({ inputs: list.map(hex), out: hex(Y.mergeUpdates(list.map(own))) }))
  out.diffs = (c.diff ?? []).map(([u, v]) => ({ update: hex(u), vector: hex(v), out: hex(Y.diffUpdate(own(u), v)) }))
  out.vectors = (c.vectors ?? []).map(u => ({ update: hex(u), out: hex(Y.encodeStateVectorFromUpdate(own(u))) }))
  out.refused = (c.refused ?? []).map(u => {
    refuses(`${name} ${hex(u)}`, () => Y.applyUpdate(receiver(), own(u)))
    return hex(u)
  })
  out.mergeRefused = (c.mergeRefused ?? []).map(u => {
    refuses(`${name} merge ${hex(u)}`, () => Y.mergeUpdates([own(u), own(u)]))
    return hex(u)
  })
  // Foreign spellings of a value: yjs would write them its own way, the engine hands them on as
  // received.
  out.kept = (c.kept ?? []).map(u => {
    if (hex(Y.encodeStateAsUpdate(load(u))) === hex(u)) throw new Error(`${name}: yjs keeps ${hex(u)} too`)
    return hex(u)
  })
  // Legal for yjs, refused by the engine on purpose.
  out.stricter = (c.stricter ?? []).map(u => {
    Y.applyUpdate(receiver(), own(u))
    return hex(u)
  })
  for (const key of Object.keys(out)) if (Array.isArray(out[key]) && out[key].length === 0) delete out[key]
  return out
}

const folder = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '../../testdata/golden')
mkdirSync(folder, { recursive: true })
for (const file of readdirSync(folder)) if (file.endsWith('.json')) rmSync(join(folder, file))
const all = { ...edits(), ...wire() }
for (const [name, c] of Object.entries(all)) {
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(judge(name, c), null, 1) + '\n')
}
console.error(`${Object.keys(all).length} golden cases`)
