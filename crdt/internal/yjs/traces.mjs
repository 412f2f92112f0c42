// Cuts a manifest of recorded traces to the sets that lie in a folder, and adds hashes of what
// arrays and maps hold in a form that does not depend on the language (plain in canonical.mjs).
//
//   node traces.mjs path/to/full/manifest.json ../../testdata/traces

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Y } from './yjs.mjs'
import { receiver, own, plain } from './canonical.mjs'

/** The updates of a trace file: gzip over repeated [uint32 LE length][update]. */
export const readTrace = file => {
  const raw = gunzipSync(readFileSync(file))
  const updates = []
  for (let at = 0; at < raw.length;) {
    const length = raw.readUInt32LE(at)
    updates.push(own(raw.subarray(at + 4, at + 4 + length)))
    at += 4 + length
  }
  return updates
}

const sha256 = data => createHash('sha256').update(data).digest('hex')

const cut = (from, folder) => {
  const out = {}
  for (const [name, set] of Object.entries(JSON.parse(readFileSync(from, 'utf8')))) {
    const file = join(folder, set.file)
    if (!existsSync(file)) continue
    const doc = receiver()
    for (const update of readTrace(file)) Y.applyUpdate(doc, update)
    if (set.arraySha256) set.arrayPlainSha256 = sha256(plain(doc.getArray('array').toJSON()))
    if (set.mapSha256) set.mapPlainSha256 = sha256(plain(doc.getMap('map').toJSON()))
    out[name] = set
  }
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(out, null, 1) + '\n')
}

if (process.argv[1]?.endsWith('traces.mjs')) cut(process.argv[2], process.argv[3])
