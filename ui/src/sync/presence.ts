import type { Awareness } from 'y-protocols/awareness';
import { Derived, type Readable } from '../lib/readable';
import { isActivity, type Activity } from './activity';
import { claimOf, type KnownPerson, type PeopleRecord } from './people-record';

/** PresentPerson is somebody who has the session open now. */
export interface PresentPerson extends KnownPerson {
  /** Whether this is the person at this screen. */
  self: boolean;
  /** From the tab in which they are most active. */
  activity: Activity;
  /** Id of the file that is open there; "" when there is none. */
  file: string;
}

/** People that are listed, however many present themselves. */
const MAX_PEOPLE = 200;

const MOST_PRESENT: readonly Activity[] = ['active', 'idle', 'away'];

/**
 * PresentPeople lists who is here, one entry per Participant however many tabs they have, oneself
 * first. That they are here is what they say; who they are is what the record says.
 */
export class PresentPeople implements Readable<readonly PresentPerson[]> {
  readonly record: PeopleRecord;
  /** What people say that the record does not: it may have changed. "": nothing. */
  readonly doubts: Readable<string>;
  readonly #awareness: Awareness;
  readonly #selfId: string;
  readonly #people: Derived<readonly PresentPerson[]>;
  readonly #doubts: Derived<string>;
  readonly #stop: () => void;

  readonly subscribe: Readable<readonly PresentPerson[]>['subscribe'];
  readonly getSnapshot: Readable<readonly PresentPerson[]>['getSnapshot'];

  constructor(awareness: Awareness, selfId: string, record: PeopleRecord) {
    this.record = record;
    this.#awareness = awareness;
    this.#selfId = selfId;
    this.#people = new Derived((before) => {
      const next = this.#read();
      return before && JSON.stringify(next) === JSON.stringify(before) ? before : next;
    });
    this.#doubts = new Derived(() => this.#readDoubts());
    this.doubts = this.#doubts;
    this.subscribe = this.#people.subscribe;
    this.getSnapshot = this.#people.getSnapshot;
    awareness.on('change', this.#refresh);
    this.#stop = record.subscribe(this.#refresh);
  }

  dispose(): void {
    this.#stop();
    this.#awareness.off('change', this.#refresh);
    this.#people.dispose();
    this.#doubts.dispose();
  }

  readonly #refresh = (): void => {
    this.#people.changed();
    this.#doubts.changed();
  };

  #read(): readonly PresentPerson[] {
    const byId = new Map<string, PresentPerson>();
    const clients = [...this.#awareness.getStates()].sort(([a], [b]) => a - b);
    for (const [, state] of clients) {
      const known = this.record.personOf(state);
      if (!known) continue;
      const person = { ...known, self: known.id === this.#selfId, ...whereabouts(state) };
      const other = byId.get(known.id);
      const nearer = other && MOST_PRESENT.indexOf(person.activity) < MOST_PRESENT.indexOf(other.activity);
      if (!other || nearer) byId.set(known.id, person);
    }
    return [...byId.values()]
      .sort((a, b) => Number(b.self) - Number(a.self) || a.id.localeCompare(b.id))
      .slice(0, MAX_PEOPLE);
  }

  #readDoubts(): string {
    const { people, claims } = this.record.getSnapshot();
    const doubts = new Set<string>();
    for (const [client, state] of this.#awareness.getStates()) {
      const claim = claimOf(state);
      if (!claim || (claims && !people.has(claim.id))) continue;
      const quiet = quietOf(state);
      if (quiet > 0 && client !== this.#awareness.clientID) doubts.add(`${claim.id} quiet ${quiet}`);
      const { name, color, role } = people.get(claim.id) ?? {};
      if (claim.name === name && claim.color === color && claim.role === role) continue;
      doubts.add(`${claim.id} ${claim.name} ${claim.color} ${claim.role}`);
    }
    return [...doubts].sort().slice(0, MAX_PEOPLE).join('\n');
  }
}

/** tellQuiet tells the others that this person has begun or ended a quiet time. */
export function tellQuiet(awareness: Awareness): void {
  awareness.setLocalStateField('quiet', Date.now());
}

/** quietOf is when somebody last began or ended a quiet time; 0: never. */
function quietOf(state: unknown): number {
  const { quiet } = (state ?? {}) as Record<string, unknown>;
  return Number.isSafeInteger(quiet) ? (quiet as number) : 0;
}

/** whereabouts reads a person's activity and file. Other clients do not tell them. */
function whereabouts(state: unknown): Pick<PresentPerson, 'activity' | 'file'> {
  const { activity, file } = (state ?? {}) as Record<string, unknown>;
  return {
    activity: isActivity(activity) ? activity : 'active',
    file: typeof file === 'string' && file.length <= 64 ? file : '',
  };
}
