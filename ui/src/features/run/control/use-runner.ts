import { useEffect, useState } from 'react';
import { calm } from '../../../lib/calm';
import { endAbandonedRuns } from '../../../sync/runs';
import type { Room } from '../../../sync/room';
import { isLight, kitOf } from '../sandbox/kits';
import { RunController } from './run-controller';
import { SandboxHost } from '../sandbox/sandbox-host';

/** Wait before warming up a runtime: the editor and the document come first. */
const WARM_UP_MS = 2_500;

/** Runner is this browser's sandbox and the one who runs programs in it. */
export interface Runner {
  controller: RunController;
  /** Whether programs can ask for input while they run; null until the sandbox has told. */
  isolated: boolean | null;
}

export interface RunnerOptions {
  room: Room;
  language: string;
  /** Whether the document is in step with the server. */
  live: boolean;
  /** Whether this person may run programs. */
  enabled: boolean;
}

/**
 * useRunner keeps a sandbox for as long as the room is open, and gets the runtime of its language ready in
 * quiet moments, so that Run answers at once. null: this person cannot run, or not yet.
 */
export function useRunner({ room, language, live, enabled }: RunnerOptions): Runner | null {
  const [runner, setRunner] = useState<{ host: SandboxHost; runner: Runner } | null>(null);

  useEffect(() => {
    if (!enabled) return undefined;
    const host = new SandboxHost();
    const controller = new RunController(room, host);
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the frame is a resource that lives as long as the effect
    setRunner({ host, runner: { controller, isolated: null } });
    // A run needs the frame at once; all else can wait until the page is there.
    void calm
      .then(() => host.isolated())
      .then(
        (isolated) =>
          setRunner((now) => (now?.host === host ? { host, runner: { controller, isolated } } : now)),
        () => undefined,
      );
    const leave = () => controller.dispose();
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('pagehide', leave);
      controller.dispose();
      host.dispose();
      setRunner(null);
    };
  }, [room, enabled]);

  useEffect(() => {
    if (enabled && live) endAbandonedRuns(room.doc, room.self.id, performance.timeOrigin);
  }, [room, live, enabled]);

  const host = runner?.host;
  useEffect(() => {
    const kit = kitOf(language);
    // What is heavy is loaded when somebody presses Run, with a bar that shows how far it is.
    if (!host || !kit || !isLight(kit)) return undefined;
    const timer = setTimeout(() => void host.prepare(kit).catch(() => undefined), WARM_UP_MS);
    return () => clearTimeout(timer);
  }, [host, language]);

  return runner?.runner ?? null;
}
