/**
 * node take-cluster.mjs <pglite.js> <out>: sets up a PostgreSQL and writes its directory, as a tar.
 */
import { writeFileSync } from 'node:fs';
import process from 'node:process';

const [, , pglite, out] = process.argv;
const { PGlite } = await import(pglite);
const db = await PGlite.create();
// Nothing is left for the first start to catch up with.
await db.exec('CHECKPOINT');
const tar = await db.dumpDataDir('none');
await db.close();
writeFileSync(out, Buffer.from(await tar.arrayBuffer()));
