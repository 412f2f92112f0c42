import { CornerDownRight } from 'lucide-react';
import { TEXTS } from '../../../lib/texts';
import type { Problem } from './problems';
import classes from './output-panel.module.css';

export interface ProblemListProps {
  problems: readonly Problem[];
  onJump: (problem: Problem) => void;
}

/** ProblemList names the places that the output complains about; each leads there. */
export function ProblemList({ problems, onJump }: ProblemListProps) {
  if (problems.length === 0) return null;
  return (
    <ul className={classes.problems} aria-label={TEXTS.run.problems}>
      {problems.map((problem) => (
        <li key={`${problem.file}:${problem.line}`}>
          <button type="button" className={classes.problem} onClick={() => onJump(problem)}>
            <CornerDownRight size={13} aria-hidden="true" />
            <span className={classes.place}>
              {problem.file}:{problem.line}
            </span>
            <span className={classes.message}>{problem.message}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
