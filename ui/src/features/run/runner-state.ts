/**
 * RunnerState is the state of Run and Stop in this browser. Other people's runs are in the
 * document.
 */
export type RunnerState =
  | { status: 'idle' }
  | { status: 'preparing'; share: number; compiling?: true }
  | { status: 'running'; waitingForInput: boolean }
  | { status: 'stopping' };
