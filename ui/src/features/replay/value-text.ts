import { clockText } from '../../lib/format-time';
import { replay as T } from '../../lib/texts/replay';
import type { Mark, Moment, Player, Replay } from '../../replay/replay';
import { binAt } from './bar-scale';
import type { PeopleShown } from './people-shown';

/** Somebody still writes so long after their last edit. */
const WRITES_MS = 2_500;

/** A mark is named by the moments around it. */
const MARK_MS = 900;

/** markText is the sentence of a mark. */
export function markText(mark: Mark, people: PeopleShown): string {
  return T.mark(mark, people.name(mark.by), 'about' in mark ? people.name(mark.about) : '');
}

/** valueText says a moment in words, such as "12:04, Ada writes main.py". */
export function valueText(player: Player, moment: Moment, people: PeopleShown): string {
  return `${clockText(moment.at)}, ${happening(player, moment, people)}`;
}

function happening(player: Player, moment: Moment, people: PeopleShown): string {
  const mark = player.replay.marks.find(
    ({ at, kind }) => kind !== 'insertion' && at <= moment.at && moment.at - at < MARK_MS,
  );
  if (mark) return markText(mark, people);
  const { lastEdit } = moment;
  const since = moment.at - player.timeOf(moment.step);
  if (lastEdit && moment.step > 0 && since < WRITES_MS) {
    const file = moment.files.find(({ id }) => id === lastEdit.file)?.name ?? '';
    return T.writes(people.name(lastEdit.by), file);
  }
  return moment.people.some(({ here }) => here) ? T.nothing : T.nobody;
}

/** placeText says what the bar shows at a moment, without going there. */
export function placeText(replay: Replay, at: number, near: Mark | null, people: PeopleShown): string {
  if (near) return `${clockText(near.at)}, ${markText(near, people)}`;
  const bin = binAt(at, replay.duration);
  const names = replay.lanes.filter(({ counts }) => counts[bin]).map(({ person }) => people.name(person));
  const [first] = names;
  const text =
    first === undefined ? T.nothing : names.length === 1 ? T.writes(first, '') : T.write(names.join(', '));
  return `${clockText(at)}, ${text}`;
}
