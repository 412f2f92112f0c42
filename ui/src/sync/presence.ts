import type { Awareness } from 'y-protocols/awareness';
import { safeColor } from '../lib/colors';
import { cleanName } from '../lib/person-name';
import { Value, type Readable } from '../lib/readable';
import { isRole, type Role } from '../lib/roles';
import { isActivity, type Activity } from './activity';

/** PresentPerson is somebody who has the session open now. */
export interface PresentPerson {
  /** Participant id. */
  id: string;
  name: string;
  color: string;
  role: Role;
  /** Whether this is the person at this screen. */
  self: boolean;
  /** From the tab in which they are most active. */
  activity: Activity;
  /** Id of the file that is open there; "" when there is none. */
  file: string;
}

const MOST_PRESENT: readonly Activity[] = ['active', 'idle', 'away'];

/**
 * presentUser reads the user of one Awareness state; null unless it is complete. All of it is an
 * unverified claim.
 */
export function presentUser(state: unknown): Omit<PresentPerson, 'self' | 'activity' | 'file'> | null {
  const user = isRecord(state) ? state.user : null;
  if (!isRecord(user) || typeof user.id !== 'string' || user.id === '' || user.id.length > 64) return null;
  const name = typeof user.name === 'string' ? cleanName(user.name) : '';
  const role = isRole(user.role) ? user.role : 'observer';
  return { id: user.id, name: name || 'Guest', color: safeColor(user.color, user.id), role };
}

/**
 * PresentPeople lists who is here, one entry per Participant however many tabs they have, oneself
 * first.
 */
export class PresentPeople implements Readable<readonly PresentPerson[]> {
  readonly #awareness: Awareness;
  readonly #selfId: string;
  readonly #value: Value<readonly PresentPerson[]>;

  readonly subscribe: Readable<readonly PresentPerson[]>['subscribe'];
  readonly getSnapshot: Readable<readonly PresentPerson[]>['getSnapshot'];

  constructor(awareness: Awareness, selfId: string) {
    this.#awareness = awareness;
    this.#selfId = selfId;
    this.#value = new Value(this.#read());
    this.subscribe = this.#value.subscribe;
    this.getSnapshot = this.#value.getSnapshot;
    awareness.on('change', this.#refresh);
  }

  dispose(): void {
    this.#awareness.off('change', this.#refresh);
  }

  readonly #refresh = (): void => {
    const next = this.#read();
    if (JSON.stringify(next) !== JSON.stringify(this.#value.getSnapshot())) this.#value.set(next);
  };

  #read(): readonly PresentPerson[] {
    const byId = new Map<string, PresentPerson>();
    const clients = [...this.#awareness.getStates()].sort(([a], [b]) => a - b);
    for (const [, state] of clients) {
      const user = presentUser(state);
      if (!user) continue;
      const person = { ...user, self: user.id === this.#selfId, ...whereabouts(state) };
      const known = byId.get(user.id);
      const nearer = known && MOST_PRESENT.indexOf(person.activity) < MOST_PRESENT.indexOf(known.activity);
      if (!known || nearer) byId.set(user.id, person);
    }
    return [...byId.values()].sort((a, b) => Number(b.self) - Number(a.self) || a.id.localeCompare(b.id));
  }
}

/** whereabouts reads a person's activity and file. Other clients do not tell them. */
function whereabouts(state: unknown): Pick<PresentPerson, 'activity' | 'file'> {
  const { activity, file } = isRecord(state) ? state : {};
  return {
    activity: isActivity(activity) ? activity : 'active',
    file: typeof file === 'string' && file.length <= 64 ? file : '',
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
