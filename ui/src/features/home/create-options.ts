import { LANGUAGES, languageLabel } from '../../lib/languages';
import { home } from '../../lib/texts/home';
import { kept } from '../../lib/texts/kept';
import type { Beginning } from './create-draft';

export const ENTRY_OPTIONS = (['now', 'start', 'ask'] as const).map((value) => ({
  value,
  label: home.entries[value].label,
}));

export const RECORD_OPTIONS = (['all', 'edits', 'nothing'] as const).map((value) => ({
  value,
  label: kept.records[value].label,
}));

/** languageOptions are all languages, or those that the chosen question comes in. */
export function languageOptions(problem: Beginning): { value: string; label: string }[] {
  const offered = problem.kind === 'question' ? (problem.summary?.languages ?? []) : [];
  if (offered.length > 0) return offered.map((id) => ({ value: id, label: languageLabel(id) }));
  return LANGUAGES.map(({ id, label }) => ({ value: id, label }));
}
