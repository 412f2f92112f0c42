import { LANGUAGES } from '../../lib/languages';
import { TEXTS } from '../../lib/texts';
import { kept } from '../../lib/texts/kept';
import { NO_TEMPLATE, OWN_CODE } from './create-draft';
import { TEMPLATES, templateById } from './templates';

export const ENTRY_OPTIONS = (['now', 'start', 'ask'] as const).map((value) => ({
  value,
  label: TEXTS.home.entries[value].label,
}));

export const RECORD_OPTIONS = (['all', 'edits', 'nothing'] as const).map((value) => ({
  value,
  label: kept.records[value].label,
}));

export function languageOptions(): { value: string; label: string }[] {
  return LANGUAGES.map(({ id, label }) => ({ value: id, label }));
}

export function problemOptions(): { value: string; label: string }[] {
  return [
    { value: NO_TEMPLATE, label: TEXTS.home.templateBlank },
    ...TEMPLATES.map(({ id, title }) => ({ value: id, label: title })),
    { value: OWN_CODE, label: TEXTS.home.templateOwn },
  ];
}

/** problemHint says in a line what one gets. */
export function problemHint(problem: string): string {
  if (problem === OWN_CODE) return TEXTS.home.templateOwnHint;
  return templateById(problem)?.summary ?? TEXTS.home.templateBlankHint;
}
