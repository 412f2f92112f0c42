import * as Y from 'yjs';
import { replayErrors } from '../lib/texts/replay-errors';
import { Activity } from './activity';
import { fromBase64 } from './base64';
import { Insertions, insertionSize, type Size } from './insertions';
import { LineSplitter, readHeader, readLine, type Entry } from './lines';
import { endedRuns, MainDocument, type Change, type PlannedEdit } from './main-document';
import { typedOffline } from './offline';
import { ReplayError, type Mark, type ReplayHeader } from './replay';
import { NOBODY, type RunState, type SideState, type Tape } from './tape';
import { TapeFull, TapeWriter } from './tape-writer';
import { Traces } from './traces';
import { finishTape } from './finish';

/** A timeline has so many lines and marks of insertions here. */
const MAX_ENTRIES = 2_000_000;
const MAX_INSERTIONS = 1_000;

/** How often, in entries, the texts are compared with the document. */
const CHECK_EVERY = 20_000;

/** What is known of the entry that is being applied. */
interface Current {
  entry: Entry;
  at: number;
  edits: number;
  units: number;
  pieces: number;
  insertion: (Size & { from: (Mark & { kind: 'insertion' })['from']; file: string; by: number }) | null;
  clients: Set<number>;
}

/**
 * Compiler turns the lines of a timeline into a tape: it applies all entries in order to one
 * document and writes down each change in a form that can be undone.
 */
export class Compiler {
  header: ReplayHeader | null = null;
  readonly writer = new TapeWriter();
  readonly traces = new Traces();
  readonly activity = new Activity();
  readonly marks: Mark[] = [];
  readonly stepEnds: number[] = [];
  readonly people: string[] = [];
  /** Entries that could not be read, and when the first of them came. */
  skipped = 0;
  gapAt = 0;
  first = Infinity;
  last = 0;
  base = 0;
  readonly #splitter = new LineSplitter();
  readonly #document = new MainDocument(this.writer, (change) => this.#changed(change));
  readonly #insertions = new Insertions();
  #assistant: Y.Doc | null = null;
  readonly #personIndex = new Map<string, number>();
  readonly #authors = new Map<number, string>();
  readonly #lastEntry = new Map<string, number>();
  readonly #unclaimed: { row: number; client: number }[] = [];
  readonly #unclaimedActivity: { row: number; client: number }[] = [];
  #current: Current | null = null;
  #entries = 0;
  /** Entries that could be read and applied. */
  #applied = 0;
  /** Where the first single edit begins. */
  #firstRow = 0;
  #insertionMarks = 0;

  push(bytes: Uint8Array): void {
    for (const line of this.#splitter.push(bytes)) this.#line(line);
  }

  /** Interviewers' own lines stand apart in a bundle, and only the trace is taken from there. */
  pushPrivate(bytes: Uint8Array): void {
    const splitter = new LineSplitter();
    for (const text of [...splitter.push(bytes), ...splitter.end()]) {
      const line = readLine(text);
      if (line && 'trace' in line) this.traces.add(line.trace);
    }
    if (this.header) this.header = { ...this.header, private: true };
  }

  /** Reads what is left of the last line. */
  endOfLines(): void {
    for (const line of this.#splitter.end()) this.#line(line);
    if (!this.header) throw new ReplayError('broken', replayErrors.broken);
  }

  finish(): Tape {
    const { header } = this;
    if (!header) throw new ReplayError('broken', replayErrors.broken);
    if (this.#applied === 0 && this.skipped > 0) throw new ReplayError('broken', replayErrors.broken);
    if (this.#entries === 0) throw new ReplayError('nothing_recorded', replayErrors.nothingRecorded);
    this.#write(this.#document.repair(), this.last, NOBODY);
    this.skipped += this.#document.skipped;
    if (this.#document.waiting) this.skip(this.last);
    this.#claim();
    return finishTape(this, header);
  }

  skip(at: number): void {
    if (this.skipped === 0) this.gapAt = at;
    this.skipped += 1;
  }

  personOf(name: string): number {
    if (!name) return NOBODY;
    const known = this.#personIndex.get(name);
    if (known !== undefined) return known;
    if (this.people.length >= NOBODY) return NOBODY;
    this.#personIndex.set(name, this.people.length);
    return this.people.push(name) - 1;
  }

  #line(text: string): void {
    if (!this.header) {
      this.header = readHeader(text);
      return;
    }
    const line = readLine(text);
    if (!line) this.skip(this.last);
    else {
      const t = 'trace' in line ? line.trace.t : line.entry.t;
      this.first = Math.min(this.first, t);
      if ('trace' in line) {
        this.last = Math.max(this.last, t);
        this.traces.add(line.trace);
      } else this.#entry(line.entry);
    }
  }

  #entry(entry: Entry): void {
    this.#entries += 1;
    if (this.#entries > MAX_ENTRIES) throw new ReplayError('too_large', replayErrors.tooLarge);
    // Clocks of two nodes may differ; the order of the log is the order of events.
    const at = Math.max(entry.t, this.last);
    this.last = at;
    const update = fromBase64(entry.update);
    if (!update) {
      this.skip(at);
      return;
    }
    const current: Current = {
      entry,
      at,
      edits: 0,
      units: 0,
      pieces: 0,
      insertion: null,
      clients: new Set(),
    };
    if (entry.base && entry.doc === '') this.base = at;
    this.#current = current;
    this.#apply(update, current);
    this.#current = null;
    if (!entry.base) this.#settle(current);
    else if (this.stepEnds.length === 0) this.#firstRow = this.writer.position;
    this.writer.settle();
    if (this.#entries % CHECK_EVERY === 0) this.#write(this.#document.repair(), at, NOBODY);
  }

  #apply(update: Uint8Array, { entry, at }: Current): void {
    try {
      if (entry.doc === '') this.#document.apply(update, at);
      else if (entry.doc === 'assistant') Y.applyUpdate((this.#assistant ??= new Y.Doc()), update);
      this.#applied += 1;
    } catch (error) {
      if (error instanceof TapeFull) throw new ReplayError('too_large', replayErrors.tooLarge);
      this.skip(at);
    }
  }

  /** Called by the document for each transaction. */
  #changed(change: Change): void {
    const current = this.#current;
    if (!current) return;
    const { entry, at } = current;
    const author = this.personOf(entry.by);
    if (author !== NOBODY && !entry.base) this.#look(change.edits, current);
    this.#write(change, at, author);
    for (const edit of change.edits) this.#note(edit, current);
  }

  #write(change: Change, at: number, author: number): void {
    for (const edit of change.edits) {
      const client = edit.pieces[0]?.client;
      const by = client === undefined ? author : this.#authorOf(client, author);
      if (by === NOBODY && client !== undefined) this.#unclaimed.push({ row: this.writer.position, client });
      this.writer.edit(at, by, edit);
    }
    for (const { key, value } of change.side) {
      if (key === 'runs') this.#runs(this.writer.side('runs'), value as readonly RunState[], at);
      this.writer.set(at, key, value as SideState[typeof key]);
    }
  }

  #authorOf(client: number, sender: number): number {
    const wrote = this.#authors.get(client);
    return wrote === undefined ? sender : this.personOf(wrote);
  }

  #note(edit: PlannedEdit, current: Current): void {
    const name = this.writer.texts[edit.target] ?? '';
    for (const { client } of edit.pieces) current.clients.add(client);
    if (name.startsWith('run:')) return;
    current.edits += 1;
    current.units += edit.removed + edit.inserted.length;
    current.pieces += edit.pieces.length + (edit.removed > 0 ? 1 : 0);
    const by = this.personOf(current.entry.by);
    if (by === NOBODY || current.entry.base) this.#insertions.addStarter(edit.inserted);
    else if (edit.removed > 0)
      this.#insertions.addRemoved({
        by,
        target: edit.target,
        index: edit.index,
        text: edit.gone,
        at: current.at,
      });
  }

  /** Looks for a large insertion before it is written: it may come from what stands there. */
  #look(edits: readonly PlannedEdit[], current: Current): void {
    for (const edit of edits) {
      const name = this.writer.texts[edit.target] ?? '';
      if (!name.startsWith('file:')) continue;
      for (const piece of edit.pieces) {
        const size = insertionSize(piece.text);
        if (!size || size.characters <= (current.insertion?.characters ?? 0)) continue;
        if (this.#insertionMarks >= MAX_INSERTIONS) continue;
        this.#insertionMarks += 1;
        const same = edits.filter((other) => other.target === edit.target);
        const by = this.#authorOf(piece.client, this.personOf(current.entry.by));
        const from = this.#insertions.source(
          {
            by,
            target: edit.target,
            index: edit.index,
            text: piece.text,
            at: current.at,
            allRemoved: same.map((other) => other.gone).join(''),
            allInserted: same.map((other) => other.inserted).join(''),
          },
          () => this.#standing(),
          () => this.#assistantText(),
        );
        current.insertion = { ...size, from, file: name.slice('file:'.length), by };
      }
    }
  }

  *#standing(): Generator<string> {
    for (let target = 0; target < this.writer.texts.length; target += 1)
      yield this.writer.text(target).toString();
    yield JSON.stringify(this.writer.side('tests'));
  }

  /** All that the assistant said, in the order in which it was written. */
  #assistantText(): string {
    const parts: string[] = [];
    for (const structs of this.#assistant?.store.clients.values() ?? [])
      for (const struct of structs) {
        if (!(struct instanceof Y.Item) || struct.deleted) continue;
        if (struct.content instanceof Y.ContentString) parts.push(struct.content.str);
        else if (struct.content instanceof Y.ContentAny)
          parts.push(...struct.content.arr.filter((value): value is string => typeof value === 'string'));
      }
    return parts.join('');
  }

  #runs(before: unknown, after: readonly RunState[], at: number): void {
    for (const run of endedRuns(before, after))
      this.marks.push({ at, by: run.by, kind: 'run', run: run.id, status: run.status, file: run.file });
  }

  /** What an entry means once it has been applied. */
  #settle(current: Current): void {
    const { entry, at, edits, units, pieces } = current;
    this.#learn(current);
    const row = this.activity.add(at, entry.by);
    const [client] = current.clients;
    if (!entry.by && client !== undefined) this.#unclaimedActivity.push({ row, client });
    if (edits > 0) {
      if (this.stepEnds.length === 0) this.stepEnds.push(this.#firstRow);
      this.stepEnds.push(this.writer.position);
    } else if (this.stepEnds.length === 0) this.#firstRow = this.writer.position;
    if (!entry.by) return;
    const last = this.#lastEntry.get(entry.by) ?? 0;
    const since = typedOffline({ at, last, units, pieces }, this.traces.connected(entry.by));
    const formatted = current.insertion?.from === 'formatter';
    if (since !== null && !formatted)
      this.marks.push({ at: since, by: entry.by, kind: 'offline', until: at });
    else if (current.insertion) this.#markInsertion(current);
    this.#lastEntry.set(entry.by, at);
  }

  #markInsertion({ insertion, at }: Current): void {
    if (!insertion) return;
    const { by, ...rest } = insertion;
    const step = this.stepEnds.length - 1;
    this.marks.push({ at, by: this.people[by] ?? '', kind: 'insertion', ...rest, step });
  }

  /** Who sends an entry with one client's text in it is taken for that client. */
  #learn({ entry, clients }: Current): void {
    const [client] = clients;
    if (!entry.by || clients.size !== 1 || client === undefined) return;
    if (!this.#authors.has(client)) this.#authors.set(client, entry.by);
  }

  /** Gives text of merged entries to those who were recognised later. */
  #claim(): void {
    for (const { row, client } of this.#unclaimed) {
      const wrote = this.#authors.get(client);
      if (wrote !== undefined) this.writer.columns.by[row] = this.personOf(wrote);
    }
    for (const { row, client } of this.#unclaimedActivity) {
      const wrote = this.#authors.get(client);
      if (wrote !== undefined) this.activity.claim(row, wrote);
    }
  }
}
