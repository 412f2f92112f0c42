import { useDebouncedValue } from '@mantine/hooks';
import { useCallback, useEffect, useRef, useState } from 'react';
import {
  listQuestions,
  questionTrouble,
  readQuestion,
  type Question,
  type QuestionSummary,
} from '../../lib/questions-api';

/** Loading is something that is asked of the server. */
export type Loading<T> =
  { status: 'loading' } | { status: 'failed'; reason: string } | { status: 'ready'; value: T };

const LOADING = { status: 'loading' } as const;

/** useLoaded asks for something, and again when the network comes back after a failure. */
function useLoaded<T>(load: () => Promise<T>): { loading: Loading<T>; again: () => void } {
  const [answer, setAnswer] = useState<{ from: unknown; loading: Loading<T> }>({
    from: null,
    loading: LOADING,
  });
  const [attempt, setAttempt] = useState(0);
  const again = useCallback(() => {
    setAnswer({ from: null, loading: LOADING });
    setAttempt((n) => n + 1);
  }, []);
  useEffect(() => {
    let current = true;
    const settle = (loading: Loading<T>) => {
      if (current) setAnswer({ from: load, loading });
    };
    load().then(
      (value) => settle({ status: 'ready', value }),
      (error: unknown) => settle({ status: 'failed', reason: questionTrouble(error) }),
    );
    return () => {
      current = false;
    };
  }, [load, attempt]);
  const loading = answer.from === load ? answer.loading : LOADING;
  const failed = loading.status === 'failed';
  useEffect(() => {
    if (!failed) return undefined;
    window.addEventListener('online', again);
    return () => window.removeEventListener('online', again);
  }, [failed, again]);
  return { loading, again };
}

/** useQuestions lists the questions. */
export function useQuestions(token: string | undefined) {
  return useLoaded<QuestionSummary[]>(useCallback(() => listQuestions(token), [token]));
}

/** Questions that a person only passes with the arrow keys are not read. In milliseconds. */
const REST_MS = 120;

/** useQuestion reads a question. What was read is kept as long as the list is open. */
export function useQuestion(id: string, token: string | undefined) {
  const kept = useRef(new Map<string, Question>());
  const [rested] = useDebouncedValue(id, REST_MS);
  const load = useCallback(async () => {
    const question = kept.current.get(rested) ?? (await readQuestion(rested, token));
    kept.current.set(rested, question);
    return question;
  }, [rested, token]);
  const { loading, again } = useLoaded<Question>(load);
  return { loading: rested === id ? loading : LOADING, again };
}
