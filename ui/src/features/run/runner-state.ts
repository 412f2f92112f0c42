/** What Run and Stop in this browser stand at. Runs of others are in the document. */
export type RunnerState =
  | { status: 'idle' }
  | { status: 'preparing'; share: number; compiling?: true }
  | { status: 'running'; waitingForInput: boolean }
  | { status: 'stopping' };
