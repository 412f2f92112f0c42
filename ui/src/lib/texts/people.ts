/** Who is here. */
export const people = {
  label: 'People in this session',
  you: (name: string) => `${name} (you)`,
  described: (name: string, role: string) => `${name}, ${role}`,
  more: (count: number) => `${count} more`,
  roles: { interviewer: 'interviewer', candidate: 'candidate', observer: 'observer' },
  joined: (name: string) => `${name} joined`,
  left: (name: string) => `${name} left`,
  someone: 'Someone',
} as const;
