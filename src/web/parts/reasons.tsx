interface Reason {
  readonly code: string;
  readonly message: string;
  readonly next: string | null;
}

/** Why something is as it is: what happened, what to do, and the code to quote. */
export function Reasons({ reasons }: { readonly reasons: readonly Reason[] }) {
  if (reasons.length === 0) return null;
  return (
    <ul className="reasons">
      {reasons.map((reason, index) => (
        <li key={index}>
          {reason.message} {reason.next} <code>{reason.code}</code>
        </li>
      ))}
    </ul>
  );
}
