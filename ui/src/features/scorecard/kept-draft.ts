import { draftOf, type Draft } from './draft';

/** What was written and not saved, for a reload while the server is away. */
export interface KeptDraft {
  version: number;
  draft: Draft;
}

const key = (id: string) => `parley:scorecard:${id}`;

/** keepDraft holds it in this tab until it is saved. null: it is. */
export function keepDraft(id: string, kept: KeptDraft | null): void {
  try {
    if (kept) sessionStorage.setItem(key(id), JSON.stringify(kept));
    else sessionStorage.removeItem(key(id));
  } catch {
    // Without storage a reload loses what the server has not taken; the page says "Not saved".
  }
}

export function keptDraft(id: string): KeptDraft | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key(id)) ?? 'null') as Partial<KeptDraft> | null;
    if (!kept || typeof kept.version !== 'number' || typeof kept.draft !== 'object') return null;
    return { version: kept.version, draft: draftOf(kept.draft as Parameters<typeof draftOf>[0]) };
  } catch {
    return null;
  }
}
