import { safeColor } from '../lib/colors';
import { cleanName } from '../lib/person-name';
import { TEXTS } from '../lib/texts';
import { Value, type Readable } from '../lib/readable';
import { isRole, type Role } from '../lib/roles';

/** Who somebody is, to be shown. */
export interface KnownPerson {
  id: string;
  name: string;
  color: string;
  role: Role;
}

/** Standing is what a session's record says of who is who. */
export interface Standing {
  people: ReadonlyMap<string, KnownPerson>;
  /**
   * Whether people whom the record does not have are who they say they are: with open access there
   * is nothing else to go by.
   */
  claims: boolean;
}

/**
 * PeopleRecord holds who is who by the session's record. What somebody says of themselves, as
 * presence, is never put before it.
 */
export class PeopleRecord implements Readable<Standing> {
  readonly #value: Value<Standing>;
  readonly subscribe: Readable<Standing>['subscribe'];
  readonly getSnapshot: Readable<Standing>['getSnapshot'];

  /** Until the server has told who belongs to the session, only oneself is known. */
  constructor(self: KnownPerson, claims: boolean) {
    this.#value = new Value({ people: new Map([[self.id, clean(self)]]), claims });
    this.subscribe = this.#value.subscribe;
    this.getSnapshot = this.#value.getSnapshot;
  }

  set(people: readonly KnownPerson[], claims: boolean): void {
    const before = this.getSnapshot();
    const next = new Map(people.map((person) => [person.id, clean(person)]));
    if (claims === before.claims && JSON.stringify([...next]) === JSON.stringify([...before.people])) return;
    this.#value.set({ people: next, claims });
  }

  /**
   * personOf gives the person of one Awareness state, null when it names none. The server has
   * checked the id; everything else in there is a claim.
   */
  personOf(state: unknown): KnownPerson | null {
    const claimed = claimOf(state);
    if (!claimed) return null;
    const { people, claims } = this.getSnapshot();
    return people.get(claimed.id) ?? (claims ? claimed : guest(claimed.id));
  }
}

function guest(id: string): KnownPerson {
  return { id, name: TEXTS.people.guest, color: safeColor('', id), role: 'observer' };
}

function clean({ id, name, color, role }: KnownPerson): KnownPerson {
  return { id, name: cleanName(name) || TEXTS.people.guest, color: safeColor(color, id), role };
}

/** claimOf reads what one Awareness state says of its person; null unless it has an id. */
export function claimOf(state: unknown): KnownPerson | null {
  const user = isRecord(state) ? state.user : null;
  if (!isRecord(user) || typeof user.id !== 'string' || user.id === '' || user.id.length > 64) return null;
  const name = typeof user.name === 'string' ? cleanName(user.name) : '';
  return {
    id: user.id,
    name: name || TEXTS.people.guest,
    color: safeColor(user.color, user.id),
    role: isRole(user.role) ? user.role : 'observer',
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
