import type { Participant } from './api';

/** Role of a Participant in a Session. */
export type Role = Participant['role'];

export const ROLES: readonly Role[] = ['interviewer', 'candidate', 'observer'];

export function isRole(value: unknown): value is Role {
  return ROLES.some((role) => role === value);
}

/** canWrite says whether the server takes this role's edits. */
export function canWrite(role: Role): boolean {
  return role !== 'observer';
}
