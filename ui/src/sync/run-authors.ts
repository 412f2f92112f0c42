import type { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import { Value, type Readable } from '../lib/readable';
import { claimOf } from './people-record';
import type { Run } from './runs';

/** Client ids that are remembered; beyond this the oldest go. */
const MAX_KNOWN = 500;

/** Author is who ran a program. proven: no one else can have written this run. */
export interface Author {
  id: string;
  proven: boolean;
}

/**
 * RunAuthors tells who wrote a run by the client ids of its items. The server lets nobody write
 * under a client id of somebody else, and checks whose a client id is when it is presented. `by` in
 * the run is only what its writer says. What was seen is kept as long as the browser's tab lives.
 */
export class RunAuthors implements Readable<number> {
  readonly #doc: Y.Doc;
  readonly #awareness: Awareness;
  readonly #selfId: string;
  readonly #key: string;
  readonly #known: Map<number, string>;
  /** Counts what was learned. */
  readonly #value = new Value(0);
  readonly subscribe = this.#value.subscribe;
  readonly getSnapshot = this.#value.getSnapshot;

  constructor(awareness: Awareness, selfId: string, sessionId: string) {
    this.#doc = awareness.doc;
    this.#awareness = awareness;
    this.#selfId = selfId;
    this.#key = `parley:clients:${sessionId}`;
    this.#known = new Map(kept(this.#key));
    this.#note([this.#doc.clientID]);
    awareness.on('change', this.#hear);
  }

  dispose(): void {
    this.#awareness.off('change', this.#hear);
  }

  authorOf({ by, writers }: Pick<Run, 'by' | 'writers'>): Author {
    const people = new Set(writers.map((client) => this.#personAt(client)));
    const [only] = people;
    return people.size === 1 && only ? { id: only, proven: true } : { id: by, proven: false };
  }

  #personAt(client: number): string | undefined {
    return client === this.#doc.clientID ? this.#selfId : this.#known.get(client);
  }

  readonly #hear = ({ added, updated }: { added: number[]; updated: number[] }): void =>
    this.#note([...added, ...updated]);

  #note(clients: readonly number[]): void {
    let news = false;
    for (const client of clients) {
      const own = client === this.#doc.clientID;
      const id = own ? this.#selfId : claimOf(this.#awareness.getStates().get(client))?.id;
      if (id === undefined || this.#known.get(client) === id) continue;
      this.#known.set(client, id);
      news = true;
    }
    if (!news) return;
    for (const client of this.#known.keys()) {
      if (this.#known.size <= MAX_KNOWN) break;
      this.#known.delete(client);
    }
    keep(this.#key, [...this.#known]);
    this.#value.set(this.#value.getSnapshot() + 1);
  }
}

function kept(key: string): [number, string][] {
  try {
    const list: unknown = JSON.parse(sessionStorage.getItem(key) ?? '[]');
    return Array.isArray(list) ? (list as [number, string][]) : [];
  } catch {
    return [];
  }
}

function keep(key: string, list: [number, string][]): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(list));
  } catch {
    // Without storage a reload forgets them.
  }
}
