import type { ReactNode } from 'react';
import type { Invites } from '../../lib/api';
import type { Role } from '../../lib/roles';

/**
 * What can be shared: links per role, with the way to those that are not held, or the address of an
 * open session.
 */
export type Shareable =
  | { kind: 'invites'; invites: Invites; renew?: (role: Role) => Promise<void>; invitation?: ReactNode }
  | { kind: 'open'; url: string };
