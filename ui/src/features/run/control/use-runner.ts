import { useEffect, useState } from 'react';
import { SandboxHost } from '../sandbox/sandbox-host';
import { RunController } from './run-controller';
import type { RunPlace } from './run-record';

/** Runner is this browser's sandbox and its controller. */
export interface Runner {
  controller: RunController;
  host: SandboxHost;
}

/**
 * useRunner keeps a runner while the component is mounted. The sandbox frame is made when it is
 * needed. place null: this person may not run programs. The result is null then, and at first.
 */
export function useRunner(place: RunPlace | null): Runner | null {
  const [runner, setRunner] = useState<Runner | null>(null);
  useEffect(() => {
    if (!place) return undefined;
    const host = new SandboxHost();
    const controller = new RunController(place, host);
    // eslint-disable-next-line react-hooks/set-state-in-effect -- it lives as long as the effect
    setRunner({ controller, host });
    // The browser may keep the page and show it again: then programs run as before.
    const leave = () => controller.stopNow();
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('pagehide', leave);
      controller.dispose();
      host.dispose();
      setRunner(null);
    };
  }, [place]);
  return runner;
}
