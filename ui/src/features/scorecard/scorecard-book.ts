import { ApiError } from '../../lib/api';
import { Value } from '../../lib/readable';
import {
  addComment,
  removeComment,
  scorecardsOf,
  submitScorecard,
  writeScorecard,
  type Scorecard,
  type Scorecards,
} from '../../lib/scorecards-api';
import { scorecards as T } from '../../lib/texts/scorecards';
import { bodyOf, draftOf, EMPTY, sameDraft, type Draft } from './draft';
import { keepDraft, keptDraft } from './kept-draft';

/** How what is written stands to what the server has. */
export type Saving =
  | { status: 'empty' | 'saving' | 'saved' | 'submitted' }
  | { status: 'unsaved'; why: string }
  | { status: 'conflict'; theirs: Scorecard };

/** BookState is the scorecards of a session as one person sees them. */
export type BookState =
  | { status: 'loading' }
  | { status: 'failed' }
  | { status: 'open'; all: Scorecards; draft: Draft; saving: Saving };

/** A save begins so long after the last change, and is tried again so long after a failure. */
const SAVE_MS = 700;
const AGAIN_MS = [1_000, 2_000, 4_000, 8_000];

/** ScorecardBook reads scorecards, and saves the own one as it is written. */
export class ScorecardBook {
  readonly state = new Value<BookState>({ status: 'loading' });
  readonly #place: { id: string; token: string };
  /** The version that the draft was written from. */
  #version = 0;
  /** What the server has. */
  #saved: Draft = EMPTY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | null = null;
  #failures = 0;
  readonly #listening = new AbortController();
  /** Counts what was written and saved here. */
  #changes = 0;

  constructor(place: { id: string; token: string }) {
    this.#place = place;
    const { signal } = this.#listening;
    window.addEventListener('pagehide', () => void this.flush(), { signal });
    window.addEventListener('online', () => void this.flush(), { signal });
    document.addEventListener(
      'visibilitychange',
      () => {
        if (document.visibilityState === 'visible') void this.load();
      },
      { signal },
    );
    window.addEventListener(
      'beforeunload',
      (event) => {
        if (this.#dirty()) event.preventDefault();
      },
      { signal },
    );
  }

  /** leave saves once more and listens to the page no longer. What fails stays in this tab. */
  leave(): void {
    this.#listening.abort();
    void this.flush();
  }

  /** load reads everything anew. What was written here meanwhile stays. */
  async load(): Promise<void> {
    const changes = this.#changes;
    try {
      const all = await scorecardsOf(this.#place);
      const before = this.#open();
      if (before && (this.#dirty() || this.#changes !== changes)) {
        return this.#set({ ...before, all: { ...all, mine: before.all.mine } });
      }
      const server = draftOf(all.mine);
      this.#version = all.mine?.version ?? 0;
      this.#saved = server;
      const kept = keptDraft(this.#place.id);
      const restored = kept && !all.mine?.submitted_at && !sameDraft(kept.draft, server);
      this.#set({ status: 'open', all, draft: server, saving: savingOf(all.mine) });
      if (!restored) return keepDraft(this.#place.id, null);
      this.#version = kept.version;
      this.edit(() => kept.draft);
    } catch {
      if (!this.#open()) this.#set({ status: 'failed' });
    }
  }

  /** edit changes the draft and has it saved soon. */
  edit(change: (draft: Draft) => Draft): void {
    const now = this.#open();
    if (!now || now.saving.status === 'submitted') return;
    const draft = change(now.draft);
    this.#changes += 1;
    const conflict = now.saving.status === 'conflict';
    this.#set({ ...now, draft, saving: conflict ? now.saving : { status: 'saving' } });
    keepDraft(this.#place.id, { version: this.#version, draft });
    if (!conflict) this.#later(SAVE_MS);
  }

  /** flush saves at once what is not saved. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#running;
    const now = this.#open();
    if (!now || !this.#dirty() || now.saving.status === 'conflict') return;
    this.#running = this.#save(now.draft).finally(() => (this.#running = null));
    await this.#running;
  }

  /** resolve ends a conflict: with what the server has, or with what is written here. */
  async resolve(keep: 'mine' | 'theirs'): Promise<void> {
    const now = this.#open();
    if (now?.saving.status !== 'conflict') return;
    const { theirs } = now.saving;
    this.#version = theirs.version;
    this.#saved = draftOf(theirs);
    const draft = keep === 'mine' && !theirs.submitted_at ? now.draft : this.#saved;
    this.#set({ ...now, all: { ...now.all, mine: theirs }, draft, saving: savingOf(theirs) });
    if (sameDraft(draft, this.#saved)) return keepDraft(this.#place.id, null);
    this.edit((same) => same);
    await this.flush();
  }

  /** submit saves, submits and reads what can be seen then. It throws what the server says. */
  async submit(): Promise<void> {
    await this.flush();
    const now = this.#open();
    if (!now || this.#dirty()) return;
    const mine = await submitScorecard(this.#place, this.#version);
    this.#changes += 1;
    this.#version = mine.version;
    this.#set({ ...now, all: { ...now.all, mine }, saving: { status: 'submitted' } });
    await this.load();
  }

  /** comment adds a comment. It throws what the server says. */
  async comment(id: string, moment: number, text: string): Promise<void> {
    await addComment(this.#place, { id, moment: Math.round(moment), text });
    await this.load();
  }

  async withdraw(comment: string): Promise<void> {
    await removeComment(this.#place, comment);
    await this.load();
  }

  #open() {
    const now = this.state.getSnapshot();
    return now.status === 'open' ? now : null;
  }

  #set(next: BookState): void {
    this.state.set(next);
  }

  #dirty(): boolean {
    const now = this.#open();
    return now !== null && now.saving.status !== 'submitted' && !sameDraft(now.draft, this.#saved);
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), ms);
  }

  async #save(draft: Draft): Promise<void> {
    try {
      const card = await writeScorecard(this.#place, { version: this.#version, ...bodyOf(draft) });
      this.#taken(card, draft);
    } catch (error) {
      await this.#refused(error, draft);
    }
  }

  #taken(card: Scorecard, draft: Draft): void {
    const now = this.#open();
    if (!now) return;
    this.#failures = 0;
    this.#changes += 1;
    this.#version = card.version;
    this.#saved = draft;
    const people = now.all.people.map((one) =>
      one.id === card.author.id && one.state === 'none' ? { ...one, state: 'draft' as const } : one,
    );
    const more = !sameDraft(now.draft, draft);
    keepDraft(this.#place.id, more ? { version: card.version, draft: now.draft } : null);
    this.#set({
      ...now,
      all: { ...now.all, mine: card, people },
      saving: { status: more ? 'saving' : 'saved' },
    });
    if (more) this.#later(SAVE_MS);
  }

  async #refused(error: unknown, draft: Draft): Promise<void> {
    const status = error instanceof ApiError ? error.status : 0;
    if (status === 409 && (await this.#changedElsewhere(draft))) return;
    const now = this.#open();
    if (!now) return;
    this.#set({ ...now, saving: { status: 'unsaved', why: whyOf(status) } });
    if (status === 413 || status === 422 || status === 403) return; // the next change tries again
    this.#later(AGAIN_MS[Math.min(this.#failures, AGAIN_MS.length - 1)] ?? SAVE_MS);
    this.#failures += 1;
  }

  /** Looks what stands there in place of what was read. */
  async #changedElsewhere(draft: Draft): Promise<boolean> {
    const all = await scorecardsOf(this.#place).catch(() => null);
    const now = this.#open();
    if (!all?.mine || !now) return false;
    if (sameDraft(draftOf(all.mine), draft) && !all.mine.submitted_at) {
      this.#taken(all.mine, draft); // only the answer was lost
      return true;
    }
    this.#set({
      ...now,
      all: { ...all, mine: now.all.mine },
      saving: { status: 'conflict', theirs: all.mine },
    });
    return true;
  }
}

function savingOf(mine: Scorecard | undefined): Saving {
  return { status: mine?.submitted_at ? 'submitted' : mine ? 'saved' : 'empty' };
}

function whyOf(status: number): string {
  if (status === 413 || status === 422) return T.why.long;
  if (status === 429 || status === 503) return T.why.busy;
  return status === 0 || status >= 500 ? T.why.away : T.why.refused;
}

let shared: { key: string; book: ScorecardBook } | null = null;

/**
 * bookOf gives the one book of a session in this tab, so that no page overtakes another's save. It
 * is read anew.
 */
export function bookOf(place: { id: string; token: string }): ScorecardBook {
  const key = `${place.id} ${place.token}`;
  if (shared?.key !== key) {
    shared?.book.leave();
    shared = { key, book: new ScorecardBook(place) };
  }
  void shared.book.load();
  return shared.book;
}
