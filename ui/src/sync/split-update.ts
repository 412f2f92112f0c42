import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';

/** Ranges of deletions in one part. Each takes up to 16 bytes. */
const DELETES = 4_096;

/** What is written around the content of a struct takes less, in bytes. */
const AROUND = 64;

type Struct = ReturnType<typeof Y.decodeUpdate>['structs'][number];

/**
 * splitUpdate makes parts of at most so many bytes of one update. Applied in order they are the
 * same as the whole. The server takes no message beyond a limit, and what a person pastes, or
 * writes while offline, may be longer. Only text can be cut; one value that is longer stays whole.
 */
export function splitUpdate(update: Uint8Array, most: number): Uint8Array[] {
  if (update.length <= most) return [update];
  const { structs, ds } = Y.decodeUpdate(update);
  const parts: Uint8Array[] = [];
  let open: Uint8Array[] = [];
  let size = 0;
  const close = () => {
    if (open.length > 0) parts.push(Y.mergeUpdates(open));
    [open, size] = [[], 0];
  };
  for (const run of runsOf(structs, most)) {
    if (size + run.length > most) close();
    open.push(run);
    size += run.length;
  }
  close();
  return [...parts, ...deletions(ds.clients)];
}

/** Gives updates with the structs of one client each, in order. */
function* runsOf(structs: readonly Struct[], most: number): Generator<Uint8Array> {
  let run: Struct[] = [];
  let size = 0;
  for (const whole of structs) {
    // A Skip is a gap in the update. The next run begins behind it anyway.
    if (whole instanceof Y.Skip) continue;
    for (const struct of cut(whole, most)) {
      const last = run.at(-1);
      const bytes = sizeOf(struct);
      const follows = last?.id.client === struct.id.client && last.id.clock + last.length === struct.id.clock;
      if (last && (!follows || size + bytes > most)) {
        yield encode(run);
        [run, size] = [[], 0];
      }
      run.push(struct);
      size += bytes;
    }
  }
  if (run.length > 0) yield encode(run);
}

/** Cuts a long text, never inside a surrogate pair. */
function cut(struct: Struct, most: number): Struct[] {
  if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentString)) return [struct];
  // A UTF-16 unit takes three bytes at most.
  const units = Math.max(2, Math.floor((most - 2 * AROUND) / 3));
  const { client, clock } = struct.id;
  const { str } = struct.content;
  const parts: Struct[] = [];
  for (let at = 0; at < str.length;) {
    let to = Math.min(str.length, at + units);
    if (to < str.length && /[\uD800-\uDBFF]/.test(str.charAt(to - 1))) to--;
    const content = new Y.ContentString(str.slice(at, to));
    const origin = at === 0 ? struct.origin : Y.createID(client, clock + at - 1);
    parts.push(
      new Y.Item(
        Y.createID(client, clock + at),
        null,
        origin,
        null,
        struct.rightOrigin,
        struct.parent,
        struct.parentSub,
        content,
      ),
    );
    at = to;
  }
  return parts;
}

function sizeOf(struct: Struct): number {
  const encoder = new Y.UpdateEncoderV1();
  struct.write(encoder, 0);
  return encoder.toUint8Array().length + AROUND;
}

/** Writes structs that follow each other as an update without deletions. */
function encode(run: readonly Struct[]): Uint8Array {
  const [first] = run;
  if (!first) throw new Error('an update needs a struct');
  const encoder = new Y.UpdateEncoderV1();
  encoding.writeVarUint(encoder.restEncoder, 1);
  encoding.writeVarUint(encoder.restEncoder, run.length);
  encoder.writeClient(first.id.client);
  encoding.writeVarUint(encoder.restEncoder, first.id.clock);
  for (const struct of run) struct.write(encoder, 0);
  encoding.writeVarUint(encoder.restEncoder, 0);
  return encoder.toUint8Array();
}

function deletions(clients: ReadonlyMap<number, readonly { clock: number; len: number }[]>): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (const [client, ranges] of clients) {
    for (let at = 0; at < ranges.length; at += DELETES) {
      const some = ranges.slice(at, at + DELETES);
      const encoder = encoding.createEncoder();
      for (const number of [0, 1, client, some.length]) encoding.writeVarUint(encoder, number);
      for (const { clock, len } of some) {
        encoding.writeVarUint(encoder, clock);
        encoding.writeVarUint(encoder, len);
      }
      parts.push(encoding.toUint8Array(encoder));
    }
  }
  return parts;
}

/** Parts of a frame of y-protocols that carries an update; the frame itself if it is short. */
export function splitFrame(frame: Uint8Array, most: number): Uint8Array[] {
  if (frame.length <= most) return [frame];
  const decoder = decoding.createDecoder(frame);
  const [type, step] = [decoding.readVarUint(decoder), decoding.readVarUint(decoder)];
  const parts = splitUpdate(decoding.readVarUint8Array(decoder), most - AROUND);
  return parts.map((part) => {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, type);
    encoding.writeVarUint(encoder, step);
    encoding.writeVarUint8Array(encoder, part);
    return encoding.toUint8Array(encoder);
  });
}
