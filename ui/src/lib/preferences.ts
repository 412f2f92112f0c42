import { Value, type Readable } from './readable';

/** What a person may choose for themselves; never shared, kept in this browser. */
export interface Preferences {
  theme: ThemeChoice;
  /** Pixels. */
  fontSize: number;
  font: FontId;
  /** Columns; 0: as usual in the language of the file. */
  tabSize: number;
  keys: 'default' | 'vim' | 'emacs';
  autocomplete: boolean;
  wrap: boolean;
}

export type ThemeChoice = 'system' | Theme;
/** Theme is what is drawn in the end. */
export type Theme = 'dark' | 'light' | 'contrast';
export type FontId = 'system' | 'menlo' | 'consolas' | 'courier' | 'dejavu';

export const FONT_SIZES = { min: 10, max: 28 } as const;
export const TAB_SIZES = [0, 2, 3, 4, 8] as const;

const SYSTEM_MONO =
  'ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace';

/** Families that one finds installed somewhere; each ends in what the system itself would take. */
export const FONTS: Record<FontId, string> = {
  system: SYSTEM_MONO,
  menlo: `Menlo, Monaco, ${SYSTEM_MONO}`,
  consolas: `Consolas, "Cascadia Mono", Inconsolata, ${SYSTEM_MONO}`,
  courier: `"Courier New", "Liberation Mono", Courier, monospace`,
  dejavu: `"DejaVu Sans Mono", "Bitstream Vera Sans Mono", Verdana, ${SYSTEM_MONO}`,
};

export const DEFAULT_PREFERENCES: Preferences = {
  theme: 'system',
  fontSize: 14,
  font: 'system',
  tabSize: 0,
  keys: 'default',
  autocomplete: true,
  wrap: false,
};

const KEY = 'parley:preferences';

/** readPreferences takes what is right of what was kept, and the default for the rest. */
export function readPreferences(raw: string | null): Preferences {
  const kept = parse(raw);
  const one = <K extends keyof Preferences>(key: K, valid: (value: unknown) => boolean): Preferences[K] =>
    valid(kept[key]) ? (kept[key] as Preferences[K]) : DEFAULT_PREFERENCES[key];
  const among = (values: readonly unknown[]) => (value: unknown) => values.includes(value);
  const isFlag = (value: unknown) => typeof value === 'boolean';
  return {
    theme: one('theme', among(['system', 'dark', 'light', 'contrast'])),
    fontSize: one('fontSize', isFontSize),
    font: one('font', (value) => typeof value === 'string' && Object.hasOwn(FONTS, value)),
    tabSize: one('tabSize', among(TAB_SIZES)),
    keys: one('keys', among(['default', 'vim', 'emacs'])),
    autocomplete: one('autocomplete', isFlag),
    wrap: one('wrap', isFlag),
  };
}

function isFontSize(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= FONT_SIZES.min && Number(value) <= FONT_SIZES.max;
}

function parse(raw: string | null): Partial<Record<keyof Preferences, unknown>> {
  try {
    const value: unknown = JSON.parse(raw ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** PreferenceStore is the choices of this browser, the same in all of its tabs. */
export class PreferenceStore implements Readable<Preferences> {
  readonly #value: Value<Preferences>;
  readonly subscribe: Readable<Preferences>['subscribe'];
  readonly getSnapshot: Readable<Preferences>['getSnapshot'];

  constructor() {
    this.#value = new Value(readPreferences(load()));
    this.subscribe = this.#value.subscribe;
    this.getSnapshot = this.#value.getSnapshot;
    window.addEventListener('storage', (event) => {
      if (event.key === KEY) this.#value.set(readPreferences(event.newValue));
    });
  }

  change(some: Partial<Preferences>): void {
    const next = readPreferences(JSON.stringify({ ...this.#value.getSnapshot(), ...some }));
    this.#value.set(next);
    try {
      localStorage.setItem(KEY, JSON.stringify(next));
    } catch {
      // Storage is forbidden: the choice holds until the page is closed.
    }
  }
}

function load(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** preferences is the one store of this page. */
export const preferences = new PreferenceStore();
