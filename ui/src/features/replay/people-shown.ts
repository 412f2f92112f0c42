import { safeColor } from '../../lib/colors';
import { cleanName } from '../../lib/person-name';
import type { Role } from '../../lib/roles';
import { TEXTS } from '../../lib/texts';
import { replay as T } from '../../lib/texts/replay';
import type { ReplayPerson } from '../../replay/replay';

export interface ShownPerson {
  id: string;
  name: string;
  color: string;
  role: Role;
}

/** Greys and soft tones that say nothing of the person. */
const NEUTRAL = ['#7d8597', '#a38f6d', '#6f9a94', '#94799e', '#8a9467', '#9b7c7c'] as const;

/** PeopleShown tells how people are called and coloured: as they were, or by their roles alone. */
export class PeopleShown {
  readonly all: readonly ShownPerson[];
  readonly #byId: ReadonlyMap<string, ShownPerson>;

  constructor(people: readonly ReplayPerson[], blind: boolean) {
    this.all = blind ? asRoles(people) : people.map(asThemselves);
    this.#byId = new Map(this.all.map((person) => [person.id, person]));
  }

  get(id: string): ShownPerson | undefined {
    return this.#byId.get(id);
  }

  name(id: string): string {
    return this.#byId.get(id)?.name ?? T.somebody;
  }

  color(id: string): string {
    return this.#byId.get(id)?.color ?? NEUTRAL[0];
  }
}

function asThemselves({ id, name, color, role }: ReplayPerson): ShownPerson {
  return { id, name: cleanName(name) || T.somebody, color: safeColor(color, id), role };
}

function asRoles(people: readonly ReplayPerson[]): ShownPerson[] {
  const counts = new Map<string, number>();
  return people.map(({ id, role }, index) => {
    const number = (counts.get(role) ?? 0) + 1;
    counts.set(role, number);
    const name = T.blindName(TEXTS.people.roles[role], number);
    return { id, name, role, color: NEUTRAL[index % NEUTRAL.length] ?? NEUTRAL[0] };
  });
}
