import { useCallback } from 'react';
import { SetupCheck } from '../../features/lobby/setup-check';
import type { Api } from '../../lib/api';
import { checkConnection } from '../../lib/connection-check';
import { usePractice } from './use-practice';

export interface SetupProps {
  api: Api;
  sessionId: string;
  /** Of the session, once it is known. */
  language?: string;
}

/** Setup lets a person test their own side: the connection, the editor and a run. */
export function Setup({ api, sessionId, language }: SetupProps) {
  const check = useCallback(() => {
    const { protocol, host } = window.location;
    const url = `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/ws/sessions/${encodeURIComponent(sessionId)}/lobby`;
    return checkConnection({ url, ask: () => api.serverTime() });
  }, [api, sessionId]);
  return <SetupCheck check={check} practice={usePractice(language)} />;
}
