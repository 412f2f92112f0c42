import type { QuestionSummary } from '../../lib/questions-api';

/** Wanted is what a person looks for. Empty fields want nothing. */
export interface Wanted {
  words: string;
  tag: string;
  level: string;
  language: string;
  /** The most minutes; 0: any length. */
  minutes: number;
}

export const ANYTHING: Wanted = { words: '', tag: '', level: '', language: '', minutes: 0 };

/** Lengths that are offered, in minutes. */
export const LENGTHS: readonly number[] = [15, 30, 45, 60];

/**
 * fitting gives the questions that have all that is wanted. Each word has to occur somewhere. A
 * question that does not say how long it takes fits no length.
 */
export function fitting(all: readonly QuestionSummary[], wanted: Wanted): readonly QuestionSummary[] {
  const words = plain(wanted.words).split(/\s+/).filter(Boolean);
  return all.filter((question) => {
    const { level, minutes, tags, languages } = question;
    if (wanted.level && level !== wanted.level) return false;
    if (wanted.minutes && (minutes === 0 || minutes > wanted.minutes)) return false;
    if (wanted.tag && !tags.includes(wanted.tag)) return false;
    if (wanted.language && !languages.includes(wanted.language)) return false;
    if (words.length === 0) return true;
    const text = textOf(question);
    return words.every((word) => text.includes(word));
  });
}

function textOf({ id, title, summary, tags, languages }: QuestionSummary): string {
  return plain([title, summary, id, ...tags, ...languages].join('\n'));
}

/** plain makes letters alike that people do not tell apart when they search. */
function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** choicesOf gives what there is of a kind, sorted, for a filter. */
export function choicesOf(
  all: readonly QuestionSummary[],
  values: (question: QuestionSummary) => readonly string[],
): string[] {
  return [...new Set(all.flatMap(values))].sort((a, b) => a.localeCompare(b));
}
