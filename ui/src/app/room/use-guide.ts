import { useEffect, useState } from 'react';
import type { GuideState, GuideStore } from '../../features/questions/guide-store';
import { Value } from '../../lib/readable';
import { useReadable } from '../../lib/use-readable';
import type { SessionRecord } from '../session/use-session-record';

const NOTHING = new Value<GuideState>({ status: 'none' });

/** useGuide has what interviewers have of the question. Its code is loaded when one is asked. */
export function useGuide({ session, saved }: SessionRecord, leads: boolean, language: string) {
  const [guide, setGuide] = useState<GuideStore | null>(null);
  const { id, token, participant } = saved;
  const question = leads && session?.question;
  const asked = question ? question.id + question.hash : '';
  useEffect(() => {
    if (!asked) return undefined;
    let made: GuideStore | null | undefined;
    import('../../features/questions/guide-store').then(
      ({ GuideStore: Made }) => {
        if (made !== undefined) return;
        made = new Made({ id, token }, participant.id);
        setGuide(made);
      },
      () => undefined,
    );
    return () => {
      made?.dispose();
      made ??= null;
      setGuide(null);
    };
  }, [asked, id, token, participant.id]);
  useReadable(guide?.state ?? NOTHING);
  return { guide, hidden: guide?.testsFor(language).length ?? 0 };
}
