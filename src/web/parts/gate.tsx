import type { JobView } from '../../api/index.ts';

type Verdicts = JobView['gate'];

const WORDS = { pass: 'passed', warn: 'warning', hold: 'held' } as const;
const LEVELS = ['hold', 'warn', 'pass'] as const;
/** More of one level than this are folded: a scan that ends at the lungs warns of each it cuts. */
const SHOWN = 4;

/** What the checks before storing said, the worst first. */
export function Gate({ gate }: { readonly gate: Verdicts }) {
  return LEVELS.map((level) => {
    const some = gate.filter((verdict) => verdict.level === level);
    if (some.length <= SHOWN || level === 'hold') return <List key={level} some={some} />;
    return (
      <details key={level} className="gate">
        <summary>
          <span className={`gate-${level}`}>
            {some.length} {level === 'warn' ? 'warnings' : 'passed'}
          </span>{' '}
          {structures(some)}
        </summary>
        <List some={some} />
      </details>
    );
  });
}

function List({ some }: { readonly some: Verdicts }) {
  if (some.length === 0) return null;
  return (
    <ul className="gate">
      {some.map((verdict, index) => (
        <li key={index}>
          <span className={`gate-${verdict.level}`}>{WORDS[verdict.level]}</span>
          <span>{verdict.message}</span>
        </li>
      ))}
    </ul>
  );
}

function structures(some: Verdicts): string {
  const names = some.flatMap((verdict) => verdict.structure ?? []);
  return [...new Set(names)].map((name) => name.replaceAll('_', ' ')).join(', ');
}
