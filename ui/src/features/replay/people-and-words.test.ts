import { describe, expect, it } from 'vitest';
import type { Lane, Mark, Moment, Player, Replay } from '../../replay/replay';
import { PeopleShown } from './people-shown';
import { placeText, valueText } from './value-text';

const PEOPLE = [
  { id: 'a', name: 'Ada', role: 'interviewer', color: '#4f8ff7' },
  { id: 'b', name: 'Bob', role: 'candidate', color: '#e5734a' },
  { id: 'c', name: 'Cleo', role: 'interviewer', color: 'url(evil)' },
] as const;

const lane = (person: string, bin: number): Lane => {
  const counts = new Uint16Array(600);
  counts[bin] = 3;
  return { person, counts };
};

const replay = (marks: Mark[] = []): Replay => ({
  header: {
    session: 's',
    title: '',
    status: 'ended',
    record: 'all',
    startedAt: 0,
    endedAt: 0,
    people: PEOPLE,
    private: false,
  },
  start: 0,
  duration: 1_200_000,
  from: 0,
  steps: 1,
  lanes: [lane('a', 300), lane('b', 300), lane('b', 0)],
  idle: [],
  marks,
});

const moment = (at: number, over: Partial<Moment> = {}): Moment => ({
  at,
  step: 1,
  position: 1,
  files: [{ id: 'main', name: 'main.py', language: 'python' }],
  text: () => '',
  length: () => 0,
  slice: () => '',
  splices: () => [],
  prompt: '',
  runs: [],
  tests: [],
  timer: null,
  people: [{ id: 'a', here: true, state: 'active', file: 'main', line: 1, caret: null }],
  quietUntil: 0,
  lastEdit: { by: 'a', file: 'main', index: 0, removed: 0, inserted: 1 },
  ...over,
});

const player = (lastEditAt: number, marks: Mark[] = []): Player => ({
  replay: replay(marks),
  seek: () => moment(0),
  step: () => moment(0),
  now: () => moment(0),
  timeOf: () => lastEditAt,
  changedSince: () => [],
});

const shown = new PeopleShown(PEOPLE, false);

describe('valueText', () => {
  it('says who writes where', () => {
    expect(valueText(player(723_500), moment(724_000), shown)).toBe('12:04, Ada writes main.py');
  });

  it('says that nobody types, or is there', () => {
    expect(valueText(player(1_000), moment(724_000), shown)).toBe('12:04, Nobody types');
    expect(valueText(player(1_000), moment(724_000, { people: [] }), shown)).toBe('12:04, Nobody is here');
  });

  it('says what a mark stands for', () => {
    const run: Mark = { kind: 'run', at: 723_900, by: 'b', run: 'r', status: 'error' };
    expect(valueText(player(1_000, [run]), moment(724_000), shown)).toBe(
      '12:04, Bob ran the program: it failed',
    );
  });

  it('calls people by their roles in a blind review', () => {
    const blind = new PeopleShown(PEOPLE, true);
    expect(blind.all.map(({ name }) => name)).toEqual(['Interviewer', 'Candidate', 'Interviewer 2']);
    expect(valueText(player(723_500), moment(724_000), blind)).toBe('12:04, Interviewer writes main.py');
    expect(blind.all.some(({ color }) => PEOPLE.some((person) => person.color === color))).toBe(false);
  });

  it('lets no colour into a style that is none', () => {
    expect(shown.color('c')).toMatch(/^#[0-9a-f]{6}$/);
  });
});

describe('placeText', () => {
  it('says who typed around there, or the mark under the pointer', () => {
    expect(placeText(replay(), 601_000, null, shown)).toBe('10:01, Ada, Bob write');
    expect(placeText(replay(), 300_000, null, shown)).toBe('5:00, Nobody types');
    const paste: Mark = {
      kind: 'insertion',
      at: 60_000,
      by: 'b',
      lines: 14,
      characters: 300,
      from: 'new',
      step: 3,
    };
    expect(placeText(replay([paste]), 60_100, paste, shown)).toBe(
      '1:00, Bob: 14 lines at once, not seen before in this session',
    );
  });
});
